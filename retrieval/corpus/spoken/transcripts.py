"""Subtitles, time-coded transcripts and chat exports -> who said what; stamps and cue numbers are kept beside it.

A clock time is a stamp only where the whole file is built of stamps: cues with arrows, or lines of which most are
stamped with a name, or codes that count from zero. In a log of times and events, the time is what is said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.corpus.lines import Line
from retrieval.corpus.metadata import find_date, is_date_line
from retrieval.corpus.spoken.cues import ARROW, cues_of
from retrieval.corpus.spoken.speakers import are_people
from retrieval.corpus.spoken.speech import Said, paragraphs_of
from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import (
    DAY,
    FULL_DATE,
    HALF_DAY,
    MARK,
    MONTH,
    PART_OF_DAY,
    RELATIVE_DAY,
    WEEKDAY,
    ZONE,
)

STAMPED_CHARACTERS = 160
"""A stamp and a name are looked for in so many characters at the beginning of a line."""
MOST_ABOVE = 8
"""Lines that may stand above the first stamp: a title, and what a program writes above an export."""
STAMPED_SHARE = 0.3
"""Share of the lines below the first stamp that have one, at least."""
CHAT_SHARE = 0.1
"""The same where a name stands on a line of its own above a message, which may be long."""
FROM_ZERO = 600
"""Seconds at which the first code of a recording stands at most."""

_CLOCK = rf"(?:{PART_OF_DAY}\s?)?[0-9]{{1,3}}:[0-9]{{2}}(?::[0-9]{{2}})?(?:[.,][0-9]{{1,3}})?(?:{HALF_DAY})?(?:{ZONE})?"
_DAY = (
    rf"(?:(?:{FULL_DATE}|[0-9]{{1,2}}{MARK}[0-9]{{1,2}}(?:{MARK}(?:20)?[0-9]{{1,2}})?|(?:[0-9]{{2}}年)?{MONTH}\s?{DAY}"
    rf"|{RELATIVE_DAY})(?:,?\sat)?)"
)
_WEEKDAY = rf"(?:[(]?{WEEKDAY}[)]?)"
_WHEN = (
    rf"(?:(?P<day>{_DAY}|{_WEEKDAY})[,t]?\s{{0,3}}(?:{_WEEKDAY},?\s{{0,3}})?)?(?P<clock>{_CLOCK})"
    rf"(?P<until>\s?(?:-|–|—|~|至|-->)\s?{_CLOCK})?"
)
_STAMP = rf"(?P<open>[\[【(（<]\s?)?{_WHEN}(?:\s?[\]】)）>])?"
_IN_NAME = r"[^:：,，。！？!?；;、()（）<>\[\]【】]"
_NAME = rf"(?P<name>(?![\s\d\-–—|]){_IN_NAME}{{0,19}}?[^\s:：,，。！？!?；;、()（）<>\[\]【】])"
_ID = r"(?:\s?(?P<id>[(（][^()（）]{1,40}[)）]|<[^<>]{1,60}>))?"
_HEADERS = (
    re.compile(rf"^{_STAMP}\s{{0,3}}(?:[-–—|]\s)?{_NAME}{_ID}\s?(?P<colon>[:：])?$"),
    re.compile(rf"^{_NAME}{_ID}\s?[,，|]?\s{{0,3}}{_STAMP}\s?(?P<colon>[:：])?$"),
)
_SAYINGS = (
    re.compile(rf"^{_STAMP}[,，]?\s{{0,3}}(?:[-–—|]\s)?{_NAME}{_ID}\s?(?P<colon>[:：])\s{{0,3}}(?=\S)"),
    re.compile(rf"^{_NAME}{_ID}\s?[,，|]?\s{{0,3}}{_STAMP}\s?(?P<colon>[:：])\s{{0,3}}(?=\S)"),
)
_CODE = re.compile(rf"^{_STAMP}(?![\d:：%％]|分|秒|[-–—~至])[,，]?\s{{0,3}}(?:[-–—|]\s)?")
_HAS_CLOCK = re.compile(r"\d[:：]\d\d")
_IS_LOG = re.compile("日志|大事记|台账|日程|议程|时刻|流程|时间表|时间线|时间轴|登记|纪实|安排|预报")
_IS_CHAT = re.compile("聊天|群|录音|访谈|对话|会议记录|消息")
_EXPORT = re.compile(r"^(?:消息(?:记录|分组|对象|类型)|聊天记录|[=\-—_*~]{6,}|日期[:：]\s?\d)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A line's stamp as it was matched: whose words follow, where ``content`` is none of the line's if it is empty."""

    stamp: str
    day: str
    bracketed: bool
    ranged: bool
    name: str = ""
    colon: str = ""
    identified: bool = False
    content: str = ""
    beside: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """The stamp as a time code: mm:ss or hh:mm:ss."""
        total = 0
        for part in re.findall(r"\d+", re.split("[.,]", self.stamp)[0]):
            total = 60 * total + int(part)
        return total


