"""Corpus paths become documents, and every file that does not is named with its reason."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bot.links import paragraph_url
from retrieval.corpus import Readings, find_files, original_files, read_corpus, read_report
from retrieval.corpus.formats.registry import SUFFIXES
from retrieval.errors import CorpusMissing, ReportUnreadable
from retrieval.types import Skipped

KNOWN = SUFFIXES
TEXT = "社区的志愿者每天给老人送菜。\n"


def ids(corpus):
    return [document.document_id for document in corpus.documents]


def test_nested_folders_give_ids_from_their_paths_and_hidden_files_are_left_alone(corpus_of):
    folder = corpus_of(
        {
            "b.txt": TEXT,
            "2022/四月/a.TXT": TEXT,
            "2022/通知.v2.md": TEXT,
            ".hidden.txt": TEXT,
            ".git/config.txt": TEXT,
        }
    )
    corpus = read_corpus([folder])
    assert [(d.document_id, d.path) for d in corpus.documents] == [
        ("2022/四月/a", "2022/四月/a.TXT"),
        ("2022/通知.v2", "2022/通知.v2.md"),
        ("b", "b.txt"),
    ]
    assert corpus.skipped == ()


def test_a_single_file_is_a_corpus_path_too(corpus_of):
    folder = corpus_of({"a.txt": TEXT, "b.txt": TEXT})
    assert ids(read_corpus([folder / "b.txt"])) == ["b"]


def test_several_paths_are_one_corpus(corpus_of):
    folder = corpus_of({"one/b.txt": TEXT, "two/a.txt": TEXT})
    assert ids(read_corpus([folder / "one", folder / "two"])) == ["a", "b"]


def test_files_are_found_in_a_stable_order(corpus_of):
    folder = corpus_of({"z.txt": TEXT, "b/x.txt": TEXT, "a/y.txt": TEXT, "c.md": TEXT})
    assert [path.relative_to(root).as_posix() for root, path in find_files([folder])] == [
        "c.md",
        "z.txt",
        "a/y.txt",
        "b/x.txt",
    ]


def test_a_missing_corpus_path_is_named_with_the_remedy(tmp_path):
    with pytest.raises(CorpusMissing) as caught:
        read_corpus([tmp_path / "reports"])
    assert str(caught.value) == (
        f"corpus path {tmp_path / 'reports'} does not exist: create it or mend corpus.paths in the configuration"
    )


def test_every_file_that_is_no_report_is_named_with_its_reason_and_the_rest_is_read(corpus_of):
    folder = corpus_of(
        {
            "a.txt": TEXT,
            "big.txt": "很长" * 2**18,
            "blank.txt": " \n\u3000\n",
            "data.pptx": "x",
            "empty.txt": "",
            "picture.txt": b"\x89PNG\0\x01\x02" * 50,
            "README": "x",
            "z.txt": TEXT,
        }
    )
    corpus = read_corpus([folder], max_bytes=2**20)
    assert ids(corpus) == ["a", "z"]
    assert corpus.skipped == (
        Skipped(f"{folder}/README", f"no reader for a file without suffix; known are {KNOWN}"),
        Skipped(f"{folder}/big.txt", "1.5 MiB is over the limit of 1 MiB (corpus.max_file_mib)"),
        Skipped(f"{folder}/blank.txt", "the file is empty"),
        Skipped(f"{folder}/data.pptx", f"no reader for .pptx; known are {KNOWN}"),
        Skipped(f"{folder}/empty.txt", "the file is empty"),
        Skipped(f"{folder}/picture.txt", "not a text file (it holds binary data)"),
    )


def test_a_file_of_just_the_limit_is_read(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    size = (folder / "a.txt").stat().st_size
    assert ids(read_corpus([folder], max_bytes=size)) == ["a"]
    assert ids(read_corpus([folder], max_bytes=size - 1)) == []


def test_where_a_stem_is_taken_the_suffix_joins_the_id(corpus_of):
    folder = corpus_of({"a.md": TEXT, "a.txt": TEXT, "b/a.txt": TEXT})
    corpus = read_corpus([folder])
    assert [(d.document_id, d.path) for d in corpus.documents] == [
        ("a", "a.md"),
        ("a.txt", "a.txt"),
        ("b/a", "b/a.txt"),
    ]
    assert corpus.skipped == ()


def test_a_report_keeps_its_id_when_another_of_its_stem_comes_before_it(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    before = {document.document_id: document for document in read_corpus([folder]).documents}
    corpus_of({"a.md": TEXT, "a.html": f"<p>{TEXT}</p>"})
    for _ in range(2):
        corpus = read_corpus([folder], readings=Readings(documents=before))
        before = {document.document_id: document for document in corpus.documents}
        assert {key: document.path for key, document in before.items()} == {
            "a": "a.txt",
            "a.html": "a.html",
            "a.md": "a.md",
        }


def test_the_id_of_a_report_that_is_gone_is_free_again(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    before = {document.document_id: document for document in read_corpus([folder]).documents}
    (folder / "a.txt").rename(folder / "a.md")
    corpus = read_corpus([folder], readings=Readings(documents=before))
    assert [(d.document_id, d.path) for d in corpus.documents] == [("a", "a.md")]


def test_the_same_name_in_two_folders_is_read_once_and_the_second_is_named(corpus_of):
    folder = corpus_of({"one/a.txt": TEXT, "two/a.txt": TEXT})
    corpus = read_corpus([folder / "one", folder / "two"])
    assert ids(corpus) == ["a"]
    assert corpus.skipped == (Skipped(f"{folder}/two/a.txt", "its id a is taken by a.txt: rename one of them"),)


@pytest.mark.parametrize("name", ["a\x1b[31m.txt", "a\x9b.txt", "\u202etxt.a.txt"])
def test_a_name_that_a_terminal_would_obey_is_refused(corpus_of, name):
    folder = corpus_of({name: TEXT, "全角　空格.txt": TEXT})
    corpus = read_corpus([folder])
    assert ids(corpus) == ["全角　空格"]
    assert [skipped.reason for skipped in corpus.skipped] == ["its name holds control characters: rename it"]


def test_a_link_out_of_the_corpus_is_refused_and_one_inside_is_read(corpus_of, tmp_path):
    folder = corpus_of({"a.txt": TEXT})
    (tmp_path / "secret.txt").write_text(TEXT)
    (folder / "in.txt").symlink_to(folder / "a.txt")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    corpus = read_corpus([folder])
    assert ids(corpus) == ["a", "in"]
    assert corpus.skipped == (Skipped(f"{folder}/out.txt", "a link that leads out of the corpus folder"),)


def test_a_link_to_nothing_and_a_pipe_are_named(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    (folder / "gone.txt").symlink_to(folder / "nothing.txt")
    os.mkfifo(folder / "pipe.txt")
    corpus = read_corpus([folder])
    assert ids(corpus) == ["a"]
    assert corpus.skipped == (
        Skipped(f"{folder}/gone.txt", "not a regular file"),
        Skipped(f"{folder}/pipe.txt", "not a regular file"),
    )


def test_a_link_to_itself_is_named_and_the_rest_is_read(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    (folder / "loop.txt").symlink_to("loop.txt")
    corpus = read_corpus([folder])
    assert (ids(corpus), [entry.path for entry in corpus.skipped]) == (["a"], [f"{folder}/loop.txt"])


def test_a_linked_folder_is_not_left_out_silently(corpus_of, tmp_path):
    folder = corpus_of({"a.txt": TEXT})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.txt").write_text(TEXT)
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    corpus = read_corpus([folder])
    assert (ids(corpus), [entry.path for entry in corpus.skipped]) == (["a"], [f"{folder}/linked"])


def test_a_folder_that_cannot_be_listed_is_not_left_out_silently(corpus_of, monkeypatch):
    folder = corpus_of({"a.txt": TEXT, "locked/b.txt": TEXT})
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    corpus = read_corpus([folder])
    assert (ids(corpus), [entry.path for entry in corpus.skipped]) == (["a"], [f"{folder}/locked"])


def test_a_file_that_cannot_be_read_is_named_with_the_systems_reason(corpus_of, monkeypatch):
    folder = corpus_of({"a.txt": TEXT})

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert read_corpus([folder]).skipped == (Skipped(f"{folder}/a.txt", "cannot be read: Permission denied"),)


def test_a_file_name_that_is_no_utf_8_can_be_cited_or_is_named(corpus_of):
    folder = corpus_of({"a.txt": TEXT})
    name = "报告".encode("gb18030")
    for suffix in (b".txt", b".pptx"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name + suffix)).write_text(TEXT)
    corpus = read_corpus([folder])
    assert len(corpus.documents) + len(corpus.skipped) == 3
    printed = [*(paragraph_url(key, 1) for key in ids(corpus)), *(f"{s.path} {s.reason}" for s in corpus.skipped)]
    assert json.loads(json.dumps(printed, ensure_ascii=False).encode()) == printed


def test_progress_counts_the_files(corpus_of):
    seen = []
    read_corpus([corpus_of({"a.txt": TEXT, "b.pptx": "x"})], progress=lambda *step: seen.append(step))
    assert seen == [("read", 1, 2), ("read", 2, 2)]


def test_one_report_is_read_alone_and_says_why_it_cannot_be(corpus_of):
    folder = corpus_of({"a.txt": TEXT, "b.pptx": TEXT})
    assert read_report(folder, folder / "a.txt").text == TEXT.strip()
    with pytest.raises(ReportUnreadable, match=rf"^no reader for \.pptx; known are {re.escape(KNOWN)}$"):
        read_report(folder, folder / "b.pptx")


def test_headings_without_a_paragraph_are_no_report(corpus_of):
    folder = corpus_of({"a.md": "# 通知\n\n## 要求\n"})
    assert read_corpus([folder]).skipped == (Skipped(f"{folder}/a.md", "no paragraph of text was found in it"),)


def test_the_file_of_a_report_is_looked_for_below_the_corpus_paths_only(corpus_of, tmp_path):
    folder = corpus_of({"a.txt": "一。", "b/a.txt": "二。", "c.txt": "三。"})
    (tmp_path / "outside.txt").write_text("四。", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    found = {
        name: [data.decode() for data in original_files([folder, folder / "b", folder / "c.txt"], name)]
        for name in ("a.txt", "b/a.txt", "c.txt", "d.txt", "link.txt", "../outside.txt", "a.txt/b.txt")
    }
    assert {name: texts for name, texts in found.items() if texts} == {
        "a.txt": ["一。", "二。"],
        "b/a.txt": ["二。"],
        "c.txt": ["三。", "三。"],
    }
    assert list(original_files([folder / "c.txt"], "a.txt")) == []
