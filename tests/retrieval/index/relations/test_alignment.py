"""Which sentence of a report is which of another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.relations.alignment import Aligned, align
from retrieval.index.relations.sentences import Sentence

KEYS = st.lists(
    st.sampled_from(["口罩送到小区", "口罩送到社区", "灯还亮着", "灯都灭了", "医生做手术", "明天封闭"]), max_size=7
)


def sentences(keys):
    return [Sentence(key, place * 10, place * 10 + len(key)) for place, key in enumerate(keys)]


def said(aligned):
    return [(one.first and one.first.key, one.other and one.other.key) for one in aligned]


@given(KEYS, KEYS)
def test_every_sentence_of_both_reports_stands_in_the_alignment_once_the_others_in_order(first, other):
    one, two = sentences(first), sentences(other)
    aligned = align(one, two)
    assert sorted((a.first for a in aligned if a.first), key=lambda s: s.start) == one
    assert [a.other for a in aligned if a.other] == two
    assert Aligned(None, None) not in aligned


@given(KEYS, KEYS)
def test_a_sentence_of_both_reports_is_never_left_out_here_and_added_there(first, other):
    aligned = align(sentences(first), sentences(other))
    left_out = {a.first.key for a in aligned if a.first and not a.other}
    assert left_out & {a.other.key for a in aligned if a.other and not a.first} == set()


@given(KEYS)
def test_a_report_aligned_with_itself_is_the_same(keys):
    assert all(a.same and a.first == a.other for a in align(sentences(keys), sentences(keys)))


def test_a_changed_sentence_is_paired_with_what_it_was_and_others_stand_alone():
    first = ["一共送出口罩三百个", "灯还亮着", "医生在医院做手术"]
    other = ["一共送出口罩五百个", "灯还亮着", "明天小区封闭"]
    assert said(align(sentences(first), sentences(other))) == [
        ("一共送出口罩三百个", "一共送出口罩五百个"),
        ("灯还亮着", "灯还亮着"),
        ("医生在医院做手术", None),
        (None, "明天小区封闭"),
    ]


def test_of_several_near_sentences_the_nearest_are_paired():
    first, other = ["送出口罩三百个给居民"], ["送出口罩给居民", "送出口罩五百个给居民"]
    assert said(align(sentences(first), sentences(other)))[1:] == [("送出口罩三百个给居民", "送出口罩五百个给居民")]


def test_a_sentence_that_moved_is_the_same_sentence():
    aligned = align(
        sentences(["灯还亮着", "医生做手术", "明天封闭"]), sentences(["医生做手术", "明天封闭", "灯还亮着"])
    )
    assert said(aligned) == [("医生做手术", "医生做手术"), ("明天封闭", "明天封闭"), ("灯还亮着", "灯还亮着")]


def test_where_too_much_was_rewritten_nothing_is_paired():
    first, other = [f"送出口罩{n}个" for n in range(41)], [f"送出手套{n}个" for n in range(41)]
    assert [a for a in align(sentences(first), sentences(other)) if a.first and a.other] == []
