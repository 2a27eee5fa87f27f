"""Row 9: what makes an index cut its words anew."""

from __future__ import annotations

from stub_encoder import StubEncoder

from benchmarks.cases.growth import OTHER_RULES, cut_by_other_rules
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot


def test_words_cut_by_other_rules_are_cut_anew_and_nothing_is_embedded(tmp_path, corpus_of):
    reports, index = corpus_of({"a.txt": "支援队\n\n五名医师赴京支援。"}), tmp_path / "index"
    first = build_index([reports], index, StubEncoder())
    fingerprint = load_snapshot(index).manifest.analysis_fingerprint
    cut_by_other_rules(index)
    assert load_snapshot(index).manifest.analysis_fingerprint == OTHER_RULES
    again = build_index([reports], index, StubEncoder())
    assert (again.generation != first.generation, again.embedded) == (True, 0)
    assert load_snapshot(index).manifest.analysis_fingerprint == fingerprint
