"""Row 5: ``POST /ask`` with many clients, against a loop that only encodes the same questions."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from benchmarks.harness.contest import estimate, quantile, ratios, thinned
from benchmarks.harness.machine import memory_megabytes, versions
from benchmarks.harness.material import (
    default_encoder,
    index_of,
    many_questions,
    open_ten_thousand,
    read_material,
    set_path,
)
from benchmarks.harness.rows import Contestant, Measured, Row, Scalar, at_least, at_most, row_of
from benchmarks.harness.scale import LARGE_SET, Bench
from benchmarks.harness.serving import Asked, Server, ask_all, serving, write_config
from retrieval.encoder.sentence_encoder import SentenceEncoder

ROUNDS = 3
ENCODING_SHARE = 0.4
"""Of the time under load, to each round's loop of encoding."""
ALONE_SHARE = 0.15
"""Of the time under load, to one client alone before each round."""
ENOUGH = 15_000


def measure(bench: Bench) -> Measured:
    """Serve the index of about 10,000 passages; load, encoding and a single client take turns."""
    encoder = default_encoder()
    passages = len(open_ten_thousand(bench, encoder).snapshot.passages)
    corpus = read_material(bench, LARGE_SET).corpus if set_path(bench, LARGE_SET).exists() else bench.work
    config = write_config(bench.work / "load", corpus, index_of(bench, LARGE_SET))
    pool = many_questions(bench, ENOUGH)
    seconds = bench.scale.load_seconds / ROUNDS
    alone: list[Asked] = []
    loaded: list[Loaded] = []
    encoded: list[float] = []
    with serving(config) as server:
        _warm(server, encoder, pool[-50:])
        for number in range(ROUNDS):
            part = pool[number * len(pool) // ROUNDS : (number + 1) * len(pool) // ROUNDS]
            alone += ask_all(server, distinct(part[::-1]), seconds=ALONE_SHARE * seconds)
            turns = [("load", seconds), ("encode", ENCODING_SHARE * seconds)]
            for name, length in turns if number % 2 == 0 else turns[::-1]:
                if name == "load":
                    loaded.append(under_load(server, distinct(part), bench.scale.clients, length))
                else:
                    encoded.append(encoding_rate(encoder, distinct(part), length))
        resident = memory_megabytes(server.pid)
    rows = rows_of(alone, loaded, encoded, bench.scale.clients)
    noted = {"passages": passages, "server’s resident memory, MB": round(resident)}
    return Measured(tuple(_noted(row, noted) for row in rows), versions=versions())


@dataclass(frozen=True, slots=True)
class Loaded:
    """One round under load: every question, and the seconds until the last answer."""

    asked: Sequence[Asked]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(one.sound for one in self.asked) / self.seconds


def under_load(server: Server, questions: Iterable[str], clients: int, seconds: float) -> Loaded:
    """Let all clients ask for some seconds, and wait for the last answers."""
    started = time.perf_counter()
    return Loaded(ask_all(server, questions, clients, seconds), time.perf_counter() - started)


def rows_of(alone: Sequence[Asked], loaded: Sequence[Loaded], encoded: Sequence[float], clients: int) -> list[Row]:
    """Return the three rows: ``loaded`` and ``encoded`` (questions a second) are one entry a round."""
    rates = [some.rate for some in loaded]
    every = [one for some in loaded for one in some.asked]
    single = [one.milliseconds for one in alone]
    middle = quantile(single, 0.5)
    worst = [quantile([one.milliseconds for one in some.asked], 0.99) / middle for some in loaded]
    whole = quantile([one.milliseconds for one in every], 0.99) / middle
    wrong = [one for one in (*alone, *every) if not one.sound]
    who = f"{clients} clients"
    details = {
        "clients": clients,
        "seconds under load": round(sum(some.seconds for some in loaded)),
        "questions": len(every),
    }
    latencies = (
        Contestant("one client", "ms", tuple(thinned(single))),
        Contestant(who, "ms", tuple(thinned([one.milliseconds for one in every]))),
    )
    share = row_of(
        "5a",
        "load",
        f"POST /ask, {who}: answers a second, against only encoding the same questions one by one",
        "×",
        estimate(ratios(rates, encoded)),
        at_least(0.7),
        contestants=(
            Contestant(f"POST /ask, {who}", "questions/s", tuple(rates)),
            Contestant("only encoding", "questions/s", tuple(encoded)),
        ),
        details=details,
    )
    tail = Row(
        "5b",
        "load",
        f"POST /ask, {who}: 99th percentile, against the median of one client alone",
        "×",
        whole,
        at_most(8),
        (min(worst), max(worst)),
        None,
        latencies,
        note="in place of quartiles: the least and the most of the rounds",
        details={"p50 alone, ms": round(middle, 2), "p99 loaded, ms": round(whole * middle, 1)},
    )
    errors = Row("5c", "load", f"POST /ask, {who}: questions without an answer", "", float(len(wrong)), at_most(0))
    return [share, tail, errors]


def _noted(row: Row, details: Mapping[str, Scalar]) -> Row:
    return replace(row, details={**row.details, **details})


def distinct(questions: Sequence[str]) -> Iterator[str]:
    """Yield questions, no text twice: when they run out they come again with a number."""
    for turn in count():
        for question in questions:
            yield question if not turn else f"{question}（{turn + 1}）"


def encoding_rate(encoder: SentenceEncoder, questions: Iterator[str], seconds: float) -> float:
    """Return how many questions a second a loop encodes that does nothing else."""
    started, done = time.perf_counter(), 0
    while (now := time.perf_counter()) - started < seconds:
        encoder.encode_queries([next(questions)])
        done += 1
    return done / (now - started)


def _warm(server: Server, encoder: SentenceEncoder, questions: Sequence[str]) -> None:
    ask_all(server, questions, clients=2, seconds=2)
    encoding_rate(encoder, distinct(questions), 0.5)
