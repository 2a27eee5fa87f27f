"""Row 6, with figures that are made up, and how a contestant is spoken to."""

from __future__ import annotations

import pytest

from benchmarks.cases.peers import ADAPTERS, Outcome, rows_of, same_weights, set_contest
from benchmarks.harness.material import Material


def outcome(milliseconds, hits, seconds=1.0):
    return Outcome((seconds,), tuple(milliseconds), tuple(hits), tuple(hits))


def test_against_a_peer_the_worst_set_counts():
    outcomes = {
        "easy": {"Wenbao": outcome([1, 1], [1, 1], 1), "txtai": outcome([10, 10], [0, 0], 10)},
        "hard": {"Wenbao": outcome([5, 5], [1, 0], 8), "txtai": outcome([10, 10], [1, 0], 10)},
    }
    latency, build, hits, reciprocal = rows_of("txtai", outcomes, {"txtai": 0.998})
    assert [row.value for row in (latency, build, hits, reciprocal)] == [0.5, 0.8, 0.0, 0.0]
    assert [row.held for row in (latency, build, hits, reciprocal)] == [False] * 4
    assert latency.details == {"easy": 0.1, "hard": 0.5}
    assert "hard" in latency.what


def test_a_contestant_with_other_weights_is_found_out():
    assert same_weights({"Wenbao": {"vector": [1.0, 0.0]}, "txtai": {"vector": [1.0, 0.0]}}) == {"txtai": 1.0}
    with pytest.raises(RuntimeError, match="otherwise"):
        same_weights({"Wenbao": {"vector": [1.0, 0.0]}, "txtai": {"vector": [0.0, 1.0]}})


def test_quality_is_summed_up_by_contestant(tmp_path):
    material = Material("news", tmp_path, 2, (), ())
    found = set_contest(material, {"Wenbao": outcome([1, 2], [1, 0], 3)})
    assert (found.name, found.documents, found.passages) == ("news", 2, 0)
    assert (found.contestants[0].hit1, found.contestants[0].milliseconds, found.contestants[0].build_seconds) == (
        0.5,
        (1, 2),
        (3,),
    )


def test_a_contestant_answers_requests_and_jieba_cuts_its_words(monkeypatch):
    monkeypatch.syspath_prepend(ADAPTERS)
    import lines

    class Echo:
        packages = ("pytest",)

        def encode(self, question):
            return [float(len(question))]

        def ask(self, question, k):
            return list(range(k))

    assert lines._reply(Echo(), {"op": "encode", "question": "abc"}) == {"vector": [3.0]}
    assert lines._reply(Echo(), {"op": "ask", "question": "abc", "k": 2})["rows"] == [0, 1]
    assert {"突击队", "140"} <= set(lines.words("静安区突击队 140 人")) and " " not in lines.words(
        "静安区突击队 140 人"
    )
