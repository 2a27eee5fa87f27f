"""The sentence that answers and the words in it: always verbatim, always inside the passage."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from asking import analysed, in_bytes
from hypothesis import example, given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.answer.reading import NO_FIGURE, SPAN_NEAR, SentenceReader, trimmed
from retrieval.encoder.tokens import dequantise_tokens
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.index.local.token_store import TokenStore
from retrieval.ranking.late_interaction import LEAST_APART
from retrieval.ranking.retriever import Retriever
from retrieval.text.sentences import sentences_of
from retrieval.text.units import FIGURE
from retrieval.types import Passage

QUESTIONS = [
    "孙蕴华一共接听了多少通电话?",
    "靜安區突擊隊分為多少個支援小組?",
    "谁在青年公寓里给住户送外卖?",
    "How many masks did the company donate?",
    "?",
]
PIECES = st.sampled_from(
    [*"。，,;…😀\n \u3000", "！”", "志愿者", "张贝", "孙蕴华", "送菜", "5000个", "近400通", "3月12日", "mask ", "1.5"]
)


@pytest.fixture(scope="module")
def retriever(seed_snapshot):
    return Retriever(seed_snapshot)


def reader_of(snapshot, text, **options):
    """Read a passage of this text as if it stood in the snapshot."""
    tokens = StubEncoder().encode_passages([text]).tokens
    passage = Passage("x", 1, 0, len(text), text)
    return SentenceReader(
        dataclasses.replace(snapshot, passages=(passage,), tokens=TokenStore.of(tokens, 64)), **options
    )


def check_reading(reading, text):
    sentence = text[reading.start : reading.end]
    assert 0 <= reading.start <= reading.end <= len(text)
    if text.strip():
        assert sentence == sentence.strip() != ""
        assert sentence in [text[start:end].strip() for start, end in sentences_of(text)]
    if reading.span is not None:
        assert reading.start <= reading.span[0] < reading.span[1] <= reading.end
    assert [value for value in (reading.score, reading.weakest) if not math.isfinite(value)] == []
    assert {type(value) for value in (reading.start, reading.end)} == {int}
    assert {type(value) for value in (reading.score, reading.weakest)} == {float}
    assert 0 <= reading.weakest <= 1.1


@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(QUESTIONS))
@example("", QUESTIONS[0])
@example(" \n ", QUESTIONS[0])
@example("\n\n  志愿者。 \n 送菜 ", QUESTIONS[2])
def test_what_is_read_stands_in_the_passage(seed_snapshot, retriever, text, question):
    [reading] = reader_of(seed_snapshot, text).read(analysed(retriever, question), [0])
    check_reading(reading, text)


@given(st.text(max_size=80))
def test_any_text_can_be_read(seed_snapshot, retriever, text):
    text = text.encode("utf-8", "replace").decode()
    [reading] = reader_of(seed_snapshot, text).read(analysed(retriever, QUESTIONS[0]), [0])
    check_reading(reading, text)


def obvious_scores(query, text, tokens):
    """Return the score of each sentence, and its plain MaxSim, by loops over sentences, question and passage tokens."""
    cut = trimmed(text, sentences_of(text))
    vectors, firsts = dequantise_tokens(tokens), tokens["span"][:, 0].tolist()
    best = [
        [max((float(q @ v) for v, at in zip(vectors, firsts, strict=True) if a <= at < b), default=0.0) for a, b in cut]
        for q in in_bytes(query.tokens)
    ]
    apart = [max(max(row) - float(np.median(row)), float(LEAST_APART)) for row in best]
    scores, plain = {}, {}
    for place, (start, end) in enumerate(cut):
        weighed = sum(row[place] * weight for row, weight in zip(best, apart, strict=True)) / sum(apart)
        lacking = query.wants_number and not FIGURE.search(text[start:end])
        scores[start, end] = weighed - NO_FIGURE * lacking
        plain[start, end] = sum(row[place] for row in best) / len(best)
    return scores, plain


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_sentence_is_the_one_that_scores_best_or_one_near_it_with_the_figure_asked_for(
    seed_snapshot, retriever, question
):
    query = analysed(retriever, question)
    rows = range(0, len(seed_snapshot.passages), 9)
    for row, reading in zip(rows, SentenceReader(seed_snapshot).read(query, rows), strict=True):
        text, tokens = seed_snapshot.passages[row].text, seed_snapshot.tokens.tokens(row)
        scores, plain = obvious_scores(query, text, tokens)
        check_reading(reading, text)
        chosen = reading.start, reading.end
        near = SPAN_NEAR if query.wants_number and reading.span else 0
        assert scores[chosen] >= max(scores.values()) - near - 1e-4
        assert reading.score == pytest.approx(plain[chosen], abs=1e-4)


@pytest.mark.parametrize(
    ("near", "sentence", "span"),
    [(0.0, "孙蕴华一共接听了多少通电话。", None), (1.0, "截至4月10日接听电话近400通。", "近400通")],
)
def test_a_sentence_near_the_best_is_taken_for_the_figure_that_it_holds(seed_snapshot, retriever, near, sentence, span):
    text = "孙蕴华一共接听了多少通电话。截至4月10日接听电话近400通。"
    reader = reader_of(seed_snapshot, text, span_near=near, no_figure=0.0)
    [reading] = reader.read(analysed(retriever, "孙蕴华一共接听了多少通电话?"), [0])
    assert text[reading.start : reading.end] == sentence
    assert (text[slice(*reading.span)] if reading.span else None) == span


def test_the_few_words_that_answer_are_found_in_the_sentence_that_does(corpus_of, tmp_path):
    text = "一支部有很多故事。截至4月10日,孙蕴华累计接听电话近400通。灯还亮着,有3个人。"
    build_index([corpus_of({"a.txt": text})], tmp_path / "index", StubEncoder())
    snapshot = load_snapshot(tmp_path / "index")
    query = analysed(Retriever(snapshot), "孙蕴华一共接听了多少通电话?")
    [reading] = SentenceReader(snapshot).read(query, [0])
    assert text[reading.start : reading.end] == "截至4月10日,孙蕴华累计接听电话近400通。"
    assert reading.span is not None
    assert text[slice(*reading.span)] == "近400通"


def test_several_passages_are_read_in_the_order_asked_for(seed_snapshot, retriever):
    reader, query = SentenceReader(seed_snapshot), analysed(retriever, QUESTIONS[0])
    together = reader.read(query, [7, 3, 3])
    assert together == [reader.read(query, [row])[0] for row in (7, 3, 3)]
    assert reader.read(query, []) == []


@pytest.mark.parametrize(
    ("text", "spans", "kept"),
    [
        (" a。 b ", [(0, 3), (3, 6)], [(1, 3), (4, 5)]),
        ("a。 \n", [(0, 2), (2, 4)], [(0, 2)]),
        ("  ", [(0, 2)], [(0, 2)]),
        ("", [], [(0, 0)]),
    ],
)
def test_white_space_is_taken_off_sentences(text, spans, kept):
    assert trimmed(text, spans) == kept
