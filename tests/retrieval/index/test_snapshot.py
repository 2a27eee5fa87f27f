"""A generation is published whole or not at all, and a damaged one is refused."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SUPPORT
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.corpus.passages import split_document
from retrieval.errors import (
    IndexBusy,
    IndexUnwritable,
    SnapshotDamaged,
    SnapshotError,
    SnapshotMismatch,
    SnapshotMissing,
)
from retrieval.index import publish as publish_module
from retrieval.index import snapshot as snapshot_module
from retrieval.index.build import build_index
from retrieval.index.dense import DenseIndex
from retrieval.index.lexical import LEGS, Lexical
from retrieval.index.publish import writing
from retrieval.index.snapshot import load_last_good, load_snapshot, published, read_manifest, verify_all
from retrieval.index.token_store import TokenStore

FIRST = {
    "一.txt": "抗疫纪实\n\n2022年3月12日\n\n社区的志愿者给老人送菜。\n\n▲志愿者在送菜。\n\n灯还亮着。\n",
    "二.md": "# 通知\n\n明天封闭。\n",
}
SECOND = FIRST | {"三.txt": "株洲的医生在医院做手术。\n"}
POSTINGS = ["frequencies.npy", "lengths.npy", "rows.npy", "starts.npy", "terms.json", "weights.npy"]
FILES = sorted(
    [
        "documents.jsonl",
        "manifest.json",
        "passages.npy",
        *(f"{leg}.{part}" for leg in LEGS for part in POSTINGS),
        "tokens.000.npy",
        "tokens.rows.npy",
        "vectors.faiss",
    ]
)
REMEDY = "run `wenbao index --rebuild`"


@pytest.fixture
def index(corpus_of, tmp_path):
    """The path of an index of the first two reports."""
    build_index([corpus_of(FIRST)], tmp_path / "index", StubEncoder())
    return tmp_path / "index"


@pytest.fixture
def grow(corpus_of, index):
    """Add a third report and index again."""
    return lambda: build_index([corpus_of(SECOND)], index, StubEncoder())


def refused(index):
    with pytest.raises(SnapshotError) as caught:
        load_snapshot(index)
    return caught.value


def files_of(index):
    """Every file below the index, and the name of the published generation."""
    return sorted(path.relative_to(index).as_posix() for path in index.rglob("*") if path.is_file())


def generations(index):
    return sorted(path.name for path in (index / "generations").iterdir())


def debris(index):
    """List whatever is there beside whole generations, CURRENT and the lock."""
    kept = {
        f"generations/{name}/{file}"
        for name in generations(index)
        for file in [*read_manifest(index / "generations" / name).files, "manifest.json"]
    }
    return sorted(set(files_of(index)) ^ (kept | {"CURRENT", "lock"}))


def run(code, *arguments, **options):
    """Run code in a process of its own that can import the project and the stub encoder."""
    header = f"import os, signal, sys, time; sys.path.insert(0, {str(SUPPORT)!r})\n"
    header += "from pathlib import Path\nfrom stub_encoder import StubEncoder\n"
    header += "from retrieval.index import build as indexer, publish, snapshot\n"
    header += "from retrieval.index.build import build_index\n"
    command = [sys.executable, "-c", header + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


# Reading what was written


def test_a_snapshot_is_read_back_as_it_was_written(index, seeds):
    snapshot = load_snapshot(index)
    assert [d.document_id for d in snapshot.documents] == ["一", "二"]
    assert snapshot.documents[0].date == dt.date(2022, 3, 12)
    assert snapshot.by_id == {"一": snapshot.documents[0], "二": snapshot.documents[1]}
    passages = [passage for document in snapshot.documents for passage in split_document(document)]
    assert list(snapshot.passages) == passages
    encoded = StubEncoder().encode_passages([passage.text for passage in passages])
    assert np.allclose(snapshot.dense.vectors(), encoded.vectors)
    assert [snapshot.tokens.tokens(row).tobytes() for row in range(3)] == [t.tobytes() for t in encoded.tokens]
    assert snapshot.lexical.words.search(["医生", "封闭"], 5).rows.tolist() == [2]
    assert snapshot.lexical.bigrams.search(["愿者", "者给"], 5).rows.tolist() == [0]
    assert snapshot.lexical.pinyin.search(["fengbi", "dengl"], 5).rows.tolist() == []


def test_the_seeds_survive_the_round_trip_whole(seed_snapshot, seeds):
    assert seed_snapshot.documents == seeds.documents
    assert list(seed_snapshot.passages) == [p for d in seeds.documents for p in split_document(d)]


def test_the_manifest_says_what_the_index_was_made_of(index):
    manifest = load_snapshot(index).manifest
    folder = published(index)
    expected = {
        "generation": folder.name,
        "encoder": "stub",
        "encoder_fingerprint": "stub-64",
        "dimension": 64,
        "passage_characters": 400,
        "documents": 2,
        "passages": 3,
        "skipped": (),
        "schema": snapshot_module.SCHEMA,
    }
    assert {name: getattr(manifest, name) for name in expected} == expected
    assert sorted(manifest.files) == [name for name in FILES if name != "manifest.json"]
    assert {name: size for name, (size, _) in manifest.files.items()} == {
        name: (folder / name).stat().st_size for name in manifest.files
    }


def test_nothing_indexed_yet_says_which_command_to_run(tmp_path):
    assert isinstance(refused(tmp_path / "none"), SnapshotMissing)
    assert str(refused(tmp_path / "none")) == f"there is no index in {tmp_path / 'none'}: run `wenbao index`"


# Damage


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flipped", "truncated", "deleted", "emptied"])
def test_a_damaged_file_is_refused_by_name_with_the_command_that_mends_it(index, grow, name, damage):
    path = published(index) / name
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0x80
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes({"flipped": data, "truncated": data[:-1], "emptied": b""}[damage])
    error = refused(index)
    assert isinstance(error, SnapshotDamaged)
    assert str(path) in str(error)
    assert str(error).endswith(REMEDY)
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]


def test_no_altered_byte_of_the_manifest_goes_unseen(index):
    path = published(index) / "manifest.json"
    data = path.read_bytes()
    unseen = []
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            load_snapshot(index)
            unseen.append(data[max(at - 20, 0) : at + 1].decode())
        except SnapshotError as error:
            assert REMEDY in str(error)
    assert unseen == []


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"000009-00000000\n", b"\0", b"../..\n"])
def test_a_damaged_pointer_is_refused_with_the_command_that_mends_it(index, grow, content):
    (index / "CURRENT").write_bytes(content)
    error = refused(index)
    assert isinstance(error, SnapshotDamaged)
    assert str(error).endswith(REMEDY)
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]


@pytest.mark.parametrize("schema", [0, 1, snapshot_module.SCHEMA + 1, str(snapshot_module.SCHEMA), None])
def test_an_index_of_another_version_is_refused_with_the_command_that_mends_it(index, schema):
    path = published(index) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": schema}))
    error = refused(index)
    assert isinstance(error, SnapshotMismatch)
    assert str(error) == f"the index {published(index)} was written by another version of Wenbao: {REMEDY}"


def test_a_manifest_that_is_no_object_is_refused(index):
    (published(index) / "manifest.json").write_text("[1, 2]")
    assert REMEDY in str(refused(index))


def test_the_last_good_generation_is_served_where_the_published_one_is_damaged(index, grow):
    old = load_snapshot(index)
    grow()
    assert load_last_good(index)[1] is None
    damaged = published(index) / "vectors.faiss"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    snapshot, problem = load_last_good(index)
    assert (snapshot.documents, problem) == (old.documents, f"{damaged} was cut short or altered: {REMEDY}")
    assert verify_all(index) == [problem]
    (index / "generations" / old.generation / "documents.jsonl").unlink()
    with pytest.raises(SnapshotDamaged, match="vectors.faiss was cut short or altered"):
        load_last_good(index)
    assert len(verify_all(index)) == 2


# Publishing


def test_only_two_generations_stay(index, corpus_of, grow):
    for number in range(4):
        build_index([corpus_of({"四.txt": f"第{number}次的通知说明天封闭。\n"})], index, StubEncoder())
    assert [name.split("-")[0] for name in generations(index)] == ["000004", "000005"]
    assert published(index).name == generations(index)[-1]
    assert debris(index) == []


def test_a_reader_keeps_its_generation_while_new_ones_are_published(index, corpus_of):
    old = load_snapshot(index)
    for number in range(3):
        build_index([corpus_of({"四.txt": f"第{number}次的通知说明天封闭。\n"})], index, StubEncoder())
    assert not (index / "generations" / old.generation).exists()
    assert old.lexical.words.search(["志愿者"], 3).rows.tolist() == [0]
    assert Answerer(old, StubEncoder()).ask("志愿者给谁送菜?").generation == old.generation


def test_a_reader_that_loses_its_generation_while_reading_takes_the_new_one(index, corpus_of, monkeypatch):
    load, calls = snapshot_module._load, []

    def slow_load(folder):
        if not calls:
            calls.append(folder)
            for number in range(3):
                build_index([corpus_of({"四.txt": f"第{number}次的通知说明天封闭。\n"})], index, StubEncoder())
        return load(folder)

    monkeypatch.setattr(snapshot_module, "_load", slow_load)
    monkeypatch.setattr("retrieval.index.build.load_snapshot", lambda path: load(published(path)))
    assert "第2次的通知" in load_snapshot(index).by_id["四"].text


POINTS = [
    "write_parts",
    "Lexical.save",
    "TokenStore.save",
    "sha256_of",
    "write_json",
    "flush",
    "switch",
    "os.replace",
    "Path.rename",
    "_remove_old",
]
OWNERS = {"os": os, "Path": Path, "Lexical": Lexical, "TokenStore": TokenStore}
"""Everything else is a name in ``publish``."""


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_exception_at_any_point_leaves_a_whole_generation_and_the_next_run_tidies_up(
    index, grow, monkeypatch, point, when
):
    owner = OWNERS.get(point.split(".")[0], publish_module)
    name = point.split(".")[-1]
    function = getattr(owner, name)

    def crash(*arguments, **options):
        if when == "after":
            function(*arguments, **options)
        raise RuntimeError("crash")

    loaded = load_snapshot(index)
    with monkeypatch.context() as patched:
        patched.setattr("retrieval.index.build.load_snapshot", lambda path: loaded)
        patched.setattr(owner, name, crash)
        with pytest.raises(RuntimeError, match="crash"):
            grow()
    assert [d.document_id for d in load_snapshot(index).documents] in (["一", "二"], ["一", "三", "二"])
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]
    assert debris(index) == []
    assert len(generations(index)) <= 2


@pytest.mark.parametrize(
    "point",
    [
        "write_parts",
        "Lexical.save",
        "TokenStore.save",
        "write_json",
        "flush",
        "switch",
        "os.replace",
        "_remove_old",
    ],
)
def test_a_process_killed_at_any_point_leaves_a_whole_generation_and_a_free_lock(index, grow, corpus_of, point):
    old = load_snapshot(index)
    corpus_of(SECOND)
    owner, name = ("os", "replace") if point == "os.replace" else ("publish", point)
    if point.endswith(".save"):
        owner, name = f"publish.{point.removesuffix('.save')}", "save"
    code = f"""
        function = {owner}.{name}
        def die(*arguments, **options):
            if {point != "os.replace"} and {name!r} not in ("switch", "_remove_old"):
                function(*arguments, **options)
            os.kill(os.getpid(), signal.SIGKILL)
        {owner}.{name} = die
        build_index([Path(sys.argv[1])], Path(sys.argv[2]), StubEncoder())
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
        build_index([Path(sys.argv[1])], Path(sys.argv[2]), Slow())
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


