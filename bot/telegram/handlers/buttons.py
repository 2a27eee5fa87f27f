"""Buttons under the bot's messages.

What a button does stands in its callback data, which ``bot.telegram.views`` writes (but for ``g``):

    c:index         another citation of the answer        l:page            a page of the list of reports
    p:index         the whole paragraph of a citation     o:id:index        a paragraph of a report
    v:vote:index    a vote on the answer                  g:language        the language of the bot's own words
    d               the question without its times        e:number          an example question
    -               nothing: the number between ◀ and ▶
"""

from __future__ import annotations

import asyncio
import contextlib

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest

from bot.service.service import Service
from bot.service.shelf import Shelf
from bot.telegram.gate import Gate
from bot.telegram.handlers.questions import Questions
from bot.telegram.links import Links, document_with
from bot.telegram.sending import Context, Speaker
from bot.telegram.sent_answers import SentAnswer, SentAnswers
from bot.telegram.views import (
    DOCUMENTS_PER_PAGE,
    answer_keyboard,
    answer_view,
    documents_keyboard,
    documents_view,
    paragraph_keyboard,
    paragraph_page,
    paragraph_view,
)
from bot.texts import LANGUAGES, Language, text


class Buttons:
    """Does what a button says; every press is answered, perhaps with a note."""

    def __init__(
        self,
        service: Service,
        speaker: Speaker,
        sent_answers: SentAnswers,
        links: Links,
        gate: Gate,
        questions: Questions,
    ) -> None:
        self._service = service
        self._speaker = speaker
        self._sent_answers = sent_answers
        self._links = links
        self._gate = gate
        self._questions = questions

    @property
    def _shelf(self) -> Shelf:
        return self._service.shelf(self._service.settings.telegram.documents)

    # Buttons that ask

    async def example(self, update: Update, _: Context) -> None:
        """Ask the example question of a button."""
        query = update.callback_query
        if query is None:
            return
        user, number = query.from_user, (query.data or "").partition(":")[2]
        examples = await self._speaker.examples(user)
        message = _message_of(query) if number.isdigit() and int(number) < len(examples) else None
        if await self._may_ask(query, is_known=message is not None) and message:
            await self._questions.answer(message, user, examples[int(number)], echo=True)

    async def without_dates(self, update: Update, _: Context) -> None:
        """Ask the question of an answer again, without the times that it names."""
        query = update.callback_query
        if query is None:
            return
        message = _message_of(query)
        sent = await self._sent_answers.of(message)
        if await self._may_ask(query, is_known=sent is not None) and message and sent:
            await self._questions.answer_without_dates(message, query.from_user, sent)

    async def _may_ask(self, query: CallbackQuery, *, is_known: bool) -> bool:
        """Answer the press of a button that asks; whether its question is known and not one too many this minute."""
        note = None if is_known else self._speaker.words(query.from_user, "tg_gone")
        if is_known and not await self._gate.has_room(query.from_user.id):
            note = self._speaker.words(query.from_user, "tg_too_fast")
        await _answer_press(query, note)
        return note is None

    # Buttons that show and choose

    async def button(self, update: Update, _: Context) -> None:
        """Do what any other button says."""
        query = update.callback_query
        if query is None:
            return
        note = None
        try:
            note = await self._press(query)
        finally:
            await _answer_press(query, note)

    async def _press(self, query: CallbackQuery) -> str | None:
        """Return the note to show, if any."""
        message, language = _message_of(query), self._speaker.language(query.from_user)
        kind, _, rest = (query.data or "").partition(":")
        if kind == "-":
            return None
        if message is None:
            return text(language, "tg_gone")
        if kind == "l" and rest.isdigit():
            return await self._turn_documents(message, int(rest), language)
        if kind == "o":
            return await self._turn_paragraph(message, rest, language)
        if kind == "g" and rest in LANGUAGES:
            return self._choose_language(query.from_user, rest)
        sent = await self._sent_answers.of(message)
        if sent is None:
            return text(language, "tg_gone")
        return await self._press_answer(query, message, sent, kind, rest)

    async def _turn_documents(self, message: Message, page: int, language: Language) -> str | None:
        documents = self._shelf.documents
        if page and page * DOCUMENTS_PER_PAGE >= len(documents):
            return text(language, "tg_gone")
        view = documents_view(documents, page, language, self._links)
        await self._speaker.edit(message, view, documents_keyboard(len(documents), page))
        return None

    async def _turn_paragraph(self, message: Message, rest: str, language: Language) -> str | None:
        identifier, _, position = rest.partition(":")
        document = await document_with(identifier, self._shelf) if self._service.ready else None
        if document is None or not position.isdigit() or int(position) >= len(document.paragraphs):
            return text(language, "tg_gone")
        number = int(position) + 1
        await self._speaker.edit(message, paragraph_page(document, number), paragraph_keyboard(document, number))
        return None

    def _choose_language(self, user: User, language: Language) -> str:
        self._speaker.choose_language(user, language)
        return text(language, "tg_language_chosen")

    # Buttons under an answer

    async def _press_answer(
        self, query: CallbackQuery, message: Message, sent: SentAnswer, kind: str, rest: str
    ) -> str | None:
        citations = sent.reply.answer.citations
        vote, _, position = rest.partition(":") if kind == "v" else ("", "", rest)
        index = int(position) if position.isdigit() else -1
        if not 0 <= index < len(citations):
            return text(sent.language, "tg_gone")
        if kind == "c":
            await self._speaker.edit(message, answer_view(sent, index, self._links), self._keyboard(sent, index))
        elif kind == "p":
            return await self._send_paragraph(message, sent, index)
        elif kind == "v" and vote in ("up", "down"):
            return await self._vote(query, message, sent, vote, index)
        return None

    async def _send_paragraph(self, message: Message, sent: SentAnswer, index: int) -> str | None:
        """Show a citation in its paragraph, unless the report has changed since the answer."""
        citation = sent.reply.answer.citations[index]
        document = await self._shelf.report(citation.document_id)
        if document is None or document.text[citation.start : citation.end] != citation.quote:
            return text(sent.language, "tg_gone")
        below = document.asides[citation.aside - 1].after if citation.aside else 1
        number = citation.paragraph or max(1, below)
        view = paragraph_view(document, number, (citation.start, citation.end))
        await self._speaker.send(message, view, paragraph_keyboard(document, number))
        return None

    async def _vote(self, query: CallbackQuery, message: Message, sent: SentAnswer, vote: str, index: int) -> str:
        if not self._service.feedback.keep:
            return text(sent.language, "vote_off")
        record, user = self._service.feedback.record_vote, str(query.from_user.id)
        if not await asyncio.to_thread(record, sent.reply, "up" if vote == "up" else "down", user):
            return text(sent.language, "vote_failed")
        if message.chat.type == ChatType.PRIVATE:  # in a group the mark would look like everybody's
            await self._speaker.edit_keyboard(message, self._keyboard(sent, index, vote))
        return text(sent.language, "tg_thanks")

    def _keyboard(self, sent: SentAnswer, index: int, vote: str | None = None) -> InlineKeyboardMarkup | None:
        return answer_keyboard(sent, index, votes=self._service.feedback.keep, vote=vote)


def _message_of(query: CallbackQuery) -> Message | None:
    """Return the message whose button was pressed, unless Telegram says that it is out of reach."""
    message = query.message
    return message if isinstance(message, Message) and message.is_accessible else None


async def _answer_press(query: CallbackQuery, note: str | None) -> None:
    with contextlib.suppress(BadRequest):  # too old to be answered: nobody waits for it any more
        await query.answer(note)
