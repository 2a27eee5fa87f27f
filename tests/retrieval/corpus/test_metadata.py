"""What a line says about its report: dates, sources, credits, captions, page furniture."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.corpus.metadata import find_date, is_boilerplate, is_caption, is_date_line, is_organisation, metadata_of


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2024年5月6日", dt.date(2024, 5, 6)),
        ("2024 年 5 月 6 日", dt.date(2024, 5, 6)),
        ("2020-02-01 13:30:17", dt.date(2020, 2, 1)),
        ("2020/2/1", dt.date(2020, 2, 1)),
        ("2020.02.01 08:15", dt.date(2020, 2, 1)),
        ("发布时间：2022-03-12", dt.date(2022, 3, 12)),
        ("民國108年9月7日", dt.date(2019, 9, 7)),
        ("中华民国一百零八年九月七日", dt.date(2019, 9, 7)),
        ("September 7, 2019 10:20 AM", dt.date(2019, 9, 7)),
        ("Sat, 07 Sep 2019 10:20:30", dt.date(2019, 9, 7)),
        ("Sept. 7th, 2019", dt.date(2019, 9, 7)),
        ("February 30, 2023", None),
        ("Mayor 5, 2019", None),
        ("很长" * 80 + "2019-09-07", None),
        ("©" * 5_000_000, None),
        ("2019-" * 1_000_000, None),
        ("2023年2月30日,后改为2023年3月1日", dt.date(2023, 3, 1)),
        ("2023年2月30日", None),
        ("2024年5月", None),
        ("5月6日", None),
        ("2023-13-01", None),
        ("电话 12023-02-01", None),
        ("没有日期", None),
    ],
)
def test_a_date_is_what_the_line_says(line, date):
    assert find_date(line) == date


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024年5月6日", True),
        ("（2024年5月6日）", True),
        ("2020-02-01 13:30", True),
        ("民國108年9月7日", True),
        ("Sat, September 7, 2019", True),
        ("September 7, 2019, the day", False),
        ("2019-09-07" + "©" * 5_000_000, False),
        ("2024年5月6日解封", False),
        ("解封", False),
    ],
)
def test_a_date_line_holds_nothing_but_a_date(line, expected):
    assert is_date_line(line) is expected


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        (
            "2020-02-01 13:30:17 \xa0\xa0 来源:株洲日报 | 编辑:王珈 | \xa0\xa0 浏览量:7628",
            [("time", "2020-02-01 13:30:17"), ("source", "株洲日报"), ("editor", "王珈"), ("views", "7628")],
        ),
        ("2024年5月6日", [("time", "2024年5月6日")]),
        ("责编：王珈", [("editor", "王珈")]),
        ("（来源：新华社）", [("source", "新华社")]),
        ("发布时间：2022-03-12 来源：里水镇政府", [("time", "2022-03-12"), ("source", "里水镇政府")]),
        ("Source: Xinhua", [("source", "Xinhua")]),
        (
            "党办管珏  编辑    第一党支部供稿    白虹  审稿",
            [("editor", "党办管珏"), ("contributor", "第一党支部"), ("reviewer", "白虹")],
        ),
        ("株洲日报记者 李支国 尹二荣 沈全华 邹怡敏", [("author", "株洲日报记者 李支国 尹二荣 沈全华 邹怡敏")]),
        ("记者张三", [("author", "记者张三")]),
        ("發布時間：2019-09-07", [("time", "2019-09-07")]),
        ("发表于：2019-09-07 10:20", [("time", "2019-09-07 10:20")]),
        ("Published: Sept. 7, 2019", [("time", "Sept. 7, 2019")]),
        ("来源：", []),
        ("消息来源：居民群里的一条微信", []),
        ("记者来到小区门口,看到了排队的人。", []),
        ("他们的编辑工作很忙", []),
        ("志愿者编辑了一份名单，分发给居民", []),
        ("来源:" + "很长的一段话" * 40, []),
        ("", []),
    ],
)
def test_a_metadata_line_gives_its_pairs_and_a_sentence_gives_none(line, pairs):
    assert metadata_of(line) == pairs


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("下载APP", True),
        ("点击下载客户端", True),
        ("一支部-拼.jpg", True),
        ("第 3 页 共 10 页", True),
        ("- 3 -", True),
        ("3/10", True),
        ("上一篇：社区抗疫纪实", True),
        ("扫一扫关注我们", True),
        ("版权所有 株洲日报社", True),
        ("下载检测码的老人排起了队", False),
        ("打印出来放好。", False),
        ("他把照片存成 a.jpg 发给了居民。", False),
        ("2022", False),
        ("14个支援小组", False),
    ],
)
def test_page_furniture_is_told_from_text(line, expected):
    assert is_boilerplate(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("▲团结一心,共战疫情。", True),
        ("上图:中心第一党支部党员参加疫情防控图集", True),
        ("图为志愿者在送菜", True),
        ("图2：排队的居民", True),
        ("图片来源：新华社", True),
        ("图书馆向居民开放。", False),
        ("地图上没有这个小区。", False),
    ],
)
def test_a_caption_says_itself_that_it_is_one(line, expected):
    assert is_caption(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("市卫健中心党委", True),
        ("静安区疫情防控指挥部", True),
        ("株洲日报", True),
        ("他们走进医院。", False),
        ("一名党员就是一面旗帜", False),
    ],
)
def test_an_organisations_name_stands_alone(line, expected):
    assert is_organisation(line) is expected


def test_a_date_may_be_printed_with_radicals_of_a_font():
    assert find_date("发布时间：2021年6⽉18⽇") == dt.date(2021, 6, 18)
