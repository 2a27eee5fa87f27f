"""What the OpenAPI description says of every operation alike: who may send it, and how it may be refused."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from bot.access.sessions import COOKIE
from bot.settings import Access
from bot.web.entry.needs import is_open, needed

ANYWHERE = (400, 401, 403, 408, 413, 421, 429, 431, 503)
"""Statuses of refusals that come before a route is asked: by the connection, the door, or whoever counts the body."""
SCHEMES = {
    "Key": {
        "type": "http",
        "scheme": "bearer",
        "description": "a key (`wenbao keys add`), or the token of WENBAO_ADMIN_TOKEN",
    },
    "Session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "of a browser that signed in with a key (`/sign-in`)",
    },
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def described(app: FastAPI, access: Access) -> Callable[[], dict[str, Any]]:
    """Return what makes the application's description, for ``app.openapi``."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain(), access)
        found: dict[str, Any] = app.openapi_schema or {}
        return found

    return openapi


def _complete(description: dict[str, Any], access: Access) -> None:
    """Complete a description in place."""
    parts = description["components"]
    parts["securitySchemes"] = SCHEMES
    for unused in ("HTTPValidationError", "ValidationError"):  # what is wrong with a request is a problem too
        parts["schemas"].pop(unused, None)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            operation["security"] = _security(method.upper(), path, access)
            _complete_responses(operation["responses"])


def _complete_responses(responses: dict[str, Any]) -> None:
    for code in ANYWHERE:
        responses.setdefault(str(code), {"description": HTTPStatus(code).phrase})
    for status, response in responses.items():
        if status >= "400":
            response["content"] = PROBLEM
            if status == "422":
                response["description"] = HTTPStatus(422).phrase


def _security(method: str, path: str, access: Access) -> list[dict[str, list[str]]]:
    """Return what an operation takes: nothing, a key if somebody has one, or a key."""
    if is_open(path):
        return []
    with_key: list[dict[str, list[str]]] = [{scheme: []} for scheme in SCHEMES]
    everybody_may = access == "open" and needed(method, path) != "admin"
    return [{}, *with_key] if everybody_may or path == "/metrics" else with_key
