"""What a backup holds, and that it is one generation while others index, vote and change reports."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from backed_up import LATER, full_index, indexed, settings_in, vote
from places import SUPPORT

from bot.backup import make_backup
from bot.backup.contents import MANIFEST
from bot.backup.packing import BackupUnwritable
from retrieval.errors import IndexBusy, SnapshotDamaged, SnapshotMissing
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import load_generation, published


@pytest.fixture
def settings(tmp_path):
    return full_index(tmp_path / "there")


def manifest_of(file):
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read(MANIFEST))


def refusal(settings, file, error=BackupUnwritable):
    with pytest.raises(error) as caught:
        make_backup(settings, file)
    return str(caught.value)


def test_a_backup_holds_the_generation_the_originals_and_what_the_index_keeps_but_no_locks_and_no_debris(
    settings, tmp_path
):
    packed = make_backup(settings, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(
            [
                *(f"generation/{name}" for name in os.listdir(published(settings.index.path))),
                "originals/0/一.txt",
                "originals/0/下/二.md",
                "originals/0/包.zip",
                "originals/0/影片.mp4",
                "state/calibration.json",
                "state/state.sqlite",
                "state/history.sqlite",
                "state/recognised/v1/d1/1.json",
                MANIFEST,
            ]
        )
        assert archive.read("originals/0/一.txt").decode() == LATER
    assert (packed.originals, packed.databases, packed.state_files, packed.changed, packed.left_out) == (
        4,
        2,
        2,
        [],
        [],
    )
    assert packed.bytes == (tmp_path / "b.zip").stat().st_size
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "there"]


def test_the_manifest_says_where_a_backup_comes_from_and_what_the_index_run_made_of_each_file(settings, tmp_path):
    make_backup(settings, tmp_path / "b.zip")
    manifest = manifest_of(tmp_path / "b.zip")
    reports = settings.corpus.paths[0]
    named = ("format", "generation", "encoder", "encoder_fingerprint", "passage_characters", "roots", "left_out")
    assert {key: manifest[key] for key in named} == {
        "format": 1,
        "generation": published(settings.index.path).name,
        "encoder": "stub",
        "encoder_fingerprint": "stub-64",
        "passage_characters": 400,
        "roots": [{"path": str(reports), "is_file": False}],
        "left_out": [],
    }
    made = {one["path"]: one["reading"] for one in manifest["members"] if one["kind"] == "original"}
    assert {path: [key for key, _ in reading["documents"]] for path, reading in made.items()} == {
        "一.txt": ["一"],
        "下/二.md": ["下/二"],
        "包.zip": ["包/three", "包/four"],
        "影片.mp4": [],
    }
    assert made["影片.mp4"]["skipped"][0][0] == str(reports / "影片.mp4")


def test_the_generation_stays_whole_while_it_is_replaced_and_deleted(settings, tmp_path):
    held = published(settings.index.path)

    def delete_it(stage, done, total):
        if stage == "pack" and done == 1:
            shutil.rmtree(held)

    packed = make_backup(settings, tmp_path / "b.zip", delete_it)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        for name in (name for name in archive.namelist() if name.startswith("generation/")):
            archive.extract(name, tmp_path)
    assert not held.exists()
    assert load_generation(tmp_path / "generation").generation == packed.generation == held.name


def test_files_that_are_not_what_the_generation_was_made_of_are_named(settings, tmp_path):
    reports = settings.corpus.paths[0]
    (reports / "一.txt").write_text("又改了。", encoding="utf-8")
    (reports / "包.zip").touch()
    (reports / "新.txt").write_text("新的。", encoding="utf-8")
    (reports / "下" / "二.md").unlink()
    packed = make_backup(settings, tmp_path / "b.zip")
    assert packed.changed == [
        (f"{reports}/一.txt", "changed since it was indexed"),
        (f"{reports}/包.zip", "perhaps changed since it was indexed"),
        (f"{reports}/新.txt", "not indexed yet"),
        ("下/二.md", "no longer in the corpus"),
    ]
    assert packed.left_out == []


def test_a_file_that_changes_while_it_is_read_is_named(settings, tmp_path):
    reports = settings.corpus.paths[0]
    growing = (reports / "影片.mp4").open("ab")
    growing.write(bytes(8 * 2**20))  # long enough for the other thread to have its turns
    done = threading.Event()

    def grow():
        while not done.is_set():
            growing.write(b"x" * 10)
            growing.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        packed = make_backup(settings, tmp_path / "b.zip")
    finally:
        done.set()
        writer.join()
        growing.close()
    assert packed.changed == [(f"{reports}/影片.mp4", "changed while it was read")]


def test_what_is_no_file_of_the_corpus_is_left_out_and_named(settings, tmp_path):
    reports = settings.corpus.paths[0]
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (reports / "out.txt").symlink_to(tmp_path / "secret.txt")
    (reports / "in.txt").symlink_to(reports / "一.txt")
    (reports / "round.txt").symlink_to(reports / "round.txt")
    os.mkfifo(reports / "pipe.txt")
    with open(os.fsencode(reports) + b"/\xff.txt", "w", encoding="utf-8") as file:
        file.write("x")
    packed = make_backup(settings, tmp_path / "b.zip")
    left = dict(packed.left_out)
    assert left.pop(f"{reports}/round.txt").startswith(("cannot be read", "not a regular file"))
    assert left == {
        f"{reports}/out.txt": "a link that leads out of the corpus folder",
        f"{reports}/pipe.txt": "not a regular file, or a folder that is a link or cannot be listed",
        f"{reports}/\ufffd.txt": "its name is not in UTF-8: rename it",
    }
    assert packed.changed == [(f"{reports}/in.txt", "not indexed yet")]


def test_a_backup_takes_votes_that_are_still_in_the_log_and_waits_for_nobody(settings, tmp_path):
    with closing(sqlite3.connect(settings.index.path / "state.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA wal_autocheckpoint = 0")
        other.execute("INSERT INTO votes VALUES ('logged')")
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO votes VALUES ('open')")
        with writing(settings.index.path):
            make_backup(settings, tmp_path / "b.zip")
            with ThreadPoolExecutor(1) as another, pytest.raises(IndexBusy):
                another.submit(writing(settings.index.path).__enter__).result()
        other.execute("ROLLBACK")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extract("state/state.sqlite", tmp_path)
    with closing(sqlite3.connect(tmp_path / "state" / "state.sqlite")) as connection:
        assert connection.execute("SELECT vote FROM votes").fetchall() == [("up",), ("down",), ("logged",)]


def test_a_database_that_cannot_be_read_is_left_out_and_named(settings, tmp_path):
    (settings.index.path / "history.sqlite").write_bytes(b"no database" * 1000)
    packed = make_backup(settings, tmp_path / "b.zip")
    assert packed.left_out == [
        (str(settings.index.path / "history.sqlite"), "it cannot be copied: file is not a database")
    ]
    assert packed.databases == 1


def test_without_a_whole_generation_there_is_no_backup(settings, tmp_path):
    vectors = published(settings.index.path) / "vectors.faiss"
    content = vectors.read_bytes()
    vectors.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert refusal(settings, tmp_path / "b.zip", SnapshotDamaged) == (
        f"{vectors} was cut short or altered: run `wenbao index --rebuild`, then make the backup"
    )
    vectors.unlink()
    assert (
        refusal(settings, tmp_path / "b.zip", SnapshotDamaged) == f"{vectors} is missing: run `wenbao index --rebuild`"
    )
    shutil.rmtree(settings.index.path)
    assert refusal(settings, tmp_path / "b.zip", SnapshotMissing).endswith("run `wenbao index`")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_a_backup_replaces_an_older_one_and_nothing_else(settings, tmp_path):
    file = tmp_path / "b.zip"
    make_backup(settings, file)
    vote(settings.index.path / "state.sqlite", "later")
    first = file.stat().st_ino
    make_backup(settings, file)
    assert file.stat().st_ino != first
    (tmp_path / "thesis.zip").write_bytes(b"years of work")
    assert refusal(settings, tmp_path / "thesis.zip") == (
        f"{tmp_path}/thesis.zip is there already and is no backup: name another file, or move it away"
    )
    assert (tmp_path / "thesis.zip").read_bytes() == b"years of work"


def test_what_a_killed_backup_left_goes_after_a_day_and_nothing_else(settings, tmp_path):
    old, young, other = (tmp_path / name for name in (".b.zip-abc_12xy", ".b.zip-abc_34xy", ".b.zip-my notes"))
    for folder in (old, young, other):
        folder.mkdir()
        (folder / "b.zip").write_bytes(b"half")
    for path in (old, old / "b.zip", other, other / "b.zip"):
        os.utime(path, (0, 0))
    make_backup(settings, tmp_path / "b.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, other.name, "b.zip", "there"]


def test_a_file_that_goes_while_the_corpus_is_packed_is_left_out(settings, tmp_path):
    reports = settings.corpus.paths[0]

    def delete_one(stage, done, total):
        if stage == "pack" and done == 1:
            (reports / "影片.mp4").unlink()

    packed = make_backup(settings, tmp_path / "b.zip", delete_one)
    assert packed.left_out == [(f"{reports}/影片.mp4", "it was deleted meanwhile")]


def test_a_backup_is_not_put_where_it_would_be_indexed_or_backed_up(settings, tmp_path):
    for folder in (settings.corpus.paths[0] / "下", settings.index.path):
        assert refusal(settings, folder / "b.zip").endswith("which is backed up: name a place outside of it")
    assert refusal(settings, tmp_path / "none" / "b.zip") == (
        f"there is no folder {tmp_path}/none: make it, or name another"
    )


def test_a_disk_that_is_full_is_said_and_the_older_backup_stays(settings, tmp_path):
    file = tmp_path / "b.zip"
    make_backup(settings, file)
    before = file.read_bytes()
    limited = (
        "import resource, sys; from bot.cli import main; from stub_opener import StubOpener; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)); main(StubOpener())"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "backup", file, "--config", tmp_path / "there" / "config.yaml"],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        f"wenbao: the disk of {tmp_path} is full: free some space, or name a file on another disk"
    )
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.zip", "there"]


def test_backups_made_while_reports_are_indexed_all_the_time_each_hold_one_whole_generation(tmp_path):
    settings = settings_in(tmp_path / "there")
    reports = settings.corpus.paths[0]
    reports.mkdir()
    for number in range(5):
        (reports / f"r{number}.txt").write_text(f"第{number}号通报\n\n有{number}名志愿者。", encoding="utf-8")
    indexed(settings)
    loop = (
        "import sys, itertools; from pathlib import Path; from backed_up import indexed, settings_in\n"
        "settings = settings_in(Path(sys.argv[1]))\n"
        "for number in itertools.count(5):\n"
        "    (settings.corpus.paths[0] / f'r{number % 9}.txt').write_text(f'通报\\n\\n有{number}名志愿者。', 'utf-8')\n"
        "    indexed(settings); print(number, flush=True)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-c", loop, tmp_path / "there"], env=environment, stdout=subprocess.PIPE, text=True
    ) as indexing:
        generations = []
        try:
            for number in range(12):
                for _ in range(2):
                    assert indexing.stdout and indexing.stdout.readline()
                generations.append(make_backup(settings, tmp_path / f"{number}.zip").generation)
        finally:
            indexing.kill()
    assert len({*generations}) == 12
    for number, generation in enumerate(generations):
        with zipfile.ZipFile(tmp_path / f"{number}.zip") as archive:
            for name in (name for name in archive.namelist() if name.startswith("generation/")):
                archive.extract(name, tmp_path / str(number))
        assert load_generation(tmp_path / str(number) / "generation").generation == generation
    with suppress(FileNotFoundError):
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
