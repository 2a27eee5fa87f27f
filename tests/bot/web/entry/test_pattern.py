"""A key for some reports finds nothing of the others, by whichever way it tries: as if there were no others."""

from __future__ import annotations

import itertools
import json
from urllib.parse import quote

import pytest
from guarded_app import HTML, bearer, running, token_of
from two_shelves import PATTERN, PUBLIC, QUESTIONS, SECRET, TELLTALES, WITHDRAWN, indexed

NEVER = "secret/never"
HIDDEN = ("secret/银杏", "secret/补贴", WITHDRAWN)
VERSIONS = ("", "?version=000000000000")
numbers = itertools.count()
VARYING = {"request_id", "conversation_id", "generation", "timings_ms", "confidence", "score"}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A server with all reports, somebody with a key for all, and two with keys for the public ones."""
    settings = indexed(tmp_path_factory.mktemp("full"), PUBLIC | SECRET, WITHDRAWN, access="keys")
    chief, reader = token_of(settings, "chief", "read"), token_of(settings, "reader", "read", PATTERN)
    other = token_of(settings, "other", "read", PATTERN)
    with running(settings) as client:
        yield client, bearer(chief), bearer(reader), bearer(other)


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    """A server that never had any but the public reports."""
    with running(indexed(tmp_path_factory.mktemp("public"), PUBLIC)) as client:
        yield client


def lasting(value):
    """Return what is the same in two answers that say the same."""
    if isinstance(value, dict):
        return {name: lasting(part) for name, part in value.items() if name not in VARYING}
    return [lasting(part) for part in value] if isinstance(value, list) else value


def traces_in(answer, asked=""):
    words = json.dumps(answer, ensure_ascii=False) if not isinstance(answer, str) else answer
    return [word for word in TELLTALES if word in words and word not in asked]


def ask(client, headers, question, **more):
    response = client.post("/ask", json={"question": question, **more}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_answer_is_that_of_a_server_without_the_others(full, public, question):
    client, chief, reader, _ = full
    alone = ask(public, {}, question)
    before = ask(client, reader, question)
    whole = ask(client, chief, question)
    after = ask(client, reader, question)
    assert lasting(before) == lasting(after) == lasting(alone)
    assert lasting(ask(client, chief, question)) == lasting(whole)
    assert traces_in(ask(client, reader, question, explain=True), question) == []


def test_the_others_are_there_for_who_may_see_them(full):
    client, chief, _, _ = full
    found = [ask(client, chief, question) for question in QUESTIONS]
    assert set(traces_in(found)) >= {"银杏", "陆沉舟", "九千万", "转载", "修订", "一百二十"}


@pytest.mark.parametrize("documents", [["secret/银杏"], ["public/开馆", "secret/补贴"], [WITHDRAWN]])
def test_a_filter_on_a_hidden_report_is_one_on_a_report_that_never_was(full, documents):
    client, _, reader, _ = full
    body = {"question": "银杏计划由谁负责？", "filters": {"documents": documents}}
    never = [NEVER if one.startswith("secret/") else one for one in documents]
    hidden = client.post("/ask", json=body, headers=reader)
    unknown = client.post("/ask", json={**body, "filters": {"documents": never}}, headers=reader)
    assert (hidden.status_code, masked(hidden.text, documents[-1])) == (
        unknown.status_code, masked(unknown.text, never[-1]),
    )  # fmt: skip
    assert hidden.status_code == 422


def test_a_follow_up_leans_on_no_other_key_s_question(full):
    client, chief, reader, other = full
    for first in (chief, other):
        asked = ask(client, first, "图书馆新馆总投资多少？")
        where = asked["conversation_id"]
        answer = ask(client, reader, "那它的馆长是谁？", conversation_id=where)
        assert answer["conversation_id"] != where and "understood_as" not in answer
        own = ask(client, first, "它是什么时候开馆的？", conversation_id=where)
        assert (own["conversation_id"], "图书馆" in own.get("understood_as", "")) == (where, True)


def test_votes_are_for_one_s_own_answers(full):
    client, chief, reader, other = full
    for asker in (chief, other):
        asked = ask(client, asker, "银杏计划由谁负责？")["request_id"]
        vote = {"request_id": asked, "vote": "up"}
        refused = client.post("/feedback", json=vote, headers=reader)
        unknown = client.post("/feedback", json={**vote, "request_id": "0" * 32}, headers=reader)
        assert (refused.status_code, refused.json()) == (unknown.status_code, unknown.json())
        assert client.post("/feedback", json=vote, headers=asker).status_code == 200


def test_lists_and_counts_are_of_what_is_seen(full, public):
    client, chief, reader, _ = full
    listed = client.get("/documents", headers=reader).json()
    assert listed == public.get("/documents").json()
    assert len(client.get("/documents", headers=chief).json()["documents"]) == 5
    of_reader, alone = (one.json() for one in (client.get("/status", headers=reader), public.get("/status")))
    assert lasting(of_reader) == lasting(alone) and of_reader["documents"] == 2
    assert client.get("/status", headers=chief).json()["documents"] == 5
    assert traces_in(client.get("/", headers={**reader, **HTML}).text) == []
    assert client.get("/metrics", headers=reader).status_code == 403


def written(identifier):
    """Return ways to write an id in an address."""
    yield quote(identifier)
    yield quote(identifier, "")
    yield quote(identifier).lower()
    yield quote(identifier) + "%2F"


def masked(text, identifier):
    for one in (identifier, quote(identifier), quote(identifier, ""), quote(quote(identifier), "")):
        text = text.replace(one, "ID")
    return text


@pytest.mark.parametrize("headers", [{}, HTML])
@pytest.mark.parametrize("tail", ["", "/", "/view", "/original", "/pages/1.webp", "/view/", "/original/original"])
@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_hidden_report_is_one_that_never_was(full, hidden, tail, headers):
    client, chief, reader, _ = full
    seen = client.get(f"/documents/{quote(hidden)}/view", headers={**chief, **HTML})
    assert seen.status_code == (410 if hidden == WITHDRAWN else 200)
    kept = client.get(f"/documents/{quote(hidden)}?version=000000000000", headers=chief).json()["detail"]
    version = kept.partition("are: ")[2].partition(" ")[0]
    assert len(version) == 12
    for query in (*VERSIONS, f"?version={version}", "?mark=0-5&quote=x", f"?version={version}&mark=0-5"):
        for one, never in zip(written(hidden), written(NEVER), strict=True):
            first = client.get(f"/documents/{one}{tail}{query}", headers={**reader, **headers})
            second = client.get(f"/documents/{never}{tail}{query}", headers={**reader, **headers})
            assert first.status_code == second.status_code and first.status_code in (404, 307, 422)
            assert masked(first.text, hidden) == masked(second.text, NEVER)
            names = [{name for name in one.headers} for one in (first, second)]
            assert names[0] == names[1]


@pytest.mark.parametrize(
    ("pattern", "seen"),
    [
        ("*", 5), ("public/开馆", 1), ("PUBLIC/*", 0), ("public", 0), ("public/", 0), ("*银杏", 1), ("[ps]*/补贴", 2),
        ("secret/??", 3), ("[!s]*", 2), ("public/*,secret/*", 0), ("public\\/*", 0), ("[", 0), ("*" * 200 + "馆", 1),
    ],
)  # fmt: skip
def test_patterns_are_the_shell_s_and_mind_case(full, pattern, seen):
    client = full[0]
    settings = client.app.state.service.settings
    headers = bearer(token_of(settings, f"key{next(numbers)}", "read", pattern))
    listed = client.get("/documents", headers=headers).json()["documents"]
    assert (len(listed), client.get("/status", headers=headers).json()["documents"]) == (seen, seen)
    answer = ask(client, headers, "图书馆新馆首日接待多少读者？")
    assert {one["document_id"] for one in answer["citations"]} <= {one["document_id"] for one in listed}
