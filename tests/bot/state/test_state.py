"""What every store of the state does: files of one machine, and a database that several share."""

from __future__ import annotations

import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
from handmade import an_answer_text

from bot.access.keys import Keys
from bot.reply import Asker, Reply
from bot.state import ApiKey, Audit, Cited, Note, SqliteState
from bot.state.oceanbase import OceanBaseState
from bot.state.oceanbase.tables import AUDIT_COLUMNS
from retrieval.index.oceanbase.database import Database
from retrieval.types import Answer, Citation, Question

QUESTION = "温海波站了几个小时?"
SENTENCE = "一站就是18个小时。"
CITATION = Citation(2, "某/报告", "题目 ' % \\ 😀", None, None, 3, 10, 10 + len(SENTENCE), SENTENCE, 0.5)
ANSWERED = Answer("answered", 0.9, an_answer_text(SENTENCE, SENTENCE, "18个小时", 2), (CITATION,), "000001-abc", {})
NOT_FOUND = Answer("not_found", 0.05, None, (), "000001-abc", {})
MOST, MOST_NOTES = 6, {"conversation": 3, "answer": 2, "message": 2}
CREATED = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["local", "oceanbase"])
def open_state(request, tmp_path):
    """Open the same store once more, as another process does."""
    opened = []
    if request.param == "oceanbase":
        database, server = request.getfixturevalue("database"), request.getfixturevalue("seekdb")

    def another():
        if request.param == "local":
            state = SqliteState(tmp_path / "index", most=MOST, most_notes=MOST_NOTES)
        else:
            own = Database(str(database.address), server.password)
            state = OceanBaseState(own, most=MOST, most_notes=MOST_NOTES, most_audit=5)
        opened.append(state)
        return state

    yield another
    for state in opened:
        state.close()


@pytest.fixture
def state(open_state):
    return open_state()


def a_reply(question=QUESTION, answer=ANSWERED, user=None, face="web", request_id="r1"):
    return Reply(request_id, Question(question), answer, Asker(face, user))


def a_key(name="press", prefix="0a1b2c3d", **values):
    return replace(ApiKey(name, "read", "news/*", CREATED, None, prefix, "scrypt$…"), **values)


def conversation(name, text="text", seconds=60.0):
    return Note("conversation", name, text, seconds)


def votes(state):
    return [(entry.kind, entry.request_id) for entry in state.feedback(["up", "down"])]


# Votes and questions without an answer


def test_nothing_is_there_before_something_was_kept(state):
    found = state.feedback(), state.keys(), state.key("0a1b2c3d"), state.recall("answer", "a"), state.remove_key("x")
    assert found == ([], [], None, None, False)


