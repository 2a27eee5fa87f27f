"""The ruler: what counts as a hit, a right sentence and a miss, on answers written by hand and through the real one."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from handmade import an_answer_text
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.answer.reading import SentenceReader
from retrieval.errors import EvaluationError
from retrieval.evaluation import Indexes, Judged, Located, Quoted, WholeDocument, evaluate, read_sets
from retrieval.evaluation.asking import ask_all, miss_of, record_of
from retrieval.evaluation.judged import Judgement, Place, holds_answer, judge, language_of, names_answer, squash
from retrieval.evaluation.measures import DEPTH
from retrieval.evaluation.results import RANKING_MEASURES
from retrieval.explained import ExplainedHit, Explanation, LegScore, ReadFirst
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.index.relations.relations import Relations
from retrieval.types import Answer, Citation, Passage, Question

REPORTS = {
    "masks": "口罩的报道\n\n第一段说天气很好。\n\n全市共有5000个口罩。随后又来了一批。",
    "calls": "电话的报道\n\n孙蕴华接听了近400通电话。\n\n第二段说别的事情。",
}


def place(text, document="a", start=0):
    return Place(document, start, start + len(text), text)


def citation(number, quote, document="a", start=0):
    return Citation(number, document, "题", None, None, 1, start, start + len(quote), quote, 0.5)


def answer(quotes, sentence=None, span=None, confidence=0.5, hits=(), read=None):
    status = "answered" if sentence else "related" if quotes else "not_found"
    citations = tuple(citation(number, quote) for number, quote in enumerate(quotes, start=1))
    text = an_answer_text(quotes[0], sentence, span, 1) if sentence else None
    explanation = Explanation("q", (), {}, confidence, {}, tuple(hits), read)
    return Answer(status, confidence, text, citations, "000001-x", {"total": 1.0}, explanation)


class Scripted:
    """Gives the answer written down for each question; its legs rank the passages forwards and backwards."""

    def __init__(self, answers, passages=()):
        self.answers, self.asked = answers, []
        rows = [Passage("a", number, 9 * number, 99, text) for number, text in enumerate(passages, start=1)]
        lexical = SimpleNamespace(words=SimpleNamespace(holds=lambda word: True))
        self.snapshot = SimpleNamespace(passages=rows, by_id={}, lexical=lexical, relations=Relations())
        self.encoder = StubEncoder()
        self.retriever = self
        self.reader = None

    def ask(self, question):
        self.asked.append(question)
        return self.answers[question.text]

    def ablations(self, query, k):
        rows = range(len(self.snapshot.passages))
        return {"forwards": list(rows)[:k], "backwards": list(reversed(rows))[:k]}


def with_one_leg(snapshot, encoder):
    """Return what evaluation asks: the real Answerer, with a retriever whose one leg is the order of the passages."""
    rows = list(range(len(snapshot.passages)))
    return SimpleNamespace(
        snapshot=snapshot,
        encoder=encoder,
        ask=Answerer(snapshot, encoder).ask,
        retriever=SimpleNamespace(ablations=lambda query, k: {"in order": rows[:k]}),
        reader=SentenceReader(snapshot),
    )


@pytest.fixture
def indexes(corpus_of, tmp_path):
    """Indexes of the stub encoder, which count how often a scratch one was built and what it embedded."""
    encoder, built = StubEncoder(), []

    def open_(corpus, index):
        receipt = build_index([corpus], index, encoder)
        built.append((corpus.parent.name.rpartition("-")[0], receipt.documents, receipt.embedded))
        return with_one_leg(load_snapshot(index), encoder)

    corpus = corpus_of({f"{name}.txt": text for name, text in REPORTS.items()})
    made = Indexes(lambda: open_(corpus, tmp_path / "index"), open_, tmp_path / "cache", encoder.fingerprint)
    return SimpleNamespace(made=made, built=built)


def write_lines(path, entries):
    path.write_text("\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries), encoding="utf-8")


# What a hit is


def test_a_quote_is_held_by_a_passage_of_its_report_white_space_and_width_aside():
    judged = Judged("q", "几个?", "zh", (Quoted("a", "5000个口罩"),))
    shown = [place("共有5000个口罩。", "b"), place("共有５０００个\n口罩。")]
    assert judge(judged, shown) == Judgement(("b:0-10", "a:0-11"), {"a:0-11": 1})
    assert judge(judged, shown).rank == 2


def test_evidence_that_no_passage_holds_is_missed_and_not_left_out():
    judgement = judge(Judged("q", "几个?", "zh", (Quoted("a", "6000"),)), [place("5000")], [place("5000")])
    assert (judgement.rank, judgement.grades) == (None, {"nowhere": 1})


def test_every_passage_of_the_index_that_holds_the_evidence_is_relevant():
    judged = Judged("q", "几个?", "zh", (Quoted("a", "5000"),))
    known = [place("5000个", start=0), place("又是5000个", start=50), place("别的", start=90)]
    assert judge(judged, known[:1], known) == Judgement(("a:0-5",), {"a:0-5": 1, "a:50-57": 1})


def test_a_whole_document_counts_once_where_it_comes_first():
    judged = Judged("q", "几个?", "zh", (WholeDocument("b", 2), WholeDocument("c")))
    shown = [place("x", "a"), place("y", "a", 9), place("x", "b"), place("y", "b", 9), place("z", "d")]
    assert judge(judged, shown) == Judgement(("a", "b", "d"), {"b": 2, "c": 1})
    assert judge(judged, shown).rank == 2


@pytest.mark.parametrize(("start", "end", "held"), [(0, 5, False), (0, 6, True), (9, 20, True), (10, 12, False)])
def test_a_located_answer_is_held_by_what_overlaps_it(start, end, held):
    assert Located("a", 5, 10).held_by(Place("a", start, end, "")) is held
    assert not Located("b", 5, 10).held_by(Place("a", start, end, ""))


def test_a_sentence_is_right_if_it_has_the_words_the_quote_or_a_part_of_the_place():
    sentence = place("共有 5000 个口罩。", start=20)
    assert holds_answer(Judged("q", "", "zh", (WholeDocument("a"),), ("5000个",)), sentence)
    assert holds_answer(Judged("q", "", "zh", (Quoted("a", "5000个口罩"),)), sentence)
    assert holds_answer(Judged("q", "", "zh", (Located("a", 0, 21),)), sentence)
    assert not holds_answer(Judged("q", "", "zh", (Located("a", 0, 20),), ("6000",)), sentence)
    assert holds_answer(Judged("q", "", "zh", (WholeDocument("a"),)), sentence) is None


@pytest.mark.parametrize(("span", "right"), [("5000", True), ("5000 个", True), ("共5000个", True), ("6000", False)])
def test_a_span_is_right_if_it_holds_the_answer_or_the_answer_holds_it(span, right):
    assert names_answer(Judged("q", "", "zh", (), ("5000个",)), span) is right
    assert names_answer(Judged("q", "", "zh"), span) is None


def test_white_space_and_width_do_not_matter():
    assert squash(" Ａ（中）\n\u3000１ 2") == "A(中)12"


def test_languages_are_guessed_from_the_script():
    questions = [
        "NBA有几个队?",
        "何人ですか",
        "몇 개?",
        "Сколько?",
        "كم؟",
        "कितने?",
        "เท่าไร",
        "Πόσα;",
        "How many?",
        "123",
    ]
    assert [*map(language_of, questions)] == ["zh", "ja", "ko", "ru", "ar", "hi", "th", "el", "en", "en"]


# Asking


EVIDENCE = (Quoted("a", "5000个口罩"),)


def outcomes_of(answers, evidence=EVIDENCE, passages=(), answers_known=()):
    answerer = Scripted(answers, passages)
    judged = [Judged(name, name, "zh", evidence, answers_known) for name in answers]
    return answerer, ask_all(answerer, judged)


def test_every_question_is_asked_as_users_ask_ten_deep_and_explained():
    answerer, outcomes = outcomes_of({"一": answer([]), "二": answer([])})
    assert answerer.asked == [Question("一", DEPTH, explain=True), Question("二", DEPTH, explain=True)]
    assert [outcome.judgement.rank for outcome in outcomes] == [None, None]


def test_legs_are_judged_like_the_whole_and_not_asked_what_nothing_answers():
    passages = ["第一段。", "第二段。", "共有5000个口罩。"]
    _, [outcome] = outcomes_of({"q": answer(["第一段。"])}, passages=passages)
    assert {name: judgement.rank for name, judgement in outcome.ablations.items()} == {"forwards": 3, "backwards": 1}
    _, [unanswerable] = outcomes_of({"q": answer([])}, evidence=(), passages=passages)
    assert (unanswerable.ablations, unanswerable.values, unanswerable.right) == ({}, {}, False)


def test_a_refused_question_has_neither_sentence_nor_span_right():
    _, [given, wrong, refused] = outcomes_of(
        {
            "a": answer(["共有5000个口罩。"], "共有5000个口罩。", "5000个"),
            "b": answer(["第一段。"], "第一段。", "第一"),
            "c": answer(["共有5000个口罩。"]),
        },
        answers_known=("5000个",),
    )
    right, firsts = {"sentence": 1, "span": 1}, {"first sentence": 1, "first span": 1}
    assert given.values == right | firsts
    assert wrong.values == refused.values == dict.fromkeys(right | firsts, 0)


def test_what_was_chosen_first_is_judged_though_it_was_not_sure_enough_to_be_an_answer():
    read = ReadFirst("a", 0, 10, "共有5000个口罩。", "5000个")
    _, [unsure] = outcomes_of({"q": answer(["共有5000个口罩。"], read=read)}, answers_known=("5000个",))
    assert unsure.values == {"sentence": 0, "span": 0, "first sentence": 1, "first span": 1}
    assert unsure.right
    _, [elsewhere] = outcomes_of(
        {"q": answer(["共有5000个口罩。第二句。"], read=replace(read, text="第二句。"))}, answers_known=("5000个",)
    )
    assert (elsewhere.judgement.rank, elsewhere.right) == (1, False)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer([]), "refused"),
        (answer(["第一段。"]), "not found"),
        (answer(["第一段。", "共有5000个口罩。"], "第一段。"), "ranked low"),
        (answer(["共有5000个口罩。"]), "found but not answered"),
        (answer(["甲。共有5000个口罩。"], "甲。"), "wrong sentence"),
        (answer(["共有5000个口罩。"], "共有5000个口罩。"), None),
    ],
)
def test_what_went_wrong_has_one_name(given, kind):
    answerer, [outcome] = outcomes_of({"q": given})
    miss = miss_of(outcome, record_of(outcome, outcome.values), answerer.snapshot)
    assert (miss.kind if miss else None) == kind


def test_an_answer_where_the_reports_are_silent_is_a_miss():
    answerer, outcomes = outcomes_of({"a": answer(["甲。"], "甲。"), "b": answer(["甲。"])}, evidence=())
    misses = [miss_of(outcome, record_of(outcome, {}), answerer.snapshot) for outcome in outcomes]
    assert [miss.kind if miss else None for miss in misses] == ["answered without evidence", None]


def test_a_miss_shows_the_first_three_passages_and_the_first_hit_with_all_their_scores():
    quotes = ["一。", "二。", "三。", "四。", "共有5000个口罩。", "六。"]
    hits = [ExplainedHit("a", 1, 0.5, {"dense": LegScore(3, 0.25), "words": LegScore(1, 2.0)}, (), ())]
    answerer, [outcome] = outcomes_of({"q": answer(quotes, hits=hits)}, passages=["共有5000个口罩。", "别的"])
    miss = miss_of(outcome, record_of(outcome, {}), answerer.snapshot)
    assert [(shown.number, shown.hit) for shown in miss.shown] == [(1, False), (2, False), (3, False), (5, True)]
    assert miss.shown[0].scores == {"score": 0.5, "dense": 0.25, "words": 2}
    assert (miss.expected, miss.ranks) == ((("a", "5000个口罩"),), {"forwards": 1, "backwards": 2})


def test_a_refusal_shows_what_the_explanation_says_was_ranked():
    hits = [ExplainedHit("a", 2, 0.5, {}, (), ())]
    answerer, [outcome] = outcomes_of({"q": answer([], hits=hits)}, passages=["第一段。", "第二段。"])
    [shown] = miss_of(outcome, record_of(outcome, {}), answerer.snapshot).shown
    assert (shown.quote, shown.scores) == ("第二段。", {"score": 0.5})


# From files to figures


def test_a_questions_file_is_asked_against_the_configured_index(indexes, tmp_path):
    write_lines(
        tmp_path / "mine.jsonl",
        [
            {"question": "全市共有多少个口罩", "evidence": [{"document": "masks", "quote": "共有5000个口罩"}]},
            {"question": "How many calls?", "evidence": [{"document": "calls", "quote": "近400通"}], "lang": "en"},
            {"question": "股票价格", "evidence": []},
        ],
    )
    [result] = evaluate(read_sets([tmp_path / "mine.jsonl"]), indexes.made)
    assert (result.name, result.level, result.documents, result.notes) == ("mine", "passage", 2, ())
    assert [(group.lang, group.questions) for group in result.groups] == [("all", 3), ("en", 1), ("zh", 2)]
    assert [(record.question_id, record.answerable, record.lang) for record in result.records] == [
        ("1", True, "zh"),
        ("2", True, "en"),
        ("3", False, "zh"),
    ]
    whole = result.groups[0]
    assert list(whole.rows) == ["whole", "in order"]
    assert list(whole.rows["in order"]) == list(RANKING_MEASURES)
    assert {figure.count for figure in whole.rows["in order"].values()} == {2}
    assert (whole.abstention.answerable, whole.abstention.unanswerable) == (2, 1)
    assert whole.rows["in order"]["mrr@10"].value == pytest.approx((1 + 1 / 4) / 2)  # calls, then masks


def test_a_report_that_is_not_indexed_is_named_with_its_question(indexes, tmp_path):
    path = tmp_path / "mine.jsonl"
    write_lines(path, [{"id": "d1", "question": "几个?", "evidence": [{"document": "gone", "quote": "x"}]}])
    with pytest.raises(EvaluationError, match=r"question d1 names the report 'gone', which is not indexed"):
        evaluate(read_sets([path]), indexes.made)


def write_beir(folder, entries, queries, qrels, qrels_name="qrels.tsv"):
    folder.mkdir(exist_ok=True)
    write_lines(folder / "corpus.jsonl", entries)
    write_lines(folder / "queries.jsonl", queries)
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    (folder / qrels_name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_corpus_of_its_own_is_indexed_once_and_a_second_run_embeds_nothing(indexes, tmp_path):
    entries = [{"_id": "x/1", "title": "口罩", "text": "全市共有5000个口罩。"}, {"_id": "y", "text": "天气很好。"}]
    queries = [{"_id": "1", "text": "全市共有多少个口罩", "answers": ["5000个"]}, {"_id": "2", "text": "股票"}]
    folder = write_beir(tmp_path / "news", entries, queries, [("1", "x/1", 1)])
    results = [evaluate(read_sets([folder]), indexes.made)[0] for _ in range(2)]
    assert indexes.built == [("news", 2, 2), ("news", 2, 0)]
    assert results[0].records == results[1].records
    assert (results[0].level, results[0].groups) == ("document", results[1].groups)
    assert [record.answerable for record in results[0].records] == [True, False]


def test_where_the_answers_stand_a_hit_is_a_passage_that_overlaps(indexes, tmp_path):
    text = "第一段说天气。 " + "无关的话。" * 80 + "\n全市共有 5000 个口罩。"
    start = text.index("5000")
    meta = {"kind": "answerable", "spans": {"x": [[start, start + 6]]}}
    queries = [{"_id": "1", "text": "全市共有多少个口罩", "meta": meta}]
    folder = write_beir(tmp_path / "long", [{"_id": "x", "title": "题目", "text": text}], queries, [("1", "x", 1)])
    [result] = evaluate(read_sets([folder]), indexes.made)
    assert (result.level, result.notes) == ("passage", ())
    assert result.passages > 1
    assert result.groups[0].rows["in order"]["hit@1"].value == 0
    assert result.groups[0].rows["in order"]["hit@10"].value == 1


def test_sentences_are_chosen_within_their_paragraph(indexes, tmp_path):
    sentences = ["全市共有5000个口罩。", "天气很好。", "孙蕴华接听了近400通电话。"]
    entries = [{"_id": f"n-0.0.{number}", "text": text} for number, text in enumerate(sentences)]
    entries.append({"_id": "n-0.1.0", "text": "另一段说全市共有多少个口罩,也说孙蕴华。"})
    queries = [
        {"_id": "1", "text": "全市共有多少个口罩", "lang": "zh"},
        {"_id": "2", "text": "孙蕴华接听了多少通电话", "lang": "zh"},
    ]
    folder = write_beir(tmp_path / "sent", entries, queries, [("1", "n-0.0.0", 1), ("2", "n-0.0.2", 1)])
    [result] = evaluate(read_sets([folder]), indexes.made)
    assert indexes.built == [("sent-sentences", 4, 4), ("sent-paragraphs", 2, 2)]
    assert (result.level, result.documents) == ("sentence", 2)
    assert [(name, row["accuracy"].value) for name, row in result.groups[0].rows.items()] == [
        ("whole", 1),
        ("words alone", 1),
        ("dense alone", 1),
    ]
    assert [record.document_id for record in result.records] == ["n-0.0.0", "n-0.0.2"]


def test_a_machine_without_the_packages_that_judge_says_which_it_needs(monkeypatch, indexes):
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(EvaluationError) as caught:
        evaluate([], indexes.made)
    assert str(caught.value) == (
        "judging answers needs packages that are not installed here: pip install ir-measures scikit-learn"
    )
