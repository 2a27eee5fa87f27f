"""Text as Telegram counts, cleans and trims it; offsets and lengths are UTF-16 code units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot_api.errors import bad_request
from bot_api.types import JSON

# Control characters become spaces; line separators, bidi overrides and stacking lines vanish, as in TDLib.
_CLEANED: dict[int, str | None] = {
    **{code: " " for code in range(32) if code != 10},
    **dict.fromkeys([13, *range(0x2028, 0x202F), 0x0333, 0x033F, 0x030A]),
}


@dataclass(frozen=True, slots=True)
class FormattedText:
    """Plain text and its entities; offsets and lengths count UTF-16 code units."""

    text: str
    entities: tuple[JSON, ...] = ()


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of `text` that an entity covers."""
    return text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def end_of(entity: JSON) -> int:
    """Where an entity ends."""
    return int(entity["offset"] + entity["length"])


def has_surrogates(text: str) -> bool:
    """Whether a half of a surrogate pair stands alone in the text."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen."""
    invisible = ("Cc", "Cf", "Zs", "Zl", "Zp")
    return all(unicodedata.category(c) in invisible or c in "\u034f\u115f\u1160\u2800\u3164\uffa0" for c in text)


def cleaned_text(text: str) -> str:
    """Return the text without what Telegram never shows."""
    return text.translate(_CLEANED)


def cleaned(formatted: FormattedText) -> FormattedText:
    """Clean a text and move its entities along; an entity that ends where no character does is an ApiError.

    The entities come in order, none crossing another (see `nesting.arranged`); empty ones are dropped.
    """
    moved: dict[int, int] = {}
    before = after = 0
    for character in formatted.text:
        moved[before] = after
        units = 1 + (character > "\uffff")
        before += units
        after += units if _CLEANED.get(ord(character), character) else 0
    moved[before] = after
    _check_places(formatted, moved)
    spans = ((entity, moved[entity["offset"]], moved[end_of(entity)]) for entity in formatted.entities)
    entities = ({**entity, "offset": start, "length": stop - start} for entity, start, stop in spans if stop > start)
    return FormattedText(cleaned_text(formatted.text), tuple(entities))


def _check_places(formatted: FormattedText, borders: Collection[int]) -> None:
    """Refuse, in TDLib's order, what begins or ends inside a surrogate pair or behind the text."""
    end, entities = utf16_length(formatted.text), formatted.entities
    _check_symbols(formatted.text, borders, [entity for entity in entities if entity["offset"] < end])
    if late := [entity["offset"] for entity in entities if entity["offset"] > end]:
        raise bad_request(f"Entity begins after the end of the text at UTF-16 offset {late[0]}")
    if long := [entity for entity in entities if end_of(entity) > end]:
        begin, stop = long[-1]["offset"], end_of(long[-1])
        raise bad_request(
            f"Entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {stop}"
        )


def _check_symbols(text: str, borders: Collection[int], entities: Sequence[JSON]) -> None:
    problems: list[tuple[int, int, str]] = []  # at one place the innermost end comes first, then the first beginning
    for number, entity in enumerate(entities):
        begin, stop = entity["offset"], end_of(entity)
        if begin not in borders:
            problems.append((begin, number + 1, "Entity begins"))
        if stop not in borders and stop < max(borders):
            problems.append((stop, -number, f"Entity beginning at UTF-16 offset {begin} ends"))
    if problems:
        place, _, what = min(problems)
        byte = len(utf16_slice(text, 0, place + 1).encode())
        raise bad_request(f"{what} in a middle of a UTF-16 symbol at byte offset {byte}")


def trimmed(formatted: FormattedText) -> FormattedText:
    """Strip white space around the text (not before an entity) and drop entities left without a visible character."""
    text = formatted.text.rstrip(" \n")
    first = min((entity["offset"] for entity in formatted.entities), default=len(text))
    start = min(len(text) - len(text.lstrip(" \n")), first)
    end = utf16_length(text)
    entities = []
    for entity in formatted.entities:
        length = min(end_of(entity), end) - entity["offset"]
        if length > 0 and utf16_slice(text, entity["offset"], length).strip():
            entities.append({**entity, "offset": entity["offset"] - start, "length": length})
    return FormattedText(text[start:], tuple(entities))


def found_entities(text: str) -> list[JSON]:
    """Mark /commands and @mentions in what a user types, by Telegram's rules: `谁@bot` and `/ask谁` are neither."""
    command = r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])"
    pattern = re.compile(rf"(?P<bot_command>{command})|(?P<mention>(?<!\w)@[A-Za-z0-9_]{{2,32}}(?!\w))")
    return [
        {"type": match.lastgroup, "offset": utf16_length(text[: match.start()]), "length": len(match[0])}
        for match in pattern.finditer(text)
    ]
