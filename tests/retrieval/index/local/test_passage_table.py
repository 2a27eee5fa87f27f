"""Passages cut out of their reports, and those with the same text, against lists and dictionaries."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.local.passage_table import PassageTable
from retrieval.index.local.same_texts import same_texts
from retrieval.types import Passage


@dataclasses.dataclass
class Report:
    """What a table of passages reads of a report."""

    document_id: str
    text: str
    tables: tuple = ()


def table_of(reports):
    """Make every text of every report a passage, and return the table beside the list of what it must hold."""
    documents = [Report(f"r{number}", "".join(texts)) for number, texts in enumerate(reports)]
    rows, passages = [], []
    for number, texts in enumerate(reports):
        start = 0
        for paragraph, text in enumerate(texts, start=1):
            rows.append((number, paragraph, start, start + len(text)))
            passages.append(Passage(f"r{number}", paragraph, start, start + len(text), text))
            start += len(text)
    return PassageTable(documents, np.array(rows, dtype=np.int32).reshape(len(rows), 4)), passages


REPORTS = st.lists(st.lists(st.sampled_from(["口罩", "送菜", "小区", "口罩送菜"]), max_size=4), max_size=5)


@given(REPORTS, st.integers(-3, 9), st.integers(-3, 9))
def test_a_table_of_passages_is_the_list_of_them(reports, start, end):
    table, passages = table_of(reports)
    assert (list(table), len(table)) == (passages, len(passages))
    assert [table[row] for row in range(len(table))] == passages
    assert list(table[start:end]) == passages[start:end]
    assert [table.text(row) for row in range(len(table))] == [passage.text for passage in passages]
    assert [f"r{number}" for number in table.reports] == [passage.document_id for passage in passages]


@given(REPORTS)
def test_a_table_is_made_of_its_passages_and_read_back(tmp_path_factory, reports):
    table, passages = table_of(reports)
    documents = [Report(f"r{number}", "".join(texts)) for number, texts in enumerate(reports)]
    folder = tmp_path_factory.mktemp("table")
    PassageTable.of(documents, passages).save(folder)
    assert list(PassageTable.load(folder, documents)) == list(table) == passages


def test_a_passage_that_is_not_there_is_an_index_error():
    with pytest.raises(IndexError):
        table_of([["口罩"]])[0][1]


@pytest.mark.parametrize("same_hash", [False, True])
@given(reports=REPORTS)
def test_the_same_texts_are_what_a_dictionary_by_text_says(same_hash, reports):
    table, passages = table_of(reports)
    rows_of = {}
    for row, passage in enumerate(passages):
        rows_of.setdefault(passage.text, []).append(row)
    found = same_texts(table, lambda _: 7) if same_hash else same_texts(table)
    assert sorted(found) == sorted(tuple(rows) for rows in rows_of.values() if len(rows) > 1)
