"""The time that a question asks about: which reports and paragraphs fit it, and which reports are the latest.

A time filter is shown to the asker, who can take it off. It prefers reports and excludes none
(``ranking.time_boosts``).

今天, "today" and 现在 are never a filter, because they stand in questions about anything (今天上海天气怎么样?). 昨天,
去年3月, 上周五 or "last month" count from the day of asking, and are a filter only where the caller gives that day:
they are read as the date that they mean. 比去年, 和去年比 and 去年同期 are none, because they only compare.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from retrieval.text.characters import fold
from retrieval.text.date_grammar import DAY, DAY_SIGN, MONTH, MONTH_SIGN, PART_OF_MONTH, TO, YEAR_SIGN
from retrieval.text.dates import DateMention, date_term, dates_in
from retrieval.text.segmentation import jieba_tokenizer

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
    "末": (10, 12),
    "年末": (10, 12),
} | {
    f"{said}季度": (3 * number - 2, 3 * number)
    for number, names in enumerate(("一1", "二2", "三3", "四4"), start=1)
    for name in names
    for said in (name, f"第{name}")
}
"""First and last month of a part of a year, by the words that follow the year."""
_WHOLE = "(?!(?<=初)[中高级步一二三四五六七八九十])"
"""No other word that begins with 初: 2025年初中生, 去年初步核算."""
_MONTH_PART = re.compile(f"(?:{'|'.join(PART_OF_MONTH)}){_WHOLE}")
_YEAR_PART = re.compile(f"(?:{'|'.join(_PART_OF_YEAR)}){_WHOLE}")
_FROM, _FROM_BEFORE = re.compile("以来|以后|之后"), re.compile(r"\b(?:since|after)\s+(?=$)")
_UNTIL, _UNTIL_BEFORE = re.compile("以前|之前"), re.compile(r"\b(?:before|until)\s+(?=$)")
_LATEST = re.compile(
    r"最新|(?<![离距])(?<!离我)最近(?!的?(?:医院|地铁|车站|站|点|距离|地方|网点|机场))|최신"
    r"|(?<!at the )\b(?:latest|newest|most recent)\b|\bmới nhất\b|\bm[áa][si]s? recientes?\b|\bplus récente?s?\b"
    r"|\bneueste[nmrs]?\b|\bновейш\w+|\bпоследн\w+(?= (?:новост|сообщ|данн))|\bpiù recent[ei]\b|\ben (?:son|yeni)\b"
)
_WEEK, _WEEKDAYS = "周|星期|礼拜", "一二三四五六日天末"
_RELATIVE = re.compile(
    rf"(?:昨[天日]|大?前天|(?:去年|上一?年|大?前年|今年|本年)(?P<year>度)?|(?:上+一?个?|[本这]一?个?)月(?P<month>份)?"
    rf"|(?:上+一?个?|[本这]一?个?)(?:{_WEEK})(?P<week>[{_WEEKDAYS}])?"
    r"|(?:the day before )?\byesterday\b|(?<!the )\b(?:last|this) (?:year|month|week)\b(?! of\b))"
)
"""Words that count from the day of asking; the groups are what may also begin the next word (上周一共)."""
_PART = re.compile(rf"的?(?:{MONTH}(?:\s*{DAY})?|{DAY}|第?[一二三四1-4]季度|[上下]半年|[上中下]旬|年?[初底末]{_WHOLE})")
"""The part of a relative year or month that is meant: 去年3月, 上个月的5日."""
_GOES_ON = re.compile(r"[初底末]|以[来前后]|之[前后]|度(?!假)")
"""What may stand behind a relative word although jieba cuts no word off before it (去年底, 上月末)."""
_LEADS = frozenset("至自从到于在比较")
"""Words of one character that jieba may take for the beginning of another word (至今 in 至今年底)."""
_COMPARED_BEFORE = re.compile(
    r"(?:[比较同超]|[比超]过|比起|较之|不[如及]|[相对]比|相[对较比]于|[高低多少大小优好早晚]于"
    r"|\b(?:than|to|with|versus|vs\.?|against)\s+(?:in\s+)?)$"
)
_COMPARED_WITH = re.compile("[和跟与同]$")
_COMPARED_BEHIND = re.compile("的?(?:同期|同月|同日|相比)")
_COMPARED_TO = re.compile(
    "的?(?:同期|数据|水平|情况)?[相做作来]?(?:对?比|差|同|一样|持平|不同|有(?:何|什么|哪些)(?:不同|变化|区别))"
)
_DAYS_BACK = {"昨天": 1, "昨日": 1, "前天": 2, "大前天": 3, "yesterday": 1, "the day before yesterday": 2}
_YEARS_BACK = {"去年": 1, "上年": 1, "上一年": 1, "last year": 1, "前年": 2, "大前年": 3}
"""Years back by words; 今年 and the like are none back."""


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


@dataclass(frozen=True, slots=True)
class _Said:
    """A question with dates in the place of its relative words, and where each character of it comes from."""

    text: str
    origins: tuple[tuple[int, int], ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where the words stand in the question that ``text[start:end]`` was made of."""
        return self.origins[start][0], self.origins[end - 1][1]


def time_filter(question: str, today: dt.date | None = None) -> TimeFilter | None:
    """Return the time that ``question`` names, or None; ``today`` is the day of asking, for 昨天 and the like.

    Of several dates the finest counts, the first among equals; one with its year comes before one that counts from
    ``today``. The two ends of 2月1日至5日 are one date.
    """
    text = fold(question)
    newest = _LATEST.search(text)
    found = _dated(question, text, today)
    if found is not None:
        return replace(found, latest=newest is not None)
    return TimeFilter(question[newest.start() : newest.end()], latest=True) if newest else None


