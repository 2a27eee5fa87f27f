"""What the commands print: readable in 80 columns, plain when piped."""

from __future__ import annotations

import locale
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.explanation import explanation_lines
from bot.notices import notice_of, notices, overview_lines
from bot.state import KINDS, ApiKey, Feedback
from bot.texts import Language, text
from retrieval.listing import Listing
from retrieval.types import Answer, AnswerText, AppliedFilter, Citation, Document, Receipt

if TYPE_CHECKING:  # whoever shows it has loaded it already, and ``--help`` needs no index
    from bot.service.calibration import Calibration
    from bot.service.status import IndexStatus


BETWEEN_CELLS = " │ "


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def language() -> Language:
    """Return the terminal's language: Chinese where the locale says so, else English."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if (wanted or locale.getlocale()[0] or "").lower().startswith("zh") else "en"


def say(key: str, **values: object) -> str:
    """Return a text in the terminal's language."""
    return text(language(), key, **values)


def show_answer(answer: Answer) -> None:
    """Print the answering sentence, what other reports say, the citations with their quotes, and the explanation."""
    console = _console()
    for line in _understanding(answer):
        console.print(Text(line, style="dim"))
    if answer.status == "not_found" and answer.notice:
        console.print(notice_of(answer, answer.notice.language))
    elif answer.status == "not_found":
        console.print(say("not_found_lead"))
        console.print(say("not_found_advice"), style="dim")
    else:
        _show_found(console, answer)
    if answer.explanation:
        console.print()
        for line in explanation_lines(answer.explanation, language()):
            indent = len(line) - len(line.lstrip())
            console.print(Padding(Text(line.lstrip(), style="dim"), (0, 0, 0, indent)))


def _understanding(answer: Answer) -> list[str]:
    """Return lines for the question as it was understood and for the times that it names, if there are any."""
    understood = [say("understood_as", question=answer.understood_as)] if answer.understood_as else []
    times = [say("cli_filter", when=_when(applied)) for applied in answer.filters_applied]
    return [*understood, *times]


def _when(applied: AppliedFilter) -> str:
    """Return the words of the question with the days that they mean; "最新" and a day without its year mean none."""
    first, last = applied.date_from, applied.date_to
    if first is None and last is None:
        return applied.text
    kind = "between" if first and last else "from" if first else "to"
    return say("filter_with_period", text=applied.text, period=say(f"filter_{kind}", date_from=first, date_to=last))


def _show_found(console: Console, answer: Answer) -> None:
    if answer.overview:
        for line in overview_lines(answer.overview, language()):
            console.print(line)
        for listed in answer.overview.reports:
            when = f" · {listed.date.isoformat()}" if listed.date else ""
            console.print(Text(f"  《{listed.title}》{when} · {listed.document_id}"))
        return
    lead = notice_of(answer, answer.notice.language) if answer.notice else say("related_lead")
    console.print(_sentence(answer.answer) if answer.answer else lead)
    for said in answer.answers[1:]:
        console.print(Text.assemble(_sentence(said), (f" [{said.citation}]", "cyan")))
    if answer.answer and answer.notice:
        console.print(notice_of(answer, answer.notice.language), style="yellow")
    for key, sentences in (("supporting", answer.supporting), ("conflicting", answer.conflicting)):
        for sentence in sentences:
            console.print(Text.assemble(say(key), " ", _sentence(sentence), (f" [{sentence.citation}]", "cyan")))
    for citation in answer.citations:
        console.print()
        console.print(Text(f"[{citation.number}] {_place(citation)}", style="cyan"))
        for line in notices(citation, language()):
            console.print(Padding(Text(line, style="yellow"), (0, 0, 0, 4)))
        shown = _row(citation, answer.answer) if citation.row else _quote(citation, answer.answer)
        console.print(Padding(shown, (0, 0, 0, 4)))
    console.print()
    console.print(say("confidence", percent=round(answer.confidence * 100)), style="dim")


def _sentence(answer: AnswerText) -> Text:
    """Return a sentence in bold, with the few words that answer underlined; the cells of a row stand apart."""
    sentence = Text(answer.text, style="bold")
    if answer.marked:
        sentence.stylize("underline", *answer.marked)
    return Text(BETWEEN_CELLS, style="bold").join(sentence.split("\t"))


def _row(citation: Citation, answer: AnswerText | None) -> Table:
    """Return a row of a table under the names of its columns, with the cell that answers underlined."""
    cells = citation.row.cells if citation.row else ()
    names = [cell.name for cell in cells]
    table = Table(*names, show_header=any(names), header_style="dim")
    marked = (answer.span_start, answer.span_end) if answer and answer.citation == citation.number else None
    styles = ["bold underline" if (cell.start, cell.end) == marked else "" for cell in cells]
    table.add_row(
        *(Text(citation.quote[cell.start : cell.end], style) for cell, style in zip(cells, styles, strict=True))
    )
    return table


def _quote(citation: Citation, answer: AnswerText | None) -> Text:
    """Return the quote, with the answering sentence in it marked."""
    if answer is None or answer.citation != citation.number:
        return Text(citation.quote)
    return Text.assemble(citation.quote[: answer.start], _sentence(answer), citation.quote[answer.end :])


def _place(citation: Citation) -> str:
    place = f"¶{citation.paragraph}" if citation.paragraph else say(citation.kind or "caption")
    parts = [f"《{citation.title}》", citation.date.isoformat() if citation.date else "", place]
    recognised = say("recognised_page", page=citation.recognised_page) if citation.recognised_page else ""
    return " · ".join(part for part in [*parts, recognised, citation.document_id] if part)


