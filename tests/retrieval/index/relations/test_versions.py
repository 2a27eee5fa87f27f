"""Which report replaces which."""

from __future__ import annotations

import pytest
from related_reports import MORE_SUBSIDY, SUBSIDY, a_report

from retrieval.index.relations.versions import Versions


def newest(*reports):
    """Return which report holds in the place of which, by id."""
    found = Versions(reports).newest
    return {reports[older].document_id: reports[newer].document_id for older, newer in found.items()}


def old(title="砚山县补贴办法", date="2019-03-01", **options):
    return a_report("old", title, [SUBSIDY], date, **options)


def new(title="砚山县补贴办法", *texts, date="2023-07-01", **options):
    return a_report("new", title, [MORE_SUBSIDY, *texts], date, **options)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (old(), new("砚山县补贴办法（修订）")),
        (old(), new("砚山县补贴办法（2023年修订）", date=None)),
        (old("砚山县补贴办法（试行）", None), new(date=None)),
        (old("砚山县补贴办法（试行）"), new("关于印发《砚山县补贴办法》的通知")),
        (old(), new()),
        (old("2019年砚山县低保标准"), new("2023年砚山县低保标准")),
        (old("2019年砚山县低保标准", None), new("砚山县低保标准（2023）", date=None)),
        (old("砚山县关于2019年发放补贴的通知"), new("砚山县关于2023年发放补贴的通知")),
        (old(), new("砚山县老人福利规定", "《砚山县补贴办法》同时废止。")),
        (old("砚山县关于发放高龄补贴的通知"), new("砚山县福利规定", "《关于发放高龄补贴的通知》同时废止。")),
        (old("砚山县高龄补贴办法"), new("砚山县高龄津贴办法", "原办法同时废止。")),
    ],
)
def test_the_newer_version_replaces_the_older_in_whatever_order_they_are_read(older, newer):
    assert newest(older, newer) == {"old": "new"}
    assert newest(newer, older) == {"old": "new"}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (old("砚山县政府工作报告（2019年）"), new("砚山县政府工作报告（2023年）")),
        (old("2019年春节放假通知"), new("2023年春节放假通知")),
        (old("文山市补贴办法"), new()),
        (old(date="2023-02-01"), new()),
        (old(), a_report("same", "砚山县补贴办法", [SUBSIDY], "2023-07-01")),
        (old(date="2024-01-01"), new("砚山县老人福利规定", "《砚山县补贴办法》同时废止。")),
        (old("考勤制度管理规定", source="甲公司"), new("考勤制度管理规定", "请找东岭医院盖章。", source="乙公司")),
    ],
)
def test_reports_of_other_years_places_and_kinds_replace_nothing(older, newer):
    if older.source:
        older = a_report("old", older.title, [SUBSIDY, "请找西湖医院盖章。"], "2019-03-01", older.source)
    assert newest(older, newer) == {}


def test_a_list_of_repealed_numbers_replaces_each_and_a_version_goes_before_the_list():
    taxi = a_report("taxi", "出租车办法", ["青政发〔2012〕5号", "起步价五元。"], "2012-01-01")
    dogs = a_report("dogs", "犬只规定", ["青政发〔2014〕8号", "登记费一百元。"], "2014-01-01")
    taxi_now = a_report("taxi now", "出租车办法", ["起步价八元。"], "2020-01-01")
    lines = ["下列文件废止：", "1.青政发〔2012〕5号", "2.青政发〔2014〕8号"]
    decision = a_report("decision", "关于废止文件的决定", lines, "2021-01-01")
    assert newest(taxi, dogs, taxi_now, decision) == {"taxi": "taxi now", "dogs": "decision"}


def test_of_several_versions_the_newest_holds():
    years = [
        a_report(str(year), f"{year}年砚山县低保标准", [f"每月{year}元。"], f"{year}-01-05")
        for year in (2022, 2019, 2024)
    ]
    assert newest(*years) == {"2019": "2024", "2022": "2024"}


def test_a_version_that_is_repealed_itself_passes_on_what_it_replaced():
    middle = a_report("mid", "砚山县津贴规定", [SUBSIDY, "《砚山县补贴办法》同时废止。"], "2021-01-01")
    last = a_report("new", "砚山县福利条例", [MORE_SUBSIDY, "《砚山县津贴规定》同时废止。"], "2023-01-01")
    assert newest(old(), middle, last) == {"old": "new", "mid": "new"}


def test_a_reprint_of_the_newer_version_does_not_replace_it():
    reprint = a_report("paper", "砚山县补贴办法（修订）", [MORE_SUBSIDY, "《砚山县补贴办法》同时废止。"], "2023-07-05")
    assert newest(old(), new("砚山县补贴办法（修订）", "《砚山县补贴办法》同时废止。"), reprint) == {"old": "new"}


def test_news_of_a_new_rule_does_not_stand_in_for_it():
    news = a_report(
        "news", "老人补贴翻倍", ["《砚山县补贴办法（修订）》起施行，《砚山县补贴办法》同时废止。"], "2023-07-05"
    )
    assert newest(old(), new("砚山县补贴办法（修订）"), news) == {"old": "new"}


def test_reports_that_repeal_each_other_replace_nothing():
    one = a_report("a", "甲办法规定", ["《乙办法规定》同时废止。"])
    two = a_report("b", "乙办法规定", ["《甲办法规定》同时废止。"])
    assert newest(one, two) == {}


def test_versions_are_known_of_any_two_of_a_chain():
    years = [a_report(str(year), f"{year}年砚山县低保标准", [f"每月{year}元。"]) for year in (2019, 2022, 2024)]
    versions = Versions([*years, old()])
    assert [versions.are_versions(*pair) for pair in ((0, 1), (2, 1), (0, 2), (0, 3))] == [True, True, True, False]
