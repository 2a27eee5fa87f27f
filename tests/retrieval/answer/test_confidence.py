"""The signals of an answer and the logistic over them."""

from __future__ import annotations

import math
import statistics
import tomllib
from pathlib import Path

import pytest
from asking import analysed
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.answer import confidence as confidence_module
from retrieval.answer.answerer import Answerer
from retrieval.answer.confidence import FILES, confidence, signals, status_of
from retrieval.answer.reading import SentenceReader
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Question

DATA = Path(confidence_module.__file__).with_name("confidence.toml")
TABLE = tomllib.loads(DATA.read_text(encoding="utf-8"))
SHARES = ("sentence", "weakest", "near_words", "pinyin", "agreement", "foreign")
QUESTIONS = [
    "孙蕴华一共接听了多少通电话?",
    "How many masks did the company donate?",
    "今天上海天气怎么样?",
    "zzz qqq",
    "5000",
]


@pytest.fixture(scope="module")
def answerer(seed_snapshot):
    return Answerer(seed_snapshot, StubEncoder())


def signals_of(answerer, question, k=10, reader=None):
    query = analysed(answerer.retriever, question)
    ranking = answerer.retriever.rank(query, k)
    return signals(query, ranking, (reader or answerer.reader).read(query, [ranking.hits[0].row])[0])


def check_signals(values):
    assert [name for name, value in values.items() if not isinstance(value, float) or not math.isfinite(value)] == []
    assert [name for name in SHARES if not -1e-6 <= values[name] <= 1.1] == []
    assert values["foreign"] in (0.0, 1.0)
    assert values["span"] in (-1.0, 0.0, 1.0)
    assert (values["foreign_sentence"], values["foreign_lead"]) == (
        values["foreign"] * values["sentence"],
        values["foreign"] * values["lead"],
    )
    assert values["foreign_margin"] == 0 or values["foreign"] == 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_signals_are_plain_finite_numbers_and_what_the_model_wants_is_there(answerer, question):
    values = signals_of(answerer, question)
    check_signals(values)
    assert set(TABLE["weights"]) == set(values)
    assert 0 < confidence(values) < 1


@given(st.text(max_size=60).filter(str.strip))
def test_any_question_has_finite_signals_and_a_confidence(answerer, question):
    values = signals_of(answerer, question.encode("utf-8", "replace").decode())
    check_signals(values)
    assert 0 <= confidence(values) <= 1


def test_a_single_passage_has_signals_too(corpus_of, tmp_path):
    build_index([corpus_of({"a.txt": "志愿者在送菜。"})], tmp_path / "index", StubEncoder())
    values = signals_of(Answerer(load_snapshot(tmp_path / "index"), StubEncoder()), "志愿者在送菜。")
    check_signals(values)
    assert (values["lead"], values["near_words"], values["agreement"]) == (0, 1, 1)


@pytest.mark.parametrize("reader", FILES)
def test_no_signal_counts_against_its_meaning(reader):
    weights = tomllib.loads(DATA.with_name(FILES[reader]).read_text(encoding="utf-8"))["weights"]
    assert [name for name, weight in weights.items() if weight <= 0] == ["no_figure"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_lead_and_margin_are_those_of_the_first_hit(answerer, question):
    ranking = answerer.retriever.rank(analysed(answerer.retriever, question), 10)
    values, late = signals_of(answerer, question), ranking.features.column("maxsim").tolist()
    scores = [hit.score for hit in ranking.hits]
    assert values["lead"] == pytest.approx(scores[0] - statistics.fmean(scores[1:10]))
    if values["foreign"]:
        assert values["foreign_margin"] == pytest.approx(late[0] - statistics.median(late), abs=1e-6)


@pytest.mark.parametrize(
    ("question", "span"), [("孙蕴华接听电话", 0), ("誰在南極洲種茶？", -1), ("Who planted tea in Antarctica?", -1)]
)
def test_a_question_that_wants_a_name_and_gets_none_is_told_from_one_that_wants_none(answerer, question, span):
    reader = SentenceReader(answerer.snapshot, find_span=lambda *_: None)
    assert signals_of(answerer, question, reader=reader)["span"] == span


def test_the_confidence_is_the_logistic_of_the_weights_in_the_data():
    values = dict.fromkeys(TABLE["weights"], 0.5)
    score = TABLE["intercept"] + 0.5 * sum(TABLE["weights"].values())
    assert confidence(values) == pytest.approx(1 / (1 + math.exp(-score)))


@given(
    st.fixed_dictionaries({name: st.floats(-1, 1) for name in TABLE["weights"]}),
    st.sampled_from(sorted(TABLE["weights"])),
    st.floats(0, 1),
)
def test_the_confidence_goes_the_way_of_each_weight(values, name, more):
    before, after = confidence(values), confidence(values | {name: values[name] + more})
    assert 0 <= min(before, after) <= max(before, after) <= 1
    assert (after - before) * TABLE["weights"][name] >= 0


@pytest.mark.parametrize("extreme", [-1e9, 1e9])
def test_no_signal_is_too_large(extreme):
    assert 0 <= confidence(dict.fromkeys(TABLE["weights"], extreme)) <= 1


def test_the_thresholds_part_the_statuses():
    thresholds = TABLE["thresholds"]
    assert 0 < thresholds["related"] < thresholds["answered"] < 1
    below = [thresholds["related"] - 1e-9, thresholds["answered"] - 1e-9]
    assert [status_of(sure) for sure in (0, below[0], thresholds["related"], below[1], thresholds["answered"], 1)] == [
        "not_found",
        "not_found",
        "related",
        "related",
        "answered",
        "answered",
    ]


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_surer_the_better_the_status(one, other):
    order = ["not_found", "related", "answered"]
    low, high = sorted([one, other])
    assert order.index(status_of(low)) <= order.index(status_of(high))


def test_signals_do_not_depend_on_how_many_citations_are_wanted(answerer):
    for question in [*QUESTIONS, "有哪些党员?"]:
        assert signals_of(answerer, question, 10) == signals_of(answerer, question, 20)
        assert len({answerer.ask(Question(question, top_k)).confidence for top_k in (1, 5, 20)}) == 1
