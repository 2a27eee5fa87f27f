"""Saying things in Telegram: in the person's language, in the right place of a chat, cut to what a message holds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

from cachetools import TTLCache
from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters, Update, User
from telegram.constants import ChatAction, ChatType
from telegram.error import BadRequest, TelegramError
from telegram.ext import ContextTypes

from bot.settings import Examples
from bot.telegram.richtext import Rich, entities_of, in_one, plain, rich, split
from bot.texts import Language, text

Context = ContextTypes.DEFAULT_TYPE

TYPING_SECONDS = 4.5
"""Telegram shows "typing" for five seconds at a time."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
MOST_LANGUAGES = 100_000
LANGUAGE_SECONDS = 90 * 24 * 3600


class Speaker:
    """The bot's voice; it knows which language each person wants to hear."""

    def __init__(self, examples: Callable[[], Awaitable[Examples]]) -> None:
        self._examples = examples
        self._languages: TTLCache[int, Language] = TTLCache(MOST_LANGUAGES, LANGUAGE_SECONDS)
        self._showing: set[asyncio.Task[None]] = set()

    def language(self, user: User) -> Language:
        """Return the language that a person chose, or else the nearest to that of their Telegram."""
        chosen = self._languages.get(user.id)
        if chosen:
            return chosen
        return "zh" if (user.language_code or "zh").lower().startswith("zh") else "en"

    def choose_language(self, user: User, language: Language) -> None:
        """Speak this language with a person from now on."""
        self._languages[user.id] = language

    def words(self, user: User, key: str, /, **values: object) -> str:
        """Return one of the bot's texts in a person's language."""
        return text(self.language(user), key, **values)

    async def examples(self, user: User) -> Sequence[str]:
        """Return the example questions in a person's language, or in the other one where there are none in it."""
        found = await self._examples()
        zh, en = found.zh, found.en
        return (zh or en) if self.language(user) == "zh" else (en or zh)

    async def say(self, update: Update, key: str, /, **values: object) -> None:
        """Answer a message with one of the bot's texts."""
        if update.message and update.effective_user:
            await self.tell(update.message, update.effective_user, key, **values)

    async def tell(
        self,
        message: Message,
        user: User,
        key: str,
        keyboard: InlineKeyboardMarkup | None = None,
        /,
        **values: object,
    ) -> None:
        """Answer a message with one of the bot's texts in the language of ``user``, perhaps with buttons."""
        await self.send(message, rich(self.words(user, key, **values)), keyboard)

    async def send(self, message: Message, view: Rich, keyboard: InlineKeyboardMarkup | None = None) -> list[Message]:
        """Send a text into the chat and topic of ``message``, in several messages if it is long."""
        parts = split(view)
        sent = []
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            sent.append(await _post(message, part, keyboard if is_last else None, quote=number == 0))
        return sent

    async def edit(self, message: Message, view: Rich, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put another text and other buttons into a message of the bot; what one message cannot hold is cut."""
        shown = in_one(view)
        with _ignoring_unchanged():
            await message.edit_text(
                plain(shown), entities=entities_of(shown), reply_markup=keyboard, link_preview_options=NO_PREVIEW
            )

    async def edit_keyboard(self, message: Message, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put other buttons under a message of the bot."""
        with _ignoring_unchanged():
            await message.edit_reply_markup(keyboard)

    @asynccontextmanager
    async def typing(self, message: Message) -> AsyncIterator[None]:
        """Show that the bot is at work for as long as it is; a request under way is not broken off, nor waited for."""
        done = asyncio.Event()
        showing = asyncio.create_task(_show_typing(message, done))
        self._showing.add(showing)
        showing.add_done_callback(self._showing.discard)
        try:
            yield
        finally:
            done.set()


async def _post(message: Message, part: Rich, keyboard: InlineKeyboardMarkup | None, *, quote: bool) -> Message:
    """Send one message; in a group it may quote the one that it answers."""
    in_group = message.chat.type != ChatType.PRIVATE
    return await message.get_bot().send_message(
        message.chat_id,
        plain(part),
        entities=entities_of(part),
        message_thread_id=_thread_of(message),
        reply_parameters=(
            ReplyParameters(message.message_id, allow_sending_without_reply=True) if quote and in_group else None
        ),
        reply_markup=keyboard,
        link_preview_options=NO_PREVIEW,
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


def _thread_of(message: Message) -> int | None:
    """Return the forum topic to answer in; replies outside forums have a thread number too, which must not be sent."""
    return message.message_thread_id if message.is_topic_message else None


@contextlib.contextmanager
def _ignoring_unchanged() -> Iterator[None]:
    """Pressing a button twice asks for the text that stands there already."""
    try:
        yield
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            raise
