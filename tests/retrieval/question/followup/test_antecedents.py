"""Whom and what the turn before speaks of."""

from __future__ import annotations

import pytest

from retrieval.question.followup.antecedents import (
    called,
    organisations_before,
    people_before,
    places_before,
    report_of,
    subject_of,
)
from retrieval.types import Turn

SECRETARY = Turn("普善路居民区的党总支书记是谁?", "芷江西路街道普善路居民区党总支书记张磊和王剑峰陆续到岗")
CALLS = Turn("孙蕴华接听了多少个电话?", "截至4月10日,孙蕴华累计接听电话近400通")
COMPANY = Turn("哪家公司调配了口罩?", "1月28日,位于株洲的湖南华源荣康药业有限公司连夜调配5000个防护口罩")
ENGLISH = Turn("How many calls did Sun Yunhua answer?", None)
NOBODY = Turn("一共站了几个小时?", None)


@pytest.mark.parametrize(
    ("turn", "people"),
    [(SECRETARY, ["张磊", "王剑峰"]), (CALLS, ["孙蕴华"]), (ENGLISH, ["Sun Yunhua"]), (COMPANY, []), (NOBODY, [])],
)
def test_people_are_those_of_the_answer_where_the_question_asks_who_else_those_of_the_question(turn, people):
    assert people_before(turn) == people


def test_organisations_and_places_come_from_the_question_first():
    assert organisations_before(COMPANY) == ["湖南华源荣康药业有限公司"]
    assert places_before(Turn("株洲有多少家药房?", "全市有300家")) == ["株洲"]
    assert places_before(Turn("有多少家药房?", "株洲有300家药房")) == ["株洲"]


@pytest.mark.parametrize(
    ("turn", "several", "subject"),
    [
        (SECRETARY, False, "张磊"),
        (SECRETARY, True, "张磊、王剑峰"),
        (COMPANY, False, "湖南华源荣康药业有限公司"),
        (NOBODY, True, None),
    ],
)
def test_the_subject_is_people_rather_than_organisations_rather_than_places(turn, several, subject):
    assert subject_of(turn, several=several) == subject


@pytest.mark.parametrize(
    ("title", "report"),
    [
        ("战“疫”的堡垒——株洲各级基层党组织抗击疫情综述", "株洲"),
        ("筑牢堡垒 当好排头兵", "《筑牢堡垒 当好排头兵》"),
        ("长" * 60, f"《{'长' * 40}》"),
        (None, None),
        ("", None),
    ],
)
def test_a_report_is_called_by_what_its_title_names(title, report):
    assert report_of(Turn("谁?", None, title)) == report


@pytest.mark.parametrize(
    ("head", "turn", "name"),
    [
        ("公司", COMPANY, "湖南华源荣康药业有限公司"),
        ("单位", COMPANY, "湖南华源荣康药业有限公司"),
        ("医院", COMPANY, None),
        ("书记", SECRETARY, "张磊"),
        ("志愿者", NOBODY, None),
    ],
)
def test_a_thing_of_a_kind_is_called_by_the_name_that_the_turn_gave_it(head, turn, name):
    assert called(head, turn, several=False) == name
