"""Paragraphs split into passages without losing a character."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.passages import PASSAGE_CHARACTERS, split_document, split_paragraph
from retrieval.types import Passage

PROSE = st.text("社区志愿者送菜。！？；…，、：“”（）’.!?;, \nAB19", max_size=400)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
LIMITS = st.integers(1, 2000)


def pieces(text, spans):
    return [text[start:end] for start, end in spans]


def test_a_short_paragraph_is_one_passage():
    assert split_paragraph("志愿者在送菜。灯还亮着。") == [(0, 12)]
    assert split_paragraph("甲" * PASSAGE_CHARACTERS) == [(0, PASSAGE_CHARACTERS)]


def test_a_long_paragraph_is_split_at_sentence_ends_into_parts_of_like_size():
    sentence = "社区的志愿者每天清晨六点钟就到小区门口集合。"
    parts = pieces(sentence * 30, split_paragraph(sentence * 30, 400))
    assert parts == [sentence * 15, sentence * 15]


def test_a_long_sentence_is_split_at_clauses():
    text = "甲" * 30 + "，" + "乙" * 30 + "，" + "丙" * 30 + "。"
    assert pieces(text, split_paragraph(text, 40)) == ["甲" * 30 + "，", "乙" * 30 + "，", "丙" * 30 + "。"]


def test_text_without_any_punctuation_is_split_at_the_limit():
    assert [len(part) for part in pieces("甲" * 1000, split_paragraph("甲" * 1000, 300))] == [300, 300, 300, 100]


@given(st.one_of(PROSE, ANY, st.integers(0, 5000).map("甲".__mul__)), LIMITS)
@example("甲。" * 3, 1)
@example("甲" * 4001, 2000)
@example("a b " * 50, 7)
def test_no_passage_exceeds_the_limit_and_none_loses_a_character(text, limit):
    parts = pieces(text, split_paragraph(text, limit))
    assert "".join(parts) == text
    assert max(map(len, parts)) <= limit or parts == [""]


@given(
    st.lists(st.tuples(st.sampled_from(["paragraph", "heading", "caption"]), PROSE.map("段".__add__)), max_size=8),
    LIMITS,
)
def test_passages_slice_to_their_text_and_hold_every_paragraph(blocks, limit):
    draft = Draft((Block("paragraph", "首段。"), *(Block(kind, text) for kind, text in blocks)))
    document = make_document(draft, "甲/乙", "甲/乙.txt", b"")
    passages = list(split_document(document, limit))
    assert [p.text for p in passages] == [document.text[p.start : p.end] for p in passages]
    assert {p.document_id for p in passages} == {"甲/乙"}
    by_paragraph = ["".join(p.text for p in passages if p.paragraph == number.number) for number in document.paragraphs]
    assert by_paragraph == ["首段。", *(text for kind, text in blocks if kind == "paragraph")]
    assert [p.start for p in passages] == sorted(p.start for p in passages)


def test_a_document_becomes_passages_with_document_offsets():
    draft = Draft(
        (Block("heading", "清晨"), Block("paragraph", "志愿者在送菜。灯还亮着呢。"), Block("paragraph", "完。"))
    )
    document = make_document(draft, "a", "a.txt", b"")
    assert list(split_document(document, 8)) == [
        Passage("a", 1, 4, 11, "志愿者在送菜。"),
        Passage("a", 1, 11, 17, "灯还亮着呢。"),
        Passage("a", 2, 19, 21, "完。"),
    ]
