"""Numbers that Word prints and the file does not hold, such as 第四条, counted as Word counts (ECMA-376, 17.9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from retrieval.corpus.formats.word.numerals import WITHOUT_NUMBER, padded, printed
from retrieval.corpus.formats.word.styles import Styles, is_on, number_of, value_of

Element = Any  # lxml has no types

LEVELS = 9
KEPT = WITHOUT_NUMBER | {"decimalZero"}
"""Formats of higher levels that a level of decimals (``isLgl``) leaves as they are."""
LONGEST_NUMBER = 255
"""What Word lets a number be; a longer one is no number."""

_PLACE = re.compile("%([1-9])")
_EDGES = "()[]{}<>〔〕【】《》、.。,:;- "
_UNITS = "条章节款项编部篇"
_MARK_BEHIND = re.compile(r"[)\]】〕、.,:;](?!\d)")
_MARK_OR_SPACE_BEHIND = re.compile(r"[)\]】〕、.,:;\s](?!\d)")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list; ``restart`` is the level (1 to 9) that makes it begin again, 0: none does.

    ``decimal`` writes the numbers of the levels above it in decimals.
    """

    start: int
    style: str
    pattern: str
    suffix: str
    restart: int | None = None
    decimal: bool = False
    example: str = ""

    def write(self, value: int) -> str:
        """Return a value of this level as it is printed."""
        return padded(value, self.example) if self.example else printed(value, self.style)


@dataclass(frozen=True, slots=True)
class List:
    """What a ``w:num`` is: its levels, those that it begins anew, and the list whose count it shares.

    ``linked`` are the levels that belong to styles, by the style's id.
    """

    counted_as: str
    levels: Mapping[int, Level]
    anew: Mapping[int, int]
    linked: Mapping[str, int]

    def start(self, level: int) -> int:
        """Return the first value of a level."""
        return self.anew.get(level, self.levels[level].start if level in self.levels else 1)

    def level_of(self, styles: Iterable[Element]) -> int:
        """Return the level of a paragraph's styles, nearest first: one that names the style, or what the style says."""
        for style in styles:
            named = self.linked.get(style.get(qn("w:styleId")))
            said = number_of(style, "pPr/numPr/ilvl") if named is None else named
            if said is not None:
                return said
        return 0


@dataclass(slots=True)
class Count:
    """Where the lists of one story (the text, its footnotes, …) stand.

    ``values`` by list and level; ``met`` the levels that have come so far, and ``begun`` the lists that have begun one.
    """

    values: dict[str, dict[int, int]] = field(default_factory=dict)
    met: dict[str, set[int]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)


