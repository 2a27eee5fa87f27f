"""What every update goes through first."""

from __future__ import annotations

import asyncio
import logging

from telegram import Update, User
from telegram.constants import CallbackQueryLimit
from telegram.ext import ApplicationHandlerStop

from bot.service.service import Service
from bot.telegram.gate import Gate
from bot.telegram.handlers.addressing import Addressing
from bot.telegram.sending import Context, Speaker

log = logging.getLogger("wenbao.telegram")


class Admission:
    """Lets through what is new, for the bot, from somebody who may ask and is not in a hurry."""

    def __init__(self, gate: Gate, speaker: Speaker, addressing: Addressing, service: Service) -> None:
        self._service = service
        self._gate = gate
        self._speaker = speaker
        self._addressing = addressing

    async def admit(self, update: Update, _: Context) -> None:
        """Stop repeated and stale updates, messages for others, strangers with a polite line, and people in a hurry."""
        user, message = update.effective_user, update.message
        if not self._gate.is_new(update) or user is None or message and not self._addressing.is_addressed(message):
            raise ApplicationHandlerStop
        if not self._gate.admits(user.id, update.effective_chat.id if update.effective_chat else None):
            await self._turn_away(update, user)
            raise ApplicationHandlerStop
        if message and not await self._gate.has_room(user.id):
            self._service.metrics.refused("telegram", 429)
            log.info("user %s asks too fast: not answered", self._service.pseudonyms.of(user.id))
            if self._gate.tells(user.id):
                await self._speaker.say(update, "tg_too_fast")
            raise ApplicationHandlerStop

    async def _turn_away(self, update: Update, user: User) -> None:
        self._service.metrics.refused("telegram", 403)
        if self._gate.notes(user.id):
            who = self._service.pseudonyms.of(user.id)
            await asyncio.to_thread(self._service.audit.record, "telegram", who, "ask", "refused: not on the list")
        if update.inline_query:
            await update.inline_query.answer([], cache_time=0, is_personal=True)
        elif update.callback_query:
            line = self._speaker.words(user, "tg_stranger", id=user.id)
            await update.callback_query.answer(line[: CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH])
        elif update.message and self._gate.tells(user.id):
            await self._speaker.say(update, "tg_stranger", id=user.id)
