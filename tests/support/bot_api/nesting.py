"""Entities in Telegram's order, none crossing another, and not more than a message may have.

After TDLib's `fix_entities` and `get_input_message_entities` (td/telegram/MessageEntity.cpp).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot_api.text import FormattedText, end_of
from bot_api.types import JSON

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
QUOTES = ("blockquote", "expandable_blockquote")
CODE = ("pre", "code")
MOST_ENTITIES = 100

_RANKS = {**dict.fromkeys(QUOTES, 0), "pre": 11, "code": 20, "text_link": 49, "text_mention": 49, "custom_emoji": 99}
_RANKS |= {style: 90 + number for number, style in enumerate(STYLES)}


def arranged(formatted: FormattedText) -> FormattedText:
    """Put the entities in order and make them nest.

    Links, code and emoji exclude each other, and so do quotes: the one that begins first stays (of two, the longer).
    A quote may hold a link or code, but neither crosses it nor holds it. Styles give way: those of one kind that touch
    are joined, and all are cut where a link, code or quote begins or ends and where another style begins.
    """
    ordered = sorted(formatted.entities, key=_order)
    quotes = list(_apart(entity for entity in ordered if entity["type"] in QUOTES))
    whole = _apart(entity for entity in ordered if entity["type"] not in (*QUOTES, *STYLES))
    solid = [*quotes, *(entity for entity in whole if not any(_breaks(entity, quote) for quote in quotes))]
    styles = _cut([entity for entity in ordered if entity["type"] in STYLES], solid)
    return FormattedText(formatted.text, tuple(sorted([*solid, *styles], key=_order)))


def limited(formatted: FormattedText) -> FormattedText:
    """Keep what a message may have: 100 entities, styles (joined again) after the others; emoji do not count."""
    solid = [entity for entity in formatted.entities if entity["type"] not in STYLES]
    emoji = [entity for entity in solid if entity["type"] == "custom_emoji"]
    styles = _cut([entity for entity in formatted.entities if entity["type"] in STYLES], ())
    counted = [*(entity for entity in solid if entity["type"] != "custom_emoji"), *sorted(styles, key=_order)]
    return arranged(FormattedText(formatted.text, (*emoji, *counted[:MOST_ENTITIES])))


def _order(entity: JSON) -> tuple[int, int, int]:
    """By place, the longer first, then by TDLib's rank of the kind."""
    rank = _RANKS[entity["type"]] - (entity["type"] == "pre" and "language" in entity)
    return entity["offset"], -entity["length"], rank


def _apart(entities: Iterable[JSON]) -> Iterator[JSON]:
    """Of ordered entities, those that touch no earlier one."""
    free_from = 0
    for entity in entities:
        if entity["offset"] >= free_from:
            free_from = end_of(entity)
            yield entity


def _breaks(entity: JSON, quote: JSON) -> bool:
    """Whether an entity overlaps a quote without lying inside it."""
    overlaps = entity["offset"] < end_of(quote) and quote["offset"] < end_of(entity)
    return overlaps and not (quote["offset"] <= entity["offset"] and end_of(entity) <= end_of(quote))


def _cut(styles: Sequence[JSON], solid: Sequence[JSON]) -> Iterator[JSON]:
    """Join the styles of one kind that touch and cut them anew; code has none."""
    spans = [(style, *span) for style in STYLES for span in _joined(e for e in styles if e["type"] == style)]
    cuts = {start for _, start, _ in spans} | {place for e in solid for place in (e["offset"], end_of(e))}
    code = [(entity["offset"], end_of(entity)) for entity in solid if entity["type"] in CODE]
    for style, start, stop in spans:
        places = [start, *sorted(cut for cut in cuts if start < cut < stop), stop]
        for first, last in pairwise(places):
            if not any(begin <= first and last <= end for begin, end in code):
                yield {"type": style, "offset": first, "length": last - first}


def _joined(entities: Iterable[JSON]) -> Iterator[tuple[int, int]]:
    """Spans of ordered entities of one kind, those that touch made one."""
    start = stop = -1
    for entity in entities:
        if entity["offset"] > stop:
            if stop >= 0:
                yield start, stop
            start = entity["offset"]
        stop = max(stop, end_of(entity))
    if stop >= 0:
        yield start, stop
