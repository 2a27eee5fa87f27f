"""A span for each question and its stages, sent by OTLP over HTTP, for who installed the extra ``otel``.

Where to is said by OpenTelemetry's own variables, such as OTEL_EXPORTER_OTLP_ENDPOINT; without one nothing is traced.
No span holds the words of a question.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger("wenbao")

CLOSE_SECONDS = 3.0
"""How long the end of the process waits for whoever takes the traces, which may be down."""
NAMES = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Traces:
    """Makes spans with the tracer of a provider; without one it does nothing."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("wenbao") if provider else None

    @classmethod
    def configured(cls) -> Traces:
        """Return what sends spans to where the environment says, if it says so and OpenTelemetry is installed."""
        if not any(map(os.environ.get, ENDPOINTS)):
            return cls()
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            log.warning("traces are asked for, but OpenTelemetry is not installed: pip install 'wenbao[otel]'")
            return cls()
        name = {} if any(map(os.environ.get, NAMES)) else {"service.name": "wenbao"}
        provider = TracerProvider(resource=Resource.create(name))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider)

    def close(self) -> None:
        """Send what waits to be sent, for at most CLOSE_SECONDS, and end; safe to call again."""
        if self._provider is None:
            return
        provider, self._provider, self._tracer = self._provider, None, None
        closing = threading.Thread(target=provider.shutdown, name="wenbao-traces", daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        if closing.is_alive():
            log.warning("the last traces could not be sent within %.0f s and are lost", CLOSE_SECONDS)

    def question(
        self, face: str, status: str, request_id: str | None, timings_ms: Mapping[str, float], waited: float
    ) -> None:
        """Note a question that was answered just now: how long it waited, and the milliseconds of its stages."""
        tracer = self._tracer
        if tracer is None:
            return
        ended = time.time_ns()
        lasting = {"wait": waited * 1000, **{name: ms for name, ms in timings_ms.items() if name != "total"}}
        whole = max(sum(lasting.values()), waited * 1000 + timings_ms.get("total", 0.0))
        at = ended - int(whole * 1e6)
        known = {"wenbao.face": face, "wenbao.status": status, "wenbao.request_id": request_id or ""}
        with tracer.start_as_current_span("question", start_time=at, end_on_exit=False, attributes=known) as span:
            for stage, milliseconds in lasting.items():
                child = tracer.start_span(stage, start_time=at)
                at += int(milliseconds * 1e6)
                child.end(at)
            span.end(ended)
