"""Who changed what, and who was turned away: an entry for each, wherever the state is.

    {"when", "face", "who", "what", "result", "about"}

``who`` is the name of a key, "admin" for the token, or a hash of a user or an address. ``about`` names what it was
about: ids of reports, the name of a key, an address below the server.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.state.protocol import State, StateUnusable
from bot.state.records import AuditEntry
from retrieval.errors import WenbaoError

log = logging.getLogger("wenbao")

MOST_NAMED = 50


class Audit:
    """The log in a state; what cannot be written is an error in the ordinary log, and all else goes on."""

    def __init__(self, state: State) -> None:
        self._state = state

    def record(self, face: str, who: str, what: str, result: str, about: Sequence[str] = ()) -> None:
        """Write an entry; any number of processes may."""
        named = [*about[:MOST_NAMED], *([f"+{len(about) - MOST_NAMED}"] if len(about) > MOST_NAMED else [])]
        when = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        try:
            self._state.write_down(AuditEntry(when, face, who, what, result, tuple(named)))
        except StateUnusable as error:
            log.error("what was changed cannot be written down: %s", error)

    @contextmanager
    def noting(self, face: str, who: str, what: str, about: Sequence[str] = ()) -> Iterator[None]:
        """Write down what came of the block, which is about these names."""
        try:
            yield
        except WenbaoError as error:
            self.record(face, who, what, f"failed: {error}", about)
            raise
        self.record(face, who, what, "done", about)
