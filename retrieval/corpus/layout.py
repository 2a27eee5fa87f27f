"""Plain text as people paste it: find title, metadata, headings and captions, and mend torn paragraphs.

Reports arrive with hard wraps, page breaks in the middle of a word, photo captions between paragraphs and the
remains of a web page around them. Every line gets one role here; the words are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.habits import FULL, Habits, Measure, habits_of, heads, is_field, marker_of
from retrieval.corpus.lines import (
    CLOSERS,
    Line,
    display_width,
    ends_sentence,
    is_phrase,
    relocate,
    relocate_recognised,
    split_lines,
)
from retrieval.corpus.metadata import (
    MOST_METADATA,
    is_boilerplate,
    is_caption,
    is_date_line,
    is_organisation,
    metadata_of,
    row_metadata,
    stated_date,
)
from retrieval.corpus.paragraphs import blocks_of
from retrieval.corpus.spoken.transcripts import Transcript, subtitles_of, transcript_of
from retrieval.text.date_grammar import DAY, MONTH

TITLE_CHARACTERS = 80
PROSE_CHARACTERS = 60
IN_TEXT = frozenset({"text", "caption", "field"})
GIVES_PAIRS = frozenset({"metadata", "field"})
_WORDS = re.compile(r"(?!第)[\u4e00-\u9fff]{2}")
_NO_SUBTITLE = re.compile(rf"[:：\d\s]|{MONTH}\s?{DAY}")


def read_plain_text(text: str) -> Draft:
    """Read a ``.txt`` report."""
    return read_lines(split_lines(text))


def read_subtitles(text: str) -> Draft:
    """Read a ``.srt`` or ``.vtt`` file."""
    return _read(subtitles_of(split_lines(text)), None)


def read_lines(lines: Sequence[Line], title: str | None = None) -> Draft:
    """Find title (unless it is known), metadata, headings, captions and paragraphs in the lines of a report."""
    return _read(transcript_of(lines) or Transcript(tuple(lines)), title)


def _read(said: Transcript, title: str | None) -> Draft:
    lines = [*said.above, *said.speech]
    habits = habits_of([line for line in said.above if not is_caption(line.text)])
    roles = _edge_roles(lines, habits)[: len(said.above)] + ["text"] * len(said.speech)
    body = [line for line, role in zip(lines, roles, strict=True) if role in IN_TEXT]
    head = _head_of(body, title, habits) if "text" in roles[: len(said.above)] else Head(title, [], [], body)
    metadata = [pair for line, role in zip(lines, roles, strict=True) if role in GIVES_PAIRS for pair in _pairs(line)]
    metadata += head.metadata
    blocks = blocks_of(head.rest, habits)
    if not any(block.kind in ("paragraph", "row") for block in blocks):  # captions and labels are then the text
        return Draft(_as_text(lines), title, furniture=said.furniture)
    return Draft(
        blocks=tuple(blocks),
        title=head.title,
        date=next((date for label, value in metadata if label == "time" and (date := stated_date(value))), said.date),
        source=_first(metadata, "source") or _first(metadata, "contributor"),
        metadata=tuple(metadata),
        furniture=tuple(
            line.text for line, role in zip(lines, roles, strict=True) if role in ("metadata", "boilerplate")
        )
        + (*head.furniture, *said.furniture),
    )


def _as_text(lines: Sequence[Line]) -> tuple[Block, ...]:
    text = "\n".join(line.text for line in lines)
    made = relocate(text, ((line.text, line.made) for line in lines))
    recognised = relocate_recognised(text, ((line.text, line.recognised) for line in lines))
    return (Block("paragraph", text, page=lines[0].page, made=made, recognised=recognised),) if lines else ()


# Roles of lines at the report's edges


def _edge_roles(lines: Sequence[Line], habits: Habits) -> list[str]:
    roles = []
    before: Line | None = None
    for index, (line, after) in enumerate(zip_longest(lines, lines[1:])):
        flows = index > 1 and before is not None and habits.holds(before, line)
        flows = flows or (index > 0 and habits.flows(line, after))
        roles.append(_role_of_row(line) if line.kind == "row" else _role_of(line.text, flows))
        before = line if roles[-1] == "text" else None
    prose = [index for index, line in enumerate(lines) if _is_text(line, roles[index])]
    head_end, tail_start = (prose[0], prose[-1] + 1) if prose else (len(lines), len(lines))
    for index in [*range(head_end), *range(tail_start, len(lines))]:
        if roles[index] != "text" or _is_wrapped(lines, roles, index, habits):
            continue
        if index >= tail_start and _signs(lines, index):
            roles[index] = "metadata"
        elif metadata_of(lines[index].text):
            roles[index] = "field" if _is_among_fields(lines, index) else "metadata"
    return roles


def _is_text(line: Line, role: str) -> bool:
    """Whether a line is neither above nor below the report's text."""
    return role == "text" and (line.kind == "row" or is_prose(line.text))


