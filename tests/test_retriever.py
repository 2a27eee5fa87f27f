"""Legs, fusion and filters together, against a slow ranking of the same snapshot."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from stub_encoder import StubEncoder

from retrieval.analysis import words_of
from retrieval.indexer import build_index
from retrieval.retriever import Retriever, coverage
from retrieval.snapshot import load_snapshot
from retrieval.types import Filters, Ranking

QUESTIONS = [
    "孙蕴华一共接听了多少通电话?",
    "靜安區突擊隊分為多少個支援小組?",
    "口罩口罩口罩",
    "How many masks did the company donate?",
    "今天上海天气怎么样?",
]


@pytest.fixture
def seed_retriever(seed_snapshot):
    return Retriever(seed_snapshot, StubEncoder())


def slow_coverage(snapshot, words, text):
    held = set(words_of(text))
    weights = {word: snapshot.postings.weight(word) for word in set(words)}
    return sum(weight for word, weight in weights.items() if word in held) / sum(weights.values())


def slow_ranking(snapshot, question, k, rows):
    """Rank as DESIGN section 5 and the modules' docstrings say, over the passages ``rows``, without any index."""
    words, vector = words_of(question), StubEncoder().encode_queries([question])[0].astype(np.float64)
    dense = {row: float(snapshot.dense.vectors()[row].astype(np.float64) @ vector) for row in rows}
    bm25 = {row: float(score) for row, score in enumerate(snapshot.postings.scores(words)) if row in dense}
    best_dense = sorted(rows, key=lambda row: (-dense[row], row))[: max(k, 50)]
    best_words = sorted((row for row in rows if bm25[row] > 0), key=lambda row: (-bm25[row], row))[: max(k, 50)]
    held = slow_coverage(snapshot, words, snapshot.passages[best_words[0]].text) if best_words else 0.0
    weight = 0.4 * min(1, held / 0.3)
    candidates = sorted({*best_dense, *best_words})

    def scaled(leg):
        values = [leg[row] for row in candidates]
        spread = max(values) - min(values)
        return {row: (leg[row] - min(values)) / spread if spread else 0.0 for row in candidates}

    d, w = scaled(dense), scaled(bm25)
    fused = {row: (1 - weight) * d[row] + weight * w[row] for row in candidates}
    return sorted(candidates, key=lambda row: (-fused[row], row))[:k], fused, weight, held


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("k", [1, 10])
def test_the_ranking_is_the_slow_one(seed_snapshot, seed_retriever, question, k):
    rows, fused, weight, held = slow_ranking(seed_snapshot, question, k, range(len(seed_snapshot.passages)))
    ranking = seed_retriever.rank(seed_retriever.analyse(question), k)
    assert [hit.row for hit in ranking.hits] == rows
    assert [hit.score for hit in ranking.hits] == pytest.approx([fused[row] for row in rows], abs=1e-4)
    assert dict(ranking.weights) == pytest.approx({"dense": 1 - weight, "words": weight})
    assert ranking.coverage == pytest.approx(held)


def test_hits_say_what_each_leg_gave_them(seed_snapshot, seed_retriever):
    query = seed_retriever.analyse(QUESTIONS[0])
    for hit in seed_retriever.rank(query, 10).hits:
        assert dict(hit.legs) == pytest.approx(
            {
                "dense": seed_snapshot.dense.vectors()[hit.row] @ query.vector,
                "words": seed_snapshot.postings.scores(query.words)[hit.row],
            },
            abs=1e-5,
        )


def test_a_question_without_a_known_word_is_left_to_the_dense_leg(seed_retriever, seed_snapshot):
    query = seed_retriever.analyse("zzz qqq")
    ranking = seed_retriever.rank(query, 5)
    products = seed_snapshot.dense.vectors() @ query.vector
    assert dict(ranking.weights) == {"dense": 1, "words": 0}
    assert [hit.row for hit in ranking.hits] == np.argsort(-products, kind="stable")[:5].tolist()


def test_the_same_question_gets_the_same_ranking(seed_retriever):
    for question in QUESTIONS:
        first, second = (seed_retriever.rank(seed_retriever.analyse(question), 20) for _ in range(2))
        assert first == second


