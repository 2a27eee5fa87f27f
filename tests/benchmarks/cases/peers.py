"""Row 6: Wenbao against LangChain, txtai and Haystack: same weights, same passages, same questions, same threads.

Every contestant is a process of its own and stays alive from the first set to the last. On each set they build one
after the other, another one first each time, and then answer each question in turn. A hit is what it is for
``wenbao evaluate``. Wenbao's refusals count as misses; its peers never refuse.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness.contest import Estimate, estimate, mean_estimate, ratios
from benchmarks.harness.machine import versions
from benchmarks.harness.material import Material, default_encoder, read_material, sets_there
from benchmarks.harness.rows import Bound, Contestant, Measured, Row, SetContest, SetQuality, at_most
from benchmarks.harness.scale import ROOT, SETS, Bench
from retrieval.evaluation.judged import Judgement, judge
from retrieval.evaluation.measures import DEPTH, ranking_values

ADAPTERS = Path(__file__).parents[1] / "peers"
WENBAO = "Wenbao"
PEERS = {"LangChain": "langchain_peer.py", "txtai": "txtai_peer.py", "Haystack": "haystack_peer.py"}
WARM_UP = ("热身问题是什么？", "What is this about?", "第一个问题有多少人？")
BUILT_AGAIN_UP_TO = 500
"""Passages of a set that is small enough to be indexed more than once, as it is done within seconds."""
SAME_WEIGHTS = 0.97
"""Least cosine of a contestant's vector of a question to the first peer's: less means other weights or prompts."""


class ContestantFailed(RuntimeError):
    """A contestant said why it cannot go on, or ended."""


class Process:
    """One contestant."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self._process = process

    def call(self, **request: object) -> dict[str, Any]:
        """Send a request and wait for its reply."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError as error:
            raise ContestantFailed(f"{self.name} ended: {error}") from error
        if not line:
            raise ContestantFailed(f"{self.name} ended")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise ContestantFailed(f"{self.name}: {reply['error']}")
        return reply


@contextmanager
def started(name: str, command: Sequence[str | Path], log: Path) -> Iterator[Process]:
    """Start a contestant; what it writes to the standard error goes to a file."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment["PYTHONPATH"] = str(ROOT) if name == WENBAO else ""
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
        try:
            yield Process(name, process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one contestant did with one set: seconds by build; milliseconds, hit@1 and reciprocal rank by question."""

    build_seconds: tuple[float, ...]
    milliseconds: tuple[float, ...]
    hits: tuple[float, ...]
    reciprocal: tuple[float, ...]


def measure(bench: Bench) -> Measured:
    """Hold the contest on every development set that is there."""
    names = sets_there(bench)
    if not names:
        raise FileNotFoundError(f"none of {', '.join(SETS)} is in {bench.shared}: name their folder with SHARED=…")
    with ExitStack() as stack:
        contestants = {name: stack.enter_context(one) for name, one in _all(bench)}
        model = str(default_encoder().folder)
        known = versions()
        for name, process in contestants.items():
            found = process.call(op="load", model=model, threads=bench.threads)["versions"]
            known |= {package: version for package, version in found.items() if name != WENBAO}
        cosines = same_weights(
            {name: process.call(op="encode", question="谁?") for name, process in contestants.items()}
        )
        outcomes, sets = {}, []
        for number, name in enumerate(names):
            material = read_material(bench, name)
            outcomes[name] = contest(bench, material, contestants, number)
            sets.append(set_contest(material, outcomes[name]))
    rows = tuple(row for peer in PEERS for row in rows_of(peer, outcomes, cosines))
    return Measured(rows, tuple(sets), known)


def _all(bench: Bench) -> Iterator[tuple[str, Any]]:
    commands: dict[str, list[str | Path]] = {WENBAO: [sys.executable, ADAPTERS / "wenbao_peer.py"]}
    commands |= {name: [bench.peers_python, ADAPTERS / script] for name, script in PEERS.items()}
    for name, command in commands.items():
        yield name, started(name, command, bench.work / f"{name}.log")


def same_weights(replies: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the cosine of every peer's vector of one question to Wenbao's; ContestantFailed if it is another model."""
    vectors = {name: np.array(reply["vector"]) for name, reply in replies.items()}
    cosines = {name: float(vectors[WENBAO] @ vector) for name, vector in vectors.items() if name != WENBAO}
    for name, cosine in cosines.items():
        if cosine < SAME_WEIGHTS:
            raise ContestantFailed(f"{name} encodes a question otherwise than Wenbao: cosine {cosine:.3f}")
    return cosines


def contest(bench: Bench, material: Material, contestants: Mapping[str, Process], number: int) -> dict[str, Outcome]:
    """Build and ask on one set; ``number`` says whose turn it is to begin."""
    passages = bench.work / f"{material.name}.jsonl"
    lines = (json.dumps({"text": passage.text}, ensure_ascii=False) for passage in material.passages)
    passages.write_text("\n".join(lines), encoding="utf-8")
    where = {
        "passages": str(passages),
        "corpus": str(material.corpus),
        "index": str(bench.work / "indexes" / material.name),
    }
    names = list(contestants)
    order = names[number % len(names) :] + names[: number % len(names)]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(bench.scale.builds if len(material.passages) <= BUILT_AGAIN_UP_TO else 1):
        for name in order if turn % 2 == 0 else order[::-1]:
            seconds[name].append(float(contestants[name].call(op="build", **where)["seconds"]))
    for question in WARM_UP:
        for process in contestants.values():
            process.call(op="ask", question=question, k=DEPTH)
    milliseconds: dict[str, list[float]] = {name: [] for name in names}
    judgements: dict[str, dict[str, Judgement]] = {name: {} for name in names}
    for turn, judged in enumerate(material.questions):
        known = material.known(judged)
        for name in (*names[turn % len(names) :], *names[: turn % len(names)]):
            reply = contestants[name].call(op="ask", question=judged.question, k=DEPTH)
            milliseconds[name].append(float(reply["ms"]))
            judgements[name][judged.question_id] = judge(judged, [material.place(row) for row in reply["rows"]], known)
    return {name: _outcome(seconds[name], milliseconds[name], judgements[name]) for name in names}


def _outcome(seconds: Sequence[float], milliseconds: Sequence[float], judgements: Mapping[str, Judgement]) -> Outcome:
    values = list(ranking_values(judgements).values())
    hits, reciprocal = ([one[measure] for one in values] for measure in ("hit@1", "mrr@10"))
    return Outcome(tuple(seconds), tuple(milliseconds), tuple(hits), tuple(reciprocal))


def set_contest(material: Material, outcomes: Mapping[str, Outcome]) -> SetContest:
    """Return the set's figures by contestant."""
    return SetContest(
        name=material.name,
        documents=material.documents,
        passages=len(material.passages),
        questions=len(material.questions),
        contestants=tuple(_quality(name, outcome) for name, outcome in outcomes.items()),
    )


def _quality(name: str, outcome: Outcome) -> SetQuality:
    hits, reciprocal = mean_estimate(outcome.hits), mean_estimate(outcome.reciprocal)
    return SetQuality(
        name,
        hits.value,
        hits.interval,
        reciprocal.value,
        reciprocal.interval,
        outcome.milliseconds,
        outcome.build_seconds,
    )


# Rows: of every set, the one on which Wenbao does worst counts


def rows_of(peer: str, outcomes: Mapping[str, Mapping[str, Outcome]], cosines: Mapping[str, float]) -> list[Row]:
    """Return the four rows against one peer."""
    pairs = {name: (found[WENBAO], found[peer]) for name, found in outcomes.items()}
    latency = {name: estimate(ratios(us.milliseconds, them.milliseconds)) for name, (us, them) in pairs.items()}
    build = {name: estimate(ratios(us.build_seconds, them.build_seconds)) for name, (us, them) in pairs.items()}
    hits = {name: mean_estimate(np.subtract(us.hits, them.hits).tolist()) for name, (us, them) in pairs.items()}
    reciprocal = {
        name: mean_estimate(np.subtract(us.reciprocal, them.reciprocal).tolist()) for name, (us, them) in pairs.items()
    }
    every = {
        who: tuple(value for pair in pairs.values() for value in pair[at].milliseconds)
        for at, who in enumerate((WENBAO, peer))
    }
    asked = tuple(Contestant(who, "ms", samples) for who, samples in every.items())
    built = tuple(
        Contestant(who, "s", tuple(one for pair in pairs.values() for one in pair[at].build_seconds))
        for at, who in enumerate((WENBAO, peer))
    )
    more = Bound("more than", 0.0)
    note = f"cosine of its question vector to Wenbao’s: {cosines[peer]:.4f}"
    return [
        _worst(f"6 {peer} latency", f"question latency, against {peer}", "×", latency, at_most(0.25), asked, note),
        _worst(f"6 {peer} build", f"index built, against {peer}", "×", build, at_most(0.5), built),
        _worst(f"6 {peer} hit@1", f"hit@1, more than {peer}’s", "", hits, more),
        _worst(f"6 {peer} MRR", f"MRR@{DEPTH}, more than {peer}’s", "", reciprocal, more),
    ]


def _worst(
    number: str,
    what: str,
    unit: str,
    by_set: Mapping[str, Estimate],
    bound: Bound,
    contestants: tuple[Contestant, ...] = (),
    note: str = "",
) -> Row:
    """Return the row of the set that is worst for Wenbao, with every set's value among the details."""
    worst = (max if bound.kind == "at most" else min)(by_set, key=lambda name: by_set[name].value)
    found = by_set[worst]
    return Row(
        number=number,
        part="peers",
        what=f"{what}; worst of {len(by_set)} sets: {worst}",
        unit=unit,
        value=found.value,
        bound=bound,
        quartiles=found.quartiles,
        interval=found.interval,
        contestants=contestants,
        note=note,
        details={name: round(one.value, 3) for name, one in by_set.items()},
    )
