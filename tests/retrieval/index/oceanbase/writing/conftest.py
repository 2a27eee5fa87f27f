"""Builds into a database, each of a corpus that a test changes."""

from __future__ import annotations

import dataclasses

import pytest
from stored_state import made_of, numbers_of, state_of
from stub_encoder import StubEncoder

from retrieval.corpus import read_corpus
from retrieval.index.oceanbase.writing.building import build_stored


@pytest.fixture
def build(corpus_of, tmp_path, database):
    """Write files, take others away, index, and return the receipt (without seconds) and the texts embedded for it."""

    def run(files=None, without=(), encoder=None, into=None, **options):
        folder = corpus_of(files or {})
        for name in without:
            (folder / name).unlink()
        encoder = encoder or StubEncoder()
        options = {"test": lambda number: None, "readings_folder": tmp_path / "readings", **options}
        receipt = build_stored([folder], into or database, encoder, **options)
        assert receipt.seconds >= 0
        return dataclasses.replace(receipt, seconds=0.0), sorted(encoder.embedded)

    return run


@pytest.fixture
def published(database):
    """Return the number of the published generation."""

    def number():
        ((found,),) = database.rows("SELECT published FROM wenbao_store WHERE id = 1")
        return found

    return number


@pytest.fixture
def is_right(corpus_of, database, published):
    """Whether the published generation is what is made of the files in the corpus, and of nothing else."""

    def check(encoder=None, **options):
        documents = read_corpus([corpus_of({})]).documents
        number = published()
        expected = made_of(documents, encoder or StubEncoder(), numbers_of(database, number), **options)
        assert state_of(database, number) == expected
        return True

    return check
