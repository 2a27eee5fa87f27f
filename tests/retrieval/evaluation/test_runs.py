"""Runs: saved, found, read back, compared question by question, printed, and written as a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bot.evaluation.indexes import result_json
from bot.evaluation.page import reliability, report_html, risk_coverage, write_report
from bot.evaluation.text import show_figures
from retrieval.errors import EvaluationError
from retrieval.evaluation import (
    QuestionSet,
    Run,
    SetResult,
    check_shared,
    commit,
    compare,
    find_run,
    load_run,
    run_json,
    run_name,
    save_run,
)
from retrieval.evaluation.abstention import Abstention, Bin
from retrieval.evaluation.measures import Figure
from retrieval.evaluation.results import Group, Miss, Record, Shown

ABSTENTION = Abstention(
    answerable=3,
    unanswerable=1,
    auroc_answerable=Figure(0.9, 0.8, 1.0, 4),
    auroc_right=None,
    aurc=0.1,
    ece=0.05,
    answered_wrong=0.25,
    answerable_refused=0.5,
    unanswerable_answered=None,
    answered_share=0.5,
    curve=((0.5, 0.0), (1.0, 0.25)),
    bins=(Bin(0.25, 0.0, 2), Bin(0.75, 1.0, 2)),
)


def record(question_id, rank, status="answered", answerable=True, **values):
    place = ("a", 1) if rank else (None, None)
    given = {"hit@1": float(rank == 1), **values} if answerable else {}
    return Record(question_id, f"问题<{question_id}>", "zh", answerable, rank, status, 0.5, *place, given)


def run_of(*records, name="s", misses=()):
    rows = {"whole": {"hit@1": Figure(0.5, 0.25, 0.75, 2)}, "dense": {"hit@1": Figure(0.25, None, None, 1)}}
    group = Group("all", len(records), rows, ABSTENTION)
    result = SetResult(
        name, "/s", "passage", "000001-x", 2, 9, {"median": 5.0, "p95": 9.0}, ("1 thing",), (group,), records, misses
    )
    return Run("2026-01-02T03:04:05+00:00", "0123456789ab+", "stub", {"index": {"path": "/i"}}, (result,))


def test_a_saved_run_is_read_back(tmp_path):
    run = run_of(record("1", 1, sentence=1.0), record("2", None, "not_found"))
    path = save_run(run, tmp_path / "runs" / run_name(run))
    assert path.name == "20260102T030405Z-0123456789ab-changed.json"
    earlier = load_run(path)
    assert (earlier.created, earlier.commit) == (run.created, run.commit)
    assert earlier.records == {"s": {one.question_id: one for one in run.sets[0].records}}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_runs_are_found_by_path_by_name_and_as_the_last_one(tmp_path):
    for name in ("20260101T000000Z-a", "20260102T000000Z-b"):
        (tmp_path / f"{name}.json").write_text("{}")
    last = tmp_path / "20260102T000000Z-b.json"
    for name in ("last", str(last), last.name, last.stem):
        assert find_run(name, tmp_path) == last
    with pytest.raises(
        EvaluationError, match=r"there is no run x: name a file that --save wrote, or one in .*Z-b\.json"
    ):
        find_run("x", tmp_path)
    with pytest.raises(EvaluationError, match="none yet"):
        find_run("last", tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 1, "sets": [{"name": "s"}]}', '{"format": 1, "sets": 3}']
)
def test_what_is_no_run_is_named(tmp_path, content):
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(EvaluationError, match=r"run\.json is no run that `wenbao evaluate` saved"):
        load_run(path)


def test_a_run_of_another_format_says_so(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"format": 99}')
    with pytest.raises(EvaluationError, match="saved by another version"):
        load_run(path)


def test_a_run_or_page_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EvaluationError, match="the run cannot be saved as"):
        save_run(run_of(), tmp_path / "file" / "run.json")
    with pytest.raises(EvaluationError, match="the report cannot be written to"):
        write_report(tmp_path / "file" / "out.html", "")


def test_the_commit_is_that_of_the_code():
    assert re.fullmatch(r"[0-9a-f]{12}\+?|None", str(commit()))


def compared(before, after, tmp_path):
    path = save_run(run_of(*before), tmp_path / "before.json")
    return compare(run_of(*after).sets, load_run(path))


def test_changes_are_told_question_by_question(tmp_path):
    before = [
        record("same", 2),
        record("better", 3),
        record("worse", 1),
        record("found", None, "not_found"),
        record("silent", None, "answered", answerable=False),
        record("gone", 1),
    ]
    after = [
        record("same", 2),
        record("better", 1),
        record("worse", None, "related"),
        record("found", 2),
        record("silent", None, "related", answerable=False),
        record("new", 1),
    ]
    [comparison] = compared(before, after, tmp_path)
    assert {change.after.question_id: change.kinds for change in comparison.changes} == {
        "better": ("better",),
        "worse": ("worse", "newly refused"),
        "found": ("better", "newly answered"),
        "silent": ("newly refused",),
    }
    assert comparison.counts == {"better": 2, "worse": 1, "newly answered": 1, "newly refused": 2}
    assert (comparison.shared, comparison.only_before, comparison.only_after) == (5, 1, 1)
    assert list(comparison.differences) == ["hit@1"]
    difference = comparison.differences["hit@1"]
    assert (difference.value, difference.count) == (0, 4)
    assert difference.low < 0 < difference.high


def test_a_difference_that_is_the_same_everywhere_has_no_doubt(tmp_path):
    names = [str(number) for number in range(5)]
    [comparison] = compared([record(name, 2) for name in names], [record(name, 1) for name in names], tmp_path)
    assert comparison.differences == {"hit@1": Figure(1, 1, 1, 5)}


def test_a_run_of_other_sets_is_refused_before_anything_is_asked(tmp_path):
    earlier = load_run(save_run(run_of(record("1", 1)), tmp_path / "before.json"))
    check_shared([QuestionSet("s", tmp_path, "passage", ()), QuestionSet("t", tmp_path, "passage", ())], earlier)
    with pytest.raises(EvaluationError, match=r"before\.json has other sets \(s\): name another run"):
        check_shared([QuestionSet("t", tmp_path, "passage", ())], earlier)


def test_sets_that_stand_in_one_run_only_are_not_compared(tmp_path):
    path = save_run(run_of(record("1", 1), name="other"), tmp_path / "before.json")
    assert compare(run_of(record("1", 1)).sets, load_run(path)) == ()


def test_json_holds_the_figures_and_what_changed_but_no_questions(tmp_path):
    run = run_of(record("1", 1))
    changes = compared([record("1", 2)], [record("1", 1)], tmp_path)
    printed = json.loads(json.dumps(result_json(run, tmp_path / "r.json", changes)))
    [one] = printed["sets"]
    assert one["groups"][0]["rows"]["whole"]["hit@1"] == {"value": 0.5, "low": 0.25, "high": 0.75, "count": 2}
    assert (one["level"], printed["saved"], "questions" in one) == ("passage", str(tmp_path / "r.json"), False)
    assert printed["against"][0]["counts"]["better"] == 1
    assert [question["rank"] for question in run_json(run)["sets"][0]["questions"]] == [1]


def test_the_terminal_shows_every_figure_in_80_columns(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    changes = compared([record("1", 2)], [record("1", 1)], tmp_path)
    show_figures(run_of(record("1", 1)), changes, tmp_path / "r.json")
    shown = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert shown[:7] == [
        "s · passage level · 2 reports, 9 passages · 000001-x",
        "! 1 thing",
        "  all (1)   hit@1",
        "  whole     0.500",
        "          .25–.75",
        "  dense     0.250",
        "  answerable, not answerable  3, 1",
    ]
    assert "  AUROC, answerable or not    0.900 (0.800 to 1.000)" in shown
    assert "  of 1 questions in both runs: 1 better, 0 worse, 0 newly answered, 0 newly refused" in " ".join(shown)
    assert "  hit@1  +1.000" in shown
    assert shown[-1] == str(tmp_path / "r.json")


def miss(kind, shown_hit=False):
    shown = Shown(1, "a", 2, "引文 <b>", {"dense": 0.25}, shown_hit)
    return Miss(kind, record("1", None, "related"), "答案", (("a", "证据"),), {"dense": 4, "words": None}, (shown,))


def test_the_page_is_one_file_that_loads_nothing_and_escapes_what_it_quotes(tmp_path):
    run = run_of(record("1", 1), misses=(miss("ranked low", True), miss("refused")))
    earlier = load_run(save_run(run_of(record("1", 2)), tmp_path / "before.json"))
    html = report_html(run, compare(run.sets, earlier), earlier)
    assert not re.search(r"https?://|<script|<link|src=|@import|url\(", html)
    assert "问题&lt;1&gt;" in html
    assert "引文 &lt;b&gt;" in html
    assert "<b>" not in html
    assert html.count("<svg") == 2
    assert html.index("refused <span>(1)") < html.index("ranked low <span>(1)")
    for part in (
        "1 better",
        "first hit: dense 4, words –",
        "a ¶2 · hit · dense 0.250",
        "0.500<small>0.250–0.750",
        "1 thing.",
    ):
        assert part in html


def test_the_page_of_a_set_without_abstention_has_no_curves():
    run = run_of(record("1", 1))
    [one] = run.sets
    bare = replace(one, groups=(replace(one.groups[0], abstention=None),), milliseconds={}, level="sentence")
    assert "<svg" not in report_html(replace(run, sets=(bare,)))


def test_curves_are_drawn_to_scale():
    chart = risk_coverage(ABSTENTION)
    assert chart.line == "196.0,224.0 346.0,49.0"
    assert [(tick.at, tick.label) for tick in chart.y_ticks][::5] == [(224.0, "0.00"), (14.0, "0.30")]
    assert [(dot.x, dot.y, dot.label) for dot in chart.dots] == [(196.0, 49.0, "answered 50%, of these wrong 25.0%")]
    reliable = reliability(ABSTENTION)
    assert reliable.line == "121.0,224.0 271.0,14.0"
    assert [dot.label for dot in reliable.dots] == [
        "confidence 0.25: right 0.00 of 2",
        "confidence 0.75: right 1.00 of 2",
    ]
