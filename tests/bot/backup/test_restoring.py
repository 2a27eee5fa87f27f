"""What a restore puts where, what it refuses with nothing changed, and that it undoes what fails half way."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest
from backed_up import LATER, age, everything, full_index, indexed, settings_in, vote, votes
from places import SUPPORT
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder

from bot.backup import make_backup, restore_backup
from bot.backup.contents import MANIFEST
from bot.backup.places import refuse_lack_of_space
from bot.backup.swapping import Swap
from retrieval.errors import IndexBusy, WenbaoError
from retrieval.index.history import History
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import kept_generations, load_snapshot
from retrieval.types import Question

HERE = "index: {path: elsewhere/idx}\n"


@pytest.fixture
def there(tmp_path):
    return full_index(tmp_path / "there")


@pytest.fixture
def backup(there, tmp_path):
    make_backup(there, tmp_path / "b.zip")
    return tmp_path / "b.zip"


@pytest.fixture
def here(tmp_path):
    return settings_in(tmp_path / "here", "[texts/all]", HERE)


def unchanging(folder):
    """Return all files below a folder; SQLite counts its changes in a database, also one that is taken back."""
    return {path: data for path, data in everything(folder).items() if ".sqlite" not in path}


def refusal(settings, file, error=WenbaoError, **options):
    """Return why a restore is refused; nothing has changed then."""
    folder = settings.index.path.parent.parent
    before = unchanging(folder)
    with pytest.raises(error) as caught:
        restore_backup(settings, file, **options)
    assert unchanging(folder) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


def altered(file, change=None, *, drop=(), add=(), members=None):
    """Write a backup anew next to itself, with its manifest or its members altered, and return the new file."""
    made = file.with_name("altered.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        manifest = json.loads(old.read(MANIFEST))
        if change:
            change(manifest)
        for name in old.namelist():
            if name not in (MANIFEST, *drop):
                new.writestr(name, (members or {}).get(name, old.read(name)))
        for name, content in add:
            new.writestr(name, content)
        new.writestr(MANIFEST, json.dumps(manifest))
    return made


def test_a_restored_index_is_the_same_and_the_next_run_reads_and_embeds_nothing(there, backup, here):
    restored = restore_backup(here, backup)
    assert (restored.originals, restored.databases, restored.replaced, restored.notes) == (4, 2, [], [])
    before, after = load_snapshot(there.index.path), load_snapshot(here.index.path)
    assert after.documents == before.documents
    assert replace(after.manifest, skipped=()) == replace(before.manifest, skipped=())
    assert [one.path for one in after.manifest.skipped] == [str(here.corpus.paths[0] / "影片.mp4")]
    answers = [StubAnswerer(found, StubEncoder()).ask(Question("志愿者给老人送什么？")) for found in (before, after)]
    assert replace(answers[0], timings_ms={}) == replace(answers[1], timings_ms={})
    assert everything(here.corpus.paths[0]) == everything(there.corpus.paths[0])
    receipt = indexed(here)
    assert (receipt.generation, receipt.embedded, receipt.added, receipt.changed, receipt.removed) == (
        before.generation, 0, (), (), (),
    )  # fmt: skip
    readings = json.loads((here.index.path / "readings.json").read_bytes())["files"]
    assert sorted(readings) == sorted(str(path) for path in here.corpus.paths[0].rglob("*") if path.is_file())


def test_no_file_is_opened_again_after_a_restore(backup, here):
    restore_backup(here, backup)
    archive = here.corpus.paths[0] / "包.zip"
    state = archive.stat()
    archive.write_bytes(b"x" * state.st_size)  # had it been opened, its reports would be gone
    os.utime(archive, ns=(state.st_mtime_ns, state.st_mtime_ns))
    receipt = indexed(here)
    assert (receipt.documents, receipt.removed, len(receipt.skipped)) == (4, (), 1)


def test_earlier_texts_votes_and_what_else_is_kept_come_back_and_no_debris(there, backup, here):
    restore_backup(here, backup)
    assert History(here.index.path).of("一") == History(there.index.path).of("一") != []
    assert votes(here.index.path / "state.sqlite") == ["up", "down"]
    kept = {path for path in everything(here.index.path) if not path.startswith("generations/")}
    assert kept == {
        "CURRENT",
        "calibration.json",
        "state.sqlite",
        "history.sqlite",
        "readings.json",
        "recognised/v1/d1/1.json",
    }
    assert (here.index.path / "state.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_file_that_had_changed_is_taken_up_by_the_next_run(there, tmp_path, here):
    (there.corpus.paths[0] / "一.txt").write_text(LATER + "\n新的一段。\n", encoding="utf-8")
    make_backup(there, tmp_path / "c.zip")
    restore_backup(here, tmp_path / "c.zip")
    receipt = indexed(here)
    assert (receipt.added, receipt.changed, receipt.removed, receipt.embedded) == ((), ("一",), (), 1)


def test_several_corpus_paths_and_single_files_go_by_their_position(tmp_path):
    there = settings_in(tmp_path / "there", "[a, b, single.txt]")
    for name in ("a/x.txt", "b/x.txt", "single.txt"):
        (tmp_path / "there" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "there" / name).write_text(f"这是{name}。", encoding="utf-8")
    age(tmp_path / "there")
    first = indexed(there)
    make_backup(there, tmp_path / "b.zip")
    here = settings_in(tmp_path / "here", "[one, two, deep/single.txt]")
    restored = restore_backup(here, tmp_path / "b.zip")
    assert [(before, str(after)) for before, after in restored.roots] == [
        (f"{tmp_path}/there/{before}", f"{tmp_path}/here/{after}")
        for before, after in (("a", "one"), ("b", "two"), ("single.txt", "deep/single.txt"))
    ]
    for name in ("one/x.txt", "two/x.txt", "deep/single.txt"):
        assert (tmp_path / "here" / name).is_file()
    second = indexed(here)
    assert (second.generation, second.embedded, second.changed) == (first.generation, 0, ())
    for corpus, why in {
        "[one, two]": "the backup has 3 corpus paths",
        "[one, two, other.txt]": "was a single file in the backup",
        "[config.yaml, two, single.txt]": "was a folder in the backup",
        "[one, one/two, single.txt]": "lies in",
        "[one, two, one/single.txt]": "lies in",
    }.items():
        assert why in refusal(settings_in(tmp_path / "new" / "x", corpus), tmp_path / "b.zip")


def test_what_a_restore_would_replace_is_named_and_only_replaced_when_told_and_then_kept(backup, here, tmp_path):
    reports, index = here.corpus.paths[0], here.index.path
    reports.mkdir(parents=True)
    (reports / "old.txt").write_text("旧的。", encoding="utf-8")
    (reports / ".hidden").touch()
    indexed(here)
    vote(index / "state.sqlite", "old vote")
    name = kept_generations(index)[0].name
    said = refusal(here, backup)
    assert said == (
        f"a restore would replace the index in {index} (generation {name}); 1 file beside it (state.sqlite); "
        f"1 file in {reports}: add --force, and what is there now is kept in hidden folders .wenbao-replaced-…"
    )
    restored = restore_backup(here, backup, force=True)
    assert [folder.parent for folder in restored.replaced] == [reports, index]
    corpus, kept = restored.replaced
    assert everything(corpus) == {"old.txt": "旧的。".encode()}
    assert {"CURRENT", "state.sqlite", "readings.json", f"generations/{name}/manifest.json"} <= {*everything(kept)}
    assert votes(kept / "state.sqlite") == ["old vote"]
    assert votes(index / "state.sqlite") == ["up", "down"]
    assert [folder.name for folder in kept_generations(index)] == [restored.generation]
    assert (reports / ".hidden").exists() and not (reports / "old.txt").exists()
    assert indexed(here).embedded == 0


def test_votes_that_are_read_while_a_backup_is_restored_are_the_old_ones_or_the_new_ones(backup, here):
    here.index.path.mkdir(parents=True)
    file = here.index.path / "state.sqlite"
    vote(file, "old")
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("SELECT vote FROM votes").fetchall() == [("old",)]
        restore_backup(here, backup, force=True)
        assert other.execute("SELECT vote FROM votes").fetchall() == [("up",), ("down",)]
    vote(file, "later")
    assert votes(file) == ["up", "down", "later"]


def test_a_damaged_database_is_taken_away_with_its_log(backup, here):
    here.index.path.mkdir(parents=True)
    for name in ("state.sqlite", "state.sqlite-wal", "state.sqlite-shm"):
        (here.index.path / name).write_bytes(b"nothing that SQLite knows" * 100)
    restored = restore_backup(here, backup, force=True)
    assert votes(here.index.path / "state.sqlite") == ["up", "down"]
    assert everything(restored.replaced[0])["state.sqlite"] == b"nothing that SQLite knows" * 100
    assert not (here.index.path / "state.sqlite-wal").exists()


def test_nothing_is_restored_while_another_process_writes_the_index(backup, here):
    held = writing(here.index.path)
    with ThreadPoolExecutor(1) as other:  # the lock is whose thread takes it
        other.submit(held.__enter__).result()
        assert "is being written by process" in refusal(here, backup, IndexBusy)
        other.submit(held.__exit__, None, None, None).result()


def cut(file):
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    return file


def cut_behind_an_archive(file):
    """Cut a file short right behind a backup that stands in it as a report does."""
    outer = file.with_name("outer.zip")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("originals/0/b.zip", file.read_bytes())
        end = archive.start_dir
    outer.write_bytes(outer.read_bytes()[:end])
    return outer


def flipped(file):
    """Alter one byte of what a member holds."""
    with zipfile.ZipFile(file) as archive:
        at = archive.getinfo("originals/0/包.zip").header_offset + 200
    whole = bytearray(file.read_bytes())
    whole[at] ^= 1
    file.write_bytes(whole)
    return file


def foreign(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file


def no_archive(file):
    file.write_bytes(b"%PDF-1.4")
    return file


def gone(file):
    file.unlink()
    return file


def newer(file):
    return altered(file, lambda manifest: manifest.update(format=2, more={"and": "more"}))


def a_manifest_of_nothing(file):
    return altered(file, lambda manifest: manifest.clear())


def replaced_by_a_link(file):
    made = file.with_name("link.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "originals/0/一.txt":
                entry.external_attr = 0o120777 << 16
            new.writestr(entry, content)
    return made


def with_other_text(file):
    return altered(file, members={"originals/0/一.txt": LATER.replace("药", "菜").encode()})


def with_one_more(file):
    return altered(file, add=[("originals/0/more.txt", "more")])


def of_no_time(file):
    return altered(file, lambda manifest: manifest["members"][0].update(mtime_ns=2**80))


def without_one(file):
    return altered(file, drop=["generation/vectors.faiss"])


def without_one_that_the_generation_names(file):
    def change(manifest):
        manifest["members"] = [one for one in manifest["members"] if one["path"] != "vectors.faiss"]

    return altered(file, change, drop=["generation/vectors.faiss"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (gone, "cannot be read (No such file or directory): name a file of `wenbao backup`"),
        (no_archive, "is no backup, or was cut short: name a file of `wenbao backup`, or copy it here again"),
        (cut, "is no backup, or was cut short: name a file of `wenbao backup`, or copy it here again"),
        (cut_behind_an_archive, "is no backup, or was cut short: name a file of `wenbao backup`"),
        (foreign, "is no backup, or was cut short: name a file of `wenbao backup`, or copy it here again"),
        (newer, "was made by a newer Wenbao (format 2, this one knows 1): install that version"),
        (flipped, "is damaged (originals/0/包.zip"),
        (a_manifest_of_nothing, "is damaged (wenbao-backup.json: format: Field required)"),
        (replaced_by_a_link, "is damaged (originals/0/一.txt is no file)"),
        (with_other_text, "is damaged (originals/0/一.txt is not what was written)"),
        (with_one_more, "is damaged (originals/0/more.txt is missing, or does not belong there)"),
        (of_no_time, "is damaged (wenbao-backup.json: members.0.mtime_ns: "),
        (without_one, "is damaged (generation/vectors.faiss is missing, or does not belong there)"),
        (without_one_that_the_generation_names, "is damaged (the files of the generation are not those that it names)"),
    ],
)
def test_a_file_that_is_not_a_whole_backup_is_refused_and_nothing_changes(spoil, said, backup, here):
    here.corpus.paths[0].mkdir(parents=True)
    (here.corpus.paths[0] / "mine.txt").write_text("我的。", encoding="utf-8")
    indexed(here)
    assert said in refusal(here, spoil(backup), force=True)


@pytest.mark.parametrize(
    "path",
    ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "a//evil.txt", ".hidden/evil.txt", "", "a/.", "nul\0.txt"],
)
def test_a_path_that_leads_out_of_its_folder_is_refused(path, backup, here):
    def change(manifest):
        next(one for one in manifest["members"] if one["name"] == "originals/0/一.txt")["path"] = path

    assert f"is damaged ({MANIFEST}: members." in refusal(here, altered(backup, change))


@pytest.mark.parametrize("path", ["lock", "writer", "CURRENT", "generations/000009-aaaaaaaa/x", "a.sqlite-wal"])
def test_a_backup_puts_nothing_in_the_place_of_a_lock_or_of_a_generation(path, backup, here):
    def change(manifest):
        next(one for one in manifest["members"] if one["name"] == "state/calibration.json")["path"] = path

    assert refusal(here, altered(backup, change)).endswith(
        "is damaged (state/calibration.json has no place here): copy it here again, or restore another backup"
    )


def test_a_restore_that_fails_half_way_is_undone(backup, here):
    reports, index = here.corpus.paths[0], here.index.path
    reports.mkdir(parents=True)
    (reports / "mine.txt").write_text("我的。", encoding="utf-8")
    (reports / "下").mkdir()
    indexed(here)
    vote(index / "state.sqlite", "mine")
    with closing(sqlite3.connect(index / "history.sqlite", isolation_level=None)) as other:
        other.execute("CREATE TABLE kept (text)")
        other.execute("BEGIN EXCLUSIVE")
        said = refusal(here, backup, force=True, wait_seconds=0.1)
        other.execute("ROLLBACK")
    assert said == "nothing was restored: database is locked: mend that and restore again"
    assert votes(index / "state.sqlite") == ["mine"]
    assert [path for path in index.parent.parent.rglob(".wenbao-*")] == []
    assert indexed(here).embedded == 0


def test_what_another_process_has_just_written_is_not_replaced(tmp_path):
    top = tmp_path / "top"
    (top / "a").mkdir(parents=True)
    (top / "a" / "x").write_text("old", encoding="utf-8")
    (tmp_path / "new").write_text("new", encoding="utf-8")
    swap = Swap(".replaced")
    swap.take_away(top / "a", top)
    (top / "a").write_text("of another process", encoding="utf-8")
    with pytest.raises(FileExistsError, match="another process has just written it"):
        swap.put(tmp_path / "new", top / "a")
    (top / "a").unlink()
    swap.undo()
    assert everything(top) == {"a/x": b"old"}
    assert swap.kept == []


def limited_to(size, config, file):
    """Restore in a process that cannot write files larger than ``size`` bytes, and return what it says."""
    code = (
        "import resource, sys; from bot.cli import main; from stub_opener import StubOpener; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); main(StubOpener())"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "restore", "--force", file, "--config", config],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_disk_that_is_full_is_said_and_all_is_as_it_was(backup, here):
    here.corpus.paths[0].mkdir(parents=True)
    (here.corpus.paths[0] / "mine.txt").write_text("我的。", encoding="utf-8")
    indexed(here)
    folder = here.index.path.parent.parent
    before = everything(folder)
    done = limited_to(5000, folder / "config.yaml", backup)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("wenbao: the disk is full (")
    assert done.stderr.endswith("): free some space and restore again; nothing was changed\n")
    assert everything(folder) == before
    assert [path for path in folder.rglob(".wenbao-*")] == []


def test_more_than_the_disk_has_free_is_refused_before_anything_is_unpacked(here):
    with pytest.raises(WenbaoError) as caught:
        refuse_lack_of_space([(here.index.path, 2**61), (here.corpus.paths[0] / "not" / "there", 2**61)])
    assert "MiB free, and 4,398,046,511,104.0 are needed: free some space; nothing was changed" in str(caught.value)
    refuse_lack_of_space([(here.index.path, 1)])


def test_a_generation_of_another_version_comes_back_and_is_made_anew(there, tmp_path, here):
    manifest = load_snapshot(there.index.path).manifest
    file = there.index.path / "generations" / manifest.generation / "manifest.json"
    make_backup(there, tmp_path / "b.zip")
    older = json.loads(file.read_bytes()) | {"schema": 1}
    content = json.dumps(older).encode()

    def change(values):
        entry = next(one for one in values["members"] if one["name"] == "generation/manifest.json")
        entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())

    restore_backup(here, altered(tmp_path / "b.zip", change, members={"generation/manifest.json": content}))
    receipt = indexed(here)
    assert (receipt.documents, receipt.skipped[0].path) == (4, str(here.corpus.paths[0] / "影片.mp4"))
    assert votes(here.index.path / "state.sqlite") == ["up", "down"]


def test_settings_that_cut_other_passages_are_noted(backup, tmp_path):
    here = settings_in(tmp_path / "here", "[texts]", "index: {passage_characters: 200}\n")
    noted = restore_backup(here, backup).notes
    assert noted == ["passages had at most 400 characters, index.passage_characters is 200"]
