"""A generation in the database says what the same one says as files, and is asked in few round trips."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mixed_reports import QUESTIONS
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.index.oceanbase.reading import search
from retrieval.index.oceanbase.reading.batch import Batch
from retrieval.index.protocol import Admitted, Sought, Wanted
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import Filters, Question

LEGS = ("words", "bigrams", "pinyin", "dictionary")
TODAY = dt.date(2022, 3, 14)
FILTER_NAMES = ("all", "two reports", "from a day", "a folder", "no words", "nothing")
FILTERS = (
    None,
    Filters(documents=frozenset({"news/图书馆转载", "标准"})),
    Filters(date_from=dt.date(2021, 5, 8)),
    Filters(within="news/*"),
    Filters(documents=frozenset({"空"})),
    Filters(within="nowhere/*"),
)


def asked(snapshot, question, **options):
    """Return the answer without what tells apart passages that are equally near to the last digit but one."""
    answer = Answerer(snapshot, StubEncoder()).ask(Question(question, explain=True, today=TODAY, **options))
    found = dataclasses.asdict(dataclasses.replace(answer, timings_ms={}))
    if found["explanation"]:
        del found["explanation"]["signals"]["agreement"]
        for hit in found["explanation"]["hits"]:
            hit["legs"].pop("dense", None)
    return found


@pytest.mark.parametrize("filters", FILTERS, ids=FILTER_NAMES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_the_same_as_from_files(files, stored, question, filters):
    assert asked(stored(), question, filters=filters) == asked(files, question, filters=filters)


@pytest.mark.parametrize("pattern", ["news/*", "rules/*2019", "*"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_who_may_see_some_reports_is_answered_the_same(files, stored, question, pattern):
    local, far = (Answerer(snapshot, StubEncoder()).within(pattern) for snapshot in (files, stored()))
    assert dataclasses.replace(far.ask(Question(question, today=TODAY)), timings_ms={}) == dataclasses.replace(
        local.ask(Question(question, today=TODAY)), timings_ms={}
    )


@pytest.mark.parametrize("filters", FILTERS[1:4], ids=FILTER_NAMES[1:4])
def test_filters_that_admit_too_much_to_be_looked_through_change_no_answer(files, stored, filters, monkeypatch):
    monkeypatch.setattr(search, "FEW_REPORTS", 0)
    for question in QUESTIONS:
        assert asked(stored(), question, filters=filters) == asked(files, question, filters=filters)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_takes_four_round_trips_at_most(stored, question):
    snapshot = stored()
    answerer, database = Answerer(snapshot, StubEncoder()), snapshot.database
    before = database.traffic.trips
    answerer.ask(Question(question, today=TODAY))
    numbered = 2 * ("第三条" in question)  # the beginnings of whole reports, and what stands there
    assert database.traffic.trips - before <= 4 + numbered


def test_a_question_asked_again_needs_only_the_legs(stored):
    snapshot = stored()
    answerer, database = Answerer(snapshot, StubEncoder()), snapshot.database
    answerer.ask(Question(QUESTIONS[0], today=TODAY))
    before = database.traffic.trips
    answerer.ask(Question(QUESTIONS[0], today=TODAY))
    assert database.traffic.trips - before == 1


def test_passages_reports_and_relations_are_the_same(files, stored):
    snapshot = stored()
    assert list(snapshot.passages) == list(files.passages)
    assert [snapshot.passages.matched(row) for row in range(len(files.passages))] == [
        files.passages.matched(row) for row in range(len(files.passages))
    ]
    assert dict(snapshot.by_id) == files.by_id
    assert snapshot.relations == files.relations
    assert [snapshot.copies(row) for row in range(len(files.passages))] == [
        files.copies(row) for row in range(len(files.passages))
    ]
    names = ("document_id", "title", "title_derived", "date", "source", "paragraph_count", "characters", "version")
    assert [[getattr(report, name) for name in names] for report in snapshot.documents] == [
        [getattr(report, name) for name in names] for report in files.documents
    ]


def test_token_vectors_are_the_same_to_the_byte(files, stored):
    rows = np.array([3, 0, 3, len(files.passages) - 1], dtype=np.int64)
    (records, counts), (expected, lengths) = stored().tokens.gathered(rows), files.tokens.gathered(rows)
    assert (records.tobytes(), counts.tolist()) == (expected.tobytes(), lengths.tolist())


@pytest.fixture(scope="module")
def vocabulary(files):
    texts = [files.passages.matched(row) for row in range(len(files.passages))]
    found = {"words": sorted({word for text in texts for word in words_of(text)})}
    found["bigrams"] = sorted({pair for text in texts for pair in bigrams_of(text)})
    found["pinyin"] = ["zhuzhou", "sunyunhua", "yunhua", "nobody"]
    found["dictionary"] = ["volunteer", "librari", "reader", "nothing"]
    return {leg: [*words, "天气"] for leg, words in found.items()}


@given(st.data())
def test_legs_weigh_score_and_find_as_files_do(files, stored, vocabulary, data):
    snapshot, leg = stored(), data.draw(st.sampled_from(LEGS))
    words = data.draw(st.lists(st.sampled_from(vocabulary[leg]), max_size=6))
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, len(files.passages) - 1), max_size=8))), dtype=np.int64)
    reports = np.array(sorted(data.draw(st.sets(st.integers(0, len(files.documents) - 1)))), dtype=np.int64)
    local, far = getattr(files.lexical, leg), getattr(snapshot.lexical, leg)
    assert list(map(far.holds, words)) == list(map(local.holds, words))
    assert list(map(far.weight, words)) == list(map(local.weight, words))
    assert far.ceiling(words) == local.ceiling(words)
    assert far.held(words, rows).tolist() == local.held(words, rows).tolist()
    assert far.scores_of(words, rows).tolist() == pytest.approx(local.scores_of(words, rows).tolist(), rel=1e-6)
    found, expected = snapshot.rows_with(leg, words, reports), files.rows_with(leg, words, reports)
    assert {word: of.tolist() for word, of in found.items()} == {word: of.tolist() for word, of in expected.items()}


@given(st.data())
def test_a_word_is_held_among_reports_that_hold_it(files, stored, vocabulary, data):
    word = data.draw(st.sampled_from(vocabulary["words"]))
    admitted = Admitted(np.array(data.draw(st.lists(st.booleans(), min_size=10, max_size=10)), dtype=np.bool_))
    assert len(files.documents) == 10
    assert stored().holds_among(word, admitted) == files.holds_among(word, admitted)


def test_a_leg_that_has_too_few_left_looks_at_more(files, stored, monkeypatch):
    monkeypatch.setattr(search, "RESCORED", 1)
    snapshot, vector = stored(), StubEncoder().encode_queries(["临江图书馆新馆"]).vectors[0]
    sought = Sought(words_of("临江图书馆新馆"), bigrams_of("图书馆"), (), (), lambda: vector, 3, 5, 3, 3)
    found, expected = snapshot.candidates(sought), files.candidates(sought)
    assert {leg: of.rows.tolist() for leg, of in found.items()} == {
        leg: of.rows.tolist() for leg, of in expected.items()
    }


def test_what_was_not_announced_is_found_all_the_same(files, stored):
    snapshot = stored()
    row = len(files.passages) - 1
    assert snapshot.passages[row] == files.passages[row]
    assert snapshot.copies(row) == files.copies(row)
    assert snapshot.tokens.tokens(row).tobytes() == files.tokens.tokens(row).tobytes()
    snapshot.fetch(Wanted())


def test_a_cache_too_small_for_anything_changes_no_answer(files, stored):
    for question in QUESTIONS[:6]:
        assert asked(stored(most_bytes=1000), question) == asked(files, question)


def test_cosines_are_those_of_files(files, stored):
    vector, rows = StubEncoder().encode_queries(["志愿者"]).vectors[0], np.arange(5)
    assert stored().cosines(vector, rows).tolist() == pytest.approx(files.cosines(vector, rows).tolist(), abs=1e-5)


def test_no_question_reads_a_whole_table_of_passages_or_texts(stored, monkeypatch):
    snapshot, sent, run = stored(), [], Batch.run
    monkeypatch.setattr(Batch, "run", lambda batch, *where: (sent.extend(batch.statements), run(batch, *where))[1])
    for question in QUESTIONS:
        for filters in FILTERS[:2]:
            Answerer(snapshot, StubEncoder()).ask(Question(question, filters=filters, today=TODAY))
    snapshot.cosines(StubEncoder().encode_queries(["灯"]).vectors[0], np.arange(3))
    snapshot.vectors(np.arange(3))
    joins = {text: values for text, values in sent if " JOIN " in text and "MATCH(t." not in text}
    plans = {
        text: "\n".join(line for (line,) in snapshot._looking.rows((f"EXPLAIN {text}", values)))
        for text, values in joins.items()
    }
    assert len(plans) >= 5
    assert [text for text, plan in plans.items() if "FULL SCAN" in plan] == []
