"""The bench's arithmetic, report and page, with figures that are made up: nothing is measured here."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from benchmarks.bench import PARTS, chosen_parts
from benchmarks.contest import alternate, estimate, mean_estimate, quantile, ratios, thinned
from benchmarks.load import Loaded, distinct, rows_of
from benchmarks.page import page
from benchmarks.peer_contest import ADAPTERS, Outcome, same_weights, set_contest
from benchmarks.peer_contest import rows_of as peer_rows
from benchmarks.plots import Axis, margins
from benchmarks.rows import (
    Bound,
    Contestant,
    Measured,
    Part,
    Report,
    Row,
    SetContest,
    SetQuality,
    at_least,
    at_most,
    measured_from,
    measured_json,
    report_from,
    report_json,
    row_of,
)
from benchmarks.scale import QUICK, Bench
from benchmarks.serving import Asked
from benchmarks.tables import number, table

VOID = {"meta", "br", "img", "link", "input", "hr"}


def outcome(milliseconds, hits, seconds=1.0):
    return Outcome((seconds,), tuple(milliseconds), tuple(hits), tuple(hits))


def a_report(rows, sets=()):
    parts = (Part("encoding", 12.5), Part("load", 3.0, "it fell over <here>"))
    return Report(
        created="2026-01-02T03:04:05+00:00",
        seconds=75.0,
        quick=True,
        options={"threads": 2},
        machine={"processor": "A & B", "cores": 2, "commit": None},
        versions={"torch": "2.13.0"},
        parts=parts,
        rows=tuple(rows),
        sets=tuple(sets),
    )


def some_rows():
    contestants = (Contestant("Wenbao", "ms", (1.0, 2.0, 3.0)), Contestant("other", "ms", (50.0, 60.0, 70.0)))
    return [
        row_of("1", "encoding", "faster", "×", estimate([2.0] * 9), at_least(1.7), contestants=contestants),
        row_of("2", "encoding", "slower", "×", estimate([0.4, 0.5, 0.6, 0.5, 0.7]), at_most(0.5)),
        Row("3", "answering", "could not be", "×", None, at_most(1.6), note="no index"),
        Row("5c", "load", "errors", "", 0.0, at_most(0)),
        Row("9 first", "growth", "for information", "s", 12.0, details={"passages": 7}),
    ]


def a_set():
    qualities = (
        SetQuality("Wenbao", 0.9, (0.8, 1.0), 0.95, (0.9, 1.0), (5.0, 6.0, 7.0), (1.5,)),
        SetQuality("LangChain", 0.7, None, 0.8, None, (30.0, 31.0, 33.0), (4.0, 5.0, 6.0)),
    )
    return SetContest("news", 3, 9, 3, qualities)


# Arithmetic


def test_an_estimate_is_the_median_with_quartiles_and_an_interval_around_it():
    found = estimate([1.0, 2.0, 3.0, 4.0, 100.0])
    assert (found.value, found.quartiles, found.count) == (3.0, (2.0, 4.0), 5)
    assert found.interval is not None and found.interval[0] <= 3.0 <= found.interval[1]


def test_few_samples_have_no_interval_and_none_are_no_measurement():
    assert estimate([1.0, 3.0]).interval is None
    with pytest.raises(ValueError, match="nothing was measured"):
        estimate([])


def test_a_mean_of_hits_lies_in_its_bootstrap_interval():
    found = mean_estimate([1.0] * 30 + [0.0] * 10)
    assert found.value == 0.75
    assert found.interval is not None and 0.5 < found.interval[0] < 0.75 < found.interval[1] < 0.95
    assert found == mean_estimate([1.0] * 30 + [0.0] * 10)


def test_ratios_go_item_by_item():
    assert ratios([1.0, 6.0], [2.0, 3.0]) == [0.5, 2.0]
    with pytest.raises(ValueError):
        ratios([1.0], [1.0, 2.0])


def test_contestants_take_turns_and_another_one_begins_each_time():
    done: list[str] = []
    taken = alternate({name: lambda item, name=name: done.append(f"{name}{item}") for name in "ab"}, [1, 2, 3], rest=0)
    assert done == ["a1", "b1", "b2", "a2", "a3", "b3"]
    assert [len(some) for some in taken.values()] == [3, 3]


def test_a_quantile_is_one_of_the_samples():
    hundred = [float(value) for value in range(1, 101)]
    assert (quantile(hundred, 0.99), quantile(hundred, 0.5), quantile([7.0], 0.99)) == (99.0, 50.0, 7.0)


def test_thinned_samples_keep_least_and_most():
    few = thinned([float(value) for value in range(1000, 0, -1)], 11)
    assert (len(few), few[0], few[-1]) == (11, 1.0, 1000.0)
    assert thinned([2.0, 1.0]) == [1.0, 2.0]


# Held or not


@pytest.mark.parametrize(
    ("bound", "value", "held"),
    [
        (at_least(1.7), 1.7, True),
        (at_least(1.7), 1.69, False),
        (at_most(0.5), 0.5, True),
        (at_most(0.5), 0.51, False),
        (Bound("more than", 0.0), 0.0, False),
        (Bound("more than", 0.0), 0.01, True),
    ],
)
def test_a_bound_is_met_or_not(bound, value, held):
    assert bound.met_by(value) is held


def test_a_row_is_held_not_held_within_noise_or_not_measured():
    rows = some_rows()
    assert [row.held for row in rows] == [True, True, None, True, None]
    assert [row.verdict for row in rows] == ["held", "held, within noise", "not measured", "held", ""]
    assert Row("1", "p", "w", "×", 0.9, at_most(0.5), interval=(0.8, 1.0)).verdict == "not held"


def test_load_counts_answers_by_the_seconds_they_took_and_compares_the_tail_with_one_client():
    alone = [Asked(10.0, True)] * 9
    loaded = [Loaded([Asked(50.0, True)] * 99 + [Asked(90.0, False)], 2.0)] * 2
    share, tail, errors = rows_of(alone, loaded, [33.0, 66.0], 32)
    assert (share.value, share.held) == (1.125, True)
    assert (tail.value, tail.held) == (5.0, True)
    assert (errors.value, errors.held) == (2.0, False)


def test_questions_that_run_out_come_again_as_other_texts():
    questions = distinct(["a", "b"])
    assert [next(questions) for _ in range(5)] == ["a", "b", "a（2）", "b（2）", "a（3）"]


def test_against_a_peer_the_worst_set_counts():
    outcomes = {
        "easy": {"Wenbao": outcome([1, 1], [1, 1], 1), "txtai": outcome([10, 10], [0, 0], 10)},
        "hard": {"Wenbao": outcome([5, 5], [1, 0], 8), "txtai": outcome([10, 10], [1, 0], 10)},
    }
    latency, build, hits, reciprocal = peer_rows("txtai", outcomes, {"txtai": 0.998})
    assert [row.value for row in (latency, build, hits, reciprocal)] == [0.5, 0.8, 0.0, 0.0]
    assert [row.held for row in (latency, build, hits, reciprocal)] == [False] * 4
    assert latency.details == {"easy": 0.1, "hard": 0.5}
    assert "hard" in latency.what


def test_a_contestant_with_other_weights_is_found_out():
    assert same_weights({"Wenbao": {"vector": [1.0, 0.0]}, "txtai": {"vector": [1.0, 0.0]}}) == {"txtai": 1.0}
    with pytest.raises(RuntimeError, match="otherwise"):
        same_weights({"Wenbao": {"vector": [1.0, 0.0]}, "txtai": {"vector": [0.0, 1.0]}})


def test_quality_is_summed_up_by_contestant(tmp_path):
    from benchmarks.material import Material

    material = Material("news", tmp_path, 2, (), ())
    found = set_contest(material, {"Wenbao": outcome([1, 2], [1, 0], 3)})
    assert (found.name, found.documents, found.passages) == ("news", 2, 0)
    assert (found.contestants[0].hit1, found.contestants[0].milliseconds, found.contestants[0].build_seconds) == (
        0.5,
        (1, 2),
        (3,),
    )


# The run


def test_rows_name_the_parts_that_measure_them():
    assert chosen_parts([]) == list(PARTS)
    assert chosen_parts(["4", "1"]) == ["encoding", "large build", "large"]
    with pytest.raises(SystemExit, match="no row 77"):
        chosen_parts(["77"])


def test_what_a_part_is_given_travels_as_json(tmp_path):
    bench = Bench(QUICK, True, 2, tmp_path / "shared", tmp_path / "work", tmp_path / "python")
    assert Bench.from_json(json.loads(json.dumps(bench.json()))) == bench


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


# The report


def test_a_report_survives_json():
    report = a_report(some_rows(), [a_set()])
    assert report_from(json.loads(json.dumps(report_json(report)))) == report


def test_the_json_says_of_every_row_what_is_needed_to_judge_it():
    values = report_json(a_report(some_rows()))
    assert set(values) == {
        "schema", "created", "seconds", "quick", "options", "machine", "versions", "parts", "rows", "sets",
    }  # fmt: skip
    first = values["rows"][0]
    assert {key: first[key] for key in ("number", "value", "bound", "held", "sure", "verdict", "unit")} == {
        "number": "1",
        "value": 2.0,
        "bound": {"kind": "at least", "value": 1.7},
        "held": True,
        "sure": True,
        "verdict": "held",
        "unit": "×",
    }
    assert [one["samples"] for one in first["contestants"]] == [(1.0, 2.0, 3.0), (50.0, 60.0, 70.0)]


def test_a_report_of_another_schema_is_refused():
    with pytest.raises(ValueError, match="schema"):
        report_from({"schema": 0})


def test_what_a_part_hands_over_survives_json():
    measured = Measured(tuple(some_rows()), (a_set(),), {"txtai": "9"})
    assert measured_from(json.loads(json.dumps(measured_json(measured)))) == measured


class Balanced(HTMLParser):
    """Notes elements that are closed in another order than they were opened, and every address."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("report", [a_report(some_rows(), [a_set()]), a_report([])], ids=["full", "empty"])