def test_a_second_writer_in_the_same_process_is_refused_too(index, grow):
    with writing(index), pytest.raises(IndexBusy, match=f"is being written by process {os.getpid()}: "):
        grow()
    assert grow().added == ("三",)


def test_a_failure_while_writing_gives_the_lock_back(index):
    with pytest.raises(RuntimeError, match="crash"), writing(index):
        raise RuntimeError("crash")
    with writing(index):
        assert (index / "writer").read_text() == str(os.getpid())
    assert debris(index) == []


# Disks


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("point", ["write_parts", "Lexical.save", "TokenStore.save", "write_json", "flush", "switch"])
def test_a_disk_that_fills_up_is_named_with_the_remedy_and_the_old_generation_stays(
    index, grow, monkeypatch, point, code
):
    old = load_snapshot(index)

    def full(*arguments, **options):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(OWNERS.get(point.split(".")[0], publish_module), point.split(".")[-1], full)
        with pytest.raises(IndexUnwritable) as caught:
            grow()
    assert str(caught.value) == f"the disk of {index} is full: free some space and run `wenbao index` again"
    assert load_snapshot(index).manifest == old.manifest
    assert grow().added == ("三",)
    assert debris(index) == []


@pytest.mark.parametrize("name", [name for name in [*FILES, "tokens.001.npy"] if name != "manifest.json"])
def test_a_disk_that_is_full_for_any_one_file_publishes_nothing(index, grow, monkeypatch, name):
    old = load_snapshot(index)
    make_folder = tempfile.mkdtemp

    def folder_on_a_full_disk(*arguments, **options):
        folder = make_folder(*arguments, **options)
        Path(folder, name).symlink_to("/dev/full")
        return folder

    def digest(path):
        assert not path.is_symlink(), f"{path.name} was written to a full disk and nobody noticed"
        return hashlib.sha256(path.read_bytes()).hexdigest()

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkdtemp", folder_on_a_full_disk)
        patched.setattr(publish_module, "sha256_of", digest)
        with pytest.raises(IndexUnwritable, match="is full: free some space and run `wenbao index` again"):
            grow()
    assert load_snapshot(index).manifest == old.manifest


