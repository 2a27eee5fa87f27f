"""Lines -> paragraphs, headings and captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval.corpus.draft import Block
from retrieval.corpus.habits import PUNCTUATION, Habits, ends_before, heads, is_field, is_torn, marker_of
from retrieval.corpus.lines import Line, ends_sentence, glue, relocate, relocate_recognised
from retrieval.corpus.metadata import is_caption

CAPTION_CHARACTERS = 45
CAPTION_GAP = 3
"""Blank lines that a picture leaves behind; paragraphs are one or two apart."""
MOST_HEADINGS_IN_A_ROW = 3
TAIL_LINES = 4
"""Whether a paragraph of more lines than this goes on is seen from its last ones, or long texts would take for ever."""
_CANNOT_BEGIN = re.compile(r"^[，。、；：！？,;:!?）)】》”’」』%％]")
INNER_MARKERS = frozenset({"bracket", "digit", "bullet"})
GUESSED = 0
"""Level of a heading that was guessed, until all are known."""


def blocks_of(lines: Sequence[Line], habits: Habits) -> list[Block]:
    """Turn the lines below the title into paragraphs, headings and captions, in reading order.

    A caption that stands between the two halves of a torn paragraph comes after it; as it is out of the file's order,
    it counts as made.
    """
    whole = habits.wrap_width is None
    groups: list[list[Line]] = []
    open_group: list[Line] | None = None
    caption: list[Line] | None = None
    for line in lines:
        inside = open_group is not None and line.text[0].isalnum() and _is_inside(open_group[-1], line, habits)
        if line.kind == "caption" or (line.kind is None and not inside and is_caption(line.text)):
            groups.append(caption := [line])
        elif caption and caption is groups[-1] and habits.flows(caption[-1], line):
            caption.append(line)
        elif line.kind is not None:
            open_group = None
            groups.append([line])
        elif open_group and not (whole and line.whole) and continues(open_group, line, habits):
            open_group.append(line)
            _move(groups, open_group)
        else:
            open_group = [line]
            groups.append(open_group)
    return _level_headings(_classify(groups))


def _move(groups: Sequence[list[Line]], goes_on: list[Line]) -> None:
    """Say of the captions below a paragraph that they were moved there."""
    for group in reversed(groups):
        if group is goes_on:
            return
        group[:] = [replace(line, made=((0, len(line.text)),)) for line in group]


def _is_inside(last: Line, line: Line, habits: Habits) -> bool:
    """Whether the line stands inside a paragraph, so that it is no caption although it begins like one."""
    return habits.holds(last, line) or (line.gap <= habits.gap and last.text[-1] in "，,、")


def continues(group: Sequence[Line], line: Line, habits: Habits) -> bool:
    """Whether ``line`` goes on with the paragraph that ``group`` has begun."""
    text, last = glue(line.text for line in group[-TAIL_LINES:]), group[-1]
    if marker_of(line.text) and heads(line):
        return False
    if (habits.indents and line.indented) or habits.enters(line):
        return False
    if _CANNOT_BEGIN.match(line.text):
        return True
    if ends_sentence(text) and ends_before(last, line):
        return line.gap <= habits.gap and habits.fills(last)
    if not habits.flows(last, line) and is_field(line.text):
        return False
    if len(group) == 1 and heads(last) and min(last.gap, line.gap) > habits.gap and not PUNCTUATION.search(text):
        return False
    return len(group) > 1 or is_torn(text) or habits.fills(last)


def _classify(groups: Sequence[list[Line]]) -> list[Block]:
    blocks: list[Block] = []
    for index, group in enumerate(groups):
        text = glue(line.text for line in group)
        made = relocate(text, ((line.text, line.made) for line in group))
        recognised = relocate_recognised(text, ((line.text, line.recognised) for line in group))
        following = groups[index + 1][0] if index + 1 < len(groups) else None
        if group[0].kind is not None:
            kind, first = group[0].kind, group[0]
            blocks.append(Block(kind, text, first.level, first.page, made, recognised, first.row))
        elif is_caption(group[0].text) or (len(group) == 1 and index and _is_unmarked_caption(group[0], following)):
            blocks.append(Block("caption", text, page=group[0].page, made=made, recognised=recognised))
        elif len(group) == 1 and heads(group[0]):
            blocks.append(Block("heading", text, GUESSED, group[0].page, made, recognised))
        else:
            blocks.append(Block("paragraph", text, page=group[0].page, made=made, recognised=recognised))
    return _without_false_headings(blocks)


def _is_unmarked_caption(line: Line, following: Line | None) -> bool:
    """Whether a line is one plain sentence in the gap that a picture left, before a heading, another gap or the end."""
    sentence = line.text.removesuffix("。")
    plain = (
        len(sentence) <= CAPTION_CHARACTERS and sentence != line.text and not re.search("[，,。！？“”：:]", sentence)
    )
    return line.gap >= CAPTION_GAP and plain and (following is None or following.gap >= CAPTION_GAP or heads(following))


def _without_false_headings(blocks: list[Block]) -> list[Block]:
    """Make a list of short lines taken for headings, where no paragraph stands below them or many stand in a row."""
    kept: list[Block] = []
    run: list[Block] = []
    for block in [*blocks, None]:
        if block is not None and block.level == GUESSED:
            run.append(block)
            continue
        fields = _fields_of(run)
        rest, is_list = run[fields:], len(run) - fields > MOST_HEADINGS_IN_A_ROW or block is None
        kept += _as_list(run[:fields])
        kept += _as_list(rest) if is_list else rest
        run = []
        if block is not None:
            kept.append(block)
    return kept


def _fields_of(run: Sequence[Block]) -> int:
    """Return how many blocks from the first on are fields of minutes, up to the marked heading of the first topic."""
    last = max((place for place, block in enumerate(run) if is_field(block.text)), default=-1)
    if last < 0:
        return 0
    return next((place for place in range(last + 1, len(run)) if marker_of(run[place].text)), len(run))


def _as_list(run: Sequence[Block]) -> list[Block]:
    if not run:
        return []
    text = "\n".join(block.text for block in run)
    made = relocate(text, ((block.text, block.made) for block in run))
    recognised = relocate_recognised(text, ((block.text, block.recognised) for block in run))
    return [Block("paragraph", text, page=run[0].page, made=made, recognised=recognised)]


def _level_headings(blocks: Sequence[Block]) -> list[Block]:
    """Give guessed headings of one style one level; a heading right below another one is inside it."""
    levels: dict[str, int] = {}
    levelled: list[Block] = []
    known = max((block.level for block in blocks if block.kind == "heading"), default=GUESSED)
    for block in blocks:
        if block.level == GUESSED:
            style = marker_of(block.text) or "plain"
            inner = style in INNER_MARKERS and bool(levels)
            level = levels.get(style, 1 + max(levels.values()) if inner else 1 + known)
            if levelled and levelled[-1].kind == "heading":
                level = max(level, levelled[-1].level + 1)
            levels[style] = level
            block = replace(block, level=level)
        levelled.append(block)
    return levelled
