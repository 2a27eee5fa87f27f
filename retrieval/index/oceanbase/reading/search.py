"""What each leg puts forward: the server finds a few more than are wanted, and they are scored here as everywhere.

The server's own BM25 and its graph of vectors only choose whom to look at. Texts of other generations are among what
they find, and are passed over. Where a leg has too few left, it is asked again for more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from retrieval.arrays import Candidates, Rows, Scores, Vectors
from retrieval.index.oceanbase.catalogue import Catalogue
from retrieval.index.oceanbase.codes import code_of
from retrieval.index.oceanbase.reading.batch import Batch
from retrieval.index.oceanbase.reading.legs import StoredLeg
from retrieval.index.oceanbase.reading.looking import Looking
from retrieval.index.oceanbase.reading.material import Statement, marks, one_by_one
from retrieval.index.oceanbase.session import Row
from retrieval.index.oceanbase.tables import EF_SEARCH, PASSAGES, TEXTS
from retrieval.index.protocol import Admitted, Sought
from retrieval.types import LegName

RESCORED = 4
"""How many times as many texts as asked for are scored here."""
MOST_LOOKED_AT = 2_000
MOST_READ = 3_000
"""Places of a leg's words that the server reads: of more, the commonest words find nothing, but count for the rest."""
FEW_REPORTS = 400
FEW_PASSAGES = 4_000
"""With so few admitted reports and passages, only they are looked through."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look: everywhere, or only in a few ``ranges`` of passages; ``share`` of the passages may answer."""

    ranges: Sequence[tuple[int, int]] = ()
    share: float = 1.0

    @classmethod
    def of(cls, catalogue: Catalogue, admitted: Admitted | None) -> Scope:
        """Return the scope of the reports that may answer."""
        if admitted is None:
            return cls()
        counts = catalogue.layout.counts()
        places = np.flatnonzero(admitted.reports & (counts > 0))
        passages = int(counts[places].sum())
        share = passages / max(len(catalogue.layout), 1)
        if len(places) <= FEW_REPORTS and passages <= FEW_PASSAGES:
            return cls([catalogue.range_of(int(place)) for place in places], share)
        return cls(share=share)

    def looked_at(self, wanted: int) -> int:
        """Return how many texts to look at, so that so many are left of those that may answer."""
        return MOST_LOOKED_AT if self.ranges else min(MOST_LOOKED_AT, int(wanted / max(self.share, 1e-6)) + 1)

    def condition(self) -> tuple[str, list[object]]:
        """Return what a statement adds to keep to the ranges."""
        if not self.ranges:
            return "", []
        within = " OR ".join(["p.passage BETWEEN %s AND %s"] * len(self.ranges))
        return f" AND ({within})", [bound for both in self.ranges for bound in both]


@dataclass(slots=True)
class Found:
    """What came of one leg: ``firsts`` scores each text's first passage that may answer, of so many ``texts``."""

    firsts: dict[int, float]
    texts: int


