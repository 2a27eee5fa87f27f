"""One function for each thing that people do in a chat."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
    User,
)
from telegram.constants import ChatAction, ChatType, ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot.service.service import NotReady, Overloaded, Service
from bot.telegram.gate import Gate
from bot.telegram.rate_limit import reason_of
from bot.telegram.richtext import Rich, in_one, plain, rich, split, to_html
from bot.telegram.sent_answers import Memory, Shown
from bot.telegram.views import (
    DOCUMENTS_PER_PAGE,
    Places,
    answer_keyboard,
    answer_view,
    documents_keyboard,
    documents_view,
    examples_keyboard,
    inline_article,
    paragraph_keyboard,
    paragraph_view,
    short_id,
    why_view,
)
from bot.texts import LANGUAGES, Language, text
from retrieval.answer.answerer import DEFAULT_TOP_K
from retrieval.errors import QuestionInvalid, WenbaoError
from retrieval.question.cleaning import MAX_QUESTION_CHARACTERS
from retrieval.types import Citation, Document, Turn

log = logging.getLogger("wenbao.telegram")

Context = ContextTypes.DEFAULT_TYPE
Posted = TypeVar("Posted")

TYPING_SECONDS = 4.5
"""Telegram shows "typing" for five seconds at a time."""
INLINE_CACHE_SECONDS = 30
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
COMMANDS = ("start", "help", "ask", "documents", "status", "why", "lang")
_COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@([A-Za-z0-9_]+))?(?![A-Za-z0-9_@/])")
"""A command and whose it is. What touches it from behind may be Chinese, though Telegram then sees no command."""
_START_PAYLOAD = re.compile(r"^p-([0-9a-f]{12})-(\d{1,6})$")


class Handlers:
    """The bot's handlers, over one Service. ``places`` is known once the bot has said who it is."""

    def __init__(self, service: Service, gate: Gate, memory: Memory) -> None:
        self._service = service
        self._gate = gate
        self._memory = memory
        self._showing: set[asyncio.Task[None]] = set()
        self.places = Places(service.settings.server.public_url, "")

    # Before everything else

    async def admit(self, update: Update, _: Context) -> None:
        """Stop repeated and stale updates, messages for others, strangers with a polite line, and people in a hurry."""
        user, message = update.effective_user, update.message
        if not self._gate.is_new(update) or user is None or message and not self._is_addressed(message):
            raise ApplicationHandlerStop
        if not self._gate.admits(user.id, update.effective_chat.id if update.effective_chat else None):
            await self._turn_away(update, user)
            raise ApplicationHandlerStop
        if message and not await self._gate.has_room(user.id):
            log.info("user %d asks too fast: not answered", user.id)
            if self._gate.tells(user.id):
                await self.say(update, "tg_too_fast")
            raise ApplicationHandlerStop

    async def _turn_away(self, update: Update, user: User) -> None:
        line = text(self._language(user), "tg_stranger", id=user.id)
        if update.inline_query:
            await update.inline_query.answer([], cache_time=0, is_personal=True)
        elif update.callback_query:
            await update.callback_query.answer(line[:200])
        elif update.message and self._gate.tells(user.id):
            await self._send(update.message, rich(line))

    # Questions

    async def message(self, update: Update, _: Context) -> None:
        """Answer any text in a private chat; in groups only what is addressed to the bot."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        question = self._question_in(message.text or "")
        if question:
            await self._answer(message, user, question, self._answer_replied_to(message))
        else:
            await self.say(update, "tg_ask_usage")

    async def ask(self, update: Update, context: Context) -> None:
        """Answer ``/ask question``; as a bare reply to somebody, answer what they wrote."""
        message = update.message
        pointed_at = message.reply_to_message if message else None
        words = (pointed_at.text or pointed_at.caption or "") if pointed_at and not self._is_own(pointed_at) else ""
        question = self._question_in(words)
        if message and update.effective_user and question and not self._question_in(message.text or ""):
            await self._answer(message, update.effective_user, question, None)
        else:
            await self.message(update, context)

    async def _answer(
        self, message: Message, user: User, question: str, replied_to: Shown | None, *, echo: bool = False
    ) -> None:
        """Answer a question, as a follow-up on the answer replied to or else on the last one, if it leans on it."""
        conversation = message.chat_id, user.id
        before = replied_to.turn if replied_to else self._service.conversations.before(conversation, question)
        await self._answer_after(message, user, question, before, is_reply=replied_to is not None, echo=echo)

    async def _answer_after(
        self,
        message: Message,
        user: User,
        question: str,
        before: Turn | None,
        *,
        is_reply: bool,
        echo: bool,
        use_dates: bool = True,
    ) -> None:
        language = self._language(user)
        try:
            async with self._typing(message):
                answer = await self._service.ask(
                    question, DEFAULT_TOP_K, explain=True, before=before, is_reply=is_reply, use_dates=use_dates
                )
        except QuestionInvalid:
            await self._send(message, rich(_invalid(question, language)))
            return
        except (Overloaded, NotReady):
            await self._send(message, rich(text(language, "tg_busy")))
            return
        shown = Shown(question, answer, language, uuid.uuid4().hex, echo, before, is_reply)
        sent = await self._send(message, answer_view(shown, 0, self.places), self._keyboard(shown, 0))
        self._memory.keep(message.chat_id, user.id, [part.message_id for part in sent], shown)
        self._service.conversations.keep((message.chat_id, user.id), question, before, answer)
        self._service.unanswered.record(shown.understood, answer, "telegram", str(user.id), shown.request_id)

    def _keyboard(self, shown: Shown, index: int, vote: str | None = None) -> InlineKeyboardMarkup | None:
        return answer_keyboard(shown, index, votes=self._service.feedback.keep, vote=vote)

    def _answer_replied_to(self, message: Message) -> Shown | None:
        replied = message.reply_to_message
        return self._memory.of_message(message.chat_id, replied.message_id) if replied else None

    def _is_addressed(self, message: Message) -> bool:
        """Whether a message is for the bot; what it posted itself, in somebody's name, never is."""
        if message.chat.type == ChatType.PRIVATE:
            return message.via_bot is None
        if _is_passed_on(message):
            return False
        words = message.text or ""
        command = _COMMAND.match(words)
        if command and (words[command.end() :][:1].strip() == "" or command[1].lower() == "ask"):
            is_own = (command[2] or self.places.bot_username).lower() == self.places.bot_username.lower()
            return is_own and command[1].lower() in COMMANDS
        return bool(words) and (self._is_own(message.reply_to_message) or self._mention().search(words) is not None)

    def _is_own(self, message: Message | None) -> bool:
        author = message.from_user if message else None
        return bool(author and (author.username or "").lower() == self.places.bot_username.lower())

    def _mention(self) -> re.Pattern[str]:
        """Find the bot's name; a Chinese character may touch it, which Telegram itself takes for no mention."""
        return re.compile(rf"(?<![A-Za-z0-9_])@{re.escape(self.places.bot_username)}(?![A-Za-z0-9_])", re.IGNORECASE)

    def _question_in(self, words: str) -> str:
        """Return a message's text without /ask and without the bot's name."""
        command = _COMMAND.match(words)
        is_ask = command is not None and command[1].lower() == "ask"
        return self._mention().sub(" ", words[command.end() :] if command and is_ask else words).strip()

    @asynccontextmanager
    async def _typing(self, message: Message) -> AsyncIterator[None]:
        """Show that the bot is at work for as long as it is; a request under way is not broken off, nor waited for."""
        done = asyncio.Event()
        showing = asyncio.create_task(_show_typing(message, done))
        self._showing.add(showing)
        showing.add_done_callback(self._showing.discard)
        try:
            yield
        finally:
            done.set()

    async def _send(self, message: Message, view: Rich, keyboard: InlineKeyboardMarkup | None = None) -> list[Message]:
        """Send a text into the chat and topic of ``message``, in several messages if it is long."""
        parts = split(view)
        sent = []
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            sent.append(await self._send_part(message, part, keyboard if is_last else None, quote=number == 0))
        return sent

    async def _send_part(
        self, message: Message, part: Rich, keyboard: InlineKeyboardMarkup | None, *, quote: bool
    ) -> Message:
        """Send one message; if Telegram refuses the markup, the words alone."""
        in_group = message.chat.type != ChatType.PRIVATE
        reply = ReplyParameters(message.message_id, allow_sending_without_reply=True) if quote and in_group else None

        async def post(words: str, parse_mode: str | None) -> Message:
            return await message.get_bot().send_message(
                message.chat_id,
                words,
                parse_mode=parse_mode,
                message_thread_id=_thread_of(message),
                reply_parameters=reply,
                reply_markup=keyboard,
                link_preview_options=NO_PREVIEW,
            )

        return await _with_markup_if_possible(part, post)

    # Buttons

    async def button(self, update: Update, _: Context) -> None:
        """Do what a button under one of the bot's messages says; every press is answered."""
        query = update.callback_query
        if query is None:
            return
        done = None
        try:
            done = await self._press(query)
        finally:
            with contextlib.suppress(BadRequest):  # too old to be answered: nobody waits for it any more
                await query.answer(done)

    async def _press(self, query: CallbackQuery) -> str | None:
        """Return the note to show, if any."""
        message, language = _message_of(query), self._language(query.from_user)
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
        shown = self._memory.of_message(message.chat_id, message.message_id)
        if shown is None:
            return text(language, "tg_gone")
        return await self._press_answer(query, message, shown, kind, rest)

    async def _press_answer(
        self, query: CallbackQuery, message: Message, shown: Shown, kind: str, rest: str
    ) -> str | None:
        vote, _, position = rest.partition(":") if kind == "v" else ("", "", rest)
        index = int(position) if position.isdigit() else -1
        if not 0 <= index < len(shown.answer.citations):
            return text(shown.language, "tg_gone")
        if kind == "c":
            await self._edit(message, answer_view(shown, index, self.places), self._keyboard(shown, index))
        elif kind == "p":
            citation = shown.answer.citations[index]
            document = self._service.snapshot.by_id.get(citation.document_id)
            if document is None or document.text[citation.start : citation.end] != citation.quote:
                return text(shown.language, "tg_gone")
            view = paragraph_view(document, citation.paragraph, (citation.start, citation.end))
            await self._send(message, view, paragraph_keyboard(document, citation.paragraph))
        elif kind == "v" and vote in ("up", "down"):
            return await self._vote(query, message, shown, vote, index)
        return None

    async def _vote(self, query: CallbackQuery, message: Message, shown: Shown, vote: str, index: int) -> str:
        if not self._service.feedback.keep:
            return text(shown.language, "vote_off")
        kept = await asyncio.to_thread(
            self._service.feedback.record_vote,
            shown.understood,
            shown.answer,
            "up" if vote == "up" else "down",
            face="telegram",
            user=str(query.from_user.id),
            request_id=shown.request_id,
        )
        if not kept:
            return text(shown.language, "vote_failed")
        if message.chat.type == ChatType.PRIVATE:  # in a group the mark would look like everybody's
            await self._edit_keyboard(message, self._keyboard(shown, index, vote))
        return text(shown.language, "tg_thanks")

    async def example(self, update: Update, _: Context) -> None:
        """Ask the example question of a button."""
        query = update.callback_query
        if query is None:
            return
        user, number = query.from_user, (query.data or "").partition(":")[2]
        examples = self._examples(self._language(user))
        message = _message_of(query) if number.isdigit() and int(number) < len(examples) else None
        if await self._may_ask(query, is_known=message is not None) and message:
            await self._answer(message, user, examples[int(number)], None, echo=True)

    async def without_dates(self, update: Update, _: Context) -> None:
        """Ask the question of an answer again, without the times that it names."""
        query = update.callback_query
        if query is None:
            return
        user, message = query.from_user, _message_of(query)
        shown = self._memory.of_message(message.chat_id, message.message_id) if message else None
        if await self._may_ask(query, is_known=shown is not None) and message and shown:
            await self._answer_after(
                message, user, shown.question, shown.before, is_reply=shown.is_reply, echo=True, use_dates=False
            )

    async def _may_ask(self, query: CallbackQuery, *, is_known: bool) -> bool:
        """Answer the press of a button that asks; whether its question is known and not one too many this minute."""
        language = self._language(query.from_user)
        note = None if is_known else text(language, "tg_gone")
        if is_known and not await self._gate.has_room(query.from_user.id):
            note = text(language, "tg_too_fast")
        with contextlib.suppress(BadRequest):  # too old to be answered: nobody waits for it any more
            await query.answer(note)
        return note is None

    async def _turn_documents(self, message: Message, page: int, language: Language) -> str | None:
        documents = self._service.snapshot.documents
        if page and page * DOCUMENTS_PER_PAGE >= len(documents):
            return text(language, "tg_gone")
        view = documents_view(documents, page, language, self.places)
        await self._edit(message, view, documents_keyboard(len(documents), page))
        return None

    async def _turn_paragraph(self, message: Message, rest: str, language: Language) -> str | None:
        identifier, _, position = rest.partition(":")
        document = self._document(identifier)
        if document is None or not position.isdigit() or int(position) >= len(document.paragraphs):
            return text(language, "tg_gone")
        number = int(position) + 1
        view = paragraph_view(document, number)
        if len(split(view)) > 1:  # an edited message cannot become two
            view = paragraph_view(document, number, neighbours=0)
        await self._edit(message, view, paragraph_keyboard(document, number))
        return None

    def _choose_language(self, user: User, language: Language) -> str:
        self._memory.languages[user.id] = language
        return text(language, "tg_language_chosen")

    async def _edit(self, message: Message, view: Rich, keyboard: InlineKeyboardMarkup | None) -> None:
        async def change(words: str, parse_mode: str | None) -> object:
            return await message.edit_text(
                words, parse_mode=parse_mode, reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )

        with _ignoring_unchanged():
            await _with_markup_if_possible(in_one(view), change)

    async def _edit_keyboard(self, message: Message, keyboard: InlineKeyboardMarkup | None) -> None:
        with _ignoring_unchanged():
            await message.edit_reply_markup(keyboard)

    # Inline mode

    async def inline(self, update: Update, _: Context) -> None:
        """Offer passages for ``@bot question`` in any chat."""
        query = update.inline_query
        if query is None:
            return
        citations: tuple[Citation, ...] = ()
        seconds = INLINE_CACHE_SECONDS
        if query.query.strip():
            try:
                citations = (await self._service.ask(query.query, DEFAULT_TOP_K)).citations
            except WenbaoError as error:
                log.info("inline query not answered: %s", error)
                seconds = 0
        await self._offer(query, citations, seconds)

    async def _offer(self, query: InlineQuery, citations: Sequence[Citation], seconds: int) -> None:
        """Answer an inline query, for this person alone: what Telegram keeps for all, strangers would see too."""
        for marked in (True, False):
            articles = [inline_article(each, each.number, self.places, marked=marked) for each in citations]
            try:
                await query.answer(articles, cache_time=seconds, is_personal=True)
                return
            except BadRequest as error:
                if not _is_about_markup(error):  # too old: the person has typed on
                    log.info("inline query not answered: %s", error)
                    return
                log.warning("Telegram refused the markup of an inline result (%s)", error)

    # Commands

    async def start(self, update: Update, context: Context) -> None:
        """Greet, or open the paragraph that a deep link names."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        language = self._language(user)
        if not self._service.ready:
            await self._send(message, rich(text(language, "tg_busy")))
            return
        match = _START_PAYLOAD.match(context.args[0]) if context.args else None
        document = self._document(match[1]) if match else None
        if match and document and 1 <= int(match[2]) <= len(document.paragraphs):
            number = int(match[2])
            await self._send(message, paragraph_view(document, number), paragraph_keyboard(document, number))
            return
        if context.args:
            await self._send(message, rich(text(language, "tg_gone")))
        greeting = text(language, "tg_start", count=len(self._service.snapshot.documents))
        await self._send(message, rich(greeting), examples_keyboard(self._examples(language)))

    async def help(self, update: Update, _: Context) -> None:
        """Say what the bot can do."""
        await self.say(update, "tg_help", bot=self.places.bot_username)

    async def documents(self, update: Update, _: Context) -> None:
        """List the reports, a page at a time."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        if not self._service.ready:
            await self.say(update, "tg_busy")
            return
        documents = self._service.snapshot.documents
        view = documents_view(documents, 0, self._language(user), self.places)
        await self._send(message, view, documents_keyboard(len(documents), 0))

    async def status(self, update: Update, _: Context) -> None:
        """Say what is indexed."""
        if not self._service.ready:
            await self.say(update, "tg_busy")
            return
        manifest = self._service.snapshot.manifest
        await self.say(
            update,
            "tg_status",
            documents=manifest.documents,
            passages=manifest.passages,
            generation=manifest.generation,
            encoder=manifest.encoder,
        )

    async def why(self, update: Update, _: Context) -> None:
        """Say how the last answer, or the one replied to, was found."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        shown = self._answer_replied_to(message) or self._memory.last(message.chat_id, user.id)
        view = why_view(shown) if shown else rich(text(self._language(user), "tg_why_nothing"))
        await self._send(message, view)

    async def lang(self, update: Update, _: Context) -> None:
        """Offer the languages of the bot's own words."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        names = {"zh": "中文", "en": "English"}
        row = [InlineKeyboardButton(names[language], callback_data=f"g:{language}") for language in LANGUAGES]
        await self._send(message, rich(text(self._language(user), "tg_language")), InlineKeyboardMarkup([row]))

    async def not_text(self, update: Update, _: Context) -> None:
        """Say what the bot can do to somebody who sent a photo or a voice in a private chat."""
        await self.say(update, "tg_not_text")

    async def unknown_command(self, update: Update, _: Context) -> None:
        """Point to /help in a private chat."""
        await self.say(update, "tg_unknown_command")

    async def say(self, update: Update, key: str, **values: object) -> None:
        """Answer a message with a text in the person's language."""
        if update.message and update.effective_user:
            await self._send(update.message, rich(text(self._language(update.effective_user), key, **values)))

    # When something goes wrong

    async def failed(self, update: object, context: Context) -> None:
        """Log what went wrong, with a traceback unless Telegram or the network is to blame, and say it."""
        error = context.error
        if isinstance(error, TelegramError):
            log.error("Telegram did not take an answer: %s", reason_of(error))
            return
        log.error("an update could not be handled", exc_info=error)
        if isinstance(update, Update) and update.message and update.effective_user:
            with contextlib.suppress(TelegramError):
                await self.say(update, "tg_failed")

    # Small helpers

    def _language(self, user: User) -> Language:
        chosen = self._memory.languages.get(user.id)
        if chosen:
            return chosen
        return "zh" if (user.language_code or "zh").lower().startswith("zh") else "en"

    def _examples(self, language: Language) -> tuple[str, ...]:
        examples = self._service.settings.web.examples
        return (examples.zh if language == "zh" else examples.en) or examples.zh or examples.en

    def _document(self, identifier: str) -> Document | None:
        documents = self._service.snapshot.documents if self._service.ready else ()
        return next((document for document in documents if short_id(document.document_id) == identifier), None)


