"""The queue of texts that are not embedded yet, which any number of indexers on any machines share.

An indexer claims a few for some seconds at a time, and for as long as it lives. What a killed one had claimed is free
again when the claim ends. Two may then have embedded the same text: what comes second is passed over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from retrieval.encoder.protocol import Encoded
from retrieval.errors import StoreUnreachable
from retrieval.index.cutting import cut_texts
from retrieval.index.local.checkpoint import BATCH
from retrieval.index.oceanbase.codes import coded
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import ConnectionLost, StatementFailed
from retrieval.index.oceanbase.reading.material import marks
from retrieval.index.oceanbase.reading.search import written
from retrieval.index.oceanbase.session import Session
from retrieval.index.oceanbase.tables import LEGS, TEXTS, WORK
from retrieval.index.oceanbase.writing.lease import AHEAD, LEASE_SECONDS, Lease, indexer

KEYS = 1000
"""Keys that one statement names at most."""
ADOPTED = 64
"""Texts that are taken over in one round trip."""
COLUMNS = ("text", "matched", *LEGS, "vector", "tokens")
ATTEMPTS = 5
CROSSED = {1205, 1213, *range(6001, 6007)}
"""What the server says where two transactions were in each other's way: one of them has to come again."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a run is shared out.

    ``batch`` texts are claimed together, which is what a killed indexer loses, for ``claim_seconds``. The writer's own
    lease lasts ``lease_seconds``. Whoever lives renews both.

    A text's vectors depend a little on what it is embedded with, so a single indexer makes the batches of a local one.
    """

    batch: int = BATCH
    claim_seconds: float = 60.0
    lease_seconds: float = LEASE_SECONDS


USUAL = Sharing()


@dataclass(frozen=True, slots=True)
class Claim:
    """Texts, by key, that one indexer may embed, until it is done or the claim ends."""

    owner: str
    texts: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class Queue:
    """The texts of a space that are to be embedded; its tables are there."""

    database: Database
    space: str

    @property
    def work(self) -> str:
        """The table of the queue."""
        return WORK.format(space=self.space)

    @property
    def texts(self) -> str:
        """The table of what is done."""
        return TEXTS.format(space=self.space)

    def missing(self, keys: Sequence[bytes]) -> set[bytes]:
        """Return those of the keys whose texts are not embedded."""
        left = set(keys)
        for start in range(0, len(keys), KEYS):
            part = keys[start : start + KEYS]
            statement = f"SELECT text FROM {self.texts} WHERE text IN ({marks(part)})"
            left.difference_update(key for (key,) in self.database.rows(statement, part))
        return left

    def offer(self, lease: Lease, texts: Mapping[bytes, str]) -> None:
        """Put exactly these texts, by key, into the queue, in their order; who works at one of them goes on."""
        queued, places = self._queued(), {key: place for place, key in enumerate(texts)}
        gone, new = sorted(queued - texts.keys()), sorted(texts.keys() - queued)
        for start in range(0, len(gone), KEYS):
            part = gone[start : start + KEYS]
            with lease.transaction() as session:
                session.change(f"DELETE FROM {self.work} WHERE text IN ({marks(part)})", part)
        for start in range(0, len(new), KEYS):
            with lease.transaction() as session:
                rows = ((key, places[key], texts[key]) for key in new[start : start + KEYS])
                session.insert(self.work, ["text", "place", "matched"], rows, ignore=True)

    def adopt(self, other: str, texts: Mapping[bytes, str]) -> None:
        """Take over what another space of the same encoder has of these texts, by key; words are cut anew."""
        known = sorted(texts.keys() - Queue(self.database, other).missing(list(texts)))
        legs = ", ".join(["%s"] * len(LEGS))
        copied = (
            f"INSERT IGNORE INTO {self.texts} ({', '.join(COLUMNS)}) "
            f"SELECT text, matched, {legs}, vector, tokens FROM {TEXTS.format(space=other)} WHERE text = %s"
        )
        for start in range(0, len(known), ADOPTED):
            part = known[start : start + ADOPTED]
            codes = _codes([texts[key] for key in part])
            with self.database.transaction() as session:
                session.all([(copied, (*legs, key)) for key, legs in zip(part, codes, strict=True)])

    def left(self) -> int:
        """Count what is not done."""
        ((count,),) = self.database.rows(f"SELECT COUNT(*) FROM {self.work}")
        return int(count)

    def claim(self, most: int, seconds: float = USUAL.claim_seconds) -> Claim | None:
        """Claim the first texts, up to ``most``, that nobody works at; None where there are none."""
        owner = indexer()
        take = (
            f"UPDATE {self.work} SET claimed = %s, until = {AHEAD} "
            f"WHERE until IS NULL OR until <= NOW(6) ORDER BY place LIMIT {most}"
        )
        look = f"SELECT text, matched FROM {self.work} WHERE claimed = %s AND until > NOW(6) ORDER BY place"

        def taken(session: Session) -> dict[bytes, str]:
            return dict(session.all([(take, [owner, round(seconds * 1e6)]), (look, [owner])])[1])

        texts = again(lambda: self.database.reading(taken))
        return Claim(owner, texts) if texts else None

    def prolong(self, claim: Claim, seconds: float = USUAL.claim_seconds) -> None:
        """Keep the texts of a claim for so many seconds more."""
        keys = list(claim.texts)
        statement = f"UPDATE {self.work} SET until = {AHEAD} WHERE text IN ({marks(keys)}) AND claimed = %s"
        with self.database.session() as session:
            session.change(statement, [round(seconds * 1e6), *keys, claim.owner])

    def finish(self, claim: Claim, encoded: Encoded) -> None:
        """Keep what was made of a claim's texts, in their order, and take them from the queue, both or neither."""
        keys, texts = list(claim.texts), list(claim.texts.values())
        made = zip(keys, texts, _codes(texts), encoded.vectors, encoded.tokens, strict=True)
        rows = [
            (key, text, *legs, written(vector), tokens.tobytes())
            for key, text, legs, vector, tokens in sorted(made, key=lambda row: row[0])
        ]

        def keep() -> None:
            with self.database.transaction() as session:
                session.insert(self.texts, COLUMNS, rows, ignore=True)
                session.change(f"DELETE FROM {self.work} WHERE text IN ({marks(keys)})", keys)

        again(keep)

    def _queued(self) -> set[bytes]:
        queued: set[bytes] = set()
        last = b""
        while rows := self.database.rows(
            f"SELECT text FROM {self.work} WHERE text > %s ORDER BY text LIMIT {KEYS}", [last]
        ):
            queued.update(key for (key,) in rows)
            last = rows[-1][0]
        return queued


def _codes(texts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the coded terms of each text, leg by leg."""
    cut = cut_texts(texts)
    return zip(*([coded(terms) for terms in cut[leg]] for leg in LEGS), strict=True)


def again(change: Callable[[], T]) -> T:
    """Return what a change returns that may be made twice; it is, where another was in its way or the line broke."""
    for attempt in range(1, ATTEMPTS):
        try:
            return change()
        except StatementFailed as failed:
            if failed.code not in CROSSED:
                raise
        except ConnectionLost as lost:
            if attempt == ATTEMPTS - 1:
                raise StoreUnreachable(str(lost)) from lost
        time.sleep(0.05 * attempt)
    return change()
