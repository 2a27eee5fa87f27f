"""The answers given last, so that they can be voted on."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from retrieval.types import Answer

REMEMBERED_ANSWERS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer, and who asked."""

    question: str
    answer: Answer
    user: str | None


class RecentAnswers:
    """The answers given or voted on last, by request id; for one thread, such as that of an event loop."""

    def __init__(self, limit: int = REMEMBERED_ANSWERS) -> None:
        self._limit = limit
        self._asked: OrderedDict[str, Asked] = OrderedDict()

    def remember(self, request_id: str, asked: Asked) -> None:
        """Keep an answer, and forget the one that nobody wanted for longest if there are too many."""
        self._asked[request_id] = asked
        self._asked.move_to_end(request_id)
        if len(self._asked) > self._limit:
            self._asked.popitem(last=False)

    def get(self, request_id: str) -> Asked | None:
        """Return the answer with that id if it is still known."""
        if request_id in self._asked:
            self._asked.move_to_end(request_id)
        return self._asked.get(request_id)
