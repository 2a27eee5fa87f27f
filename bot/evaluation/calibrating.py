"""Evaluate on the user's own questions, or the votes kept, and set the threshold for answers accordingly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.evaluation.indexes import CACHE
from bot.feedback.export import exported
from bot.service.calibration import Calibration, save_calibration
from bot.service.state import state_of
from bot.service.store import store_of
from bot.settings import Settings
from bot.state import VOTES as VOTE_KINDS
from bot.state import Feedback
from retrieval.answer.confidence import weights_digest
from retrieval.answer.trained.choice import kind_of
from retrieval.errors import EvaluationError
from retrieval.evaluation import SetResult
from retrieval.evaluation.abstention import Decision
from retrieval.evaluation.calibration import calibrated
from retrieval.evaluation.results import Record

VOTES = "votes.jsonl"


def votes_file(settings: Settings) -> Path:
    """Write the votes kept as a questions file; EvaluationError where nobody has voted on an answer yet.

    What more users found not useful counts as a question that the reports do not answer, so that any answer is wrong.
    A question that as many found useful says nothing, nor does one whose answer stood in a report that is gone.
    """
    with closing(state_of(settings)) as state:
        entries = state.feedback(VOTE_KINDS)
    answers = [entry for entry in entries if entry.answer and entry.cited]
    disliked = {question for question, balance in _balances(answers).items() if balance < 0}
    indexed = store_of(settings).document_ids()
    found = [one for one in exported(answers) if {each["document"] for each in one["evidence"]} <= indexed]
    said = [one | {"kind": "judged"} for one in found if one["evidence"] or one["question"] in disliked]
    lines = [json.dumps(one, ensure_ascii=False) for one in said]
    if not lines:
        raise EvaluationError("no votes are kept yet: name a file of questions, `wenbao evaluate --calibrate FILE`")
    path = settings.index.path / CACHE / VOTES
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _balances(answers: Sequence[Feedback]) -> dict[str, int]:
    """Return by how many more users found the answers to each question useful than not."""
    balances = Counter[str]()
    for entry in answers:
        balances[entry.question] += 1 if entry.kind == "up" else -1
    return balances


def calibrate(
    settings: Settings, encoder: str, sets: Sequence[SetResult], most_wrong: float, certainty: float
) -> Calibration:
    """Set the threshold by the records of an evaluation with this encoder, and keep it for every face.

    Raises EvaluationError where nothing can be promised; what was kept before then stays.
    """
    reader = kind_of(encoder, settings.answer.reader)
    found = calibrated([_decision(one) for each in sets for one in each.records], most_wrong, certainty)
    kept = Calibration(
        found.threshold, most_wrong, certainty, found.answered, found.wrong, reader, weights_digest(reader)
    )
    save_calibration(settings.index.path, kept)
    return kept


def _decision(record: Record) -> Decision:
    """Return a record's decision, as the confidence alone has it, whatever threshold is in force."""
    right = bool(record.values.get("first sentence", record.rank == 1))
    return Decision(record.answerable, right, record.status == "answered", record.confidence or 0.0)