@dataclass(frozen=True, slots=True)
class Transcript:
    """The lines above what was said, the paragraphs that were said, and all that was printed around them.

    ``date`` is the first day that an export's own lines or the stamps name in full.
    """

    above: tuple[Line, ...]
    speech: tuple[Line, ...] = ()
    furniture: tuple[str, ...] = ()
    date: dt.date | None = None


def transcript_of(lines: Sequence[Line]) -> Transcript | None:
    """Return what is said in ``lines`` if they are subtitles, a time-coded transcript or a chat export, else None."""
    if any(line.made or line.row for line in lines):  # neither is followed into sentences that are joined anew
        return None
    if sum(bool(ARROW.match(line.text[:STAMPED_CHARACTERS])) for line in lines) >= 2:
        return subtitles_of(lines)
    marks = [_mark_of(line, _HEADERS) for line in lines]
    chat = _is_chat(marks)
    if not chat:
        marks = [_mark_of(line) for line in lines]
    stamped = [mark for mark in marks if mark]
    first = next((index for index, mark in enumerate(marks) if mark), len(lines))
    share = CHAT_SHARE if chat else STAMPED_SHARE
    if first > MOST_ABOVE or len(stamped) < max(2, share * (len(lines) - first)) or _is_log(lines[:first]):
        return None
    codes = _count_from_zero(stamped)
    if chat or _is_spoken(stamped, codes):
        return _stamped(lines, marks, first, joins=codes)
    return _stamped(lines, marks, first, joins=True) if codes and _is_coded(stamped) else None


def subtitles_of(lines: Sequence[Line]) -> Transcript:
    """Read the cues of SubRip or WebVTT; what stands above the first one is kept above."""
    above, said, furniture = cues_of(lines)
    return Transcript(tuple(above), _as_lines(paragraphs_of(said, furniture, joins=True)), tuple(furniture))


def _stamped(lines: Sequence[Line], marks: Sequence[Mark | None], first: int, joins: bool) -> Transcript:
    """Read stamped lines from the ``first`` one on; with ``joins``, what one person says is one turn."""
    above = tuple(line for line in lines[:first] if not _EXPORT.match(line.text))
    furniture = [line.text for line in lines[:first] if _EXPORT.match(line.text)]
    days = [*furniture, *(mark.day for mark in marks if mark)]
    parted = not any(mark.day for mark in marks if mark) and any(is_date_line(line.text) for line in above)
    said: list[Said] = []
    for line, mark, after in zip(lines[first:], marks[first:], [*marks[first + 1 :], None], strict=True):
        if mark:
            furniture += mark.beside
            said.append(Said(mark.name, mark.colon, [mark.content] if mark.content else [], page=line.page))
        elif parted and after and is_date_line(line.text):  # the day of the stamps below it, which say none
            furniture.append(line.text)
        else:
            said[-1].pieces.append(line.text)
    speech = _as_lines(paragraphs_of(said, furniture, joins))
    return Transcript(above, speech, tuple(furniture), next(filter(None, map(find_date, days)), None))


def _as_lines(paragraphs: Iterable[tuple[str, int | None]]) -> tuple[Line, ...]:
    return tuple(Line(text, 1, False, page, True, "paragraph") for text, page in paragraphs)


# Stamps


