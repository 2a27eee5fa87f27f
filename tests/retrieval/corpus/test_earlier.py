"""A report whose file cannot be had for a while stays as it was read, and is named."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from retrieval.corpus import Readings, original_files, read_corpus
from retrieval.errors import CorpusMissing
from retrieval.types import Skipped

TEXT = "社区的志愿者每天给老人送菜。\n"


def zipped(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.txt", text)
    return data.getvalue()


@pytest.fixture
def close(monkeypatch):
    """Let the system refuse what has one of these names, as it does for all but root, who runs tests of permissions."""

    def refuse(*names, code=errno.EACCES):
        def guarded(call):
            def guard(path, *rest):
                if {*names} & {*Path(path).parts}:
                    raise OSError(code, os.strerror(code), str(path))
                return call(path, *rest)

            return guard

        monkeypatch.setattr(os, "scandir", guarded(os.scandir))
        monkeypatch.setattr(Path, "read_bytes", guarded(Path.read_bytes))

    return refuse


@pytest.fixture
def corpus(corpus_of):
    """Return a folder of four reports, and what reads it again after it was read once."""
    folder = corpus_of({"a.txt": TEXT, "b/c.txt": TEXT + "株洲。", "b/d.txt": TEXT + "长沙。", "e.zip": zipped(f=TEXT)})
    before = {document.document_id: document for document in read_corpus([folder]).documents}
    assert list(before) == ["a", "b/c", "b/d", "e/f"]
    return folder, before, lambda: read_corpus([folder], readings=Readings(documents=before))


@pytest.mark.parametrize("name", ["a.txt", "b", "c.txt", "e.zip", "corpus"])
@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_reports_of_a_file_a_folder_or_an_archive_that_cannot_be_had_stay_and_the_place_is_named(
    corpus, close, name, code
):
    folder, before, read_again = corpus
    place = next(path for path in (folder, *folder.rglob("*")) if path.name == name)
    close(name, code=code)
    again = read_again()
    assert again.documents == tuple(before.values())
    assert again.skipped == (Skipped(str(place), f"cannot be read: {os.strerror(code)}"),)


def test_a_report_that_is_gone_is_not_kept_for_one_beside_it_that_cannot_be_had(corpus, close):
    folder, _, read_again = corpus
    (folder / "b" / "d.txt").unlink()
    close("c.txt")
    assert [document.document_id for document in read_again().documents] == ["a", "b/c", "e/f"]


def test_a_new_report_that_cannot_be_had_has_nothing_to_stay(corpus, close):
    folder, before, read_again = corpus
    (folder / "g.txt").write_text(TEXT, encoding="utf-8")
    close("g.txt")
    assert read_again().documents == tuple(before.values())


def test_a_folder_that_could_not_be_listed_once_is_no_link(corpus, monkeypatch):
    folder, before, read_again = corpus
    left, scandir = ["b"], os.scandir

    def refuse_once(path):
        if Path(path).name in left:
            left.clear()
            raise OSError(errno.EIO, "Input/output error", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse_once)
    again = read_again()
    assert again.documents == tuple(before.values())
    assert again.skipped == (Skipped(f"{folder}/b", "the folder could not be listed a moment ago"),)


def test_a_corpus_path_that_cannot_be_reached_is_named_with_the_systems_reason(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(CorpusMissing) as missing:
        read_corpus([tmp_path])
    assert str(missing.value) == f"corpus path {tmp_path} cannot be reached (Permission denied): mend that first"


def test_the_original_of_a_report_in_a_closed_folder_is_not_to_be_had(corpus, monkeypatch):
    folder, _, _ = corpus
    stat = os.stat

    def refuse(path, *rest, **options):
        if {"b"} & {*Path(path).parts} and Path(path).name != "b":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, *rest, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert list(original_files([folder], "b/c.txt")) == []
