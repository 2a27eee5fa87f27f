"""The application: routes, middleware and error handlers over one Service."""

from __future__ import annotations

import asyncio
import importlib.metadata
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from bot.access.keys import Keys
from bot.access.sessions import Sessions
from bot.service.service import Service
from bot.service.upkeep.background import OPENING, Background, keep_running
from bot.web.entry.door import Door
from bot.web.entry.hosts import as_browsers_write
from bot.web.entry.key_routes import keys
from bot.web.entry.rates import Rates
from bot.web.entry.recognition import Recognition
from bot.web.entry.refusals import Refusals
from bot.web.entry.sign_in import sign_in
from bot.web.guard import Guard
from bot.web.limits.amounts import Limits
from bot.web.limits.bodies import Bodies
from bot.web.limits.uploads import body_limit
from bot.web.picture_routes import pictures
from bot.web.problems import http_error, invalid_request, unexpected, wenbao_error
from bot.web.report_routes import reports
from bot.web.routes import admin, api
from bot.web.shapes.description import described
from bot.web.state_routes import state
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

STATIC = Path(__file__).with_name("static")
DESCRIPTION = """Ask a collection of reports; the answer is a passage, word for word, with a citation that opens the
report at that paragraph. Offsets count Unicode code points: `quote == document.text[start:end]`."""


NO_SPANS = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own spans would hold the query of an address, which is a question; bot.telemetry.traces makes ours."""


def create_app(
    service: Service,
    routers: Sequence[APIRouter] = (),
    background: Sequence[Background] = (),
    limits: Limits | None = None,
) -> FastAPI:
    """Return the application. When it starts, the service starts in the background, and then what runs beside it."""
    app = FastAPIOffline(
        title="Wenbao 问报",
        summary="Ask the reports.",
        description=DESCRIPTION,
        version=importlib.metadata.version("wenbao"),
        redoc_url=None,
        favicon_url="/static/icon.svg",
        lifespan=_lifespan,
        telemetry=NO_SPANS,
    )
    app.state.service = service
    app.state.rates = Rates(service.settings.server.questions_per_minute)
    ring = Keys(service.state)
    app.state.recognition = Recognition.of(ring, Sessions(ring, service.pseudonyms), service.settings.server.access)
    app.state.refusals = Refusals(service)
    app.state.background = tuple(background)
    # whatever follows an id is asked for first
    for router in (pictures, api, state, sign_in, keys, reports, admin, *routers):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Bodies, limit_of=body_limit, limits=limits or Limits())
    app.add_middleware(Door, service=service, recognition=app.state.recognition, refusals=app.state.refusals)
    if service.settings.server.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=[as_browsers_write(origin) for origin in service.settings.server.allowed_origins],
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"],
        )
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(WenbaoError, wenbao_error)
    app.add_exception_handler(Exception, unexpected)
    app.openapi = described(app, service.settings.server.access)  # type: ignore[method-assign]
    refused = partial(service.metrics.refused, "web")
    app.middleware_stack = Guard(app.build_middleware_stack(), refused)  # around what answers 500, as no middleware is
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Listen at once and load meanwhile: /healthz answers, /readyz and /ask say 503 until the index is open."""
    service: Service = app.state.service
    background: Sequence[Background] = app.state.background
    loading = asyncio.create_task(_load(service, background))
    yield
    service.stop_indexing()
    loading.cancel()
    with suppress(asyncio.CancelledError):
        await loading
    for one in background:
        await _stop(one)
    await asyncio.to_thread(service.close)


async def _stop(background: Background) -> None:
    """Stop it; what fails then must not keep the rest from stopping."""
    try:
        await background.stop()
    except Exception:
        log.exception("%s did not stop as it should", type(background).__name__)


async def _load(service: Service, background: Sequence[Background]) -> None:
    await service.supervisor.until_done(OPENING, service.start, service.generations.changed)
    log.info("ready: %d reports, generation %s", len(service.snapshot.documents), service.snapshot.generation)
    await asyncio.gather(service.run(), *(_start(service, one) for one in background))


async def _start(service: Service, background: Background) -> None:
    """Let it run; what a user must mend is not tried again but shown, and everything else goes on."""
    try:
        await keep_running(service.supervisor, background)
    except WenbaoError as error:
        log.error("%s", error)
        service.supervisor.note(background.work, str(error))
