"""What happens when a handler fails."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from telegram import Update
from telegram.error import TelegramError

from bot.telegram.rate_limit import reason_of
from bot.telegram.sending import Context, Speaker

log = logging.getLogger("wenbao.telegram")


class Failures:
    """Logs what went wrong, and tells who was waiting; ``refused`` is called with an HTTP status."""

    def __init__(self, speaker: Speaker, refused: Callable[[int], None] = lambda status: None) -> None:
        self._speaker = speaker
        self._refused = refused

    async def failed(self, update: object, context: Context) -> None:
        """Log the error, with a traceback unless Telegram or the network is to blame, and say that there was one."""
        error = context.error
        if isinstance(error, TelegramError):
            log.error("Telegram did not take an answer: %s", reason_of(error))
            return
        log.error("an update could not be handled", exc_info=error)
        self._refused(500)
        if isinstance(update, Update):
            with contextlib.suppress(TelegramError):
                await self._speaker.say(update, "tg_failed")