def test_the_page_is_whole_and_loads_nothing(report):
    html = page(report)
    parser = Balanced()
    parser.feed(html)
    assert (parser.open, parser.wrong, parser.addresses) == ([], [], [])
    assert not re.search(r"https?:|//\w|@import|url\(|<script", html)


def test_the_page_shows_verdicts_figures_and_failures_escaped():
    html = page(a_report(some_rows(), [a_set()]))
    for text in (
        "3 of 4",
        "held, within noise",
        "not measured",
        "it fell over &lt;here&gt;",
        "A &amp; B",
        "A quick run",
    ):
        assert text in html, text
    assert html.count("<svg") == 1 + 1 + 4


def test_a_row_twice_as_good_as_demanded_stands_right_of_the_line_and_a_bad_one_left():
    good = Row("1", "p", "good", "×", 3.4, at_least(1.7))
    bad = Row("2", "p", "bad", "×", 1.0, at_most(0.5))
    chart = margins([good, bad])
    assert chart is not None and chart.reference is not None
    assert [line.value for line in chart.lines] == ["2×", "0.5×"]
    assert chart.lines[1].point < chart.reference < chart.lines[0].point
    assert [line.kind for line in chart.lines] == ["held", "not-held"]


def test_an_axis_is_logarithmic_where_samples_differ_much():
    assert not Axis.over([5.0, 9.0]).logarithmic
    wide = Axis.over([1.0, 1000.0])
    assert wide.logarithmic
    assert [tick.label for tick in wide.ticks()][:3] == ["1", "2", "5"]
    assert wide.x(0.001) == wide.columns.labels


def test_the_table_is_readable_text():
    lines = table(a_report(some_rows(), [a_set()])).splitlines()
    assert lines[0].split() == ["row", "what", "value", "quartiles", "must", "be"]
    assert lines[1].split() == ["1", "faster", "2", "×", "≥", "1.7", "×", "held"]
    assert lines[-1] == "3 of 4 rows held (quick: not how fast it is)"
    assert "load failed: it fell over <here>" in lines


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "0.123"), (1.724, "1.72"), (45.67, "45.7"), (800.7, "800.7"), (12345.6, "12,346")]
)
def test_numbers_have_the_figures_that_count(value, text):
    assert number(value) == text
