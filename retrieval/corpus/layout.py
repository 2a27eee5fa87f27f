"""Plain text as people paste it: find title, metadata, headings and captions, and mend torn paragraphs.

Reports arrive with hard wraps, page breaks in the middle of a word, photo captions between paragraphs and the
remains of a web page around them. Every line gets one role here; the words are never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from retrieval.corpus.metadata import find_date, is_boilerplate, is_caption, is_date_line, is_organisation, metadata_of
from retrieval.types import Block, BlockKind, Draft

HEADING_CHARACTERS = 40
TITLE_CHARACTERS = 80
CAPTION_CHARACTERS = 45
CAPTION_GAP = 3
"""Blank lines that a picture leaves behind; paragraphs are one or two apart."""
PROSE_CHARACTERS = 60
MOST_HEADINGS_IN_A_ROW = 3
TAIL_LINES = 4
"""Whether a paragraph of more lines than this goes on is seen from its last ones, or long texts would take for ever."""

CLOSERS = "”’」』）)】》〉\"'\\]"
_BLANK = " \t\f\v\u00a0\u1680\u202f\u205f\u3000\ufeff\x1c\x1d\x1e\x1f\x85" + "".join(map(chr, range(0x2000, 0x200C)))
_NEWLINE = re.compile(r"\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]")
_TERMINATED = re.compile(rf"(?:[。！？!?…；;：:]|[A-Za-z0-9)]\.)[{CLOSERS}]*$|[。！？!?][（(][^（）()]*[)）]$")
_SENTENCE_INSIDE = re.compile(rf"[。！？!?][{CLOSERS}]*(?=[^{CLOSERS}])")
_COMMA_AT_END = re.compile(r"[，,、]$")
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
_PAIRS = {"“": "”", "《": "》", "（": "）", "(": ")", "「": "」", "『": "』", "【": "】"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its text without edges, blank lines before it, and whether it is indented.

    ``page`` counts from 1, where the format has pages. Where it has paragraphs, a line is a ``whole`` one; and where it
    says what the line is, ``kind`` and a heading's ``level`` are set, and nothing is guessed.
    """

    text: str
    gap: int
    indented: bool
    page: int | None = None
    whole: bool = False
    kind: BlockKind | None = None
    level: int = 1


@dataclass(frozen=True, slots=True)
class Habits:
    """How this file sets its paragraphs: the width at which it wraps lines (None: it does not), and indentation."""

    wrap_width: int | None
    indents: bool

    def fills(self, line: Line) -> bool:
        """Whether ``line`` reaches the wrapping width, so that its end says nothing about the paragraph's end."""
        return self.wrap_width is not None and display_width(line.text) >= 0.88 * self.wrap_width


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


def split_lines(text: str) -> list[Line]:
    """Split ``text`` at every kind of line or page break; blank lines become the next line's ``gap``."""
    lines, gap = [], 0
    for raw in _NEWLINE.split(text):
        begun = raw.lstrip(_BLANK)
        bare = begun.rstrip(_BLANK)
        if bare:
            lines.append(Line(bare, gap, display_width(raw[: len(raw) - len(begun)]) >= 2))
        gap = 0 if bare else gap + 1
    return lines


def display_width(text: str) -> int:
    """Count columns: a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


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
    return bool(_TERMINATED.search(line)) or len(line) > PROSE_CHARACTERS


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
    if len(text) > TITLE_CHARACTERS or _COMMA_AT_END.search(text) or _unbalanced(text) or _SENTENCE_INSIDE.search(text):
        return False
    if habits.fills(line) and habits.wrap_width and len(re.findall("[，,]", text)):
        return False
    return not re.search(rf"[。；;：:…][{CLOSERS}]*$", text)


def _has_subtitle(rest: Sequence[Line]) -> bool:
    """Of two heading-like lines in a row below the title, the first belongs to the title unless it is marked."""
    return len(rest) > 2 and all(_heads(line) for line in rest[:2]) and not marker_of(rest[0].text)


# Paragraphs


def habits_of(lines: Sequence[Line]) -> Habits:
    """Find out from the lines themselves how the file wraps and indents."""
    torn = [display_width(line.text) for line in lines[:-1] if not _TERMINATED.search(line.text)]
    widest = max(torn, default=0)
    full = [width for width in torn if width >= 0.88 * widest]
    wraps = len(full) >= 3 and len(full) >= 0.5 * len(lines) and len(full) >= 0.7 * len(torn)
    wraps = wraps and sum(display_width(line.text) > 1.15 * widest for line in lines) <= 0.1 * len(lines)
    starts = [
        after for before, after in zip(lines, lines[1:], strict=False) if before.kind or _TERMINATED.search(before.text)
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
    if marker_of(line.text) and _heads(line):
        return False
    if habits.indents and line.indented:
        return False
    if _CANNOT_BEGIN.match(line.text):
        return True
    if _TERMINATED.search(text):
        return line.gap == 0 and habits.fills(last)
    return len(group) > 1 or is_torn(text) or habits.fills(last)


def is_torn(text: str) -> bool:
    """Whether ``text``, which does not end a sentence, must go on: it is no heading and no list entry."""
    return bool(
        len(text) > HEADING_CHARACTERS
        or _SENTENCE_INSIDE.search(text)
        or _COMMA_AT_END.search(text)
        or _unbalanced(text)
    )


def _unbalanced(text: str) -> bool:
    return any(text.count(opening) > text.count(closing) for opening, closing in _PAIRS.items())


def glue(parts: Iterable[str]) -> str:
    """Join torn lines: nothing between Chinese, a space between Latin words."""
    pieces: list[str] = []
    last = ""
    for part in parts:
        letters = last.isascii() and part[:1].isascii() and part[:1].isalnum()
        digits = last.isdigit() and part[:1].isdigit()
        pieces += [" ", part] if last and letters and not digits else [part]
        last = part[-1:] or last
    return "".join(pieces)


def _heads(line: Line) -> bool:
    """Whether ``line`` could be a heading: short, one phrase, and it does not end a sentence."""
    return len(line.text) <= HEADING_CHARACTERS and not _TERMINATED.search(line.text) and not is_torn(line.text)


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
        elif len(group) == 1 and _heads(group[0]):
            blocks.append(Block("heading", text, GUESSED, group[0].page))
        else:
            blocks.append(Block("paragraph", text, page=group[0].page))
    return _without_false_headings(blocks)


def _is_unmarked_caption(line: Line, following: Line | None) -> bool:
    """A single plain sentence on its own where a picture left a gap, before a heading, another gap or the end."""
    sentence = line.text.removesuffix("。")
    plain = (
        len(sentence) <= CAPTION_CHARACTERS and sentence != line.text and not re.search("[，,。！？“”：:]", sentence)
    )
    return (
        line.gap >= CAPTION_GAP and plain and (following is None or following.gap >= CAPTION_GAP or _heads(following))
    )


def _without_false_headings(blocks: list[Block]) -> list[Block]:
    """A heading has a paragraph below it, and few headings above one another; other short lines are a list."""
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
