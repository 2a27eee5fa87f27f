"""A served index follows its corpus whatever was missed, and says what does not work meanwhile."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from http_client import client_of_app
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.service import Service
from bot.service.upkeep import generations as generations_module
from bot.service.upkeep import upkeep as upkeep_module
from bot.service.upkeep.scanning import FILE
from bot.settings import Settings, load_settings
from bot.web.app import create_app
from retrieval.errors import IndexUnwritable
from retrieval.index.build import build_index
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import published

ADMIN = {"Authorization": "Bearer open sesame, please"}
READY, DEGRADED = "ready", "degraded"
WATCHING = "watching the corpus"


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    write(tmp_path / "reports", "first")
    return settings_of(tmp_path)


def settings_of(folder: Path, corpus: str = "scan_seconds: 0.2") -> Settings:
    (folder / "config.yaml").write_text(f"corpus: {{paths: [reports], {corpus}}}\n", encoding="utf-8")
    settings = load_settings(folder / "config.yaml")
    if settings.corpus.paths[0].exists():
        build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    return settings


def unwatched(settings: Settings) -> Settings:
    return settings.model_copy(update={"corpus": settings.corpus.model_copy(update={"watch": False})})


def write(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.txt").write_text(f"{name}号通报\n\n{name}的内容各不相同。", encoding="utf-8")


@contextmanager
def served(settings: Settings, opener: StubOpener | None = None, *, is_ready: bool = True) -> Iterator[TestClient]:
    service = Service(settings, opener or StubOpener(), follow_seconds=0.02)
    service.supervisor._least_pause = 0.05
    with client_of_app(create_app(service)) as client:
        if is_ready:
            eventually(lambda: client.get("/readyz").status_code == 200)
        client.service = service
        yield client


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def listed(client: TestClient) -> list[str]:
    return [document["document_id"] for document in client.get("/documents").json()["documents"]]


def state(client: TestClient) -> str:
    return client.get("/readyz").json()["status"]


def shows(client: TestClient, problem: str) -> bool:
    """Whether every place that must say so says that the watching fails, and for what reason."""
    ready, status = client.get("/readyz"), client.get("/status", headers=ADMIN).json()["problems"]
    figure = f'wenbao_background_failing{{work="{WATCHING}"}} 1.0\n'
    named = (ready.status_code, ready.json()["status"], WATCHING in ready.json().get("problems", ()))
    is_said = any(one.startswith(f"{WATCHING} fails since 20") and problem in one for one in status)
    return named == (200, DEGRADED, True) and is_said and client.get("/metrics").text.count(figure) == 1


# The five ways in which a report was missed


def test_a_report_dropped_while_the_server_was_down_is_found(settings):
    with served(settings) as client:
        eventually(lambda: (settings.index.path / FILE).exists())
        assert listed(client) == ["first"]
    write(settings.corpus.paths[0], "second")
    with served(settings) as client:
        eventually(lambda: listed(client) == ["first", "second"])


def test_a_report_dropped_while_the_lock_is_held_for_long_is_found_when_it_is_free(settings, caplog):
    with served(settings) as client:
        with writing(settings.index.path, 10):
            write(settings.corpus.paths[0], "second")
            eventually(lambda: shows(client, "is being written by process"))
            time.sleep(0.5)
            assert listed(client) == ["first"]
        eventually(lambda: listed(client) == ["first", "second"])
        eventually(lambda: state(client) == READY)
    assert "Traceback" in caplog.text


def test_a_folder_replaced_by_another_of_the_same_name_is_read_and_watched_from_then_on(settings, tmp_path):
    folder = settings.corpus.paths[0]
    with served(settings) as client:
        write(tmp_path / "aside", "second", "third")
        folder.rename(tmp_path / "old")
        (tmp_path / "aside").rename(folder)
        eventually(lambda: listed(client) == ["second", "third"])
        write(folder, "fourth")
        eventually(lambda: listed(client) == ["fourth", "second", "third"])


def test_a_folder_that_comes_later_is_read_and_until_then_it_is_said_that_it_is_not_there(settings, tmp_path, caplog):
    folder = settings.corpus.paths[0]
    folder.rename(tmp_path / "old")
    with served(settings) as client:
        eventually(lambda: shows(client, f"corpus path {folder} does not exist"))
        strangers = client.get("/status").json()["problems"]
        assert any(one.startswith(f"{WATCHING} fails since") for one in strangers)
        assert str(tmp_path) not in str(strangers)
        assert listed(client) == ["first"]
        write(folder, "second")
        eventually(lambda: listed(client) == ["second"])
        eventually(lambda: state(client) == READY)


def test_without_an_index_and_a_corpus_it_becomes_ready_by_itself_when_the_corpus_comes(tmp_path):
    settings = settings_of(tmp_path)
    with served(settings, is_ready=False) as client:
        eventually(lambda: client.get("/readyz").status_code == 503 and "does not exist" in client.get("/readyz").text)
        write(tmp_path / "reports", "first")
        eventually(lambda: client.get("/readyz").status_code == 200)
        assert listed(client) == ["first"]


FAILURES = [
    IndexUnwritable("the disk is full"),
    OSError(errno.EIO, "Input/output error"),
    RuntimeError("the worker could not be started"),
    MemoryError("too large"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_after_whatever_error_while_indexing_the_report_is_found(settings, monkeypatch, caplog, error):
    left, index = [error] * 3, upkeep_module.update_index

    def failing(*args, **options):
        if left and (settings.corpus.paths[0] / "second.txt").exists():
            raise left.pop()
        return index(*args, **options)

    monkeypatch.setattr(upkeep_module, "update_index", failing)
    with served(settings) as client:
        eventually(lambda: state(client) == READY)
        write(settings.corpus.paths[0], "second")
        eventually(lambda: shows(client, str(error)))
        eventually(lambda: listed(client) == ["first", "second"])
        eventually(lambda: state(client) == READY)
        assert client.get("/status").json()["problems"] == []
    assert sum(record.exc_info is not None for record in caplog.records) == 3


# What stops nothing


def test_a_file_that_cannot_be_had_stops_no_scan_and_is_read_when_it_can_be(settings, monkeypatch):
    """Permission checks do not bite for root, so the reader of files is told to have none for a while."""
    from retrieval.corpus import files
    from retrieval.types import Skipped

    read, held, tries = files.read_file, {"held.txt"}, []

    def reading(root, path, *rest):
        if path.name in held:
            tries.append(path.name)
            return [Skipped(path.name, "it is out of reach", may_pass=True)]
        return read(root, path, *rest)

    monkeypatch.setattr(files, "read_file", reading)
    monkeypatch.setattr(upkeep_module, "LONGEST_SCAN_PAUSE", 4)
    write(settings.corpus.paths[0], "held")
    with served(settings) as client:
        eventually(lambda: client.get("/status", headers=ADMIN).json()["problems"] != [])
        assert state(client) == READY
        time.sleep(1.5)
        assert len(tries) < 6  # and not at each of the scans
        write(settings.corpus.paths[0], "second")
        eventually(lambda: listed(client) == ["first", "second"], 1.5)
        held.clear()
        eventually(lambda: listed(client) == ["first", "held", "second"])


def test_hints_that_failed_once_are_not_shown_as_failing_for_ever(settings, monkeypatch):
    left, watch = [OSError(errno.ENOSPC, "inotify watch limit reached")], upkeep_module.awatch

    def failing(*args, **options):
        if left:
            raise left.pop()
        return watch(*args, **options)

    monkeypatch.setattr(upkeep_module, "awatch", failing)
    with served(settings) as client:
        eventually(lambda: left == [])
        eventually(lambda: state(client) == READY, 5)
        write(settings.corpus.paths[0], "second")
        eventually(lambda: listed(client) == ["first", "second"])


def test_without_watch_nothing_is_scanned_by_itself(tmp_path):
    write(tmp_path / "reports", "first")
    settings = settings_of(tmp_path, "watch: false, scan_seconds: 0.05")
    with served(settings) as client:
        write(settings.corpus.paths[0], "second")
        time.sleep(2)
        assert (listed(client), state(client)) == (["first"], READY)
        build_index(settings.corpus.paths, settings.index.path, StubEncoder())
        eventually(lambda: listed(client) == ["first", "second"])


# Generations


def damage(settings: Settings) -> None:
    """Damage the published generation, and publish it once more."""
    folder = published(settings.index.path)
    (folder / "passages.npy").write_bytes((folder / "passages.npy").read_bytes()[:-4])
    (settings.index.path / "CURRENT").write_text(folder.name + "\n")


def test_a_damaged_generation_is_shown_until_another_one_is_published_which_is_opened_at_once(settings):
    with served(unwatched(settings)) as client:
        client.service.supervisor._least_pause = 60
        damage(settings)
        problems = ["following the index", "the newest index cannot be loaded"]
        eventually(lambda: client.get("/readyz").json().get("problems") == problems)
        assert client.post("/ask", json={"question": "first号通报"}).status_code == 200
        build_index(settings.corpus.paths, settings.index.path, StubEncoder(), rebuild=True)
        eventually(lambda: state(client) == READY, 10)


def test_where_the_corpus_is_watched_a_damaged_generation_is_made_anew(settings):
    with served(settings) as client:
        eventually(lambda: (settings.index.path / FILE).exists())
        before = client.get("/readyz").json()["generation"]
        damage(settings)
        eventually(lambda: client.get("/readyz").json()["generation"] != before)
        eventually(lambda: state(client) == READY)


def test_where_an_older_generation_was_opened_in_place_of_a_damaged_one_that_is_said(settings):
    good = published(settings.index.path).name
    write(settings.corpus.paths[0], "second")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    damaged = published(settings.index.path) / "documents.jsonl"
    damaged.write_bytes(damaged.read_bytes()[:-2])
    with served(unwatched(settings)) as client:
        ready = client.get("/readyz").json()
        assert ready == {"status": DEGRADED, "generation": good, "problems": ["the newest index cannot be loaded"]}


def test_whatever_keeps_the_index_from_being_opened_is_tried_again_and_told_to_who_asks(settings, monkeypatch):
    class Failing(StubOpener):
        left = 3

        def open(self, *args):
            self.left -= 1
            if self.left >= 0:
                raise RuntimeError("no memory for it")
            return super().open(*args)

    monkeypatch.setattr(generations_module, "LOOK_SECONDS", 0.01)
    with served(settings, Failing(), is_ready=False) as client:
        eventually(lambda: "the server's log says why" in client.get("/readyz").text)
        eventually(lambda: client.get("/readyz").status_code == 200)
        eventually(lambda: state(client) == READY)


def test_an_error_that_many_are_told_does_not_grow(settings):
    (published(settings.index.path) / "passages.npy").write_bytes(b"")

    async def told():
        service = Service(settings, StubOpener())
        with pytest.raises(Exception, match="passages"):
            await service.start()
        for _ in range(50):
            with pytest.raises(Exception, match="passages") as failure:
                _ = service.snapshot
        service.close()
        return len(failure.traceback)

    assert asyncio.run(told()) < 6


# Receipts


def test_a_report_that_another_process_added_a_moment_ago_can_be_removed(settings):
    """The snapshot that answers is older than the published one for up to half a second."""
    with client_of_app(create_app(Service(unwatched(settings), StubOpener(), follow_seconds=3600))) as client:
        eventually(lambda: client.get("/readyz").status_code == 200)
        write(settings.corpus.paths[0], "second")
        build_index(settings.corpus.paths, settings.index.path, StubEncoder())
        receipt = client.delete("/documents/second", headers=ADMIN)
        assert (receipt.status_code, receipt.json()["removed"]) == (200, ["second"])