def show_receipt(receipt: Receipt) -> None:
    """Print what an indexing run did, with every skipped file and its reason."""
    console = _console()
    console.print(
        say(
            "cli_indexed",
            documents=receipt.documents,
            passages=receipt.passages,
            embedded=receipt.embedded,
            reused=receipt.reused,
            seconds=f"{receipt.seconds:.1f}",
            generation=receipt.generation,
        )
    )
    for kind in ("added", "changed", "removed"):
        for document_id in getattr(receipt, kind):
            console.print(Text(f"  {say('cli_' + kind)} {document_id}"))
    for entry in receipt.skipped:
        console.print(Text(f"  {say('cli_skipped')} {entry.path}: {entry.reason}", style="yellow"))


def show_status(status: IndexStatus) -> None:
    """Print the state of the index."""
    console = _console()
    table = Table.grid(padding=(0, 2))
    for key in ("generation", "documents", "passages", "encoder"):
        value = getattr(status, key)
        table.add_row(say(f"cli_{key}"), Text("–" if value is None else str(value)))
    if status.recall is not None:
        table.add_row(say("cli_recall"), f"{status.recall:.3f}")
    if status.calibration:
        table.add_row(say("cli_calibration"), promise(status.calibration))
    console.print(table)
    for problem in status.problems:
        console.print(Text(f"! {problem}", style="yellow"))


def promise(calibration: Calibration) -> str:
    """Return what is promised of answers, in one sentence."""
    return say(
        "cli_promise",
        wrong=f"{calibration.most_wrong:.0%}",
        certainty=f"{calibration.certainty:.0%}",
        threshold=f"{calibration.threshold:.2f}",
        answered=calibration.answered,
        found=calibration.wrong,
    )


def show_calibration(calibration: Calibration, *, quiet: bool) -> None:
    """Print what is promised from now on, beside the figures; on standard error where those are for a program."""
    Console(stderr=quiet, highlight=False, soft_wrap=True).print(promise(calibration))


def show_documents(documents: Sequence[Listing]) -> None:
    """Print a table with a row for each report."""
    console = _console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in ("cli_id", "cli_title", "meta_date", "meta_source"):
        table.add_column(say(key), overflow="fold")
    table.add_column("¶", justify="right")
    for document in documents:
        title = document.title + (" *" if document.title_derived else "")
        date = document.date.isoformat() if document.date else "–"
        table.add_row(
            *map(Text, (document.document_id, title, date, document.source or "–", str(document.paragraph_count)))
        )
    console.print(table)
    if any(document.title_derived for document in documents):
        console.print("* " + say("title_derived"), style="dim")


def show_document(document: Document) -> None:
    """Print a report with numbered paragraphs under their headings."""
    console = _console()
    console.print(Text(document.title, style="bold"))
    if document.title_derived:
        console.print("* " + say("title_derived"), style="dim")
    about = [document.date.isoformat() if document.date else "", document.source or "", document.path]
    console.print(Text(" · ".join(part for part in about if part), style="dim"))
    heading = None
    for paragraph in document.paragraphs:
        if paragraph.heading != heading and paragraph.heading:
            console.print()
            console.print(Text(paragraph.heading, style="cyan"))
        heading = paragraph.heading
        body = Table.grid(padding=(0, 1))
        body.add_column(justify="right", width=4, style="dim")
        body.add_column(overflow="fold")
        words = document.text[paragraph.start : paragraph.end].replace("\t", BETWEEN_CELLS)
        body.add_row(str(paragraph.number), Text(words))
        console.print(body)


def show_feedback(entries: Sequence[Feedback], keeps: bool) -> None:
    """Print votes and unanswered questions, latest last, then their counts."""
    console = _console()
    for entry in entries:
        when = entry.recorded.astimezone().strftime("%Y-%m-%d %H:%M")
        who = f" · {entry.user[:8]}" if entry.user else ""
        who += f" · ×{entry.times}" if entry.times > 1 else ""
        console.print(Text(f"{say('cli_feedback_' + entry.kind)} · {when} · {entry.face}{who}", style="cyan"))
        console.print(Padding(Text(entry.question, style="bold"), (0, 0, 0, 4)))
        if entry.answer:
            console.print(Padding(Text(entry.answer.text), (0, 0, 0, 4)))
        cited = entry.cited or next(iter(entry.citations), None)
        if cited:
            paragraph = f"¶{cited.paragraph}" if cited.paragraph else say("caption")
            place = f"《{cited.title}》 · {paragraph} · {cited.document_id}"
            console.print(Padding(Text(place, style="dim"), (0, 0, 0, 4)))
        console.print()
    counts = {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS}
    console.print(say("cli_feedback_counts", **counts) if entries else say("cli_feedback_none"))
    if not keeps:
        console.print(say("cli_feedback_off"))


def show_keys(keys: Sequence[ApiKey]) -> None:
    """Print keys, by name: scope, which reports, since when and until when."""
    console = _console()
    for key in keys:
        until = f"until {key.expires:%Y-%m-%d %H:%M} UTC" if key.expires else "without end"
        seen = key.documents or "all reports"
        console.print(Text(f"{key.name} · {key.scope} · {seen} · since {key.created:%Y-%m-%d} · {until}"))
    if not keys:
        console.print("no keys: `wenbao keys add NAME --scope ask|read|admin` makes one")
