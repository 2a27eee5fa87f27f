"""The bot's answers to callback queries and inline queries: once each, and in time."""

from __future__ import annotations

import time

from bot_api.errors import bad_request
from bot_api.inline_results import check_inline_results
from bot_api.telegram import Telegram
from bot_api.text import utf16_length
from bot_api.types import JSON

TOO_OLD = "Query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(telegram: Telegram, parameters: JSON) -> bool:
    """End the waiting after the press of a button, perhaps with a note."""
    if utf16_length(parameters.get("text", "")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": parameters.get("text", ""), "show_alert": parameters.get("show_alert", False)}
    return _answer(telegram, parameters.get("callback_query_id", ""), answer)


def answer_inline_query(telegram: Telegram, parameters: JSON) -> bool:
    """Offer results."""
    check_inline_results(parameters.get("results"))
    if len(parameters.get("next_offset", "").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    answer = {key: value for key, value in parameters.items() if key != "inline_query_id"}
    return _answer(telegram, parameters.get("inline_query_id", ""), answer)


def _answer(telegram: Telegram, identifier: str, answer: JSON) -> bool:
    query = telegram.queries.get(identifier)
    if query is None or query.answer is not None or time.monotonic() - query.created > telegram.query_lifetime:
        raise bad_request(TOO_OLD)
    query.answer = answer
    return True
