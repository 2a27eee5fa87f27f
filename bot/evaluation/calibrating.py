"""Evaluate on the user's own questions, or the votes kept, and set the threshold for answers accordingly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from bot.evaluation.indexes import CACHE
from bot.feedback.export import exported
from bot.feedback.store import VOTES as VOTE_KINDS
from bot.feedback.store import FeedbackStore
from bot.service.calibration import Calibration, save_calibration
from bot.settings import Settings
from retrieval.answer.confidence import shipped_thresholds, weights_digest
from retrieval.errors import EvaluationError
from retrieval.evaluation import SetResult
from retrieval.evaluation.abstention import Decision
from retrieval.evaluation.calibration import calibrated
from retrieval.evaluation.results import Record

VOTES = "votes.jsonl"


def votes_file(settings: Settings) -> Path:
    """Write the votes kept as a questions file; EvaluationError where nobody has voted yet.

    What more users found not useful counts as a question that the reports do not answer, so that any answer is wrong.
    """
    entries = FeedbackStore(settings.index.path, settings.feedback.keep).entries(VOTE_KINDS)
    lines = [json.dumps(one | {"kind": "judged"}, ensure_ascii=False) for one in exported(entries)]
    if not lines:
        raise EvaluationError("no votes are kept yet: name a file of questions, `wenbao evaluate --calibrate FILE`")
    path = settings.index.path / CACHE / VOTES
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def calibrate(settings: Settings, sets: Sequence[SetResult], most_wrong: float, certainty: float) -> Calibration:
    """Set the threshold by the records of an evaluation, and keep it for every face.

    Raises EvaluationError where nothing can be promised; what was kept before then stays.
    """
    reader = settings.answer.reader
    answered = shipped_thresholds(reader).answered
    found = calibrated([_decision(one, answered) for each in sets for one in each.records], most_wrong, certainty)
    kept = Calibration(
        found.threshold, most_wrong, certainty, found.answered, found.wrong, reader, weights_digest(reader)
    )
    save_calibration(settings.index.path, kept)
    return kept


def _decision(record: Record, answered: float) -> Decision:
    """Return a record's decision; one that was sure and yet gave no answer (a bare word) would not give one now."""
    confidence = record.confidence or 0.0
    held_back = confidence >= answered and record.status != "answered"
    right = bool(record.values.get("first sentence", record.rank == 1))
    return Decision(record.answerable, right, record.status == "answered", 0.0 if held_back else confidence)
