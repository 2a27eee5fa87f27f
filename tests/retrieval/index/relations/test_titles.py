"""What the title of a rule says beside its year and version."""

from __future__ import annotations

import datetime as dt

import pytest
from related_reports import SUBSIDY, a_report

from retrieval.index.relations.titles import DRAFT, PLAIN, REVISED, TRIAL, RuleTitle, day_of, rule_title


@pytest.mark.parametrize(
    ("title", "core", "year", "stage"),
    [
        ("砚山县高龄补贴办法", "砚山县高龄补贴办法", None, PLAIN),
        ("砚山县高龄补贴办法（修订）", "砚山县高龄补贴办法", None, REVISED),
        ("《砚山县高龄补贴办法》(2023年修订)", "砚山县高龄补贴办法", 2023, REVISED),
        ("砚山县高龄补贴办法（二〇二三年修订版）", "砚山县高龄补贴办法", 2023, REVISED),
        ("关于印发《砚山县高龄补贴办法（试行）》的通知", "砚山县高龄补贴办法", None, TRIAL),
        ("砚山县高龄补贴暂行办法", "砚山县高龄补贴办法", None, TRIAL),
        ("砚山县高龄补贴办法（征求意见稿）", "砚山县高龄补贴办法", None, DRAFT),
        ("砚山县2023年度城乡低保标准", "砚山县城乡低保标准", 2023, PLAIN),
        ("砚山县低保标准（2019—2021年）", "砚山县低保标准", 2019, PLAIN),
        ("差旅管理制度（第二版）", "差旅管理制度", None, PLAIN),
        ("砚山县补贴办法（城区）", "砚山县补贴办法城区", None, PLAIN),
        ("关于修改《补贴办法》的决定", "关于修改补贴办法的决定", None, REVISED),
    ],
)
def test_versions_of_a_rule_have_one_core(title, core, year, stage):
    assert rule_title(title) == RuleTitle(core, year, stage)


@pytest.mark.parametrize(
    ("title", "rule", "notice"),
    [
        ("差旅管理制度", True, False),
        ("办法", False, False),
        ("2023年关于调整低保待遇的通知", False, True),
        ("2023年春节放假通知", False, False),
        ("2023年政府工作报告", False, False),
    ],
)
def test_a_rule_holds_until_it_is_replaced_and_some_notices_do(title, rule, notice):
    assert (rule_title(title).is_rule, rule_title(title).is_notice) == (rule, notice)


@pytest.mark.parametrize(
    ("title", "date", "day"),
    [
        ("补贴办法", "2019-03-01", dt.date(2019, 3, 1)),
        ("补贴办法（2019年修订）", "2019-03-01", dt.date(2019, 3, 1)),
        ("2020年补贴标准", "2019-12-20", dt.date(2020, 1, 1)),
        ("2020年补贴标准", None, dt.date(2020, 1, 1)),
        ("补贴标准", None, None),
    ],
)
def test_a_version_holds_from_its_date_or_from_the_year_of_its_title(title, date, day):
    assert day_of(a_report("a", title, [SUBSIDY], date)) == day
