"""For the tests of the Bot API server: a running one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bot_api import BotApiServer
from bot_api_client import TOKEN


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BotApiServer]:
    """Run a Bot API server. RetryAfter would warn if it were not told that `retry_after` may be a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    with BotApiServer(TOKEN) as running:
        yield running
