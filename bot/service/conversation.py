"""What was said last in each conversation, for follow-ups: bounded, expiring, and gone after a restart.

HTTP knows a conversation by its id, Telegram by chat and person. A follow-up leans on the turn kept here. A reply in
Telegram leans on the turn of the answer that it replies to.
"""

from __future__ import annotations

from collections.abc import Hashable

from cachetools import TTLCache

from bot.reply import Asker, Reply
from retrieval.types import Turn

MOST_CONVERSATIONS = 10_000


class Conversations:
    """The last reply of each conversation, for use by one thread, such as that of an event loop.

    A conversation belongs to those who may see the same reports: nobody goes on with one that spoke of others.
    """

    def __init__(self, seconds: float, most: int = MOST_CONVERSATIONS) -> None:
        self._last: TTLCache[Hashable, Reply] = TTLCache(most, seconds)

    def knows(self, key: Hashable, asker: Asker) -> bool:
        """Whether there is such a conversation, and this asker may go on with it."""
        return (key, asker.sees) in self._last

    def before(self, key: Hashable, question: str, asker: Asker) -> Turn | None:
        """Return the turn that a question in the conversation ``key`` follows; None at its beginning.

        A question that is asked again, for example without its time filter, follows the same turn as the first time.
        """
        last = self._last.get((key, asker.sees))
        if last is None:
            return None
        return last.question.before if last.question.text == question else last.turn

    def keep(self, key: Hashable, reply: Reply) -> None:
        """Remember a reply as the last of its conversation."""
        self._last[key, reply.asker.sees] = reply
