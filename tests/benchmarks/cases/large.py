"""Row 4: questions to a million passages: how long, how well the approximate dense leg finds, how much memory.

Building and asking are processes of their own, so that memory is that of asking. The real indexer builds; texts and
vectors are made up (see ``material.Recombined``), as embedding a million passages would take seven hours, and so few
token vectors a passage are kept that comparing them costs less than it would: the row of 10,000 real passages has all.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.cases.answering import asked_against_bare
from benchmarks.harness.contest import Estimate, estimate, mean_estimate
from benchmarks.harness.machine import memory_megabytes, versions
from benchmarks.harness.material import Recombined, default_encoder, many_questions, pieces, write_reports
from benchmarks.harness.rows import Measured, Row, at_least, at_most, row_of
from benchmarks.harness.scale import Bench
from retrieval.answer.answerer import Answerer
from retrieval.index.build import build_index
from retrieval.index.local.dense import EXACT_UP_TO, DenseIndex
from retrieval.index.local.snapshot import load_snapshot

DEPTH = 10
STEP = 50_000
"""Vectors compared at once by the exact search."""


def build(bench: Bench) -> Measured:
    """Make up reports and index them; a small index is made approximate too, to be measured at all."""
    encoder = Recombined(default_encoder(), pieces(bench), bench.scale.large_tokens)
    reports = bench.work / "large" / "reports"
    write_reports(reports, encoder.pieces, bench.scale.large)
    exact_up_to = min(EXACT_UP_TO, bench.scale.large // 4)
    started = time.perf_counter()
    receipt = build_index([reports], _index(bench), encoder, exact_up_to=exact_up_to, keep=1)
    seconds = estimate([time.perf_counter() - started])
    what = f"{receipt.passages:,} made-up passages indexed, embedding left out"
    disk = sum(path.stat().st_size for path in _index(bench).rglob("*") if path.is_file()) / 1e9
    rows = (
        row_of("4 build", "large", what, "s", seconds, None, details={"index on disk, GB": round(disk, 2)}),
        Row("4 build memory", "large", "most resident memory while building it", "MB", memory_megabytes(field="VmHWM")),
    )
    return Measured(rows, versions=versions())


def ask(bench: Bench) -> Measured:
    """Ask real questions, each against the bare call of the model; then compare the dense leg with exact search."""
    encoder = default_encoder()
    started = time.perf_counter()
    snapshot = load_snapshot(_index(bench))
    answerer = Answerer(snapshot, encoder)
    opened = time.perf_counter() - started
    questions = many_questions(bench, bench.scale.asked)
    passages = f"{len(snapshot.passages):,}"
    answered = asked_against_bare(
        answerer, encoder, questions, "4a", "large", f"{passages} made-up passages", at_most(4)
    )
    resident = memory_megabytes()
    kinds = {kind: round(memory_megabytes(field=kind)) for kind in ("RssAnon", "RssFile", "VmHWM")}
    memory = Row(
        "4c",
        "large",
        f"resident memory after {len(questions)} questions to {passages} passages",
        "MB",
        resident,
        at_most(4000),
        note="VmRSS, pages of mapped files included; 1 MB is 1,000,000 bytes",
        details={**{f"{kind}, MB": value for kind, value in kinds.items()}, "seconds to open": round(opened, 1)},
    )
    vectors = np.concatenate([encoder.encode_queries([question]).vectors for question in questions])
    found = recall(snapshot.dense, vectors)
    recalled = row_of(
        "4b",
        "large",
        f"recall@{DEPTH} of the approximate dense leg against exact search, real questions",
        "",
        found,
        at_least(0.98),
        note=f"the indexer’s own figure: {snapshot.manifest.recall}",
    )
    return Measured((answered, recalled, memory), versions=versions())


def recall(dense: DenseIndex, questions: npt.NDArray[np.float32]) -> Estimate:
    """Return the share of the ten best of exact search that the index finds, for ``(q, d)`` questions."""
    best = nearest(dense, questions)
    shares = [
        len(set(truth.tolist()) & set(dense.search(question, DEPTH).rows.tolist())) / len(truth)
        for truth, question in zip(best, questions, strict=True)
    ]
    return mean_estimate(shares)


def nearest(dense: DenseIndex, questions: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return the rows of the ten best passages for each question by exact search, ``(q, 10)``."""
    rows = np.zeros((len(questions), 0), dtype=np.int64)
    scores = np.zeros((len(questions), 0), dtype=np.float32)
    for start in range(0, len(dense), STEP):
        some = np.arange(start, min(start + STEP, len(dense)))
        scores = np.concatenate([scores, questions @ dense.vectors(some).T], axis=1)
        rows = np.concatenate([rows, np.broadcast_to(some, (len(questions), len(some)))], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
        scores, rows = np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1)
    return rows


def _index(bench: Bench) -> Path:
    return bench.work / "large" / "index"
