"""Row 9: how long a large index takes to be made again when nothing needs to be embedded, and to grow by one report.

Texts are made up (see ``material.Recombined``); what embedding them would take is not part of any figure here.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness.contest import Estimate, estimate
from benchmarks.harness.machine import memory_megabytes, versions
from benchmarks.harness.material import Recombined, default_encoder, pieces, write_reports
from benchmarks.harness.rows import Bound, Measured, Row, at_most, row_of
from benchmarks.harness.scale import Bench
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import published
from retrieval.index.manifest import read_manifest, write_manifest
from retrieval.types import Receipt

TOKENS = 16
NEW_REPORT = "新增报告\n\n这份报告刚刚加入。"
OTHER_RULES = "other-rules"
"""A fingerprint of text analysis that no index has of itself."""


def measure(bench: Bench) -> Measured:
    """Build once, then index again with every report renamed, with one more, and with words cut anew."""
    encoder = Recombined(default_encoder(), pieces(bench), TOKENS)
    reports, index = bench.work / "growth" / "reports", bench.work / "growth" / "index"
    write_reports(reports, encoder.pieces, bench.scale.reused)

    def build() -> Receipt:
        return build_index([reports], index, encoder)

    first, built = timed(build)
    renamed, receipt = timed(build, lambda: rename_all(reports))
    unchanged, _ = timed(build)
    one_more, _ = timed(build, lambda: (reports / "new.txt").write_text(NEW_REPORT, encoding="utf-8"))
    (reports / "new.txt").unlink()
    cut_anew, _ = timed(build, lambda: cut_by_other_rules(index))
    if receipt.embedded:
        raise RuntimeError(f"{receipt.embedded} passages were embedded, none should have been")
    passages = f"{built.passages:,} passages"
    details = {"passages": built.passages, "token vectors a passage": TOKENS}
    return Measured(
        (
            _row(
                "9",
                f"{passages} indexed again, all vectors reused, every report renamed",
                renamed,
                at_most(60),
                details,
            ),
            _row("9 words", "the same with every passage’s words cut anew, as after a new jieba", cut_anew, None),
            _row("9 first", f"{passages} indexed for the first time, embedding left out", first, None),
            _row("9 one more", "one more report, until it is searchable", one_more, None),
            _row("9 nothing", "nothing changed", unchanged, None),
            Row("9 memory", "growth", "most resident memory meanwhile", "MB", memory_megabytes(field="VmHWM")),
        ),
        versions=versions(),
    )


def _row(number: str, what: str, found: Estimate, bound: Bound | None, details: dict[str, Any] | None = None) -> Row:
    return row_of(number, "growth", what, "s", found, bound, details=details or {})


def timed(build: Callable[[], Receipt], change: Callable[[], object] = lambda: None) -> tuple[Estimate, Receipt]:
    """Return how long indexing takes after a change; once, as a second time would start from another index."""
    change()
    started = time.perf_counter()
    receipt = build()
    return estimate([time.perf_counter() - started]), receipt


def cut_by_other_rules(index: Path) -> None:
    """Let the published generation say that other rules cut its words, as after a new jieba."""
    folder = published(index)
    assert folder
    write_manifest(folder, dataclasses.replace(read_manifest(folder), analysis_fingerprint=OTHER_RULES))


def rename_all(folder: Path) -> None:
    """Give every report another name, and so another id."""
    for path in list(folder.glob("r*.txt")):
        path.rename(path.with_name(f"s{path.name}"))
