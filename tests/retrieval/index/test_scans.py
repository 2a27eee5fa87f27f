"""Recognised text in an index: it comes with the extra, survives the round trip, and every citation of it says so."""

from __future__ import annotations

import os

from scans import blank, pdf_of
from stub_encoder import StubEncoder
from stub_ocr import CountingSandbox, stub_recogniser, text_of

from retrieval.answer.answerer import Answerer
from retrieval.corpus import read_corpus
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Question

FILES = {"scan.pdf": pdf_of(blank(), blank()), "typed.txt": "株洲的医生在医院做手术，灯一直亮到天明。"}


def build(folder, index, sandbox=None):
    if sandbox is None:
        return build_index([folder], index, StubEncoder())
    with stub_recogniser(index, sandbox) as recogniser:
        return build_index([folder], index, StubEncoder(), recogniser=recogniser)


def long_unchanged(folder):
    for name in FILES:
        os.utime(folder / name, (1, 1))
    return folder


def test_a_scan_that_was_skipped_is_read_once_the_extra_is_there_and_only_once(corpus_of, tmp_path):
    folder, index, sandbox = long_unchanged(corpus_of(FILES)), tmp_path / "index", CountingSandbox()
    assert [entry.path for entry in build(folder, index).skipped] == [f"{folder}/scan.pdf"]
    receipt = build(folder, index, sandbox)
    assert (receipt.added, receipt.skipped, sandbox.asked) == (("scan",), (), [1, 2])
    again = build(folder, index, sandbox)
    assert (again.generation, sandbox.asked) == (receipt.generation, [1, 2])


def test_recognised_text_survives_the_round_trip_and_its_citation_says_so(corpus_of, tmp_path):
    folder, index = corpus_of(FILES), tmp_path / "index"
    build(folder, index, CountingSandbox())
    snapshot = load_snapshot(index)
    with stub_recogniser(index) as recogniser:
        assert snapshot.documents == read_corpus([folder], recogniser=recogniser).documents
    answerer = Answerer(snapshot, StubEncoder(), confidence=lambda signals: 0.99)
    found = {
        one.quote: one.recognised_page for one in answerer.ask(Question(f"{text_of(2)}{FILES['typed.txt']}")).citations
    }
    assert found == {text_of(1): 1, text_of(2): 2, FILES["typed.txt"]: None}
