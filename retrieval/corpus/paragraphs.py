"""Lines -> paragraphs, headings and captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retrieval.corpus.draft import Block
from retrieval.corpus.lines import Line, display_width, ends_sentence, glue, is_phrase
from retrieval.corpus.metadata import is_caption

HEADING_CHARACTERS = 40
CAPTION_CHARACTERS = 45
CAPTION_GAP = 3
"""Blank lines that a picture leaves behind; paragraphs are one or two apart."""
MOST_HEADINGS_IN_A_ROW = 3
TAIL_LINES = 4
"""Whether a paragraph of more lines than this goes on is seen from its last ones, or long texts would take for ever."""
FULL = 0.88
"""Share of the wrapping width that a line which was wrapped has at least."""
_CANNOT_BEGIN = re.compile(r"^[，。、；：！？,;:!?）)】》”’」』%％]")
_MARKERS = {
    "letter": re.compile(r"^[A-Z][\s、.．]\s*[^\s\x21-\x7e]"),
    "chapter": re.compile(r"^第[一二三四五六七八九十百\d]{1,4}[章节部条]"),
    "number": re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]"),
    "bracket": re.compile(r"^[（(][一二三四五六七八九十\d]{1,3}[)）]"),
    "digit": re.compile(r"^\d{1,2}[、.．](?!\d)"),
    "bullet": re.compile(r"^[●■◆★◎◇□]"),
}
INNER_MARKERS = frozenset({"bracket", "digit", "bullet"})
GUESSED = 0
"""Level of a heading that was guessed, until all are known."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How this file sets its paragraphs: the width at which it wraps lines (None: it does not), and indentation."""

    wrap_width: int | None
    indents: bool

    def fills(self, line: Line) -> bool:
        """Whether ``line`` reaches the wrapping width, so that its end says nothing about the paragraph's end."""
        return self.wrap_width is not None and display_width(line.text) >= FULL * self.wrap_width


def habits_of(lines: Sequence[Line]) -> Habits:
    """Find out from the lines themselves how the file wraps and indents."""
    torn = [display_width(line.text) for line in lines[:-1] if not ends_sentence(line.text)]
    widest = max(torn, default=0)
    full = [width for width in torn if width >= FULL * widest]
    wraps = len(full) >= 3 and len(full) >= 0.5 * len(lines) and len(full) >= 0.7 * len(torn)
    wraps = wraps and sum(display_width(line.text) > 1.15 * widest for line in lines) <= 0.1 * len(lines)
    starts = [
        after for before, after in zip(lines, lines[1:], strict=False) if before.kind or ends_sentence(before.text)
    ]
    indented = sum(line.indented for line in starts)
    measured = bool(starts) and all(line.indented and line.page for line in starts)
    return Habits(widest if wraps else None, measured or (indented >= 2 and indented >= 0.5 * len(starts)))


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Turn the lines below the title into paragraphs, headings and captions, in reading order.

    A caption that stands between the two halves of a torn paragraph comes after it.
    """
    habits = habits_of([line for line in lines if not is_caption(line.text)])
    whole = habits.wrap_width is None
    groups: list[list[Line]] = []
    open_group: list[Line] | None = None
    for line in lines:
        if line.kind == "caption" or (line.kind is None and is_caption(line.text)):
            groups.append([line])
        elif line.kind is not None:
            open_group = None
            groups.append([line])
        elif open_group and not (whole and line.whole) and continues(open_group, line, habits):
            open_group.append(line)
        else:
            open_group = [line]
            groups.append(open_group)
    return _level_headings(_classify(groups))


def continues(group: Sequence[Line], line: Line, habits: Habits) -> bool:
    """Whether ``line`` goes on with the paragraph that ``group`` has begun."""
    text, last = glue(line.text for line in group[-TAIL_LINES:]), group[-1]
    if marker_of(line.text) and heads(line):
        return False
    if habits.indents and line.indented:
        return False
    if _CANNOT_BEGIN.match(line.text):
        return True
    if ends_sentence(text):
        return line.gap == 0 and habits.fills(last)
    return len(group) > 1 or is_torn(text) or habits.fills(last)


def is_torn(text: str) -> bool:
    """Whether ``text``, which does not end a sentence, must go on: it is no heading and no list entry."""
    return len(text) > HEADING_CHARACTERS or not is_phrase(text)


def heads(line: Line) -> bool:
    """Whether ``line`` could be a heading: short, one phrase, and it does not end a sentence."""
    return not ends_sentence(line.text) and not is_torn(line.text)


def marker_of(text: str) -> str | None:
    """Return which style of heading mark ``text`` begins with ("A ", "一、", "（一）" …), if any."""
    return next((style for style, pattern in _MARKERS.items() if pattern.match(text)), None)


def _classify(groups: Sequence[list[Line]]) -> list[Block]:
    blocks: list[Block] = []
    for index, group in enumerate(groups):
        text = glue(line.text for line in group)
        following = groups[index + 1][0] if index + 1 < len(groups) else None
        if group[0].kind is not None:
            blocks.append(Block(group[0].kind, text, group[0].level, group[0].page))
        elif is_caption(group[0].text) or (len(group) == 1 and index and _is_unmarked_caption(group[0], following)):
            blocks.append(Block("caption", text, page=group[0].page))
        elif len(group) == 1 and heads(group[0]):
            blocks.append(Block("heading", text, GUESSED, group[0].page))
        else:
            blocks.append(Block("paragraph", text, page=group[0].page))
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
        if block is not None and block.kind == "caption" and run:
            kept += [*run, block] if len(run) <= MOST_HEADINGS_IN_A_ROW else [*_as_list(run), block]
            run = []
            continue
        is_list = len(run) > MOST_HEADINGS_IN_A_ROW or block is None
        kept += _as_list(run) if is_list else run
        run = []
        if block is not None:
            kept.append(block)
    return kept


def _as_list(run: Sequence[Block]) -> list[Block]:
    return [Block("paragraph", "\n".join(block.text for block in run), page=run[0].page)] if run else []


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
