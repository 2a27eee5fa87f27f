"""Who may see only some reports is answered from them as if there were no others."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from related_reports import MORE_SUBSIDY, NEWS, SUBSIDY, as_file, reworded
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder

from retrieval.errors import QuestionInvalid
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Filters, Question, Turn

RULE = ("为了照顾老人，制定本办法。", "各社区负责登记，每年核对一次。", "本办法自发布之日起施行。")
SECRET = ("绝密代号为青鸟的计划由钱伯庸（以下简称“老钱”）主持，预算九千万元。", "青鸟计划的地点在云雾山。")
OPEN = {
    "open/news": as_file("新馆开馆", "2023年5月7日", reworded(NEWS, ("二点三亿元", "二点五亿元"))),
    "open/rule": as_file("临江市老年人补贴办法", "2019年3月1日", (SUBSIDY, *RULE)),
    "open/other": as_file("食堂简报", "2023年6月1日", ("食堂每天供应三百份午餐。", "老钱每天来吃饭。")),
}
HIDDEN = {
    "secret/news": as_file("图书馆内部稿", "2023年5月6日", NEWS),
    "secret/rule": as_file(
        "临江市老年人补贴办法", "2024年3月1日", (MORE_SUBSIDY, *RULE, "2019年的《临江市老年人补贴办法》同时废止。")
    ),
    "secret/plan": as_file("青鸟计划", "2024年1月1日", SECRET),
}
WORDS_OF_THE_HIDDEN = ("secret/", "内部稿", "青鸟", "钱伯庸", "云雾山", "九千万", "一百二十元", "2024-03-01")
QUESTIONS = [
    "青鸟计划的预算是多少？",
    "新馆总投资多少？",
    "年满八十周岁的老人每人每月发放补贴多少？",
    "老钱每天做什么？",
    "这里有哪些报告？",
    "哪些报道提到了图书馆？",
    "钱伯庸是谁？",
    "新馆总投资多少？钱伯庸主持什么？",
    "qianboyong",
    "云雾山在哪里",
    "最新的补贴是多少？",
]


def indexed(folder, reports):
    for name, text in reports.items():
        path = folder / "corpus" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    build_index([folder / "corpus"], folder / "index", StubEncoder())
    return StubAnswerer(load_snapshot(folder / "index"), StubEncoder())


@pytest.fixture(scope="module")
def of_all(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("all"), OPEN | HIDDEN)


@pytest.fixture(scope="module")
def of_the_open(tmp_path_factory):
    return indexed(tmp_path_factory.mktemp("open"), OPEN)


def everything(answer):
    """Return all that a face could show of an answer, but for the words that were asked."""
    return json.dumps(asdict(answer), ensure_ascii=False, default=str)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("before", [None, Turn("青鸟计划由谁主持？", SECRET[0], "青鸟计划")])
def test_nothing_of_a_hidden_report_is_in_an_answer_however_it_is_asked(of_all, question, before):
    answer = of_all.within("open/*").ask(Question(question, 20, explain=True, before=before))
    found = everything(answer)
    said = question + (before.question + before.answer + before.title if before else "")
    assert [word for word in WORDS_OF_THE_HIDDEN if word in found and word not in said] == []
    assert {citation.document_id for citation in answer.citations} <= OPEN.keys()


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_is_cited_is_what_an_index_without_the_hidden_reports_cites(of_all, of_the_open, question):
    def told(answerer):
        found = answerer.ask(Question(question, 20))
        related = [(one.superseded_by, one.supersedes, one.duplicates) for one in found.citations[:1]]
        first = [(one.document_id, one.paragraph) for one in found.citations[:1]]
        return found.status, first, related, found.differs, found.overview, found.notice

    assert told(of_all.within("open/*")) == told(of_the_open)


def test_who_sees_all_is_told_of_reprints_versions_and_names(of_all):
    rule, news = (of_all.ask(Question(text)).citations for text in (QUESTIONS[2], QUESTIONS[1]))
    assert [one.document_id for one in rule[:1]] == ["secret/rule"]
    assert [one.document_id for one in news[0].duplicates] == ["open/news"]
    assert of_all.snapshot.relations.others_of("老钱") == ("钱伯庸",)
    assert of_all.within("open/*").snapshot.relations.others_of("老钱") == ()


@pytest.mark.parametrize("wanted", ["secret/plan", "never"])
def test_a_hidden_report_is_as_unknown_as_one_that_never_was(of_all, wanted):
    with pytest.raises(QuestionInvalid, match=f"no report has the id '{wanted}'"):
        of_all.within("open/*").ask(Question("预算", filters=Filters(frozenset({wanted}))))


def test_a_pattern_that_fits_nothing_finds_nothing(of_all):
    answer = of_all.within("none/*").ask(Question(QUESTIONS[0]))
    assert (answer.status, answer.citations) == ("not_found", ())
