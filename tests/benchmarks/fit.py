"""Fit what ``retrieval/fusion.toml`` and ``retrieval/confidence.toml`` hold, from judged questions.

    python tests/benchmarks/fit.py --config config.yaml --sample 400 QUESTIONS.jsonl BEIR_FOLDER…

Data recipe. Any questions file or BEIR folder that ``wenbao evaluate`` takes will do; what is shipped was fitted
on the development data (../shared): reports-dev.jsonl, ncp-policy-a, rgb-zh-news and xquad-x-zh, at most ``--sample``
questions of each set and language, every set weighing the same. Questions whose id hashes to ``HELD_BACK`` are never
fitted on: they are reported apart, and so is calibration on them.

Fusion: a search for the highest MRR@10, one weight at a time from those that are shipped, in steps that halve. The
weight of "late" stays 1. A conditional logit, tried first, ranked worse (ncp-policy-a hit@1 .71 against .75): its
loss is that of the questions nobody can answer. Weights keep their sign: against it they would be fitted to noise.

Confidence: a logistic regression of "the first hit is right" on the signals, L2-regularised on standardised signals.
For each third question its relevant documents are also taken away, which leaves the near misses that abstention is
about; not where the set has questions of its own without an answer, nor where unjudged documents may be right too.
Each twelfth question is also asked of the other sets' reports, which are silent on it, as one more set.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from bot.evaluation.indexes import indexes
from bot.service.opening import make_encoder
from bot.settings import load_settings
from retrieval.answer.answerer import MAX_TOP_K, Answerer, Readings
from retrieval.answer.confidence import signals
from retrieval.evaluation import Judged, choose, read_sets
from retrieval.evaluation.beir import anchored
from retrieval.evaluation.judged import Place
from retrieval.question.cleaning import clean_question
from retrieval.ranking import fusion
from retrieval.types import Filters

HELD_BACK = 0
"""Of the hash of a question's id modulo 2: the half that nothing is fitted on."""
TAKEN_AWAY_EACH = 3
FAR_EACH = 12
REPEATING = ("ncp-policy-a", "rgb-zh-news")
"""Sets in which unjudged documents often say the same."""
STEPS = (0.02, 0.01, 0.005)
LEAST_GAIN = 2e-4
DEPTH = 10
STRENGTH = 0.3
"""Inverse of the logistic's L2 penalty."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6)
LOWERING = ("no_number",)
"""Features that must not raise the score; all others must not lower it."""
ROOT = Path(fusion.__file__).parent

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranked:
    """One question's candidates: ``(n, f)`` features and which are right."""

    group: str
    question_id: str
    features: fusion.Features
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Decided:
    """One answer's signals, and whether its first hit is right."""

    group: str
    question_id: str
    signals: dict[str, float]
    right: bool
    answerable: bool


def held_back(question_id: str) -> bool:
    """Whether a question is of the half that nothing is fitted on."""
    return zlib.crc32(question_id.encode()) % 2 == HELD_BACK


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fit both models, report them, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--sample", type=int, default=400, help="most questions of each set and language")
    parser.add_argument("--write", action="store_true", help="write the two files")
    options = parser.parse_args()
    opened = list(open_sets(options.sets, options.config, options.sample))
    ranked = [one for asked in opened for one in rank_all(asked)]
    weights = fit_fusion([one for one in ranked if not held_back(one.question_id)])
    report_fusion(ranked, weights)
    if options.write:
        write(ROOT / "fusion.toml", weights)
        fusion.weights.cache_clear()
    decided = [one for asked in opened for one in decide_all(asked)]
    decided += [one for asked in opened for one in decide_far(asked, opened)]
    model = fit_confidence([one for one in decided if not held_back(one.question_id)])
    report_confidence(decided, model)
    if options.write:
        write(ROOT / "confidence.toml", model)


@dataclass(frozen=True)
class Asked:
    """A set's questions with what answers them."""

    name: str
    answerer: Answerer
    questions: tuple[Judged, ...]


def open_sets(paths: Sequence[Path], config: Path, sample: int) -> Iterator[Asked]:
    """Open each set with at most ``sample`` questions a language."""
    settings = load_settings(config)
    opener = indexes(settings, make_encoder(settings))
    for one in read_sets(paths):
        answerer = opener.of_entries(one, one.name) if one.entries else opener.configured()
        languages = sorted({judged.lang for judged in one.questions})
        chosen = tuple(judged for lang in languages for judged in choose([one], [lang], sample)[0].questions)
        questions = anchored(replace(one, questions=chosen), answerer.snapshot.by_id) if one.spans else chosen
        say(f"{one.name}: {len(answerer.snapshot.passages)} passages, {len(questions)} questions")
        yield Asked(one.name, answerer, questions)


