"""Fitting: which questions are held back, what the search and the regression find, and what is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stub_encoder import StubEncoder

from retrieval.answer import confidence
from retrieval.answer.answerer import Answerer
from retrieval.evaluation import Judged, Quoted
from retrieval.evaluation.fitting import (
    FAR,
    INTERCEPT,
    Asked,
    Decided,
    Ranked,
    Trial,
    answers_of,
    candidates_of,
    confidence_by,
    far_answers_of,
    fit_confidence,
    fit_fusion,
    held_back,
    rank_of,
    shares_of,
    with_numbers,
)
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.ranking import fusion
from retrieval.ranking.fusion import FEATURES, Features

FIRST = FEATURES[0]
NOTHING = dict.fromkeys(FEATURES, 0.0) | {FIRST: 1.0}
FILES = [Path(fusion.__file__).with_name("fusion.toml"), Path(confidence.__file__).with_name("confidence.toml")]


def ranked(columns, right, source="news", question_id="q"):
    """Return candidates whose features are 0 but for these columns."""
    matrix = np.zeros((len(right), len(FEATURES)), dtype=np.float32)
    for name, values in columns.items():
        matrix[:, FEATURES.index(name)] = values
    rows = np.arange(len(right), dtype=np.int64)
    features = Features(rows, matrix, np.zeros(len(right), dtype=np.float32))
    return Ranked(source, "zh", question_id, features, np.array(right, dtype=np.bool_))


def by_chance(chance, count=12, source="news"):
    columns = {name: chance.random(count) for name in FEATURES}
    return ranked(columns, chance.random(count) < 0.1, source)


def decided(signal, right, source="news"):
    return Decided(source, "zh", "q", {"signal": signal, "constant": 1.0}, right, answerable=True)


@pytest.fixture
def asked(tmp_path, corpus_of):
    """Two questions on two reports, asked with the stub encoder."""
    reports = corpus_of(
        {
            "masks.txt": "口罩的报道\n\n第一段说天气很好。\n\n全市共有5000个口罩。",
            "calls.txt": "电话的报道\n\n孙蕴华接听了近400通电话。\n\n第二段说别的事情。",
        }
    )
    build_index([reports], tmp_path / "index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder())
    questions = (
        Judged("m", "全市共有多少个口罩?", "zh", (Quoted("masks", "5000个口罩"),)),
        Judged("c", "孙蕴华接听了多少通电话?", "zh", (Quoted("calls", "近400通"),)),
    )
    return Asked("two", answerer, questions)


# Which questions


def test_about_half_of_all_questions_are_held_back_and_always_the_same():
    held = [held_back(f"q{number}") for number in range(1000)]
    assert 450 < sum(held) < 550
    assert [held_back(question_id) for question_id in ("q0", "ncp-40", "rgb-12", "a")] == [True, True, False, False]


def test_every_source_weighs_the_same_and_in_it_every_question():
    assert shares_of(["a", "b", "b", "b"]) == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])


# Fusion


def test_the_rank_is_that_of_the_first_right_candidate():
    one = ranked({FIRST: [0.1, 0.9, 0.5]}, [True, False, True])
    assert rank_of(one, NOTHING) == 2
    assert rank_of(ranked({FIRST: [0.1]}, [False]), NOTHING) is None


def test_a_trial_gives_the_mrr_that_ranking_each_question_gives():
    chance = np.random.default_rng(5)
    many = [by_chance(chance, source) for _ in range(40) for source in (5, 30)]
    many = [replace(one, source=source) for one, source in zip(many, "abbb" * 20, strict=True)]
    for _ in range(5):
        weights = dict(zip(FEATURES, chance.random(len(FEATURES)).tolist(), strict=True))
        ranks = [rank_of(one, weights) for one in many]
        reciprocal = [1 / rank if rank is not None and rank <= 10 else 0 for rank in ranks]
        assert Trial.of(many).mrr(weights) == pytest.approx(shares_of([one.source for one in many]) @ reciprocal)


def test_the_search_raises_what_helps_and_leaves_the_first_weight_and_what_makes_no_difference():
    many = [ranked({FIRST: [0.9, 0.89], "words": [0.0, 1.0], "pinyin": [1.0, 1.0]}, [False, True])] * 3
    weights = fit_fusion(many, NOTHING)
    assert [rank_of(one, weights) for one in many] == [1] * 3
    assert weights == NOTHING | {"words": 0.02}


def test_no_weight_is_fitted_against_its_meaning():
    helps_by_being_less = [ranked({FIRST: [0.9, 0.89], "words": [1.0, 0.0]}, [False, True])]
    helps_by_being_more = [ranked({FIRST: [0.9, 0.89], "no_number": [0.0, 1.0]}, [False, True])]
    assert fit_fusion(helps_by_being_less, NOTHING) == fit_fusion(helps_by_being_more, NOTHING) == NOTHING
    without_numbers = [ranked({FIRST: [0.9, 0.89], "no_number": [1.0, 0.0]}, [False, True])]
    assert fit_fusion(without_numbers, NOTHING)["no_number"] == -0.02


def test_candidates_are_described_with_which_of_them_are_right(asked):
    passages = asked.answerer.snapshot.passages
    found = list(candidates_of(asked))
    assert [(one.source, one.lang, one.question_id) for one in found] == [("two", "zh", "m"), ("two", "zh", "c")]
    texts = [[passages.text(int(row)) for row in one.features.rows[one.right]] for one in found]
    assert texts == [["全市共有5000个口罩。"], ["孙蕴华接听了近400通电话。"]]


def test_a_question_without_an_answer_is_not_ranked(asked):
    assert list(candidates_of(replace(asked, questions=(Judged("x", "谁?", "zh"),)))) == []


# Confidence


def test_a_fitted_model_is_surer_of_what_is_right():
    model = fit_confidence([decided(value / 10, value >= 5) for value in range(10)])
    assert list(model) == [INTERCEPT, "signal", "constant"]
    sure = [confidence_by(model, {"signal": value / 10, "constant": 1.0}) for value in range(10)]
    assert sure == sorted(sure)
    assert sure[4] < 0.5 < sure[5]


def test_a_source_of_many_questions_counts_no_more_than_one_of_few():
    few = [decided(value / 10, value >= 7, "a") for value in range(10)]
    other = [decided(value / 10, value >= 3, "b") for value in range(10)]
    assert fit_confidence(few + other * 20) == pytest.approx(fit_confidence(few * 20 + other), abs=0.3)
    middle = -fit_confidence(few + other * 20)[INTERCEPT] / fit_confidence(few + other * 20)["signal"]
    assert middle == pytest.approx(0.45, abs=0.05)


def test_near_misses_are_what_is_left_without_the_right_documents(asked):
    found = list(answers_of(asked, near_misses=True))
    assert [(one.question_id, one.right, one.answerable) for one in found] == [
        ("m", True, True),
        ("m", False, False),
        ("c", True, True),
    ]
    assert len(list(answers_of(asked, near_misses=False))) == 2
    silent = replace(asked, questions=(*asked.questions, Judged("x", "谁来了?", "zh")))
    assert [one.answerable for one in answers_of(silent, near_misses=True)] == [True, True, False]


def test_questions_of_other_sets_are_far_and_have_no_answer_here(asked):
    (one,) = far_answers_of(asked, [replace(asked, name="other")])
    assert (one.source, one.question_id, one.right, one.answerable) == (FAR, "m", False, False)


# What is shipped


def test_numbers_are_replaced_and_comments_stay():
    text = "# a = 1 of old\nintercept = -2.0\n\n[weights]\nlead = 3.25  # of the first, not = 3\nspan = 1.0\n"
    assert with_numbers(text, {"intercept": 1.23456, "lead": -0.5}) == (
        "# a = 1 of old\nintercept = 1.2346\n\n[weights]\nlead = -0.5000  # of the first, not = 3\nspan = 1.0\n"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_shipped_was_written_so(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    weights = lines[: lines.index("[thresholds]")] if "[thresholds]" in lines else lines
    pairs = [line.partition("#")[0].split("=") for line in weights if "=" in line.partition("#")[0]]
    values = {name.strip(): float(number) for name, number in pairs}
    assert set(FEATURES) <= set(values) or INTERCEPT in values
    assert with_numbers("\n".join(lines) + "\n", values) == path.read_text(encoding="utf-8")
