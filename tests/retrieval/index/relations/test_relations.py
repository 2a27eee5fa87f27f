"""What a snapshot keeps of its reports' relations, and the passages that belong together."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from related_reports import MORE_SUBSIDY, NEWS, NOTICE, SUBSIDY, a_report, as_file, reworded
from stub_encoder import StubEncoder
from two_reports import refused

from retrieval.corpus import split_document
from retrieval.index import build
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot, published
from retrieval.index.manifest import read_manifest, write_manifest
from retrieval.index.relations.counterparts import counterparts
from retrieval.index.relations.finding import find_relations
from retrieval.index.relations.groups import joined
from retrieval.index.relations.relations import RELATIONS, Family, Relations
from retrieval.related import Difference

FIGURE = Difference("figure", "八十万册", "八十五万册")
RELATED = Relations(
    families=(Family(("a", "b", "c"), ((FIGURE,), ())),),
    rows=((0, 3, True), (1, 4, False)),
    counterparts=((5, 6),),
    replaced={"old": "new", "older": "new"},
    copied=(("t1", "t2"),),
)


def found(*reports):
    return find_relations(reports, [passage for report in reports for passage in split_document(report)])


def test_relations_are_read_back_as_they_were_written(tmp_path):
    RELATED.save(tmp_path)
    assert Relations.load(tmp_path) == RELATED
    assert Relations.load(tmp_path / "an older generation") == Relations(version=0)


def test_relations_are_asked_by_report():
    assert RELATED.apart == {"old", "older", "new", "t1", "t2"}
    assert RELATED.replaces == {"new": ("old", "older")}
    assert [RELATED.version_of(report) for report in ("b", "old")] == ["a", "old"]
    assert [RELATED.rule_of(report) for report in ("b", "old", "new", "t1")] == ["a", "new", "new", "t1"]
    pairs = [("a", "b"), ("a", "c"), ("b", "a"), ("a", "t1"), ("t1", "a")]
    assert [RELATED.differences(*pair) for pair in pairs] == [(FIGURE,), (), None, None, None]


def test_what_reprints_changed_is_kept_with_the_passages_that_share_sentences():
    first = a_report("a", "开馆", NEWS, "2024-05-07")
    corrected = a_report("b", "开馆", reworded(NEWS, ("八十万册", "八十五万册")), "2024-05-08")
    joined_up = a_report("c", "开馆", ["".join(NEWS[:2]), *NEWS[2:]], "2024-05-09")
    relations = found(first, corrected, joined_up, a_report("d", "开馆", [*NEWS[:8], *NOTICE], "2024-05-10"))
    assert relations.families == (Family(("a", "b", "c"), ((FIGURE,), ())),)
    assert relations.rows == ((1, 11, True), (0, 20, False), (1, 20, False))


def test_reprints_of_versions_are_replaced_like_them():
    old = a_report("old", "补贴办法规定", (SUBSIDY, *NEWS), "2019-01-01")
    old_again = a_report("old again", "转发补贴规定", (SUBSIDY, *NEWS), "2019-02-01")
    new = a_report("new", "补贴办法规定（修订）", (MORE_SUBSIDY, *NEWS), "2023-01-01")
    new_again = a_report("new again", "补贴办法规定（修订）", (MORE_SUBSIDY, *NEWS), "2023-01-02")
    relations = found(new_again, old_again, new, old)
    assert [family.documents for family in relations.families] == [("new", "new again"), ("old", "old again")]
    assert relations.replaced == {"old again": "new", "old": "new"}
    assert relations.apart == {"old again", "old", "new"}
    assert (33, 22) in relations.counterparts


def test_notices_that_towns_copied_are_kept_as_such():
    towns = [a_report(town, f"{town}通知", reworded(NOTICE, ("红旗镇", town))) for town in ("红旗镇", "青山镇")]
    assert found(*towns) == Relations(copied=(("红旗镇", "青山镇"),))


def test_clauses_about_the_same_thing_are_counterparts_and_what_was_left_out_has_none():
    older = {1: SUBSIDY, 2: "对决定不服的，可以在六十日内申请复议。", 3: "申请人应当在三月以前提出书面申请。"}
    newer = {7: "申请人可以随时提出书面申请。", 8: MORE_SUBSIDY, 9: "验收合格后十五日内拨付资金。"}
    assert sorted(counterparts(older, newer)) == [(1, 8), (3, 7)]


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), max_size=6))
def test_joined_groups_are_the_connected_parts(groups):
    found = joined(groups)
    assert sorted(member for group in found for member in group) == sorted({m for group in groups for m in group})
    for group in groups:
        assert sum(set(group) <= set(whole) for whole in found) == 1
    for whole in found:
        assert sum(bool(set(whole) & set(group)) for group in joined(groups)) == 1


# In the index


@pytest.fixture
def reprinted(corpus_of, tmp_path):
    """Index a report and its reprint with another figure; return the index's path and how to index again."""
    changed = reworded(NEWS, ("八十万册", "八十五万册"))
    files = {"a.txt": as_file("开馆", "2024-05-07", NEWS), "b.txt": as_file("开馆", "2024-05-08", changed)}
    index = tmp_path / "index"

    def run(more=None):
        return build_index([corpus_of({**files, **(more or {})})], index, StubEncoder())

    run()
    return index, run


def test_relations_are_part_of_a_generation_and_an_unchanged_corpus_finds_none_anew(reprinted, monkeypatch):
    index, run = reprinted
    before = load_snapshot(index)
    assert before.relations.families == (Family(("a", "b"), ((FIGURE,),)),)
    monkeypatch.setattr(build, "find_relations", None)
    assert run().generation == before.generation


def test_a_generation_of_before_there_were_relations_is_loaded_and_gets_them_at_the_next_run(reprinted):
    index, run = reprinted
    folder = published(index)
    manifest = read_manifest(folder)
    del manifest.files[RELATIONS]
    (folder / RELATIONS).unlink()
    write_manifest(folder, manifest)
    assert load_snapshot(index).relations == Relations(version=0)
    receipt = run()
    assert (receipt.embedded, receipt.generation != folder.name) == (0, True)
    assert len(load_snapshot(index).relations.families) == 1


def test_relations_that_are_not_what_was_written_are_refused(reprinted):
    index, _ = reprinted
    folder = published(index)
    (folder / RELATIONS).write_text(json.dumps({"families": 3}), encoding="utf-8")
    manifest = read_manifest(folder)
    del manifest.files[RELATIONS]
    write_manifest(folder, manifest)
    assert str(refused(index)).startswith(f"the index {folder} cannot be read")


def test_a_report_that_goes_takes_its_relations_along(reprinted, tmp_path):
    index, run = reprinted
    (tmp_path / "corpus" / "b.txt").unlink()
    build_index([tmp_path / "corpus"], index, StubEncoder())
    assert load_snapshot(index).relations == Relations()
