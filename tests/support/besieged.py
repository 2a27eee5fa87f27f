"""A store in a database, used from all sides: two servers that are asked all the time, two indexers, and kills.

Every round changes the reports and lets both indexers run; one publishes, the other helps. A round may kill -9 a
server, the indexer that writes, or the database. It ends once the change is published and both servers answer from it.
So a generation has the reports of one round, whoever published it, and every answer can be judged.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asked_store import Asking, what_is_wrong
from processes import PLAIN, run, serving
from revised_reports import RevisedReports
from seekdb import SeekdbServer

from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.store import OceanBaseStore
from retrieval.index.oceanbase.tables import STORE
from retrieval.index.oceanbase.writing.lease import holder

Kill = Literal["server", "indexer", "database"]
SERVERS = INDEXERS = (0, 1)
SECONDS = 180.0
"""After so many a round that has not ended has failed."""
LATEST = 1.0
"""The most seconds that an indexer or the database lives on once an indexer writes."""


@dataclass(frozen=True, slots=True)
class Siege:
    """What is done: how often the reports change, and what is killed meanwhile, in this order."""

    passages: int
    changes: int
    kills: Sequence[Kill]
    pause: float = 0.0
    """Seconds between the answer to a question and the next one, of each of two that ask a server."""
    hurried: bool = False
    """Whether the lease of a killed indexer is ended at once, in place of waiting for its end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: so many answers in so many seconds, and what was wrong, with how often."""

    answers: int
    seconds: float
    wrong: dict[str, int]
    rounds: int
    generations: int
    """That were published in the rounds; as many as rounds, where all is well."""
    killed: dict[str, int]
    longest_silence: float
    """Seconds that a server gave no answer."""
    problems: Sequence[str]
    """What `status --verify` finds in the end."""


def besiege(siege: Siege, server: SeekdbServer, database: Database, folder: Path, command: Sequence[str]) -> Outcome:
    """Do it, in an empty database of a server and a folder; ``command`` is ``wenbao``, or what stands in for it."""
    with ExitStack() as stack:
        return _Besieged(siege, server, database, folder, command, stack).run()


class _Besieged:
    """Two machines that index and two that serve, each with a folder of its own."""

    def __init__(
        self,
        siege: Siege,
        seekdb: SeekdbServer,
        database: Database,
        folder: Path,
        command: Sequence[str],
        stack: ExitStack,
    ) -> None:
        self._siege, self._seekdb, self._database, self._command = siege, seekdb, database, command
        self._store = OceanBaseStore(database, folder / "looking")
        self._reports = RevisedReports(folder / "reports", siege.passages)
        self._indexers = [self._config(folder / f"indexer{number}") for number in INDEXERS]
        self._servers = [self._config(folder / f"server{number}") for number in SERVERS]
        store = {"WENBAO_INDEX__STORE": "oceanbase", "WENBAO_INDEX__URL": str(database.address)}
        self._known = {**store, "WENBAO_INDEX_PASSWORD": seekdb.password}
        self._texts: dict[str, dict[str, str]] = {}
        self._killed: Counter[str] = Counter()
        self._chance = random.Random(7)
        self._stacks = [stack.enter_context(ExitStack()) for _ in SERVERS]
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._asking = Asking(["" for _ in SERVERS], siege.pause)

    def run(self) -> Outcome:
        """Go through all rounds; where a kill came too late there is one round more."""
        self._index(None)
        self._publication()
        for number in SERVERS:
            self._serve(number)
        kills, rounds, began = self._siege.kills, 0, time.monotonic()
        with self._asking.going_on():
            while rounds < self._siege.changes or self._killed.total() < len(kills):
                rounds += 1
                done = self._killed.total()
                is_due = done < len(kills) and len(kills) * rounds >= (done + 1) * self._siege.changes
                self._round(kills[done] if is_due else None)
            seconds = time.monotonic() - began
        verified = run(
            *("status", "--verify", "--json", "--config", self._servers[0]), command=self._command, **self._known
        )
        replies = self._asking.replies
        found = [what_is_wrong(reply, self._texts) for reply in replies]
        return Outcome(
            answers=sum(reply.code == 200 for reply in replies),
            seconds=seconds,
            wrong=dict(Counter(wrong for wrong in found if wrong)),
            rounds=rounds,
            generations=len(self._texts) - 1,
            killed=dict(self._killed),
            longest_silence=self._asking.longest_silence(),
            problems=json.loads(verified.stdout)["problems"],
        )

    def _config(self, folder: Path) -> Path:
        """Write a configuration; servers remember no answers, because few questions are asked again and again."""
        folder.mkdir()
        text = f"corpus: {{paths: ['{self._reports.folder}']}}\nserver: {{port: 0, remember: 0}}\n"
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        return folder / "config.yaml"

    def _serve(self, number: int) -> None:
        """Start a server, and wait until it is ready."""
        started = serving(self._servers[number], self._command, **self._known)
        self._asking.addresses[number], self._processes[number] = self._stacks[number].enter_context(started)

    # A round

    def _round(self, kill: Kill | None) -> None:
        self._reports.revise()
        self._index(kill)
        generation, since = self._publication(), time.monotonic()
        while set(self._asking.generations(since)) != {generation}:
            assert time.monotonic() < since + SECONDS, f"not all servers answer from {generation}"
            time.sleep(0.05)
        self._asking.away = ()

    def _publication(self) -> str:
        """Return the published generation's name; from now on its texts are known."""
        generation = self._store.generation()
        assert generation and generation not in self._texts, f"{generation} has been published before"
        self._texts[generation] = dict(self._reports.texts)
        return generation

    def _index(self, kill: Kill | None) -> None:
        """Let both indexers run, kill something meanwhile, and let one run again where both came to nothing."""
        runs = [self._indexing(config) for config in self._indexers]
        if kill == "server":
            self._kill_a_server()
        elif kill == "indexer":
            self._kill_the_writer(runs)
        elif kill == "database":
            self._kill_the_database(runs)
        ended = [_end_of(one) for one in runs]
        assert kill in ("indexer", "database") or not any(ended), ended
        deadline = time.monotonic() + SECONDS
        while all(ended):
            assert time.monotonic() < deadline, ended
            ended = [_end_of(self._indexing(self._indexers[0]))]

    def _indexing(self, config: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, "index", "--json", "--config", config],
            env={**os.environ, **PLAIN, **self._known},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    # Kills

    def _kill_a_server(self) -> None:
        number = self._killed["server"] % len(SERVERS)
        self._asking.away = (number,)
        self._processes[number].kill()
        self._stacks[number].close()
        self._serve(number)
        self._killed["server"] += 1

    def _kill_the_writer(self, runs: Sequence[subprocess.Popen[str]]) -> None:
        writer = self._writer(runs)
        writer.kill()
        self._killed["indexer"] += writer.wait() != 0
        self._hurry(writer)

    def _kill_the_database(self, runs: Sequence[subprocess.Popen[str]]) -> None:
        writer = self._writer(runs)
        self._asking.away = SERVERS
        self._seekdb.kill()
        self._seekdb.start()
        self._killed["database"] += 1
        self._hurry(writer)

    def _writer(self, runs: Sequence[subprocess.Popen[str]]) -> subprocess.Popen[str]:
        """Wait until an indexer writes, and some time more; return it."""
        deadline = time.monotonic() + SECONDS
        while True:
            found = holder(self._database)
            for one in runs:
                if found and found.name.endswith(f":{one.pid}"):
                    time.sleep(self._chance.uniform(0, LATEST))
                    return one
            assert time.monotonic() < deadline, "no indexer began to write"
            time.sleep(0.01)

    def _hurry(self, writer: subprocess.Popen[str]) -> None:
        """End the lease of an indexer that was killed, or that the killed database has put an end to."""
        if self._siege.hurried:
            writer.wait(SECONDS)
            with self._database.session() as session:
                session.change(f"UPDATE {STORE} SET until = NOW(6) WHERE writer LIKE %s", [f"%:{writer.pid} %"])


def _end_of(indexing: subprocess.Popen[str]) -> str:
    """Return what a run complained of; nothing where it ended well."""
    _, complaint = indexing.communicate(timeout=SECONDS)
    return complaint or f"exit status {indexing.returncode}" if indexing.returncode else ""
