"""How many questions a client may ask in a minute, and the headers that say how many are left.

The headers are those of the IETF's draft "RateLimit header fields for HTTP".
"""

from __future__ import annotations

import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from retrieval.errors import WenbaoError


class TooOften(WenbaoError):
    """A client has asked as often as it may in this minute; ``headers`` say when it may ask again."""

    def __init__(self, message: str, headers: dict[str, str]) -> None:
        super().__init__(message)
        self.headers = headers


class Rates:
    """Counts questions by client, for use by one event loop; with ``per_minute`` 0 nothing is counted."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._item = RateLimitItemPerMinute(max(1, per_minute))
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def count(self, client: str) -> dict[str, str]:
        """Count a question, and return the headers of its answer; TooOften if it is one too many."""
        if not self._per_minute:
            return {}
        is_taken = await self._limiter.hit(self._item, client)
        reset, left = await self._limiter.get_window_stats(self._item, client)
        seconds = max(1, round(reset - time.time()))
        headers = {
            "RateLimit-Policy": f'"questions";q={self._per_minute};w=60',
            "RateLimit": f'"questions";r={left};t={seconds}',
        }
        if is_taken:
            return headers
        message = f"you may ask {self._per_minute} questions a minute: ask again in {seconds} s"
        raise TooOften(message, {**headers, "Retry-After": str(seconds)})
