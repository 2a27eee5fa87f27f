"""The contract of an answer: verbatim quotes, honest statuses, and no question that breaks it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval import answering
from retrieval.analysis import words_of
from retrieval.answering import Answerer, Signals, clean_question, is_language, paragraph_url, status_of
from retrieval.errors import QuestionInvalid
from retrieval.indexer import build_index
from retrieval.passages import sentences_of
from retrieval.snapshot import load_snapshot
from retrieval.types import Filters, Reprint

QUESTION = "孙蕴华一共接听了多少通电话?"


@pytest.fixture(scope="module")
def answerer(seed_snapshot):
    return Answerer(seed_snapshot, StubEncoder())


@pytest.fixture
def believed(monkeypatch):
    """Set how sure every answer is, whatever the stub encoder's cosines say."""
    return lambda confidence: monkeypatch.setattr(Signals, "confidence", lambda self: confidence)


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
        paragraph = document.paragraphs[citation.paragraph - 1]
        assert paragraph.start <= citation.start < citation.end <= paragraph.end
        assert citation.url == f"/documents/{citation.document_id}/view#p{citation.paragraph}"
        assert (citation.title, citation.date, citation.source) == (document.title, document.date, document.source)
    scores = [citation.score for citation in answer.citations]
    assert scores == sorted(scores, reverse=True)
    if answer.answer is not None:
        cited = answer.citations[answer.answer.citation - 1]
        assert answer.answer.text in cited.quote
        assert answer.answer.text == answer.answer.text.strip() != ""
        assert answer.answer.span is None or answer.answer.span in answer.answer.text


# The contract


@pytest.mark.parametrize(
    ("confidence", "status", "citations"),
    [(0.9, "answered", 5), (0.2, "answered", 5), (0.19, "related", 5), (0.05, "related", 5), (0.04, "not_found", 0)],
)
def test_the_status_says_how_sure_the_answer_is(answerer, seed_snapshot, believed, confidence, status, citations):
    believed(confidence)
    answer = answerer.ask(QUESTION)
    check_contract(answer, seed_snapshot, 5)
    assert (answer.status, answer.confidence, len(answer.citations)) == (status, confidence, citations)


@pytest.mark.parametrize("top_k", [1, 2, 10, 20])
@pytest.mark.parametrize("question", [QUESTION, "靜安區突擊隊", "How many masks?", "5000"])
def test_every_citation_keeps_its_promise(answerer, seed_snapshot, believed, question, top_k):
    believed(0.5)
    answer = answerer.ask(question, top_k)
    check_contract(answer, seed_snapshot, top_k)
    assert len(answer.citations) in (0, top_k)


def test_the_answer_is_a_whole_sentence_of_the_first_citation(answerer, believed):
    believed(0.9)
    for question in (QUESTION, "靜安區突擊隊分為多少個支援小組?", "How many masks?"):
        answer = answerer.ask(question)
        quote = answer.citations[0].quote
        assert answer.answer.citation == 1
        assert answer.answer.text in [quote[start:end].strip() for start, end in sentences_of(quote)]


def test_timings_are_milliseconds_of_every_stage(answerer, believed):
    believed(0.9)
    timings = dict(answerer.ask(QUESTION).timings_ms)
    assert sorted(timings) == ["encode", "read", "search", "total"]
    total = timings.pop("total")
    assert sum(timings.values()) <= total + 0.1
    assert list(answerer.ask("？！").timings_ms) == ["total"]


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
    answer = answerer.ask(QUESTION, 20, filters)
    check_contract(answer, seed_snapshot, 20)
    assert {citation.document_id for citation in answer.citations} == documents


def test_filters_that_admit_nothing_find_nothing(answerer, believed):
    believed(0.9)
    answer = answerer.ask(QUESTION, filters=Filters(date_from=dt.date(2030, 1, 1)))
    assert (answer.status, answer.confidence, answer.citations) == ("not_found", 0.0, ())


def test_an_explanation_is_given_when_asked_for_and_only_then(answerer, believed):
    believed(0.9)
    assert answerer.ask(QUESTION).explanation == {}
    answer = answerer.ask(QUESTION, 3, explain=True)
    explained = answer.explanation
    assert sorted(explained) == ["hits", "signals", "weights", "words"]
    assert explained["words"] == words_of(QUESTION)
    assert sorted(explained["weights"]) == ["dense", "words"]
    assert sorted(explained["signals"]) == ["coverage", "foreign", "margin", "similarity"]
    assert [(hit["document_id"], hit["paragraph"], hit["score"]) for hit in explained["hits"]] == [
        (citation.document_id, citation.paragraph, citation.score) for citation in answer.citations
    ]
    assert [sorted(hit) for hit in explained["hits"]] == [["dense", "document_id", "paragraph", "score", "words"]] * 3


def test_a_reprint_is_listed_beside_the_citation(corpus_of, tmp_path, believed):
    believed(0.9)
    text = "社区的志愿者给老人送菜。"
    build_index([corpus_of({"甲/a.txt": text, "b.txt": "灯还亮着。\n\n" + text})], tmp_path / "index", StubEncoder())
    snapshot = load_snapshot(tmp_path / "index")
    answer = Answerer(snapshot, StubEncoder()).ask("志愿者给谁送菜?")
    assert [c.quote for c in answer.citations] == [text, "灯还亮着。"]
    assert answer.citations[0].duplicates == (Reprint("甲/a", 1, "/documents/%E7%94%B2/a/view#p1"),)


