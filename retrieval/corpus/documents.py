"""Draft -> Document: lay the blocks out as one text and number its paragraphs."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from dataclasses import replace

from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.lines import CLOSERS
from retrieval.errors import ReportUnreadable
from retrieval.types import Caption, Document, Heading, Paragraph

SEPARATOR = "\n\n"
HEADING_JOINER = " · "
DERIVED_TITLE_CHARACTERS = 36
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 but for white space, and what turns the direction of writing."""
_CLAUSE_END = re.compile(rf"[，,。！？!?；;：:][{CLOSERS}]*")


def make_document(draft: Draft, document_id: str, path: str, data: bytes) -> Document:
    """Number the draft's paragraphs and lay out its text; ReportUnreadable if there are none.

    ``text`` holds headings and paragraphs in reading order; captions and metadata stay beside it. Control characters
    are taken out of all of them, because a terminal or a page would obey them.
    """
    pieces: list[str] = []
    paragraphs: list[Paragraph] = []
    headings: list[Heading] = []
    captions: list[Caption] = []
    made: list[tuple[int, int]] = []
    open_headings: dict[int, str] = {}
    position = 0
    for block in map(_without_controls, draft.blocks):
        if block.kind == "caption":
            captions.append(Caption(block.text, len(paragraphs)))
            continue
        start, end = position, position + len(block.text)
        pieces.append(block.text)
        made += [(start + first, start + last) for first, last in block.made]
        position = end + len(SEPARATOR)
        if block.kind == "heading":
            open_headings = {level: text for level, text in open_headings.items() if level < block.level}
            open_headings[block.level] = block.text
            headings.append(Heading(start, end, block.level))
        else:
            heading = HEADING_JOINER.join(open_headings[level] for level in sorted(open_headings)) or None
            paragraphs.append(Paragraph(len(paragraphs) + 1, start, end, heading, block.page))
    if not paragraphs:
        raise ReportUnreadable("no paragraph of text was found in it")
    return Document(
        document_id=document_id,
        path=path,
        digest=hashlib.sha256(data).hexdigest(),
        title=_clean(draft.title or "") or derive_title(_lead(pieces, paragraphs, headings)),
        title_derived=draft.title is None,
        date=draft.date,
        source=_clean(draft.source or "") or None,
        text=SEPARATOR.join(pieces),
        paragraphs=tuple(paragraphs),
        headings=tuple(headings),
        captions=tuple(captions),
        metadata=tuple((label, _clean(value)) for label, value in draft.metadata),
        furniture=tuple(map(_clean, draft.furniture)),
        made=tuple(made),
    )


def _clean(text: str) -> str:
    return CONTROLS.sub("", text)


def _without_controls(block: Block) -> Block:
    """Return a block without control characters; what is ``made`` in it moves along."""
    taken = [match.start() for match in CONTROLS.finditer(block.text)]
    if not taken:
        return block
    made = ((start - bisect_left(taken, start), end - bisect_left(taken, end)) for start, end in block.made)
    return replace(block, text=_clean(block.text), made=tuple(made))


def _lead(pieces: list[str], paragraphs: list[Paragraph], headings: list[Heading]) -> str:
    """Return the first paragraph; a heading above it names what follows, and not the whole report."""
    return pieces[sum(heading.end <= paragraphs[0].start for heading in headings)]


def derive_title(lead: str) -> str:
    """Make a short title from the lead: its first clauses, up to 36 characters, with … where it was cut."""
    lead = " ".join(lead.split())
    if len(lead) <= DERIVED_TITLE_CHARACTERS:
        return lead
    ends = [match.start() for match in _CLAUSE_END.finditer(lead) if 6 <= match.start() <= DERIVED_TITLE_CHARACTERS]
    return lead[: ends[-1] if ends else DERIVED_TITLE_CHARACTERS] + "…"
