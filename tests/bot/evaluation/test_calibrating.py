"""Setting how sure an answer must be, by questions or by votes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from handmade import an_answer_text
from stub_encoder import StubEncoder

from bot.evaluation.calibrating import calibrate, votes_file
from bot.feedback.store import FeedbackStore
from bot.reply import Asker, Reply
from bot.service.calibration import load_calibration
from bot.settings import Settings
from bot.state import SqliteState
from retrieval.encoder.protocol import NAME
from retrieval.errors import EvaluationError
from retrieval.evaluation.results import Record, SetResult
from retrieval.index.build import build_index
from retrieval.types import Answer, Citation, Question

QUOTE = "温海波一站就是18个小时。"


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "post.txt").write_text(f"检疫点\n\n{QUOTE}", encoding="utf-8")
    build_index([tmp_path / "docs"], tmp_path / "index", StubEncoder())
    whole = Settings()
    return whole.model_copy(update={"index": whole.index.model_copy(update={"path": tmp_path / "index"})})


def vote(settings, question, kind, user, document="post", *, answered=True):
    citation = Citation(1, document, "检疫点", None, None, 1, 5, 5 + len(QUOTE), QUOTE, 1.0)
    text = an_answer_text(QUOTE, QUOTE, "18个小时", 1)
    answer = Answer("answered", 0.9, text, (citation,), "000001-abc", {"total": 1.0})
    answer = answer if answered else replace(answer, status="related", answer=None)
    reply = Reply(f"{question}{user}", Question(question), answer, Asker("web", user))
    assert FeedbackStore(SqliteState(settings.index.path), keep=True).record_vote(reply, kind, user)


def test_only_votes_that_say_something_are_questions_to_calibrate_by(settings):
    vote(settings, "有用", "up", "1")
    vote(settings, "无用", "down", "1")
    vote(settings, "一半一半", "up", "1")
    vote(settings, "一半一半", "down", "2")
    vote(settings, "没有回答的", "up", "1", answered=False)
    vote(settings, "报道已经撤下", "up", "1", document="gone")
    lines = [json.loads(line) for line in votes_file(settings).read_text("utf-8").splitlines()]
    assert [(line["question"], line["evidence"], line["kind"]) for line in lines] == [
        ("有用", [{"document": "post", "quote": QUOTE}], "judged"),
        ("无用", [], "judged"),
    ]


def test_without_a_vote_on_an_answer_the_error_says_what_to_name(settings):
    vote(settings, "没有回答的", "up", "1", answered=False)
    with pytest.raises(EvaluationError, match=r"wenbao evaluate --calibrate FILE"):
        votes_file(settings)


def results(status="answered"):
    """Return 200 answers, the less sure the more of them wrong, as an evaluation left them."""
    records = tuple(
        Record(str(n), "?", "zh", True, 1, status, 1 - n / 400, "post", 1, {"first sentence": float(n < 120 or n % 3)})
        for n in range(200)
    )
    return [SetResult("own", "own.jsonl", "passage", "1", 1, 1, {}, (), (), records, ())]


def test_calibrating_twice_gives_the_same_threshold_whatever_was_in_force(settings):
    first = calibrate(settings, NAME, results(), 0.05, 0.9)
    again = calibrate(settings, NAME, results("related"), 0.05, 0.9)
    assert first == again
    assert 0.6 < first.threshold < 0.75
    assert first.wrong <= 0.05 * first.answered
    assert load_calibration(settings.index.path, "trained") == first


def test_what_is_kept_is_of_the_reader_that_answered(settings):
    kept = calibrate(settings, "stub", results(), 0.05, 0.9)
    assert kept.reader == "rules"
    assert load_calibration(settings.index.path, "trained") is None
    assert load_calibration(settings.index.path, "rules") == kept
