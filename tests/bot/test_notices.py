"""What is said of a citation beside its source, in both languages and by every face that prints text."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from handmade import FULL
from telegram_samples import BARE, a_sent, tagged

from bot.notices import notices
from bot.telegram.views import answer_view
from bot.terminal.show import show_answer
from retrieval.related import Difference, Reprint, Version

OLDER, NEWER = Version("old", "补贴办法", None), Version("new", "补贴办法（修订）", dt.date(2023, 7, 1))
FIGURE, TITLE = Difference("figure", "60元", "120元"), Difference("title", "旧题", "新题")
ADDED, LEFT_OUT = Difference("addition", "", "编" * 50), Difference("omission", "删掉的话。", "")
REPRINT = Reprint("b", 2, "晚报", dt.date(2024, 5, 8), (FIGURE,))
CITATION = replace(FULL.citations[0], superseded_by=NEWER, supersedes=(OLDER, NEWER), duplicates=(REPRINT,))


def test_a_citation_that_stands_alone_has_no_notice():
    assert notices(FULL.citations[0], "zh") == []


def test_what_replaced_a_report_and_what_it_replaced_come_before_where_it_stands_too():
    assert notices(CITATION, "zh") == [
        "已被《补贴办法（修订）》（2023-07-01）取代",
        "取代了《补贴办法》《补贴办法（修订）》（2023-07-01）",
        "另载：《晚报》（2024-05-08），有改动：数字“60元”改为“120元”",
    ]
    assert notices(CITATION, "en") == [
        "Replaced by 《补贴办法（修订）》 (2023-07-01)",
        "Replaces 《补贴办法》《补贴办法（修订）》 (2023-07-01)",
        "Also in 《晚报》 (2024-05-08), changed: figure “60元” to “120元”",
    ]


@pytest.mark.parametrize("kind", ["title", "figure", "date", "name", "negation", "wording", "addition", "omission"])
def test_every_kind_of_difference_has_words_in_both_languages(kind):
    changed = replace(REPRINT, differences=(Difference(kind, "旧", "新"),))
    for language in ("zh", "en"):
        [line] = notices(replace(FULL.citations[0], duplicates=(changed,)), language)
        assert "旧" in line or "新" in line


def test_long_words_are_cut_and_many_differences_and_places_are_counted():
    changed = replace(REPRINT, differences=(ADDED, LEFT_OUT, TITLE, FIGURE, FIGURE))
    many = replace(FULL.citations[0], duplicates=(changed, *[replace(REPRINT, differences=())] * 4))
    assert notices(many, "zh") == [
        f"另载：《晚报》（2024-05-08），有改动：增加“{'编' * 39}…”；删去“删掉的话。”；标题“旧题”改为“新题”；另有 2 处",
        "另载：《晚报》（2024-05-08）",
        "另载：《晚报》（2024-05-08）",
        "另有 2 处刊载",
    ]


def test_the_terminal_prints_notices_below_the_source(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    show_answer(replace(FULL, citations=(CITATION,), supporting=(), conflicting=(), explanation=None))
    lines = capsys.readouterr().out.splitlines()
    place = lines.index("[1] 《筑牢战“疫”堡垒》 · 2020-02-01 · ¶3 · reports/a")
    assert [line.strip() for line in lines[place + 1 : place + 4]] == notices(CITATION, "en")


def test_telegram_shows_notices_below_the_source():
    answer = replace(FULL, citations=(CITATION,), supporting=(), conflicting=(), understood_as=None)
    shown = tagged(answer_view(a_sent(answer), 0, BARE))
    assert shown.endswith("¶3<i>\n" + "\n".join(notices(CITATION, "zh")) + "</i>")
