"""Earlier texts of reports: kept before another takes their place, whole or not at all, and dropped in the end."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing

import pytest
from places import SUPPORT
from stub_encoder import StubEncoder

from retrieval.corpus import files as files_module
from retrieval.corpus import readings as readings_module
from retrieval.disk import version_of
from retrieval.errors import IndexUnsound, IndexUnwritable
from retrieval.index import build as build_module
from retrieval.index.build import build_index
from retrieval.index.history import kept as keeping
from retrieval.index.history.store import FILE, History
from retrieval.index.local.snapshot import load_snapshot, published
from retrieval.index.manifest import MANIFEST

TEXTS = [f"第{number}次的通知说明天封闭。" for number in range(8)]


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "index")


@pytest.fixture
def build(corpus_of, tmp_path):
    """Write one report (or take it away: None) and index."""

    def run(text, name="a.txt", **options):
        folder = corpus_of({} if text is None else {name: text})
        if text is None:
            (folder / name).unlink()
        return build_index([folder], tmp_path / "index", StubEncoder(), **options)

    return run


def kept(history, document_id="a"):
    """The kept texts of a report, the latest first."""
    return [found.document.text for found in history.of(document_id)]


def execute(history, statement, *values):
    with closing(sqlite3.connect(history.file)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_a_text_that_another_replaces_is_kept_as_the_whole_document(build, history, tmp_path):
    build(TEXTS[0])
    before = load_snapshot(tmp_path / "index").by_id["a"]
    build(TEXTS[1])
    (found,) = history.of("a")
    assert (found.document, found.version) == (before, version_of(TEXTS[0]))
    assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - found.until < dt.timedelta(minutes=5)
    assert history.version("a", found.version) == found
    assert history.version("a", version_of(TEXTS[1])) is None
    assert history.damage() is None


def test_nothing_is_kept_where_the_text_is_the_same(build, history):
    build("标题\n\n" + TEXTS[0])
    build("标题\n\n" + TEXTS[0] + "\n")
    build("标题\n\n" + TEXTS[0] + "\n", rebuild=True)
    build(TEXTS[1], "b.txt")
    assert not history.file.exists()


def test_the_last_texts_of_a_report_stay_and_older_ones_go(build, history):
    for text in TEXTS:
        build(text)
    assert kept(history) == TEXTS[6:1:-1]
    build(TEXTS[7], history=2)
    assert kept(history) == TEXTS[6:4:-1]


def test_a_text_that_comes_back_is_the_present_one_and_counts_no_longer(build, history):
    for text in (TEXTS[0], TEXTS[1], TEXTS[0]):
        build(text)
    assert kept(history) == [TEXTS[1]]
    build(TEXTS[2])
    assert kept(history) == [TEXTS[0], TEXTS[1]]


def test_history_0_keeps_nothing_and_deletes_what_was_kept(build, history):
    build(TEXTS[0])
    build(TEXTS[1], history=0)
    assert not history.file.exists()
    build(TEXTS[2])
    assert kept(history) == [TEXTS[1]]
    build(TEXTS[2], history=0)
    assert not history.file.exists()


def test_a_removed_report_keeps_its_texts_for_a_year(build, history):
    for text in (*TEXTS[:3], None):
        build(text)
    assert kept(history) == [TEXTS[2], TEXTS[1], TEXTS[0]]
    ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=keeping.REMOVED_DAYS + 1)
    execute(history, "UPDATE texts SET until = ? WHERE version != ?", ago.isoformat(), version_of(TEXTS[2]))
    build(TEXTS[5], "b.txt")
    assert kept(history) == [TEXTS[2]]


def test_a_year_does_not_count_for_a_report_that_is_still_there(build, history):
    for text in TEXTS[:3]:
        build(text)
    execute(history, "UPDATE texts SET until = '2001-01-01T00:00:00+00:00'")
    build(TEXTS[5], "b.txt")
    assert kept(history) == [TEXTS[1], TEXTS[0]]


def test_of_all_removed_reports_only_so_many_texts_are_kept(build, history, monkeypatch):
    monkeypatch.setattr(keeping, "REMOVED_VERSIONS", 2)
    for name in ("a.txt", "b.txt", "c.txt"):
        build(name + TEXTS[0], name)
        build(None, name)
    assert [kept(history, name) for name in "abc"] == [[], ["b.txt" + TEXTS[0]], ["c.txt" + TEXTS[0]]]


def test_rebuilding_leaves_what_is_kept_alone_and_keeps_what_it_replaces(build, history):
    for text in TEXTS[:2]:
        build(text)
    build(TEXTS[2], rebuild=True)
    assert kept(history) == [TEXTS[1], TEXTS[0]]


def test_another_reader_of_the_same_file_makes_another_version(build, history, monkeypatch):
    build(TEXTS[0])
    make = files_module.make_document

    def otherwise(draft, *rest):
        document = make(draft, *rest)
        return type(document)(**{name: getattr(document, name) for name in document.__slots__} | {"text": TEXTS[1]})

    monkeypatch.setattr(readings_module, "READERS_VERSION", readings_module.READERS_VERSION + 1)
    monkeypatch.setattr(files_module, "make_document", otherwise)
    build(TEXTS[0], rebuild=True)
    assert kept(history) == [TEXTS[0]]


@pytest.mark.parametrize("damage", ["schema", "vectors"])
def test_texts_of_a_generation_that_cannot_be_used_any_more_are_kept_too(build, history, tmp_path, damage):
    build(TEXTS[0])
    folder = published(tmp_path / "index")
    if damage == "schema":
        manifest = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps(manifest | {"schema": 0}))
    else:
        (folder / "vectors.faiss").write_bytes(b"")
    build(TEXTS[1])
    assert kept(history) == [TEXTS[0]]


def test_texts_that_were_damaged_on_disk_are_not_kept(build, history, tmp_path):
    build(TEXTS[0])
    documents = published(tmp_path / "index") / "documents.jsonl"
    documents.write_bytes(documents.read_bytes().replace(b'"a.txt"', b'"b.txt"'))
    build(TEXTS[1])
    assert not history.file.exists()


def test_where_a_generation_is_not_published_the_old_text_is_still_found_as_the_present_one(
    build, history, monkeypatch, tmp_path
):
    build(TEXTS[0])

    def unsound(_):
        raise IndexUnsound("no")

    with monkeypatch.context() as patched:
        patched.setattr(build_module, "self_test", unsound)
        with pytest.raises(IndexUnsound):
            build(TEXTS[1])
    assert load_snapshot(tmp_path / "index").by_id["a"].text == TEXTS[0]
    build(TEXTS[1])
    assert kept(history) == [TEXTS[0]]


@pytest.mark.parametrize("point", ["before the change ends", "before the switch", "before dropping"])
def test_a_process_killed_at_any_point_loses_no_text(build, history, corpus_of, tmp_path, point):
    build(TEXTS[0])
    build(TEXTS[1])
    folder = corpus_of({"a.txt": TEXTS[2]})
    code = f"""
        import os, signal, sys
        sys.path.insert(0, {str(SUPPORT)!r})
        from pathlib import Path
        from stub_encoder import StubEncoder
        from retrieval.index import build
        from retrieval.index.local import publish
        from retrieval.index.history import store
        def die(*_, **__):
            os.kill(os.getpid(), signal.SIGKILL)
        point = {point!r}
        if point == "before the switch":
            publish.switch = die
        elif point == "before dropping":
            store.History.drop = die
        else:
            def add(self, documents):
                with self._changing() as connection:
                    connection.execute(store.INSERT, store.row_of(documents[0]))
                    die()
            store.History.add = add
        build.build_index([Path(sys.argv[1])], Path(sys.argv[2]), StubEncoder())
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(folder), str(tmp_path / "index")]
    assert subprocess.run(command, env=os.environ, check=False).returncode == -signal.SIGKILL
    assert history.damage() is None
    published_text = load_snapshot(tmp_path / "index").by_id["a"].text
    assert {TEXTS[0], TEXTS[1]} <= {*kept(history), published_text}
    build(TEXTS[2])
    assert kept(history) == [TEXTS[1], TEXTS[0]]