def test_a_vote_is_kept_with_all_that_was_shown(state, open_state):
    state.record_vote(a_reply(face="telegram"), "up", "7")
    (entry,) = open_state().feedback()
    assert abs(entry.recorded - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert replace(entry, recorded=CREATED, user=None).as_json() == {
        "recorded": CREATED.isoformat(),
        "kind": "up",
        "face": "telegram",
        "user": None,
        "request_id": "r1",
        "question": QUESTION,
        "generation": "000001-abc",
        "status": "answered",
        "confidence": 0.9,
        "answer": asdict(ANSWERED.answer),
        "citations": ({name: getattr(CITATION, name) for name in Cited.__slots__},),
        "times": 1,
    }
    assert entry.user == state.hashed("telegram:7") == open_state().hashed("telegram:7")


def test_a_user_has_one_vote_on_the_same_answer_and_may_take_it_back(state):
    state.record_vote(a_reply(), "up", "7")
    state.record_vote(a_reply(request_id="r2"), "down", "7")
    state.record_vote(a_reply(request_id="r3"), "up", None)
    state.record_vote(a_reply(request_id="r4"), "up", None)
    assert votes(state) == [("down", "r2"), ("up", "r4")]
    state.record_vote(a_reply(request_id="r5"), None, "7")
    state.record_vote(a_reply(), None, "8")
    assert votes(state) == [("up", "r4")]


def test_two_votes_at_the_same_time_are_both_kept_and_so_are_counts(open_state):
    states = [open_state() for _ in range(4)]

    def leave(number):
        states[number % 4].record_vote(a_reply(request_id=f"r{number}"), "up", str(number % 2))
        states[number % 4].record_unanswered([a_reply("谁?", NOT_FOUND)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(leave, range(16)))
    found = states[0].feedback()
    assert sorted((entry.kind, entry.times) for entry in found) == [("unanswered", 16), ("up", 1), ("up", 1)]


def test_questions_without_an_answer_are_counted(state):
    state.record_unanswered([a_reply("谁?", NOT_FOUND, "7"), a_reply("哪里?", NOT_FOUND)])
    state.record_unanswered([a_reply("谁 ？", NOT_FOUND, "8", request_id="r2")])
    found = [(entry.kind, entry.question, entry.times, entry.request_id, entry.answer) for entry in state.feedback()]
    assert found == [("unanswered", "哪里?", 1, "r1", None), ("unanswered", "谁 ？", 2, "r2", None)]
    assert [entry.user for entry in state.feedback()] == [None, state.hashed("web:8")]


def test_who_left_most_loses_the_oldest_so_that_a_flood_pushes_out_nobody_else(state):
    for user in ("a", "b"):
        state.record_vote(a_reply(request_id=user), "up", user)
    for number in range(20):
        state.record_vote(a_reply(f"{number}?", request_id=str(number)), "up", "flood")
    assert votes(state) == [("up", "a"), ("up", "b"), *(("up", str(number)) for number in range(16, 20))]
    state.record_unanswered([a_reply(f"{number}?", NOT_FOUND, request_id=str(number)) for number in range(20)])
    assert [entry.request_id for entry in state.feedback(["unanswered"])] == [str(number) for number in range(14, 20)]


# Keys


def test_keys_are_found_by_prefix_listed_by_name_and_removed(state, open_state):
    ends = CREATED + dt.timedelta(days=1)
    press, audit = a_key(), a_key("编辑部", "11111111", scope="admin", documents=None, expires=ends)
    assert [state.add_key(one) for one in (audit, press, a_key(prefix="22222222"), a_key("x"))] == [
        True,
        True,
        False,
        False,
    ]
    other = open_state()
    assert other.keys() == [press, audit]
    assert [other.key(prefix) for prefix in ("0a1b2c3d", "11111111", "22222222")] == [press, audit, None]
    assert [other.remove_key("press"), state.remove_key("press"), state.keys()] == [True, False, [audit]]


def test_a_key_made_in_one_process_is_accepted_in_another(open_state):
    key, token = Keys(open_state()).add("press", "read")
    assert Keys(open_state()).find(token) == key


# The salt


def test_processes_that_begin_at_the_same_time_make_one_salt(open_state):
    states = [open_state() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        hashes = set(pool.map(lambda state: state.hashed("7"), states))
    assert len(hashes) == 1 and len(hashes.pop()) == 64


# Notes


def test_a_note_is_known_to_every_process_until_it_ends(state, open_state):
    long = json.dumps({"text": "问" * 50_000 + "😀'\\%s\0"})
    state.remember([conversation("a"), conversation("b", seconds=0.05), Note("answer", "a", long, 60)])
    other = open_state()
    other.remember([conversation("c", "other")])
    time.sleep(0.06)
    found = [other.recall("conversation", name) for name in "abcd"]
    assert (found, other.recall("answer", "a"), other.recall("message", "a")) == (
        ["text", None, "other", None],
        long,
        None,
    )
    other.remember([conversation("a", "again")])
    assert state.recall("conversation", "a") == "again"


def test_of_too_many_notes_those_go_that_end_first(state):
    state.remember([Note("answer", "x", "answer", 1)])
    for seconds, name in enumerate("bacde", start=30):
        state.remember([conversation(name, seconds=seconds)])
    found = [state.recall("conversation", name) for name in "abcde"]
    assert (found, state.recall("answer", "x")) == ([None, None, "text", "text", "text"], "answer")


# The log of changes


def test_the_log_of_changes_says_when_from_where_who_what_and_what_came_of_it(open_state, request, tmp_path):
    what = "GET /a\nb\ud800"
    for number in range(3):
        Audit(open_state()).record("web", "press", what, "done", ["某/报告", f"{number}"])
    if request.node.callspec.params["open_state"] == "local":
        lines = [json.loads(line) for line in (tmp_path / "index" / "audit.jsonl").read_text("utf-8").splitlines()]
    else:
        with request.getfixturevalue("database").session() as session:
            rows = session.rows(f"SELECT `{'`, `'.join(AUDIT_COLUMNS)}` FROM wenbao_audit ORDER BY number")
        lines = [dict(zip(AUDIT_COLUMNS, row, strict=True)) for row in rows]
        lines = [line | {"about": json.loads(line["about"])} for line in lines]
    said = {"face": "web", "who": "press", "what": "GET /a\nb?", "result": "done"}
    assert [{**line, "when": ""} for line in lines] == [
        {**said, "when": "", "about": ["某/报告", f"{number}"]} for number in range(3)
    ]
    assert [dt.datetime.fromisoformat(line["when"]).tzinfo for line in lines] == [dt.UTC] * 3
