"""Files that have not changed since are not opened again; whatever changed is."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from retrieval.corpus import Readings, read_corpus
from retrieval.corpus.readings import FILE
from retrieval.corpus.sandbox import Sandbox

TEXT = "题目\n\n社区的志愿者在给老人送菜。\n"
LONG_AGO = time.time() - 3600


@pytest.fixture
def corpus(corpus_of):
    """Write files that have not changed for an hour, unless told otherwise."""

    def write(files, changed=LONG_AGO):
        folder = corpus_of(files)
        for name in files:
            os.utime(folder / name, (changed, changed))
        return folder

    return write


class Run:
    """Reads a corpus again and again, as ``build_index`` does, and says which files were opened."""

    def __init__(self, folder, kept, monkeypatch):
        self._folder, self._kept, self._documents = folder, kept, {}
        self.opened = []
        read = Path.read_bytes

        def watched(path):
            if path.is_relative_to(folder):
                self.opened.append(path.name)
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", watched)

    def __call__(self, limits=(1,), **options):
        self.opened.clear()
        readings = Readings.load(self._kept, self._documents, limits, **options)
        corpus = read_corpus([self._folder], readings=readings)
        self._documents = {document.document_id: document for document in corpus.documents}
        readings.save(self._kept)
        return corpus


@pytest.fixture
def run(corpus, tmp_path, monkeypatch):
    (tmp_path / "index").mkdir()
    return Run(corpus({"a.txt": TEXT, "b.md": TEXT, "empty.txt": "", "c.pptx": "x"}), tmp_path / "index", monkeypatch)


def test_an_unchanged_corpus_is_read_without_opening_a_report(run):
    first, opened = run(), list(run.opened)
    assert opened == ["a.txt", "b.md", "empty.txt"]
    assert run() == first
    assert run.opened == []
    assert [skipped.reason for skipped in first.skipped][1:] == ["the file is empty"]


def test_what_changed_is_read_and_the_rest_is_not(run, corpus):
    run()
    corpus({"b.md": TEXT + "\n又来了一段。\n"})
    assert run().documents[1].text.endswith("又来了一段。")
    assert run.opened == ["b.md"]


def test_a_file_put_in_the_place_of_another_is_read_though_size_and_time_are_the_same(run, corpus, tmp_path):
    run()
    folder = corpus({})
    (tmp_path / "new").write_text(TEXT.replace("老人", "病人"), encoding="utf-8")
    os.utime(tmp_path / "new", (LONG_AGO, LONG_AGO))
    os.replace(tmp_path / "new", folder / "a.txt")
    assert "病人" in run().documents[0].text
    assert run.opened == ["a.txt"]


def test_a_file_that_has_just_changed_is_read_again(run, corpus):
    corpus({"a.txt": TEXT}, changed=time.time())
    run()
    run()
    assert run.opened == ["a.txt"]


@pytest.mark.parametrize("options", [{"limits": (2,)}, {"forget": True}])
def test_with_other_limits_or_where_all_is_made_anew_every_file_is_read(run, options):
    first = run()
    assert run(**options) == first
    assert run.opened == ["a.txt", "b.md", "empty.txt"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b"\xff", b'{"version": 1, "files": 2}'])
def test_what_is_damaged_costs_one_reading(run, tmp_path, damage):
    first = run()
    (tmp_path / "index" / FILE).write_bytes(damage)
    assert run() == first
    assert run() == first
    assert run.opened == []


def test_damaged_entries_are_passed_over(run, tmp_path):
    first = run()
    kept = json.loads((tmp_path / "index" / FILE).read_bytes())
    for entry in kept["files"].values():
        entry["documents"] = [["nowhere", "0"]]
    (tmp_path / "index" / FILE).write_text(json.dumps(kept))
    assert run() == first


def test_a_report_of_another_content_than_was_read_is_not_taken(run):
    first = run()
    run._documents = {}  # another run published something else
    assert run() == first


def test_a_file_that_costs_too_much_costs_it_once(run, corpus):
    corpus({"slow.html": "<p></p>"})

    class Refusing(Sandbox):
        asked = 0

        def read(self, suffix, data):
            Refusing.asked += suffix == ".html"
            return super().read(suffix, data)

    readings = Readings.load(run._kept, {}, (1,))
    read_corpus([run._folder], sandbox=Refusing(), readings=readings)
    readings.save(run._kept)
    read_corpus([run._folder], sandbox=Refusing(), readings=Readings.load(run._kept, {}, (1,)))
    assert Refusing.asked == 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name of a file is text")
def test_a_name_that_is_no_utf8_is_remembered_like_any_other(corpus, tmp_path, monkeypatch):
    folder = corpus({"a.txt": TEXT})
    odd = os.fsencode(folder) + b"/\xff\xfe.txt"
    Path(os.fsdecode(odd)).write_text(TEXT, encoding="utf-8")
    os.utime(odd, (LONG_AGO, LONG_AGO))
    (tmp_path / "index").mkdir()
    run = Run(folder, tmp_path / "index", monkeypatch)
    first = run()
    assert [skipped.reason for skipped in first.skipped] == ["its name is not in UTF-8: rename it"]
    assert (run(), run.opened) == (first, [])
