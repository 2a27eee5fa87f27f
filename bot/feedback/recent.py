"""The replies given last, so that they can be voted on."""

from __future__ import annotations

from cachetools import LRUCache

from bot.reply import Reply

REMEMBERED_ANSWERS = 1000


class RecentAnswers:
    """The replies given or voted on last, by request id, for use by one thread, such as that of an event loop."""

    def __init__(self, limit: int = REMEMBERED_ANSWERS) -> None:
        self._replies: LRUCache[str, Reply] = LRUCache(limit)

    def remember(self, reply: Reply) -> None:
        """Keep a reply; if there are too many, forget the one that was not wanted for longest."""
        self._replies[reply.request_id] = reply

    def get(self, request_id: str) -> Reply | None:
        """Return the reply with that id if it is still known."""
        return self._replies.get(request_id)
