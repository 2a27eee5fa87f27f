"""What was said last in each conversation, for follow-ups: bounded, expiring, and known to every process.

HTTP knows a conversation by its id, Telegram by chat and person. A follow-up leans on the turn kept here. A reply in
Telegram leans on the turn of the answer that it replies to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.reply import Asker, Reply
from bot.service.remembered.notebook import Notebook
from bot.service.remembered.wording import Wording
from bot.state import Note
from retrieval.types import Turn

Place = tuple[str | int | None, ...]
"""What a face knows a conversation by."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is kept of the last reply: its question as it was asked, the turn ``before`` it, and its own."""

    question: str
    before: Turn | None
    turn: Turn

    def leads_to(self, question: str) -> Turn | None:
        """Return the turn that a question follows which is asked next.

        A question that is asked again, for example without its time filter, follows the same turn as the first time.
        """
        return self.before if self.question == question else self.turn


WORDING = Wording(Exchange, 1)


class Conversations:
    """The last exchange of each conversation, kept for ``seconds``.

    A conversation belongs to those who may see the same reports: nobody goes on with one that spoke of others.
    """

    def __init__(self, notebook: Notebook, seconds: float) -> None:
        self._notebook = notebook
        self._seconds = seconds

    async def last(self, place: Place, asker: Asker) -> Exchange | None:
        """Return the last exchange; None where there is no such conversation that this asker may go on with."""
        return WORDING.record_in(await self._notebook.recall("conversation", _name(place, asker)))

    def note(self, place: Place, reply: Reply) -> Note:
        """Return the note that makes a reply the last of its conversation."""
        said = Exchange(reply.question.text, reply.question.before, reply.turn)
        return Note("conversation", _name(place, reply.asker), WORDING.text_of(said), self._seconds)


def _name(place: Place, asker: Asker) -> str:
    return json.dumps([asker.face, asker.sees, *place])
