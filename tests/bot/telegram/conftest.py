"""For the tests of the Telegram face's parts."""

import pytest


@pytest.fixture(autouse=True)
def library_of_tomorrow(monkeypatch):
    """RetryAfter warns until it is told that its `retry_after` may be a timedelta."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
