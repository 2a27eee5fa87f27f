"""HTTP: how the server is, for people, load balancers and Prometheus."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from bot.service.service import Service
from bot.service.shelf import bare_name
from bot.service.upkeep.upkeep import LOOPS
from bot.telemetry.metrics import CONTENT_TYPE_LATEST, Gauge
from bot.web.dependencies import CallerDependency, ServiceDependency
from bot.web.problems import ERRORS
from bot.web.redaction import without_paths
from bot.web.shapes.reports import StatusResponse
from retrieval.index.manifest import Manifest

state = APIRouter(tags=["state"])


@state.get("/status", response_model=StatusResponse, response_model_exclude_unset=True)
async def status(service: ServiceDependency, caller: CallerDependency) -> dict[str, Any]:
    """Say what is indexed, by which encoder, and what is wrong; only administrators are told names of files."""
    found = await service.status()
    if service.ready and caller.documents is not None:
        shelf = service.shelf(caller.documents)
        found = replace(found, documents=len(shelf.documents), passages=shelf.passages)
    if not caller.may("admin"):
        problems = without_paths(found.problems, service.settings)
        found = replace(found, problems=problems, encoder=bare_name(found.encoder))
    return found.as_json()


@state.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}


@state.get("/readyz", responses={503: ERRORS[503]})
async def readyz(service: ServiceDependency) -> dict[str, Any]:
    """Say whether questions can be answered now, 503 until then; "degraded" where something else does not work."""
    service.check()
    generation, degraded = service.snapshot.generation, service.degraded
    if degraded:
        return {"status": "degraded", "generation": generation, "problems": list(degraded)}
    return {"status": "ready", "generation": generation}


@state.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
async def metrics(service: ServiceDependency) -> Response:
    """Return figures in Prometheus's text format."""
    found = await asyncio.to_thread(service.metrics.exposition, _gauges(service))
    return Response(found, media_type=CONTENT_TYPE_LATEST)


def _gauges(service: Service) -> list[Gauge]:
    """Return the figures of this moment."""
    found = [
        Gauge("wenbao_ready", "Whether questions can be answered.", service.ready),
        Gauge("wenbao_queue", "Questions that wait for their turn.", service.workers.turns.waiting),
        Gauge("wenbao_in_hand", "Questions that wait or are worked on.", service.workers.turns.in_hand),
    ]
    failing = service.degraded
    for work in dict.fromkeys((*LOOPS, *failing)):  # Prometheus refuses everything where a series stands twice
        what = "Background work that fails."
        found.append(Gauge("wenbao_background_failing", what, work in failing, {"work": work}))
    return [*found, *_of_index(service.snapshot.manifest)] if service.ready else found


def _of_index(manifest: Manifest) -> list[Gauge]:
    age = (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(manifest.created)).total_seconds()
    number = int(manifest.generation.partition("-")[0])  # the whole name as a label would be a new series each time
    return [
        Gauge("wenbao_documents", "Reports that are indexed.", manifest.documents),
        Gauge("wenbao_passages", "Passages that are indexed.", manifest.passages),
        Gauge("wenbao_index_age_seconds", "Since the index that answers was made.", age),
        Gauge("wenbao_generation", "The number of the generation that answers.", number),
    ]
