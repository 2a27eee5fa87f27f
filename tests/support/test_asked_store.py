"""The judge of answers to a store that is changed meanwhile."""

from __future__ import annotations

import pytest
from asked_store import Asking, Reply, what_is_wrong
from revised_reports import RevisedReports

TEXTS = {"1": {"灯会": "第1次修订：灯会由甲主持。"}, "2": {"灯会": "第2次修订：灯会由乙主持。"}}


def reply(generation, quote, document_id="灯会", start=0, answer=None):
    cited = {"document_id": document_id, "start": start, "end": start + len(quote), "quote": quote}
    return Reply("灯会", 0, 1.0, 200, {"generation": generation, "citations": [cited], "answer": answer}, False)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (reply("1", "第1次修订：灯会由甲主持。"), None),
        (reply("1", "灯会由甲主持。", start=6, answer={"text": "灯会由甲主持。", "citation": 1}), None),
        (reply("1", "第2次修订：灯会由乙主持。"), "1 has no “第2次修订：灯会由乙主持。” in 灯会"),
        (reply("3", "第1次修订：灯会由甲主持。"), "3 was never published"),
        (reply("1", "第1次修订：灯会由甲主持。", "画展"), "1 has no “第1次修订：灯会由甲主持。” in 画展"),
        (reply("1", "灯会由甲主持。", start=6, answer={"text": "乙", "citation": 1}), "1: “乙” is not in its citation"),
        (Reply("灯会", 0, 1.0, 200, {"generation": "1", "citations": []}, False), "1: 灯会 is not cited"),
        (Reply("灯会", 0, 1.0, 503, {}, True), None),
        (Reply("灯会", 0, 1.0, 0, {}, True), None),
        (Reply("灯会", 0, 1.0, 503, {}, False), "no answer: 503 {}"),
        (Reply("灯会", 0, 1.0, 500, {}, True), "no answer: 500 {}"),
    ],
)
def test_an_answer_is_right_only_if_all_of_it_is_of_the_generation_that_it_names(given, wrong):
    assert what_is_wrong(given, TEXTS) == wrong


def test_the_generations_that_servers_answer_from_are_the_last_ones_and_silence_is_between_answers():
    replies = [Reply("灯会", 0, at, 200, {"generation": name}, False) for at, name in ((1, "1"), (4, "2"), (5, "2"))]
    asking = Asking(["", ""], 0.0, replies=[*replies, Reply("灯会", 1, 6.0, 503, {}, True)])
    assert (asking.generations(2.0), asking.longest_silence()) == (["2", None], 3)


def test_revised_reports_are_what_stands_in_the_folder_and_each_revision_changes_what_is_asked_about(tmp_path):
    reports = RevisedReports(tmp_path / "reports", 100)
    before = dict(reports.texts)
    reports.revise()
    on_disk = {path.stem: path.read_text("utf-8") for path in (tmp_path / "reports").glob("*.txt")}
    assert on_disk == reports.texts
    assert (before.keys() - reports.texts.keys(), reports.texts.keys() - before.keys()) == ({"简报1"}, {"简报2"})
    assert [name for name, text in before.items() if reports.texts.get(name, text) != text] == [
        "灯会", "画展", "书市", "茶会", "龙舟赛", "音乐节",
    ]  # fmt: skip
