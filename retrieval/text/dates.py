"""The dates in a text as canonical terms, so that spellings meet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import (
    AFTER_NUMERAL,
    BRIEF_DATE,
    CHINESE_DATE,
    CLOCK,
    DAY_SIGN,
    FIGURES,
    HAN_CLOCK,
    IN,
    LIKE_ZERO,
    MONTH_OF,
    PART_OF_DAY,
    TO,
    WEEKDAY,
    WESTERN_DATE,
    WORD_BEGINS,
    YEAR,
)
from retrieval.text.numerals import number_of

DATE_PREFIX = "date:"
"""What every date term begins with; words are cut at colons, so no word does."""
FIRST_PRINTED = 1900
"""No report was published before."""
LAST_CENTURY = 69
"""Two figures from here on are a year of the last century, as in POSIX."""

_JOINED = re.compile(rf"{DAY_SIGN}?{TO}")
_DATE = re.compile(rf"{AFTER_NUMERAL}(?:{CHINESE_DATE}|{FIGURES})")
_WESTERN = re.compile(rf"{WORD_BEGINS}(?:(?P<before>\b(?:{IN}))\s+)?(?:{WESTERN_DATE})")
_YEAR_IN = re.compile(
    rf"(?<!\w)(?:in|since|during|by|until|of|year|from|before|after|en|im|jahr|em|ano|año|nel|în|anul|w|в|năm|في|عام|το|पी|ปี)\s+(?P<year>{YEAR})(?!\w|[-/.,%][0-9]|\s+(?:[^\W\d_]+s)\b)"
)
_ALSO_WORDS = frozenset(
    ["may", "march", "mar", "mart", "mars", "april", "june", "august", "mai", "mayo", "ocak", "ekim"]
)
"""Months that are verbs, people or planets too: alone they need a word like "in" before them."""
_BRIEF = re.compile(rf"\W*(?:{BRIEF_DATE})(?:(?:t|\s)*{CLOCK})?\W*")
_MAY_BE_PRINTED = re.compile("[12][0-9]{3}|[一二][^\\s]{3}\\s*年|民[国國]|1[01][0-9]\\s*年")
_BEFORE_PRINTED = re.compile(rf"{WEEKDAY},?\s*$")
_BEHIND_PRINTED = re.compile(
    rf"(?:t(?=[0-9])|[\s,]|\bat\b|[(](?:{WEEKDAY}|[一二三四五六日])[)]?|{WEEKDAY}|(?:{PART_OF_DAY})?(?:{CLOCK}|{HAN_CLOCK}))*"
)
_LIKE_ZERO = str.maketrans(dict.fromkeys(LIKE_ZERO, "〇"))


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text, ``text[start:end]``: a day, a month or a year; what the text does not say is None."""

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None

    @property
    def term(self) -> str:
        """The finest term: "date:2020-03-12", "date:03-12", "date:2020-03", "date:03" (a month) or "date:2020"."""
        return date_term(self.year, self.month, self.day)

    @property
    def calendar_day(self) -> dt.date | None:
        """The day, where the text says all of it."""
        return calendar_day(self.year or 0, self.month or 0, self.day or 0)


@dataclass(frozen=True, slots=True)
class PrintedDay:
    """A day with its year as a report prints it, with its weekday and time of day: ``text[start:end]``."""

    start: int
    end: int
    day: dt.date


def printed_days(text: str) -> list[PrintedDay]:
    """Return the days in any text that may be a report's own, which have their year, in reading order."""
    folded = fold_width(text)
    if not _MAY_BE_PRINTED.search(folded):
        return []
    whole = [(mention, mention.calendar_day) for mention in dates_in(folded)]
    return [_printed(folded, mention, day) for mention, day in whole if day and day.year >= FIRST_PRINTED]


def _printed(folded: str, mention: DateMention, day: dt.date) -> PrintedDay:
    before = _BEFORE_PRINTED.search(folded, max(0, mention.start - 12), mention.start)
    behind = _BEHIND_PRINTED.match(folded, mention.end)
    start, end = before.start() if before else mention.start, behind.end() if behind else mention.end
    return PrintedDay(start, start + len(folded[start:end].rstrip(" \t\n,")), day)


def brief_day(text: str) -> dt.date | None:
    """Return the day that a field holds and nothing else, as only a field may: 20200305, 18-03-08, 109.03.05."""
    match = _BRIEF.fullmatch(fold_width(text))
    if match is None:
        return None
    if match["compact_year"]:
        return calendar_day(int(match["compact_year"]), int(match["compact_month"]), int(match["compact_day"]))
    return calendar_day(_short_year(match["short_year"]), int(match["short_month"]), int(match["short_day"]))


def _short_year(figures: str) -> int:
    if len(figures) == 3:
        return _roc(figures)
    return int(figures) + (1900 if int(figures) >= LAST_CENTURY else 2000)


