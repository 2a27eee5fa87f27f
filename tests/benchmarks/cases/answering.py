"""Row 3: a whole answer, with nothing cached, against nothing but the model's own pass over that question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.cases.bare import bare_call
from benchmarks.harness.contest import alternate, estimate, ratios
from benchmarks.harness.machine import versions
from benchmarks.harness.material import default_encoder, open_ten_thousand, questions_to_ten_thousand
from benchmarks.harness.rows import Bound, Contestant, Measured, Row, at_most, row_of
from benchmarks.harness.scale import Bench
from retrieval.answer.answerer import Answerer
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.types import Question

WARM_UP = 5


def measure(bench: Bench) -> Measured:
    """Ask the index of about 10,000 real passages."""
    encoder = default_encoder()
    answerer = open_ten_thousand(bench, encoder)
    questions = questions_to_ten_thousand(bench, bench.scale.asked + WARM_UP)
    passages = f"{len(answerer.snapshot.passages):,} passages"
    return Measured(
        (asked_against_bare(answerer, encoder, questions, "3", "answering", passages, at_most(1.6)),),
        versions=versions(),
    )


def asked_against_bare(
    answerer: Answerer,
    encoder: SentenceEncoder,
    questions: Sequence[str],
    number: str,
    part: str,
    passages: str,
    bound: Bound,
) -> Row:
    """Return the row of ``Answerer.ask`` against the bare call; each question is asked once, so no cache helps."""
    bare, runtime = bare_call(encoder)
    prepared: dict[str, Callable[[], object]] = {question: bare(question) for question in questions}
    stages: dict[str, list[float]] = {}

    def ask(question: str) -> None:
        for stage, milliseconds in answerer.ask(Question(question)).timings_ms.items():
            stages.setdefault(stage, []).append(milliseconds)

    def run_bare(question: str) -> None:
        prepared[question]()

    for question in questions[:WARM_UP]:
        ask(question)
        run_bare(question)
    stages.clear()
    taken = alternate({"Answerer.ask": ask, runtime: run_bare}, questions[WARM_UP:])
    medians = {f"{stage}, median ms": round(estimate(some).value, 2) for stage, some in stages.items()}
    return row_of(
        number,
        part,
        f"whole answer, {passages}, against the bare model call for that question",
        "×",
        estimate(ratios(taken["Answerer.ask"], taken[runtime])),
        bound,
        contestants=tuple(Contestant(name, "ms", tuple(1000 * one for one in some)) for name, some in taken.items()),
        note="the bare call has its tokens ready; the answer includes cutting the question into them",
        details={"questions": len(questions) - WARM_UP, **medians},
    )
