"""The words of one Word paragraph as printed: changes accepted, hidden text, readings and field codes left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from retrieval.corpus.formats.word.styles import is_on, value_of
from retrieval.corpus.lines import Ranges

Element = Any  # lxml has no types

BOX, RUN = qn("w:txbxContent"), qn("w:r")
REMOVED = frozenset(map(qn, ("w:del", "w:moveFrom")))
LONGEST_OVERLAY = 300
"""Characters of a field that sets one thing above another; a longer one is not looked into."""
CONTENTS_GALLERY = "Table of Contents"
"""What a content control around a table of contents says that it is."""

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_UNREAD = REMOVED | frozenset(map(qn, ("w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr", "w:rt", "w:rubyPr", "w:tblPr")))
_SPACES = {qn("w:tab"): " ", qn("w:ptab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n"}
_TEXTS = (qn("w:t"), f"{_MATH}t")
_DRAWN = (qn("w:noBreakHyphen"), qn("w:sym"))
_NOTES = {qn("w:footnoteReference"): "footnotes", qn("w:endnoteReference"): "endnotes"}
_SOFT_HYPHEN = "\u00ad"
_COUNTS_PAGES = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES|SECTION)\b", re.IGNORECASE)
_DRAWN_OVER = re.compile(
    r"\s*EQ\b.*\\o\b[^(]*\((?:\\s\\up\s*\d+\s*\([^()]*\)|[^(),，]*)[,，]([^()]*)\)\s*$", re.DOTALL | re.IGNORECASE
)
"""An EQ field that sets a reading above a word, or a circle around it, as old files write phonetic guides."""
_SIGNS = {
    "symbol": {0xB0: "°", 0xB1: "±", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xAE: "→"},
    "wingdings": {0x6C: "●", 0x6E: "■", 0x6F: "□", 0x75: "◆", 0xA8: "□", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
    "wingdings 2": {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "□"},
}
"""Characters of Word's sign fonts, by font and code."""
_DIGITS_IN_CIRCLES = {"wingdings": (0x81, 10, "①"), "wingdings 2": (0x6A, 10, "①")}


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph's text, where in it stands what only Word draws, its text boxes, and the notes that it cites."""

    text: str
    made: Ranges = ()
    boxes: tuple[Element, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Words) -> Words:
        made = tuple((start + len(self.text), end + len(self.text)) for start, end in other.made)
        return Words(self.text + other.text, self.made + made, self.boxes + other.boxes, self.notes + other.notes)


def words_of(paragraph: Element, hides: Callable[[Element, Element], bool], *, zones: bool = False) -> Words:
    """Read one ``w:p``; ``hides`` says whether a run of it is hidden text.

    ``zones`` is for headers and footers, whose tabs part what stands left, in the middle and right, and whose page
    numbers are left out.
    """
    scribe = _Scribe(lambda run: hides(run, paragraph), zones)
    scribe.read(paragraph)
    return Words("".join(scribe.pieces), tuple(scribe.made), tuple(scribe.boxes), tuple(scribe.notes))


def parts_of(element: Element) -> Iterator[Element]:
    """Yield the children that are printed: of alternatives the first, no deletions, no invitations to fill in."""
    if element.tag == f"{_COMPATIBILITY}AlternateContent":
        choice = element.find(f"{_COMPATIBILITY}Choice")
        chosen = element.find(f"{_COMPATIBILITY}Fallback") if choice is None else choice
        yield from () if chosen is None else parts_of(chosen)
        return
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _UNREAD:
            continue
        if child.tag == qn("w:sdt") and is_on(child, "sdtPr/showingPlcHdr"):
            continue
        yield child


def is_contents(element: Element) -> bool:
    """Whether an element is the content control of a table of contents."""
    return element.tag == qn("w:sdt") and value_of(element, "sdtPr/docPartObj/docPartGallery") == CONTENTS_GALLERY


