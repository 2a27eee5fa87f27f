"""How a file sets its paragraphs: where it wraps its lines, whether it indents, and what a line begins with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.corpus.lines import Line, display_width, ends_sentence, is_phrase
from retrieval.corpus.metadata import is_moment
from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import (
    CLOCK,
    DAY,
    FULL_DATE,
    HAN_CLOCK,
    MARK,
    MONTH,
    PART_OF_DAY,
    YEAR,
)

HEADING_CHARACTERS = 40
FULL = 0.88
"""Share of the wrapping width that a line which was wrapped has at least."""
SLACK = 3
"""Columns by which a line that was wrapped may be shorter than the widest: no closing mark begins the next one."""
_MARKERS = {
    "letter": re.compile(r"^[A-Z][\s、.．]\s*[^\s\x21-\x7e]"),
    "chapter": re.compile(r"^第[一二三四五六七八九十百\d]{1,4}[章节部条]"),
    "number": re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]"),
    "bracket": re.compile(r"^[（(][一二三四五六七八九十\d]{1,3}[)）]"),
    "digit": re.compile(r"^\d{1,2}[、.．](?!\d)"),
    "bullet": re.compile(r"^[●■◆★◎◇□]"),
}
_STAMP = re.compile(
    rf"[\[【(]?(?:{FULL_DATE}|{YEAR}(?:{MARK}|年)\s?[0-9]|{MONTH}\s?{DAY}|[0-9]{{1,2}}月\s?[0-9]|[0-9]{{1,2}}{MARK}[0-9]{{1,2}}\s"
    rf"|(?:{PART_OF_DAY}\s?)?(?:{CLOCK}|(?=[0-9]){HAN_CLOCK}))"
)
"""How an entry of a log begins: with its day or its time."""
STAMP_CHARACTERS = 40
"""A stamp is looked for in so many characters at the beginning of a line."""
_FIELD = re.compile(
    r"^(?:(?:会议|活动|集合|报名|开会|召开)?(?:时间|地点|日期|地址)|主\s?持(?:人)?|出席(?:人员|领导|人)?|参加(?:人员|人)?|列席(?:人员)?"
    r"|参会(?:人员|人)?|与会(?:人员)?|缺席(?:人员)?|请假(?:人员)?|记\s?录(?:人|员)?|议题|议程|主题|联系(?:人|电话|方式)|电话)\s?[:：]\s*\S"
)
_POINT = re.compile(r"\d\.$")
_SENTENCE = re.compile(r"[。！？!?]|\w\.(?:\s|$)")
PUNCTUATION = re.compile("[，。；：！？,.;:!?]")
WRAP_WIDTHS = (20, 130)
"""Columns between which a file wraps its lines, from twelve Chinese characters on."""
FEW_FULL_LINES = 3
"""Fewer full lines than this show a wrapping width only where every torn line goes on."""
FEW_FULL_WIDTH = 84
"""Columns above which a few full lines may be paragraphs of their own, one of them torn by the end of a page."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How long a line is: in columns, and in characters, because programs wrap by the one or the other."""

    columns: int
    characters: int

    @classmethod
    def of(cls, line: Line) -> Measure:
        """Measure a line with its indentation, which is two Chinese characters."""
        indent, characters = 2 * line.indented, len(line.text)
        columns = display_width(line.text) if characters <= WRAP_WIDTHS[1] else 2 * characters
        return cls(columns + 2 * indent, characters + indent)

    def fills(self, width: Measure) -> bool:
        """Whether a line that is so long reaches ``width``."""
        return self.columns >= FULL * width.columns or self.characters >= FULL * width.characters

    def reaches(self, width: Measure) -> bool:
        """Whether it fills ``width`` to the last character or two, as hardly any line does that was not wrapped."""
        return self.columns >= width.columns - SLACK or self.characters >= width.characters - 1


@dataclass(frozen=True, slots=True)
class Habits:
    """How this file sets its paragraphs.

    ``wrap_width`` is the width at which it wraps lines (None: it does not), ``gap`` the blank lines between two lines
    of one paragraph, and ``entries`` whether it is a log, whose lines begin with a day or a time.
    """

    wrap_width: Measure | None
    indents: bool
    gap: int = 0
    entries: bool = False

    def fills(self, line: Line) -> bool:
        """Whether ``line`` reaches the wrapping width, so that its end says nothing about the paragraph's end."""
        return line.full or (self.wrap_width is not None and Measure.of(line).fills(self.wrap_width))

    def holds(self, line: Line, following: Line | None) -> bool:
        """Whether nothing parts ``following`` from a full ``line``, so that both are of one paragraph."""
        if following is None or line.kind or following.kind or (self.indents and following.indented):
            return False
        return self.fills(line) and following.gap <= self.gap

    def flows(self, line: Line, following: Line | None) -> bool:
        """Whether ``line`` was wrapped inside a sentence, which ``following`` goes on with."""
        return following is not None and self.holds(line, following) and not ends_before(line, following)

    def enters(self, line: Line) -> bool:
        """Whether ``line`` begins an entry of a log."""
        return self.entries and _is_stamped(line.text)


