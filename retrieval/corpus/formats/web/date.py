"""The day on which a page was published: a tag that says so, else the day beside its title, else below its text.

A day in a recommendation, a comment or a footer is never taken, because the search ends where those begin.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from retrieval.corpus.formats.web.around import is_marker
from retrieval.corpus.formats.web.page import MOST_TITLES, Page
from retrieval.corpus.formats.web.tree import is_head, squash
from retrieval.corpus.metadata import find_date, is_date_line, metadata_of, stated_date
from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import CLOCK, MARK, RELATIVE_DAY, WEEKDAY, YEAR
from retrieval.text.dates import brief_day, calendar_day

DATE_TAGS = (
    "article:published_time", "og:published_time", "pubdate", "publishdate", "publish_date", "publish-date",
    "publishtime", "datepublished", "og:release_date", "og:time", "weibo: article:create_at",
    "dc.date.issued", "dcterms.issued",
)  # fmt: skip
VAGUE_TAGS = ("dc.date", "dcterms.date", "dcterms.created", "date")
"""Tags whose day may be that of the file: a day that the page shows goes before them."""
BESIDE = 40
"""Pieces of text below a title among which its date is looked for; ABOVE it, and BELOW the text, likewise."""
ABOVE = 4
BELOW = 15
DAY_CHARACTERS = 60
"""The longest piece of text in which a date may be the page's; longer ones are sentences."""

_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?([01]\d)[-/_]?([0-3]\d)(?!\d)")
_LABEL = r"\W*(?:[^\W\d_]{0,8}(?:时间|時間|日期|發表於|發佈於|发表于|发布于|发布|date|time|on)\s*:?)?\W*"
_LABEL_BEFORE = re.compile(_LABEL)
_LABELLED = re.compile(r".{0,20}?(?:发布|发表|刊发|发稿)?(?:时间|日期|时間)\s*[:：]|^发[布表]于")
_DAY = rf"([0-9]{{1,2}})\s*(?:{MARK}|月)\s*([0-9]{{1,2}})(?![0-9])[日号]?"
_APART = re.compile(rf"(?<![0-9])({YEAR})\s+{_DAY}")
_MONTH_DAY = re.compile(rf"{_LABEL}{_DAY}(?:\s*{CLOCK})?\W*")
_COPYRIGHT = re.compile(r"copyright|©|版权所有|备案|ICP", re.IGNORECASE)
_TODAY = re.compile(
    rf"{RELATIVE_DAY}|{WEEKDAY}|[农農][历曆]|更新|截止|有效期|copyright|©|版权|评论|回复", re.IGNORECASE
)


def date_of(page: Page, title: str | None, lines: Sequence[str]) -> dt.date | None:
    """Return the day of publication; ``lines`` are those of the main text, in reading order. None if none is said."""
    stated = [page.tags[name] for name in DATE_TAGS if name in page.tags] + page.published
    vague = [page.tags[name] for name in VAGUE_TAGS if name in page.tags]
    around = list(_around(page.strings, title, lines))
    return (
        _first(map(_day, stated))
        or _first(map(_printed, around))
        or _first(map(_day, vague))
        or _from_address(page.address, around)
    )


def _first(days: Iterator[dt.date | None]) -> dt.date | None:
    return next(filter(None, days), None)


def _day(value: str) -> dt.date | None:
    return stated_date(value)


def _around(strings: Sequence[str], title: str | None, lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the stretches of text in which the page's date may stand, the likeliest first."""
    wanted = squash(title or "")
    text = [line for line in lines if squash(line) != wanted and not metadata_of(line) and not is_head(line)]
    bare = [squash(string) for string in strings]
    begins = _at(bare, squash(text[0]) if text else "")
    titles = [i for i in range(begins) if bare[i] == wanted or (len(bare[i]) >= 8 and wanted.startswith(bare[i]))]
    titles = titles[-MOST_TITLES:]
    for index in reversed(titles):
        yield strings[index + 1 : min(begins, index + 1 + BESIDE)]
    for index in reversed(titles):
        yield [one for one in strings[max(0, index - ABOVE) : index] if not _TODAY.search(one[:DAY_CHARACTERS])]
    if not titles:
        yield strings[max(0, begins - BELOW) : begins]
    yield list(_below(strings, bare, squash(text[-1]) if text else "", begins))


def _at(bare: Sequence[str], line: str) -> int:
    """Return where a line of the text begins among the pieces of the page."""
    return next(
        (i for i, one in enumerate(bare) if line.startswith(one) and (len(one) >= 8 or one == line)),
        next((i for i, one in enumerate(bare) if one and line.startswith(one)), 0),
    )


def _below(strings: Sequence[str], bare: Sequence[str], last: str, begins: int) -> Iterator[str]:
    """Yield the days that stand alone or behind a label below the text, as far as nothing else begins."""
    ends = [i for i in range(begins, len(bare)) if bare[i] and last.endswith(bare[i])]
    start = next((i for i in ends if len(bare[i]) >= 8 or bare[i] == last), ends[0] if ends else len(bare))
    others = False
    for i in range(start, min(len(bare), start + BELOW)):
        if _COPYRIGHT.search(bare[i][:DAY_CHARACTERS]):
            return
        others = others or is_marker(strings[i])
        if is_date_line(strings[i]) and not others or _LABELLED.match(strings[i][:DAY_CHARACTERS]):
            yield strings[i][:DAY_CHARACTERS]
        elif not others and _APART.fullmatch(" ".join(strings[i : i + 2])[:DAY_CHARACTERS]):
            yield from strings[i : i + 2]


def _printed(strings: Sequence[str]) -> dt.date | None:
    """Return the first day with a year in a stretch of text, in one piece or in several (2019 | 12/10)."""
    short = [one for one in strings if len(one) <= DAY_CHARACTERS]
    fresh = [one for one in short if not _TODAY.search(one)]
    for one in [*fresh, " ".join(fresh)[:160], *short]:
        if day := find_date(one):
            return day
    if apart := _APART.search(" ".join(fresh)[:160]):
        return _of(int(apart[1]), apart[2], apart[3])
    return _first(map(_brief, short))


def _brief(string: str) -> dt.date | None:
    """Return the day that a short piece of text holds behind a label, or alone, as only there it may be written."""
    folded = fold_width(string)
    label = _LABEL_BEFORE.match(folded)
    return brief_day(folded[label.end() :] if label else folded)


def _from_address(address: str, around: Sequence[Sequence[str]]) -> dt.date | None:
    """Return the day in the page's address, or the month and day that the page prints with the address's year."""
    found = _IN_ADDRESS.search(address[:500])
    day = _of(int(found[1]), found[2], found[3]) if found else None
    if day is None:
        return None
    short = (fold_width(one[:DAY_CHARACTERS]) for strings in around for one in strings)
    printed = [match for one in short if (match := _MONTH_DAY.fullmatch(one))]
    return next((shown for m in printed if (shown := _of(day.year, m[1], m[2]))), day)


def _of(year: int, month: str, day: str) -> dt.date | None:
    return calendar_day(year, int(month), int(day))
