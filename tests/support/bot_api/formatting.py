"""From what a bot sends to what people see: text, `parse_mode` and `entities` become plain text and entities."""

from __future__ import annotations

from bot_api.entities import checked_entities, given_entities
from bot_api.errors import bad_request
from bot_api.html import parse_html
from bot_api.nesting import arranged, limited
from bot_api.text import FormattedText, cleaned, is_blank, trimmed, utf16_length

MAX_TEXT = 4096
MAX_CAPTION = 1024


def read_text(text: str, parse_mode: str = "", entities: object = None, limit: int = MAX_TEXT) -> FormattedText:
    """Check a message text (or a caption, with its limit) and parse its markup, as sendMessage does.

    `entities` is the JSON of a call; as in Telegram a `parse_mode` wins over it.
    """
    return settled(parsed(text, parse_mode, entities), limit)


def parsed(text: str, parse_mode: str = "", entities: object = None) -> FormattedText:
    """First the Bot API itself reads the markup or the entities; ApiError when it cannot."""
    if not text:
        raise bad_request("Message text is empty")
    if parse_mode.lower() == "html":
        return parse_html(text)
    if parse_mode.lower() not in ("", "none"):
        raise bad_request("Unsupported parse_mode")
    return FormattedText(text, given_entities(entities))


def settled(formatted: FormattedText, limit: int = MAX_TEXT) -> FormattedText:
    """Then TDLib checks, cleans and trims the text with its entities; ApiError when it refuses them."""
    ordered = arranged(FormattedText(formatted.text, tuple(checked_entities(formatted.entities))))
    shown = trimmed(arranged(cleaned(ordered)))
    if is_blank(shown.text):
        raise bad_request("Text must be non-empty")
    if utf16_length(shown.text) > limit:
        raise bad_request("Message is too long" if limit == MAX_TEXT else "Message caption is too long")
    return limited(shown)