def test_a_text_that_is_not_whole_is_left_out_and_named(build, history):
    for text in TEXTS[:3]:
        build(text)
    execute(history, "UPDATE texts SET content = substr(content, 1, 20) WHERE version = ?", version_of(TEXTS[1]))
    assert kept(history) == [TEXTS[0]]
    assert str(history.damage()) == f"1 earlier texts in {history.file} are damaged: nothing mends them"


def test_a_file_that_is_no_database_begins_anew_and_is_set_aside(build, history):
    for text in TEXTS[:2]:
        build(text)
    history.file.write_bytes(b"no database at all" * 100)
    assert kept(history) == []
    assert "is damaged (file is not a database)" in str(history.damage())
    build(TEXTS[2])
    assert kept(history) == [TEXTS[1]]
    assert history.file.with_suffix(".damaged.sqlite").read_bytes().startswith(b"no database")


def test_texts_that_cannot_be_kept_stop_the_run_with_the_remedy(build, history):
    build(TEXTS[0])
    history.file.mkdir()
    with pytest.raises(IndexUnwritable) as caught:
        build(TEXTS[1])
    assert str(caught.value) == (
        f"earlier texts cannot be kept in {history.file} (unable to open database file): "
        "mend that, or set corpus.history to 0"
    )


def test_an_id_that_no_text_can_be_has_no_earlier_texts(build, history):
    for text in TEXTS[:2]:
        build(text)
    assert (history.of("\ud800"), history.of("b")) == ([], [])
    assert history.file.name == FILE
