"""``wenbao telegram``: the bot alone, without HTTP."""

from __future__ import annotations

import asyncio
import signal

from bot.service.memory import settle
from bot.service.service import Service
from bot.service.upkeep.background import OPENING, keep_running
from bot.telegram.application import TelegramBot


def run_bot(service: Service, token: str) -> None:
    """Answer in Telegram until SIGINT, SIGTERM or SIGHUP; answers in hand are finished.

    Raises TokenRefused for a wrong token.
    """
    asyncio.run(_run(service, token))


async def _run(service: Service, token: str) -> None:
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if name != signal.SIGHUP or signal.getsignal(name) is not signal.SIG_IGN:  # nohup ignores it
            asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    bot = TelegramBot(service, token)
    running = asyncio.create_task(_run_both(service, bot))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():  # only ever with an error
            await running
    finally:
        service.stop_indexing()
        for task in (running, stopping):
            task.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
        try:
            await bot.stop()
        finally:
            await asyncio.to_thread(service.close)


async def _run_both(service: Service, bot: TelegramBot) -> None:
    """Open the index, for as long as that takes, and keep both running; what a user must mend of the bot is raised."""
    await service.supervisor.until_done(OPENING, service.start, service.generations.changed)
    settle()
    upkeep = asyncio.create_task(service.run())
    try:
        await keep_running(service.supervisor, bot)
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
