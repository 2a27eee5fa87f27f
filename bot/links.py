"""Addresses of reports, of their paragraphs, and of words in them that are found again after an edit.

    /documents/ID/view?mark=START-END&quote=SELECTOR#pNUMBER

``mark`` says where the words stood in the report's text, in code points; ``quote`` is their selector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from bot.selectors import Selector, read_selector, selector_at, selector_of
from retrieval.types import AnswerText, Citation

_MARK = re.compile(r"^(\d{1,9})-(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class CitedWords:
    """What a link says of the words that it leads to; without a selector nobody can tell whether they are the same."""

    start: int
    end: int
    selector: Selector | None = None

    @property
    def query(self) -> str:
        """The words as the query of an address."""
        return f"mark={self.start}-{self.end}" + (f"&quote={self.selector}" if self.selector else "")


def view_path(document_id: str) -> str:
    """Return the path of a report's page."""
    return f"/documents/{quote(document_id)}/view"


def original_path(document_id: str) -> str:
    """Return the path of the file that a report was read from."""
    return f"/documents/{quote(document_id)}/original"


def _anchor(paragraph: int | None, aside: int | None) -> str:
    """Return where on a report's page a paragraph is, or what is cited instead."""
    return f"c{aside}" if paragraph is None else f"p{paragraph}"


def paragraph_url(document_id: str, paragraph: int | None, aside: int | None = None) -> str:
    """Return the path that opens a report at a paragraph, or where there is none, at an aside."""
    return f"{view_path(document_id)}#{_anchor(paragraph, aside)}"


def citation_url(citation: Citation, sentence: AnswerText | None = None) -> str:
    """Return the path that opens a report where it is cited, with the quote or a sentence of it marked."""
    first, last = (sentence.start, sentence.end) if sentence else (0, len(citation.quote))
    before, after = citation.context
    selector = selector_of(citation.quote[first:last], before + citation.quote[:first], citation.quote[last:] + after)
    words = CitedWords(citation.start + first, citation.start + last, selector)
    return f"{view_path(citation.document_id)}?{words.query}#{_anchor(citation.paragraph, citation.aside)}"


def words_query(text: str, start: int, end: int) -> str:
    """Return the query that marks ``text[start:end]`` of a report."""
    return CitedWords(start, end, selector_at(text, start, end)).query


def read_cited(mark: str | None, quoted: str | None) -> CitedWords | None:
    """Return the words that a link leads to; None where its ``mark`` is none."""
    match = _MARK.match(mark or "")
    if match is None:
        return None
    return CitedWords(int(match[1]), int(match[2]), read_selector(quoted or ""))


def picture_path(document_id: str, page: int) -> str:
    """Return the path of the picture of a page on which text was recognised."""
    return f"/documents/{quote(document_id)}/pages/{page}.webp"
