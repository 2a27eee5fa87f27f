"""The bot as a whole: its connections, its handlers, and starting and stopping beside other things in an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from telegram import Update
from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.service.service import Service
from bot.settings import ConfigurationError
from bot.telegram.gate import Gate, OneAtATime
from bot.telegram.handlers.addressing import Addressing
from bot.telegram.handlers.admin import AdminHandlers
from bot.telegram.handlers.admission import Admission
from bot.telegram.handlers.buttons import Buttons
from bot.telegram.handlers.commands import Commands
from bot.telegram.handlers.failures import Failures
from bot.telegram.handlers.inline import Inline
from bot.telegram.handlers.questions import Questions
from bot.telegram.links import Links
from bot.telegram.menu import publish_commands
from bot.telegram.rate_limit import PatientRateLimiter, PollingRequest, reason_of, told_to_wait
from bot.telegram.sending import Speaker
from bot.telegram.sent_answers import SentAnswers
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao.telegram")

ALLOWED_UPDATES = ["message", "callback_query", "inline_query"]
LONGEST_PAUSE_SECONDS = 30.0
STOP_SECONDS = 25.0
"""How long answers in hand may take after the bot is told to stop; service managers kill at 30 s or later."""
CONNECTIONS = 64
WEBHOOK_PATH = "/telegram/webhook"

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


class TokenRefused(WenbaoError):
    """Telegram does not know the bot's token."""


