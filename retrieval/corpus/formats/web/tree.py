"""The article in the tree of a saved page: the element that shows its title, and the box that holds its sentences."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from lxml import etree

from retrieval.corpus.metadata import find_date

SENTENCE = re.compile(r"[。！？；]|.{25}")
BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
])  # fmt: skip
GROWTH = 0.1
"""Share of its sentences that a box must gain for the article to be a wider one."""
HEAD_CHARACTERS = 60
LEGAL_CHARACTERS = 160
"""The longest line beside a title, and the longest legal notice."""

_LEGAL = re.compile(r"版权|著作权|ICP|公网安备|备案|举报电话|转载|copyright|©|许可证|免责", re.IGNORECASE)
SKIPPED = frozenset([
    "script", "style", "noscript", "template", "select", "option", "button", "input", "textarea", "svg", "iframe",
    "object",
])  # fmt: skip
"""Elements whose words are not shown as text."""
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "dt", "legend"])


class Measure:
    """How many characters stand in each element: in all, in links, and in sentences; and of how many it is the holder.

    The holder of a sentence is the box around its paragraph.
    """

    def __init__(self, root: Any) -> None:  # noqa: ANN401 - lxml has no types
        self.total: Counter[Any] = Counter()
        self.links: Counter[Any] = Counter()
        self.prose: Counter[Any] = Counter()
        self.holders: Counter[Any] = Counter()
        self.before: dict[Any, int] = {}
        """Characters of sentences above an element that holds text."""
        for string in root.xpath(".//text()[not(parent::script or parent::style)]"):
            bare = "".join(string.split())
            if bare:
                self._add(string, bare)

    def _add(self, string: Any, bare: str) -> None:  # noqa: ANN401
        element = string.getparent().getparent() if string.is_tail else string.getparent()
        path = [element, *element.iterancestors()]
        linked = any(ancestor.tag == "a" for ancestor in path)
        is_legal = len(bare) <= LEGAL_CHARACTERS and bool(_LEGAL.search(bare))
        is_prose = not linked and bool(SENTENCE.search(bare)) and not is_legal and not is_head(bare)
        said = self.prose[path[-1]]
        for ancestor in path:
            self.before.setdefault(ancestor, said)
            self.total[ancestor] += len(bare)
            self.links[ancestor] += len(bare) * linked
            self.prose[ancestor] += len(bare) * is_prose
        if is_prose:
            paragraph = next((one for one in path if one.tag in BLOCKS), path[-1])
            holder = paragraph.getparent() if paragraph.tag in ("p", "li", "td") else paragraph
            self.holders[holder if holder is not None else paragraph] += len(bare)


def squash(text: str) -> str:
    """Return ``text`` without white space."""
    return "".join(text.split())


def is_head(text: str) -> bool:
    """Whether a piece of text holds a day and no sentence, as beside a title: 老王 发布于 2019-09-07 · 浏览 33."""
    return len(text) <= HEAD_CHARACTERS and not re.search("[。！？；]", text) and find_date(text) is not None


def find_title(body: Any, title: str | None) -> Any | None:  # noqa: ANN401
    """Return the element in which the page shows its title; of several a heading, else the first; None if none does."""
    wanted = squash(title or "")
    if not wanted:
        return None
    measure = Measure(body)
    found = [
        element
        for element in body.iter(etree.Element)
        if abs(measure.total[element] - len(wanted)) <= len(wanted) // 3 and _shows(element, wanted)
    ]
    return next((one for one in found if one.tag in HEADINGS), found[0] if found else None)


def _shows(element: Any, title: str) -> bool:  # noqa: ANN401
    shown = squash("".join(element.itertext()))
    return shown == title or (len(shown) >= 8 and (title.startswith(shown) or title in shown))


def find_article(body: Any, title: Any | None) -> Any:  # noqa: ANN401
    """Return the box that holds the article's sentences; the whole body where there are none.

    It begins with the holder of most sentences, and widens as long as the wider box gains sentences, but not
    beyond the smallest box that holds the title too.
    """
    measure = Measure(body)
    if not measure.holders:
        return body
    box = max(measure.holders, key=lambda holder: measure.holders[holder])
    limit = set(title.iterancestors()) if title is not None and body in title.iterancestors() else set()
    for wider in [*box.iterancestors()]:
        if box in limit:
            break
        gained, text = (counter[wider] - counter[box] for counter in (measure.prose, measure.total))
        if gained >= GROWTH * measure.prose[box] and 2 * gained >= text:
            box = wider
        if wider in limit or wider is body:
            break
    return box
