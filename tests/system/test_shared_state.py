"""What servers remember together, and over a restart: real processes with the stub encoder, on both kinds of store."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from places import ROOT
from processes import run, serving, write_config

STUB = (sys.executable, str(ROOT / "tests" / "support" / "stub_wenbao.py"))
QUESTION, FOLLOW_UP = "孙蕴华接听了多少个求助电话？", "那她多大年纪？"
UNDERSTOOD = "孙蕴华多大年纪？"
ADMIN_TOKEN = secrets.token_hex(16)


@pytest.fixture(params=["local", "oceanbase"])
def environment(request, tmp_path) -> dict[str, str]:
    """What a server gets to know of the store; a database has an index already, because servers make none there."""
    if request.param == "local":
        return {}
    database, server = request.getfixturevalue("database"), request.getfixturevalue("seekdb")
    store = {"WENBAO_INDEX__STORE": "oceanbase", "WENBAO_INDEX__URL": str(database.address)}
    known = {**store, "WENBAO_INDEX_PASSWORD": server.password}
    assert run("index", "--config", write_config(tmp_path), command=STUB, **known).returncode == 0
    return known


@contextmanager
def server(config: Path, environment: dict[str, str], token: str | None = None) -> Iterator[httpx.Client]:
    with serving(config, STUB, **environment) as (address, _):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
            yield client


def asked(client: httpx.Client, question: str, conversation_id: str | None = None) -> dict[str, object]:
    return client.post("/ask", json={"question": question, "conversation_id": conversation_id}).json()


def test_a_restart_forgets_no_conversation_and_no_answer_that_can_be_voted_on(tmp_path, environment):
    config = write_config(tmp_path)
    with server(config, environment) as client:
        first = asked(client, QUESTION)
    with server(config, environment) as client:
        second = asked(client, FOLLOW_UP, first["conversation_id"])
        voted = client.post("/feedback", json={"request_id": first["request_id"], "vote": "up"})
    assert (second["conversation_id"], second["understood_as"]) == (first["conversation_id"], UNDERSTOOD)
    assert voted.status_code == 200
    entries = json.loads(run("feedback", "--json", "--votes", "--config", config, **environment).stdout)["entries"]
    assert [(one["kind"], one["question"], one["request_id"]) for one in entries] == [
        ("up", QUESTION, first["request_id"])
    ]


def test_a_server_that_is_killed_forgets_nothing_that_it_answered(tmp_path, environment):
    config = write_config(tmp_path)
    with serving(config, STUB, **environment) as (address, process):
        first = httpx.post(f"{address}/ask", json={"question": QUESTION}, trust_env=False, timeout=30).json()
        process.kill()
    with server(config, environment) as client:
        assert asked(client, FOLLOW_UP, first["conversation_id"])["understood_as"] == UNDERSTOOD


def test_a_balancer_may_send_anybody_to_any_server(tmp_path, environment):
    settings = {**environment, "WENBAO_SERVER__ACCESS": "keys", "WENBAO_ADMIN_TOKEN": ADMIN_TOKEN}
    config = write_config(tmp_path)
    with server(config, settings, ADMIN_TOKEN) as one, server(config, settings) as other:
        key = one.post("/keys", json={"name": "press", "scope": "read"}).json()["key"]
        other.headers["Authorization"] = one.headers["Authorization"] = f"Bearer {key}"
        first = asked(one, QUESTION)
        second = asked(other, FOLLOW_UP, first["conversation_id"])
        third = asked(one, FOLLOW_UP, first["conversation_id"])
        votes = [
            client.post("/feedback", json={"request_id": reply["request_id"], "vote": "down"}).status_code
            for client, reply in ((other, first), (one, second))
        ]
        signed_in = httpx.post(one.base_url.join("/sign-in"), data={"key": key}, trust_env=False)
        page = httpx.get(other.base_url.join("/"), cookies=signed_in.cookies, trust_env=False)
    assert [reply["understood_as"] for reply in (second, third)] == [UNDERSTOOD, UNDERSTOOD]
    assert {reply["conversation_id"] for reply in (first, second, third)} == {first["conversation_id"]}
    assert (votes, page.status_code) == ([200, 200], 200)
    shown = run("keys", "--json", "--config", config, **environment)
    assert [one["name"] for one in json.loads(shown.stdout)["keys"]] == ["press"]
