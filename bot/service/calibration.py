"""The threshold that was set on the user's own questions, kept below ``index.path`` for every face."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.answer.confidence import Thresholds, shipped_thresholds, weights_digest
from retrieval.disk import write_json
from retrieval.types import ReaderKind

FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is promised of answers at least as sure as ``threshold``, and on how many questions that rests.

    It holds for one reader and its weights (``digest``); with others it is forgotten.
    """

    threshold: float
    most_wrong: float
    certainty: float
    answered: int
    wrong: int
    reader: ReaderKind
    digest: str

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds that follow; what is shown without an answer stays as it is."""
        related = shipped_thresholds(self.reader).related
        return Thresholds(self.threshold, min(related, self.threshold))


def save_calibration(index: Path, calibration: Calibration) -> None:
    """Keep a calibration in place of the one before."""
    write_json(index / FILE, asdict(calibration))


def load_calibration(index: Path, reader: ReaderKind) -> Calibration | None:
    """Return what was kept for this reader as it is now; None where there is nothing, or it cannot be read."""
    try:
        found = Calibration(**json.loads((index / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if (found.reader, found.digest) == (reader, weights_digest(reader)) else None
