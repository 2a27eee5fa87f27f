"""Trouble to play on the bot: errors, lost answers, delays, one by one or scattered over all calls."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot_api.errors import Dropped
from bot_api.http import Reply, error_reply, reason
from bot_api.methods import METHODS
from bot_api.methods.updates import CONFLICT
from bot_api.telegram import Telegram

BAD_GATEWAY = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n"
    "<center><h1>{0}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Trouble to play on a call: an error, a dropped connection, broken JSON, a delay."""

    name: str
    status: int | None = None
    description: str = ""
    retry_after: int | None = None
    broken_json: bool = False
    drop: bool = False
    after: bool = False
    delay: float = 0.0

    @property
    def replaces_answer(self) -> bool:
        """Whether the bot does not get the real answer."""
        return self.drop or self.broken_json or self.status is not None

    def reply(self) -> Reply:
        """What goes over the wire; Dropped when nothing does."""
        if self.drop:
            raise Dropped
        if self.broken_json:
            return Reply(200, b'{"ok":true,"result":{"message_id":1,')
        status = self.status or 500
        if status >= 500 and not self.description:
            return Reply(status, BAD_GATEWAY.format(f"{status} {reason(status)}").encode(), "text/html")
        return error_reply(status, self.description or _default_description(status, self.retry_after), self.retry_after)


def _default_description(status: int, retry_after: int | None) -> str:
    known = {409: CONFLICT, 429: f"Too Many Requests: retry after {retry_after}", 401: "Unauthorized"}
    return known.get(status, reason(status))


NO_FAULT = Fault("")
CHAOS: dict[str, Fault] = {
    "429": Fault("429", status=429, retry_after=1),
    "502": Fault("502", status=502),
    "drop": Fault("drop", drop=True),
    "drop after": Fault("drop after", drop=True, after=True),
}


@dataclass(slots=True)
class Chaos:
    """Faults scattered over a part of the calls of some methods."""

    rate: float
    seed: int
    methods: frozenset[str]
    faults: tuple[Fault, ...]
    calls: Counter[str] = field(default_factory=Counter)

    def draw(self, method: str) -> Fault:
        """Decided by seed, method and how many calls of it came before: the same in every run."""
        if method not in self.methods:
            return NO_FAULT
        self.calls[method] += 1
        dice = random.Random(f"{self.seed}/{method}/{self.calls[method]}")
        return dice.choice(self.faults) if dice.random() < self.rate else NO_FAULT


class Trouble:
    """The part of the server that plays trouble."""

    def __init__(self, telegram: Telegram) -> None:
        """Play none until told to."""
        self._telegram = telegram
        self._faults: list[tuple[str, Fault]] = []
        self._chaos: Chaos | None = None

    def fail(
        self,
        method: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        description: str = "",
        broken_json: bool = False,
        drop: bool = False,
        after: bool = False,
        delay: float = 0.0,
        times: int = 1,
    ) -> None:
        """Play trouble on the next calls of a method ("*": of any method but getUpdates).

        `status` answers an error (429 with `retry_after`, 5xx as nginx's HTML page, others as JSON with
        `description`); `broken_json` answers 200 with half a JSON; `drop` closes the connection without an answer.
        With `after` the call is performed first, so only the answer is lost. `delay` waits before the call is
        performed; alone it changes nothing else.
        """
        retry_after = (retry_after or 1) if status == 429 else retry_after
        names = {"drop": drop, "broken json": broken_json, str(status): status is not None, "delay": delay > 0}
        name = next(name for name, wanted in names.items() if wanted) + (" after" if after else "")
        fault = Fault(name, status, description, retry_after, broken_json, drop, after, delay)
        with self._telegram.changed:
            self._faults += [(method, fault)] * times

    def chaos(
        self, rate: float, seed: int, methods: Iterable[str] = (), kinds: Iterable[str] = ("429", "drop")
    ) -> None:
        """Play trouble of these kinds (keys of CHAOS) on a part of all calls, the same in every run; rate 0 ends it.

        Without `methods`: on all but getUpdates. "drop after" performs the call and loses the answer.
        """
        chosen = frozenset(methods) or frozenset(METHODS) - {"getUpdates"}
        with self._telegram.changed:
            self._chaos = Chaos(rate, seed, chosen, tuple(CHAOS[kind] for kind in kinds)) if rate else None

    def expire_queries(self) -> None:
        """Make every unanswered callback and inline query too old to answer."""
        with self._telegram.changed:
            for query in self._telegram.queries.values():
                query.created = float("-inf")

    def _next_fault(self, method: str) -> Fault:
        for index, (wanted, fault) in enumerate(self._faults):
            if wanted == method or (wanted == "*" and method != "getUpdates"):
                del self._faults[index]
                return fault
        return self._chaos.draw(method) if self._chaos else NO_FAULT