def test_a_large_index_on_a_full_disk_is_a_clear_error_too(index, monkeypatch):
    big = DenseIndex.build(np.zeros((5000, 64), np.float32))
    with pytest.raises(IndexUnwritable, match="is full"), writing(index):
        big.save(Path("/dev/full"))


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_folder_that_may_not_be_written_is_named_with_the_remedy(index, grow, monkeypatch, code):
    old = load_snapshot(index)

    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code), str(index / "generations"))

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkdtemp", refuse)
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


@pytest.fixture
def linked(monkeypatch):
    """Share even the smallest segment of tokens, as large ones are."""
    monkeypatch.setattr("retrieval.index.token_store.LINK_FROM_BYTES", 1)


def test_the_tokens_of_old_reports_are_shared_and_only_those_of_new_ones_are_written(index, grow, linked):
    before = published(index)
    grow()
    after = published(index)
    assert (after / "tokens.000.npy").samefile(before / "tokens.000.npy")
    assert len(load_snapshot(index).tokens.segments[1]) == len("株洲的医生在医院做手术。")
    assert verify_all(index) == []
    assert read_manifest(after).files["tokens.000.npy"] == read_manifest(before).files["tokens.000.npy"]


def test_shared_tokens_outlive_the_generation_that_wrote_them(index, corpus_of, linked):
    first = load_snapshot(index)
    for number in range(3):
        build_index([corpus_of({"四.txt": f"第{number}次的通知说明天封闭。\n"})], index, StubEncoder())
    assert not (index / "generations" / first.generation).exists()
    snapshot = load_snapshot(index)
    encoded = StubEncoder().encode_passages([passage.text for passage in snapshot.passages])
    assert [snapshot.tokens.tokens(row).tobytes() for row in range(4)] == [t.tobytes() for t in encoded.tokens]
    assert Answerer(first, StubEncoder()).ask("志愿者给谁送菜?").generation == first.generation


