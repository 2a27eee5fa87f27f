"""The commands but for /ask, and what to say where nothing else fits."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User

from bot.service.service import Service
from bot.service.shelf import Shelf
from bot.telegram.links import Links, document_with, read_start_payload
from bot.telegram.sending import Context, Speaker
from bot.telegram.sent_answers import SentAnswers
from bot.telegram.views import (
    documents_keyboard,
    documents_view,
    examples_keyboard,
    paragraph_keyboard,
    paragraph_view,
    why_view,
)
from bot.texts import LANGUAGES

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


class Commands:
    """A method for each command, and for messages that are neither a command nor a question."""

    def __init__(self, service: Service, speaker: Speaker, sent_answers: SentAnswers, links: Links) -> None:
        self._service = service
        self._speaker = speaker
        self._sent_answers = sent_answers
        self._links = links

    @property
    def _shelf(self) -> Shelf:
        return self._service.shelf(self._service.settings.telegram.documents)

    async def start(self, update: Update, context: Context) -> None:
        """Greet, or open the paragraph that a deep link names."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        if not self._service.ready:
            await self._speaker.say(update, "tg_busy")
        elif not context.args:
            await self._greet(message, user)
        elif not await self._open(message, context.args[0]):
            await self._speaker.say(update, "tg_gone")
            await self._greet(message, user)

    async def _open(self, message: Message, payload: str) -> bool:
        """Show the paragraph that a deep link names; False if there is none."""
        identifier, number = read_start_payload(payload) or ("", 0)
        document = await document_with(identifier, self._shelf)
        if document is None or not 1 <= number <= len(document.paragraphs):
            return False
        await self._speaker.send(message, paragraph_view(document, number), paragraph_keyboard(document, number))
        return True

    async def _greet(self, message: Message, user: User) -> None:
        keyboard = examples_keyboard(await self._speaker.examples(user))
        await self._speaker.tell(message, user, "tg_start", keyboard, count=len(self._shelf.documents))

    async def help(self, update: Update, _: Context) -> None:
        """Say what the bot can do."""
        await self._speaker.say(update, "tg_help", bot=self._links.bot_username)

    async def documents(self, update: Update, _: Context) -> None:
        """List the reports, a page at a time."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        if not self._service.ready:
            await self._speaker.say(update, "tg_busy")
            return
        documents = self._shelf.documents
        view = documents_view(documents, 0, self._speaker.language(user), self._links)
        await self._speaker.send(message, view, documents_keyboard(len(documents), 0))

    async def status(self, update: Update, _: Context) -> None:
        """Say what is indexed."""
        if not self._service.ready:
            await self._speaker.say(update, "tg_busy")
            return
        shelf = self._shelf
        await self._speaker.say(
            update,
            "tg_status",
            documents=len(shelf.documents),
            passages=shelf.passages,
            generation=shelf.generation,
            encoder=shelf.encoder,
        )

    async def why(self, update: Update, _: Context) -> None:
        """Say how the last answer, or the one replied to, was found."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        replied_to = await self._sent_answers.of(message.reply_to_message)
        sent = replied_to or await self._sent_answers.last((message.chat_id, user.id))
        if sent:
            await self._speaker.send(message, why_view(sent))
        else:
            await self._speaker.say(update, "tg_why_nothing")

    async def lang(self, update: Update, _: Context) -> None:
        """Offer the languages of the bot's own words."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        row = [InlineKeyboardButton(LANGUAGE_NAMES[language], callback_data=f"g:{language}") for language in LANGUAGES]
        await self._speaker.tell(message, user, "tg_language", InlineKeyboardMarkup([row]))

    async def not_text(self, update: Update, _: Context) -> None:
        """Say what the bot can do to somebody who sent a photo or a voice in a private chat."""
        await self._speaker.say(update, "tg_not_text")

    async def unknown_command(self, update: Update, _: Context) -> None:
        """Point to /help in a private chat."""
        await self._speaker.say(update, "tg_unknown_command")