class TelegramBot:
    """A bot that can be started and stopped inside a running event loop.

    ConfigurationError if it is to be called by Telegram but nobody said where.
    """

    work = "Telegram"

    def __init__(self, service: Service, token: str) -> None:
        settings = service.settings.telegram
        if settings.mode == "webhook" and not service.settings.server.public_url:
            raise ConfigurationError("telegram.mode webhook needs server.public_url, the https address of this server")
        self._service = service
        self._token = token
        self._refused = partial(service.metrics.refused, "telegram")
        self._links = Links(service.settings.server.public_url)
        self._polling = PollingRequest(settings.proxy, self._tell)
        self.application = self._build(token)
        self._add_handlers()

    @property
    def uses_webhook(self) -> bool:
        """Whether Telegram calls this machine, instead of being polled."""
        return self._service.settings.telegram.mode == "webhook"

    @property
    def webhook_secret(self) -> str:
        """What Telegram must send with every update: known to nobody without the token, the same after a restart."""
        return hmac.new(self._token.encode(), b"wenbao webhook", hashlib.sha256).hexdigest()

    def _build(self, token: str) -> AnyApplication:
        settings = self._service.settings.telegram
        builder = (
            Application.builder()
            .token(token)
            .base_url(settings.api_base_url)
            .base_file_url(settings.api_base_url.removesuffix("/bot") + "/file/bot")
            .get_updates_request(self._polling)
            .concurrent_updates(OneAtATime(self._service.pseudonyms.of, self._refused))
            .rate_limiter(PatientRateLimiter(named=self._service.pseudonyms.of))
            .connection_pool_size(CONNECTIONS)
            .connect_timeout(10)
            .read_timeout(20)
            .write_timeout(20)
            .pool_timeout(60)
            .job_queue(None)
        )
        if settings.proxy:
            builder = builder.proxy(settings.proxy)
        return builder.updater(None).build() if self.uses_webhook else builder.build()

    def _add_handlers(self) -> None:
        """Make the handlers, and say which of them sees to what; of several that fit an update, the first does."""
        service, links, settings = self._service, self._links, self._service.settings
        gate = Gate(settings.telegram, time.time())
        sees = settings.telegram.documents
        speaker = Speaker(lambda: service.examples(sees))
        sent_answers = SentAnswers(service.notebook, settings.conversation.minutes * 60, sees)
        addressing = Addressing(links)
        questions = Questions(service, speaker, sent_answers, links, addressing)
        commands = Commands(service, speaker, sent_answers, links)
        buttons = Buttons(service, speaker, sent_answers, links, gate, questions)
        by_command = {
            "ask": questions.ask,
            "documents": commands.documents,
            "status": commands.status,
            "why": commands.why,
            "lang": commands.lang,
            "help": commands.help,
            "start": commands.start,
        }
        add, new = self.application.add_handler, filters.UpdateType.MESSAGE
        add(TypeHandler(Update, Admission(gate, speaker, addressing, service).admit), group=-1)
        for name, handler in by_command.items():
            add(CommandHandler(name, handler, filters=new))
        self._add_admin_handlers(speaker)
        add(CallbackQueryHandler(buttons.example, pattern="^e:"))
        add(CallbackQueryHandler(buttons.without_dates, pattern="^d$"))
        add(CallbackQueryHandler(buttons.button))
        add(InlineQueryHandler(Inline(service, speaker, links).inline))
        add(MessageHandler(new & filters.TEXT & ~filters.COMMAND, questions.message))
        private = new & filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL
        add(MessageHandler(private & filters.COMMAND, commands.unknown_command))
        add(MessageHandler(private & ~filters.TEXT, commands.not_text))
        self.application.add_error_handler(Failures(speaker, self._refused).failed)

    def _add_admin_handlers(self, speaker: Speaker) -> None:
        admins = filters.User(user_id=self._service.settings.telegram.admins)
        private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & admins
        admin, add = AdminHandlers(self._service, speaker.say), self.application.add_handler
        add(CommandHandler("remove", admin.remove, filters=private))
        add(CommandHandler("reindex", admin.reindex, filters=private))
        add(MessageHandler(private & filters.Document.ALL, admin.document))
        add(MessageHandler(private & filters.PHOTO, admin.photo))

    # Starting and stopping

    async def start(self) -> None:
        """Say hello to Telegram, for as long as it takes, and begin to listen; TokenRefused for a wrong token."""
        url = self._service.settings.server.public_url
        if url and not self._links.lead_to_pages:
            log.warning("Telegram takes no links to the host of server.public_url (%s): sources are not linked", url)
        await self._patiently("start", self.application.initialize)
        me = self.application.bot
        self._links.bot_username = me.username
        if not self.application.running:  # it is, where an earlier start failed after this
            await self.application.start()
        if self.uses_webhook:
            await self._patiently("set the webhook", self._set_webhook)
        else:
            await self._poll()
        log.info("answering in Telegram as @%s", me.username)
        await publish_commands(me, self._service.settings.telegram.admins)

    async def _patiently(self, what: str, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        pause = 1.0
        while True:
            try:
                await work()
                self._tell(None)
                return
            except (InvalidToken, EndPointNotFound):
                raise _token_refused() from None  # the library puts the token into its message
            except TelegramError as error:
                wait = told_to_wait(error) or pause
                self._tell(f"Telegram cannot be reached to {what} ({reason_of(error)})")
                log.warning(
                    "Telegram cannot be reached to %s (%s): trying again in %.1f s", what, reason_of(error), wait
                )
                await asyncio.sleep(wait)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _tell(self, says: str | None) -> None:
        """Let the server's status say what fails, or that nothing does any longer."""
        supervisor = self._service.supervisor
        if says is None:
            supervisor.recovered(self.work)
        else:
            supervisor.note(self.work, says)

    async def run(self) -> None:
        """Wait until Telegram refuses the token, which ends the polling; raises TokenRefused then."""
        await self._polling.refused.wait()
        raise _token_refused()

    async def _poll(self) -> None:
        assert self.application.updater
        if self.application.updater.running:  # it is, where an earlier start failed after this
            return
        await self.application.updater.start_polling(
            allowed_updates=ALLOWED_UPDATES, bootstrap_retries=-1, error_callback=self._polling_failed
        )

    def _polling_failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            log.error("another process reads this bot's messages (409): end it; trying again")
        else:
            log.warning("Telegram cannot be polled (%s): trying again", reason_of(error))

    async def _set_webhook(self) -> None:
        base = self._service.settings.server.public_url or ""
        await self.application.bot.set_webhook(
            base.rstrip("/") + WEBHOOK_PATH, allowed_updates=ALLOWED_UPDATES, secret_token=self.webhook_secret
        )

    async def receive(self, update: dict[str, Any]) -> None:
        """Take an update that Telegram posted to the webhook."""
        await self.application.update_queue.put(Update.de_json(update, self.application.bot))

    async def stop(self) -> None:
        """Stop listening, finish the answers in hand, and close the connections."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._finish()
        except TimeoutError:
            log.error("some answers could not be sent within %.0f s and are lost", STOP_SECONDS)
        if not self.application.running:
            await self.application.shutdown()

    async def _finish(self) -> None:
        if self.application.updater and self.application.updater.running:
            with contextlib.suppress(InvalidToken):  # what ended the polling
                await self.application.updater.stop()
        if self.application.running:
            await self.application.stop()


def _token_refused() -> TokenRefused:
    return TokenRefused("Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather (/mybots)")
