"""Seen from outside: figures and logs of the real ``wenbao serve``, with the stub encoder, and of its Telegram bot."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bot_api import BotApiServer
from bot_api_client import TOKEN as BOT_TOKEN
from places import SEEDS
from processes import PLAIN
from prometheus_client.parser import text_string_to_metric_families
from telegram_process import STUB, running_bot, write_telegram_config

TOKEN = "an-admin-token-for-tests"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
WAIT = 60.0
STEW = "红烧肉怎么做才好吃?"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True)
class Running:
    """A server whose standard error is in a file."""

    address: str
    process: subprocess.Popen[str]
    errors: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.address + path, headers=headers, trust_env=False, timeout=WAIT)

    def ask(self, question: str) -> dict:
        return httpx.post(f"{self.address}/ask", json={"question": question}, trust_env=False, timeout=WAIT).json()

    def send(self, data: bytes) -> bytes:
        """Send bytes as they are, and return what comes back until the connection ends."""
        host, port = self.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), WAIT) as connection:
            connection.sendall(data)
            found = b""
            while piece := connection.recv(65536):
                found += piece
            return found

    def figures(self) -> Figures:
        return figures(self.get("/metrics").text)

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.errors.read_text(encoding="utf-8").splitlines()]


def figures(text: str) -> Figures:
    found: Figures = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def of(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0)


@contextmanager
def server(folder: Path, sections: dict | None = None, **environment: str) -> Iterator[Running]:
    config = folder / "config.yaml"
    (folder / "corpus").mkdir(exist_ok=True)
    for seed in SEEDS.glob("*.txt"):
        (folder / "corpus" / seed.name).write_bytes(seed.read_bytes())
    values = {
        "corpus": {"paths": [str(folder / "corpus")]},
        "index": {"path": str(folder / "index")},
        "server": {"port": 0, "log": "json"},
    }
    config.write_text(json.dumps(values | (sections or {})), encoding="utf-8")
    errors = folder / "stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*STUB, "serve", "--config", config],
            env={**os.environ, **PLAIN, "PYTHONWARNINGS": "default", **environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
        )
    assert process.stdout
    address = "http" + process.stdout.readline().strip().partition("http")[2].rstrip("/")
    running = Running(address, process, errors)
    try:
        deadline = time.monotonic() + WAIT
        while running.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with server(tmp_path_factory.mktemp("metrics"), WENBAO_ADMIN_TOKEN=TOKEN) as found:
        yield found


def test_questions_and_their_stages_are_counted(running):
    before = running.figures()
    statuses = [running.ask(question)["status"] for question in ("温海波站了几个小时？", STEW, STEW)]
    assert running.ask("")["status"] == 422
    after = running.figures()
    for status in {*statuses}:
        name, labels = "wenbao_questions_total", {"face": "web", "status": status}
        assert of(after, name, **labels) - of(before, name, **labels) == statuses.count(status)
    assert of(after, "wenbao_questions_total", face="web", status="refused") == 1
    counts = {
        stage: of(after, "wenbao_stage_seconds_count", stage=stage)
        - of(before, "wenbao_stage_seconds_count", stage=stage)
        for stage in ("wait", "encode", "search", "total")
    }
    assert counts == {"wait": 3, "encode": 2, "search": 2, "total": 3}  # the third was remembered
    assert of(after, "wenbao_stage_seconds_bucket", stage="total", le="10.0") >= 3


def test_every_refusal_is_counted_wherever_it_comes_from(running):
    before = running.figures()
    host = b"Host: 127.0.0.1\r\n"
    running.get("/keys")  # 401
    running.get("/status", Host="elsewhere.example")  # 421
    running.get("/status", **{"Sec-Fetch-Site": "cross-site"})  # 403
    assert running.send(b"POST /ask HTTP/1.1\r\n" + host + b"Content-Length: 999999\r\n\r\n").startswith(
        b"HTTP/1.1 413"
    )
    assert running.send(b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000).startswith(b"HTTP/1.1 431")
    assert running.send(b"no HTTP at all\r\n\r\n").startswith(b"HTTP/1.1 400")
    after = running.figures()
    more = {
        code: of(after, "wenbao_refusals_total", face="web", code=code)
        - of(before, "wenbao_refusals_total", face="web", code=code)
        for code in ("400", "401", "403", "413", "421", "431")
    }
    assert more == dict.fromkeys(more, 1)


def test_votes_and_unanswered_questions_are_counted(running):
    before = running.figures()
    answer = running.ask("红烧排骨要炖多久?")
    for vote in ("up", "down", None):
        body = {"request_id": answer["request_id"], "vote": vote}
        assert httpx.post(f"{running.address}/feedback", json=body, trust_env=False).status_code == 200
    deadline = time.monotonic() + WAIT
    while of(after := running.figures(), "wenbao_feedback_total", kind="unanswered") == of(
        before, "wenbao_feedback_total", kind="unanswered"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    kinds = ("up", "down", "taken back")
    assert [
        of(after, "wenbao_feedback_total", kind=one) - of(before, "wenbao_feedback_total", kind=one) for one in kinds
    ] == [1, 1, 1]


def test_the_moment_is_described(running):
    found = running.figures()
    status = running.get("/status").json()
    assert of(found, "wenbao_ready") == 1
    assert of(found, "wenbao_documents") == status["documents"] == 5
    assert of(found, "wenbao_passages") == status["passages"]
    assert of(found, "wenbao_generation") == int(status["generation"].partition("-")[0])
    assert 0 <= of(found, "wenbao_index_age_seconds") < 600
    assert (of(found, "wenbao_queue"), of(found, "wenbao_in_hand")) == (0, 0)
    assert of(found, "process_resident_memory_bytes") > 50e6
    working = {dict(labels)["work"]: value for (name, labels), value in found.items() if name.endswith("_failing")}
    assert working == {"following the index": 0, "watching the corpus": 0, "hints of the file system": 0}


def test_a_scrape_is_cheap_and_what_prometheus_takes(running):
    response = running.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert len(response.content) < 20_000
    times = []
    with httpx.Client(base_url=running.address, trust_env=False) as client:
        for _ in range(20):
            started = time.perf_counter()
            client.get("/metrics")
            times.append(time.perf_counter() - started)
    assert sorted(times)[10] < 0.1


def test_every_line_of_the_log_is_json_with_the_id_of_its_request(tmp_path):
    with server(tmp_path, WENBAO_ADMIN_TOKEN=TOKEN) as running:
        answer = httpx.post(f"{running.address}/ask", json={"question": STEW}, trust_env=False)
        assert answer.headers["X-Request-ID"] == answer.json()["request_id"]
        headers = {"Authorization": "Bearer 某人".encode()}
        forged = f"{running.address}/keys%0a2026-12-01%20ERROR%20forged%1b%5b31m"
        refused = httpx.get(forged, headers=headers, trust_env=False, timeout=WAIT)
        running.send(b"no HTTP at all\r\n\r\n")
        (tmp_path / "corpus" / "坏\n名\x1b[31m.pdf").write_bytes(b"%PDF-1.7 nothing")
        httpx.post(f"{running.address}/index", headers=ADMIN, trust_env=False, timeout=WAIT)
    assert refused.status_code == 401
    entries = running.log()
    (line,) = [entry for entry in entries if entry["message"].startswith("refused GET")]
    assert line["request_id"] == refused.headers["X-Request-ID"]
    assert "/keys%0A2026-12-01 ERROR forged%1B%5B31m of #" in line["message"]
    assert [entry for entry in entries if entry["logger"].startswith("uvicorn")] == []  # a stranger could fill the disk
    raw = running.errors.read_bytes()
    assert [code for code in range(32) if code != 10 and bytes([code]) in raw] == []
    assert (STEW.encode() in raw, b"127.0.0.1" in raw, "某人".encode() in raw) == (False, False, False)


def test_an_address_that_is_taken_is_told_in_the_form_of_the_log(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        config = tmp_path / "config.yaml"
        port = other.getsockname()[1]
        config.write_text(f"corpus: {{paths: ['{SEEDS}']}}\nserver: {{port: {port}, log: json}}\n", encoding="utf-8")
        command = [*STUB, "serve", "--config", config]
        done = subprocess.run(command, env={**os.environ, **PLAIN}, capture_output=True, encoding="utf-8", timeout=60)
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert entries[-1]["level"] == "CRITICAL"
    assert f"cannot listen on 127.0.0.1:{port}" in entries[-1]["message"]


def test_telegram_is_counted_and_logged_without_who_wrote_or_what(tmp_path, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    with BotApiServer(BOT_TOKEN) as api:
        sections = {"server": {"log": "json", "port": 0}, "telegram": {"access": "allowlist", "users": [424_242_001]}}
        config = write_telegram_config(tmp_path, api, **sections)
        with running_bot(api, tmp_path, config, command="serve") as bot:
            address = next(line for line in bot.log.splitlines() if "http://" in line).partition("http")[2].rstrip("/")
            known, stranger = api.user(424_242_001, "某人", "zh-hans"), api.user(424_242_002, "别人", "zh-hans")
            api.fail("sendMessage", status=502)  # what is tried again is logged with its chat, which is the person
            said = api.say(known, STEW)
            api.wait_for_messages(known, after=said, timeout=WAIT)
            said = api.say(stranger, STEW)
            api.wait_for_messages(stranger, after=said, timeout=WAIT)
            found = figures(httpx.get(f"http{address}/metrics", trust_env=False).text)
        log = bot.log
    answered = {labels: value for (name, labels), value in found.items() if name == "wenbao_questions_total"}
    assert sum(answered.values()) == 1
    assert {dict(labels)["face"] for labels in answered} == {"telegram"}
    assert of(found, "wenbao_refusals_total", face="telegram", code="403") == 1
    assert [secret for secret in (STEW, "424242", "某人", "别人", BOT_TOKEN) if secret in log] == []
    entries = [json.loads(line) for line in log.splitlines() if not line.startswith("Wenbao")]
    (trouble,) = [entry for entry in entries if entry["level"] != "INFO"]
    assert re.fullmatch(r"sendMessage to chat #[0-9a-f]{12} failed \(.*\): once more in 0.5 s", trouble["message"])
    assert re.fullmatch("[0-9a-f]{32}", trouble["request_id"])


def test_a_server_that_nobody_has_a_key_for_says_how_to_make_one(tmp_path):
    told = "nobody may ask over HTTP yet, because there is no key: make one with `wenbao keys add NAME --scope read`"
    for token, expected in (("", [told]), (TOKEN, [])):
        sections = {"server": {"port": 0, "log": "json", "access": "keys"}}
        with server(tmp_path, sections, WENBAO_ADMIN_TOKEN=token) as running:
            pass
        assert [entry["message"] for entry in running.log() if entry["level"] == "WARNING"] == expected
