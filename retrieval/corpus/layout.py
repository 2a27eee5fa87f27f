"""Plain text as people paste it: find title, metadata, headings and captions, and mend torn paragraphs.

Reports arrive with hard wraps, page breaks in the middle of a word, photo captions between paragraphs and the
remains of a web page around them. Every line gets one role here; the words are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.lines import CLOSERS, Line, ends_sentence, is_phrase, split_lines
from retrieval.corpus.metadata import find_date, is_boilerplate, is_caption, is_date_line, is_organisation, metadata_of
from retrieval.corpus.paragraphs import Habits, blocks_of, habits_of, heads, marker_of

TITLE_CHARACTERS = 80
PROSE_CHARACTERS = 60


def read_plain_text(text: str) -> Draft:
    """Read a ``.txt`` report."""
    return read_lines(split_lines(text))


def read_lines(lines: Sequence[Line], title: str | None = None) -> Draft:
    """Find title (unless it is known), metadata, headings, captions and paragraphs in the lines of a report."""
    roles = _edge_roles(lines)
    body = [line for line, role in zip(lines, roles, strict=True) if role in ("text", "caption")]
    head = _head_of(body, title)
    metadata = [pair for line, role in zip(lines, roles, strict=True) if role == "metadata" for pair in _pairs(line)]
    metadata += head.metadata
    blocks = blocks_of(head.rest)
    if not any(block.kind == "paragraph" for block in blocks):  # nothing but captions or labels: then they are the text
        return Draft(
            (Block("paragraph", "\n".join(line.text for line in lines), page=lines[0].page),) if lines else (), title
        )
    return Draft(
        blocks=tuple(blocks),
        title=head.title,
        date=next((date for label, value in metadata if label == "time" and (date := find_date(value))), None),
        source=_first(metadata, "source") or _first(metadata, "contributor"),
        metadata=tuple(metadata),
        furniture=tuple(
            line.text for line, role in zip(lines, roles, strict=True) if role in ("metadata", "boilerplate")
        )
        + tuple(head.furniture),
    )


# Roles of lines at the report's edges


def _edge_roles(lines: Sequence[Line]) -> list[str]:
    roles = [
        "boilerplate" if is_boilerplate(line.text) else "caption" if is_caption(line.text) else "text" for line in lines
    ]
    prose = [index for index, line in enumerate(lines) if roles[index] == "text" and is_prose(line.text)]
    head_end, tail_start = (prose[0], prose[-1] + 1) if prose else (len(lines), len(lines))
    for index in [*range(head_end), *range(tail_start, len(lines))]:
        signed = index >= tail_start and _signs(lines, index)
        if roles[index] == "text" and (signed or metadata_of(lines[index].text)):
            roles[index] = "metadata"
    return roles


def is_prose(line: str) -> bool:
    """Whether ``line`` is running text: it ends a sentence, or is longer than a title."""
    if metadata_of(line):
        return False
    return ends_sentence(line) or len(line) > PROSE_CHARACTERS


def _signs(lines: Sequence[Line], index: int) -> bool:
    """Whether the line is the organisation that signs a notice, above its closing date."""
    return is_organisation(lines[index].text) and any(is_date_line(line.text) for line in lines[index + 1 : index + 3])


def _pairs(line: Line) -> list[tuple[str, str]]:
    return metadata_of(line.text) or [("source", line.text)]


def _first(metadata: Iterable[tuple[str, str]], label: str) -> str | None:
    return next((value for found, value in metadata if found == label), None)


# Title, subtitle and byline


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the first paragraph, and the ``rest`` of the lines."""

    title: str | None
    metadata: list[tuple[str, str]]
    furniture: list[str]
    rest: list[Line]


def _head_of(body: list[Line], known: str | None) -> Head:
    texts = [line for line in body if not is_caption(line.text)]
    if len(texts) < 2 or body[0] is not texts[0]:
        return Head(known, [], [], body)
    if not (_is_same(known, texts[0].text) if known else _titles(texts[0], habits_of(texts))):
        return Head(known, [], [], body)
    title, rest = known or body[0].text, body[1:]
    metadata, furniture = [], []
    if len(rest) > 1 and is_organisation(rest[0].text):
        furniture.append(rest[0].text)
        metadata.append(("source", rest.pop(0).text))
    if _has_subtitle(rest):
        furniture.append(rest[0].text)
        metadata.append(("subtitle", rest.pop(0).text))
    return Head(title, metadata, furniture, rest)


def _is_same(title: str, text: str) -> bool:
    return "".join(title.split()) == "".join(text.split())


def _titles(line: Line, habits: Habits) -> bool:
    text = line.text
    if len(text) > TITLE_CHARACTERS or not is_phrase(text):
        return False
    if habits.fills(line) and habits.wrap_width and len(re.findall("[，,]", text)):
        return False
    return not re.search(rf"[。；;：:…][{CLOSERS}]*$", text)


def _has_subtitle(rest: Sequence[Line]) -> bool:
    """Of two heading-like lines in a row below the title, the first belongs to the title unless it is marked."""
    return len(rest) > 2 and all(heads(line) for line in rest[:2]) and not marker_of(rest[0].text)
