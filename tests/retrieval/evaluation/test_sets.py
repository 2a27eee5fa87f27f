"""Questions files and BEIR folders: what is read, how spans move into the reports, and what is refused."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from retrieval.corpus import read_corpus
from retrieval.errors import EvaluationError
from retrieval.evaluation import Judged, Located, Quoted, WholeDocument, choose, read_questions, read_sets
from retrieval.evaluation.beir import BareText, anchored, boundaries, document_id_of, read_beir, write_corpus
from retrieval.evaluation.questions import Entry, QuestionSet
from retrieval.evaluation.sentences import Paragraph, paragraphs_of

CORPUS = [{"_id": "a", "title": "题", "text": "甲乙丙"}, {"_id": "b", "text": "丁"}]
QUERIES = [{"_id": "1", "text": "几个?", "lang": "zh", "answers": ["甲"]}, {"_id": "2", "text": "Who?"}]
QRELS = "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t0\n"


def folder_of(tmp_path, corpus=CORPUS, queries=QUERIES, **files):
    folder = tmp_path / "set"
    folder.mkdir(exist_ok=True)
    for name, entries in (("corpus", corpus), ("queries", queries)):
        lines = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    for name, text in (files or {"qrels": QRELS}).items():
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    return folder


def test_questions_are_read_from_json_lines(tmp_path):
    path = tmp_path / "questions.jsonl"
    entries = [
        {"id": "d1", "question": "几个?", "answer": "5000个", "evidence": [{"document": "a", "quote": "5000个口罩"}]},
        {"question": "Weather?", "evidence": []},
        {"question": "天气?", "evidence": [], "lang": "zh-Hant", "kind": "none"},
        {"question": "谁?", "evidence": [], "kind": "unjudged"},
        {"question": "第一行\u2028第二行?", "evidence": []},
    ]
    path.write_text("\n" + "\n\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries), encoding="utf-8")
    assert read_questions(path) == [
        Judged("d1", "几个?", "zh", (Quoted("a", "5000个口罩"),), ("5000个",)),
        Judged("4", "Weather?", "en"),
        Judged("6", "天气?", "zh-Hant"),
        Judged("10", "第一行\u2028第二行?", "zh"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{broken", "a JSON object is expected"),
        ("[]", "a JSON object is expected"),
        ("3", "a JSON object is expected"),
        ('{"question": "几个?"}', "question and evidence are expected"),
        ('{"question": 3, "evidence": []}', "question and evidence are expected"),
        ('{"question": "几个?", "evidence": [{"quote": "x"}]}', "question and evidence are expected"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path, line, expected):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "几个?", "evidence": []}\n\n' + line, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_questions(path)
    assert str(caught.value) == f"{path}, line 3: {expected}"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EvaluationError, match="questions.jsonl"):
        read_questions(path)


def test_a_beir_folder_is_read_with_what_nothing_answers(tmp_path):
    read = read_beir(folder_of(tmp_path))
    assert read == QuestionSet(
        name="set",
        path=tmp_path / "set",
        level="document",
        questions=(Judged("1", "几个?", "zh", (WholeDocument("a", 2),), ("甲",)), Judged("2", "Who?", "en")),
        entries=(Entry("a", "题", "甲乙丙"), Entry("b", "", "丁")),
    )


def test_a_question_said_to_be_answerable_that_nobody_judged_is_left_out(tmp_path):
    queries = [*QUERIES, {"_id": "3", "text": "Why?", "meta": {"kind": "answerable"}}]
    assert [judged.question_id for judged in read_beir(folder_of(tmp_path, queries=queries)).questions] == ["1", "2"]


def test_judgements_by_language_add_to_the_common_ones_or_replace_them(tmp_path):
    both = {"qrels": QRELS, "qrels.en": "query-id\tcorpus-id\tscore\n2\tb\t1\n"}
    judged = read_beir(folder_of(tmp_path, **both)).questions
    assert [one.evidence for one in judged] == [(WholeDocument("a", 2),), (WholeDocument("b"),)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"other": ""}, "has no qrels.tsv: a BEIR folder has corpus.jsonl, queries.jsonl, qrels.tsv"),
        ({"qrels": "1\ta\t1\n"}, "qrels.tsv: the first line must be query-id<tab>corpus-id<tab>score"),
        ({"qrels": QRELS + "1\ta\n"}, "line 4: three columns are expected, the last a whole number"),
        ({"qrels": QRELS + "1\ta\tx\n"}, "line 4: three columns are expected, the last a whole number"),
        ({"qrels": QRELS + "9\ta\t1\n"}, "line 4: queries.jsonl has no '9'"),
        ({"qrels": QRELS + "1\tz\t1\n"}, "line 4: corpus.jsonl has no 'z'"),
    ],
)
def test_judgements_that_cannot_be_used_are_named(tmp_path, files, expected):
    with pytest.raises(EvaluationError) as caught:
        read_beir(folder_of(tmp_path, **files))
    assert expected in str(caught.value)


def test_a_folder_that_is_no_beir_folder_says_what_it_lacks(tmp_path):
    with pytest.raises(EvaluationError, match=r"has no corpus\.jsonl and no queries\.jsonl and no qrels\.tsv: a BEIR"):
        read_beir(tmp_path)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({"corpus": [{"_id": "a"}]}, "corpus.jsonl, line 1: _id and text are expected"),
        ({"corpus": [*CORPUS, {"_id": "a", "text": "x"}]}, "corpus.jsonl: the id 'a' stands there twice"),
        ({"queries": [{"_id": "1", "text": " "}]}, "queries.jsonl, line 1: _id and text are expected"),
        ({"queries": [*QUERIES, QUERIES[0]]}, "queries.jsonl: the id '1' stands there twice"),
        (
            {"queries": [{"_id": "1", "text": "几个?", "meta": {"spans": {"a": [3]}}}]},
            "queries.jsonl: meta.spans of '1' must be {corpus id: [[start, end], …]}",
        ),
    ],
)
def test_entries_that_cannot_be_used_are_named(tmp_path, entries, expected):
    with pytest.raises(EvaluationError) as caught:
        read_beir(folder_of(tmp_path, **entries))
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("entry_id", "expected"), [("a/b", "a_b"), (".a", "_a"), ("x-0.0", "x-0.0"), ("中 文", "中 文")]
)
def test_ids_become_names_of_files(entry_id, expected):
    assert document_id_of(entry_id) == expected


def test_entries_become_reports_once(tmp_path):
    entries = [Entry("a/b", "题", "甲乙丙丁。"), Entry("x-0.0", "", "丁戊。")]
    folder = write_corpus(entries, tmp_path, "my set")
    assert (folder.name, folder.parent.name[:7]) == ("corpus", "my_set-")
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "a_b.txt": "题\n\n甲乙丙丁。",
        "x-0.0.txt": "丁戊。",
    }
    assert [document.document_id for document in read_corpus([folder]).documents] == ["a_b", "x-0.0"]
    (folder / "a_b.txt").write_text("untouched", encoding="utf-8")
    assert write_corpus(entries, tmp_path, "my set") == folder
    assert (folder / "a_b.txt").read_text(encoding="utf-8") == "untouched"
    assert write_corpus(entries[:1], tmp_path, "my set") != folder


def test_a_span_is_found_again_where_white_space_changed_and_the_title_came_before():
    entry = Entry("a", "大 题目", "甲 甲\n\n甲乙 丙丁")
    report = "大题目\n\n甲甲 甲 乙丙丁"
    start, end = BareText(report).locate(entry, 5, 8)
    assert (report[start:end], start) == ("甲 乙", 8)


def test_of_equal_texts_the_nearest_is_taken():
    entry = Entry("a", "", "甲乙。丙。甲乙。")
    assert BareText("甲乙。\n丙。\n甲乙。").locate(entry, 5, 7) == (7, 9)
    assert BareText("丙。甲乙。").locate(entry, 5, 7) == (2, 4)
    assert BareText("丙。").locate(entry, 5, 7) is None
    assert BareText("丙。").locate(entry, 5, 5) is None


def test_spans_become_evidence_and_a_lost_one_is_held_by_nothing(tmp_path):
    queries = [
        {"_id": "1", "text": "几个?", "lang": "zh", "meta": {"spans": {"a": [[1, 3]], "unjudged": [[0, 1]]}}},
        {"_id": "2", "text": "Who?", "meta": {"kind": "out-of-corpus"}},
    ]
    read = read_beir(folder_of(tmp_path, queries=queries))
    assert read.level == "passage"
    judged = Judged("1", "几个?", "zh", (Located("a", 3, 5, 2),))
    assert anchored(read, {"a": SimpleNamespace(text="题\n甲乙丙")}) == (judged, Judged("2", "Who?", "en"))
    assert anchored(read, {})[0].evidence == (Located("a", 0, 0, 2),)


def test_one_answer_without_its_place_makes_hits_whole_documents(tmp_path):
    queries = [{"_id": "1", "text": "几个?", "meta": {"spans": {"a": [[1, 3]]}}}, {"_id": "2", "text": "谁?"}]
    read = read_beir(folder_of(tmp_path, queries=queries, qrels=QRELS + "2\tb\t1\n"))
    assert (read.level, read.spans) == ("document", {})


def test_sentences_are_joined_in_the_order_of_their_numbers(tmp_path):
    corpus = [{"_id": f"x-0.{key}", "text": text} for key, text in (("1.0", "丙。"), ("0.10", "乙。"), ("0.9", "甲。"))]
    [read] = read_sets([folder_of(tmp_path, corpus, QUERIES, qrels="query-id\tcorpus-id\tscore\n1\tx-0.0.9\t1\n")])
    assert read.level == "sentence"
    assert [(p.entry.entry_id, p.entry.text) for p in paragraphs_of(read)] == [("x-0.1", "丙。"), ("x-0.0", "甲。乙。")]


def test_sentences_are_asked_for_only_of_a_folder_whose_ids_say_which_they_are(tmp_path):
    [read] = read_sets([folder_of(tmp_path)], sentences=True)
    with pytest.raises(EvaluationError, match="--sentences needs ids such as article.1.3, not 'a'"):
        paragraphs_of(read)
    (tmp_path / "q.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(EvaluationError, match="--sentences is for a BEIR folder of sentences"):
        read_sets([tmp_path / "q.jsonl"], sentences=True)


def test_a_reading_is_the_sentence_that_it_is_most_of():
    sentences = (Entry("p.0", "", "甲乙 丙。"), Entry("p.1", "", "丁戊己庚。"))
    paragraph = Paragraph(Entry("p", "", "甲乙 丙。丁戊己庚。"), sentences)
    assert boundaries([entry.text for entry in sentences]) == [(0, 4), (4, 9)]
    text = "题\n\n甲乙丙。\n丁戊己庚。"
    spots = [(3, 7), (6, 10), (8, 13), (0, 1)]
    assert [paragraph.sentence_at(text, *spot) for spot in spots] == ["p.0", "p.1", "p.1", None]
    assert paragraph.sentence_at("别的", 0, 2) is None


def sets_in(*languages):
    questions = tuple(Judged(str(number), "?", language) for number, language in enumerate(languages))
    return QuestionSet("s", SimpleNamespace(), "passage", questions)


def test_questions_are_chosen_by_language_and_by_seeded_chance():
    one, other = sets_in("zh", "en", "zh", "de"), sets_in("de")
    assert choose([one, other], [], 0) == (one, other)
    [chosen] = choose([one, other], ["zh", "en"], 0)
    assert [judged.question_id for judged in chosen.questions] == ["0", "1", "2"]
    many = sets_in(*["zh"] * 50)
    first, second = (choose([many], [], 5)[0].questions for _ in range(2))
    assert first == second
    assert [judged.question_id for judged in first] != ["0", "1", "2", "3", "4"]


def test_no_question_left_is_an_error_that_names_the_languages():
    with pytest.raises(EvaluationError, match="no question is left in fr: they are in de, zh"):
        choose([sets_in("zh", "de")], ["fr"], 0)


def test_sets_of_one_name_are_told_apart_by_their_paths(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "q.jsonl").write_text('{"question": "?", "evidence": []}', encoding="utf-8")
    paths = [tmp_path / "x" / "q.jsonl", tmp_path / "y" / "q.jsonl"]
    assert [one.name for one in read_sets(paths)] == [str(path) for path in paths]
    assert [one.name for one in read_sets(paths[:1])] == ["q"]
