"""The application: routes, middleware and error handlers over one Service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

from bot.service.service import Service
from retrieval.errors import WenbaoError

if TYPE_CHECKING:  # its import takes half a second, which those without a bot are spared
    from bot.telegram.application import TelegramBot
from bot.web.guard import Guard
from bot.web.problems import http_error, invalid_request, unexpected, wenbao_error
from bot.web.routes import admin, api

log = logging.getLogger("wenbao")

WEB = Path(__file__).with_name("static")
DESCRIPTION = """Ask a collection of reports; the answer is a passage, word for word, with a citation that opens the
report at that paragraph. Offsets count Unicode code points: `quote == document.text[start:end]`."""


def create_app(service: Service, telegram: TelegramBot | None = None) -> FastAPI:
    """Return the application; the service, and then the bot, start in the background when the server does."""
    app = FastAPIOffline(
        title="Wenbao 问报",
        summary="Ask the reports.",
        description=DESCRIPTION,
        version="0.1.0",
        redoc_url=None,
        favicon_url="/static/icon.svg",
        lifespan=_lifespan,
    )
    app.state.service = service
    app.state.telegram = telegram
    app.include_router(api)
    app.include_router(admin)
    if telegram and telegram.uses_webhook:
        from bot.telegram.webhook import webhook_router

        app.include_router(webhook_router(telegram))
    app.mount("/static", StaticFiles(directory=WEB), name="static")
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(WenbaoError, wenbao_error)
    app.add_exception_handler(Exception, unexpected)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Listen at once and load beside it: /healthz answers, /readyz and /ask say 503 until the index is open."""
    service: Service = app.state.service
    telegram: TelegramBot | None = app.state.telegram
    loading = asyncio.create_task(_load(service, telegram))
    yield
    service.stop_indexing()
    loading.cancel()
    with suppress(asyncio.CancelledError):
        await loading
    if telegram:
        await telegram.stop()
    await asyncio.to_thread(service.close)


async def _load(service: Service, telegram: TelegramBot | None) -> None:
    try:
        await service.start()
        log.info("ready: %d reports, generation %s", len(service.snapshot.documents), service.snapshot.generation)
        await asyncio.gather(service.run(), _start(telegram))
    except WenbaoError as error:
        log.error("%s", error)


async def _start(telegram: TelegramBot | None) -> None:
    """Start the bot, for as long as that takes; without it everything else goes on."""
    if telegram:
        try:
            await telegram.start()
        except WenbaoError as error:
            log.error("%s", error)