def calendar_day(year: int, month: int, day: int) -> dt.date | None:
    """Return a day; None if no calendar has it."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def date_term(year: int | None, month: int | None = None, day: int | None = None) -> str:
    """Return the canonical term of a date of which some parts may be unsaid."""
    parts = [f"{part:0{width}}" for part, width in ((year, 4), (month, 2), (day, 2)) if part is not None]
    return DATE_PREFIX + "-".join(parts)


def date_terms(text: str) -> list[str]:
    """Return canonical terms of the dates in ``text`` (folded as for ``fold_numerals``), with all that they imply.

    2020年3月12日 gives 2020-03-12, 03-12, 2020-03, 03 and 2020, so that a date said with or without its year is found.
    """
    return [term for mention in dates_in(text) for term in _implied(mention)]


def _implied(mention: DateMention) -> list[str]:
    year, month, day = mention.year, mention.month, mention.day
    wider = [(year, month, day), (None, month, day), (year, month, None), (None, month, None), (year, None, None)]
    return list(dict.fromkeys(date_term(*parts) for parts in wider if any(parts)))


def dates_in(text: str) -> list[DateMention]:
    """Return the dates in ``text`` in reading order: Chinese (both kinds of numerals), ISO, and by names of months.

    Both ends of 2月1日至5日 are returned, and a date behind "to" has the year of the one before. ``text`` is NFKC and
    lower case, before or after ``fold_numerals``. Dates that no calendar has are left out; so are 12日 and 3/12 (which
    month?).
    """
    found = sorted(
        (mention for mention in (*_chinese_dates(text), *_western_dates(text)) if _exists(mention)),
        key=lambda mention: (mention.start, -mention.end),
    )
    dates: list[DateMention] = []
    for mention in found:
        last = dates[-1] if dates else None
        if last is not None and mention.start < last.end:
            continue
        if last is not None and mention.year is None and _JOINED.fullmatch(text, last.end, mention.start):
            mention = replace(mention, year=last.year)
        dates.append(mention)
    return dates


def _chinese_dates(text: str) -> Iterator[DateMention]:
    for match in _DATE.finditer(text):
        part = _numbers(match.groupdict())
        year, month, day = (
            next((part[name] for name in names if name in part), None)
            for names in (
                ("year", "roc", "bare_roc", "lone", "lone_roc", "iso_year", "dot_year", "slash_year"),
                ("month", "iso_month", "iso_lone_month", "dot_month"),
                ("day", "iso_day", "dot_day"),
            )
        )
        if "one" in part:
            month, day = _month_and_day(part["one"], part["other"])
        start, end = match.span()
        for name, first in (
            ("lone0", DateMention(start, match.end("lone0"), part.get("lone0"))),
            ("month0", DateMention(start, match.end("month0"), year, part.get("month0"))),
            ("day0", DateMention(start, match.end("day0"), year, month, part.get("day0"))),
        ):
            if name in part:
                yield first
                start = match.start(name.rstrip("0"))
        yield DateMention(start, end, year, month, day)


def _touches_word(match: re.Match[str]) -> bool:
    """Whether a match touches Chinese characters, so that a month alone may be anything: DEC公司."""
    around = match.string[max(0, match.start() - 1) : match.start()] + match.string[match.end() : match.end() + 1]
    return any(map(str.isalnum, around))


def _numbers(said: Mapping[str, str | None]) -> dict[str, int]:
    """Return what each group of a match says as a number; 0, which no calendar has, for what is none."""
    readers = {"year": _year, "lone": _year, "roc": _roc, "bare_roc": _roc, "lone_roc": _roc}
    return {name: readers.get(name, _number)(value) for name, value in said.items() if value}


def _month_and_day(one: int, other: int) -> tuple[int, int]:
    """Tell month and day of 25/3 by what no month can be; (0, 0) where both may be."""
    if one == other or other > 12:
        return one, other
    return (other, one) if one > 12 else (0, 0)


def _western_dates(text: str) -> Iterator[DateMention]:
    for match in _WESTERN.finditer(text):
        month = match["vi_month"] or MONTH_OF[match["name"]]
        day, year = match["vi_day"] or match["day"] or match["after"], match["vi_year"] or match["year"]
        if not (day or year or match["before"]) and (match["name"] in _ALSO_WORDS or _touches_word(match)):
            continue
        start = match.end("before") + 1 if match["before"] else match.start()
        if match["day0"] and match["day"]:
            yield DateMention(match.start("day0"), match.end("day0"), _int(year), int(month), int(match["day0"]))
            start = match.start("day")
        yield DateMention(start, match.end(), _int(year), int(month), _int(day))
    for match in _YEAR_IN.finditer(text):
        yield DateMention(match.start("year"), match.end("year"), int(match["year"]))


def _number(numeral: str) -> int:
    return int(number_of(numeral) or 0)


def _year(year: str) -> int:
    return _number(year if year.isascii() else year.translate(_LIKE_ZERO))


def _roc(year: str) -> int:
    """Return the year that a year of the Republic of China is; 0, which no calendar has, for what is none."""
    number = 1 if year == "元" else _year(year)
    return 1911 + number if number else 0


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _exists(mention: DateMention) -> bool:
    try:
        dt.date(mention.year or 2000, 1 if mention.month is None else mention.month, mention.day or 1)
    except ValueError:
        return False
    return mention.day != 0 and mention.year != 0