def _role_of_row(line: Line) -> str:
    return "metadata" if row_metadata(line.text) else "text"


def _role_of(text: str, flows: bool) -> str:
    if is_boilerplate(text) and not (flows and _WORDS.search(text)):
        return "boilerplate"
    return "caption" if is_caption(text) and not (flows and text[0].isalnum()) else "text"


def _is_wrapped(lines: Sequence[Line], roles: Sequence[str], index: int, habits: Habits) -> bool:
    """Whether the line, whatever it looks like, is a piece of a sentence that was wrapped around it."""
    line, following = lines[index], lines[index + 1] if index + 1 < len(lines) else None
    goes_on = habits.flows(line, following) and following is not None and not metadata_of(following.text)
    said_before = index > 1 and roles[index - 1] == "text" and habits.flows(lines[index - 1], line)
    return said_before or (goes_on and len(metadata_of(line.text)) < 2)


def _is_among_fields(lines: Sequence[Line], index: int) -> bool:
    """Whether the line stands among the fields of minutes, whose time is the meeting's and is read beside its place."""
    near = [*lines[max(0, index - 2) : index], *lines[index + 1 : index + 3]]
    return is_field(lines[index].text) and any(is_field(line.text) for line in near)


def is_prose(line: str) -> bool:
    """Whether ``line`` is running text: it ends a sentence, or is longer than a title."""
    if metadata_of(line):
        return False
    return ends_sentence(line) or len(line) > PROSE_CHARACTERS


def _signs(lines: Sequence[Line], index: int) -> bool:
    """Whether the line is the organisation that signs a notice, above its closing date."""
    below = [line.text for line in lines[index + 1 : index + 3] if len(line.text) <= MOST_METADATA]
    return is_organisation(lines[index].text) and any(is_date_line(text) for text in below)


def _pairs(line: Line) -> list[tuple[str, str]]:
    return (row_metadata if line.kind == "row" else metadata_of)(line.text) or [("source", line.text)]


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


def _head_of(body: list[Line], known: str | None, habits: Habits) -> Head:
    texts = [line for line in body if not is_caption(line.text)]
    if len(texts) < 2 or body[0] is not texts[0] or body[0].kind == "row":
        return Head(known, [], [], body)
    if not (_is_same(known, texts[0].text) if known else _titles(texts[0], texts[1], habits)):
        return Head(known, [], [], body)
    title, rest = known or body[0].text, body[1:]
    metadata, furniture = [], []
    if len(rest) > 1 and is_organisation(rest[0].text) and not habits.flows(rest[0], rest[1]):
        furniture.append(rest[0].text)
        metadata.append(("source", rest.pop(0).text))
    if _has_subtitle(rest, habits):
        metadata.append(("subtitle", rest[0].text))
        rest[0] = replace(rest[0], kind="subtitle")
    return Head(title, metadata, furniture, rest)


def _is_same(title: str, text: str) -> bool:
    return "".join(title.split()) == "".join(text.split())


def _titles(line: Line, following: Line, habits: Habits) -> bool:
    text = line.text
    if len(text) > TITLE_CHARACTERS or not is_phrase(text) or habits.enters(line) or is_field(text):
        return False
    if habits.fills(line) and len(re.findall("[，,]", text)):
        return False
    wide = line.full or (habits.wrap_width is not None and Measure.of(line).reaches(habits.wrap_width))
    if wide and habits.flows(line, following):
        return False
    return not re.search(rf"[。；;：:…][{CLOSERS}]*$", text)


def _has_subtitle(rest: Sequence[Line], habits: Habits) -> bool:
    """Whether the line below the title belongs to it, and not to the text.

    Title, subtitle, a shorter heading and running text are then set apart by blank lines, and nothing in the subtitle
    is a field, a figure or a row of words.
    """
    if len(rest) < 3 or not all(heads(line) and not marker_of(line.text) for line in rest[:2]):
        return False
    apart = all(line.gap > 0 and line.kind is None for line in rest[:2]) and rest[2].gap > 0
    longer = display_width(rest[1].text) < FULL * display_width(rest[0].text)
    plain = not _NO_SUBTITLE.search(rest[0].text) and not _NO_SUBTITLE.search(rest[1].text)
    return apart and longer and plain and habits.wrap_width is None and is_prose(rest[2].text)
