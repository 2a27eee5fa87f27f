"""Reading with the weights that ship, by the real model: what it finds, and where the rules know better."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from retrieval.answer import confidence
from retrieval.answer.answerer import Answerer
from retrieval.answer.confidence import FILES
from retrieval.answer.reading import SentenceReader
from retrieval.answer.trained.reader import TrainedReader
from retrieval.evaluation.asking import analysed
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Question

REPORTS = {
    "library.txt": "图书馆延长开放\n\n东堤图书馆的周末借阅量去年增长了三成，读者反映座位不够。馆方研究后决定"
    "增设自习室，由副馆长钱若水负责。开放时间从早上八点提前到早上七点半，周一照常开放。",
    "tender.txt": "中标公告\n\n榆林小学操场改造工程评标工作已经结束，现将结果公告如下。\n\n"
    "中标人为江南恒立建设工程有限公司，中标价3256000元，工期90天。",
    "doctor.txt": "援助医疗队\n\n援外医生顾长风三月抵达海岛。他带队做了二百一十台手术，最长的一台做了十一个小时。",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory, real_encoder):
    folder = tmp_path_factory.mktemp("read")
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    build_index([folder], folder / ".index", real_encoder)
    return Answerer(load_snapshot(folder / ".index"), real_encoder)


@pytest.mark.parametrize(
    ("question", "span"),
    [
        ("谁负责增设自习室？", "钱若水"),
        ("读者反映什么？", "座位不够"),
        ("东堤图书馆现在几点开放？", "早上七点半"),
        ("顾长风带队做了多少台手术？", "二百一十台"),
        ("How many operations did Gu Changfeng's team carry out?", "二百一十台"),
    ],
)
def test_the_few_words_answer_also_where_no_rule_knows_what_would(answerer, question, span):
    read = answerer.ask(Question(question, explain=True)).explanation.read
    assert span in read.span or read.span in span
    assert read.margin is not None


def test_a_sentence_that_leans_on_the_one_before_is_shown_with_it(answerer):
    answer = answerer.ask(Question("顾长风带队做了多少台手术？"))
    assert answer.answer.text == answer.citations[0].quote
    assert answer.answer.text.startswith("援外医生顾长风")


def test_a_passage_is_read_in_the_light_of_the_one_above_that_says_what_it_is_about(answerer):
    answer = answerer.ask(Question("榆林小学操场改造工期多少天？"))
    assert answer.citations[0].quote.startswith("中标人为")
    assert answer.answer.span == "90天"


def test_the_reader_says_how_sure_it_is_and_what_it_did_not_read_is_not_ordered(answerer):
    query = analysed(answerer, "谁负责增设自习室？")
    rows = list(range(len(answerer.snapshot.passages)))
    readings = answerer.reader.read(query, rows)
    margins = {row: one.trained.margin for row, one in zip(rows, readings, strict=True)}
    best = max(margins, key=lambda row: margins[row])
    assert "自习室" in answerer.snapshot.passages[best].text
    assert margins[best] > 0 > sorted(margins.values())[-2]


def test_the_rules_read_the_same_passages_without_the_model(answerer):
    query = analysed(answerer, "谁负责增设自习室？")
    [by_rules], [trained] = SentenceReader(answerer.snapshot).read(query, [0]), answerer.reader.read(query, [0])
    assert (by_rules.trained, trained.score, trained.weakest) == (None, by_rules.score, by_rules.weakest)


def test_another_encoder_is_read_by_rules(seed_snapshot, answerer):
    from stub_encoder import StubEncoder

    assert isinstance(answerer.reader, TrainedReader)
    assert isinstance(Answerer(seed_snapshot, StubEncoder()).reader, SentenceReader)


def test_the_confidence_has_a_weight_for_each_signal_of_the_reader(answerer):
    signals = answerer.ask(Question("谁负责增设自习室？", explain=True)).explanation.signals
    weights = tomllib.loads(Path(confidence.__file__).with_name(FILES["trained"]).read_text(encoding="utf-8"))[
        "weights"
    ]
    assert set(signals) == set(weights)
