"""Families of reprints."""

from __future__ import annotations

import random

import numpy as np
from datasketch import MinHash
from related_reports import NEWS, NOTE, NOTICE, SUBSIDY, a_report, reworded

from retrieval.index.relations.candidates import BANDS, MOST_MET, ROWS, Candidates, marks_of, signature_of
from retrieval.index.relations.reprints import Families, families_of
from retrieval.index.relations.sentences import sentences_in

LONG = tuple(f"第{number}户居民在{number}月收到了社区送来的{number}样蔬菜和水果。" for number in range(1, 31))


def never(_one, _other):
    return False


def test_the_first_by_date_leads_and_a_report_without_a_date_comes_last():
    reports = [
        a_report("a", "开馆", NEWS),
        a_report("b", "开馆", reworded(NEWS, ("八十万册", "八十五万册")), "2024-05-09"),
        a_report("c", "开馆", NEWS, "2024-05-07"),
        a_report("d", "通知", NOTICE, "2024-05-01"),
    ]
    assert families_of(reports, never) == Families(((2, 1, 0),), ())


def test_a_reprint_of_a_reprint_belongs_to_the_family_though_it_changed_more():
    second = reworded(LONG, ("第1户", "第101户"), ("第2户", "第102户"), ("第3户", "第103户"))
    third = reworded(second, ("第4户", "第104户"), ("第5户", "第105户"), ("第6户", "第106户"))
    reports = [a_report(name, "送菜", texts) for name, texts in (("a", LONG), ("b", second), ("c", third))]
    assert families_of(reports, never) == Families(((0, 1, 2),), ())
    assert families_of([reports[0], reports[2]], never) == Families((), ())


def test_versions_are_no_reprints_of_each_other_nor_of_a_reprint():
    reports = [
        a_report(name, "办法", (SUBSIDY, *NEWS), date) for name, date in (("a", "2019-01-01"), ("b", "2019-02-01"))
    ]
    reports.append(a_report("c", "办法", (SUBSIDY, *NEWS), "2023-01-01"))
    assert families_of(reports, lambda one, other: {one, other} == {0, 2}) == Families(((0, 1),), ())


def test_a_report_that_is_a_version_of_the_nearest_may_be_a_reprint_of_another():
    files = [
        ("a", NEWS, "2019-01-01"),
        ("b", reworded(NEWS, ("八十万册", "八十五万册")), "2023-01-01"),
        ("c", NEWS, "2023-01-02"),
    ]
    reports = [a_report(name, "开馆", texts, date) for name, texts, date in files]
    assert families_of(reports, lambda one, other: 0 in (one, other)) == Families(((1, 2),), ())


def test_notices_that_towns_copied_from_each_other_are_a_group_of_copies():
    towns = [("a", "红旗镇"), ("b", "青山镇"), ("c", "柳河镇")]
    reports = [a_report(name, f"{town}防汛通知", reworded(NOTICE, ("红旗镇", town))) for name, town in towns]
    assert families_of([*reports, a_report("d", "开馆", (*NEWS, NOTE))], never) == Families((), ((0, 1, 2),))


def test_reports_that_share_most_sentences_meet_and_others_do_not():
    dice = random.Random(7)
    shared = [marks_of(sentences_in(a_report("a", "t", texts))) for texts in (NEWS, (*NEWS[:9], NOTE), NOTICE)]
    others = [frozenset(dice.getrandbits(32) for _ in range(10)) for _ in range(500)]
    candidates = Candidates([*shared, *others])
    for number in range(2, len(others) + 3):
        candidates.add(number)
    assert candidates.near(0) == []
    candidates.add(1)
    assert candidates.near(0) == [1]


def test_thousands_of_the_same_pattern_are_met_by_a_few_only():
    candidates = Candidates([frozenset(range(10))] * (MOST_MET + 50))
    for number in range(1, MOST_MET + 50):
        candidates.add(number)
    assert len(candidates.near(0)) == 4


def test_signatures_are_those_of_datasketch():
    dice = random.Random(7)
    marks = [frozenset(dice.getrandbits(32) for _ in range(most)) for most in (0, 1, 2, 9, 300)]
    marks.append(frozenset({0, 2**32 - 1}))
    theirs = MinHash.bulk(map(sorted, marks), num_perm=BANDS * ROWS, hashfunc=int)
    assert [signature_of(one).tolist() for one in marks] == [one.hashvalues.tolist() for one in theirs]
    assert {signature_of(one).dtype for one in marks} == {np.dtype(np.uint32)}


def test_of_many_that_are_alike_the_last_by_number_are_counted():
    same, other = frozenset(range(10)), frozenset(range(100, 110))
    candidates = Candidates([same, *[same] * 3, *[other | same] * MOST_MET])
    for number in range(1, MOST_MET + 4):
        candidates.add(number)
    assert candidates.near(0) == [4, 5, 6, 7]
