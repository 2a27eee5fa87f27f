"""Inline keyboards, checked as Telegram checks them."""

from __future__ import annotations

from typing import Any

from bot_api.errors import bad_request
from bot_api.links import checked_link
from bot_api.types import JSON


def checked_keyboard(markup: object) -> JSON | None:
    """Check a `reply_markup`; the inline keyboard as Telegram keeps it, or None when there is no button."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad_request("Object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list):
        raise bad_request('Field "inline_keyboard" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" must be an Array of Arrays')
    keyboard = [[_checked_button(button) for button in row] for row in rows if row]
    if sum(map(len, keyboard)) > 100:
        raise bad_request("Reply markup is too long")
    return {"inline_keyboard": keyboard} if keyboard else None


def _checked_button(button: object) -> JSON:
    problem = "Can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(problem + "InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad_request(problem + 'Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise bad_request(problem + 'Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    kinds = [kind for kind in ("url", "callback_data", "web_app", "copy_text", "login_url") if button.get(kind)]
    kinds += [kind for kind in button if kind.startswith("switch_inline_query")]
    if not kinds:
        raise bad_request(problem + "Text buttons are unallowed in the inline keyboard")
    _check_button_content(kinds[0], button[kinds[0]])
    return {"text": button["text"], kinds[0]: button[kinds[0]]}


def _check_button_content(kind: str, content: Any) -> None:
    if kind == "callback_data" and len(content.encode()) > 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if kind == "web_app" and not content.get("url", "").startswith("https://"):
        url = content.get("url", "")
        raise bad_request(f"Inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    if kind == "url":
        try:
            checked_link(content)
        except ValueError as error:
            raise bad_request(f"Inline keyboard button URL '{content}' is invalid: {error}") from None
