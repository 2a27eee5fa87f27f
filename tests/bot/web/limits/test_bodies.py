"""Bodies are counted as they arrive, at the interface between server and application."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from typing import Annotated

import pytest
from asgi_exchange import Exchange
from fastapi import Body, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bot.web.limits.amounts import MAX_BODY_BYTES, Limits
from bot.web.limits.bodies import Bodies
from bot.web.problems import http_error, invalid_request, problem

QUICK = Limits(piece_seconds=0.05, drain_seconds=0.05, drain_bytes=4096)
PIECE = 64 * 1024
UPLOAD = 4 * MAX_BODY_BYTES


def echo(most: int = MAX_BODY_BYTES) -> Bodies:
    """An application that answers with the length of what it was sent."""
    app = FastAPI(exception_handlers={HTTPException: http_error})

    @app.post("/")
    async def length(request: Request) -> int:
        return len(await request.body())

    return Bodies(app, lambda _: most, QUICK)


HEADERS = [
    pytest.param({}, id="no header"),
    pytest.param({"transfer-encoding": "chunked"}, id="chunked"),
    pytest.param({"content-length": "5"}, id="a smaller length"),
    pytest.param({"content-length": str(MAX_BODY_BYTES)}, id="the largest length"),
    pytest.param({"content-length": "-5"}, id="no length"),
    pytest.param({"content-length": "٥"}, id="other digits"),
]


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("most", [MAX_BODY_BYTES, UPLOAD])
def test_a_body_is_counted_as_it_arrives_and_refused_as_soon_as_it_is_too_large(headers, most):
    told = Exchange([b"x" * PIECE] * 1000, headers).run(echo(most))
    assert (told.status, told.connection) == (413, "close")
    assert told.detail == f"the request's body has more than {most:,} bytes: send at most that"
    assert told.taken == most // PIECE + 1 + 1  # the piece that is too much, and one that is dropped while we close
    assert dict(told.sent[0]["headers"])[b"content-type"] == b"application/problem+json"


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("most", [MAX_BODY_BYTES, UPLOAD])
def test_a_body_of_just_the_limit_is_taken(headers, most):
    told = Exchange([b"x" * PIECE] * (most // PIECE), headers).run(echo(most))
    assert (told.status, told.connection, told.body) == (200, None, str(most).encode())


@pytest.mark.parametrize("length", [MAX_BODY_BYTES + 1, 10**18])
def test_a_length_over_the_limit_is_refused_before_the_body_is_read(length):
    told = Exchange([b"x" * PIECE] * 9, {"content-length": str(length), "expect": "100-continue"}).run(echo())
    assert (told.status, told.connection, told.taken) == (413, "close", 0)
    assert told.detail == f"the request's body has {length:,} bytes: send at most {MAX_BODY_BYTES:,}"


def test_a_refusal_is_answered_before_the_body_is_read_and_what_follows_is_dropped():
    asked = []

    def refuse(scope):
        asked.append(scope["path"])
        return problem(401, "who are you?")

    told = Exchange([b"x" * PIECE] * 9, {"content-length": "600000"}).run(Bodies(echo(), refuse, QUICK))
    assert (told.status, told.connection, told.detail, asked) == (401, "close", "who are you?", ["/"])
    assert [message.get("more_body") for message in told.sent] == [None, True, False]
    assert told.taken == 1  # of which nothing is kept


def test_a_refused_request_without_a_body_leaves_the_connection_open():
    told = Exchange([b""]).run(Bodies(echo(), lambda _: problem(401, "who are you?"), QUICK))
    assert (told.status, told.connection, told.taken) == (401, None, 0)


@pytest.mark.parametrize("most", [MAX_BODY_BYTES, UPLOAD])
def test_a_body_that_stops_arriving_is_refused(most):
    told = Exchange([b"x" * 10], {"content-length": "20"}, ends=False).run(echo(most))
    assert (told.status, told.connection) == (408, "close")
    assert told.detail == "no more of the request's body came for 0.05 seconds: send it again"


def test_a_body_that_comes_slowly_but_steadily_is_taken():
    class Steady(Exchange):
        async def _receive(self) -> dict:
            await asyncio.sleep(0.02)
            return await super()._receive()

    assert Steady([b"x"] * 10).run(echo()).body == b"10"


def test_an_answer_before_the_end_of_the_body_ends_the_connection():
    async def hasty(scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"enough"})

    told = Exchange([b"x"] * 3).run(Bodies(hasty, lambda _: UPLOAD, QUICK))
    assert (told.body, told.connection, told.taken) == (b"enough", "close", 3)


def test_a_client_that_goes_away_is_not_answered_and_the_application_is_not_asked():
    asked = []

    async def app(scope, receive, send):
        asked.append(scope)

    told = Exchange([b"x"], ends=False, goes_away=True).run(Bodies(app, lambda _: MAX_BODY_BYTES, QUICK))
    assert (told.sent, asked) == ([], [])


def test_after_the_body_the_application_hears_of_the_clients_end_and_of_nothing_else():
    heard = []

    async def app(scope, receive, send):
        heard.extend([await receive(), await receive()])

    Exchange([b"x", b"y"], goes_away=True).run(Bodies(app, lambda _: MAX_BODY_BYTES, QUICK))
    assert heard == [{"type": "http.request", "body": b"xy", "more_body": False}, {"type": "http.disconnect"}]


def test_what_is_no_request_passes_untouched():
    seen = []

    async def app(*of):
        seen.append(of)

    asyncio.run(Bodies(app, lambda _: 0, QUICK)({"type": "lifespan"}, "receive", "send"))
    assert seen == [({"type": "lifespan"}, "receive", "send")]


def kept_bytes(what: Callable[[], object], times: int = 20) -> int:
    """Return how much more memory is taken after doing something many times, if only what nobody refers to is freed."""
    what()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            what()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize("most", [MAX_BODY_BYTES, UPLOAD])
@pytest.mark.parametrize("goes_away", [pytest.param(True, id="broken off"), pytest.param(False, id="stopped")])
def test_nothing_keeps_a_body_that_was_not_sent_to_its_end(most, goes_away):
    app = echo(most)

    def broken_off() -> None:
        Exchange([b"x" * PIECE] * 3, {"content-length": str(4 * PIECE)}, False, goes_away).run(app)

    assert kept_bytes(broken_off) < 2 * PIECE


def test_nothing_keeps_a_body_that_is_too_large():
    app = echo(UPLOAD)
    assert kept_bytes(lambda: Exchange([b"x" * PIECE] * 20).run(app)) < 2 * PIECE


@pytest.mark.parametrize("body", [b'"' * (2 * PIECE), b'{"number": "%s"}' % (b"x" * 2 * PIECE)])
def test_nothing_keeps_a_body_that_was_refused_for_what_it_says(body):
    app = FastAPI(exception_handlers={RequestValidationError: invalid_request})

    @app.post("/")
    async def wants_a_number(number: Annotated[int, Body(embed=True)]) -> int:
        return number

    bounded = Bodies(app, lambda _: MAX_BODY_BYTES, QUICK)
    json_type = {"content-type": "application/json"}
    assert Exchange([body], json_type).run(bounded).status == 422
    assert kept_bytes(lambda: Exchange([body], json_type).run(bounded)) < 2 * PIECE
