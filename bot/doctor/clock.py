"""Whether the time is right: dates in questions, certificates and old messages depend on it."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from bot.doctor.finding import Asked, Examined, Finding

FIRST_YEAR, LAST_YEAR = 2025, 2100
"""A clock before this program was written was never set."""
SMALL_SECONDS, LARGE_SECONDS = 10, 60
SET_IT = "let the system set it: `timedatectl set-ntp true`"


def clock(examined: Examined) -> Finding:
    """Check the year, and compare the time with the one that Telegram, or the public address, says it is."""
    now = dt.datetime.fromtimestamp(examined.clock(), dt.UTC)
    if not FIRST_YEAR <= now.year <= LAST_YEAR:
        return Finding("clock", "problem", f"it is {now:%Y-%m-%d}, says the clock", SET_IT)
    for who, asked in _asked(examined):
        skew = _skew(asked)
        if skew is None:
            continue
        says = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {who}"
        if abs(skew) > SMALL_SECONDS:
            return Finding("clock", "problem" if abs(skew) > LARGE_SECONDS else "warning", says, SET_IT)
        return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC, as {who} says")
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC; there was nobody to compare it with")


def _asked(examined: Examined) -> list[tuple[str, Asked]]:
    telegram = [("Telegram", examined.me)] if examined.bot_token else []
    public = [("server.public_url", examined.public_page)] if examined.settings.server.public_url else []
    return telegram + public


def _skew(asked: Asked) -> float | None:
    """Return how many seconds the clock here is ahead; None where nobody says."""
    try:
        said = parsedate_to_datetime(asked.response.headers["Date"]) if asked.response is not None else None
    except (KeyError, ValueError, TypeError):
        return None
    return asked.at - said.timestamp() if said else None
