"""Keys: made, found, listed and taken back, and never kept as they are."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest

from bot.access.keys import KeyInvalid, Keys, duration
from bot.access.pseudonyms import Pseudonyms
from bot.access.sessions import Sessions
from bot.state import SqliteState, StateUnusable


@pytest.fixture
def state(tmp_path) -> SqliteState:
    return SqliteState(tmp_path)


@pytest.fixture
def keys(state) -> Keys:
    return Keys(state)


def test_a_key_is_found_by_its_token_alone_and_stands_in_no_file(keys, tmp_path):
    key, token = keys.add("press", "read", "news/*", "90d")
    assert keys.find(token) == key == keys.all()[0]
    assert key.as_json() | {"created": None, "expires": None} == {
        "name": "press", "scope": "read", "documents": "news/*", "created": None, "expires": None,
    }  # fmt: skip
    assert key.expires - key.created == dt.timedelta(days=90)
    secret = token.rpartition("_")[2].encode() if token.count("_") == 2 else token[12:].encode()
    assert [path.name for path in tmp_path.iterdir() if secret in path.read_bytes()] == []


def test_no_other_token_finds_a_key(keys):
    key, token = keys.add("press", "read")
    other = ["", "wb_", token[:-1], f"{token}x", token.upper(), f"{token}\n", f" {token}", token.replace("_", "-")]
    other += [f"wb_{key.prefix}_{'A' * 32}", "wb_00000000_" + "A" * 32, "密" * 50, "\ud800" * 40, token * 10_000]
    assert [keys.find(one) for one in other] == [None] * len(other)
    assert keys.find(token) == key


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "x" * 65, "press\n", ".", "..", "admin", "Admin", "a\0"])
def test_a_name_that_no_list_or_address_could_carry_is_refused(keys, name):
    with pytest.raises(KeyInvalid):
        keys.add(name, "read")


def test_names_may_be_chinese_and_are_taken_once(keys):
    keys.add("编辑部", "ask")
    with pytest.raises(KeyInvalid, match="编辑部 already"):
        keys.add("编辑部", "read")
    assert [key.scope for key in keys.all()] == ["ask"]


@pytest.mark.parametrize("scope", ["", "Read", "write", "read "])
def test_a_scope_that_there_is_not_is_refused(keys, scope):
    with pytest.raises(KeyInvalid):
        keys.add("press", scope)


@pytest.mark.parametrize("documents", ["", "  ", "x" * 501])
def test_a_pattern_that_says_nothing_is_refused(keys, documents):
    with pytest.raises(KeyInvalid):
        keys.add("press", "read", documents)


def test_an_administrator_sees_everything(keys):
    with pytest.raises(KeyInvalid):
        keys.add("chief", "admin", "news/*")


@pytest.mark.parametrize("text", ["", "0d", "d", "1", "1m", "-1d", "1.5d", "1d\n", "１d", "999999d"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(KeyInvalid):
        duration(text)


def test_durations_are_hours_days_and_weeks():
    assert [duration(text).total_seconds() / 3600 for text in ("12h", "90d", "4w")] == [12, 90 * 24, 4 * 168]


def test_a_key_that_has_ended_is_not_found(keys, state):
    key, token = keys.add("press", "read", expires="1h")
    assert keys.find(token) == key
    state.remove_key("press")
    ended = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    state.add_key(type(key)("press", "read", None, key.created, ended, key.prefix, key.verifier))
    assert Keys(state).find(token) is None


def test_a_key_taken_back_is_refused_at_once_here_and_soon_elsewhere(keys, state):
    _, token = keys.add("press", "read")
    elsewhere = Keys(state, known_seconds=0.2)
    assert elsewhere.find(token)
    assert keys.revoke("press").name == "press"
    assert keys.find(token) is None
    time.sleep(0.25)
    assert elsewhere.find(token) is None
    with pytest.raises(KeyInvalid):
        keys.revoke("press")


def test_a_key_made_anew_under_the_same_name_is_another(keys):
    _, old = keys.add("press", "read")
    keys.revoke("press")
    made, new = keys.add("press", "ask")
    assert (keys.find(old), keys.find(new)) == (None, made)


def test_the_holder_of_a_key_does_not_wait_for_wrong_tokens_of_others(keys):
    key, token = keys.add("press", "read")
    other, _ = keys.add("other", "read")
    assert keys.find(token) == key
    wrong = [threading.Thread(target=keys.find, args=(f"wb_{other.prefix}_{'A' * 30}{n:02}",)) for n in range(12)]
    for one in wrong:
        one.start()
    started = time.perf_counter()
    assert keys.find(token) == key
    waited, busy = time.perf_counter() - started, sum(one.is_alive() for one in wrong)
    for one in wrong:
        one.join()
    assert busy > 1 and waited < 0.03 * busy


# Sessions


def test_a_cookie_holds_as_long_as_its_key_and_not_a_sign_may_be_changed(keys, state):
    sessions = Sessions(keys, Pseudonyms(state))
    key, _ = keys.add("press", "read")
    other, _ = keys.add("other", "read")
    cookie = sessions.cookie(key)
    prefix, ends, mac = cookie.split(".")
    assert sessions.key(cookie) == key == Sessions(Keys(state), Pseudonyms(SqliteState(state.file.parent))).key(cookie)
    forged = [f"{other.prefix}.{ends}.{mac}", f"{prefix}.{int(ends) + 1}.{mac}", f"{prefix}.{ends}.{mac[:-1]}", prefix]
    forged += [f"{prefix}.{ends}.", f"{prefix}.{'9' * 300}.{mac}", f"{prefix}.-1.{mac}", f"{prefix}.１.{mac}", "", ".."]
    forged += ["é" * 50, f"{cookie}x", "x" * 100_000, "admin.1.x", f"{prefix}.{ends}.密"]
    assert [sessions.key(one) for one in forged] == [None] * len(forged)
    keys.revoke("press")
    assert sessions.key(cookie) is None


def test_a_cookie_ends(keys, state, monkeypatch):
    sessions = Sessions(keys, Pseudonyms(state))
    key, _ = keys.add("press", "read")
    cookie = sessions.cookie(key)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * 86_400 + 2)
    assert sessions.key(cookie) is None


class Out(SqliteState):
    """A store that is out of reach for a while."""

    is_out = True

    def hashed(self, user: str) -> str:
        if self.is_out:
            raise StateUnusable("out of reach")
        return super().hashed(user)


def test_what_stands_for_somebody_while_the_store_is_out_of_reach_is_not_kept(tmp_path):
    state = Out(tmp_path)
    usual, names = Pseudonyms(SqliteState(tmp_path)), Pseudonyms(state)
    meanwhile = names.of(17)
    assert meanwhile == names.of(17) != usual.of(17)
    state.is_out = False
    assert names.of(17) == usual.of(17) == names.of("17")
    assert [len(usual.of(one)) for one in (1, "::1", "\ud800")] == [13] * 3


def test_a_cookie_is_neither_made_nor_read_while_the_store_is_out_of_reach(tmp_path):
    state = Out(tmp_path)
    keys = Keys(state)
    key, _ = keys.add("press", "read")
    cookie = Sessions(keys, Pseudonyms(SqliteState(tmp_path))).cookie(key)
    sessions = Sessions(keys, Pseudonyms(state))
    for use in (lambda: sessions.cookie(key), lambda: sessions.key(cookie)):
        with pytest.raises(StateUnusable):
            use()
    state.is_out = False
    assert sessions.key(cookie) == key
