"""Reading the parameters of a call, in whichever of the ways the Bot API takes them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote

from bot_api.errors import bad_request
from bot_api.model import Upload
from bot_api.text import has_surrogates
from bot_api.types import JSON

_INTEGERS = {"message_id", "message_thread_id", "user_id"}
_INTEGERS |= {"offset", "limit", "timeout", "cache_time", "max_connections"}
_BOOLEANS = {"drop_pending_updates", "show_alert", "is_personal", "disable_notification", "protect_content"}
_OBJECTS = {
    "reply_markup": "reply keyboard markup",
    "reply_parameters": "reply parameters",
    "link_preview_options": "link preview options",
    "entities": "message entities",
    "caption_entities": "message entities",
    "allowed_updates": "allowed updates",
    "results": "inline query results",
    "commands": "commands",
    "scope": "bot command scope",
    "button": "inline query results button",
}


def read_parameters(content_type: str, query: str, body: bytes) -> JSON:
    """Parameters of a call from the query, a form, multipart or JSON, each with its proper type."""
    raw: JSON = dict(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
    if content_type.startswith("application/json"):
        raw |= _read_json(body)
    elif content_type.startswith("multipart/form-data"):
        raw |= _read_multipart(content_type, body)
    else:
        text = body.decode("utf-8", "surrogateescape")
        raw |= parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    parameters = {name: _typed(name, value) for name, value in raw.items()}
    _check_unicode(parameters)
    return parameters


def _read_json(body: bytes) -> JSON:
    try:
        return dict(json.loads(body.decode("utf-8", "surrogateescape") or "{}"))
    except (TypeError, ValueError):
        raise bad_request("Can't parse request body as a JSON object") from None


def _read_multipart(content_type: str, body: bytes) -> JSON:
    boundary = content_type.partition("boundary=")[2].split(";")[0].strip('"')
    found: JSON = {}
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        header = head.decode("utf-8", "surrogateescape")
        name, filename = (re.search(rf'\b{key}="([^"]*)"', header) for key in ("name", "filename"))
        if name and filename:
            found[name[1]] = Upload(unquote(filename[1]), content)
        elif name:
            found[name[1]] = content.decode("utf-8", "surrogateescape")
    return found


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _OBJECTS and value:
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {_OBJECTS[name]} JSON object") from None
    if name in _INTEGERS or (name == "chat_id" and re.fullmatch(r"-?\d+", value)):
        return int(value) if re.fullmatch(r"-?\d+", value) else 0
    return value.lower() in ("true", "yes", "1") if name in _BOOLEANS else value


def _check_unicode(value: object) -> None:
    if isinstance(value, str):
        if has_surrogates(value):
            raise bad_request("Strings must be encoded in UTF-8")
    elif isinstance(value, dict):
        if "callback_data" in value and has_surrogates(str(value.get("text"))):
            raise bad_request("Inline keyboard button text must be encoded in UTF-8")
        _check_unicode(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            _check_unicode(item)
