"""Which rows of a table name its columns, where the format does not say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

Seen = tuple[str, int, bool]
"""A cell's text, how many columns it takes, and whether the format says that it is a heading's."""

LONGEST_NAME = 24
FIGURES = 0.6
"""Share of a column's cells that hold figures where it is a column of figures."""
NAMED = 0.5
"""Share of a row's cells above which that many usual names make it a header."""
MOST_READ = 200
"""Rows that are looked at to see what a column holds."""

_USUAL = re.compile(
    r"(?:名称|姓名|名单|名额|地[点址区]|时[间段]|日期|年[份度龄]|月份|季度|星期|电话|手机|联系[人方].{0,2}|热线|单位|数[量额]|人[数员次]|金额|总[计额数]|合计|备注"
    r"|[序编]号|号码|项目|内容|类[别型]|种类|职[务称]|负责人|责任人|标准|比例|占比|面积|价格?|得分|成绩|[排名]次?名次?|说明|要求|区域|片区|街道|乡镇|[县区市][县区市]?"
    r"|省份|学校|班级|专业|部门|机构|医院|科室|型号|规格|用途|来源|去向|结果|情况|措施|进[度展]|状态|性别|民族|学历|籍贯|[路线][线路]|站点?|车次|航班|票价|费用?|收费"
    r"|补[贴助]|指标|课程|主题|议题|主讲|讲师|对象|范围|条件|材料|流程|步骤|期限|方式|渠道|网址|邮箱|品种|产[量值品]|[増增]长|同比|环比|排名|奖[项金]|限[额购]|额度?)"
    r"(?:[（(].{1,10}[)）])?$",
)
_ENGLISH = re.compile(
    r"(?:names?|dates?|time|place|address|phone|tel|units?|amounts?|totals?|notes?|remarks?|no\.?|id|items?|types?|prices?|numbers?|count)$",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?:(?:19|20)\d\d(?:年度?)?|\d{1,2}月份?|第?[一二三四1-4]季度|[周星][期]?[一二三四五六日天]|第?\d{1,2}[周天日次批]|(?:上|下)半年)$"
)
_SAYS = re.compile(r"[。；！？!?：:]$|[。；！？]")
_FIGURE = re.compile(r"\d")
_WORDS = re.compile(r"[^\W\d_]")


def header_rows(rows: Sequence[Sequence[Seen]]) -> int:
    """Return how many rows from the first on name the columns; 0 where none surely does."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    if _is_form(rows):
        return 0
    told = next((at for at, row in enumerate(rows) if not _is_told(row)), len(rows))
    if told:
        return told if told < len(rows) else 0
    names = 2 if len(rows) > 2 and any(columns > 1 for _, columns, _ in rows[0]) else 1
    if not all(_is_name(text) for row in rows[:names] for text, *_ in row if text):
        return 0
    above = [_columns(row) for row in rows[:names]]
    width = max(map(len, above))
    lowest = [next((row[at] for row in reversed(above) if at < len(row) and row[at]), "") for at in range(width)]
    return names if _stands_over(lowest, [_columns(row) for row in rows[names : names + MOST_READ]]) else 0


def _columns(row: Sequence[Seen]) -> list[str]:
    """Return what stands in each column."""
    return [text for text, columns, _ in row for _ in range(columns)]


def _is_form(rows: Sequence[Sequence[Seen]]) -> bool:
    """Whether names and values stand side by side, as in a form with two pairs a row or more."""
    pairs = [row for row in rows if len(row) >= 4 and len(row) % 2 == 0]
    names = [text for row in pairs[:MOST_READ] for text, *_ in row[::2] if text]
    values = [text for row in pairs[:MOST_READ] for text, *_ in row[1::2] if text]
    return len(pairs) > 1 and _usual(names) > NAMED * len(names) and _usual(values) <= NAMED * len(values) / 2


def _usual(texts: Sequence[str]) -> int:
    """Count the usual names of columns among texts."""
    return sum(bool(_USUAL.search(text[-LONGEST_NAME:]) or _ENGLISH.search(text[-LONGEST_NAME:])) for text in texts)


def _is_told(row: Sequence[Seen]) -> bool:
    """Whether the format itself says that all words of a row are names."""
    return any(text for text, *_ in row) and all(is_name for text, _, is_name in row if text)


def _is_name(text: str) -> bool:
    if len(text) > LONGEST_NAME or _SAYS.search(text):
        return False
    return bool(_PERIOD.match(text)) or not is_figure(text)


def is_figure(text: str) -> bool:
    """Whether a cell is a figure, with its unit or without, a day, a time or a number to call."""
    return bool(_FIGURE.search(text)) and len(_WORDS.findall(text)) <= len(_FIGURE.findall(text)) + 2


def _stands_over(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the names of the columns differ from what stands below them as names do from values."""
    filled = [name for name in names if name]
    if len(set(filled)) < len(filled) or len(filled) < max(2, len(names) - 1):
        return False
    periods = sum(bool(_PERIOD.match(name)) for name in filled)
    if _usual(filled) > NAMED * len(filled) or (periods >= 2 and periods >= len(filled) - 1):
        return True
    alike = [row for row in body if len(row) == len(names)]
    return len(alike) > 1 and any(
        name and not is_figure(name) and _is_of_figures([row[at] for row in alike]) for at, name in enumerate(names)
    )


def _is_of_figures(column: Sequence[str]) -> bool:
    filled = [text for text in column if text]
    return bool(filled) and sum(map(is_figure, filled)) >= FIGURES * len(filled)
