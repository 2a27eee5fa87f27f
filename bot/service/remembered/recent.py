"""The replies given last over HTTP, so that they can be voted on in any process."""

from __future__ import annotations

from dataclasses import replace

from bot.reply import Reply
from bot.service.remembered.notebook import Notebook
from bot.service.remembered.wording import Wording
from bot.state import Note
from retrieval.types import Answer, Citation, Question

SECONDS = 24 * 3600
WORDING = Wording(Reply, 1)


class RecentAnswers:
    """The replies given last, by request id, for a day."""

    def __init__(self, notebook: Notebook, seconds: float = SECONDS) -> None:
        self._notebook = notebook
        self._seconds = seconds

    def note(self, reply: Reply) -> Note:
        """Return the note that lets a reply be voted on."""
        return Note("answer", reply.request_id, WORDING.text_of(votable(reply)), self._seconds)

    async def get(self, request_id: str) -> Reply | None:
        """Return what a vote needs of the reply with that id, if it is still known."""
        return WORDING.record_in(await self._notebook.recall("answer", request_id))


def votable(reply: Reply) -> Reply:
    """Return what a vote needs of a reply; who asked is left only where that is the name of a key."""
    asker, answer = reply.asker, reply.answer
    user = asker.user if asker.user and asker.user.startswith("key:") else None
    shown = Answer(
        answer.status,
        answer.confidence,
        answer.answer,
        tuple(map(_bare, answer.citations)),
        answer.generation,
        {},
    )
    return Reply(reply.request_id, Question(reply.understood), shown, replace(asker, user=user))


def _bare(cited: Citation) -> Citation:
    one = cited
    return Citation(
        one.number, one.document_id, one.title, None, None, one.paragraph, one.start, one.end, one.quote, one.score
    )
