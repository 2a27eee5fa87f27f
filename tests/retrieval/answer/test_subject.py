"""A question about somebody else than the reports speak of is not answered; short forms and sounds go on working."""

from __future__ import annotations

import pytest

from retrieval.answer.subject import differs
from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.passages import split_document
from retrieval.notices import Differs
from retrieval.question.names import Name, names_in

HEALTH = Draft(
    (
        Block("paragraph", "清和省卫生健康委员会九月三日召开全省健康工作会议，宣布新增十二所县级胸痛中心。"),
        Block("paragraph", "省人力资源和社会保障厅将为乡村医生补缴养老保险，孙蕴华主任到会讲话。"),
        Block("paragraph", "清和大学附属中学的两百名学生参加了急救演示，第一人民医院派出八名医生。"),
    ),
    title="清和省召开健康工作会议",
)
SILENT = Draft((Block("paragraph", "市财政局联合九部门发出通知，企业可以网上申报。"),), title="惠企政策一目了然")


def asked(question, draft=HEALTH, paragraph=1, is_known=lambda _: True):
    document = make_document(draft, "a", "a.txt", b"")
    passage = next(one for one in split_document(document) if one.paragraph == paragraph)
    return differs(question, passage, document, is_known)


@pytest.mark.parametrize(
    ("question", "paragraph", "expected"),
    [
        ("白山省卫健委新增了几所胸痛中心？", 1, Differs("白山省", "清和省")),
        ("孙蕴芳讲了什么？", 2, Differs("孙蕴芳", "孙蕴华")),
        ("清华大学有多少学生参加演示？", 3, Differs("清华大学", "清和大学")),
        ("第二人民医院派出多少名医生？", 3, Differs("第二人民医院", "第一人民医院")),
        ("交通厅为谁补缴养老保险？", 2, Differs("交通厅", "省人力资源和社会保障厅")),
        ("省教育厅为谁补缴养老保险？", 2, Differs("省教育厅", "省人力资源和社会保障厅")),
        ("请问县医院派出多少名医生？", 3, Differs("县医院", "第一人民医院")),
        ("第二人民医院院长派出多少名医生？", 3, Differs("第二人民医院", "第一人民医院")),
        ("李主任讲了什么？", 2, Differs("李主任", "华主任")),
    ],
)
def test_another_name_of_the_same_kind_is_named_with_what_was_found(question, paragraph, expected):
    assert asked(question, paragraph=paragraph) == expected


@pytest.mark.parametrize(
    "question",
    [
        "清和省卫健委新增了几所胸痛中心？",
        "清和卫健委新增了几所胸痛中心？",
        "孙蕴华讲了什么？",
        "孙云华讲了什么？",
        "孙主任讲了什么？",
        "省人社厅为谁补缴养老保险？",
        "一医院派出多少名医生？",
        "养老金什么时候补缴？",
        "高峰是几月？",
        "干部培训几次？",
        "全部学生有多少？",
        "人社厅为谁补缴养老保险？",
        "清和大学附属中学有多少学生参加演示？",
        "第一人民医院派出多少名医生？",
        "全国新增了几所胸痛中心？",
        "新增了几所胸痛中心？",
        "省里的申请人是谁？",
    ],
)
def test_the_same_name_by_word_short_form_or_sound_is_no_other(question):
    assert asked(question) is None


def test_a_place_that_a_report_leaves_unsaid_may_be_where_it_happened():
    assert asked("泉州市的企业在哪里申报？", SILENT) is None


def test_an_organisation_of_which_no_report_holds_a_word_is_another_one():
    found = asked("蓝鲸协会怎么申报？", SILENT, is_known=lambda word: word != "蓝鲸")
    assert found == Differs("蓝鲸协会", None)


def test_names_of_people_places_and_organisations_are_told_apart():
    assert names_in("温海涛在株洲市中心医院站了多久？") == [
        Name("person", "温海涛"),
        Name("place", "株洲市"),
        Name("organisation", "株洲市中心医院"),
    ]