def _is_passed_on(message: Message) -> bool:
    """Whether a group's message comes from elsewhere: forwarded, from a channel, from another bot, or inline."""
    sender = message.sender_chat
    is_anonymous_admin = sender is not None and sender.id == message.chat.id
    return bool(
        message.forward_origin
        or message.is_automatic_forward
        or message.via_bot
        or (sender and not is_anonymous_admin)
        or (message.from_user and message.from_user.is_bot and not is_anonymous_admin)
    )


async def _show_typing(message: Message, done: asyncio.Event) -> None:
    with contextlib.suppress(TelegramError):
        while not done.is_set():
            await message.get_bot().send_chat_action(
                message.chat_id, ChatAction.TYPING, message_thread_id=_thread_of(message)
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TYPING_SECONDS):
                    await done.wait()


def _invalid(question: str, language: Language) -> str:
    """Say why a question was not accepted."""
    count, limit = len(question), MAX_QUESTION_CHARACTERS
    if count > limit:
        return text(language, "question_too_long", count=count, limit=limit, excess=count - limit)
    return text(language, "question_empty")


async def _with_markup_if_possible(view: Rich, post: Callable[[str, str | None], Awaitable[Posted]]) -> Posted:
    """Post a text as HTML; if Telegram refuses the markup, the words alone."""
    try:
        return await post(to_html(view), ParseMode.HTML)
    except BadRequest as error:
        if not _is_about_markup(error):
            raise
        log.warning("Telegram refused the markup (%s): sent as plain text", error.message)
        return await post(plain(view), None)


def _is_about_markup(error: BadRequest) -> bool:
    return "parse entities" in error.message.lower()


def _message_of(query: CallbackQuery) -> Message | None:
    """Return the message whose button was pressed, unless Telegram says that it is out of reach."""
    message = query.message
    return message if isinstance(message, Message) and message.is_accessible else None


def _thread_of(message: Message) -> int | None:
    """The forum topic to answer in; replies outside forums have a thread number too, which must not be sent."""
    return message.message_thread_id if message.is_topic_message else None


@contextlib.contextmanager
def _ignoring_unchanged() -> Iterator[None]:
    """Pressing a button twice asks for the text that stands there already."""
    try:
        yield
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            raise
