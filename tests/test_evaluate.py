"""The ruler: hits, reciprocal ranks, answer sentences and abstention, on answers written by hand."""

from __future__ import annotations

import json

import pytest

from retrieval.errors import QuestionInvalid
from retrieval.evaluate import DEPTH, Judged, evaluate, first_hit, read_questions, squash
from retrieval.types import Answer, AnswerText, Citation


def citation(number, quote, document="a"):
    return Citation(number, document, "题", None, None, 1, 0, len(quote), quote, "/", 0.5)


def answer(quotes, sentence=None, milliseconds=1.0):
    status = "answered" if sentence else "related" if quotes else "not_found"
    citations = tuple(citation(number, quote) for number, quote in enumerate(quotes, start=1))
    text = AnswerText(sentence, None, 1) if sentence else None
    return Answer(status, 0.5, text, citations, "000001-x", {"total": milliseconds})


class Scripted:
    """Gives the answer written down for each question, and remembers how deep it was asked."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def ask(self, question, top_k):
        self.asked.append((question, top_k))
        return self.answers[question]


def test_every_figure_is_what_a_person_would_count():
    others = [f"第{number}段" for number in range(9)]
    answerer = Scripted(
        {
            "first": answer(["共有 5000 个口罩。", *others], sentence="共有5000个口罩。", milliseconds=1),
            "third": answer([*others[:2], "共有５０００个口罩。"], sentence=others[0], milliseconds=9),
            "tenth": answer([*others, "共有5000个口罩。"], milliseconds=2),
            "missed": answer(others, milliseconds=3),
            "nothing": answer([], milliseconds=4),
            "silent": answer([], milliseconds=5),
            "hesitant": answer(others, milliseconds=6),
            "wrong": answer(others, sentence=others[0], milliseconds=7),
        }
    )
    evidence = (("a", "5000个口罩"),)
    judged = [Judged(name, evidence) for name in ("first", "third", "tenth", "missed", "nothing")]
    judged += [Judged(name, ()) for name in ("silent", "hesitant", "wrong")]
    assert evaluate(answerer, judged) == pytest.approx(
        {
            "answerable": 5,
            "hit@1": 1 / 5,
            "hit@3": 2 / 5,
            "hit@10": 3 / 5,
            "mrr@10": (1 + 1 / 3 + 1 / 10) / 5,
            "sentence": 1 / 5,
            "unanswerable": 3,
            "unanswerable kept silent": 2 / 3,
            "median ms": 4.5,
        }
    )
    assert answerer.asked == [(question.question, DEPTH) for question in judged]


def test_the_named_answer_counts_where_it_stands_in_the_sentence():
    answerer = Scripted({"q": answer(["甲说了话。共有5000个。"], sentence="共有 5000 个。")})
    assert evaluate(answerer, [Judged("q", (("a", "甲说了话。"),), answer="5000个")])["sentence"] == 1


def test_no_questions_give_no_figures():
    assert set(evaluate(Scripted({}), []).values()) == {0}


def test_a_hit_needs_the_right_report_and_the_words():
    citations = [citation(1, "共有5000个口罩。", "b"), citation(2, "共有5000个\n口罩。")]
    assert first_hit(Judged("q", (("a", "5000个口罩"),)), citations) == 2
    assert first_hit(Judged("q", (("c", "x"), ("b", "口罩"))), citations) == 1
    assert first_hit(Judged("q", (("a", "6000"),)), citations) is None


def test_white_space_and_width_do_not_matter():
    assert squash(" Ａ（中）\n\u3000１ 2") == "A(中)12"


def test_questions_are_read_from_json_lines(tmp_path):
    path = tmp_path / "questions.jsonl"
    entries = [
        {"id": "1", "question": "几个?", "answer": "5000个", "evidence": [{"document": "a", "quote": "5000个口罩"}]},
        {"question": "天气?", "evidence": []},
        {"question": "第一行\u2028第二行?", "evidence": []},
    ]
    path.write_text("\n" + "\n\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries), encoding="utf-8")
    assert read_questions(path) == [
        Judged("几个?", (("a", "5000个口罩"),), "5000个"),
        Judged("天气?", ()),
        Judged("第一行\u2028第二行?", ()),
    ]


@pytest.mark.parametrize(
    "line", ["{broken", "[]", "3", '{"question": "几个?"}', '{"question": "几个?", "evidence": [{"quote": "x"}]}']
)
def test_a_line_that_is_no_question_is_named(tmp_path, line):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "几个?", "evidence": []}\n\n' + line, encoding="utf-8")
    with pytest.raises(QuestionInvalid) as caught:
        read_questions(path)
    assert str(caught.value) == f"{path}, line 3: question and evidence are expected"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QuestionInvalid, match="questions.jsonl"):
        read_questions(path)


def test_the_seeds_are_measured_through_the_real_answerer(real_answerer):
    judged = [
        Judged("孙蕴华累计接听了多少通电话？", (("000_615096fb3a9954a1", "累计接听电话近400通"),)),
        Judged("今天上海天气怎么样", ()),
    ]
    figures = evaluate(real_answerer, judged)
    del figures["median ms"]
    assert figures == {
        "answerable": 1,
        "hit@1": 1,
        "hit@3": 1,
        "hit@10": 1,
        "mrr@10": 1,
        "sentence": 1,
        "unanswerable": 1,
        "unanswerable kept silent": 1,
    }
