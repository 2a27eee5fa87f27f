"""Word's styles: what each makes of its paragraphs, with everything that it has from the style it is based on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from docx.oxml.ns import qn

from retrieval.corpus.draft import BlockKind

Element = Any  # lxml has no types

BODY_LEVEL = 9
"""Outline level of body text in the file; headings are 0 to 8."""
LONGEST_CHAIN = 30
"""How far a style is followed to those it is based on; Word makes no more than a few."""

_VALUE = qn("w:val")
_HEADING_STYLE = re.compile(r"^(?:heading|标题)\s*([1-9])$", re.IGNORECASE)
_CONTENTS_STYLE = re.compile(r"^(?:toc|目录)\s*\d?$", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,9}\s*")


@dataclass(frozen=True, slots=True)
class Role:
    """What a paragraph style makes of its paragraphs; ``contents`` are lines of the table of contents."""

    kind: BlockKind | None = None
    level: int = 1
    title: bool = False
    contents: bool = False


@cache
def _path(names: str) -> str:
    return "/".join(qn(f"w:{name}") for name in names.split("/"))


def value_of(element: Element, path: str) -> str | None:
    """Return the ``w:val`` at a path of names in the w namespace ("pPr/numPr/numId"), if there is one."""
    found = element.find(_path(path)) if element is not None else None
    value: str | None = found.get(_VALUE) if found is not None else None
    return value


def number_of(element: Element, path: str) -> int | None:
    """Return the ``w:val`` at a path as a whole number, if it is one."""
    value = value_of(element, path)
    return int(value) if value is not None and _NUMBER.fullmatch(value) else None


def is_on(element: Element, path: str) -> bool | None:
    """Return whether a property that is on or off is on; None where nothing is said."""
    if element is None or (found := element.find(_path(path))) is None:
        return None
    return found.get(_VALUE, "1").lower() not in ("0", "false", "off")


class Styles:
    """The styles of one file, by their ids; ``root`` is ``w:styles``."""

    def __init__(self, root: Element) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in root.iter(qn("w:style"))}
        defaults = (
            key
            for key, style in self._styles.items()
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true", "on")
        )
        self._default = next(defaults, None)
        self._chains: dict[str | None, tuple[Element, ...]] = {}
        self._roles: dict[str | None, Role] = {}
        self._hiding: dict[str | None, bool | None] = {}

    def chain(self, key: str | None) -> tuple[Element, ...]:
        """Return the style and those it is based on, nearest first."""
        if key not in self._chains:
            found: list[Element] = []
            name = key
            while (style := self._styles.get(name)) is not None and style not in found and len(found) < LONGEST_CHAIN:
                found.append(style)
                name = value_of(style, "basedOn")
            self._chains[key] = tuple(found)
        return self._chains[key]

    def of_paragraph(self, paragraph: Element) -> tuple[Element, ...]:
        """Return the styles of a paragraph, nearest first: its own, or else the file's default."""
        return self.chain(value_of(paragraph, "pPr/pStyle") or self._default)

    def role(self, paragraph: Element) -> Role:
        """Return what a paragraph is, by its own outline level or its style."""
        if own := _outlined(paragraph):
            return own
        key = value_of(paragraph, "pPr/pStyle")
        if key not in self._roles:
            self._roles[key] = next((role for style in self.chain(key) if (role := _own_role(style))), Role())
        return self._roles[key]

    def hides(self, run: Element, paragraph: Element) -> bool:
        """Whether a run is hidden text, by its own word, its character style or its paragraph's style."""
        said = is_on(run, "rPr/vanish")
        if said is None:
            said = self._hidden(value_of(run, "rPr/rStyle"))
        if said is None:
            said = self._hidden(value_of(paragraph, "pPr/pStyle") or self._default)
        return bool(said)

    def _hidden(self, key: str | None) -> bool | None:
        if key not in self._hiding:
            said = (is_on(style, "rPr/vanish") for style in self.chain(key))
            self._hiding[key] = next((on for on in said if on is not None), None)
        return self._hiding[key]


def _outlined(element: Element) -> Role | None:
    level = number_of(element, "pPr/outlineLvl")
    return Role("heading", 1 + level) if level is not None and 0 <= level < BODY_LEVEL else None


def _own_role(style: Element) -> Role | None:
    name = value_of(style, "name") or ""
    if _CONTENTS_STYLE.match(name):
        return Role(contents=True)
    if heading := _HEADING_STYLE.match(name):
        return Role("heading", int(heading[1]))
    if name.lower() in ("title", "标题"):
        return Role("heading", 1, title=True)
    if name.lower() in ("caption", "题注"):
        return Role("caption")
    return _outlined(style)
