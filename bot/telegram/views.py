"""What the bot says: formatted texts and keyboards, made from answers and reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent

from bot.explanation import explanation_lines
from bot.notices import notice_of, notices, overview_lines
from bot.telegram.links import Links, short_id
from bot.telegram.richtext import Rich, Run, entities_of, plain, rich, split
from bot.telegram.sent_answers import SentAnswer
from bot.texts import Language, text
from retrieval.corpus.lines import display_width
from retrieval.listing import Listing
from retrieval.notices import Overview
from retrieval.parts import Aside, Paragraph
from retrieval.types import AnswerText, Citation, Document

DOCUMENTS_PER_PAGE = 8
LONGEST_TITLE = 120
LONGEST_TIME = 40
LONGEST_DESCRIPTION = 160
LONGEST_QUOTE = 1800
"""In characters, each of which may count twice for Telegram's limit."""


# Answers


def answer_view(sent: SentAnswer, index: int, links: Links) -> Rich:
    """Return the answer with its ``index``-th citation (0 the best): sentence, span in bold, then the source.

    What other reports say stands below; what the question was understood as, above.
    """
    answer, language = sent.reply.answer, sent.language
    head = [Run(f"{sent.reply.question.text}\n\n", italic=True)] if sent.echo else []
    if answer.understood_as:
        head.append(Run(text(language, "understood_as", question=answer.understood_as) + "\n\n", italic=True))
    if answer.status == "not_found":
        return rich(*head, notice_of(answer, language) or text(language, "tg_not_found"))
    if answer.overview and index == 0:
        return rich(*head, *_overview(answer.overview, language, links))
    citation = answer.citations[index]
    if answer.answer and citation.number == answer.answer.citation:
        said = _cells(citation, answer.answer) if citation.row else [*_sentence(answer.answer), "\n\n"]
        return rich(*head, *said, *_about(citation, sent, links, answer.answer), *_others(sent))
    related = notice_of(answer, language) or text(language, "tg_related")
    lead = [related + "\n\n"] if answer.status == "related" and index == 0 else []
    quoted = _cells(citation, None) if citation.row else [f"“{citation.quote}”", "\n\n"]
    return rich(*head, *lead, *quoted, *_about(citation, sent, links))


def _overview(overview: Overview, language: Language, links: Links) -> list[str | Run]:
    """Return what the collection holds, each report linked where its page can be reached."""
    parts: list[str | Run] = ["\n".join(overview_lines(overview, language)), "\n"]
    for listed in overview.reports:
        title = Run(f"《{shortened(listed.title, LONGEST_TITLE)}》", link=links.report(listed.document_id))
        parts += ["\n", title, f" · {listed.date.isoformat()}" if listed.date else ""]
    return parts