@dataclass(slots=True)
class _Field:
    """A field that is open: its code, and whether its result has begun."""

    code: str = ""
    shown: bool = False


@dataclass(slots=True)
class _Scribe:
    hides: Callable[[Element], bool]
    zones: bool
    pieces: list[str] = field(default_factory=list)
    made: list[tuple[int, int]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    length: int = 0
    hidden: bool = False
    fields: list[_Field] = field(default_factory=list)

    def read(self, element: Element) -> None:
        for child in parts_of(element):
            if child.tag == RUN:
                before, self.hidden = self.hidden, self.hides(child)
                self.read(child)
                self.hidden = before
            elif child.tag == f"{_MATH}f":
                self.fraction(child)
            elif not (self.reads_sign(child) or self.reads_field(child)):
                self.read(child)

    def reads_sign(self, element: Element) -> bool:
        """Write text or a sign; return whether ``element`` is any."""
        tag = element.tag
        if tag in _TEXTS:
            self.write((element.text or "").replace(_SOFT_HYPHEN, ""))
        elif tag in _SPACES:
            self.write("\n" if self.zones else _SPACES[tag])
        elif tag in _DRAWN:
            self.write(_sign(element), made=True)
        elif tag == BOX:
            self.boxes += [] if self.silent() else [element]
        elif tag in _NOTES:
            self.notes += [] if self.silent() else [(_NOTES[tag], element.get(qn("w:id"), ""))]
        else:
            return False
        return True

    def write(self, text: str, *, made: bool = False) -> None:
        if not text or self.silent():
            return
        self.pieces.append(text)
        if made:
            self.made.append((self.length, self.length + len(text)))
        self.length += len(text)

    def silent(self) -> bool:
        """Whether what comes is not printed: hidden text, the code of a field, a page number."""
        return self.hidden or any(
            not each.shown or (self.zones and _COUNTS_PAGES.match(each.code)) for each in self.fields
        )

    def fraction(self, element: Element) -> None:
        above, below = element.find(f"{_MATH}num"), element.find(f"{_MATH}den")
        for part, sign in ((above, "/"), (below, "")):
            if part is not None:
                self.read(part)
                self.write(sign, made=True)

    def reads_field(self, element: Element) -> bool:
        """Follow the codes of fields; return whether ``element`` is one of their parts."""
        if element.tag == qn("w:fldSimple"):
            self.fields.append(_Field(element.get(qn("w:instr"), ""), shown=True))
            self.read(element)
            self.fields.pop()
        elif element.tag == qn("w:instrText"):
            if self.fields:
                self.fields[-1].code += element.text or ""
        elif element.tag == qn("w:fldChar"):
            kind = element.get(qn("w:fldCharType"))
            if kind == "begin":
                self.fields.append(_Field())
            elif kind == "separate" and self.fields:
                self.fields[-1].shown = True
            elif kind == "end" and self.fields:
                closed = self.fields.pop()
                overlaid = not closed.shown and len(closed.code) <= LONGEST_OVERLAY
                if overlaid and (drawn := _DRAWN_OVER.match(closed.code)):
                    self.write(drawn[1])
        else:
            return False
        return True


def _sign(element: Element) -> str:
    """Return what a sign draws; nothing for a character of a font that is not known."""
    if element.tag == qn("w:noBreakHyphen"):
        return "-"
    try:
        code = int(element.get(qn("w:char"), ""), 16)
    except ValueError:
        return ""
    if 0x20 <= code < 0xD800 or 0xF900 <= code <= 0xFFFD:
        return chr(code) if code > 0xFF else _known(element, code) or chr(code)
    return _known(element, code - 0xF000)


def _known(element: Element, code: int) -> str:
    font = element.get(qn("w:font"), "").lower()
    first, count, sign = _DIGITS_IN_CIRCLES.get(font, (0, 0, ""))
    return chr(ord(sign) + code - first) if first <= code < first + count else _SIGNS.get(font, {}).get(code, "")
