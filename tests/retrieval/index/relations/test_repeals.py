"""What a report says that it repeals."""

from __future__ import annotations

import pytest
from related_reports import a_report

from retrieval.index.relations.repeals import DocumentNumber, Repeals, own_numbers, repeals_in


def repealed(*texts):
    found = repeals_in(a_report("a", "本办法", texts))
    return set(found.titles), {f"{number.office}{number.serial}" for number in found.numbers}, found.older


@pytest.mark.parametrize(
    ("text", "titles", "numbers"),
    [
        ("2019年3月1日印发的《补贴办法》同时废止。", {"补贴办法"}, set()),
        ("本办法自2023年7月1日起施行，《补贴办法》（砚政发〔2019〕12号）同时废止。", {"补贴办法"}, {"砚政发2019-12"}),
        ("《补贴办法》自本办法施行之日起废止。", {"补贴办法"}, set()),
        ("《新办法》自7月1日起施行，《补贴办法》、《奖励办法》停止执行。", {"补贴办法", "奖励办法"}, set()),
        ("《补贴办法》同时废止，《奖励办法》继续有效。", {"补贴办法"}, set()),
        ("根据《立法法》制定本办法，《补贴办法》不再执行。", {"补贴办法"}, set()),
        ("《补贴办法》的规定与本办法不一致的，以本办法为准。", {"补贴办法"}, set()),
        ("本标准代替《建设标准》。", {"建设标准"}, set()),
        ("砚政发[2019]012号文件即行失效。", set(), {"砚政发2019-12"}),
    ],
)
def test_what_is_repealed_is_named_by_title_or_number(text, titles, numbers):
    assert repealed(text) == (titles, numbers, False)


@pytest.mark.parametrize(
    "text", ["原办法同时废止。", "此前的有关规定与本办法不一致的，以本办法为准。", "原补贴标准不再执行。"]
)
def test_what_is_repealed_may_be_only_the_rule_before(text):
    assert repealed(text) == (set(), set(), True)


@pytest.mark.parametrize(
    "text",
    [
        "《补贴办法》继续有效。",
        "《补贴办法》尚未废止。",
        "请学习《补贴办法》。",
        "停止使用破损的电器。",
        "用本地菜代替外地菜。",
    ],
)
def test_other_sentences_repeal_nothing(text):
    assert repeals_in(a_report("a", "通知", [text])) == Repeals()


def test_a_list_of_what_is_repealed_stands_below_the_sentence_that_says_so():
    lines = [
        "决定废止下列文件：",
        "一、《补贴办法》（砚政发〔2012〕5号）",
        "二、砚政发〔2014〕18号",
        "本决定自公布之日起施行。",
    ]
    assert repealed(*lines, "《奖励办法》见附件。") == ({"补贴办法"}, {"砚政发2012-5", "砚政发2014-18"}, False)
    assert own_numbers(a_report("a", "决定", lines)) == frozenset()


def test_a_report_bears_its_own_number_and_not_those_that_it_names():
    lines = ["砚政发〔2023〕7号", "根据文政发〔2020〕3号制定本办法。" + "内容。" * 60, "按文政发〔2021〕4号办理。"]
    assert own_numbers(a_report("a", "办法", lines)) == {DocumentNumber("砚政发", "2023-7")}


def test_numbers_of_different_offices_differ_whatever_words_cling_to_them():
    one = DocumentNumber("砚政发", "2019-12")
    assert one.may_be(DocumentNumber("以及砚政发", "2019-12"))
    assert not one.may_be(DocumentNumber("文政发", "2019-12"))
    assert not one.may_be(DocumentNumber("砚政发", "2019-13"))
