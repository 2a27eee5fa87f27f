"""What changed since an earlier run, question by question, and whether a difference is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.errors import EvaluationError
from retrieval.evaluation.measures import Row, row_of
from retrieval.evaluation.questions import QuestionSet
from retrieval.evaluation.results import EarlierRun, Record, SetResult

BETTER, WORSE, NEWLY_ANSWERED, NEWLY_REFUSED = "better", "worse", "newly answered", "newly refused"
KINDS = (BETTER, WORSE, NEWLY_ANSWERED, NEWLY_REFUSED)


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose first hit has another rank, or that was newly answered or newly refused."""

    kinds: tuple[str, ...]
    before: Record
    after: Record


@dataclass(frozen=True, slots=True)
class Comparison:
    """A set now and in an earlier run; ``differences`` are after minus before over the shared questions, paired."""

    name: str
    shared: int
    only_before: int
    only_after: int
    differences: Row
    changes: tuple[Change, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many questions changed, by kind."""
        return {kind: sum(kind in change.kinds for change in self.changes) for kind in KINDS}


def check_shared(sets: Sequence[QuestionSet], earlier: EarlierRun) -> None:
    """Raise EvaluationError, before the sets are asked, if an earlier run has none of them."""
    if not {one.name for one in sets} & set(earlier.records):
        raise EvaluationError(f"{earlier.path} has other sets ({', '.join(earlier.records)}): name another run")


def compare(sets: Sequence[SetResult], earlier: EarlierRun) -> tuple[Comparison, ...]:
    """Compare the sets that stand in both runs, question by question."""
    return tuple(_compared(one, earlier.records[one.name]) for one in sets if one.name in earlier.records)


def _compared(one: SetResult, before: Mapping[str, Record]) -> Comparison:
    pairs = [(before[r.question_id], r) for r in one.records if r.question_id in before]
    measures = list(dict.fromkeys(measure for _, after in pairs for measure in after.values))
    changes = (Change(_kinds(old, new), old, new) for old, new in pairs)
    return Comparison(
        name=one.name,
        shared=len(pairs),
        only_before=len(before) - len(pairs),
        only_after=len(one.records) - len(pairs),
        differences=row_of([_difference(old, new) for old, new in pairs], measures),
        changes=tuple(change for change in changes if change.kinds),
    )


def _difference(before: Record, after: Record) -> dict[str, float]:
    return {key: after.values[key] - before.values[key] for key in after.values if key in before.values}


def _kinds(before: Record, after: Record) -> tuple[str, ...]:
    kinds = []
    old, new = (record.rank or float("inf") for record in (before, after))
    if new != old:
        kinds.append(BETTER if new < old else WORSE)
    answered = [record.status == "answered" for record in (before, after)]
    if answered == [False, True]:
        kinds.append(NEWLY_ANSWERED)
    if answered == [True, False]:
        kinds.append(NEWLY_REFUSED)
    return tuple(kinds)
