"""Pages are recognised one at a time, kept, and never recognised twice; a page that fails takes no other with it."""

from __future__ import annotations

import json
import os
import time

import pytest
from scans import blank, pdf_of, saved
from stub_ocr import CountingSandbox, line, stub_recogniser, text_of

from retrieval.corpus import Readings, read_corpus
from retrieval.corpus.recognition.kept import FOLDER, KEPT_DAYS, KeptPages
from retrieval.corpus.recognition.seen import SeenPage, page_json, page_of
from retrieval.types import Skipped

NEEDED = "no text that can be read, a scan or a picture: pip install 'wenbao[ocr]' and index again"
PRINTED = "　　这一页是打印的文字，说的是医院里的医生。"


def scan(pages=3, *told):
    """Return a PDF of pictures; after its end stands what the stub shall do with a page ("refuse 2")."""
    return pdf_of(*[blank()] * pages) + b"".join(f"% {one}\n".encode() for one in told)


def texts(corpus):
    return [[d.text[p.start : p.end] for p in d.paragraphs] for d in corpus.documents]


def test_every_page_of_a_scan_is_recognised_and_progress_is_told(corpus_of, tmp_path):
    told = []
    with stub_recogniser(tmp_path, progress=lambda *step: told.append(step)) as recogniser:
        corpus = read_corpus([corpus_of({"a.pdf": scan(), "b.png": saved(blank())})], recogniser=recogniser)
    assert texts(corpus) == [[text_of(1), text_of(2), text_of(3)], [text_of(1)]]
    assert corpus.skipped == ()
    assert told == [("recognise", 1, 3), ("recognise", 2, 3), ("recognise", 3, 3), ("recognise", 4, 4)]


@pytest.mark.parametrize("suffix, pages", [("png", 1), ("jpg", 1), ("jpeg", 1), ("webp", 1), ("tif", 1), ("tiff", 2)])
def test_pictures_are_reports_and_a_tiff_has_pages(corpus_of, tmp_path, suffix, pages):
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
    more = {"save_all": True, "append_images": [blank()]} if pages > 1 else {}
    with stub_recogniser(tmp_path) as recogniser:
        folder = corpus_of({f"a.{suffix}": saved(blank(), kind, **more)})
        corpus = read_corpus([folder], recogniser=recogniser)
    assert texts(corpus) == [[text_of(number) for number in range(1, pages + 1)]]


def test_a_run_that_is_broken_off_goes_on_where_it_was(corpus_of, tmp_path):
    folder = corpus_of({"a.pdf": scan()})

    def stop(stage, done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), stub_recogniser(tmp_path, progress=stop) as recogniser:
        read_corpus([folder], recogniser=recogniser)
    sandbox = CountingSandbox()
    with stub_recogniser(tmp_path, sandbox) as recogniser:
        assert texts(read_corpus([folder], recogniser=recogniser)) == [[text_of(1), text_of(2), text_of(3)]]
    assert sandbox.asked == [3]


@pytest.mark.parametrize(
    "told, reason",
    [("refuse 2", "the page cannot be drawn: damaged"), ("sleep 2", "took longer than 3 s to read")],
)
def test_a_page_that_fails_is_named_and_the_others_are_read(corpus_of, tmp_path, told, reason):
    folder = corpus_of({"a.pdf": scan(3, told)})
    with stub_recogniser(tmp_path, CountingSandbox(seconds=3)) as recogniser:
        corpus = read_corpus([folder], recogniser=recogniser)
    assert texts(corpus) == [[text_of(1), text_of(3)]]
    assert corpus.skipped == (Skipped(f"{folder}/a.pdf", f"page 2 {reason}"),)


def test_where_no_page_can_be_recognised_the_file_is_skipped_with_the_reason(corpus_of, tmp_path):
    folder = corpus_of({"a.pdf": scan(1, "refuse 1")})
    with stub_recogniser(tmp_path) as recogniser:
        corpus = read_corpus([folder], recogniser=recogniser)
    assert corpus.skipped == (Skipped(f"{folder}/a.pdf", "the page cannot be drawn: damaged"),)


def test_without_the_extra_scans_are_named_with_the_command_that_helps(corpus_of):
    mixed = pdf_of([(72, 700, 12, PRINTED)], *[blank()] * 12)
    folder = corpus_of({"a.pdf": scan(), "b.jpg": saved(blank(), "JPEG"), "c.pdf": mixed})
    corpus = read_corpus([folder])
    assert [document.document_id for document in corpus.documents] == ["c"]
    assert corpus.skipped == (
        Skipped(f"{folder}/a.pdf", NEEDED),
        Skipped(f"{folder}/b.jpg", NEEDED),
        Skipped(f"{folder}/c.pdf", f"page 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … {NEEDED}"),
    )


def test_a_report_with_pages_that_are_not_read_is_remembered_with_them(corpus_of, tmp_path):
    folder = corpus_of({"a.pdf": pdf_of([(72, 700, 12, PRINTED)], blank())})
    os.utime(folder / "a.pdf", (1, 1))
    readings = Readings.load(tmp_path, {}, [1])
    first = read_corpus([folder], readings=readings)
    readings.save(tmp_path)
    again = Readings.load(tmp_path, {document.document_id: document for document in first.documents}, [1])
    assert again.of(folder / "a.pdf") == [*first.documents, *first.skipped]


# What is kept

PAGE = page_json(SeenPage(1.4, (line("社区", 0.2),)))


def test_a_page_is_kept_for_the_file_and_the_version(tmp_path):
    kept = KeptPages(tmp_path, "1")
    kept.put("d1", 2, PAGE)
    assert page_of(kept.get("d1", 2)) == page_of(PAGE)
    assert (kept.get("d1", 1), kept.get("d2", 2), KeptPages(tmp_path, "2").get("d1", 2)) == (None, None, None)


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"\xff", b'{"aspect": 0, "lines": []}', b'{"aspect": 1, "lines": [["a", 1, [1, 2]]]}']
)
def test_what_is_damaged_is_recognised_again(tmp_path, damage):
    kept = KeptPages(tmp_path, "1")
    kept.put("d1", 2, PAGE)
    next((tmp_path / FOLDER).rglob("2.json")).write_bytes(damage)
    assert kept.get("d1", 2) is None


def test_pages_of_files_that_are_gone_are_deleted_in_the_end(tmp_path):
    kept = KeptPages(tmp_path, "1")
    for digest in ("used", "new", "gone"):
        kept.put(digest, 1, PAGE)
    KeptPages(tmp_path, "0").put("used", 1, PAGE)
    long_ago = time.time() - (KEPT_DAYS + 1) * 86_400
    for folder in (tmp_path / FOLDER).glob("*/*"):
        if folder.name != "new":
            os.utime(folder, (long_ago, long_ago))
    kept.prune({"used"})
    assert [bool(kept.get(digest, 1)) for digest in ("used", "new", "gone")] == [True, True, False]
    assert KeptPages(tmp_path, "0").get("used", 1) is None


def test_a_disk_that_refuses_costs_nothing_but_the_keeping(tmp_path):
    (tmp_path / FOLDER).write_text("in the way")
    kept = KeptPages(tmp_path, "1")
    kept.put("d1", 1, PAGE)
    assert kept.get("d1", 1) is None


def test_a_kept_page_is_readable_json(tmp_path):
    KeptPages(tmp_path, "1").put("d1", 1, PAGE)
    [file] = (tmp_path / FOLDER).rglob("*.json")
    assert json.loads(file.read_text("utf-8"))["lines"][0][0] == "社区"
