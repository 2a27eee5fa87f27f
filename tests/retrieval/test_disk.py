"""What is written aside takes its place whole or not at all, and leaves nothing beside it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys

import pytest
from places import ROOT

from retrieval.disk import file_aside, folder_aside, remove_asides


@pytest.fixture
def synced(monkeypatch):
    """What is flushed to the disk, by inode."""
    inodes, sync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: inodes.append(os.fstat(handle).st_ino) or sync(handle))
    return inodes


def permissions(path):
    return stat.S_IMODE(path.stat().st_mode)


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_the_old_one_until_it_is_the_whole_new_one(tmp_path):
    path = tmp_path / "报告.txt"
    path.write_text("old")
    with file_aside(path) as aside:
        assert (aside.name, aside.parent.parent, aside.exists()) == (path.name, tmp_path, False)
        aside.write_text("new, ")
        assert path.read_text() == "old"
        aside.write_text("new, and all of it")
    assert path.read_text() == "new, and all of it"
    assert listed(tmp_path) == [path.name]


def test_a_file_has_the_permissions_of_any_new_file_or_those_it_was_given(tmp_path):
    (tmp_path / "usual").touch()
    for name, mode in (("made", permissions(tmp_path / "usual")), ("private", 0o600)):
        with file_aside(tmp_path / name) as aside:
            aside.touch(mode=mode)
        assert permissions(tmp_path / name) == mode


@pytest.mark.parametrize("aside_of", [file_aside, folder_aside])
def test_an_error_leaves_what_stood_there_and_nothing_else(aside_of, tmp_path):
    (tmp_path / "kept").write_text("old")
    with pytest.raises(RuntimeError, match="crash"), aside_of(tmp_path / "kept") as aside:
        (aside / "part" if aside.is_dir() else aside).write_text("half")
        raise RuntimeError("crash")
    assert (listed(tmp_path), (tmp_path / "kept").read_text()) == (["kept"], "old")


def test_a_file_that_was_never_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), file_aside(tmp_path / "a"):
        pass
    assert listed(tmp_path) == []


def test_what_lies_beside_the_file_aside_goes_with_its_folder(tmp_path):
    with file_aside(tmp_path / "a.db") as aside:
        aside.write_text("data")
        aside.with_name("a.db-journal").write_text("steps")
    assert listed(tmp_path) == ["a.db"]


@pytest.mark.parametrize(
    ("mask", "folders", "files"), [(0o077, 0o700, 0o600), (0o022, 0o755, 0o644), (0o002, 0o775, 0o664)]
)
def test_a_folder_appears_whole_and_all_in_it_has_the_permissions_of_what_is_new(mask, folders, files, tmp_path):
    script = """
import os, sys, tempfile
from pathlib import Path
from retrieval.disk import folder_aside
with folder_aside(Path(sys.argv[1])) as aside:
    (aside / "usual").write_text("data")
    os.close(os.open(aside / "private", os.O_CREAT, 0o600))
    os.close(os.open(aside / "open", os.O_CREAT, 0o666))
    (aside / "open").chmod(0o777)
    (Path(tempfile.mkdtemp(dir=aside)).rename(aside / "inner") / "part").write_text("data")
    assert not Path(sys.argv[1]).exists()
"""
    subprocess.run([sys.executable, "-c", script, tmp_path / "new"], check=True, umask=mask, cwd=ROOT)
    assert listed(tmp_path) == ["new"]
    found = {path.relative_to(tmp_path).as_posix(): permissions(path) for path in tmp_path.rglob("*")}
    assert found == {
        "new": folders, "new/inner": folders, "new/inner/part": files, "new/open": files, "new/private": files,
        "new/usual": files,
    }  # fmt: skip


def test_a_folder_keeps_what_it_inherits_from_the_one_above(tmp_path):
    """With its group's bit set, a folder hands its group down, and the bit too."""
    tmp_path.chmod(0o2775)
    with folder_aside(tmp_path / "new") as aside:
        (aside / "inner").mkdir()
    assert [bool(path.stat().st_mode & stat.S_ISGID) for path in (tmp_path / "new", tmp_path / "new/inner")] == [
        True
    ] * 2


def test_a_folder_replaces_no_other(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "part").write_text("old")
    with pytest.raises(OSError, match="not empty"), folder_aside(tmp_path / "taken") as aside:
        (aside / "part").write_text("new")
    assert (listed(tmp_path), (tmp_path / "taken" / "part").read_text()) == (["taken"], "old")


def test_what_is_durable_is_flushed_before_it_has_its_name_and_its_name_after(tmp_path, synced):
    with file_aside(tmp_path / "a", durable=True) as aside:
        aside.write_text("data")
        assert synced == []
    assert synced == [(tmp_path / "a").stat().st_ino, tmp_path.stat().st_ino]
    synced.clear()
    with folder_aside(tmp_path / "b", durable=True) as aside:
        (aside / "part").write_text("data")
    part, folder = (tmp_path / "b" / "part").stat().st_ino, (tmp_path / "b").stat().st_ino
    assert synced == [part, folder, tmp_path.stat().st_ino]


def test_what_is_not_durable_is_not_flushed(tmp_path, synced):
    with file_aside(tmp_path / "a") as aside:
        aside.write_text("data")
    with folder_aside(tmp_path / "b"):
        pass
    assert synced == []


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_is_removed_and_nothing_of_another_name(kind, tmp_path):
    code = f"""if True:
        import os, signal, sys
        from pathlib import Path
        from retrieval.disk import {kind}_aside
        with {kind}_aside(Path(sys.argv[1])) as aside:
            (aside if {kind == "file"} else aside / "part").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a[1]")])
    assert done.returncode == -signal.SIGKILL
    assert len(listed(tmp_path)) == 1
    (tmp_path / ".a[1]b-1234").mkdir()
    (tmp_path / "a[1]").mkdir()
    remove_asides(tmp_path / "a[1]")
    assert listed(tmp_path) == [".a[1]b-1234", "a[1]"]