def _mark_of(line: Line, headers: tuple[re.Pattern[str], ...] = ()) -> Mark | None:
    start = line.text[:STAMPED_CHARACTERS]
    if line.kind == "heading" or not _HAS_CLOCK.search(start):
        return None
    start = fold_width(start)
    whole = len(line.text) <= STAMPED_CHARACTERS
    for pattern in (*(headers if whole else ()), *_SAYINGS, _CODE):
        if match := pattern.match(start):
            return _marked(line.text, match)
    return None


def _marked(text: str, match: re.Match[str]) -> Mark:
    """Return what ``match`` found in the folded beginning of ``text``, as it is written there."""
    said = {part: text[slice(*match.span(part))] for part, found in match.groupdict().items() if found}
    spans = sorted(match.span(part) for part in ("name", "colon") if part in said)
    beside = [text[start:end] for start, end in _between(spans, match.end())]
    return Mark(
        stamp=match["clock"],
        day=said.get("day", ""),
        bracketed="open" in said,
        ranged="until" in said,
        name=said.get("name", ""),
        colon=said.get("colon", ""),
        identified="id" in said,
        content=text[match.end() :].strip(),
        beside=tuple(part.strip() for part in beside if part.strip()),
    )


def _between(spans: Sequence[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    position = 0
    for first, last in spans:
        yield position, first
        position = last
    yield position, end


# What the whole file is


def _is_chat(marks: Sequence[Mark | None]) -> bool:
    """Whether names with a stamp stand on lines of their own, above what they say."""
    headers = [index for index, mark in enumerate(marks) if mark and mark.name and not mark.content]
    answered = [index for index in headers if index + 1 < len(marks) and not _is_header(marks[index + 1])]
    if len(headers) < 2 or len(answered) < 0.6 * len(headers):
        return False
    return _are_people([mark for index in headers if (mark := marks[index])], sure=True)


def _is_header(mark: Mark | None) -> bool:
    return mark is not None and bool(mark.name) and not mark.content


def _is_log(above: Sequence[Line]) -> bool:
    """Whether the lines above the first stamp call the file a log or an agenda, and no chat."""
    texts = [line.text[:STAMPED_CHARACTERS] for line in above]
    return any(_IS_LOG.search(text) for text in texts) and not any(_IS_CHAT.search(text) for text in texts)


def _is_spoken(stamped: Sequence[Mark], codes: bool) -> bool:
    """Whether most lines have a stamp, a name, and what that person says."""
    named = [mark for mark in stamped if mark.name and mark.content]
    if len(named) < 2 or len(named) < 0.5 * len(stamped):
        return False
    measured = sum(bool(re.match(r"[\d一二三四五六七八九十百.]", mark.content)) for mark in named)
    ranged = sum(mark.ranged for mark in named)
    sure = any(mark.day or mark.bracketed for mark in named)
    return codes or (max(measured, ranged) < 0.5 * len(named) and _are_people(named, sure))


def _are_people(marks: Sequence[Mark], sure: bool) -> bool:
    return any(mark.identified for mark in marks) or are_people([mark.name for mark in marks], sure)


def _is_coded(stamped: Sequence[Mark]) -> bool:
    """Whether codes that count from zero are a recording's: in brackets, alone on a line, or close together."""
    bracketed = sum(mark.bracketed for mark in stamped) >= 0.8 * len(stamped)
    alone = sum(not mark.content and not mark.name for mark in stamped) >= 0.8 * len(stamped)
    dense = len(stamped) > 1 and stamped[-1].seconds / (len(stamped) - 1) <= 45
    return bracketed or alone or any(_minutes(mark) >= 24 for mark in stamped) or dense


def _minutes(mark: Mark) -> int:
    return int(re.findall(r"\d+", mark.stamp)[0])


def _count_from_zero(stamped: Sequence[Mark]) -> bool:
    seconds = [mark.seconds for mark in stamped]
    rising = sum(before <= after for before, after in zip(seconds, seconds[1:], strict=False))
    if any(mark.day for mark in stamped) or _minutes(stamped[0]) > 0 or seconds[0] > FROM_ZERO:
        return False
    return rising >= 0.9 * (len(seconds) - 1)
