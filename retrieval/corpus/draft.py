"""What a reader makes of one file, and the most that it may hold: blocks, and what the file says about itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

from retrieval.parts import Cell
from retrieval.recognised import RecognisedLine, recognised_line

BlockKind = Literal["paragraph", "heading", "caption", "subtitle", "row"]

MAX_CHARACTERS = 5_000_000
"""What a report may hold in a format that is packed, so that its size in bytes says little."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where the cells of a table's row stand in its block's text; a table ``begins`` with its first row."""

    cells: tuple[Cell, ...]
    is_header: bool = False
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a report as a reader found it, in reading order; ``level`` is for headings, 1 the highest.

    ``page`` is where it begins, counted from 1, in a format that has pages. ``made`` are the parts ``text[start:end]``
    that do not stand in the file so, because the format draws them: the 第四条 of a numbered list, a folded radical.
    ``recognised`` are the lines of ``text`` that were recognised on a picture; they are ``made`` too. ``row`` is for
    blocks of that kind.
    """

    kind: BlockKind
    text: str
    level: int = 1
    page: int | None = None
    made: tuple[tuple[int, int], ...] = ()
    recognised: tuple[RecognisedLine, ...] = ()
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader makes of one file, before it becomes a Document.

    ``metadata`` holds (label, value) pairs such as ("editor", "王珈"); ``furniture`` the lines that are no text, as
    they stand: metadata lines and boilerplate ("下载APP"), kept so that nothing is dropped unseen. ``unread`` are the
    pages (from 1) that are pictures, whose text must be recognised and handed to the reader.
    """

    blocks: tuple[Block, ...]
    title: str | None = None
    date: dt.date | None = None
    source: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    furniture: tuple[str, ...] = ()
    unread: tuple[int, ...] = ()


def draft_json(draft: Draft) -> dict[str, Any]:
    """Return a draft as JSON can carry it."""
    return asdict(draft) | {"date": draft.date.isoformat() if draft.date else None}


def draft_of(value: dict[str, Any]) -> Draft:
    """Return the draft of which ``draft_json`` was made."""
    return Draft(
        blocks=tuple(map(_block_of, value["blocks"])),
        title=value["title"],
        date=dt.date.fromisoformat(value["date"]) if value["date"] else None,
        source=value["source"],
        metadata=tuple((label, text) for label, text in value["metadata"]),
        furniture=tuple(value["furniture"]),
        unread=tuple(value["unread"]),
    )


def _block_of(value: dict[str, Any]) -> Block:
    made = tuple((start, end) for start, end in value["made"])
    row = value["row"]
    if row is not None:
        row = Row(**row | {"cells": tuple(Cell(**cell) for cell in row["cells"])})
    recognised = tuple(map(recognised_line, value["recognised"]))
    return Block(**value | {"made": made, "recognised": recognised, "row": row})
