"""Markdown reports: front matter, headings, and the text of paragraphs, lists, quotes, tables and code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.metadata import is_boilerplate, is_caption, metadata_of, stated_date
from retrieval.corpus.tabular import GridCell, blocks_of_table

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELDS = {"title", "date", "source"}
PARSER = MarkdownIt("commonmark").enable("table").disable("text_join")  # so that entities can be told from text
_TAG = re.compile(r"<[^>]*>")


def read_markdown(text: str) -> Draft:
    """Read a ``.md`` report (CommonMark with tables).

    Text is taken from between the marks; an entity such as ``&lt;`` stays as written, so that every character of
    the report's text stands in the file.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    fields, body = split_front_matter(text)
    blocks = list(_blocks(PARSER.parse(body)))
    title = _take_title(blocks, fields.get("title"))
    kept, metadata, furniture = _sort_edges(blocks)
    metadata = [(label, str(value)) for label, value in fields.items() if label not in _FIELDS] + metadata
    found = dict(reversed(metadata))
    return Draft(
        blocks=tuple(kept),
        title=str(title) if title else None,
        date=_date_of(fields.get("date")) or _date_of(found.get("time")),
        source=str(fields["source"]) if fields.get("source") else found.get("source"),
        metadata=tuple(metadata),
        furniture=tuple(furniture),
    )


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the YAML front matter's scalar fields and the body; text without valid front matter is all body."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        fields = yaml.safe_load(match["yaml"])
    except (yaml.YAMLError, ValueError, RecursionError):  # the last two: 2022-13-41, ten thousand digits, [[[[[…
        return {}, text
    if not isinstance(fields, dict):
        return {}, text
    scalars = {str(k).lower(): v for k, v in fields.items() if isinstance(v, str | int | float | dt.date)}
    return scalars, text[match.end() :]


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    for position, token in enumerate(tokens):
        if token.type == "inline":
            opener = tokens[position - 1]
            text = _plain(token).strip()
            if text and opener.type == "heading_open":
                yield Block("heading", text, int(opener.tag[1:]))
            elif text and opener.type not in ("th_open", "td_open"):
                yield Block("paragraph", text)
        elif token.type == "table_open":
            grid = list(_rows(tokens[position:]))
            yield from blocks_of_table(grid, int(any(cell.text for cell in grid[0])))
        elif token.type in ("fence", "code_block") and token.content.strip():
            yield Block("paragraph", token.content.strip())
        elif token.type == "html_block" and (text := _TAG.sub("", token.content).strip()):
            yield Block("paragraph", text)


def _rows(tokens: Sequence[Token]) -> Iterator[list[GridCell]]:
    """Yield the rows of the table that begins with the first token; the first one is its header, maybe an empty one."""
    cells: list[GridCell] = []
    for token in tokens:
        if token.type == "table_close":
            return
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(GridCell(" ".join(_plain(token).split())))
        elif token.type == "tr_close":
            yield cells


def _plain(inline: Token) -> str:
    """Return the text between the marks; the characters keep their order in the file."""
    parts = []
    for token in inline.children or []:
        if token.type == "text_special" and token.info == "entity":
            parts.append(token.markup)
        elif token.type in ("text", "text_special", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def _take_title(blocks: list[Block], named: object) -> object:
    """Return the front matter's title, or the first heading if no paragraph stands above it, taken off the blocks."""
    first = blocks[0].text if blocks and blocks[0].kind == "heading" else None
    if first and named in (None, first):
        blocks.pop(0)
    return named or first


def _sort_edges(blocks: Sequence[Block]) -> tuple[list[Block], list[tuple[str, str]], list[str]]:
    """Tell captions, and metadata and boilerplate before and after the text, from paragraphs."""
    prose = [index for index, block in enumerate(blocks) if _is_text(block)]
    kept, metadata, furniture = [], [], []
    for index, block in enumerate(blocks):
        at_edge = bool(prose) and not prose[0] <= index <= prose[-1]
        pairs = metadata_of(block.text) if at_edge and block.kind == "paragraph" else []
        if pairs or (at_edge and block.kind == "paragraph" and is_boilerplate(block.text)):
            metadata += pairs
            furniture.append(block.text)
        else:
            is_marked = block.kind == "paragraph" and is_caption(block.text)
            kept.append(Block("caption", block.text) if is_marked else block)
    return kept, metadata, furniture


def _is_text(block: Block) -> bool:
    """Whether a block is neither above nor below the report's text."""
    is_about = metadata_of(block.text) or is_boilerplate(block.text)
    return block.kind == "row" or (block.kind == "paragraph" and not is_about)


def _date_of(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    return stated_date(str(value)) if value else None
