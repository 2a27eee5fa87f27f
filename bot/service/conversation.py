"""What was said last in each conversation, for follow-ups: bounded, expiring, and gone after a restart.

HTTP knows a conversation by its id, Telegram by chat and person; a follow-up leans on the turn kept here, or in
Telegram on that of the answer which is replied to.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from cachetools import TTLCache

from retrieval.types import Answer, Turn

MOST_CONVERSATIONS = 10_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question as it was asked, the turn it was asked after, and the turn that it became."""

    question: str
    before: Turn | None
    turn: Turn


def turn_of(question: str, answer: Answer) -> Turn:
    """Return what a follow-up leans on: the question as it was understood, its answer, and the report's title."""
    sentence = answer.answer.text if answer.answer else None
    title = answer.citations[0].title if answer.citations else None
    return Turn(answer.understood_as or question, sentence, title)


class Conversations:
    """The last exchange of each conversation; for one thread, such as that of an event loop."""

    def __init__(self, seconds: float, most: int = MOST_CONVERSATIONS) -> None:
        self._last: TTLCache[Hashable, Exchange] = TTLCache(most, seconds)

    def before(self, key: Hashable, question: str) -> Turn | None:
        """Return the turn that a question in the conversation ``key`` follows, None at its beginning.

        A question that is asked again, as without its time filter, follows what it followed the first time.
        """
        last = self._last.get(key)
        if last is None:
            return None
        return last.before if last.question == question else last.turn

    def keep(self, key: Hashable, question: str, before: Turn | None, answer: Answer) -> None:
        """Remember a question, the turn it was asked after, and its answer as the last exchange."""
        self._last[key] = Exchange(question, before, turn_of(question, answer))
