"""Votes and unanswered questions: what is kept, what is never kept, and what comes out for ``wenbao evaluate``."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from handmade import GREETED, OF_ANOTHER, an_answer_text
from hypothesis import given
from hypothesis import strategies as st
from places import SUPPORT
from typer.testing import CliRunner

from bot.cli import app
from bot.feedback.export import exported
from bot.feedback.store import FeedbackStore
from bot.feedback.unanswered import UnansweredQuestions
from bot.reply import Asker, Reply
from bot.service.upkeep.supervisor import Supervisor
from bot.state import Cited, Feedback, SqliteState, StateUnusable
from retrieval.errors import QuestionInvalid
from retrieval.evaluation import Judged, Quoted, read_questions
from retrieval.evaluation.judged import Place, judge
from retrieval.question.cleaning import clean_question
from retrieval.types import Answer, Citation, Question

QUESTION = "温海波站了几个小时?"
SENTENCE = "一站就是18个小时。"


def citation(number: int, document_id: str, quote: str) -> Citation:
    return Citation(
        number=number,
        document_id=document_id,
        title="排头兵",
        date=dt.date(2020, 2, 1),
        source="株洲日报",
        paragraph=number + 9,
        start=10,
        end=10 + len(quote),
        quote=quote,
        score=1.0,
    )


CITATIONS = (citation(1, "a/003", "他在检疫点。"), citation(2, "b", f"他去了。{SENTENCE}"))
ANSWERED = Answer(
    "answered",
    0.9,
    an_answer_text(f"他去了。{SENTENCE}", SENTENCE, "18个小时", 2),
    CITATIONS,
    "000001-abc",
    {"total": 1.0},
)
RELATED = Answer("related", 0.3, None, CITATIONS, "000001-abc", {"total": 1.0})
NOT_FOUND = Answer("not_found", 0.05, None, (), "000001-abc", {"total": 1.0})


@pytest.fixture
def store(tmp_path) -> FeedbackStore:
    return kept_in(tmp_path / "index")


def kept_in(folder, *, keep=True, **options):
    """A store below a folder; ``file`` is its database."""
    state = SqliteState(folder, **options)
    store = FeedbackStore(state, keep)
    store.file, store.state = state.file, state
    return store


def question_of(request_id):
    return QUESTION if request_id == "r1" else f"{request_id}: {QUESTION}"


def reply(question=None, answer=ANSWERED, face="telegram", user=None, request_id="r1"):
    """A reply; another request id stands for another question, unless one is given."""
    return Reply(request_id, Question(question or question_of(request_id)), answer, Asker(face, user))


def vote(store, vote, user="7", request_id="r1", answer=ANSWERED, question=None):
    return store.record_vote(reply(question, answer, request_id=request_id), vote, user)


def unanswered(store, request_id, question=None, answer=RELATED, face="web", user=None):
    return store.record_unanswered([reply(question, answer, face, user, request_id)])


def kinds(store):
    return [(entry.request_id, entry.kind) for entry in store.entries()]


# What is kept


def test_a_vote_is_kept_with_question_generation_and_citations(store):
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    assert vote(store, "up") is True
    (entry,) = store.entries()
    assert before <= entry.recorded <= dt.datetime.now(dt.UTC)
    assert entry == Feedback(
        recorded=entry.recorded,
        kind="up",
        face="telegram",
        user=entry.user,
        request_id="r1",
        question=QUESTION,
        generation="000001-abc",
        status="answered",
        confidence=0.9,
        answer=an_answer_text(f"他去了。{SENTENCE}", SENTENCE, "18个小时", 2),
        citations=(
            Cited(1, "a/003", "排头兵", 10, 10, 16, "他在检疫点。"),
            Cited(2, "b", "排头兵", 11, 10, 24, f"他去了。{SENTENCE}"),
        ),
    )
    assert entry.cited == entry.citations[1]


def test_a_second_vote_of_the_same_user_replaces_the_first_and_none_takes_it_back(store):
    vote(store, "up")
    vote(store, "down")
    assert kinds(store) == [("r1", "down")]
    assert vote(store, None) is True
    assert kinds(store) == []
    assert vote(store, None) is True


def test_votes_of_others_and_on_other_answers_stand_beside_each_other(store):
    vote(store, "up")
    vote(store, "down", user="8")
    vote(store, "up", request_id="r2")
    vote(store, "up", user=None)
    vote(store, "down", user=None)
    assert kinds(store) == [("r1", "up"), ("r1", "down"), ("r2", "up"), ("r1", "down")]
    assert [entry.user is None for entry in store.entries()] == [False, False, False, True]


@pytest.mark.parametrize(
    ("answer", "kept"), [(ANSWERED, False), (RELATED, True), (NOT_FOUND, True), (OF_ANOTHER, True), (GREETED, False)]
)
def test_a_question_is_kept_as_unanswered_unless_it_was_answered_or_small_talk(store, answer, kept):
    questions = UnansweredQuestions(store, Supervisor())
    questions.record(reply(QUESTION, answer, "web", None, "r1"))
    questions.close()
    assert kinds(store) == [("r1", "unanswered")] * kept


def test_unanswered_questions_that_come_together_are_kept_in_one_change_in_their_order(store, monkeypatch):
    changes, record = [], store.record_unanswered
    monkeypatch.setattr(store, "record_unanswered", lambda some: changes.append(len(some)) or record(some))
    questions = UnansweredQuestions(store, Supervisor())
    asked = [f"r{number}" for number in range(20)]
    for request_id in asked:
        questions.record(reply(None, NOT_FOUND, "web", "7", request_id))
    questions.close()
    assert kinds(store) == [(request_id, "unanswered") for request_id in asked]
    assert changes == [20]


def test_an_unanswered_question_is_kept_soon_without_anything_else_happening(store, monkeypatch):
    written = threading.Event()
    record = store.record_unanswered
    monkeypatch.setattr(store, "record_unanswered", lambda some: (record(some), written.set()))
    questions = UnansweredQuestions(store, Supervisor())
    for number, request_id in enumerate(["r1", "r2"], start=1):
        questions.record(reply(None, RELATED, "telegram", "7", request_id))
        assert written.wait(30)
        written.clear()
        assert len(kinds(store)) == number
    questions.close()


def test_an_unanswered_question_may_be_voted_on_and_the_vote_taken_back_alone(store):
    unanswered(store, "r1", face="telegram", user="7")
    vote(store, "up", answer=RELATED)
    assert kinds(store) == [("r1", "unanswered"), ("r1", "up")]
    vote(store, None, answer=RELATED)
    assert kinds(store) == [("r1", "unanswered")]


def test_entries_are_chosen_by_kind(store):
    vote(store, "up")
    unanswered(store, "r2")
    assert [entry.kind for entry in store.entries(("unanswered",))] == ["unanswered"]
    assert [entry.kind for entry in store.entries(("up", "down"))] == ["up"]


def test_the_oldest_entries_are_dropped_beyond_the_limit(tmp_path):
    store = kept_in(tmp_path / "index", most=3)
    for number in range(5):
        vote(store, "up", request_id=f"r{number}")
    assert [entry.request_id for entry in store.entries()] == ["r2", "r3", "r4"]


def test_whoever_votes_on_the_same_answer_again_has_one_vote_however_often_it_was_asked(store):
    for number in range(5):
        vote(store, "up" if number else "down", request_id=f"r{number}", question=QUESTION)
    vote(store, "down", user="8", request_id="r9", question=f" {QUESTION} ")
    assert kinds(store) == [("r4", "up"), ("r9", "down")]
    vote(store, "up", request_id="r10", question=QUESTION, answer=RELATED)
    assert kinds(store)[2:] == [("r10", "up")]
    vote(store, None, request_id="r11", question=QUESTION)
    assert kinds(store) == [("r9", "down"), ("r10", "up")]


def test_a_question_that_finds_no_answer_again_is_counted(store):
    for number, written in enumerate(["口罩呢？", " 口罩呢？", "口罩呢?", "口 罩呢？"]):
        unanswered(store, f"r{number}", written, user=str(number))
    unanswered(store, "r9", "手套呢？")
    kept = [(entry.request_id, entry.question, entry.times) for entry in store.entries()]
    assert kept == [("r3", "口 罩呢？", 4), ("r9", "手套呢？", 1)]


def test_half_surrogates_and_questions_that_were_understood_as_longer_ones_are_kept(store):
    for number, question in enumerate(["\ud800谁在送菜？", "长" * 1500]):
        unanswered(store, f"r{number}", question)
        vote(store, "up", request_id=f"r{number}", question=question)
    kept = [(entry.request_id, entry.kind, entry.question) for entry in store.entries()]
    first, second = "?谁在送菜？", "长" * 1000
    assert sorted(kept) == sorted(
        (f"r{number}", kind, question)
        for number, question in enumerate([first, second])
        for kind in ("unanswered", "up")
    )


def test_unanswered_questions_never_push_out_votes_nor_do_votes_that_are_changed(tmp_path):
    store = kept_in(tmp_path / "index", most=3)
    vote(store, "up", user="8", request_id="r0")
    for number in range(20):
        unanswered(store, f"q{number}")
        vote(store, "up" if number % 2 else "down", user="7", request_id="r1")
    assert kinds(store) == [
        ("r0", "up"),
        ("q17", "unanswered"),
        ("q18", "unanswered"),
        ("q19", "unanswered"),
        ("r1", "up"),
    ]


def test_beyond_the_limit_who_left_most_loses_the_oldest(tmp_path):
    store = kept_in(tmp_path / "index", most=4)
    for user in ("7", "8"):
        vote(store, "up", user=user, request_id="first")
    for number in range(20):
        vote(store, "up", user="flood", request_id=f"r{number}")
    assert kinds(store) == [("first", "up"), ("first", "up"), ("r18", "up"), ("r19", "up")]


@given(st.text(min_size=1, max_size=60, alphabet=st.characters(exclude_categories=())))
def test_whatever_is_asked_by_whomever_is_kept_or_refused_with_a_warning(tmp_path_factory, text):
    store = kept_in(tmp_path_factory.mktemp("any"))
    try:
        expected = [clean_question(text)]
    except QuestionInvalid:
        expected = []
    assert vote(store, "up", user=text, question=text) is bool(expected)
    assert [entry.question for entry in store.entries()] == expected


# Who voted


def test_user_ids_are_hashed_with_a_salt_of_their_own_database_and_never_stored(tmp_path):
    stores = [kept_in(tmp_path / name) for name in ("one", "two")]
    for store in stores:
        vote(store, "up", user="123456789", request_id="r1")
        vote(store, "up", user="123456789", request_id="r2")
    users = [[entry.user for entry in store.entries()] for store in stores]
    assert users[0][0] == users[0][1] != users[1][0] == users[1][1]
    assert [len(user) for user in users[0]] == [64, 64]
    for store in stores:
        assert all(b"123456789" not in path.read_bytes() for path in store.file.parent.iterdir())


def test_the_same_id_on_two_faces_is_two_users(store):
    vote(store, "up")
    store.record_vote(reply(face="web"), "up", "7")
    assert len({entry.user for entry in store.entries()}) == 2


def test_the_database_is_for_its_owner_only_and_in_wal_mode(store):
    vote(store, "up")
    assert oct(store.file.stat().st_mode & 0o777) == "0o600"
    with closing(sqlite3.connect(store.file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


# When nothing is kept, or cannot be


def test_with_keep_false_nothing_is_written_and_no_file_is_made(tmp_path):
    store = kept_in(tmp_path, keep=False)
    assert vote(store, "up") is False
    questions = UnansweredQuestions(store, Supervisor())
    questions.record(reply(QUESTION, NOT_FOUND, "web", None, "r1"))
    questions.close()
    assert unanswered(store, "r1") is False
    assert (list(tmp_path.iterdir()), store.entries()) == ([], [])


def test_what_was_kept_stays_readable_when_keeping_is_switched_off(store):
    vote(store, "up")
    assert kinds(kept_in(store.file.parent, keep=False)) == [("r1", "up")]


@pytest.mark.parametrize("content", [b"no database, but long enough to be looked at" * 40, b"", b"SQLite format 3\0"])
def test_a_damaged_database_is_a_warning_when_voting_and_an_error_with_a_remedy_when_reading(store, content, caplog):
    store.file.parent.mkdir()
    store.file.write_bytes(content)
    assert vote(store, "up") is False
    (warning,) = caplog.messages
    assert warning.startswith(f"feedback was not kept: {store.file} is damaged (")
    with pytest.raises(StateUnusable, match="restore it from a backup, or move it away and a new one is made"):
        store.entries()
    store.file.unlink()
    assert vote(store, "up") is True


def test_a_database_cut_short_or_altered_never_breaks_a_vote(store):
    for number in range(30):
        vote(store, "up", request_id=f"r{number}")
    whole = store.file.read_bytes()
    for end in range(0, len(whole), 1024):
        for damaged in (whole[:end], whole[:end] + b"\xff" * 1024 + whole[end + 1024 :]):
            store.file.write_bytes(damaged)
            vote(store, "down", request_id="new")
            try:
                store.entries()
            except StateUnusable as error:
                assert "\n" not in str(error)


def test_a_database_of_another_version_is_left_alone(store):
    vote(store, "up")
    with closing(sqlite3.connect(store.file)) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = store.file.read_bytes()
    assert vote(store, "down") is False
    with pytest.raises(StateUnusable, match="it has version 2, this program knows 1"):
        store.entries()
    assert store.file.read_bytes() == before


def test_a_locked_database_is_waited_for_and_then_a_warning(store, tmp_path, caplog):
    vote(store, "up")
    store = kept_in(tmp_path / "index", wait_seconds=0.05)
    with closing(sqlite3.connect(store.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert vote(store, "down") is False
        assert kinds(store) == [("r1", "up")]
    remedy = "look at its disk and permissions"
    assert caplog.messages == [f"feedback was not kept: {store.file} is out of reach (database is locked): {remedy}"]


def test_a_full_disk_is_a_warning(store, monkeypatch, caplog):
    vote(store, "up")
    connect = store.state._connect

    def small():
        connection = connect()
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(store.state, "_connect", small)
    long = replace(ANSWERED, citations=(citation(1, "a", "长" * 100_000),))
    assert vote(store, "down", answer=long, request_id="r2") is False
    assert kinds(store) == [("r1", "up")]
    assert "database or disk is full" in caplog.text


def test_a_folder_that_cannot_be_made_is_a_warning(tmp_path, caplog):
    (tmp_path / "file").touch()
    store = kept_in(tmp_path / "file" / "index")
    assert vote(store, "up") is False
    assert caplog.messages[0].startswith(f"feedback was not kept: {store.file} is out of reach (")


def test_the_remains_of_a_crash_while_making_the_database_do_no_harm(store):
    store.file.parent.mkdir()
    (store.file.parent / ".state.sqlite-crashed").mkdir()
    for name in (".state.sqlite-crashed/state.sqlite", "state.sqlite-wal", "state.lock"):
        (store.file.parent / name).write_bytes(b"half of something")
    assert vote(store, "up") is True
    assert kinds(store) == [("r1", "up")]
    assert not (store.file.parent / ".state.sqlite-crashed").exists()


# Several at once

WRITER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from test_feedback import kept_in, vote
store = kept_in(Path(sys.argv[1]))
sys.stdin.readline()
sys.exit(sum(not vote(store, "up", request_id=f"{sys.argv[2]}-{number}") for number in range(25)))
"""