def _dated(question: str, text: str, today: dt.date | None) -> TimeFilter | None:
    """Return the date that counts with its words as ``question`` has them; its folded ``text`` is as long."""
    written = _explicit(text)
    said = _said(text, today) if today and _RELATIVE.search(text) else None
    counted = _explicit(said.text) if said else written
    if said is None or counted is None:
        return counted and replace(counted[0], text=question[counted[1] : counted[2]])
    found, first, last = counted
    start, end = said.place(first, last)
    if written and written[0].recurring is None and written[1] != start:
        return replace(written[0], text=question[written[1] : written[2]])
    is_relative = any(to - origin > 1 for origin, to in said.origins[first:last])
    return replace(found, text=question[start:end], is_relative=is_relative)


def _explicit(text: str) -> tuple[TimeFilter, int, int] | None:
    """Return the date that a folded text names, and where it says so."""
    mentions = dates_in(text)
    if not mentions:
        return None
    first, last = _finest(text, mentions)
    low, high, end = _span(text, first, last)
    start, terms = first.start, _terms(first, last)
    if first.year is None or last.year is None:
        recurring = (low.month, low.day), (high.month, high.day)
        return TimeFilter(text[start:end], recurring=recurring, terms=terms), start, end
    yearless = tuple(
        term for term in _terms(replace(first, year=None), replace(last, year=None)) if first.month is not None
    )
    return _opened(TimeFilter(text[start:end], low, high, terms=terms, yearless_terms=yearless), text, start, end)


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


def _opened(found: TimeFilter, text: str, start: int, end: int) -> tuple[TimeFilter, int, int]:
    """Remove one end where the question says 以来, 以前, "since" or "before"; return where it says all of it."""
    if opened := _FROM.match(text, end) or _FROM_BEFORE.search(text, 0, start):
        found = replace(found, date_to=None)
    elif opened := _UNTIL.match(text, end) or _UNTIL_BEFORE.search(text, 0, start):
        found = replace(found, date_from=None)
    else:
        return found, start, end
    return found, min(start, opened.start()), max(end, opened.end())


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


def _said(text: str, today: dt.date) -> _Said:
    """Put what they mean in the place of the relative words of a folded text, and nothing where they only compare."""
    words = {start: word for word, start, _ in jieba_tokenizer().tokenize(text)} | {len(text): ""}
    pieces: list[str] = []
    origins: list[tuple[int, int]] = []
    at = 0
    for match in _RELATIVE.finditer(text):
        end = _end_of_word(match, words)
        if end is None:
            continue
        part = _PART.match(text, end)
        until = part.end() if part else end
        if _only_compares(text, match.start(), until):
            meant, end = "", until
        else:
            meant = f" {_meant(text[match.start() : end], today)}"  # a figure before it would be one of its year
            end += bool(part and part[0].startswith("的"))
        pieces += text[at : match.start()], meant
        origins += [(i, i + 1) for i in range(at, match.start())] + [(match.start(), end)] * len(meant)
        at = end
    return _Said("".join((*pieces, text[at:])), (*origins, *((i, i + 1) for i in range(at, len(text)))))


def _end_of_word(match: re.Match[str], words: Mapping[int, str]) -> int | None:
    """Return where a relative word ends; None where jieba's ``words`` are others there (资本|周转, 目前|天河)."""
    text, start = match.string, match.start()
    if start not in words and text[start - 1] not in _LEADS:
        return None
    if match["week"] and words.get(match.start("week")) and not _is_known(words[match.start("week")]):
        return match.end()  # 上周|三有 is a guess of jieba
    ends = [match.end(), *(match.start(group) for group in ("year", "month", "week") if match[group])]
    inner = next(at for at in range(start + 1, len(text) + 1) if at in words)
    return next((end for end in ends if end in words or inner > end or _GOES_ON.match(text, end)), None)


def _is_known(word: str) -> bool:
    return bool(jieba_tokenizer().FREQ.get(word))


def _only_compares(text: str, start: int, end: int) -> bool:
    """Whether something is compared with a time, as in 比去年, 去年同期 and 和去年比."""
    before = text[:start]
    is_with = _COMPARED_WITH.search(before) and _COMPARED_TO.match(text, end)
    return bool(is_with or _COMPARED_BEFORE.search(before) or _COMPARED_BEHIND.match(text, end))


def _meant(word: str, today: dt.date) -> str:
    """Return the date that a relative word means on ``today``, as text."""
    back = word.count("上") or word.startswith("last")
    if word in _DAYS_BACK:
        return _day(today - dt.timedelta(days=_DAYS_BACK[word]))
    if re.search(f"{_WEEK}|week", word):
        monday = today - dt.timedelta(days=today.weekday() + 7 * back)
        place = _WEEKDAYS.find(word[-1].replace("天", "日"))
        if word[-1] == "末":
            return f"{_day(monday + dt.timedelta(days=5))}至{_day(monday + dt.timedelta(days=6))}"
        if place >= 0:
            return _day(monday + dt.timedelta(days=place))
        return f"{_day(monday)}至{_day(monday + dt.timedelta(days=6))}"
    if "月" in word or "month" in word:
        months = today.year * 12 + today.month - 1 - back
        return f"{months // 12}年{months % 12 + 1}月"
    return f"{today.year - _YEARS_BACK.get(word.removesuffix('度'), 0)}年"


def _day(day: dt.date) -> str:
    return f"{day:%Y年%m月%d日}"
