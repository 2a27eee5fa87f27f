"""Applications that want keys, over an index of a test's own, and people who have them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient
from http_client import client_of_app
from stub_opener import StubOpener

from bot.access.keys import Keys
from bot.service.service import Service
from bot.settings import Settings
from bot.state import SqliteState
from bot.web.app import create_app

HTML = {"Accept": "text/html"}


def with_server(settings: Settings, **values: Any) -> Settings:
    """Return settings whose section ``server`` has other values."""
    return settings.model_copy(update={"server": settings.server.model_copy(update=values)})


@contextmanager
def running(settings: Settings, **options: Any) -> Iterator[TestClient]:
    """Yield a client of an application that is ready, who follows no redirects."""
    app = create_app(Service(settings, StubOpener()))
    with client_of_app(app, raise_server_exceptions=False, follow_redirects=False, **options) as client:
        deadline = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield client


def token_of(settings: Settings, name: str, scope: str, documents: str | None = None, **more: Any) -> str:
    """Make a key in the store of these settings, as the command does, and return its token."""
    return Keys(SqliteState(settings.index.path)).add(name, scope, documents, **more)[1]


def bearer(token: str) -> dict[str, str]:
    """Return the header that a program sends."""
    return {"Authorization": f"Bearer {token}"}