def test_processes_that_start_at_once_share_one_database_and_one_salt(tmp_path):
    command = [sys.executable, "-c", WRITER, tmp_path / "index"]
    writers = [
        subprocess.Popen([*command, name, Path(__file__).parent, SUPPORT], stdin=subprocess.PIPE) for name in "abc"
    ]
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    entries = kept_in(tmp_path / "index").entries()
    assert sorted(entry.request_id for entry in entries) == sorted(f"{n}-{i}" for n in "abc" for i in range(25))
    assert len({entry.user for entry in entries}) == 1


def test_threads_that_start_at_once_lose_no_vote(store):
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda number: vote(store, "up", request_id=f"r{number}"), range(60)))
    assert kept == [True] * 60
    assert len(store.entries()) == 60


# For `wenbao evaluate`


def test_the_export_is_read_back_as_judged_questions_and_unjudged_ones_are_skipped(store, tmp_path):
    vote(store, "up")
    vote(store, "up", user="8", request_id="r2", question=QUESTION)
    vote(store, "down", question="他多大?", request_id="r3")
    vote(store, "up", question="哪些报道?", answer=RELATED, request_id="r4")
    unanswered(store, "r5", "谁?", NOT_FOUND)
    lines = exported(store.entries())
    assert [(line["kind"], line["question"]) for line in lines] == [
        ("judged", QUESTION),
        ("unjudged", "他多大?"),
        ("unjudged", "哪些报道?"),
        ("unjudged", "谁?"),
    ]
    assert lines[0] == {
        "id": lines[0]["id"],
        "kind": "judged",
        "question": QUESTION,
        "answer": None,
        "evidence": [{"document": "b", "quote": SENTENCE}],
    }
    assert len({line["id"] for line in lines}) == 4
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    (judged,) = read_questions(questions)
    assert judged == Judged(lines[0]["id"], QUESTION, "zh", (Quoted("b", SENTENCE),))
    shown = [Place(cited.document_id, cited.start, cited.end, cited.quote) for cited in ANSWERED.citations]
    assert judge(judged, shown).rank == 2


