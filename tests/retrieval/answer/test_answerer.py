"""The contract of an answer: verbatim quotes, honest statuses, and no question that breaks it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
import weakref

import pytest
from asking import Belief
from hypothesis import example, given
from hypothesis import strategies as st
from places import SEEDS
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.answer.confidence import confidence, status_of
from retrieval.answer.reading import Reading
from retrieval.errors import QuestionInvalid
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.notices import Notice
from retrieval.related import Reprint
from retrieval.text.sentences import sentences_of
from retrieval.types import AppliedFilter, Filters, Question, Turn

QUESTION = "孙蕴华一共接听了多少通电话?"


BELIEF = Belief()


@pytest.fixture(scope="module")
def answerer(seed_snapshot):
    return Answerer(seed_snapshot, StubEncoder(), confidence=BELIEF.confidence)


@pytest.fixture
def believed():
    """Set how sure every answer is, until the test ends."""
    yield BELIEF
    BELIEF.sure = None


def check_contract(answer, snapshot, top_k):
    """Hold an answer against DESIGN 3.3."""
    assert answer.generation == snapshot.generation
    assert 0 <= answer.confidence <= 1
    assert len(answer.citations) <= top_k
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert (answer.answer is not None) == (answer.status == "answered")
    assert (answer.citations == ()) == (answer.status == "not_found")
    for citation in answer.citations:
        document = snapshot.by_id[citation.document_id]
        assert citation.quote == document.text[citation.start : citation.end]
        is_paragraph = citation.paragraph is not None
        part = document.paragraphs[citation.paragraph - 1] if is_paragraph else document.asides[citation.aside - 1]
        assert part.start <= citation.start < citation.end <= part.end
        assert citation.kind == (None if is_paragraph else part.kind)
        assert (citation.title, citation.date, citation.source) == (document.title, document.date, document.source)
    scores = [citation.score for citation in answer.citations]
    assert not scores or max(scores) == scores[0]
    for other in (*answer.supporting, *answer.conflicting):
        assert other.citation > 1
        assert other.text in answer.citations[other.citation - 1].quote
        assert other.text == other.text.strip() != ""
        assert other.span is None or other.span in other.text
    assert answer.answer is not None or (answer.supporting, answer.conflicting) == ((), ())
    if answer.answer is not None:
        cited = answer.citations[answer.answer.citation - 1]
        assert answer.answer.text in cited.quote
        assert answer.answer.text == answer.answer.text.strip() != ""
        assert answer.answer.span is None or answer.answer.span in answer.answer.text


# The contract


@pytest.mark.parametrize("sure", [0.0, 0.01, 0.2, 0.5, 0.8, 0.99, 1.0])
def test_the_status_says_how_sure_the_answer_is(answerer, seed_snapshot, believed, sure):
    believed(sure)
    answer = answerer.ask(Question(QUESTION))
    check_contract(answer, seed_snapshot, 5)
    citations = 0 if status_of(sure) == "not_found" else 5
    assert (answer.status, answer.confidence, len(answer.citations)) == (status_of(sure), sure, citations)


@pytest.mark.parametrize("top_k", [1, 2, 10, 20])
@pytest.mark.parametrize("question", [QUESTION, "靜安區突擊隊", "How many masks?", "5000"])
def test_every_citation_keeps_its_promise(answerer, seed_snapshot, believed, question, top_k):
    believed(0.5)
    answer = answerer.ask(Question(question, top_k))
    check_contract(answer, seed_snapshot, top_k)
    assert len(answer.citations) in (0, top_k)


def test_the_answer_is_a_whole_sentence_of_the_first_citation(answerer, believed):
    believed(0.9)
    for question in (QUESTION, "靜安區突擊隊分為多少個支援小組?", "How many masks?"):
        answer = answerer.ask(Question(question))
        quote = answer.citations[0].quote
        assert answer.answer.citation == 1
        assert answer.answer.text in [quote[start:end].strip() for start, end in sentences_of(quote)]


def test_timings_are_milliseconds_of_every_stage(answerer, believed):
    believed(0.9)
    timings = dict(answerer.ask(Question(QUESTION)).timings_ms)
    assert sorted(timings) == ["encode", "read", "search", "total"]
    total = timings.pop("total")
    assert sum(timings.values()) <= total + 0.1
    assert list(answerer.ask(Question("？！")).timings_ms) == ["total"]


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(documents=frozenset({"002_5bb256aa8cf2b42a"})), {"002_5bb256aa8cf2b42a"}),
        (Filters(date_from=dt.date(2020, 2, 2)), {"000_615096fb3a9954a1"}),
        (Filters(date_to=dt.date(2020, 2, 1)), {"004_2ce852fb66e9e90e"}),
    ],
)
def test_filters_decide_which_reports_may_answer(answerer, seed_snapshot, believed, filters, documents):
    believed(0.9)
    answer = answerer.ask(Question(QUESTION, 20, filters))
    check_contract(answer, seed_snapshot, 20)
    assert {citation.document_id for citation in answer.citations} == documents


def test_filters_that_admit_nothing_find_nothing(answerer, believed):
    believed(0.9)
    answer = answerer.ask(Question(QUESTION, filters=Filters(date_from=dt.date(2030, 1, 1))))
    assert (answer.status, answer.confidence, answer.citations) == ("not_found", 0.0, ())


def test_an_explanation_is_given_when_asked_for_and_only_then(answerer, believed):
    believed(0.9)
    assert answerer.ask(Question(QUESTION)).explanation is None
    plain, explained = answerer.ask(Question(QUESTION, 3)), answerer.ask(Question(QUESTION, 3, explain=True))
    assert dataclasses.replace(explained, explanation=None, timings_ms={}) == dataclasses.replace(plain, timings_ms={})
    assert explained.explanation.question == QUESTION
    assert len(explained.explanation.hits) == 3


@pytest.mark.parametrize("question", ["孙蕴华一共接听了多少通电话?", "How many masks?", "孙"])
def test_citations_come_best_first(answerer, believed, question):
    believed(0.9)
    scores = [citation.score for citation in answerer.ask(Question(question, 20)).citations]
    assert scores == sorted(scores, reverse=True)
    assert [c.score for c in answerer.ask(Question(question, 3)).citations] == scores[:3]


DATED = {
    "a.txt": "3月11日,志愿者给老人送菜。",
    "b.txt": "3月12日,志愿者给老人送菜。",
    "c.txt": "志愿者给老人送菜。",
}


@pytest.mark.parametrize(
    ("question", "applied"),
    [
        ("3月12日志愿者给谁送菜?", AppliedFilter("3月12日", None, None)),
        ("三月十二日志愿者给谁送菜?", AppliedFilter("三月十二日", None, None)),
    ],
)
def test_a_time_in_the_question_prefers_what_is_of_that_time_and_can_be_taken_off(
    corpus_of, tmp_path, believed, question, applied
):
    believed(0.9)
    build_index([corpus_of(DATED)], tmp_path / "index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder())
    answer = answerer.ask(Question(question))
    assert answer.citations[0].document_id == "b"
    assert answer.filters_applied == (applied,)
    assert sorted(citation.document_id for citation in answer.citations) == ["a", "b", "c"]
    without = answerer.ask(Question(question, use_dates=False))
    assert without.filters_applied == ()
    scores = {citation.document_id: citation.score for citation in without.citations}
    gains = {citation.document_id: citation.score - scores[citation.document_id] for citation in answer.citations}
    assert [report for report, gain in gains.items() if gain > 0.001] == ["b"]


def test_the_span_of_a_year_and_month_is_shown(corpus_of, tmp_path, believed):
    believed(0.9)
    reports = {
        f"{month}.txt": f"简报{month}\n\n2020年{month}月9日\n\n第{month}份简报说,志愿者给老人送菜。"
        for month in (1, 2, 3)
    }
    build_index([corpus_of(reports)], tmp_path / "index", StubEncoder())
    answer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder(), confidence=believed.confidence).ask(
        Question("2020年2月志愿者给谁送菜?")
    )
    assert answer.filters_applied == (AppliedFilter("2020年2月", dt.date(2020, 2, 1), dt.date(2020, 2, 29)),)
    assert answer.citations[0].document_id == "2"


def test_a_time_that_no_passage_is_of_is_said_and_nothing_is_answered(corpus_of, tmp_path):
    build_index([corpus_of(DATED)], tmp_path / "index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder(), confidence=lambda signals: 0.9)
    answer = answerer.ask(Question("2023年5月志愿者给谁送菜?"))
    assert (answer.status, answer.answer, len(answer.citations)) == ("related", None, 3)
    assert answer.notice == Notice("other_time", "zh", "2023年5月")


def test_a_relative_time_counts_from_the_day_of_asking(corpus_of, tmp_path):
    build_index([corpus_of(DATED)], tmp_path / "index", StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path / "index"), StubEncoder(), confidence=lambda signals: 0.9)
    of_the_day = answerer.ask(Question("昨天志愿者给谁送菜?", today=dt.date(2020, 3, 13)))
    assert (of_the_day.citations[0].document_id, of_the_day.notice) == ("b", None)
    assert of_the_day.filters_applied == (AppliedFilter("昨天", dt.date(2020, 3, 12), dt.date(2020, 3, 12)),)
    later = answerer.ask(Question("昨天志愿者给谁送菜?", today=dt.date(2020, 6, 1)))
    assert (later.status, later.notice) == ("answered", Notice("other_time", "zh", "昨天"))


@pytest.mark.parametrize("question", ["今天上海天气怎么样?", "孙蕴华是谁?", "2055年1月1日孙蕴华做了什么?"])
def test_no_filter_is_shown_where_none_decided(answerer, believed, question):
    believed(0.9)
    assert answerer.ask(Question(question)).filters_applied == ()


def test_a_follow_up_is_answered_as_what_it_was_understood_as(answerer, believed):
    believed(0.9)
    before = Turn("孙蕴华累计接听了多少通电话?", "孙蕴华累计接听电话近400通。")
    follow_up, whole = answerer.ask(Question("她是哪里人?", before=before)), answerer.ask(Question("她是哪里人?"))
    assert whole.understood_as is None
    assert follow_up.understood_as is not None
    assert "孙蕴华" in follow_up.understood_as
    same = answerer.ask(Question(follow_up.understood_as))
    assert dataclasses.replace(follow_up, understood_as=None, timings_ms={}) == dataclasses.replace(same, timings_ms={})


def test_another_reader_may_choose_the_sentence(seed_snapshot, believed):
    class FirstCharacters:
        kind = "rules"

        def read(self, query, rows, lead=None):
            return [Reading(0, 4, 1.0, 1.0, (1, 3), 0) for _ in rows]

    believed(0.9)
    answer = Answerer(seed_snapshot, StubEncoder(), FirstCharacters(), believed.confidence).ask(Question(QUESTION))
    assert answer.answer.text == answer.citations[0].quote[:4]
    assert answer.answer.span == answer.citations[0].quote[1:3]


def test_a_reprint_is_listed_beside_the_citation(corpus_of, tmp_path, believed):
    believed(0.9)
    text = "社区的志愿者给老人送菜。"
    build_index([corpus_of({"甲/a.txt": text, "b.txt": "灯还亮着。\n\n" + text})], tmp_path / "index", StubEncoder())
    snapshot = load_snapshot(tmp_path / "index")
    answer = Answerer(snapshot, StubEncoder(), confidence=believed.confidence).ask(Question("志愿者给谁送菜?"))
    assert [c.quote for c in answer.citations] == [text, "灯还亮着。"]
    assert answer.citations[0].duplicates == (Reprint("甲/a", 1, text, None),)


def test_a_report_with_an_odd_name_can_be_cited(corpus_of, tmp_path, believed):
    believed(0.9)
    build_index([corpus_of({"通知 #1?&.txt": "社区的志愿者给老人送菜。"})], tmp_path / "index", StubEncoder())
    [citation] = (
        Answerer(load_snapshot(tmp_path / "index"), StubEncoder(), confidence=believed.confidence)
        .ask(Question("志愿者给谁送菜?"))
        .citations
    )
    assert citation.document_id == "通知 #1?&"
    assert citation.quote == "社区的志愿者给老人送菜。"


# Questions


@pytest.mark.parametrize("question", ["", " \n\t\u3000", "\0\x01\x1f", "\u200b\u202e\ufeff", "\x7f\x9f"])
def test_an_empty_question_is_refused(answerer, question):
    with pytest.raises(QuestionInvalid, match="^the question is empty: write what you want to know$"):
        answerer.ask(Question(question))


@pytest.mark.parametrize("question", ["问" * 1001, "a" * 10_000, " " * 1001])
def test_a_question_too_long_is_refused_with_its_length(answerer, question):
    with pytest.raises(QuestionInvalid) as caught:
        answerer.ask(Question(question))
    assert str(caught.value) == f"the question has {len(question):,} characters; ask in at most 1,000"


@pytest.mark.parametrize("top_k", [-1, 0, 21, 1000])
def test_a_number_of_citations_out_of_range_is_refused(answerer, top_k):
    with pytest.raises(QuestionInvalid, match=f"^top_k must be between 1 and 20, not {top_k}$"):
        answerer.ask(Question(QUESTION, top_k))


def test_an_unknown_report_in_the_filters_is_refused(answerer):
    with pytest.raises(QuestionInvalid, match="^no report has the id '999': `wenbao documents` lists them$"):
        answerer.ask(Question(QUESTION, filters=Filters(documents=frozenset({"999", "000_615096fb3a9954a1"}))))


@pytest.mark.parametrize(
    "question",
    [
        "？？？",
        "😀😀",
        "...!!!",
        "—— ……",
        "'; DROP TABLE reports; --",
        "<script>alert(1)</script>",
        "SELECT * FROM a WHERE 1=1;",
    ],
)
def test_marks_emoji_and_code_are_not_found(answerer, question, believed):
    believed(0.9)
    answer = answerer.ask(Question(question))
    assert (answer.status, answer.confidence, answer.answer, answer.citations) == ("not_found", 0.0, None, ())


@pytest.mark.parametrize(
    "question",
    [
        "问" * 1000,
        "\ud83d孙蕴华\ude00",
        "孙\0蕴\x1b[31m华",
        "e\u0301" * 500,
        "😀孙蕴华",
        "孙蕴华\r\n是谁",
        "\U0010ffff孙",
        "İı",
    ],
)
def test_odd_questions_are_answered_or_not_found(answerer, seed_snapshot, question):
    check_contract(answerer.ask(Question(question)), seed_snapshot, 5)


@given(st.text(st.characters(), max_size=1000), st.integers(1, 20))
@example("\ud800", 1)
@example("\udfff孙", 20)
@example("\0", 1)
def test_no_question_breaks_the_contract(answerer, seed_snapshot, question, top_k):
    try:
        answer = answerer.ask(Question(question, top_k))
    except QuestionInvalid:
        return
    check_contract(answer, seed_snapshot, top_k)


# The real model on the seeds


@pytest.mark.parametrize(
    ("question", "document", "paragraph", "words"),
    [
        ("孙蕴华累计接听了多少通电话？", "000", 8, "近400通"),
        ("黃悅豐一天最多有多少個電話和微信諮詢？", "003", 12, "近百个电话"),
        ("静安区的突击队一共分成几个支援小组？", "001", 4, "14个支援小组"),
        ("谁在青年公寓里给住户送外卖？", "002", 4, "张贝"),
        ("温海波在检疫点一站就是几个小时？", "003", 10, "18个小时"),
        ("誰勸說居民取消婚禮和生日宴？", "004", 15, "龙建忠"),
        ("How many protective masks did Hunan Huayuan Rongkang Pharmaceutical donate?", "004", 30, "5000个"),
        ("Which doctor volunteered to go to Huanggang in Hubei although his wife is a doctor?", "004", 7, "任玉钢"),
    ],
)
def test_questions_about_the_seeds_find_the_paragraph_that_answers(real_answerer, question, document, paragraph, words):
    answer = real_answerer.ask(Question(question, 5))
    check_contract(answer, real_answerer.snapshot, 5)
    first = answer.citations[0]
    assert (first.document_id[:3], first.paragraph) == (document, paragraph)
    assert words in first.quote


def test_the_answering_sentence_is_quoted_alone(real_answerer):
    answer = real_answerer.ask(Question("孙蕴华累计接听了多少通电话？"))
    assert answer.status == "answered"
    assert answer.answer.text.startswith("截至4月10日,孙蕴华累计接听电话近400通")
    assert answer.answer.text.endswith("为本市抗疫贡献自己的力量。")


@pytest.mark.parametrize("question", ["今天上海天气怎么样", "红烧肉怎么做才好吃?", "法国的首都是哪里?"])
def test_questions_far_from_the_reports_are_not_found(real_answerer, question):
    answer = real_answerer.ask(Question(question))
    assert (answer.status, answer.answer, answer.citations) == ("not_found", None, ())


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "Who wrote Hamlet?", "How do I repair a bicycle?"]
)
def test_far_questions_in_another_language_are_not_answered(real_answerer, question):
    answer = real_answerer.ask(Question(question))
    assert (answer.status in ("not_found", "related"), answer.answer) == (True, None)


def test_the_real_answers_explain_themselves_with_the_fitted_model(real_answerer):
    answer = real_answerer.ask(Question("孙蕴华累计接听了多少通电话？", explain=True))
    signals = answer.explanation.signals
    assert confidence(signals) == pytest.approx(answer.confidence, abs=0.01)
    assert signals["foreign"] == 0
    assert status_of(answer.confidence) == "answered"
    pairs = {pair.question: pair.passage for pair in answer.explanation.hits[0].pairs}
    assert {question: passage for question, passage in pairs.items() if question in "孙蕴华"} == {
        character: character for character in "孙蕴华" if character in pairs
    }


def test_an_answerer_that_is_let_go_lets_go_of_its_snapshot_at_once(tmp_path):
    build_index([SEEDS], tmp_path, StubEncoder())
    answerer = Answerer(load_snapshot(tmp_path), StubEncoder())
    assert answerer.ask(Question("孙蕴华接听了多少通电话?")).citations
    held = weakref.ref(answerer.retriever)
    gc.disable()  # an old generation must not stay until the collector comes by
    try:
        del answerer
        assert held() is None
    finally:
        gc.enable()
