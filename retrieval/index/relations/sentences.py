"""A report's sentences as they are compared: letters and figures only, folded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.text.characters import fold
from retrieval.text.sentences import sentences_of
from retrieval.types import Document

_SEPARATORS = re.compile(r"[\W_]+")
_DATELINE = re.compile(
    r"\s*(?:[\w·]{0,20}?\d{1,2}月\d{1,2}日[电讯]|本[报台网刊][\w·]{0,12}?[电讯])"
    r"(?:\s*[(（][^()（）]{0,40}[)）]|\s*(?:记者|通讯员)[\w、 ]{2,20}?(?=[,，:：\s]))*[,，:：\s]*"
)
"""Where and by whom a report was sent, in front of its first sentence: reprints have their own."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """``document.text[start:end]``, and its letters and figures, by which it is the same sentence elsewhere."""

    key: str
    start: int
    end: int


def sentences_in(document: Document) -> tuple[Sentence, ...]:
    """Return the sentences of a report's paragraphs in reading order, without the dateline."""
    folded, found = fold(document.text), list[Sentence]()
    for paragraph in document.paragraphs:
        dateline = _DATELINE.match(folded, paragraph.start, paragraph.end) if paragraph.number == 1 else None
        begin = dateline.end() if dateline else paragraph.start
        for start, end in sentences_of(document.text[begin : paragraph.end]):
            key = _SEPARATORS.sub("", folded[begin + start : begin + end])
            if key:
                found.append(Sentence(key, begin + start, begin + end))
    return tuple(found)
