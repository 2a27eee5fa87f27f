"""Wrong tokens slow their sender down, and what is written of refusals is bounded and names no address."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest
from guarded_app import bearer, running, token_of, with_server
from starlette.datastructures import Headers
from stub_opener import StubOpener

from bot.access.caller import Caller
from bot.access.keys import Keys
from bot.access.pseudonyms import Pseudonyms
from bot.access.sessions import Sessions
from bot.service.service import Service
from bot.state import SqliteState
from bot.web.entry.recognition import MOST_FAILURES, Recognition, WrongToken
from bot.web.entry.refusals import Refusals

ADMIN_TOKEN = "open sesame, please"


@pytest.fixture
def ring(tmp_path) -> Keys:
    return Keys(SqliteState(tmp_path))


def recognition_of(ring: Keys) -> Recognition:
    sessions = Sessions(ring, Pseudonyms(SqliteState(ring.add("any", "ask")[0] and ring._state.file.parent)))
    found = Recognition.of(ring, sessions, "open")
    return Recognition(found.keys, found.sessions, found.access, found.failures, lambda: ADMIN_TOKEN)


async def told(recognition: Recognition, token: str, address: str = "10.0.0.1") -> object:
    try:
        return await recognition.caller(Headers({"authorization": f"Bearer {token}"}), address)
    except WrongToken as wrong:
        return "too many" if wrong.too_many else "wrong"


def test_each_wrong_token_takes_longer_and_after_ten_none_is_looked_at(ring, monkeypatch):
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)

    recognition, (key, token) = recognition_of(ring), ring.add("press", "read")

    async def visit() -> list[object]:
        monkeypatch.setattr(asyncio, "sleep", noted)
        before = [await told(recognition, f"guess {n}") for n in range(MOST_FAILURES - 1)]
        valid = await told(recognition, token)
        rest = [await told(recognition, one) for one in ("guess", "guess", token, ADMIN_TOKEN)]
        elsewhere = [await told(recognition, token, "10.0.0.2"), await told(recognition, "guess", "10.0.0.2")]
        return [before, valid, rest, elsewhere]

    holder = Caller.with_key(key)
    admin = Caller("key:admin", "admin")
    assert asyncio.run(visit()) == [
        ["wrong"] * 9,
        holder,
        ["wrong", "too many", "too many", admin],
        [holder, "wrong"],
    ]
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.0, 3.0, 3.0, 3.0, 3.0, 0.1]


def test_a_hundred_tokens_at_once_are_no_more_than_ten(ring):
    looked: list[str] = []

    class Watched(Keys):
        def find(self, token):
            looked.append(token)
            time.sleep(0.001)

    recognition = recognition_of(ring)
    recognition = Recognition(Watched(ring._state), recognition.sessions, "open", recognition.failures, lambda: None)

    async def flood() -> list[object]:
        return await asyncio.gather(*(told(recognition, f"guess {n}") for n in range(100)))

    found = asyncio.run(flood())
    assert (len(looked), found.count("wrong"), found.count("too many")) == (MOST_FAILURES, 10, 90)
    assert len(recognition.looking) == 0


def test_addresses_of_one_ipv6_network_are_one_client(ring):
    recognition = recognition_of(ring)

    async def visit() -> None:
        await told(recognition, "guess", "2001:db8::1")
        await told(recognition, "guess", "2001:db8::2")

    asyncio.run(visit())
    assert list(recognition.failures.values()) == [2]


def test_what_is_no_bearer_token_is_meant_for_somebody_else(ring):
    recognition = recognition_of(ring)
    sent = ["Basic dXNlcjpzZWNyZXQ=", "", "Digest x", "basic", "Negotiate abc"]
    found = [asyncio.run(recognition.caller(Headers({"authorization": one}), "10.0.0.1")) for one in sent]
    assert found == [Caller("10.0.0.1", "read")] * 5
    assert len(recognition.failures) == 0


def test_over_http_wrong_tokens_are_refused_and_written_down_once(own_settings, caplog):
    token = token_of(own_settings, "press", "read")
    wrong = ["guess", "密".encode(), b"\xff" * 50, "x" * 20_000, f"{token} ", f"{token}x", ""]
    with running(own_settings) as client, caplog.at_level(logging.WARNING, "wenbao"):
        headers = [{"Authorization": b"Bearer " + (one if isinstance(one, bytes) else one.encode())} for one in wrong]
        assert [client.get("/documents", headers=one).status_code for one in headers] == [
            401,
            401,
            401,
            401,
            200,
            401,
            401,
        ]
        assert client.get("/documents", headers=bearer(token)).status_code == 200
    audit = (own_settings.index.path / "audit.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in audit.splitlines()]
    assert [(one["face"], one["what"], one["result"]) for one in lines] == [("web", "GET /documents", "refused 401")]
    said = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert said == [f"refused GET /documents of {lines[0]['who']}: 401"]
    assert "testclient" not in audit + "".join(said)


# What is written down


@pytest.fixture
def service(own_settings):
    service = Service(own_settings, StubOpener())
    yield service
    service.close()


def written(service: Service) -> list[dict]:
    return [json.loads(line) for line in (service.settings.index.path / "audit.jsonl").read_text("utf-8").splitlines()]


def test_nobody_fills_the_audit_with_paths_of_their_choice(service, caplog):
    refusals = Refusals(service, most_of_one=3, most=8)

    async def flood() -> None:
        for n in range(20):
            await refusals.note(None, "10.0.0.1", f"GET /{n}", 401)
            await refusals.note(None, "10.0.0.1", "GET /0", 401)
        for n in range(20):
            await refusals.note(None, f"10.0.1.{n}", "GET /", 401)

    asyncio.run(flood())
    first = service.pseudonyms.of("10.0.0.1")
    assert [one["who"] for one in written(service)].count(first) == 3
    assert len(written(service)) == 8
    assert [record.getMessage() for record in caplog.records if "over" in record.getMessage()] == [
        "over 8 refusals in a minute: the others of this minute are only counted"
    ]


def test_a_key_is_named_and_an_address_is_not_and_no_path_begins_a_line(service, caplog):
    refusals = Refusals(service)

    async def refused() -> None:
        await refusals.note("编辑部", "10.0.0.1", "POST /index", 403)
        await refusals.note(None, "10.0.0.1", "GET /x\n2026-01-01 ERROR wenbao: 假的\u2028", 421)

    asyncio.run(refused())
    key, other = written(service)
    assert (key["who"], key["what"], key["result"]) == ("编辑部", "POST /index", "refused 403")
    assert (other["who"], other["what"]) == (
        service.pseudonyms.of("10.0.0.1"), "GET /x\n2026-01-01 ERROR wenbao: 假的\u2028",
    )  # fmt: skip
    assert [len(record.getMessage().splitlines()) for record in caplog.records] == [1, 1]


# Questions a minute


def test_a_client_has_so_many_questions_a_minute_and_is_told_how_many_are_left(own_settings):
    settings = with_server(own_settings, questions_per_minute=2)
    token = token_of(settings, "press", "ask")
    question = {"question": "温海波站了几个小时？"}
    with running(settings) as client:
        first, second, third = (client.post("/ask", json=question) for _ in range(3))
        by_key, by_address = client.post("/ask", json=question, headers=bearer(token)), client.get("/ask?q=x")
    assert [one.status_code for one in (first, second, third, by_key, by_address)] == [200, 200, 429, 200, 429]
    assert [one.headers["ratelimit"].partition(";t=")[0] for one in (first, second, third, by_key)] == [
        '"questions";r=1', '"questions";r=0', '"questions";r=0', '"questions";r=1',
    ]  # fmt: skip
    assert {one.headers["ratelimit-policy"] for one in (first, third)} == {'"questions";q=2;w=60'}
    seconds = int(third.headers["retry-after"])
    assert (
        1 <= seconds <= 60 and third.json()["detail"] == f"you may ask 2 questions a minute: ask again in {seconds} s"
    )
    lines = [json.loads(line) for line in (settings.index.path / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [(one["what"], one["result"]) for one in lines] == [
        ("POST /ask", "refused 429"), ("GET /ask", "refused 429"),
    ]  # fmt: skip


def test_without_a_limit_there_are_no_such_headers(own_settings):
    with running(own_settings) as client:
        answers = [client.post("/ask", json={"question": "温海波站了几个小时？"}) for _ in range(20)]
    assert {one.status_code for one in answers} == {200}
    assert [name for one in answers for name in one.headers if name.startswith("ratelimit")] == []