def test_more_hits_than_passages_are_all_of_them(seed_snapshot, seed_retriever):
    count = len(seed_snapshot.passages)
    ranking = seed_retriever.rank(seed_retriever.analyse(QUESTIONS[0]), count + 10)
    assert sorted(hit.row for hit in ranking.hits) == list(range(count))


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(), {"000", "001", "002", "003", "004"}),
        (Filters(documents=frozenset({"002_5bb256aa8cf2b42a"})), {"002"}),
        (Filters(documents=frozenset({"000_615096fb3a9954a1", "004_2ce852fb66e9e90e"})), {"000", "004"}),
        (Filters(date_from=dt.date(2020, 2, 1)), {"000", "004"}),
        (Filters(date_from=dt.date(2020, 2, 2)), {"000"}),
        (Filters(date_to=dt.date(2024, 5, 5)), {"004"}),
        (Filters(date_from=dt.date(2020, 2, 1), date_to=dt.date(2020, 2, 1)), {"004"}),
        (Filters(documents=frozenset({"000_615096fb3a9954a1"}), date_to=dt.date(2021, 1, 1)), set()),
        (Filters(documents=frozenset({"001_5490f234a13f708b"}), date_from=dt.date(1990, 1, 1)), set()),
        (Filters(documents=frozenset()), set()),
    ],
)
def test_only_documents_that_the_filters_admit_are_ranked(seed_snapshot, seed_retriever, filters, documents):
    passages = seed_snapshot.passages
    rows = [row for row, passage in enumerate(passages) if passage.document_id[:3] in documents]
    ranking = seed_retriever.rank(seed_retriever.analyse(QUESTIONS[0]), 500, filters)
    assert sorted(hit.row for hit in ranking.hits) == rows
    if rows:
        assert [hit.row for hit in ranking.hits] == slow_ranking(seed_snapshot, QUESTIONS[0], 500, rows)[0]
    else:
        assert ranking == Ranking((), {"dense": 0.0, "words": 0.0}, 0.0)


def reprints(corpus_of, tmp_path, count):
    """Index `count` copies of one report, rows 0 to count - 1, and one other report behind them."""
    same = {f"{number:02}.txt": "上海的志愿者在社区给老人送菜。" for number in range(count)}
    encoder = StubEncoder(dimension=384)
    build_index([corpus_of({**same, "99.txt": "株洲的医生在医院做手术。"})], tmp_path / "index", encoder)
    return Retriever(load_snapshot(tmp_path / "index"), encoder)


@pytest.mark.parametrize(("question", "first"), [("医生做了什么?", 30), ("志愿者给谁送菜?", 0)])
def test_reprints_are_ranked_once_and_stand_in_reading_order(corpus_of, tmp_path, question, first):
    retriever = reprints(corpus_of, tmp_path, 30)
    ranking = retriever.rank(retriever.analyse(question), 5)
    assert [hit.row for hit in ranking.hits] == [first, 30 - first]
    assert {hit.row: hit.duplicates for hit in ranking.hits} == {0: tuple(range(1, 30)), 30: ()}


def test_many_reprints_do_not_crowd_out_what_else_there_is(corpus_of, tmp_path):
    retriever = reprints(corpus_of, tmp_path, 60)
    ranking = retriever.rank(retriever.analyse("志愿者给谁送菜?"), 5)
    assert [(hit.row, len(hit.duplicates)) for hit in ranking.hits] == [(0, 59), (60, 0)]


def test_coverage_is_the_share_of_the_words_by_weight(seed_snapshot):
    postings = seed_snapshot.postings
    heavy, light = postings.weight("孙蕴华"), postings.weight("的")
    assert coverage(postings, ("孙蕴华", "的", "的"), "孙蕴华接听电话") == pytest.approx(heavy / (heavy + light))
    assert coverage(postings, ("孙蕴华",), "孙蕴华") == 1
    assert coverage(postings, ("孙蕴华",), "志愿者") == 0
    assert coverage(postings, (), "志愿者") == 0
