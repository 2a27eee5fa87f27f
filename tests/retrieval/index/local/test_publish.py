"""A generation is published whole or not at all, whatever ends the process or fills the disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from places import SUPPORT
from stub_encoder import StubEncoder
from two_reports import FILES, FIRST, REMEDY, SECOND

from retrieval.answer.answerer import Answerer
from retrieval.disk import folder_aside
from retrieval.errors import IndexBusy, IndexUnwritable, SnapshotDamaged
from retrieval.index import build as build_module
from retrieval.index.build import build_index
from retrieval.index.local import publish as publish_module
from retrieval.index.local.dense import DenseIndex
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.passage_table import PassageTable
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import load_last_good, load_snapshot, published, verify_all
from retrieval.index.local.token_store import TokenStore
from retrieval.index.manifest import read_manifest
from retrieval.types import Question


def files_of(index):
    """Every file below the index, and the name of the published generation."""
    return sorted(path.relative_to(index).as_posix() for path in index.rglob("*") if path.is_file())


def generations(index):
    return sorted(path.name for path in (index / "generations").iterdir())


def debris(index):
    """List whatever is there beside whole generations, CURRENT, the lock, and what is remembered of files and texts."""
    kept = {
        f"generations/{name}/{file}"
        for name in generations(index)
        for file in [*read_manifest(index / "generations" / name).files, "manifest.json"]
    }
    return sorted((set(files_of(index)) - {"history.sqlite"}) ^ (kept | {"CURRENT", "lock", "readings.json"}))


def run(code, *arguments, **options):
    """Run code in a process of its own that can import the project and the stub encoder."""
    header = f"import os, signal, sys, time; sys.path.insert(0, {str(SUPPORT)!r})\n"
    header += "from pathlib import Path\nfrom stub_encoder import StubEncoder\n"
    header += "from retrieval.index import build\n"
    header += "from retrieval.index.local import dense, lexical, passage_table, publish, token_store\n"
    command = [sys.executable, "-c", header + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


def test_only_two_generations_stay(index, change):
    for number in range(4):
        change(number)
    assert [name.split("-")[0] for name in generations(index)] == ["000004", "000005"]
    assert published(index).name == generations(index)[-1]
    assert debris(index) == []


OWNERS = {
    "os": os,
    "Path": Path,
    "PassageTable": PassageTable,
    "DenseIndex": DenseIndex,
    "Lexical": Lexical,
    "TokenStore": TokenStore,
}
"""Everything else is a name in ``publish``."""
WRITES = [
    "write_documents",
    "PassageTable.save",
    "DenseIndex.save",
    "Lexical.save",
    "TokenStore.save",
    "write_manifest",
    "os.fsync",
    "switch",
]
POINTS = [*WRITES, "sha256_of", "Path.rename", "os.replace", "_remove_old"]


@pytest.fixture
def while_publishing(monkeypatch):
    """Replace a function, of the owner named before the point, while a generation is published."""

    def replace(point, make):
        owner, name = OWNERS.get(point.split(".")[0], publish_module), point.split(".")[-1]

        def publish(*arguments, **options):
            with pytest.MonkeyPatch.context() as inside:
                inside.setattr(owner, name, make(getattr(owner, name)))
                publish_module.publish(*arguments, **options)

        monkeypatch.setattr(build_module, "publish", publish)

    yield replace


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_exception_at_any_point_leaves_a_whole_generation_and_the_next_run_tidies_up(
    index, grow, while_publishing, monkeypatch, point, when
):
    def crashing(function):
        def crash(*arguments, **options):
            if when == "after":
                function(*arguments, **options)
            raise RuntimeError("crash")

        return crash

    while_publishing(point, crashing)
    with pytest.raises(RuntimeError, match="crash"):
        grow()
    monkeypatch.undo()
    assert [d.document_id for d in load_snapshot(index).documents] in (["一", "二"], ["一", "三", "二"])
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]
    assert debris(index) == []
    assert len(generations(index)) <= 2


PLACES = {
    "PassageTable": "passage_table.PassageTable",
    "DenseIndex": "dense.DenseIndex",
    "Lexical": "lexical.Lexical",
    "TokenStore": "token_store.TokenStore",
    "os": "os",
    "Path": "Path",
}


@pytest.mark.parametrize("point", [*WRITES, "Path.rename", "os.replace", "_remove_old"])
def test_a_process_killed_at_any_point_leaves_a_whole_generation_and_a_free_lock(index, grow, corpus_of, point):
    old = load_snapshot(index)
    corpus_of(SECOND)
    owner, name = PLACES.get(point.split(".")[0], "publish"), point.split(".")[-1]
    code = f"""
        real = publish.publish
        def killed(*arguments, **options):
            function = {owner}.{name}
            def die(*some, **more):
                if {name!r} not in ("switch", "replace", "_remove_old"):
                    function(*some, **more)
                os.kill(os.getpid(), signal.SIGKILL)
            {owner}.{name} = die
            real(*arguments, **options)
        build.publish = killed
        build.build_index([Path(sys.argv[1])], Path(sys.argv[2]), StubEncoder())
    """
    with run(code, index.parent / "corpus", index) as process:
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    found = [d.document_id for d in load_snapshot(index).documents]
    assert found == (["一", "三", "二"] if point == "_remove_old" else [d.document_id for d in old.documents])
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]
    assert debris(index) == []


def test_a_process_killed_while_embedding_leaves_the_old_generation_readable(index, grow, corpus_of):
    old = load_snapshot(index)
    corpus_of(SECOND)
    code = """
        class Slow(StubEncoder):
            def encode_passages(self, texts, progress):
                sys.stdout.write("embedding\\n"); sys.stdout.flush()
                time.sleep(600)
        build.build_index([Path(sys.argv[1])], Path(sys.argv[2]), Slow())
    """
    with run(code, index.parent / "corpus", index) as process:
        assert process.stdout.readline() == "embedding\n"
        with pytest.raises(IndexBusy) as caught:
            grow()
        assert str(caught.value) == (
            f"the index {index} is being written by process {process.pid}: wait for it, or end it"
        )
        assert load_snapshot(index).documents == old.documents
        process.kill()
        process.communicate()
    assert load_snapshot(index).documents == old.documents
    assert grow().added == ("三",)
    assert debris(index) == []


def test_a_second_writer_in_another_thread_of_the_same_process_is_refused_too(index, grow):
    with writing(index), ThreadPoolExecutor(1) as other:
        with pytest.raises(IndexBusy, match=f"is being written by process {os.getpid()}: "):
            other.submit(grow).result()
        assert grow().added == ("三",)  # who holds the lock may take it again
        with pytest.raises(IndexBusy):  # and that does not let go of it
            other.submit(grow).result()
    assert debris(index) == []


def test_a_failure_while_writing_gives_the_lock_back(index):
    with pytest.raises(RuntimeError, match="crash"), writing(index):
        raise RuntimeError("crash")
    with writing(index):
        assert (index / "writer").read_text() == str(os.getpid())
    assert debris(index) == []


# Disks


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("point", WRITES)
def test_a_disk_that_fills_up_is_named_with_the_remedy_and_the_old_generation_stays(
    index, grow, while_publishing, monkeypatch, point, code
):
    old = load_snapshot(index)

    def full(*arguments, **options):
        raise OSError(code, os.strerror(code))

    while_publishing(point, lambda _: full)
    with pytest.raises(IndexUnwritable) as caught:
        grow()
    monkeypatch.undo()
    assert str(caught.value) == f"the disk of {index} is full: free some space and run `wenbao index` again"
    assert load_snapshot(index).manifest == old.manifest
    assert grow().added == ("三",)
    assert debris(index) == []


@pytest.mark.parametrize("name", [name for name in [*FILES, "tokens.001.npy"] if name != "manifest.json"])
def test_a_disk_that_is_full_for_any_one_file_publishes_nothing(index, grow, monkeypatch, name):
    old = load_snapshot(index)

    @contextlib.contextmanager
    def folder_on_a_full_disk(*arguments, **options):
        with folder_aside(*arguments, **options) as folder:
            (folder / name).symlink_to("/dev/full")
            yield folder

    def digest(path):
        assert not path.is_symlink(), f"{path.name} was written to a full disk and nobody noticed"
        return hashlib.sha256(path.read_bytes()).hexdigest()

    with monkeypatch.context() as patched:
        patched.setattr(publish_module, "folder_aside", folder_on_a_full_disk)
        patched.setattr(publish_module, "sha256_of", digest)
        with pytest.raises(IndexUnwritable, match="is full: free some space and run `wenbao index` again"):
            grow()
    assert load_snapshot(index).manifest == old.manifest


def test_a_large_index_on_a_full_disk_is_a_clear_error_too(index, monkeypatch):
    big = DenseIndex.build(np.zeros((5000, 64), np.float32))
    with pytest.raises(IndexUnwritable, match="is full"), writing(index):
        big.save(Path("/dev/full"))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_may_not_be_written_is_named_with_the_remedy(index, grow, while_publishing, code):
    old = load_snapshot(index)

    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code), str(index / "generations"))

    while_publishing("Path.mkdir", lambda _: refuse)
    with pytest.raises(IndexUnwritable) as caught:
        grow()
    assert str(caught.value) == (
        f"{index / 'generations'} cannot be written ({os.strerror(code)}): mend that or set index.path elsewhere"
    )
    assert load_snapshot(index).manifest == old.manifest


@pytest.mark.parametrize("below", ["", "index"])
def test_an_index_path_where_a_file_stands_is_a_clear_error(corpus_of, tmp_path, below):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(IndexUnwritable, match="index.path"):
        build_index([corpus_of(FIRST)], tmp_path / "taken" / below, StubEncoder())
    assert (tmp_path / "taken").read_text() == "a file"


# What generations share


def test_the_tokens_of_old_reports_are_shared_and_only_those_of_new_ones_are_written(index, grow):
    before = published(index)
    grow(link_from=1)
    after = published(index)
    assert (after / "tokens.000.npy").samefile(before / "tokens.000.npy")
    assert len(load_snapshot(index).tokens.segments[1]) == len("株洲的医生在医院做手术。")
    assert verify_all(index) == []
    assert read_manifest(after).files["tokens.000.npy"] == read_manifest(before).files["tokens.000.npy"]


def test_shared_tokens_outlive_the_generation_that_wrote_them(index, change):
    first = load_snapshot(index)
    for number in range(3):
        change(number, link_from=1)
    assert not (index / "generations" / first.generation).exists()
    snapshot = load_snapshot(index)
    encoded = StubEncoder().encode_passages([passage.text for passage in snapshot.passages])
    assert [snapshot.tokens.tokens(row).tobytes() for row in range(5)] == [t.tobytes() for t in encoded.tokens]
    assert Answerer(first, StubEncoder()).ask(Question("志愿者给谁送菜?")).generation == first.generation


def test_damaged_tokens_that_generations_share_are_refused_by_each_of_them(index, grow):
    grow(link_from=1)
    path = published(index) / "tokens.000.npy"
    path.write_bytes(path.read_bytes()[:-1])
    assert [str(problem).split("/")[-1] for problem in verify_all(index)] == [
        f"tokens.000.npy was cut short or altered: {REMEDY}"
    ] * 2
    with pytest.raises(SnapshotDamaged, match="tokens.000.npy was cut short or altered"):
        load_last_good(index)
    assert grow().embedded == 5
    assert [published(index).name in str(problem) for problem in verify_all(index)] == [False]
    assert len(load_snapshot(index).passages) == 5
