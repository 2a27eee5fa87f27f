"""End to end: clients of a real server take turns, however many questions any of them sends at once."""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from limited_server import answer, connect
from places import SUPPORT
from processes import serving, write_config

from bot.access.keys import Keys
from bot.settings import load_settings
from bot.state import SqliteState

SLOW = sys.executable, str(SUPPORT / "slow_wenbao.py"), "0.05"
FLOOD, POLITE = 80, 29
QUEUE = 64


@pytest.fixture
def config(tmp_path):
    return write_config(tmp_path)


@pytest.fixture
def port(config) -> Iterator[int]:
    with serving(config, SLOW) as (address, _):
        yield int(address.rpartition(":")[2])


def ask(port, text, source="127.0.0.1", token=None):
    """Ask over a connection of its own; return status, headers and the parsed body."""
    with sent(port, text, source, token) as connection:
        status, headers, body = answer(connection)
    return status, headers, json.loads(body)


@contextmanager
def sent(port, text, source="127.0.0.1", token=None):
    """Yield a connection over which a question was sent."""
    body = json.dumps({"question": text}).encode()
    key = f"Authorization: Bearer {token}\r\n" if token else ""
    with connect(port, source) as connection:
        head = f"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\n{key}Content-Length: {len(body)}\r\n"
        connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        yield connection


def in_hand(port):
    """Return how many questions wait or are worked on, by the server's own figures."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return int(float(re.search(r"^wenbao_in_hand (\S+)", text, re.MULTILINE)[1]))


def eventually(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@contextmanager
def flood(port, *, count=FLOOD, token=None):
    """Let one client have ``count`` questions in flight all the time; yield what became of them by status."""
    outcomes, going = Counter(), [True]

    def client(number):
        turn = 0
        while going:
            turn += 1
            status = ask(port, f"第{number}次第{turn}问: 温海波站了几个小时?", token=token)[0]
            outcomes[status] += 1
            time.sleep(0.1 if status != 200 else 0)

    with ThreadPoolExecutor(count) as clients:
        for number in range(count):
            clients.submit(client, number)
        try:
            eventually(lambda: in_hand(port) >= QUEUE)
            yield outcomes
        finally:
            going.clear()


def polite(port, **who):
    """Ask one question after the other; return their statuses, and the longest time that one took."""
    statuses, longest = Counter(), 0.0
    for number in range(POLITE):
        started = time.monotonic()
        statuses[ask(port, f"第{number}问: 孙蕴华接听了多少个电话?", **who)[0]] += 1
        longest = max(longest, time.monotonic() - started)
    return statuses, longest


def test_a_polite_client_is_answered_every_time_beside_a_flood(port):
    with flood(port) as outcomes:
        statuses, longest = polite(port, source="127.0.0.2")
    assert statuses == {200: POLITE}
    assert longest < 1.5  # two turns and some; behind the flood's 64 it would be 1.6 s
    assert set(outcomes) == {200, 429}


def test_two_keys_of_one_address_are_two_clients(config):
    settings = load_settings(config)
    keys = Keys(SqliteState(settings.index.path))
    loud, quiet = (keys.add(name, "ask")[1] for name in ("loud", "quiet"))
    with serving(config, SLOW) as (address, _):
        port = int(address.rpartition(":")[2])
        with flood(port, token=loud):
            assert polite(port, token=quiet)[0] == {200: POLITE}
            assert polite(port)[0] == {200: POLITE}  # and so is somebody without a key


def test_nobody_is_refused_before_the_queue_is_full_and_then_the_client_with_the_most_is(config):
    def asked(number):
        return ask(port, f"第{number}问: 温海波站了几个小时?")

    slower = (*SLOW[:2], "0.5")  # so that all have come before the first is answered
    with serving(config, slower) as (address, _), ThreadPoolExecutor(QUEUE + 1) as crowd:
        port = int(address.rpartition(":")[2])
        waiting = [crowd.submit(asked, 1000 + number) for number in range(QUEUE)]
        eventually(lambda: in_hand(port) == QUEUE)
        assert ask(port, "孙蕴华接听了多少个电话?", "127.0.0.2")[0] == 200
        outcomes = [one.result() for one in waiting]
    refused = [(status, headers, body) for status, headers, body in outcomes if status != 200]
    ((status, headers, body),) = refused
    assert (status, headers["retry-after"], headers["content-type"]) == (429, "2", "application/problem+json")
    assert re.fullmatch(
        r"\d\d questions of yours are waiting, more than anybody else's: send fewer at a time", body["detail"]
    )


def test_who_closes_the_connection_frees_the_place_and_costs_no_answer(port):
    connections = []
    for number in range(QUEUE):
        connection = sent(port, f"第{number}问: 温海波站了几个小时?", "127.0.0.3")
        connection.__enter__()
        connections.append(connection)
    eventually(lambda: in_hand(port) > QUEUE - 10)
    for connection in connections:
        connection.__exit__(None, None, None)
    started = time.monotonic()
    eventually(lambda: in_hand(port) == 0)
    assert time.monotonic() - started < 0.8  # working on all of them takes 1.6 s
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    answered = sum(float(count) for count in re.findall(r"^wenbao_questions_total\{.*\} (\S+)", text, re.MULTILINE))
    assert answered < QUEUE / 2


def test_questions_of_one_client_are_worked_on_in_the_order_in_which_they_came(port):
    ends = []

    def asked(number):
        with sent(port, f"第{number}问: 温海波站了几个小时?") as connection:
            sending[number].append(True)
            answer(connection)
            ends.append(number)

    sending = [[] for _ in range(12)]
    with ThreadPoolExecutor(12) as crowd:
        for number in range(12):
            crowd.submit(asked, number)
            eventually(lambda number=number: sending[number])
            time.sleep(0.01)
    assert sorted(ends) == list(range(12))
    assert max(abs(place - number) for place, number in enumerate(ends)) <= 2  # two are worked on at a time
