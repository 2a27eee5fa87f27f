"""What the bot says: formatted texts and keyboards, made from answers and reports."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent
from telegram.constants import ParseMode

from bot.explanation import explanation_lines
from bot.links import paragraph_url
from bot.telegram.richtext import Rich, Run, plain, rich, to_html
from bot.telegram.sent_answers import Shown
from bot.texts import Language, text
from retrieval.types import AnswerText, Citation, Document, Paragraph

DOCUMENTS_PER_PAGE = 8
LONGEST_TITLE = 120
LONGEST_TIME = 40
LONGEST_DESCRIPTION = 160
LONGEST_QUOTE = 1800
"""In characters, each of which may count twice for Telegram's limit."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things can be opened: the public address of the pages, if there is one, and the bot's own name."""

    public_url: str | None
    bot_username: str

    def page_of(self, citation: Citation) -> str | None:
        """Return the web address of a cited paragraph, if pages can be reached from outside."""
        return (
            self.public_url.rstrip("/") + paragraph_url(citation.document_id, citation.paragraph)
            if self.public_url
            else None
        )

    def start_link(self, document: Document, paragraph: int) -> str:
        """Return the deep link that opens a paragraph in a chat with the bot."""
        return f"https://t.me/{self.bot_username}?start={start_payload(document.document_id, paragraph)}"


def short_id(document_id: str) -> str:
    """Return 12 hexadecimal digits for a document: ids may be longer than a button or a link can carry."""
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def start_payload(document_id: str, paragraph: int) -> str:
    """Return what follows ``?start=`` in a deep link to a paragraph."""
    return f"p-{short_id(document_id)}-{paragraph}"


# Answers


def answer_view(shown: Shown, index: int, places: Places) -> Rich:
    """Return the answer with its ``index``-th citation (0 the best): sentence, span in bold, then the source.

    What other reports say stands below; what the question was understood as, above.
    """
    answer, language = shown.answer, shown.language
    head = [Run(f"{shown.question}\n\n", italic=True)] if shown.echo else []
    if answer.understood_as:
        head.append(Run(text(language, "understood_as", question=answer.understood_as) + "\n\n", italic=True))
    if answer.status == "not_found":
        return rich(*head, text(language, "tg_not_found"))
    citation = answer.citations[index]
    if answer.answer and citation.number == answer.answer.citation:
        return rich(*head, *_sentence(answer.answer), "\n\n", *source(citation, places), *_others(shown))
    lead = [text(language, "tg_related") + "\n\n"] if answer.status == "related" and index == 0 else []
    return rich(*head, *lead, f"“{citation.quote}”", "\n\n", *source(citation, places))


def _others(shown: Shown) -> list[str | Run]:
    """Return the sentences that answer too and those with another figure, each with the number of its citation."""
    parts: list[str | Run] = []
    for key, sentences in (("supporting", shown.answer.supporting), ("conflicting", shown.answer.conflicting)):
        for sentence in sentences:
            parts += ["\n\n", text(shown.language, key), " ", *_sentence(sentence), f" [{sentence.citation}]"]
    return parts


def _sentence(answer: AnswerText) -> list[Run]:
    sentence, span = answer.text, answer.span
    at = sentence.find(span) if span else -1
    if not span or at < 0:
        return [Run(sentence)]
    return [Run(sentence[:at]), Run(span, bold=True), Run(sentence[at + len(span) :])]


def source(citation: Citation, places: Places) -> list[Run]:
    """Return 《title》 · date · ¶paragraph, linked where the page can be reached."""
    title = f"《{shortened(citation.title, LONGEST_TITLE)}》"
    rest = [citation.date.isoformat()] if citation.date else []
    return [Run(title, link=places.page_of(citation)), Run(" · " + " · ".join([*rest, f"¶{citation.paragraph}"]))]


def shortened(words: str, most: int) -> str:
    """Return ``words`` cut to ``most`` characters, with … where it was cut."""
    return words if len(words) <= most else words[: most - 1] + "…"


def answer_keyboard(
    shown: Shown, index: int, *, votes: bool = True, vote: str | None = None
) -> InlineKeyboardMarkup | None:
    """Return ◀ 2/5 ▶, the whole paragraph, the two votes if they are kept, the one given marked, and 🕒 ✕.

    The last asks again without the times that decided which reports answer, if there are any.
    """
    count = len(shown.answer.citations)
    rows = [_pager("c", index, count)] if count > 1 else []
    if count:
        rows.append(_about_passage(index, shown.language, vote, votes=votes))
    if shown.answer.filters_applied:
        times = "、".join(applied.text for applied in shown.answer.filters_applied)
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
    """Return a paragraph with its neighbours, the marked part (offsets in the text) in bold."""
    parts: list[str | Run] = [Run(f"《{shortened(document.title, LONGEST_TITLE)}》\n", bold=True)]
    for paragraph in document.paragraphs[max(0, number - 1 - neighbours) : number + neighbours]:
        parts.append(f"\n¶{paragraph.number} ")
        parts += _paragraph_runs(document, paragraph, marked if paragraph.number == number else None)
        parts.append("\n")
    return rich(*parts)


def _paragraph_runs(document: Document, paragraph: Paragraph, marked: tuple[int, int] | None) -> list[Run]:
    start, end = marked or (paragraph.start, paragraph.start)
    edges = [paragraph.start, max(start, paragraph.start), min(max(end, start), paragraph.end), paragraph.end]
    pieces = [document.text[first:last] for first, last in zip(edges, edges[1:], strict=False)]
    return [Run(piece, bold=index == 1) for index, piece in enumerate(pieces) if piece]


def paragraph_keyboard(document: Document, number: int) -> InlineKeyboardMarkup:
    """Return ◀ n/m ▶ through the paragraphs of a report."""
    return InlineKeyboardMarkup([_pager(f"o:{short_id(document.document_id)}", number - 1, len(document.paragraphs))])


def documents_view(documents: Sequence[Document], page: int, language: Language, places: Places) -> Rich:
    """Return one page of the list of reports, each linked to its first paragraph."""
    parts: list[str | Run] = [Run(text(language, "tg_documents", count=len(documents)) + "\n", bold=True)]
    first = page * DOCUMENTS_PER_PAGE
    for number, document in enumerate(documents[first : first + DOCUMENTS_PER_PAGE], start=first + 1):
        parts += [f"\n{number}. ", Run(f"《{shortened(document.title, 60)}》", link=places.start_link(document, 1))]
        details = [
            document.date.isoformat() if document.date else "",
            document.source or "",
            f"{len(document.paragraphs)} ¶",
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


def why_view(shown: Shown) -> Rich:
    """Return how an answer was found, or at least what the question was understood as."""
    details = {"question": shown.understood, **shown.answer.explanation}
    return rich("\n".join(explanation_lines(details, shown.language)))


def inline_article(citation: Citation, number: int, places: Places, *, marked: bool = True) -> InlineQueryResultArticle:
    """Return a passage as an inline result: tapping it posts the quote with its source, with markup if ``marked``."""
    shown = rich(f"“{shortened(citation.quote, LONGEST_QUOTE)}”\n\n", *source(citation, places))
    content = (
        InputTextMessageContent(to_html(shown), parse_mode=ParseMode.HTML)
        if marked
        else InputTextMessageContent(plain(shown))
    )
    return InlineQueryResultArticle(
        id=str(number),
        title=plain(rich(f"《{shortened(citation.title, 60)}》 ¶{citation.paragraph}")),
        description=plain(rich(shortened(citation.quote, LONGEST_DESCRIPTION))),
        input_message_content=content,
    )