class Search:
    """Looks for candidates in one generation."""

    def __init__(self, catalogue: Catalogue, looking: Looking) -> None:
        self._catalogue = catalogue
        self._looking = looking
        self._texts = TEXTS.format(space=catalogue.space)

    def candidates(self, sought: Sought, admitted: Admitted | None) -> dict[str, Candidates]:
        """Return what each leg puts forward; see ``protocol.Snapshot``."""
        scope, found = Scope.of(self._catalogue, admitted), dict[str, Found]()
        depths: dict[str, int] = {name: k for name, (_, k) in sought_of(sought).items()}
        depths["dense"] = max(sought.dense, sought.dense_alone)
        left = {name: scope.looked_at((2 if name == "dense" else RESCORED) * k) for name, k in depths.items()}
        while left:
            found |= self._search(sought, left, scope, admitted)
            few = [name for name in left if len(found[name].firsts) < depths[name] and found[name].texts >= left[name]]
            left = {name: 4 * left[name] for name in few if left[name] < MOST_LOOKED_AT}
        legs: dict[str, Candidates] = {
            name: best_of(found[name].firsts, k, least=-2.0 if name == "dense" else 0.0) for name, k in depths.items()
        }
        dense = legs.pop("dense")
        return {"dense": dense.first(sought.dense_candidates(legs)), **legs}

    def _search(
        self, sought: Sought, limits: Mapping[str, int], scope: Scope, admitted: Admitted | None
    ) -> dict[str, Found]:
        """Search these legs in one round trip, each looking at so many texts."""
        batch, found = Batch(), {name: Found({}, 0) for name in limits}

        def taker(name: str, scored: Callable[[Sequence[Row]], dict[bytes, float]]) -> Callable[[list[Row]], None]:
            def take(rows: list[Row]) -> None:
                scores = scored(rows)
                found[name] = Found(self._firsts(rows, scores, scope, admitted), len(scores))

            return take

        for name, (words, _) in sought_of(sought).items():
            if name in limits:
                statement = self._words(name, words, limits[name], scope)
                batch.add(statement, taker(name, partial(self._scored, name, words)))
        if "dense" in limits:
            *settings, nearest = self._nearest(sought.vector(), limits["dense"], scope)
            for setting in settings:
                batch.add(setting, lambda rows: None)
            batch.add(nearest, taker("dense", lambda rows: {text: -float(distance) for text, _, distance in rows}))
        self._looking.run(batch)
        return found

    def _words(self, name: LegName, words: Sequence[str], limit: int, scope: Scope) -> Statement | None:
        """Return the statement for the texts that share most with the words of a leg; None where none is known."""
        leg = self._looking.legs[name]
        query = " ".join(map(code_of, _rarest(leg, words)))
        if not query:
            return None
        within, bounds = scope.condition()
        match = f"MATCH({name}) AGAINST (%s)"
        if within:
            return (
                f"SELECT t.text, p.passage, t.{name} FROM {self._texts} t JOIN {PASSAGES} p ON p.text = t.text "
                f"WHERE {match}{within}",
                [query, *bounds],
            )
        best = f"SELECT text, {name} FROM {self._texts} WHERE {match} ORDER BY {match} DESC LIMIT {limit}"
        return (
            f"SELECT {one_by_one('f', 'p')} "
            f"f.text, p.passage, f.{name} FROM ({best}) f JOIN {PASSAGES} p ON p.text = f.text",
            [query, query],
        )

    def _nearest(self, vector: Vectors, limit: int, scope: Scope) -> list[Statement]:
        """Return the statements for the texts nearest to a question; only the last one has rows."""
        near, (within, bounds) = written(vector), scope.condition()
        if within:
            return [
                (
                    f"SELECT {one_by_one('p', 't')} "
                    f"t.text, p.passage, negative_inner_product(t.vector, %s) d FROM {PASSAGES} p "
                    f"JOIN {self._texts} t ON t.text = p.text WHERE 1 = 1{within} ORDER BY d LIMIT {limit}",
                    [near, *bounds],
                )
            ]
        best = (
            f"SELECT text, negative_inner_product(vector, %s) d FROM {self._texts} "
            f"ORDER BY negative_inner_product(vector, %s) APPROXIMATE LIMIT {limit}"
        )
        return [
            (f"SET ob_hnsw_ef_search = {min(max(EF_SEARCH, limit), 1000)}", []),
            (
                f"SELECT {one_by_one('f', 'p')} "
                f"f.text, p.passage, f.d FROM ({best}) f JOIN {PASSAGES} p ON p.text = f.text",
                [near, near],
            ),
        ]

    def _scored(self, name: LegName, words: Sequence[str], rows: Sequence[Row]) -> dict[bytes, float]:
        """Return the score of each text that a statement of ``_words`` found."""
        codes: dict[bytes, str] = {text: coded for text, _, coded in rows}
        scores = self._looking.legs[name].scores(words, list(codes.values()))
        return dict(zip(codes, scores.tolist(), strict=True))

    def _firsts(
        self, rows: Sequence[Row], scores: Mapping[bytes, float], scope: Scope, admitted: Admitted | None
    ) -> dict[int, float]:
        """Return the score of each text's first passage that may answer, by row."""
        # Within a scope these are not all passages of the texts.
        groups = self._looking.groups(rows) if scope.ranges else self._looking.keep_copies(rows)
        firsts = dict[int, float]()
        for text, of in groups.items():
            for group in of:
                may = admitted.admits(self._catalogue.layout, group).tolist() if admitted else [True]
                first = next((row for row, is_admitted in zip(group, may, strict=False) if is_admitted), None)
                if first is not None:
                    firsts[first] = scores[text]
        return firsts

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passages, ``(len(rows), d)``, as the server writes them, to six digits."""
        numbers = self._catalogue.passages_of(rows)
        statement = (
            f"SELECT {one_by_one('p', 't')} "
            f"p.passage, t.vector FROM {PASSAGES} p JOIN {self._texts} t ON t.text = p.text "
            f"WHERE p.passage IN ({marks(numbers)})"
        )
        found = self._looking.rows((statement, numbers)) if numbers else []
        read = {int(passage): json.loads(vector) for passage, vector in found}
        vectors = [read[number] for number in numbers]
        return np.array(vectors, dtype=np.float32).reshape(len(numbers), self._catalogue.dimension)

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the inner products of one ``(d,)`` question with these passages, ``(len(rows),)``."""
        numbers = self._catalogue.passages_of(rows)
        statement = (
            f"SELECT {one_by_one('p', 't')} "
            f"p.passage, negative_inner_product(t.vector, %s) FROM {PASSAGES} p "
            f"JOIN {self._texts} t ON t.text = p.text WHERE p.passage IN ({marks(numbers)})"
        )
        found = self._looking.rows((statement, [written(vector), *numbers]))
        scores = {int(passage): -float(distance) for passage, distance in found}
        return np.array([scores[number] for number in numbers], dtype=np.float32)

    def holds_among(self, word: str, admitted: Admitted) -> bool:
        """Whether any passage of the reports that are admitted holds the word."""
        if not self._looking.legs.words.holds(word):
            return False
        within, bounds = Scope.of(self._catalogue, admitted).condition()
        statement = (
            f"SELECT DISTINCT p.passage FROM {self._texts} t JOIN {PASSAGES} p ON p.text = t.text "
            f"WHERE MATCH(t.words) AGAINST (%s){within}"
        )
        found = self._looking.rows((statement, [code_of(word), *bounds]))
        rows = self._catalogue.rows_of([int(passage) for (passage,) in found])
        rows = rows[rows >= 0]
        return bool(admitted.reports[self._catalogue.layout.reports_of(rows)].any())


