"""An index of two reports, to be read, damaged, and grown by a third."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder
from two_reports import FIRST, SECOND

from retrieval.index.build import build_index


@pytest.fixture
def index(corpus_of, tmp_path):
    """The path of an index of the first two reports."""
    build_index([corpus_of(FIRST)], tmp_path / "index", StubEncoder())
    return tmp_path / "index"


@pytest.fixture
def grow(corpus_of, index):
    """Add a third report and index again."""
    return lambda **options: build_index([corpus_of(SECOND)], index, StubEncoder(), **options)


@pytest.fixture
def change(corpus_of, index):
    """Write a fourth report, of this number, and index again."""

    def run(number, **options):
        files = {"四.txt": f"第{number}次的通知说明天封闭。\n"}
        return build_index([corpus_of(files)], index, StubEncoder(), **options)

    return run
