"""Readers run in a worker that a hostile file can end, and the next file is read all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from places import SUPPORT

from retrieval.corpus import read_corpus
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.formats.registry import READERS
from retrieval.corpus.sandbox import Limits, Sandbox
from retrieval.errors import ReportUnreadable
from retrieval.types import Skipped

TEXT = "社区的志愿者每天给老人送菜。"
DRAFT = Draft((Block("paragraph", TEXT),))
NOTICE = (
    "2020-02-01 来源：株洲日报\n\n连日来，志愿者闻令而动。\n\n一、身影\n\n▲志愿者在送菜。\n\n灯还亮着。\n\n下载APP\n"
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=3, memory=2**29), "hostile_tasks:HOSTILE") as sandbox:
        yield sandbox


def reason(sandbox: Sandbox, task: str) -> str:
    with pytest.raises(ReportUnreadable) as caught:
        sandbox.read(task, TEXT.encode())
    return str(caught.value)


def test_a_draft_comes_back_as_the_reader_made_it(sandbox):
    data = NOTICE.encode()
    assert sandbox.read(".txt", data) == READERS[".txt"](data)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("sleep", "took longer than 3 s to read"),
        ("spin", "took longer than 3 s to read"),
        ("allocate", "needed more than 0.5 GiB of memory to read"),
        ("recurse", "is nested too deeply: damaged or hostile"),
        ("crash", "its reader crashed, or needed more than 0.5 GiB of memory: damaged or hostile"),
        ("leave", "its reader crashed, or needed more than 0.5 GiB of memory: damaged or hostile"),
        ("fail", "its reader failed (LookupError): damaged or hostile"),
        (".pdf", "the PDF is damaged: save or print it anew"),
    ],
)
def test_a_file_that_its_reader_does_not_stand_is_named_and_the_next_is_read(sandbox, task, expected):
    assert reason(sandbox, task) == expected
    assert sandbox.read(".txt", TEXT.encode()) == DRAFT


def test_a_parent_that_holds_much_memory_still_has_one_worker_for_many_files(sandbox):
    held = np.ones(2**29 // 8 + 1)  # more than the worker may: its peak must not be taken for the worker's
    sandbox.close()
    first, second = (sandbox.read("look around", b"").blocks[0].text for _ in range(2))
    assert first == second
    assert len(held)


def test_what_a_parser_prints_is_no_reply(sandbox):
    assert sandbox.read("talk", TEXT.encode()) == DRAFT
    assert sandbox.read(".txt", TEXT.encode()) == DRAFT


def test_one_worker_reads_many_files(sandbox):
    first, second = (sandbox.read("look around", b"").blocks[0].text for _ in range(2))
    assert first == second
    assert first.partition(" ")[0] != str(os.getpid())
    assert first.partition(" ")[2] == "False"


def test_a_worker_that_cannot_work_is_named():
    with Sandbox(tasks="no_such_module:TASKS") as sandbox:
        assert reason(sandbox, ".txt") == "the process to read it in ended at once with status 1"


def test_a_worker_ends_with_its_parent():
    script = """
import json, os, signal
from retrieval.corpus.sandbox import Sandbox
sandbox = Sandbox(tasks="hostile_tasks:HOSTILE")
print(sandbox.read("look around", b"").blocks[0].text.split()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    parent = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    worker = int(parent.stdout)
    while True:  # until the end of its standard input has reached it
        try:
            os.kill(worker, 0)
            with open(f"/proc/{worker}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    break
        except (ProcessLookupError, FileNotFoundError):
            break


def test_the_parent_imports_no_parser(corpus_of):
    script = """
import json, sys
import retrieval.index.build
from pathlib import Path
from retrieval.corpus import read_corpus
corpus = read_corpus([Path(sys.argv[1])])
names = ["trafilatura", "lxml", "docx", "pypdfium2"]
print(json.dumps([[d.path for d in corpus.documents], [name for name in names if name in sys.modules]]))
"""
    folder = corpus_of({"a.html": f"<p>{TEXT}</p>"})
    run = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [["a.html"], []]


@pytest.fixture
def started(monkeypatch):
    """The commands of the processes that are started."""
    commands, start = [], subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda command, **options: commands.append(command) or start(command, **options)
    )
    return commands


def test_every_file_is_read_by_one_worker_that_the_next_corpus_takes_over(corpus_of, started):
    limits = Limits(seconds=59)  # no other test's worker fits
    for text in (TEXT, "短"):
        corpus = read_corpus([corpus_of({"a.txt": text, "b.md": text})], sandbox=Sandbox(limits))
        assert [document.text for document in corpus.documents] == [text, text]
    assert len(started) == 1


def test_a_worker_that_nobody_takes_over_is_ended(monkeypatch):
    monkeypatch.setattr("retrieval.corpus.sandbox.idle.IDLE_SECONDS", 0.01)
    with Sandbox(Limits(seconds=58), "hostile_tasks:HOSTILE") as sandbox:
        sandbox.read("look around", b"")
        worker = sandbox._worker
    worker.wait(30)
    assert worker.returncode is not None


def test_two_sandboxes_at_once_have_two_workers():
    limits = Limits(seconds=57)
    with Sandbox(limits, "hostile_tasks:HOSTILE") as one, Sandbox(limits, "hostile_tasks:HOSTILE") as other:
        numbers = {box.read("look around", b"").blocks[0].text.split()[0] for box in (one, other, one, other)}
    assert len(numbers) == 2


def test_a_file_over_the_time_is_skipped_and_the_rest_goes_on(corpus_of):
    folder = corpus_of({"a.html": TEXT, "b.html": "sleep", "c.html": TEXT})
    corpus = read_corpus([folder], sandbox=Sandbox(Limits(seconds=3), "hostile_tasks:SLOW"))
    assert [document.document_id for document in corpus.documents] == ["a", "c"]
    assert corpus.skipped == (Skipped(f"{folder}/b.html", "took longer than 3 s to read"),)