def test_damaged_tokens_that_generations_share_are_refused_by_each_of_them(index, grow, corpus_of, linked):
    grow()
    path = published(index) / "tokens.000.npy"
    path.write_bytes(path.read_bytes()[:-1])
    assert [problem.split("/")[-1] for problem in verify_all(index)] == [
        f"tokens.000.npy was cut short or altered: {REMEDY}"
    ] * 2
    with pytest.raises(SnapshotDamaged, match="tokens.000.npy was cut short or altered"):
        load_last_good(index)
    assert grow().embedded == 4
    assert [published(index).name in problem for problem in verify_all(index)] == [False]
    assert len(load_snapshot(index).passages) == 4


# What reports are looked up by


CHARACTERS = "社区志愿者孙蕴华株洲医院送菜3月12日 mask,。"
TEXTS = st.lists(st.text(st.sampled_from(CHARACTERS), max_size=12), max_size=6)


@given(TEXTS, TEXTS, st.data())
def test_an_updated_lexical_index_is_the_one_built_from_nothing(tmp_path_factory, old, new, data):
    reused = data.draw(st.lists(st.sampled_from(range(len(old))), max_size=6) if old else st.just([]))
    kept = data.draw(st.permutations([*reused, *[None] * len(new)]))
    rest = iter(new)
    folder = tmp_path_factory.mktemp("lexical")
    for name, lexical in (
        ("updated", Lexical.build(old).updated(kept, new)),
        ("built", Lexical.build([next(rest) if row is None else old[row] for row in kept])),
    ):
        (folder / name).mkdir()
        lexical.save(folder / name)
        assert len(Lexical.load(folder / name)) == len(kept)
    names = sorted(path.name for path in (folder / "built").iterdir())
    assert len(names) == 24
    assert {name: (folder / "updated" / name).read_bytes() for name in names} == {
        name: (folder / "built" / name).read_bytes() for name in names
    }