def _cells(citation: Citation, answer: AnswerText | None) -> list[str | Run]:
    """Return a row of a table, a line for each cell after its column's name; above it, the cell that answers."""
    lead: list[str | Run] = [Run(answer.span, bold=True), "\n\n"] if answer and answer.span else []
    cells = [cell for cell in (citation.row.cells if citation.row else ()) if cell.start < cell.end]
    widest = max((display_width(cell.name) for cell in cells), default=0)
    lines = []
    for cell in cells:
        gap = widest - display_width(cell.name) + 2 if widest else 0
        name = cell.name + "\u3000" * (gap // 2) + " " * (gap % 2)
        lines.append(name + citation.quote[cell.start : cell.end])
    return [*lead, Run("\n".join(lines), fixed=True), "\n\n"]


def _about(citation: Citation, sent: SentAnswer, links: Links, sentence: AnswerText | None = None) -> list[Run]:
    """Return the source, and below it what else there is to know of the report, in italics."""
    more = (Run(f"\n{line}", italic=True) for line in notices(citation, sent.language))
    return [*source(citation, links, sent.language, sentence), *more]


def _others(sent: SentAnswer) -> list[str | Run]:
    """Return the sentences that answer too and those with another figure, each with the number of its citation."""
    answer = sent.reply.answer
    parts: list[str | Run] = []
    for said in answer.answers[1:]:
        parts += ["\n\n", *_sentence(said), f" [{said.citation}]"]
    if answer.answer and answer.notice:
        parts += ["\n\n", Run(notice_of(answer, sent.language), italic=True)]
    for key, sentences in (("supporting", answer.supporting), ("conflicting", answer.conflicting)):
        for sentence in sentences:
            parts += ["\n\n", text(sent.language, key), " ", *_sentence(sentence), f" [{sentence.citation}]"]
    return parts


def _sentence(answer: AnswerText) -> list[Run]:
    if answer.marked is None:
        return [Run(_flat(answer.text))]
    start, end = answer.marked
    before, span, after = (_flat(part) for part in (answer.text[:start], answer.text[start:end], answer.text[end:]))
    return [Run(before), Run(span, bold=True), Run(after)]


def _flat(words: str) -> str:
    """Return words with a line between the cells of a table's row."""
    return words.replace("\t", " │ ")


def source(citation: Citation, links: Links, language: Language, sentence: AnswerText | None = None) -> list[Run]:
    """Return 《title》 · date · ¶paragraph, linked where the page can be reached: to the quote, or a sentence of it."""
    title = f"《{shortened(citation.title, LONGEST_TITLE)}》"
    rest = [citation.date.isoformat()] if citation.date else []
    page = citation.recognised_page
    recognised = [text(language, "recognised_page", page=page)] if page else []
    place = [*rest, _place(citation, language), *recognised]
    return [Run(title, link=links.page_of(citation, sentence)), Run(" · " + " · ".join(place))]


def _place(citation: Citation, language: Language) -> str:
    """Return the number of the paragraph, or what is cited instead."""
    return f"¶{citation.paragraph}" if citation.paragraph else text(language, citation.kind or "caption")


def shortened(words: str, most: int) -> str:
    """Return ``words`` cut to ``most`` characters, with … where it was cut."""
    return words if len(words) <= most else words[: most - 1] + "…"


def answer_keyboard(
    sent: SentAnswer, index: int, *, votes: bool = True, vote: str | None = None
) -> InlineKeyboardMarkup | None:
    """Return ◀ 2/5 ▶, the whole paragraph, the two votes if they are kept, the one given marked, and 🕒 ✕.

    The last asks again without the times that decided which reports answer, if there are any.
    """
    answer = sent.reply.answer
    count = len(answer.citations)
    rows = [_pager("c", index, count)] if count > 1 else []
    if count:
        rows.append(_about_passage(index, sent.language, vote, votes=votes))
    if answer.filters_applied:
        times = "、".join(applied.text for applied in answer.filters_applied)
        rows.append([InlineKeyboardButton(f"🕒 {shortened(times, LONGEST_TIME)} ✕", callback_data="d")])
    return InlineKeyboardMarkup(rows) if rows else None


def _about_passage(index: int, language: Language, vote: str | None, *, votes: bool) -> list[InlineKeyboardButton]:
    marks = {"up": "👍", "down": "👎"} if votes else {}
    return [
        InlineKeyboardButton(text(language, "tg_whole_paragraph"), callback_data=f"p:{index}"),
        *(
            InlineKeyboardButton(mark + (" ✓" if vote == name else ""), callback_data=f"v:{name}:{index}")
            for name, mark in marks.items()
        ),
    ]


def _pager(prefix: str, index: int, count: int) -> list[InlineKeyboardButton]:
    """Return ◀ n/m ▶ whose buttons lead round in a circle."""
    return [
        InlineKeyboardButton("◀", callback_data=f"{prefix}:{(index - 1) % count}"),
        InlineKeyboardButton(f"{index + 1}/{count}", callback_data="-"),
        InlineKeyboardButton("▶", callback_data=f"{prefix}:{(index + 1) % count}"),
    ]


# Reports


def paragraph_view(
    document: Document, number: int, marked: tuple[int, int] | None = None, *, neighbours: int = 1
) -> Rich:
    """Return a paragraph with its neighbours and captions, the marked part (offsets in the text) in bold."""
    parts: list[str | Run] = [Run(f"《{shortened(document.title, LONGEST_TITLE)}》\n", bold=True)]
    shown = document.paragraphs[max(0, number - 1 - neighbours) : number + neighbours]
    if shown[0].number == 1:
        parts += _asides(document, 0, marked)
    for paragraph in shown:
        parts.append(f"\n¶{paragraph.number} ")
        parts += _marked_runs(document, paragraph, marked if paragraph.number == number else None)
        parts.append("\n")
        parts += _asides(document, paragraph.number, marked)
    return rich(*parts)


def _asides(document: Document, after: int, marked: tuple[int, int] | None) -> list[str | Run]:
    """Return the captions below a paragraph, each on a line of its own."""
    parts: list[str | Run] = []
    for aside in document.asides:
        if aside.after == after:
            runs = _marked_runs(document, aside, marked)
            parts += ["\n", *(replace(run, italic=True) for run in runs), "\n"]
    return parts


def paragraph_page(document: Document, number: int) -> Rich:
    """Return a paragraph to leaf to: with its neighbours unless they make it too long for one message."""
    view = paragraph_view(document, number)
    return view if len(split(view)) <= 1 else paragraph_view(document, number, neighbours=0)


def _marked_runs(document: Document, part: Paragraph | Aside, marked: tuple[int, int] | None) -> list[Run]:
    start, end = marked or (part.start, part.start)
    edges = [part.start, max(start, part.start), min(max(end, start), part.end), part.end]
    pieces = [_flat(document.text[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    return [Run(piece, bold=index == 1) for index, piece in enumerate(pieces) if piece]


def paragraph_keyboard(document: Document, number: int) -> InlineKeyboardMarkup:
    """Return ◀ n/m ▶ through the paragraphs of a report."""
    return InlineKeyboardMarkup([_pager(f"o:{short_id(document.document_id)}", number - 1, len(document.paragraphs))])


def documents_view(documents: Sequence[Listing], page: int, language: Language, links: Links) -> Rich:
    """Return one page of the list of reports, each linked to its first paragraph."""
    parts: list[str | Run] = [Run(text(language, "tg_documents", count=len(documents)) + "\n", bold=True)]
    first = page * DOCUMENTS_PER_PAGE
    for number, document in enumerate(documents[first : first + DOCUMENTS_PER_PAGE], start=first + 1):
        parts += [f"\n{number}. ", Run(f"《{shortened(document.title, 60)}》", link=links.start_link(document, 1))]
        details = [
            document.date.isoformat() if document.date else "",
            document.source or "",
            f"{document.paragraph_count} ¶",
        ]
        parts.append(" · " + " · ".join(detail for detail in details if detail))
    return rich(*parts)


def documents_keyboard(count: int, page: int) -> InlineKeyboardMarkup | None:
    """Return ◀ n/m ▶ through the pages of the list, if there are several."""
    pages = -(-count // DOCUMENTS_PER_PAGE)
    return InlineKeyboardMarkup([_pager("l", page, pages)]) if pages > 1 else None


# Around


def examples_keyboard(examples: Sequence[str]) -> InlineKeyboardMarkup | None:
    """Return a button for each example question."""
    rows = [
        [InlineKeyboardButton(shortened(example, 60), callback_data=f"e:{number}")]
        for number, example in enumerate(examples)
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def why_view(sent: SentAnswer) -> Rich:
    """Return how an answer was found, or at least what the question was understood as."""
    found = sent.reply.answer.explanation
    lines = explanation_lines(found, sent.language) if found else []
    return rich("\n".join(lines or [text(sent.language, "why_understood", question=sent.reply.understood)]))


def inline_article(citation: Citation, links: Links, language: Language) -> InlineQueryResultArticle:
    """Return a passage as an inline result: tapping it posts the quote with its source."""
    quoted = _cells(citation, None) if citation.row else [f"“{shortened(citation.quote, LONGEST_QUOTE)}”\n\n"]
    shown = rich(*quoted, *source(citation, links, language))
    return InlineQueryResultArticle(
        id=str(citation.number),
        title=plain(rich(f"《{shortened(citation.title, 60)}》 {_place(citation, language)}")),
        description=plain(rich(shortened(_flat(citation.quote), LONGEST_DESCRIPTION))),
        input_message_content=InputTextMessageContent(plain(shown), entities=entities_of(shown)),
    )
