"""A generation is read back as it was written, and a damaged one is refused or passed over."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from stub_encoder import StubEncoder
from two_reports import FILES, REMEDY, refused

from retrieval.answer.answerer import Answerer
from retrieval.corpus import split_document
from retrieval.errors import SnapshotDamaged, SnapshotMissing
from retrieval.index.local.snapshot import (
    load_generation,
    load_last_good,
    load_snapshot,
    published,
    published_manifest,
    verify_all,
)
from retrieval.types import Question


def test_a_snapshot_is_read_back_as_it_was_written(index, seeds):
    snapshot = load_snapshot(index)
    assert [d.document_id for d in snapshot.documents] == ["一", "二"]
    assert snapshot.documents[0].date == dt.date(2022, 3, 12)
    assert snapshot.by_id == {"一": snapshot.documents[0], "二": snapshot.documents[1]}
    passages = [passage for document in snapshot.documents for passage in split_document(document)]
    assert list(snapshot.passages) == passages
    encoded = StubEncoder().encode_passages([passage.text for passage in passages])
    assert np.allclose(snapshot.dense.vectors(), encoded.vectors)
    assert [snapshot.tokens.tokens(row).tobytes() for row in range(4)] == [t.tobytes() for t in encoded.tokens]
    assert snapshot.lexical.words.search(["医生", "封闭"], 5).rows.tolist() == [3]
    assert snapshot.lexical.bigrams.search(["愿者", "者给"], 5).rows.tolist() == [0, 1]
    assert snapshot.lexical.pinyin.search(["fengbi", "dengl"], 5).rows.tolist() == []


def test_the_seeds_survive_the_round_trip_whole(seed_snapshot, seeds):
    assert seed_snapshot.documents == seeds.documents
    assert list(seed_snapshot.passages) == [p for d in seeds.documents for p in split_document(d)]


def test_nothing_indexed_yet_says_which_command_to_run(tmp_path):
    assert published_manifest(tmp_path / "none") is None
    assert isinstance(refused(tmp_path / "none"), SnapshotMissing)
    assert str(refused(tmp_path / "none")) == f"there is no index in {tmp_path / 'none'}: run `wenbao index`"


# Damage


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flipped", "truncated", "deleted", "emptied"])
def test_a_damaged_file_is_refused_by_name_with_the_command_that_mends_it(index, grow, name, damage):
    path = published(index) / name
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0x80
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes({"flipped": data, "truncated": data[:-1], "emptied": b""}[damage])
    error = refused(index)
    assert isinstance(error, SnapshotDamaged)
    assert str(path) in str(error)
    assert str(error).endswith(REMEDY)
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"000009-00000000\n", b"\0", b"../..\n"])
def test_a_damaged_pointer_is_refused_with_the_command_that_mends_it(index, grow, content):
    (index / "CURRENT").write_bytes(content)
    error = refused(index)
    assert isinstance(error, SnapshotDamaged)
    assert str(error).endswith(REMEDY)
    grow()
    assert [d.document_id for d in load_snapshot(index).documents] == ["一", "三", "二"]


def test_the_last_good_generation_is_served_where_the_published_one_is_damaged(index, grow):
    old = load_snapshot(index)
    grow()
    assert load_last_good(index)[1] is None
    damaged = published(index) / "vectors.faiss"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    snapshot, problem = load_last_good(index)
    assert (snapshot.documents, problem) == (old.documents, f"{damaged} was cut short or altered: {REMEDY}")
    assert list(map(str, verify_all(index))) == [problem]
    (index / "generations" / old.generation / "documents.jsonl").unlink()
    with pytest.raises(SnapshotDamaged, match="vectors.faiss was cut short or altered"):
        load_last_good(index)
    assert len(verify_all(index)) == 2


# Readers while others write


def test_a_reader_keeps_its_generation_while_new_ones_are_published(index, change):
    old = load_snapshot(index)
    for number in range(3):
        change(number)
    assert not (index / "generations" / old.generation).exists()
    assert old.lexical.words.search(["志愿者"], 3).rows.tolist() == [1, 0]
    assert Answerer(old, StubEncoder()).ask(Question("志愿者给谁送菜?")).generation == old.generation


def test_a_reader_that_loses_its_generation_while_reading_takes_the_new_one(index, change):
    calls = []

    def slow_load(folder):
        if not calls:
            calls.append(folder)
            for number in range(3):
                change(number)
        return load_generation(folder)

    assert "第2次的通知" in load_snapshot(index, slow_load).by_id["四"].text
