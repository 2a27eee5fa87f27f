"""Questions in words, and sending what they find."""

from __future__ import annotations

from dataclasses import replace

from telegram import Message, Update, User

from bot.reply import Asker
from bot.service.service import Service
from bot.service.upkeep.generations import NotReady
from bot.service.working.turns import Overloaded, TooManyQuestions
from bot.telegram.handlers.addressing import Addressing
from bot.telegram.links import Links
from bot.telegram.sending import Context, Speaker
from bot.telegram.sent_answers import SentAnswer, SentAnswers
from bot.telegram.views import answer_keyboard, answer_view
from retrieval.errors import QuestionInvalid
from retrieval.types import MAX_QUESTION_CHARACTERS, Question


class Questions:
    """Answers messages that ask something, and on behalf of Buttons those who press an example or a time."""

    def __init__(
        self, service: Service, speaker: Speaker, sent_answers: SentAnswers, links: Links, addressing: Addressing
    ) -> None:
        self._service = service
        self._speaker = speaker
        self._sent_answers = sent_answers
        self._links = links
        self._addressing = addressing

    async def message(self, update: Update, _: Context) -> None:
        """Answer any text in a private chat; in groups only what is addressed to the bot."""
        message, user = update.message, update.effective_user
        if message is None or user is None:
            return
        words = self._addressing.question_in(message.text or "")
        if words:
            await self.answer(message, user, words, await self._sent_answers.of(message.reply_to_message))
        else:
            await self._speaker.say(update, "tg_ask_usage")

    async def ask(self, update: Update, context: Context) -> None:
        """Answer ``/ask question``; as a bare reply to somebody, answer what they wrote."""
        message, user = update.message, update.effective_user
        pointed_at = message.reply_to_message if message else None
        is_own = self._addressing.is_own(pointed_at)
        written = (pointed_at.text or pointed_at.caption or "") if pointed_at and not is_own else ""
        words = self._addressing.question_in(written)
        if message and user and words and not self._addressing.question_in(message.text or ""):
            await self.answer(message, user, words)
        else:
            await self.message(update, context)

    async def answer(
        self, message: Message, user: User, words: str, replied_to: SentAnswer | None = None, *, echo: bool = False
    ) -> None:
        """Answer ``words`` in the chat of ``message``, as a follow-up if they lean on something.

        That is the answer replied to or else the last one; ``echo`` shows the question above its answer.
        """
        if replied_to:
            question = Question(words, explain=True, before=replied_to.reply.turn, is_reply=True)
        else:
            question = Question(words, explain=True)
        await self._answer(message, user, question, follows_last=replied_to is None, echo=echo)

    async def answer_without_dates(self, message: Message, user: User, sent: SentAnswer) -> None:
        """Answer a question again, following what it followed, without the times that it names."""
        question = replace(sent.reply.question, use_dates=False)
        await self._answer(message, user, question, follows_last=False, echo=True)

    async def _answer(
        self, message: Message, user: User, question: Question, *, follows_last: bool, echo: bool
    ) -> None:
        conversation = message.chat_id, user.id
        asker = Asker("telegram", str(user.id), self._service.settings.telegram.documents)
        try:
            async with self._speaker.typing(message):
                reply = await self._service.converse(question, conversation, asker, follows_last=follows_last)
        except QuestionInvalid:
            await self._refuse(message, user, question)
            return
        except (Overloaded, TooManyQuestions, NotReady):
            await self._speaker.tell(message, user, "tg_busy")
            return
        sent = SentAnswer(reply, self._speaker.language(user), echo)
        keyboard = answer_keyboard(sent, 0, votes=self._service.feedback.keep)
        messages = await self._speaker.send(message, answer_view(sent, 0, self._links), keyboard)
        await self._sent_answers.keep(conversation, messages, sent)

    async def _refuse(self, message: Message, user: User, question: Question) -> None:
        """Say why a question is not accepted."""
        count, limit = len(question.text), MAX_QUESTION_CHARACTERS
        if count > limit:
            values = {"count": count, "limit": limit, "excess": count - limit}
            await self._speaker.tell(message, user, "question_too_long", **values)
        else:
            await self._speaker.tell(message, user, "question_empty")
