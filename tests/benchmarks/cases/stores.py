"""Row 11: the index in a database: used from all sides while things are killed, and against the local one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from besieged import Outcome, Siege, besiege
from seekdb import fresh_database, seekdb_running, why_not

from benchmarks.harness.contest import alternate, estimate, ratios
from benchmarks.harness.machine import PACKAGES, versions
from benchmarks.harness.material import default_encoder, open_ten_thousand, questions_to_ten_thousand
from benchmarks.harness.rows import Contestant, Measured, Row, at_least, at_most, row_of
from benchmarks.harness.scale import Bench
from retrieval.answer.answerer import Answerer
from retrieval.answer.trained.choice import reader_of
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import LocalSnapshot
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.soundness import check_sound
from retrieval.index.oceanbase.store import OceanBaseStore
from retrieval.index.oceanbase.writing.copying import copy_to
from retrieval.index.protocol import Snapshot
from retrieval.types import Question

COMMAND = (sys.executable, "-c", "from bot.cli import main; main()")
FULL = Siege(2000, changes=50, kills=("server", "indexer", "database", "server", "indexer", "database"))
QUICK = Siege(50, changes=3, kills=("server", "indexer", "database"), hurried=True)
WARM_UP = 5
NAMED = 5
"""Kinds of wrong answers that are named."""
RATE = "two servers and two indexers on one database: answers a minute, during {changes} changes and {kills} × kill -9"
WRONG = "meanwhile: wrong or mixed answers, questions that a server which was there left open, changes lost, damage"
LATENCY = "Answerer.ask, reader off, {passages:,} passages: the index in a database, against the same one in files"
TRIPS = "round trips to the database for one question, the most"


def measure(bench: Bench) -> Measured:
    """Start the database's server; without the wheel of it, or rights to start it, nothing is measured."""
    if reason := why_not():
        return Measured(rows_without(reason), versions=versions())
    rows = (*_besieged(bench), *_against_local(bench))
    return Measured(rows, versions=versions((*PACKAGES, "pylibseekdb", "PyMySQL")))


def rows_without(reason: str) -> tuple[Row, ...]:
    """Return the rows where they cannot be measured."""
    rate = RATE.format(changes=FULL.changes, kills=len(FULL.kills))
    return (
        Row("11a", "stores", rate, "answers/min", None, at_least(300), note=reason),
        Row("11b", "stores", WRONG, "", None, at_most(0), note=reason),
        Row("11c", "stores", LATENCY.format(passages=10_000), "×", None, at_most(3), note=reason),
        Row("11d", "stores", TRIPS, "", None, at_most(4), note=reason),
    )


# 11a, 11b


def _besieged(bench: Bench) -> tuple[Row, Row]:
    siege, folder = QUICK if bench.quick else FULL, bench.work / "besieged"
    folder.mkdir()
    with seekdb_running() as server, fresh_database(server) as database:
        outcome = besiege(siege, server, database, folder, COMMAND)
    shutil.rmtree(folder)
    return rows_of(outcome)


def rows_of(outcome: Outcome) -> tuple[Row, Row]:
    """Return the rows of what came of a siege."""
    details = {
        "answers": outcome.answers,
        "seconds": round(outcome.seconds),
        "generations": outcome.generations,
        "longest without an answer of one server, s": round(outcome.longest_silence, 1),
        **{f"kill -9: {name}": times for name, times in outcome.killed.items()},
    }
    rate = RATE.format(changes=outcome.rounds, kills=sum(outcome.killed.values()))
    lost, damaged = outcome.rounds - outcome.generations, len(outcome.problems)
    wrong = dict(list(outcome.wrong.items())[:NAMED])
    return (
        Row(
            "11a",
            "stores",
            rate,
            "answers/min",
            60 * outcome.answers / outcome.seconds,
            at_least(300),
            note="all on one machine, the clients too; few questions, whose vectors are remembered",
            details=details,
        ),
        Row(
            "11b",
            "stores",
            WRONG,
            "",
            float(sum(outcome.wrong.values()) + lost + damaged),
            at_most(0),
            details={"changes lost": lost, "damaged at the end": damaged, **wrong},
        ),
    )


# 11c, 11d


def _against_local(bench: Bench) -> tuple[Row, Row]:
    encoder = default_encoder()
    local = open_ten_thousand(bench, encoder).snapshot
    assert isinstance(local, LocalSnapshot)
    questions = questions_to_ten_thousand(bench, bench.scale.asked + WARM_UP)
    with seekdb_running() as server, fresh_database(server) as database:
        copy_to(local, database, test=lambda number: check_sound(database, number))
        stored = OceanBaseStore(database, bench.work / "stored").published()
        return _asked(database, _reading_by_rules(local, encoder), _reading_by_rules(stored, encoder), questions)


def _reading_by_rules(snapshot: Snapshot, encoder: Encoder) -> Answerer:
    return Answerer(snapshot, encoder, reader_of(snapshot, encoder, "rules"))


def _asked(database: Database, local: Answerer, stored: Answerer, questions: Sequence[str]) -> tuple[Row, Row]:
    """Return the rows of two answerers from the same passages; no question is asked twice."""
    trips: list[int] = []
    received: list[int] = []

    def ask_stored(question: str) -> None:
        before = database.traffic
        stored.ask(Question(question))
        after = database.traffic
        trips.append(after.trips - before.trips)
        received.append(after.received - before.received + after.sent - before.sent)

    def ask_local(question: str) -> None:
        local.ask(Question(question))

    for question in questions[:WARM_UP]:
        ask_stored(question)
        ask_local(question)
    del trips[:], received[:]
    taken = alternate({"in a database": ask_stored, "in files": ask_local}, questions[WARM_UP:])
    medians = {name: estimate(some).value for name, some in taken.items()}
    latency = row_of(
        "11c",
        "stores",
        LATENCY.format(passages=len(local.snapshot.passages)),
        "×",
        estimate(ratios(taken["in a database"], taken["in files"])),
        at_most(3),
        contestants=tuple(Contestant(name, "ms", tuple(1000 * one for one in some)) for name, some in taken.items()),
        note="the database's server runs on the same machine",
        details={
            "ratio of the medians": round(medians["in a database"] / medians["in files"], 2),
            "kB a question, median": round(estimate(received).value / 1000, 1),
            "kB a question, most": round(max(received) / 1000, 1),
        },
    )
    details = {"median": estimate(trips).value, "questions": len(trips)}
    return latency, Row("11d", "stores", TRIPS, "", float(max(trips)), at_most(4), details=details)
