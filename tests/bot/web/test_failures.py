"""Answers to what went wrong look like any other."""

from __future__ import annotations

import asyncio
import gc

import pytest
from fastapi import APIRouter
from http_client import client_of_app
from starlette.exceptions import HTTPException
from stub_opener import StubOpener

from bot.service.memory import THRESHOLDS, settle
from bot.service.service import Service
from bot.web.app import create_app
from bot.web.guard import HEADERS
from bot.web.problems import forget_frames, http_error

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
