"""Questions with passages -> examples -> batches: the labels say where the answer stands, however a passage is cut."""

from __future__ import annotations

import random

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from retrieval.training.examples import Stored, batch_of, examples_of
from retrieval.training.model import WIDTH

TEXT = "东堤图书馆的周末借阅量去年增长了三成。读者反映座位不够！馆方研究后决定增设自习室，由副馆长钱若水负责。" * 4


def stored(text):
    """Store each character as a token whose codes are its place."""
    codes = np.zeros((len(text), WIDTH), dtype=np.int8)
    codes[:, 0], codes[:, 1] = np.arange(len(text)) % 100 + 1, np.arange(len(text)) // 100 + 1
    return Stored(codes, np.array([(at, at + 1) for at in range(len(text))], dtype=np.uint16).reshape(-1, 2))


def example(start, end, passage=None):
    row = {"question": "谁负责？", "passage": TEXT, "start": start, "end": end, "source": "newsqa", "pid": "1-0"}
    return examples_of([row], {"谁负责？": stored("谁负责？")}, {TEXT: passage or stored(TEXT)})


@given(st.data())
def test_labels_point_at_the_answer_in_every_crop(data):
    random.seed(data.draw(st.integers(0, 10_000)))
    start = data.draw(st.integers(0, len(TEXT) - 1))
    end = data.draw(st.integers(start + 1, min(len(TEXT), start + 20)))
    [one] = example(start, end)
    batch = batch_of([one], cropped=True)
    if not batch.answers[0]:
        return  # one of the crops that the answer is not in
    whole = batch_of([one])
    for label, place in ((batch.begin, start), (batch.end, end - 1)):
        found = batch.tokens[0, label[0] - 1]
        assert torch.equal(found, whole.tokens[0, len("谁负责？") + place])


def test_what_answers_nothing_has_the_labels_of_nowhere():
    [one] = example(-1, -1)
    batch = batch_of([one])
    assert (batch.begin[0], batch.end[0], batch.answers[0], batch.evidence.sum()) == (0, 0, 0, 0)


def test_an_answer_that_no_token_covers_is_no_example():
    passage = stored(TEXT)
    passage.spans[10:20] = 0
    assert example(12, 15, passage) == []


def test_the_sentence_of_the_answer_is_what_counts_as_evidence():
    start = TEXT.index("座位不够")
    [one] = example(start, start + 4)
    batch = batch_of([one])
    marked = np.flatnonzero(batch.evidence[0].numpy()) - len("谁负责？")
    assert TEXT[marked[0] : marked[-1] + 1] == "读者反映座位不够！"
