"""Answers to what went wrong look like any other."""

from __future__ import annotations

import asyncio
import gc
import logging
import zipfile

import pytest
from fastapi import APIRouter
from http_client import client_of_app
from starlette.exceptions import HTTPException
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.memory import THRESHOLDS, settle
from bot.service.service import Service
from bot.telemetry import logs
from bot.web.app import create_app
from bot.web.guard import HEADERS
from bot.web.problems import forget_frames, http_error
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Answer, Question

router = APIRouter()


@router.get("/broken")
async def broken() -> None:
    raise RuntimeError("a fault of ours")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/broken", 500), ("GET", "/nowhere", 404), ("POST", "/documents", 403), ("GET", "/healthz", 200)],
)
def test_every_answer_keeps_a_browser_to_this_server(stub_settings, monkeypatch, method, path, status):
    monkeypatch.delenv("WENBAO_ADMIN_TOKEN", raising=False)
    with client_of_app(
        create_app(Service(stub_settings, StubOpener()), [router]), raise_server_exceptions=False
    ) as client:
        response = client.request(method, path)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_a_failure_is_a_problem_that_tells_nothing(stub_settings):
    with client_of_app(
        create_app(Service(stub_settings, StubOpener()), [router]), raise_server_exceptions=False
    ) as client:
        response = client.get("/broken")
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "something went wrong here; the server's log says what"


def test_a_failure_is_logged_and_counted_under_the_id_that_its_answer_has(stub_settings):
    service = Service(stub_settings, StubOpener())
    seen: list[tuple[str, str | None]] = []

    class Seeing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage(), logs.request_id.get()))

    with client_of_app(create_app(service, [router]), raise_server_exceptions=False) as client:
        log, handler = logging.getLogger("wenbao"), Seeing()
        log.addHandler(handler)
        try:
            response = client.get("/broken")
        finally:
            log.removeHandler(handler)
    assert ("GET /broken failed", response.headers["X-Request-ID"]) in seen
    assert b'wenbao_refusals_total{code="500",face="web"} 1.0' in service.metrics.exposition([])


def test_what_is_logged_while_an_answer_is_made_is_about_its_request(own_settings):
    seen: list[str | None] = []

    class Telling(StubAnswerer):
        def ask(self, question: Question) -> Answer:
            seen.append(logs.request_id.get())
            return super().ask(question)

    opener = StubOpener(lambda settings: Telling(load_snapshot(settings.index.path), StubEncoder()))
    with client_of_app(create_app(Service(own_settings, opener))) as client:
        while client.get("/readyz").status_code != 200:
            pass
        answer = client.post("/ask", json={"question": "温海波站了几个小时？"}).json()
    assert seen[-1] == answer["request_id"]


def test_a_report_in_an_archive_and_a_key_of_a_name_that_is_taken_are_conflicts(own_settings, tmp_path, monkeypatch):
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    (tmp_path / "corpus").mkdir()
    with zipfile.ZipFile(tmp_path / "corpus" / "packed.zip", "w") as archive:
        archive.writestr("a.txt", "题目\n\n一段话。\n")
    corpus = own_settings.corpus.model_copy(update={"paths": (tmp_path / "corpus",), "watch": False})
    settings = own_settings.model_copy(update={"corpus": corpus})
    admin = {"Authorization": "Bearer open sesame, please"}
    with client_of_app(create_app(Service(settings, StubOpener())), headers=admin) as client:
        while client.get("/readyz").status_code != 200:
            pass
        assert client.post("/index", params={"yes": "true"}).json()["documents"] == 1
        key = {"name": "press", "scope": "read"}
        responses = [
            client.delete("/documents/packed/a"),
            client.post("/keys", json=key),
            client.post("/keys", json=key),
        ]
    assert [response.status_code for response in responses] == [409, 201, 409]
    assert "stands in the archive" in responses[0].json()["detail"]


def test_an_error_that_was_answered_lets_go_of_its_frames_and_of_those_of_its_causes():
    def fails(error: Exception) -> Exception:
        try:
            try:
                raise KeyError("first")
            except KeyError:
                raise ValueError("second") from OSError("the cause")
        except ValueError as second:
            error.__cause__ = second
            second.__context__.__context__ = second  # as a circle of errors may come about
            try:
                raise error
            except RuntimeError as raised:
                return raised

    error = fails(RuntimeError("third"))
    second = error.__cause__
    assert None not in (error.__traceback__, second.__traceback__, second.__context__.__traceback__)
    forget_frames(error)
    assert (error.__traceback__, second.__traceback__, second.__context__.__traceback__) == (None, None, None)


def test_an_error_is_answered_without_its_frames():
    try:
        raise HTTPException(418, "no coffee")
    except HTTPException as error:
        refused = error
    assert asyncio.run(http_error(None, refused)).status_code == 418
    assert refused.__traceback__ is None


def test_a_settled_process_looks_for_garbage_often_and_not_through_what_it_started_with():
    before, circle = gc.get_threshold(), []
    circle.append(circle)
    try:
        gc.set_threshold(100_000, 20, 100)
        settle()
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 10_000
        assert gc.get_count()[0] < THRESHOLDS[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