def habits_of(lines: Sequence[Line]) -> Habits:
    """Find out from all lines of a file, rows of tables aside, how it wraps and indents."""
    lines = [line for line in lines if line.kind != "row"]
    stamped = sum(_is_stamped(line.text) for line in lines)
    starts = [
        after for before, after in zip(lines, lines[1:], strict=False) if before.kind or ends_sentence(before.text)
    ]
    indented = sum(line.indented for line in starts) + any(line.indented for line in lines[1:2])
    measured = bool(starts) and all(line.indented and line.page for line in starts)
    inside = [after for before, after in zip(lines[1:], lines[2:], strict=False) if not ends_sentence(before.text)]
    all_are = len(inside) >= FEW_FULL_LINES and sum(line.indented for line in inside) >= 0.9 * len(inside)
    indents = measured or (indented >= 2 and indented >= 0.5 * len(starts) and not all_are)
    gaps = Counter(after.gap for before, after in zip(lines[1:], lines[2:], strict=False) if _tears(before, after))
    gap = min(gaps, key=lambda gap: (-gaps[gap], gap), default=0)
    return Habits(_wrap_width(lines, gap), indents, gap, stamped >= 2 and stamped >= 0.3 * len(lines))


def _is_stamped(text: str) -> bool:
    return bool(_STAMP.match(fold_width(text[:STAMP_CHARACTERS])))


def _tears(line: Line, following: Line) -> bool:
    """Whether ``line`` ends no sentence, and ``following`` could go on with it."""
    if line.kind or following.kind or ends_before(line, following) or (following.indented and not line.indented):
        return False
    return not (marker_of(following.text) and heads(following)) and not is_field(following.text)


def _ends_or_fills(line: Line, width: Measure) -> bool:
    return ends_sentence(line.text) or Measure.of(line).fills(width)


def ends_before(line: Line, following: Line) -> bool:
    """Whether ``line`` ends a sentence, and not a number before its decimals."""
    return ends_sentence(line.text) and not (_POINT.search(line.text[-2:]) and following.text[0].isdigit())


def _wrap_width(lines: Sequence[Line], gap: int) -> Measure | None:
    """Return the width that most torn lines fill, the first line aside, which may be a title."""
    body = lines[1:] if len(lines) > 2 else lines
    measures = [Measure.of(line) for line in body]
    joints = [
        (line, after, measure)
        for line, after, measure in zip(body, body[1:], measures, strict=False)
        if _tears(line, after) and after.gap <= gap
    ]
    width = Measure(
        max((measure.columns for _, _, measure in joints), default=0),
        max((measure.characters for _, _, measure in joints), default=0),
    )
    full = sum(measure.fills(width) for _, _, measure in joints)
    ended = sum(measure.fills(width) for line, measure in zip(body, measures, strict=True) if ends_sentence(line.text))
    wider = sum(
        measure.columns > 1.15 * width.columns and measure.characters > 1.15 * width.characters for measure in measures
    )
    if not WRAP_WIDTHS[0] <= width.columns <= WRAP_WIDTHS[1] or full < 0.7 * len(joints):
        return None
    if wider > 0.1 * len(body) or (full >= FEW_FULL_LINES and full < ended):
        return None
    if full < FEW_FULL_LINES and (
        (full <= ended and width.columns > FEW_FULL_WIDTH)
        or any(line.whole for line, _, _ in joints)
        or gap > min(line.gap for line in body[1:])
        or not all(is_torn(line.text) or _ends_or_fills(after, width) for line, after, _ in joints)
    ):
        return None
    punctuated = sum(bool(PUNCTUATION.search(line.text)) for line in body)
    return width if punctuated >= 0.25 * len(body) and any(_SENTENCE.search(line.text) for line in body) else None


def is_torn(text: str) -> bool:
    """Whether ``text``, which does not end a sentence, must go on: it is no heading and no list entry."""
    return len(text) > HEADING_CHARACTERS or not is_phrase(text)


def heads(line: Line) -> bool:
    """Whether ``line`` could be a heading: short, one phrase, it does not end a sentence, and is no 昨天 of a page."""
    return not ends_sentence(line.text) and not is_torn(line.text) and not is_moment(line.text)


def marker_of(text: str) -> str | None:
    """Return which style of heading mark ``text`` begins with ("A ", "一、", "（一）" …), if any."""
    return next((style for style, pattern in _MARKERS.items() if pattern.match(text)), None)


def is_field(text: str) -> bool:
    """Whether ``text`` is a field of minutes or of a notice, as 地点：三楼会议室."""
    return bool(_FIELD.match(text))