def test_an_answer_that_as_many_found_useless_as_useful_is_unjudged(store):
    vote(store, "up")
    vote(store, "down", user="8")
    assert [line["kind"] for line in exported(store.entries())] == ["unjudged"]
    vote(store, "up", user="9")
    assert [line["kind"] for line in exported(store.entries())] == ["judged"]


# The command


@pytest.fixture
def wenbao(tmp_path, store, monkeypatch):
    (tmp_path / "config.yaml").write_text("index: {path: index}\n", encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        ended = CliRunner().invoke(app, ["feedback", *arguments, "--config", str(tmp_path / "config.yaml")])
        return ended.exit_code, ended.stdout, ended.stderr

    return run


def test_the_command_lists_what_was_kept_in_80_columns(wenbao, store):
    vote(store, "up")
    unanswered(store, "r2", "为什么" * 20 + "?")
    status, shown, _ = wenbao()
    assert status == 0
    widths = [sum(2 if character > "\u2e7f" else 1 for character in line) for line in shown.splitlines()]
    assert max(widths) <= 80
    (first, second) = store.entries()
    when = [entry.recorded.astimezone().strftime("%Y-%m-%d %H:%M") for entry in (first, second)]
    assert [line.strip() for line in shown.splitlines()] == [
        f"useful · {when[0]} · telegram · {first.user[:8]}",
        QUESTION,
        SENTENCE,
        "《排头兵》 · ¶11 · b",
        "",
        f"unanswered · {when[1]} · web",
        ("为什么" * 20)[:38],
        ("为什么" * 20)[38:] + "?",
        "《排头兵》 · ¶10 · a/003",
        "",
        "1 useful, 0 not useful, 1 unanswered",
    ]


def test_the_command_prints_json_and_questions_by_kind(wenbao, store):
    vote(store, "up")
    unanswered(store, "r2", "谁?")
    first, second = (json.loads(json.dumps(entry.as_json())) for entry in store.entries())
    assert json.loads(wenbao("--json")[1]) == {"keep": True, "entries": [first, second]}
    assert json.loads(wenbao("--json", "--votes")[1])["entries"] == [first]
    assert json.loads(wenbao("--json", "--unanswered")[1])["entries"] == [second]
    lines = [json.loads(line) for line in wenbao("--export")[1].splitlines()]
    assert lines == exported(store.entries())


def test_without_feedback_the_command_says_so(wenbao, monkeypatch):
    assert wenbao() == (0, "No votes and no unanswered questions yet.\n", "")
    assert wenbao("--export") == (0, "", "")
    monkeypatch.setenv("WENBAO_FEEDBACK__KEEP", "false")
    assert wenbao()[1].splitlines()[1] == "feedback.keep is false: nothing more is kept."


def test_the_command_explains_a_damaged_database_in_one_line(wenbao, store):
    store.file.parent.mkdir()
    store.file.write_bytes(b"no database" * 100)
    remedy = "restore it from a backup, or move it away and a new one is made"
    assert wenbao() == (1, "", f"wenbao: {store.file} is damaged (file is not a database): {remedy}\n")


@pytest.mark.parametrize("arguments", [["--export", "--json"], ["--votes", "--unanswered"]])
def test_contradicting_options_are_wrong_usage(wenbao, arguments):
    assert wenbao(*arguments)[0] == 2
