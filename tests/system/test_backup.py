"""Backups and restores by the real commands, with the stub encoder, while servers serve and index."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from places import SUPPORT
from processes import PLAIN

STUB = (sys.executable, str(SUPPORT / "stub_wenbao.py"))
ENVIRONMENT = {**os.environ, **PLAIN, "WENBAO_ADMIN_TOKEN": "open sesame 1234"}
ADMIN = {"Authorization": "Bearer open sesame 1234"}
QUESTION = "第7号通报说了什么？"


def machine(folder, corpus, count, watch="true"):
    """Write a configuration and so many reports; return the configuration."""
    (folder / corpus).mkdir(parents=True)
    for number in range(count):
        write_report(folder / corpus, number)
    config = folder / "config.yaml"
    config.write_text(f"corpus: {{paths: [{corpus}], watch: {watch}}}\nserver: {{port: 0}}\n", encoding="utf-8")
    return config


def write_report(folder, number):
    text = f"第{number}号通报\n\n第{number}号通报说，{number}名志愿者参加了社区服务。"
    (folder / f"r{number}.txt").write_text(text, encoding="utf-8")


def command(*arguments):
    return subprocess.run(
        [*STUB, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )


def json_of(*arguments):
    done = command(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def serving(config):
    process = subprocess.Popen(
        [*STUB, "serve", "--config", config], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout
    try:
        address = re.search(rb"http://[\d.:]+", process.stdout.readline())
        assert address
        with httpx.Client(base_url=address[0].decode(), trust_env=False, timeout=30) as client:
            until(lambda: client.get("/readyz").status_code == 200)
            yield client
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answer(client):
    """Return what a question is answered with, but for what is new in every answer."""
    found = client.post("/ask", json={"question": QUESTION}).json()
    return {key: value for key, value in found.items() if key not in ("request_id", "conversation_id", "timings_ms")}


@pytest.fixture
def there(tmp_path):
    return machine(tmp_path / "there", "reports", 12)


def test_a_server_that_runs_follows_the_index_restored_from_another_machine_and_answers_the_same(there, tmp_path):
    here = machine(tmp_path / "here", "texts", 3)
    file = tmp_path / "wenbao.zip"
    with serving(there) as client:
        assert client.post("/ask", json={"question": "火星上有什么动物？"}).status_code == 200
        until((there.parent / ".wenbao" / "state.sqlite").exists)
        packed = json_of("backup", file, "--config", there)
        expected = answer(client)
    assert (packed["originals"], packed["databases"], packed["changed"], packed["left_out"]) == (12, 1, [], [])
    with serving(here) as client:
        refused = command("restore", file, "--config", here)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1 and "3 files in " in refused.stderr and "--force" in refused.stderr
        restored = json_of("restore", file, "--force", "--config", here)
        assert (restored["originals"], restored["generation"]) == (12, packed["generation"])
        until(lambda: client.get("/status").json()["generation"] == packed["generation"])
        assert answer(client) == expected
        write_report(here.parent / "texts", 99)
        until(lambda: client.get("/status").json()["documents"] == 13)
    (here.parent / "texts" / "r99.txt").unlink()
    receipt = json_of("index", "--config", here)
    assert (receipt["embedded"], receipt["added"], receipt["removed"]) == (0, [], ["r99"])


def test_backups_made_while_a_server_indexes_all_the_time_are_whole_and_each_can_be_restored(there, tmp_path):
    empty = tmp_path / "empty"
    with serving(there) as client:
        generations = []
        for number in range(3):
            for more in range(2):
                upload = {"files": (f"n{number}.txt", f"通报\n\n第{number}{more}名志愿者。".encode())}
                assert client.post("/documents", files=upload, headers=ADMIN).status_code == 200
                write_report(there.parent / "reports", 20 + 2 * number + more)  # and the server indexes it meanwhile
            generations.append(json_of("backup", tmp_path / f"{number}.zip", "--config", there)["generation"])
    assert len({*generations}) == 3
    for number, generation in enumerate(generations):
        here = machine(empty / str(number), "texts", 0)
        assert json_of("restore", tmp_path / f"{number}.zip", "--config", here)["generation"] == generation
        status = json_of("status", "--verify", "--config", here)
        assert (status["generation"], status["problems"]) == (generation, [])
        assert json_of("index", "--config", here)["skipped"] == []


def test_after_a_restore_to_an_empty_machine_the_index_run_does_nothing(there, tmp_path):
    json_of("index", "--config", there)
    packed = json_of("backup", tmp_path / "b.zip", "--config", there)
    here = machine(tmp_path / "here", "texts", 0)
    said = command("restore", tmp_path / "b.zip", "--config", here)
    assert (said.returncode, said.stdout.splitlines()[1:]) == (0, [f"  {there.parent}/reports -> {here.parent}/texts"])
    receipt = json_of("index", "--config", here)
    del receipt["seconds"]
    assert receipt == {
        "generation": packed["generation"],
        "documents": 12,
        "passages": receipt["passages"],
        "added": [],
        "changed": [],
        "removed": [],
        "skipped": [],
        "embedded": 0,
        "reused": receipt["passages"],
    }


def test_a_restore_that_is_killed_at_any_moment_loses_nothing_and_can_be_made_again(there, tmp_path):
    json_of("index", "--config", there)
    json_of("backup", tmp_path / "b.zip", "--config", there)
    here = machine(tmp_path / "here", "texts", 3)
    json_of("index", "--config", here)
    for tenth in range(4, 14, 3):
        run = subprocess.Popen(
            [*STUB, "restore", tmp_path / "b.zip", "--force", "--config", here],
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(tenth / 20)
        run.kill()
        run.wait()
    first = {path.read_text(encoding="utf-8") for path in here.parent.rglob("r[0-2].txt")}
    assert len(first) == 3
    packed = json_of("restore", tmp_path / "b.zip", "--force", "--config", here)
    assert [path for path in here.parent.rglob(".wenbao-restore-*")] == []
    receipt = json_of("index", "--config", here)
    assert (receipt["generation"], receipt["embedded"], receipt["documents"]) == (packed["generation"], 0, 12)
