"""End to end: a real server that misses nothing beside other processes, and whose receipts name what they were for."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from processes import PLAIN, serving
from telegram_process import STUB

from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import published

ENVIRONMENT = {"WENBAO_ADMIN_TOKEN": "open sesame, please"}
ADMIN = {"Authorization": "Bearer open sesame, please"}


def write(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f".{name}").write_text(f"{name}号通报\n\n{name}的内容各不相同。", encoding="utf-8")
        (folder / f".{name}").rename(folder / f"{name}.txt")


@pytest.fixture
def config(tmp_path):
    write(tmp_path / "reports", "first")
    path = tmp_path / "config.yaml"
    path.write_text("corpus: {paths: [reports], scan_seconds: 0.3}\nserver: {port: 0}\n", encoding="utf-8")
    return path


@contextmanager
def served(config) -> Iterator[httpx.Client]:
    with (
        serving(config, STUB, **ENVIRONMENT) as (address, _),
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
    ):
        yield client


def wenbao(*arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STUB, *arguments], env={**os.environ, **PLAIN}, capture_output=True, encoding="utf-8", timeout=90, check=False
    )


def eventually(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def listed(client):
    return {document["document_id"] for document in client.get("/documents").json()["documents"]}


def test_a_report_dropped_while_another_process_holds_the_lock_is_found_afterwards(config):
    with served(config) as client:
        with writing(config.parent / ".wenbao", 10):
            write(config.parent / "reports", "second")
            eventually(lambda: client.get("/readyz").json()["status"] == "degraded")
            time.sleep(1)
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["problems"]) == (200, ["watching the corpus"])
            problems = client.get("/status", headers=ADMIN).json()["problems"]
            assert f"is being written by process {os.getpid()}" in " ".join(problems)
        eventually(lambda: listed(client) == {"first", "second"})
        eventually(lambda: client.get("/readyz").json()["status"] == "ready")


def workers_of(pid):
    """Return the processes below ``pid`` that read files."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                if b"\0-c\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
    return found


def test_a_reader_of_files_that_is_killed_costs_no_report(config):
    killed, done = [], threading.Event()

    def kill(pid):
        while not done.is_set() and len(killed) < 3:
            for worker in workers_of(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
            time.sleep(0.01)

    with (
        serving(config, STUB, **ENVIRONMENT) as (address, process),
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
    ):
        killer = threading.Thread(target=kill, args=(process.pid,))
        killer.start()
        try:
            write(config.parent / "reports", *(f"r{number}" for number in range(20)))
            eventually(lambda: len(listed(client)) == 21)
        finally:
            done.set()
            killer.join()
    assert killed != []


def test_a_server_with_a_damaged_index_starts_says_so_and_answers_once_another_process_has_rebuilt_it(config):
    assert wenbao("index", "--config", config).returncode == 0
    (published(config.parent / ".wenbao") / "passages.npy").write_bytes(b"")
    process = subprocess.Popen(
        [*STUB, "serve", "--config", config],
        env={**os.environ, **PLAIN, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        address = process.stdout.readline().rpartition(" ")[2].strip().rstrip("/")
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            eventually(lambda: "was cut short or altered" in client.get("/readyz").text)
            ready = client.get("/readyz")
            assert ready.status_code == 503
            assert client.get("/healthz").status_code == 200
            assert any("opening the index fails since" in one for one in client.get("/status").json()["problems"])
            assert wenbao("index", "--rebuild", "--config", config).returncode == 0
            eventually(lambda: client.get("/readyz").status_code == 200, 5)
            assert listed(client) == {"first"}
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert "opening the index failed, and will be tried again" in errors
    assert "Traceback" in errors


class Bustle:
    """Changes reports over HTTP, by ``wenbao add`` and in the folder; ``wrong`` holds what a receipt did not name."""

    def __init__(self, config):
        self.config, self.wrong, self.done = config, [], threading.Event()

    def web(self, client, number):
        chance = random.Random(number)
        for turn in range(6):
            names = [f"w{number}-{turn}-{part}" for part in range(chance.randrange(1, 3))]
            parts = [("files", (f"{name}.txt", f"{name}号通报\n\n{name}的内容。".encode())) for name in names]
            self.check(client.post("/documents", files=parts, headers=ADMIN), "added", names)
            for name in names:
                self.check(client.delete(f"/documents/{name}", headers=ADMIN), "removed", [name])

    def check(self, response, what, names):
        if response.status_code != 200 or not set(names) <= set(response.json()[what]):
            self.wrong.append(response.text)

    def terminal(self, count):
        for turn in range(count):
            file = self.config.parent / f"t{turn}.txt"
            file.write_text(f"t{turn}号通报\n\nt{turn}的内容。", encoding="utf-8")
            added = wenbao("add", file, "--json", "--config", self.config)
            if added.returncode or f"t{turn}" not in json.loads(added.stdout)["added"]:
                self.wrong.append(added.stdout + added.stderr)

    def index(self):
        while not self.done.is_set():
            wenbao("index", "--config", self.config)

    def drop(self, count):
        for number in range(count):
            write(self.config.parent / "reports", f"d{number}")
            time.sleep(0.3)


def test_receipts_name_their_own_files_beside_a_watcher_and_other_processes(config):
    """Uploads, removals, `wenbao add` and `wenbao index` all at once; whoever holds the lock names what it changed."""
    bustle = Bustle(config)
    with served(config) as client:
        indexing = threading.Thread(target=bustle.index)
        work = [threading.Thread(target=bustle.web, args=(client, number)) for number in range(3)]
        work += [threading.Thread(target=bustle.terminal, args=(3,)), threading.Thread(target=bustle.drop, args=(20,))]
        for thread in (indexing, *work):
            thread.start()
        for thread in work:
            thread.join()
        bustle.done.set()
        indexing.join()
        expected = {"first", *(f"t{turn}" for turn in range(3)), *(f"d{number}" for number in range(20))}
        eventually(lambda: listed(client) == expected)
        eventually(lambda: client.get("/readyz").json()["status"] == "ready")
    assert bustle.wrong == []


def test_a_busy_index_leaves_the_corpus_as_it_was(config, monkeypatch):
    from bot.service import reports
    from bot.service.reports import Upload, add_reports, changing
    from bot.settings import load_settings
    from retrieval.errors import IndexBusy

    assert wenbao("index", "--config", config).returncode == 0
    settings = load_settings(config)
    monkeypatch.setattr(reports, "WAIT_SECONDS", 0.7)
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys\nfrom pathlib import Path\n"
         "from retrieval.index.local.publish import writing\nwith writing(Path(sys.argv[1])):\n    "
         "print('held', flush=True)\n    sys.stdin.read()", settings.index.path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == b"held\n"
        started = time.monotonic()
        with pytest.raises(IndexBusy, match=f"by process {holder.pid}: "), changing(settings):
            add_reports(settings, [Upload("second.txt", "第二号通报\n\n内容。".encode())])
        assert 0.6 < time.monotonic() - started < 5

        def must_end(*_):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt), changing(settings, progress=must_end):
            raise AssertionError("never reached")
    finally:
        holder.communicate()
    assert [path.name for path in settings.corpus.paths[0].iterdir()] == ["first.txt"]
