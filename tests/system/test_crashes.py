"""Indexing is killed and reports come and go while questions are asked: the real processes, with the stub encoder."""

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from places import SUPPORT
from processes import PLAIN

STUB = (sys.executable, str(SUPPORT / "stub_wenbao.py"))
KILLS = 15
CHANGES = 20
ENVIRONMENT = {**os.environ, **PLAIN, "WENBAO_ADMIN_TOKEN": "open sesame, please"}
ADMIN = {"Authorization": "Bearer open sesame, please"}


def report(number: int) -> str:
    said = f"第{number}号通报说，{number}名志愿者在{number % 12 + 1}月参加了社区服务。"
    return f"第{number}号通报\n\n{said}\n\n大家都很辛苦。"


def write_report(folder: Path, number: int) -> None:
    (folder / f".r{number}").write_text(report(number), encoding="utf-8")
    (folder / f".r{number}").rename(folder / f"r{number}.txt")


@pytest.fixture
def config(tmp_path) -> Path:
    (tmp_path / "reports").mkdir()
    for number in range(20):
        write_report(tmp_path / "reports", number)
    path = tmp_path / "config.yaml"
    path.write_text("corpus: {paths: [reports], watch: false}\nserver: {port: 0, queue: 100}\n", encoding="utf-8")
    return path


def command(*arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*STUB, *arguments], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def serving(config: Path) -> Iterator[httpx.Client]:
    process = subprocess.Popen(
        [*STUB, "serve", "--config", config], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    address = re.search(rb"http://[\d.:]+", process.stdout.readline())
    assert address
    try:
        with httpx.Client(base_url=address[0].decode(), trust_env=False, timeout=30) as client:
            deadline = time.monotonic() + 60
            while client.get("/readyz").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_an_index_run_killed_again_and_again_never_harms_what_is_served_and_loses_nothing_acknowledged(config):
    chance = random.Random(11)
    acknowledged = {f"r{number}" for number in range(20)}
    with serving(config) as client:
        for number in range(100, 100 + KILLS):
            write_report(config.parent / "reports", number)
            run = command("index", "--config", config)
            time.sleep(chance.uniform(0.3, 1.1))
            run.kill()
            if run.wait() == 0:
                acknowledged |= {path.stem for path in (config.parent / "reports").glob("r*.txt")}
            answer = client.post("/ask", json={"question": f"第{number - 7}号通报有几名志愿者"})
            assert answer.status_code == 200, answer.text
            for citation in answer.json()["citations"]:
                document = client.get(f"/documents/{citation['document_id']}").json()
                assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
        status = subprocess.run(
            [*STUB, "status", "--verify", "--json", "--config", config],
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
        )
        assert json.loads(status.stdout)["problems"] == []
        command("index", "--config", config).wait(60)
        deadline = time.monotonic() + 20
        while len(client.get("/documents").json()["documents"]) < 20 + KILLS:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        listed = {document["document_id"] for document in client.get("/documents").json()["documents"]}
    assert acknowledged <= listed
    assert not list((config.parent / ".wenbao" / "generations").glob(".*"))


def test_questions_are_answered_without_an_error_while_reports_come_and_go(config):
    texts = {f"r{number}": report(number).replace("\n", "") for number in range(1000)}
    done = threading.Event()
    failures: list[str] = []
    asked = 0

    def ask(client: httpx.Client) -> None:
        nonlocal asked
        numbers = random.Random(threading.get_ident())
        while not done.is_set():
            answer = client.post("/ask", json={"question": f"第{numbers.randrange(60)}号通报有几名志愿者", "top_k": 10})
            asked += 1
            if answer.status_code != 200:
                failures.append(answer.text)
                continue
            failures.extend(
                citation["quote"]
                for citation in answer.json()["citations"]
                if citation["quote"] not in texts[citation["document_id"]]
            )

    with serving(config) as client:
        askers = [threading.Thread(target=ask, args=(client,)) for _ in range(4)]
        for asker in askers:
            asker.start()
        for number in range(CHANGES):
            if number % 2:
                changed = client.delete(f"/documents/r{500 + number - 1}", headers=ADMIN)
            else:
                part = ("files", (f"r{500 + number}.txt", report(500 + number).encode()))
                changed = client.post("/documents", files=[part], headers=ADMIN)
            assert changed.status_code == 200, changed.text
            serves = {document["document_id"] for document in client.get("/documents").json()["documents"]}
            assert set(changed.json()["added"]) <= serves
            assert not set(changed.json()["removed"]) & serves
        done.set()
        for asker in askers:
            asker.join()
    assert failures == []
    assert asked > CHANGES
