"""A numbered part of a report that a question asks for by its number: 第十条, 第三点, article 5."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.text.numerals import number_of

_NUMBER = "[0-9一二三四五六七八九十百零〇两]{1,6}"
_ASKED = re.compile(
    rf"第\s?(?P<number>{_NUMBER})\s?(?P<unit>条|款|章|节|编|点|项|部分|方面|个方面|个问题|个议题|大点)(?!经验|线|路)"
    r"|\b(?P<english>article|section|chapter|point|item)\s+(?P<figure>[0-9]{1,3})\b"
)
_UNIT_OF = {"article": "条", "section": "节", "chapter": "章", "point": "点", "item": "项"}
_STRICT = frozenset("条款章节编")
"""Units that a part bears itself; a point or an item may be marked by its number alone."""
_MARK = re.compile(
    rf"\s*(?:第\s?(?P<named>{_NUMBER})\s?(?P<unit>[条款章节编点项]|部分|方面)"
    rf"|[（(](?P<bracket>{_NUMBER})[)）]|(?P<bare>{_NUMBER})(?:[、．）)]|[.](?![0-9]))|(?P<circle>[①-⑳])|(?P<is>[一二三四五六七八九]){{1}}(?:是|要))"
)


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Part ``number`` of its kind (条, 点)."""

    number: int
    unit: str

    def marks(self, text: str) -> bool:
        """Whether a passage begins with this number."""
        match = _MARK.match(text[:16])
        if match is None:
            return False
        if match["named"]:
            fits = match["unit"] == self.unit or (self.unit not in _STRICT and match["unit"] not in _STRICT)
            return fits and _value(match["named"]) == self.number
        if self.unit in _STRICT - {"款"}:
            return False
        if match["circle"]:
            return ord(match["circle"]) - ord("①") + 1 == self.number
        return _value(match["bracket"] or match["bare"] or match["is"]) == self.number


def ordinal_of(question: str) -> Ordinal | None:
    """Return the part that a folded question asks for by its number; None where it asks for none."""
    match = _ASKED.search(question)
    if match is None:
        return None
    number = _value(match["number"] or match["figure"])
    return Ordinal(number, match["unit"] or _UNIT_OF[match["english"]]) if number else None


def _value(numeral: str | None) -> int:
    found = numeral if numeral is None or numeral.isdigit() else number_of(numeral)
    return int(found) if found and found.isdigit() else 0
