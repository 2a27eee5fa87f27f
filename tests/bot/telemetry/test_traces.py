"""Traces: a span for each question with its stages inside it, and nothing loaded where nobody asked for them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from http_client import client_of_app
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from processes import write_config
from stub_opener import StubOpener

from bot.reply import Asker
from bot.service.service import Service
from bot.telemetry.traces import Traces
from bot.web.app import create_app
from retrieval.types import Question

SECRET = "孙蕴华接听了多少个电话"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(spans: InMemorySpanExporter) -> Traces:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Traces(provider)


def test_a_question_is_a_span_with_its_stages_inside_one_after_another(traces, spans):
    before = time.time_ns()
    traces.question("web", "answered", "abc", {"encode": 11.5, "search": 6.25, "read": 3.0, "total": 21.0}, 0.5)
    *stages, question = spans.get_finished_spans()
    assert [one.name for one in (*stages, question)] == ["wait", "encode", "search", "read", "question"]
    assert dict(question.attributes) == {
        "wenbao.face": "web", "wenbao.status": "answered", "wenbao.request_id": "abc"
    }  # fmt: skip
    assert {one.parent.span_id for one in stages} == {question.context.span_id}
    ends = [question.start_time, *(one.end_time for one in stages)]
    assert [one.start_time for one in stages] == ends[:-1]
    assert ends == sorted(ends) and ends[-1] <= question.end_time
    assert before <= question.end_time <= time.time_ns()
    assert abs(question.end_time - question.start_time - 521_000_000) < 1000


def test_a_question_over_http_is_traced_without_its_words(own_settings, traces, spans):
    service = Service(own_settings, StubOpener())
    service.traces = traces
    with client_of_app(create_app(service)) as client:
        while client.get("/readyz").status_code != 200:
            time.sleep(0.01)
        first = client.post("/ask", json={"question": SECRET}).json()
        second = client.post("/ask", json={"question": SECRET}).json()  # from memory
        assert client.post("/ask", json={"question": " "}).status_code == 422
    found = spans.get_finished_spans()
    ids = [one.attributes["wenbao.request_id"] for one in found if one.name == "question"]
    assert ids == [first["request_id"], second["request_id"]]
    assert SECRET not in "".join(one.to_json() for one in found)
    assert [one for one in found if one.end_time < one.start_time] == []


def test_a_question_that_no_request_asked_has_a_span_too(own_settings, traces, spans):
    service = Service(own_settings, StubOpener())
    service.traces = traces

    async def ask() -> None:
        await service.start()
        await service.ask(Question(SECRET), Asker("telegram", "7"))

    asyncio.run(ask())
    service.close()
    assert spans.get_finished_spans()[-1].attributes["wenbao.face"] == "telegram"


def test_after_the_end_nothing_is_traced_and_ending_again_does_no_harm(traces, spans):
    traces.close()
    traces.close()
    traces.question("web", "answered", None, {"total": 1.0}, 0.0)
    assert spans.get_finished_spans() == ()


LOADED = """
import json, sys
sys.path[:0] = ["tests/support"]
from pathlib import Path
from stub_opener import StubOpener
import bot.serving
from bot.service.service import Service
from bot.settings import load_settings
from bot.web.app import create_app
from http_client import client_of_app
with client_of_app(create_app(Service(load_settings(Path(sys.argv[1])), StubOpener()))) as client:
    while client.get("/readyz").status_code != 200:
        pass
    client.get("/ask", params={"q": "SECRET"})
print(json.dumps([name for name in sys.modules if name.startswith("opentelemetry.")]))
"""


@pytest.mark.parametrize("wanted", [{}, {"FASTAPI_OTEL_AUTO_CONFIGURE": "true"}])
def test_without_an_endpoint_nothing_that_makes_or_sends_spans_is_loaded(tmp_path, wanted):
    config = write_config(tmp_path)
    command = [sys.executable, "-c", LOADED, config]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env={**os.environ, **wanted})
    loaded = json.loads(done.stdout)  # FastAPI itself loads opentelemetry's interface, which does nothing alone
    assert [name for name in loaded if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))] == []


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch, caplog):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    traces = Traces.configured()
    traces.question("web", "answered", None, {"total": 1.0}, 0.0)
    traces.close()
    assert [record.message for record in caplog.records] == [
        "traces are asked for, but OpenTelemetry is not installed: pip install 'wenbao[otel]'"
    ]


def test_the_last_spans_are_sent_before_the_end_under_the_name_of_the_service(monkeypatch):
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        for name in (None, "our-reports"):
            if name:
                monkeypatch.setenv("OTEL_SERVICE_NAME", name)
            traces = Traces.configured()
            traces.question("web", "answered", "abc", {"total": 1.0}, 0.0)
            traces.close()
        collector.shutdown()
        thread.join()
    assert [b"question" in body for body in got] == [True, True]
    assert (b"wenbao" in got[0], b"our-reports" in got[0], b"our-reports" in got[1]) == (True, False, True)


def test_the_end_does_not_wait_long_for_a_collector_that_takes_nothing(monkeypatch, caplog):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:  # accepts, and never answers
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.server_port}")
        monkeypatch.setattr("bot.telemetry.traces.CLOSE_SECONDS", 0.3)
        traces = Traces.configured()
        traces.question("web", "answered", None, {"total": 1.0}, 0.0)
        started = time.monotonic()
        traces.close()
        assert time.monotonic() - started < 2
    assert "could not be sent" in caplog.text
