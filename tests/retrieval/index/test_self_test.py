"""A sound index finds its own sentences; one with a dead leg is told by the leg's name."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from postings_of import postings_of
from stub_encoder import StubEncoder

from retrieval.corpus import split_document
from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.errors import IndexUnsound
from retrieval.index.local.dense import DenseIndex
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.index.local.token_store import TokenStore
from retrieval.index.manifest import Manifest
from retrieval.index.relations.relations import Relations
from retrieval.index.self_test import SAMPLE, self_test

TEXTS = [f"第{number}号小区的居民收到了蔬菜。" for number in range(60)]


def index_of(texts):
    """Put an index of one report with these paragraphs together, on no disk."""
    report = make_document(Draft(tuple(Block("paragraph", text) for text in texts)), "a", "a.txt", b"")
    passages = list(split_document(report))
    encoded = StubEncoder().encode_passages([passage.text for passage in passages])
    manifest = Manifest("000001-00000000", "", "stub", "stub-64", "", 64, 400, 1, len(passages))
    return LocalSnapshot.of(
        manifest,
        (report,),
        passages,
        DenseIndex.build(encoded.vectors),
        Lexical.build([passage.text for passage in passages]),
        TokenStore.of(encoded.tokens, 64),
        Relations(),
    )


@pytest.fixture(scope="module")
def sound():
    return index_of(TEXTS)


def test_a_sound_index_passes(sound):
    self_test(sound)


@pytest.mark.parametrize(
    "texts", [["灯一直亮到天明。"], ["……", "！！！！"], ["同一句话。"] * 60], ids=["one", "no words", "one text"]
)
def test_small_wordless_and_repetitive_indexes_pass(texts):
    self_test(index_of(texts))


@pytest.mark.parametrize("leg", ["dense", "words", "bigrams", "tokens"])
def test_a_dead_leg_is_named(sound, leg):
    count = len(sound.passages)
    nothing = postings_of([[]] * count)
    dead = {
        "dense": {"dense": DenseIndex.build(np.zeros((count, 64), np.float32))},
        "words": {"lexical": dataclasses.replace(sound.lexical, words=nothing)},
        "bigrams": {"lexical": dataclasses.replace(sound.lexical, bigrams=nothing)},
        "tokens": {"tokens": TokenStore.of([StubEncoder().encode_queries([""]).tokens[0]] * count, 64)},
    }
    with pytest.raises(IndexUnsound, match=f"its {leg} leg found [0-9]+ of {SAMPLE} of its own sentences"):
        self_test(dataclasses.replace(sound, **dead[leg]))


def test_rows_that_were_mixed_up_are_noticed(sound):
    turned = Lexical.build([*TEXTS[30:], *TEXTS[:30]])
    with pytest.raises(IndexUnsound, match="its words leg"):
        self_test(dataclasses.replace(sound, lexical=turned))
