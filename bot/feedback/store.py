"""What users thought of the answers, and what the reports did not answer: kept if the configuration says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from bot.reply import Reply
from bot.state import KINDS, Feedback, Kind, State, Vote
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")


class FeedbackStore:
    """Feedback in a store; with ``keep`` false nothing is written.

    Keeping votes never breaks answering, because what cannot be written is only a warning in the log. ``told`` is
    called with what was kept, and how much of it.
    """

    def __init__(self, state: State, keep: bool, told: Callable[[str, int], None] = lambda kind, count: None) -> None:
        self._state = state
        self._told = told
        self.keep = keep

    def record_vote(self, reply: Reply, vote: Vote | None, user: str | None) -> bool:
        """Keep a user's vote on an answer, in place of an earlier one; None takes it back.

        Returns whether it was kept; never raises.
        """
        if not self.keep:
            return False
        try:
            self._state.record_vote(reply, vote, user)
        except WenbaoError as error:
            log.warning("feedback was not kept: %s", error)
            return False
        self._told(vote or "taken back", 1)
        return True

    def record_unanswered(self, replies: Sequence[Reply]) -> bool:
        """Keep questions whose answers are "related" or "not_found", all in one change.

        Returns whether they were kept. Raises as ``State.record_unanswered``, for who writes them can try again.
        """
        if self.keep:
            self._state.record_unanswered(replies)
            self._told("unanswered", len(replies))
        return self.keep

    def entries(self, kinds: Sequence[Kind] = KINDS) -> list[Feedback]:
        """Return what was kept, latest last, even if ``keep`` is false now; StateUnusable if it cannot be read."""
        return self._state.feedback(kinds)