class Numbering:
    """The lists of one file; ``root`` is ``w:numbering``, or None where there is none."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        found = [] if root is None else list(root)
        self._nums = {num.get(qn("w:numId")): num for num in found if num.tag == qn("w:num")}
        self._abstract = {each.get(qn("w:abstractNumId")): each for each in found if each.tag == qn("w:abstractNum")}
        self._lists: dict[str, List | None] = {}

    def number(self, paragraph: Element, count: Count) -> tuple[str, str]:
        """Return the number that Word prints before a paragraph, and what stands between; count on."""
        chain = self._styles.of_paragraph(paragraph)
        named = next((said for each in (paragraph, *chain) if (said := value_of(each, "pPr/numPr/numId"))), None)
        numbered = self._list(named) if named is not None else None
        if named is None or numbered is None:
            return "", ""
        own = number_of(paragraph, "pPr/numPr/ilvl")
        level = numbered.level_of(chain) if own is None else own
        if level not in numbered.levels:
            return "", ""
        values = _count_on(named, numbered, level, count)
        form = numbered.levels[level]
        if form.style == "bullet" or len(form.pattern) > LONGEST_NUMBER:
            return "", ""
        written = _PLACE.sub(lambda place: _value(numbered, level, int(place[1]) - 1, values), form.pattern)
        return (written, form.suffix) if len(written) <= LONGEST_NUMBER else ("", "")

    def _list(self, named: str) -> List | None:
        if named not in self._lists:
            self._lists[named] = self._read(named)
        return self._lists[named]

    def _read(self, named: str) -> List | None:
        num = self._nums.get(named)
        key = value_of(num, "abstractNumId")
        abstract = self._abstract.get(key)
        if abstract is not None and (linked := value_of(abstract, "numStyleLink")):
            chain = self._styles.chain(linked)
            styled = next((said for each in chain if (said := value_of(each, "pPr/numPr/numId"))), None)
            abstract = self._abstract.get(value_of(self._nums.get(styled), "abstractNumId"))
        if num is None or abstract is None or key is None:
            return None
        levels = _levels(abstract)
        anew: dict[int, int] = {}
        for override in num.iter(qn("w:lvlOverride")):
            levels |= _levels(override)
            level, start = _index(override), number_of(override, "startOverride")
            if level is not None and start is not None:
                anew[level] = start
        linked_styles = {
            style: level
            for each in abstract.iter(qn("w:lvl"))
            if (style := value_of(each, "pStyle")) and (level := _index(each)) is not None
        }
        return List(key, levels, anew, linked_styles)


def _index(element: Element) -> int | None:
    value = element.get(qn("w:ilvl"), "")
    return int(value) if re.fullmatch("[0-8]", value) else None


def _levels(parent: Element) -> dict[int, Level]:
    return {level: _level(each) for each in parent.iter(qn("w:lvl")) if (level := _index(each)) is not None}


def _level(element: Element) -> Level:
    forms = list(element.iter(qn("w:numFmt")))  # a format of one's own stands first, and its replacement after it
    style = forms[0].get(qn("w:val"), "decimal") if forms else "decimal"
    pattern = value_of(element, "lvlText") or ""
    start = number_of(element, "start")
    return Level(
        start=0 if start is None else start,
        style=style,
        pattern="" if is_on(element, "rPr/vanish") else pattern,
        suffix="" if value_of(element, "suff") == "nothing" else " ",
        restart=number_of(element, "lvlRestart"),
        decimal=bool(is_on(element, "isLgl")),
        example=forms[0].get(qn("w:format"), "") if style == "custom" else "",
    )


def _count_on(named: str, numbered: List, level: int, count: Count) -> dict[int, int]:
    values = count.values.setdefault(numbered.counted_as, {})
    begins = level in numbered.anew and (named, level) not in count.begun
    if begins or level not in values:
        values[level] = numbered.start(level)
    else:
        values[level] += 1
    count.begun.add((named, level))
    met = count.met.setdefault(numbered.counted_as, set())
    if level not in met:
        for higher in reversed(range(level)):  # one that never came counts as having come once
            if higher in met or higher not in numbered.levels:
                break
            values[higher] = numbered.start(higher)
            met.add(higher)
        met.add(level)
    for deeper in range(level + 1, LEVELS):
        restart = numbered.levels[deeper].restart if deeper in numbered.levels else None
        if restart is None or restart > deeper or level < restart:
            values.pop(deeper, None)
    return values


def _value(numbered: List, level: int, place: int, values: Mapping[int, int]) -> str:
    if place > level or place not in numbered.levels:
        return ""
    value = values.get(place, numbered.start(place))
    form = numbered.levels[place]
    inherited = numbered.levels[level].decimal and place < level
    return str(value) if inherited and form.style not in KEPT else form.write(value)


def is_typed(number: str, text: str) -> bool:
    """Whether ``text`` begins with its number already, be it with another mark behind it: 1. and 1、 are one number."""
    bare = number.strip()
    if bare and unicodedata.category(bare[0]) == "No" and text.lstrip().startswith(bare):
        return True  # ①, which would be 1 below
    number, text = unicodedata.normalize("NFKC", bare), unicodedata.normalize("NFKC", text[:300].lstrip())
    core = number.strip(_EDGES)
    if not re.search(r"\w", core):
        return bool(number) and text.startswith(number)
    whole = number if number != core or core[-1] in _UNITS else None
    if whole and text.startswith(whole):
        behind = text[len(whole) :][:1]
        return not (behind.isascii() and behind.isalnum() and behind.isdigit() == core[-1].isdigit())
    text = text.lstrip("([【〔 ")
    marks = _MARK_BEHIND if number != core else _MARK_OR_SPACE_BEHIND
    return text.startswith(core) and bool(marks.match(text, len(core)))
