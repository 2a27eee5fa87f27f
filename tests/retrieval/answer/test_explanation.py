"""The explanation of an answer: one structure, the same for every face."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from asking import analysed
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.answer.explanation import LEAST_SIMILAR
from retrieval.explained import OtherName
from retrieval.index.build import build_index
from retrieval.index.local.lexical import LEGS
from retrieval.index.local.snapshot import load_snapshot
from retrieval.ranking.fusion import FEATURES, SHOWN_AS
from retrieval.text.dates import DATE_PREFIX
from retrieval.types import Question

QUESTIONS = ["孙蕴华一共接听了多少通电话?", "What did Yunhua Sun do?", "3月16日发生了什么?", "zzz qqq", "有哪些党员?"]


@pytest.fixture(scope="module")
def answerer(seed_snapshot):
    return Answerer(seed_snapshot, StubEncoder())


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("top_k", [1, 20])
def test_an_explanation_says_how_the_question_was_cut_and_what_it_weighs(answerer, question, top_k):
    answer = answerer.ask(Question(question, top_k, explain=True))
    explained = answer.explanation
    assert explained.question == question
    words = analysed(answerer, question).words
    assert explained.words == tuple(word for word in dict.fromkeys(words) if not word.startswith(DATE_PREFIX))
    assert list(explained.weights) == [SHOWN_AS.get(name, name) for name in FEATURES]
    assert explained.confidence == answer.confidence
    assert len(explained.hits) == top_k
    assert {leg for hit in explained.hits for leg in hit.legs} <= {*LEGS, "dense", "late"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_hits_are_those_cited_and_say_what_they_have_of_the_question(seed_snapshot, question):
    answerer = Answerer(seed_snapshot, StubEncoder(), confidence=lambda signals: 0.99)
    answer = answerer.ask(Question(question, 10, explain=True))
    hits = answer.explanation.hits
    assert [(hit.document_id, hit.paragraph, hit.score) for hit in hits] == [
        (citation.document_id, citation.paragraph, citation.score) for citation in answer.citations
    ]
    postings, passages = answerer.snapshot.lexical.words, answerer.snapshot.passages
    for hit, citation in zip(hits, answer.citations, strict=True):
        row = next(
            row
            for row, passage in enumerate(passages)
            if (passage.document_id, passage.start) == (citation.document_id, citation.start)
        )
        assert hit.words == tuple(word for word in answer.explanation.words if row in postings.rows_with(word).tolist())
        for pair in hit.pairs:
            assert pair.question in question
            assert pair.passage in citation.quote
            assert pair.question == pair.question.strip() != ""
            assert pair.similarity >= LEAST_SIMILAR


@given(st.text(max_size=60))
def test_any_explanation_is_json_of_plain_numbers(answerer, text):
    explained = asdict(answerer.ask(Question(f"孙{text}", 3, explain=True)).explanation)
    assert shape_of(json.loads(json.dumps(explained, allow_nan=False))) == shape_of(explained)


def shape_of(value):
    """Return a value with the types in place of what has no fixed one; tuples are lists."""
    if isinstance(value, dict):
        return {key: shape_of(one) for key, one in value.items()}
    return [shape_of(one) for one in value] if isinstance(value, list | tuple) else (type(value), value)


def test_a_question_that_is_not_answered_is_explained_too(seed_snapshot):
    answerer = Answerer(seed_snapshot, StubEncoder(), confidence=lambda signals: 0.0)
    answer = answerer.ask(Question(QUESTIONS[0], 3, explain=True))
    assert (answer.status, answer.citations, len(answer.explanation.hits)) == ("not_found", (), 3)


def test_pairs_of_tokens_say_what_matched(corpus_of, tmp_path):
    build_index([corpus_of({"a.txt": "靜安區突擊隊"})], tmp_path / "index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder())
    explained = answerer.ask(Question("静安区", explain=True)).explanation
    assert [(pair.question, pair.passage) for pair in explained.hits[0].pairs] == [
        ("静", "靜"),
        ("安", "安"),
        ("区", "區"),
    ]


def test_other_names_are_looked_up_too_and_the_explanation_says_which(tmp_path):
    (tmp_path / "guide.txt").write_text("指南\n\n世界卫生组织（以下简称“世卫组织”）是联合国的机构。", encoding="utf-8")
    (tmp_path / "news.txt").write_text("消息\n\n世界卫生组织三月更新了消毒办法。\n\n天气很好。", encoding="utf-8")
    build_index([tmp_path], tmp_path / ".index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / ".index"), StubEncoder(), confidence=lambda signals: 1.0)
    answer = answerer.ask(Question("世卫组织更新了什么?", explain=True))
    assert answer.explanation.names == (OtherName("世卫组织", "世界卫生组织"),)
    assert answer.citations[0].quote.startswith("世界卫生组织三月更新了")
    assert answerer.ask(Question("天气怎么样?", explain=True)).explanation.names == ()