def best_of(scored: Mapping[int, float], k: int, *, least: float = 0.0) -> Candidates:
    """Return the ``k`` best of scored rows above ``least``, best first, ties in reading order."""
    kept = {row: score for row, score in scored.items() if score > least}
    rows = np.array(list(kept), dtype=np.int64)
    return Candidates(rows, np.array(list(kept.values()), dtype=np.float32)).sorted().first(k)


def written(vector: Vectors) -> str:
    """Return a vector as SQL has it, with all its digits."""
    return "[" + ",".join(f"{value:.9g}" for value in vector.tolist()) + "]"


def sought_of(sought: Sought) -> dict[LegName, tuple[Sequence[str], int]]:
    """Return what each leg of words looks up, and how many passages it puts forward."""
    return {
        "words": (sought.words, sought.candidates),
        "bigrams": (sought.bigrams, sought.candidates),
        "pinyin": (sought.pinyin, sought.pinyin_candidates),
        "dictionary": (sought.dictionary, sought.candidates),
    }


def _rarest(leg: StoredLeg, words: Sequence[str]) -> list[str]:
    """Return the rarest known words, that stand in ``MOST_READ`` passages together; at least one."""
    frequencies = {word: leg.frequency(word) for word in Counter(words)}
    known = sorted((word for word, count in frequencies.items() if count), key=frequencies.__getitem__)
    read = np.cumsum([frequencies[word] for word in known])
    return known[: max(1, int(np.searchsorted(read, MOST_READ, side="right")))]