def is_right(judged: Judged, answerer: Answerer, row: int) -> bool:
    """Whether the passage holds the answer."""
    passage = answerer.snapshot.passages[row]
    place = Place(passage.document_id, passage.start, passage.end, passage.text)
    return any(evidence.held_by(place) for evidence in judged.evidence)


# Fusion


def rank_all(asked: Asked) -> Iterator[Ranked]:
    """Describe the candidates of every answerable question."""
    retriever = asked.answerer.retriever
    for judged in asked.questions:
        if judged.answerable:
            query = retriever.analyse(clean_question(judged.question))
            features = retriever.features(query, retriever.legs(query, MAX_TOP_K))
            right = np.array([is_right(judged, asked.answerer, row) for row in features.rows.tolist()])
            yield Ranked(f"{asked.name} {judged.lang}", judged.question_id, features, right)


def fit_fusion(ranked: Sequence[Ranked]) -> dict[str, float]:
    """Return the weights of the highest MRR@10, by changing one at a time from those that are shipped."""
    trial = Trial.of(ranked)
    weights = dict(fusion.weights())
    for step in STEPS:
        improved = True
        while improved:
            improved = False
            for name in fusion.FEATURES[1:]:
                for changed in (weights[name] + change * step for change in (1, -1)):
                    tried = {**weights, name: min(changed, 0.0) if name in LOWERING else max(changed, 0.0)}
                    if trial.mrr(tried) > trial.mrr(weights) + LEAST_GAIN:
                        weights, improved = tried, True
    return weights


@dataclass(frozen=True)
class Trial:
    """All candidates of all questions in one matrix, to try weights fast."""

    matrix: Floats
    right: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int64]
    question: npt.NDArray[np.int64]
    shares: Floats

    @classmethod
    def of(cls, ranked: Sequence[Ranked]) -> Trial:
        """Gather the candidates; every set weighs the same, and in it every question."""
        sizes = np.array([len(one.right) for one in ranked])
        return cls(
            matrix=np.concatenate([one.features.matrix for one in ranked]).astype(np.float64),
            right=np.concatenate([one.right for one in ranked]),
            starts=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
            question=np.repeat(np.arange(len(sizes)), sizes),
            shares=shares_of([one.group.split()[0] for one in ranked]),
        )

    def mrr(self, weights: Mapping[str, float]) -> float:
        """Return the weighted MRR@10."""
        scores = self.matrix @ np.array([weights[name] for name in fusion.FEATURES])
        best = np.maximum.reduceat(np.where(self.right, scores, -np.inf), self.starts)
        ranks = np.add.reduceat((scores > best[self.question]).astype(np.int64), self.starts) + 1
        return float(self.shares @ np.where(np.isfinite(best) & (ranks <= DEPTH), 1 / ranks, 0))


def shares_of(groups: Sequence[str]) -> Floats:
    """Return each question's share, so that every group weighs the same."""
    counts = Counter(groups)
    return np.array([1 / counts[group] / len(counts) for group in groups])


def report_fusion(ranked: Sequence[Ranked], weights: dict[str, float]) -> None:
    """Print hit@1 and MRR@10 of the fitted weights, on the half that was fitted and on the one held back."""
    say(" ".join(f"{name}={weight:+.4f}" for name, weight in weights.items()))
    for group in dict.fromkeys(one.group for one in ranked):
        for half in (False, True):
            some = [one for one in ranked if one.group == group and held_back(one.question_id) == half]
            ranks = [rank_of(one, np.array(list(weights.values()))) for one in some]
            figures = f"hit@1 {np.mean([r == 1 for r in ranks]):.3f} hit@3 {np.mean([r <= 3 for r in ranks]):.3f}"
            mrr = np.mean([1 / r if r <= 10 else 0 for r in ranks])
            say(f"  {group:26} {'held back' if half else 'fitted   '} n {len(some):4} {figures} mrr {mrr:.3f}")


def rank_of(one: Ranked, weights: Floats) -> int:
    """Return the rank of the first right candidate; one more than 1,000 where there is none."""
    order = np.argsort(-(one.features.matrix @ weights), kind="stable")
    found = np.flatnonzero(one.right[order])
    return int(found[0]) + 1 if len(found) else 1001


