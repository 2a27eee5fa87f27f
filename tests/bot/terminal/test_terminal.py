"""What the terminal prints of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from handmade import FULL, GREETED, LATEST, OF_A_TABLE, OF_ANOTHER, OF_TWO, OVERVIEW

from bot.terminal import show as terminal


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_an_answer_says_what_was_understood_what_else_is_said_and_why(capsys):
    terminal.show_answer(FULL)
    assert printed(capsys) == [
        "Understood as: 2020年2月支部筹得多少善款?",
        "Time: 2020年2月 (2020-02-01 to 2020-02-29); --ignore-dates asks without it",
        "截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷。",
        "Also: 据统计,善款共2307元。 [2]",
        "Other figures: 到2月3日,支部筹得善款2310元。 [3]",
        "",
        "[1] 《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3 · reports/a",
        "    支部发出倡议书。截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷。",
        "",
        "[2] 《爱心汇总》 · 2020-02-02 · ¶1 · reports/b",
        "    据统计,善款共2307元。",
        "",
        "[3] 《抗疫简报》 · 2020-02-03 · ¶2 · reports/c",
        "    到2月3日,支部筹得善款2310元。",
        "",
        "Confidence about 87%",
        "",
        "Understood as: 2020年2月支部筹得多少善款?",
        "Words: 支部 善款",
        "Weights: meaning 1 · words 0.42",
        "Signals: words next door 0.75 · lead over the next 0.1",
        "Confidence about 87%",
        "",
        "[1] reports/a ¶3 · 0.93",
        "    meaning no. 1 (0.88) · words no. 2 (7.50)",
        "    Shared words: 善款",
        "    Alike: 善款 ↔ 善款 0.97",
        "",
        "[2] reports/b ¶1 · 0.50",
    ]


def test_a_row_of_a_table_stands_under_its_columns_names_and_a_caption_says_what_it_is(capsys):
    terminal.show_answer(OF_A_TABLE)
    assert printed(capsys) == [
        "城东 │ 铁牛巷卫生站 │ 60",
        "",
        "[1] 《接种点》 · 2020-02-01 · ¶5 · reports/t",
        "    ┏━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━┓",
        "    ┃ 片区 ┃ 接种点       ┃ 周末名额 ┃",
        "    ┡━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━┩",
        "    │ 城东 │ 铁牛巷卫生站 │ 60       │",
        "    └──────┴──────────────┴──────────┘",
        "",
        "[2] 《接种点》 · 2020-02-02 · photo caption · reports/t",
        "    ▲居民在排队。",
        "",
        "Confidence about 95%",
    ]


def test_notices_are_said_where_an_answer_would_stand_and_several_answers_below_one_another(capsys):
    terminal.show_answer(GREETED)
    assert printed(capsys)[0].startswith("您好！")
    terminal.show_answer(OF_ANOTHER)
    assert printed(capsys)[:3] == [
        "报道里没有提到“孙蕴芳”，说的是“孙蕴华”。",
        "",
        "[1] 《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3 · reports/a",
    ]
    terminal.show_answer(OF_TWO)
    assert printed(capsys)[:3] == [
        "截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷。",
        "到2月3日,支部筹得善款2310元。 [3]",
        "没有找到回答：火锅怎么做？",
    ]


def test_an_overview_is_a_list_of_the_reports(capsys):
    terminal.show_answer(OVERVIEW)
    assert printed(capsys) == [
        "5 reports, 102 passages.",
        "Dated from 2020-02-01 to 2024-05-06.",
        "People named most: 陈丽敏, 孙蕴华",
        "Places named most: 株洲",
        "Sources: 株洲日报",
        "  《筑牢战“疫”堡垒》 · 2020-02-01 · reports/a",
        "  《无日期的》 · reports/d",
    ]


def test_the_words_that_answer_are_underlined_in_the_sentence_and_in_the_quote(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    terminal.show_answer(replace(FULL, supporting=(), conflicting=(), explanation={}))
    assert capsys.readouterr().out.count("\x1b[1;4m2307元\x1b[0m") == 2


def test_a_time_that_means_no_certain_days_is_said_in_the_terminals_language(capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    terminal.show_answer(LATEST)
    assert printed(capsys)[0] == "时间：最新；加 --ignore-dates 则不限时间"


def test_a_time_that_left_nothing_is_said_with_the_way_out(capsys):
    terminal.show_answer(
        replace(FULL, status="not_found", answer=None, citations=(), understood_as=None, explanation={})
    )
    assert printed(capsys)[:2] == [
        "Time: 2020年2月 (2020-02-01 to 2020-02-29); --ignore-dates asks without it",
        "The reports do not say.",
    ]


def test_recognised_text_is_named_as_such_with_its_page(capsys):
    citation = replace(FULL.citations[0], recognised_page=3)
    terminal.show_answer(replace(FULL, citations=(citation,), explanation=None))
    assert "[1] 《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3 · recognised text, page 3 · reports/a" in printed(capsys)
