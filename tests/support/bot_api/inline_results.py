"""Inline results: what answerInlineQuery accepts, and what each of them posts."""

from __future__ import annotations

from bot_api.errors import ApiError, bad_request
from bot_api.formatting import parsed, settled
from bot_api.keyboards import checked_keyboard
from bot_api.model import Message
from bot_api.text import FormattedText
from bot_api.types import JSON


def check_inline_results(results: object) -> None:
    """Check the results of answerInlineQuery: at most 50, ids of 1-64 bytes and unique, each article complete."""
    if not isinstance(results, list):
        raise bad_request("Can't parse inline query results JSON object")
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    try:
        texts = [_parsed_result(result) for result in results]
    except ApiError as error:
        raise bad_request(f"Can't parse inline query result: {error.text}") from None
    for text in texts:
        settled(text)
    identifiers = [result["id"] for result in results]
    if not all(1 <= len(identifier.encode()) <= 64 for identifier in identifiers):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(identifiers)) < len(identifiers):
        raise bad_request("RESULT_ID_DUPLICATE")


def inline_message(result: JSON) -> Message:
    """What an accepted result posts when a person taps it: text, entities and keyboard (in no chat yet)."""
    shown = settled(_parsed_result(result))
    keyboard = checked_keyboard(result.get("reply_markup"))
    marks = {"entities": list(shown.entities)} if shown.entities else {}
    return Message({"text": shown.text, **marks, **({"reply_markup": keyboard} if keyboard else {})})


def _parsed_result(result: object) -> FormattedText:
    """The text of a result as the Bot API reads it, before TDLib looks at it."""
    if not isinstance(result, dict):
        raise bad_request("Inline query result must be an object")
    if result.get("type") != "article":
        raise bad_request(f'Type "{result.get("type", "")}" is unsupported for the inline query result')
    for name in ("id", "title", "input_message_content"):
        if name not in result:
            raise bad_request(f'Can\'t find field "{name}"')
    if not result["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    content = result["input_message_content"]
    text = parsed(content.get("message_text", ""), content.get("parse_mode", ""), content.get("entities"))
    checked_keyboard(result.get("reply_markup"))
    return text
