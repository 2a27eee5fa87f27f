"""Fit what ``retrieval/ranking/fusion.toml`` and ``retrieval/answer/confidence*.toml`` hold, from judged questions.

    python tests/benchmarks/fit.py --config config.yaml --sample 400 [--confidence] QUESTIONS.jsonl BEIR_FOLDER…

The confidence is that of the configured ``answer.reader``.

Data recipe. Any questions file or BEIR folder that ``wenbao evaluate`` takes will do. What is shipped was fitted on the
development data (../shared): reports-dev.jsonl, ncp-policy-a, rgb-zh-news and xquad-x-zh, for the trained reader also
what ``../shared/reader/questions.py`` makes of newsqa (n6.jsonl, n42.jsonl) and not rgb-zh-news; at most ``--sample``
questions of each set and language. Half of the questions, by the hash of their ids, are held back: nothing is fitted
on them, and they are reported apart.

Fusion is a search for the highest MRR@10, one weight at a time from those that are shipped, in steps that halve.
Confidence is a logistic regression of "the sentence is right". Of each third question the relevant documents are also
taken away, which leaves near misses; each twelfth is also asked of the other sets' reports, which are silent on it.
``retrieval/evaluation/fitting.py`` does both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from bot.evaluation.indexes import indexes
from bot.service.opening import Opener
from bot.settings import load_settings
from retrieval.answer import confidence
from retrieval.evaluation import choose, fitting, read_sets
from retrieval.evaluation.abstention import Decision, abstention_of
from retrieval.evaluation.beir import anchored
from retrieval.evaluation.fitting import Asked, Decided, Ranked, held_back
from retrieval.evaluation.measures import DEPTH, Figure
from retrieval.ranking import fusion

REPEATING = ("ncp-policy-a", "rgb-zh-news")
"""Sets in which unjudged documents often say the same: without the judged ones they still answer."""
COUNTING = {"n6": 1.5, "n42": 1.5, "ncp-policy-a": 1.5, "xquad-x-zh": 0.4}
"""How much a source counts for the confidence. Where xquad-x-zh does not answer, its passages are about something else;
near misses about the same are what misleads people."""
Found = TypeVar("Found", Ranked, Decided)
THRESHOLDS = (0.3, 0.4, 0.5, 0.6)
FUSION = Path(fusion.__file__).with_name("fusion.toml")
CONFIDENCE = Path(confidence.__file__).parent


def main() -> None:
    """Fit both models, report them, and write them if asked to."""
    options = _options()
    opened = list(open_sets(options.sets, options.config, options.sample))
    if not options.confidence:
        fit_fusion(opened, write_it=options.write)
    decided = list(every_answer(opened))
    model = fitting.fit_confidence([one for one in decided if not held_back(one.question_id)], COUNTING)
    for group, some in halves(decided):
        say(f"  {group} {confidence_figures(some, model)}")
    if options.write:
        write(CONFIDENCE / confidence.FILES[opened[0].answerer.reader.kind], model)


def fit_fusion(opened: Sequence[Asked], *, write_it: bool) -> None:
    """Fit the fusion, report it, and write it if asked to."""
    ranked = [one for asked in opened for one in fitting.candidates_of(asked)]
    weights = fitting.fit_fusion([one for one in ranked if not held_back(one.question_id)], fusion.weights())
    say(" ".join(f"{name}={weight:+.4f}" for name, weight in weights.items()))
    for group, half in halves(ranked):
        say(f"  {group} {fusion_figures(half, weights)}")
    if write_it:
        write(FUSION, weights)
        fusion.weights.cache_clear()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--sample", type=int, default=400, help="most questions of each set and language")
    parser.add_argument("--confidence", action="store_true", help="leave the fusion as it is")
    parser.add_argument("--write", action="store_true", help="write the two files")
    return parser.parse_args()


def open_sets(paths: Sequence[Path], config: Path, sample: int) -> Iterator[Asked]:
    """Open each set with at most ``sample`` questions a language."""
    settings = load_settings(config)
    opened = indexes(settings, Opener())
    for one in read_sets(paths):
        answerer = opened.of_entries(one, one.name) if one.entries else opened.configured()
        languages = sorted({judged.lang for judged in one.questions})
        chosen = tuple(judged for lang in languages for judged in choose([one], [lang], sample)[0].questions)
        questions = anchored(replace(one, questions=chosen), answerer.snapshot.by_id) if one.spans else chosen
        say(f"{one.name}: {len(answerer.snapshot.passages)} passages, {len(questions)} questions")
        yield Asked(one.name, answerer, questions)


def every_answer(opened: Sequence[Asked]) -> Iterator[Decided]:
    """Take the signals of each set's own answers, then of its reports' answers to the other sets' questions."""
    for asked in opened:
        yield from fitting.answers_of(asked, near_misses=asked.name not in REPEATING)
    for asked in opened:
        here = asked.answerer.snapshot.generation  # several sets may ask of the same index
        others = (other for other in opened if other.answerer.snapshot.generation != here)
        yield from fitting.far_answers_of(asked, others)


def halves(found: Iterable[Found]) -> Iterator[tuple[str, list[Found]]]:
    """Yield each source and language with what was found of it, first of the fitted half, then of that held back."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.source, one.lang), []).append(one)
    for (source, lang), every in groups.items():
        for held in (False, True):
            some = [one for one in every if held_back(one.question_id) == held]
            if some:
                yield f"{f'{source} {lang}':26} {'held back' if held else 'fitted   '} n {len(some):4}", some


def fusion_figures(ranked: Sequence[Ranked], weights: Mapping[str, float]) -> str:
    """Return hit@1, hit@3 and MRR@10 of these weights."""
    ranks = np.array([fitting.rank_of(one, weights) or np.inf for one in ranked])
    reciprocal = np.where(ranks <= DEPTH, 1 / ranks, 0)
    return f"hit@1 {(ranks == 1).mean():.3f} hit@3 {(ranks <= 3).mean():.3f} mrr {reciprocal.mean():.3f}"


def confidence_figures(decided: Sequence[Decided], model: Mapping[str, float]) -> str:
    """Return AUROC and calibration of a model, and what some thresholds would do."""
    given = np.array([fitting.confidence_by(model, one.signals) for one in decided])
    right, answerable = (np.array([getattr(one, name) for one in decided]) for name in ("right", "answerable"))
    found = abstention_of(
        [
            Decision(one.answerable, one.right, answered=True, confidence=value)
            for one, value in zip(decided, given.tolist(), strict=True)
        ]
    )
    if found is None:
        return "nothing"
    figures = [f"right {right.mean():.2f}", f"ece {found.ece:.3f}"]
    figures += [f"auroc right {_value(found.auroc_right)}", f"auroc answerable {_value(found.auroc_answerable)}"]
    for least in THRESHOLDS:
        said = given >= least
        wrong = 1 - right[said].mean() if said.any() else 0.0
        refused = f"{1 - said[answerable].mean():.2f}" if answerable.any() else "–"
        figures.append(f"@{least} wrong {wrong:.2f} refused {refused}")
    return " | ".join(figures)


def _value(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f}"


def write(path: Path, values: Mapping[str, float]) -> None:
    """Replace the numbers in a file of weights, leaving its comments."""
    path.write_text(fitting.with_numbers(path.read_text(encoding="utf-8"), values), encoding="utf-8")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
