"""The time that a question asks about: which reports and paragraphs fit it, and which reports are the latest.

A time filter is shown to the asker, who can take it off. It prefers reports and excludes none
(``ranking.time_boosts``).

今天, "today" and 现在 are never a filter, because they stand in questions about anything (今天上海天气怎么样?). 昨天,
去年, 上周 or "last month" count from the day of asking, and are a filter only where the caller gives that day. 比去年
and 去年同期 are none, because they only compare.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import DAY_SIGN, MONTH_SIGN, PART_OF_MONTH, TO, YEAR_SIGN
from retrieval.text.dates import DateMention, date_term, dates_in

MOST_DAYS = 31
"""A span of more days is looked for in texts by month, not day by day."""

_BETWEEN = re.compile(rf"\s*(?:{YEAR_SIGN}|{MONTH_SIGN}|{DAY_SIGN})?(?:{TO}|\s*\b(?:to|until|through|and)\b\s*)")
_PART_OF_YEAR = {
    "上半年": (1, 6),
    "下半年": (7, 12),
    "初": (1, 3),
    "年初": (1, 3),
    "底": (10, 12),
    "年底": (10, 12),
} | {
    f"{said}季度": (3 * number - 2, 3 * number)
    for number, names in enumerate(("一1", "二2", "三3", "四4"), start=1)
    for name in names
    for said in (name, f"第{name}")
}
"""First and last month of a part of a year, by the words that follow the year."""
_MONTH_PART = re.compile("|".join(PART_OF_MONTH))
_YEAR_PART = re.compile("|".join(_PART_OF_YEAR))
_FROM, _FROM_BEFORE = re.compile("以来|以后|之后"), re.compile(r"\b(?:since|after)\s+(?=$)")
_UNTIL, _UNTIL_BEFORE = re.compile("以前|之前"), re.compile(r"\b(?:before|until)\s+(?=$)")
_LATEST = re.compile(
    r"最新|(?<![离距])(?<!离我)最近(?!的?(?:医院|地铁|车站|站|点|距离|地方|网点|机场))|최신"
    r"|(?<!at the )\b(?:latest|newest|most recent)\b|\bmới nhất\b|\bm[áa][si]s? recientes?\b|\bplus récente?s?\b"
    r"|\bneueste[nmrs]?\b|\bновейш\w+|\bпоследн\w+(?= (?:новост|сообщ|данн))|\bpiù recent[ei]\b|\ben (?:son|yeni)\b"
)
_RELATIVE = re.compile(
    r"(?<![比较同])(?:昨天|昨日|前天|去年|前年|今年|上个?月|本月|这个月|上个?(?:周|星期)|[本这]个?周|这个?星期)(?!同期|相比|[一二三四五六日天末])"
    r"|(?<!than )(?<!to )(?<!with )\b(?:yesterday|last month|last year|last week|this month|this year|this week)\b"
)


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """The time that a question names; ``text`` is its phrase, verbatim.

    ``date_from`` and ``date_to`` are both included; None is an open end. ``latest`` is set for 最新. A date without its
    year has ``recurring`` instead, the first and last (month, day). A paragraph fits if it has one of the date
    ``terms``, or one of the ``yearless_terms`` without another year.
    """

    text: str
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    latest: bool = False
    recurring: tuple[tuple[int, int], tuple[int, int]] | None = None
    terms: tuple[str, ...] = ()
    yearless_terms: tuple[str, ...] = ()
    is_relative: bool = False
    """Whether it counts from the day of asking (昨天)."""

    @property
    def dated(self) -> bool:
        """Whether it names a date, and not only 最新."""
        return bool(self.terms)


def time_filter(question: str, today: dt.date | None = None) -> TimeFilter | None:
    """Return the time that ``question`` names, or None; ``today`` is the day of asking, for 昨天 and the like.

    Of several dates the finest counts, the first among equals. The two ends of 2月1日至5日 are one date.
    """
    text = fold_width(question)
    newest = _LATEST.search(text)
    found = _explicit(question, text) or (_relative(question, text, today) if today else None)
    if found is not None:
        return replace(found, latest=newest is not None)
    return TimeFilter(question[newest.start() : newest.end()], latest=True) if newest else None


def _explicit(question: str, text: str) -> TimeFilter | None:
    mentions = dates_in(text)
    if not mentions:
        return None
    first, last = _finest(text, mentions)
    low, high, end = _span(text, first, last)
    start, terms = first.start, _terms(first, last)
    if first.year is None or last.year is None:
        return TimeFilter(question[start:end], recurring=((low.month, low.day), (high.month, high.day)), terms=terms)
    yearless = tuple(
        term for term in _terms(replace(first, year=None), replace(last, year=None)) if first.month is not None
    )
    found = TimeFilter(question[start:end], low, high, terms=terms, yearless_terms=yearless)
    return _opened(found, question, text, start, end)


def _finest(text: str, mentions: Sequence[DateMention]) -> tuple[DateMention, DateMention]:
    """Return both ends of the finest date, the first among equals; they are the same mention where it is no range."""
    place = min(range(len(mentions)), key=lambda i: (mentions[i].day is None, mentions[i].month is None))
    first = last = mentions[place]
    if place + 1 < len(mentions) and _BETWEEN.fullmatch(text, first.end, mentions[place + 1].start):
        last = mentions[place + 1]
    if first.year is None and last.year is not None:
        first = replace(first, year=last.year)
    in_order = (first.year or 0, first.month or 1, first.day or 1) <= (last.year or 0, last.month or 12, last.day or 31)
    same_kind = (first.month is None, first.day is None) == (last.month is None, last.day is None)
    return (first, last) if in_order and same_kind else (first, first)


def _span(text: str, first: DateMention, last: DateMention) -> tuple[dt.date, dt.date, int]:
    """Return the first and last day meant (in a leap year where the year is unsaid) and where the phrase ends."""
    from_year, to_year = first.year or 2000, last.year or 2000
    if first is not last or first.day is not None:
        return (
            dt.date(from_year, first.month or 1, first.day or 1),
            _day_of(to_year, last.month or 12, last.day or 31),
            last.end,
        )
    if first.month is None:
        part = _YEAR_PART.match(text, first.end)
        months = _PART_OF_YEAR[part[0]] if part else (1, 12)
        return dt.date(from_year, months[0], 1), _day_of(from_year, months[1], 31), part.end() if part else first.end
    part = _MONTH_PART.match(text, first.end)
    days = PART_OF_MONTH[part[0]] if part else (1, 31)
    low, high = dt.date(from_year, first.month, days[0]), _day_of(from_year, first.month, days[1])
    return low, high, part.end() if part else first.end


def _day_of(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _opened(found: TimeFilter, question: str, text: str, start: int, end: int) -> TimeFilter:
    """Remove one end where the question says 以来, 以前, "since" or "before"."""
    if opened := _FROM.match(text, end) or _FROM_BEFORE.search(text, 0, start):
        found = replace(found, date_to=None)
    elif opened := _UNTIL.match(text, end) or _UNTIL_BEFORE.search(text, 0, start):
        found = replace(found, date_from=None)
    else:
        return found
    return replace(found, text=question[min(start, opened.start()) : max(end, opened.end())])


def _terms(first: DateMention, last: DateMention) -> tuple[str, ...]:
    """Return the date terms from ``first`` to ``last``: by day up to ``MOST_DAYS``, by month, or by year."""
    if first == last:
        return (first.term,)
    low = dt.date(first.year or 2000, first.month or 1, first.day or 1)
    high = dt.date(last.year or 2000, last.month or 1, last.day or 1)
    days = [low + dt.timedelta(days=i) for i in range(min((high - low).days, 3660) + 1)]
    said = first.year is not None
    if first.day is not None and len(days) <= MOST_DAYS:
        return tuple(date_term(day.year if said else None, day.month, day.day) for day in days)
    if first.month is not None:
        return tuple(dict.fromkeys(date_term(day.year if said else None, day.month) for day in days))
    return tuple(dict.fromkeys(date_term(day.year) for day in days))


def _relative(question: str, text: str, today: dt.date) -> TimeFilter | None:
    match = _RELATIVE.search(text)
    if match is None:
        return None
    meant = _meant(match[0], today)
    found = _explicit(meant, meant)
    return replace(found, text=question[match.start() : match.end()], is_relative=True) if found else None


def _meant(word: str, today: dt.date) -> str:
    """Return the date that a relative word means on ``today``, as text."""
    if word in ("昨天", "昨日", "前天", "yesterday"):
        return (today - dt.timedelta(days=2 if word == "前天" else 1)).isoformat()
    if any(week in word for week in ("周", "星期", "week")):
        monday = today - dt.timedelta(days=today.weekday() + 7 * (word[0] in "上l"))
        sunday = monday + dt.timedelta(days=6)
        return f"{monday:%Y年%m月%d日}至{sunday:%Y年%m月%d日}"
    if "月" in word or "month" in word:
        month = today.replace(day=1) - dt.timedelta(days=1) if word[0] in "上l" else today
        return f"{month:%Y年%m月}"
    back = {"去年": 1, "last year": 1, "前年": 2}.get(word, 0)
    return f"{today.year - back}年"