def test_a_report_with_an_odd_name_can_be_cited(corpus_of, tmp_path, believed):
    believed(0.9)
    build_index([corpus_of({"通知 #1?&.txt": "社区的志愿者给老人送菜。"})], tmp_path / "index", StubEncoder())
    [citation] = Answerer(load_snapshot(tmp_path / "index"), StubEncoder()).ask("志愿者给谁送菜?").citations
    assert citation.document_id == "通知 #1?&"
    assert citation.url == "/documents/%E9%80%9A%E7%9F%A5%20%231%3F%26/view#p1"
    assert paragraph_url("2022/a", 12) == "/documents/2022/a/view#p12"


# Questions


@pytest.mark.parametrize("question", ["", " \n\t\u3000", "\0\x01\x1f", "\u200b\u202e\ufeff", "\x7f\x9f"])
def test_an_empty_question_is_refused(answerer, question):
    with pytest.raises(QuestionInvalid, match="^the question is empty: write what you want to know$"):
        answerer.ask(question)


@pytest.mark.parametrize("question", ["问" * 1001, "a" * 10_000, " " * 1001])
def test_a_question_too_long_is_refused_with_its_length(answerer, question):
    with pytest.raises(QuestionInvalid) as caught:
        answerer.ask(question)
    assert str(caught.value) == f"the question has {len(question):,} characters; ask in at most 1,000"


@pytest.mark.parametrize("top_k", [-1, 0, 21, 1000])
def test_a_number_of_citations_out_of_range_is_refused(answerer, top_k):
    with pytest.raises(QuestionInvalid, match=f"^top_k must be between 1 and 20, not {top_k}$"):
        answerer.ask(QUESTION, top_k)


def test_an_unknown_report_in_the_filters_is_refused(answerer):
    with pytest.raises(QuestionInvalid, match="^no report has the id '999': `wenbao documents` lists them$"):
        answerer.ask(QUESTION, filters=Filters(documents=frozenset({"999", "000_615096fb3a9954a1"})))


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
    answer = answerer.ask(question)
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
    check_contract(answerer.ask(question), seed_snapshot, 5)


@given(st.text(st.characters(), max_size=1000), st.integers(1, 20))
@example("\ud800", 1)
@example("\udfff孙", 20)
@example("\0", 1)
def test_no_question_breaks_the_contract(answerer, seed_snapshot, question, top_k):
    try:
        answer = answerer.ask(question, top_k)
    except QuestionInvalid:
        return
    check_contract(answer, seed_snapshot, top_k)


@pytest.mark.parametrize(
    ("question", "clean"),
    [
        ("  孙蕴华?\n", "孙蕴华?"),
        ("孙\0蕴华", "孙 蕴华"),
        ("a\ud800b", "a?b"),
        ("e\u0301", "é"),
        ("孙\n蕴", "孙\n蕴"),
    ],
)
def test_control_characters_and_half_surrogates_are_taken_out(question, clean):
    assert clean_question(question) == clean


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many masks?", True),
        ("孙蕴华;*=", True),
        ("Кто?", True),
        ("1 2 3 4", False),
        ("a=b;", False),
        ("{x}", False),
    ],
)
def test_code_and_numbers_are_no_language(question, expected):
    assert is_language(question) is expected


def test_confidence_grows_with_every_good_signal():
    weak = Signals(coverage=0.2, similarity=0.8, margin=0.02, foreign=0.0)
    for better in (Signals(0.9, 0.8, 0.02, 0.0), Signals(0.2, 0.9, 0.02, 0.0), Signals(0.2, 0.8, 0.1, 0.0)):
        assert 0 < weak.confidence() < better.confidence() < 1
    assert [status_of(value) for value in (0, 0.05, 0.2, 1)] == ["not_found", "related", "answered", "answered"]


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
    answer = real_answerer.ask(question, 5)
    check_contract(answer, real_answerer.snapshot, 5)
    first = answer.citations[0]
    assert (first.document_id[:3], first.paragraph) == (document, paragraph)
    assert words in first.quote


def test_the_answering_sentence_is_quoted_alone(real_answerer):
    answer = real_answerer.ask("孙蕴华累计接听了多少通电话？")
    assert answer.status == "answered"
    assert answer.answer.text.startswith("截至4月10日,孙蕴华累计接听电话近400通")
    assert answer.answer.text.endswith("为本市抗疫贡献自己的力量。")


@pytest.mark.parametrize("question", ["今天上海天气怎么样", "红烧肉怎么做才好吃?", "What is the capital of France?"])
def test_questions_far_from_the_reports_are_not_found(real_answerer, question):
    answer = real_answerer.ask(question)
    assert (answer.status, answer.answer, answer.citations) == ("not_found", None, ())


def test_the_real_answers_explain_themselves_with_the_fitted_model(real_answerer):
    answer = real_answerer.ask("孙蕴华累计接听了多少通电话？", explain=True)
    signals = Signals(**answer.explanation["signals"])
    assert signals.confidence() == pytest.approx(answer.confidence, abs=0.01)
    assert signals.foreign == 0
    assert answer.confidence >= answering.ANSWERED_FROM