# Confidence


def decide_all(asked: Asked) -> Iterator[Decided]:
    """Take the signals of every answer, and of some questions once more without the documents that answer them."""
    near_misses = asked.name not in REPEATING and all(judged.answerable for judged in asked.questions)
    for number, judged in enumerate(asked.questions):
        yield from decide(asked, judged, None)
        if near_misses and number % TAKEN_AWAY_EACH == 0:
            others = frozenset(asked.answerer.snapshot.by_id) - judged.documents
            yield from decide(asked, judged, Filters(documents=others))


def decide_far(asked: Asked, opened: Sequence[Asked]) -> Iterator[Decided]:
    """Take the signals of some questions of the other sets, which these reports do not answer."""
    for other in opened:
        for judged in other.questions[::FAR_EACH] if other is not asked else ():
            for one in decide(asked, replace(judged, evidence=()), None):
                yield replace(one, group=f"far {judged.lang}")


def decide(asked: Asked, judged: Judged, filters: Filters | None) -> Iterator[Decided]:
    """Take the signals of one answer."""
    answerer = asked.answerer
    query = answerer.retriever.analyse(clean_question(judged.question))
    ranking = answerer.retriever.rank(query, MAX_TOP_K, filters)
    if ranking.hits:
        ranking, reading = answerer.read(ranking, Readings(answerer.reader, query))
        found = signals(query, ranking, reading)
        right = is_right(judged, answerer, ranking.hits[0].row)
        answerable = judged.answerable and filters is None
        yield Decided(f"{asked.name} {judged.lang}", judged.question_id, found, right, answerable)


def fit_confidence(decided: Sequence[Decided]) -> dict[str, float]:
    """Return intercept and weights of the logistic."""
    names = list(decided[0].signals)
    matrix = np.array([[one.signals[name] for name in names] for one in decided])
    scaler = StandardScaler().fit(matrix)
    shares = shares_of([one.group.split()[0] for one in decided]) * len(decided)
    model = LogisticRegression(C=STRENGTH, max_iter=5000)
    model.fit(scaler.transform(matrix), [one.right for one in decided], sample_weight=shares)
    weights = model.coef_[0] / scaler.scale_
    return {"intercept": float(model.intercept_[0] - weights @ scaler.mean_), **dict(zip(names, weights, strict=True))}


def sure_of(one: Decided, model: dict[str, float]) -> float:
    """Return the confidence."""
    score = model["intercept"] + sum(model[name] * value for name, value in one.signals.items())
    return float(1 / (1 + np.exp(-np.clip(score, -50, 50))))


def report_confidence(decided: Sequence[Decided], model: dict[str, float]) -> None:
    """Print AUROC and calibration by group, on both halves, and what some thresholds would do."""
    for group in dict.fromkeys(one.group for one in decided):
        for half in (False, True):
            some = [one for one in decided if one.group == group and held_back(one.question_id) == half]
            sure = np.array([sure_of(one, model) for one in some])
            right, answerable = (np.array([getattr(one, name) for one in some]) for name in ("right", "answerable"))
            figures = [f"right {right.mean():.2f}", f"ece {calibration_error(sure, right):.3f}"]
            figures += [
                f"auroc {name} {auroc(truth, sure):.3f}"
                for name, truth in (("right", right), ("answerable", answerable))
            ]
            for least in THRESHOLDS:
                said = sure >= least
                wrong = 1 - right[said].mean() if said.any() else 0.0
                figures.append(f"@{least} wrong {wrong:.2f} refused {1 - said[answerable].mean():.2f}")
            say(f"  {group:26} {'held back' if half else 'fitted   '} n {len(some):4} {' | '.join(figures)}")


def auroc(truth: npt.NDArray[np.bool_], sure: Floats) -> float:
    """Return the area under the ROC curve; NaN where all are alike."""
    return float(roc_auc_score(truth, sure)) if truth.any() and not truth.all() else float("nan")


def calibration_error(sure: Floats, right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal size."""
    parts = np.array_split(np.argsort(sure, kind="stable"), bins)
    return float(
        sum(len(part) * abs(sure[part].mean() - right[part].mean()) for part in parts if len(part)) / len(sure)
    )


def write(path: Path, values: dict[str, float]) -> None:
    """Replace the numbers in a file of weights, leaving its comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        name = line.partition("=")[0].strip()
        if name in values:
            comment = line.partition("#")[2]
            lines[number] = f"{name} = {values[name]:.4f}" + (f"  #{comment}" if comment else "")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
