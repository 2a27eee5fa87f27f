"""The explanation of an answer: one structure, the same for every face."""

from __future__ import annotations

import json

import pytest
from handmade import EXPLANATION
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.answer.explanation import LEAST_SIMILAR
from retrieval.index.build import build_index
from retrieval.index.lexical import LEGS
from retrieval.index.snapshot import load_snapshot
from retrieval.ranking.fusion import FEATURES
from retrieval.text.dates import DATE_PREFIX

QUESTIONS = ["孙蕴华一共接听了多少通电话?", "What did Yunhua Sun do?", "3月16日发生了什么?", "zzz qqq", "有哪些党员?"]


@pytest.fixture(scope="module")
def answerer(seed_snapshot):
    return Answerer(seed_snapshot, StubEncoder())


def shape_of(value):
    """Return the structure without what is in it: the keys of dictionaries that have fixed ones, and types."""
    if isinstance(value, dict):
        return {key: shape_of(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return type(value)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("top_k", [1, 20])
def test_an_explanation_has_the_shape_that_every_face_shows(answerer, question, top_k):
    answer = answerer.ask(question, top_k, explain=True)
    explained = answer.explanation
    assert list(explained) == list(EXPLANATION)
    assert explained["question"] == question
    words = answerer.retriever.analyse(question).words
    assert explained["words"] == [word for word in dict.fromkeys(words) if not word.startswith(DATE_PREFIX)]
    assert list(explained["weights"]) == list(FEATURES)
    assert explained["confidence"] == answer.confidence
    for numbers in (explained["weights"], explained["signals"]):
        assert {type(value) for value in numbers.values()} == {float}
    legs = {*LEGS, "dense", "late"}
    assert len(explained["hits"]) == top_k
    for hit in explained["hits"]:
        assert list(hit) == ["document_id", "paragraph", "score", "legs", "words", "pairs"]
        assert [type(hit[name]) for name in ("document_id", "paragraph", "score")] == [str, int, float]
        assert set(hit["legs"]) <= legs
        assert [shape_of(leg) for leg in hit["legs"].values()] == [{"rank": int, "score": float}] * len(hit["legs"])
        assert shape_of(hit["pairs"]) in ([], [{"question": str, "passage": str, "similarity": float}])


@pytest.mark.parametrize("question", QUESTIONS)
def test_hits_are_those_cited_and_say_what_they_have_of_the_question(answerer, question, monkeypatch):
    monkeypatch.setattr("retrieval.answer.answerer.confidence", lambda values: 0.99)
    answer = answerer.ask(question, 10, explain=True)
    hits = answer.explanation["hits"]
    assert [(hit["document_id"], hit["paragraph"], hit["score"]) for hit in hits] == [
        (citation.document_id, citation.paragraph, citation.score) for citation in answer.citations
    ]
    postings, passages = answerer.snapshot.lexical.words, answerer.snapshot.passages
    for hit, citation in zip(hits, answer.citations, strict=True):
        row = next(
            row
            for row, passage in enumerate(passages)
            if (passage.document_id, passage.start) == (citation.document_id, citation.start)
        )
        assert hit["words"] == [
            word for word in answer.explanation["words"] if row in postings.rows_with(word).tolist()
        ]
        for pair in hit["pairs"]:
            assert pair["question"] in question
            assert pair["passage"] in citation.quote
            assert pair["question"] == pair["question"].strip() != ""
            assert pair["similarity"] >= LEAST_SIMILAR


@given(st.text(max_size=60))
def test_any_explanation_is_json_of_plain_numbers(answerer, text):
    explained = answerer.ask(f"孙{text}", 3, explain=True).explanation
    assert json.loads(json.dumps(explained, allow_nan=False)) == explained


def test_a_question_that_is_not_answered_is_explained_too(answerer, monkeypatch):
    monkeypatch.setattr("retrieval.answer.answerer.confidence", lambda values: 0.0)
    answer = answerer.ask(QUESTIONS[0], 3, explain=True)
    assert (answer.status, answer.citations, len(answer.explanation["hits"])) == ("not_found", (), 3)


def test_pairs_of_tokens_say_what_matched(corpus_of, tmp_path):
    build_index([corpus_of({"a.txt": "靜安區突擊隊"})], tmp_path / "index", StubEncoder())
    explained = Answerer(load_snapshot(tmp_path / "index"), StubEncoder()).ask("静安区", explain=True).explanation
    pairs = explained["hits"][0]["pairs"]
    assert [(pair["question"], pair["passage"]) for pair in pairs] == [("静", "靜"), ("安", "安"), ("区", "區")]
