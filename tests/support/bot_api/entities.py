"""The entities a bot gives instead of a `parse_mode`: read as the Bot API does, checked as TDLib does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot_api.errors import ApiError, bad_request
from bot_api.links import checked_link
from bot_api.nesting import CODE, QUOTES, STYLES
from bot_api.types import JSON

GIVEN = frozenset({*STYLES, *QUOTES, *CODE, "text_link", "text_mention", "custom_emoji"})
FOUND = frozenset(["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"])
FARTHEST = 1_000_000


def given_entities(value: object) -> tuple[JSON, ...]:
    """Read the `entities` of a call, each with the fields of its type alone.

    The types that Telegram finds by itself are passed over; an unknown type or a missing field is an ApiError. Anything
    but a list counts as none.
    """
    try:
        read = [_given(entity) for entity in value] if isinstance(value, list) else []
    except ApiError as error:
        raise bad_request(f"Can't parse MessageEntity: {error.text}") from None
    return tuple(entity for entity in read if entity)


def _given(entity: object) -> JSON | None:
    if not isinstance(entity, dict):
        raise bad_request("expected an Object")
    place = {name: _integer(entity, name) for name in ("offset", "length")}
    kind = _string(entity, "type")
    if not kind:
        raise bad_request("Type is not specified")
    if kind in FOUND:
        return None
    if kind not in GIVEN:
        raise bad_request("Unsupported type specified")
    return {"type": kind, **place, **_details(kind, entity)}


def _details(kind: str, entity: JSON) -> JSON:
    """The fields that only this type has."""
    if kind == "pre":
        return {"language": _string(entity, "language")} if entity.get("language") else {}
    if kind == "text_link":
        return {"url": _string(entity, "url")}
    if kind == "custom_emoji":
        return {"custom_emoji_id": str(_integer(entity, "custom_emoji_id"))}
    if kind == "text_mention":
        user = _field(entity, "user")
        if not isinstance(user, dict):
            raise bad_request('Field "user" must be of type Object')
        return {"user": {**user, "id": _integer(user, "id")}}
    return {}


def _field(entity: JSON, name: str) -> object:
    value = entity.get(name)
    if value is None:
        raise bad_request(f'Can\'t find field "{name}"')
    return value


def _integer(entity: JSON, name: str) -> int:
    value = _field(entity, name)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise bad_request(f'Field "{name}" must be of type Number')
    if not re.fullmatch(r"-?\d+", str(value)):
        raise bad_request(f'Field "{name}" must be a valid Number')
    return int(value)


def _string(entity: JSON, name: str) -> str:
    value = _field(entity, name)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise bad_request(f'Field "{name}" must be of type String')
    return str(value)


def checked_entities(entities: Iterable[JSON]) -> Iterator[JSON]:
    """Check links, emoji and places, and drop what is empty; links come out as Telegram keeps them."""
    known = [{**entity, **_checked_details(entity)} for entity in entities]
    for name in ("offset", "length"):
        if wrong := [entity[name] for entity in known if not 0 <= entity[name] <= FARTHEST]:
            raise bad_request(f"Receive an entity with incorrect {name} {wrong[0]}")
    return (entity for entity in known if entity["length"])


def _checked_details(entity: JSON) -> JSON:
    if entity["type"] == "text_link":
        try:
            return {"url": checked_link(entity["url"])}
        except ValueError as error:
            raise bad_request(f"Entity URL '{entity['url']}' is invalid: {error}") from None
    if entity["type"] == "custom_emoji" and not int(entity["custom_emoji_id"]):
        raise bad_request("Invalid custom emoji identifier specified")
    return {}
