"""A generation says what it was made of, and nothing in its manifest can change unseen."""

from __future__ import annotations

import json

import pytest
from two_reports import FILES, REMEDY, refused

from retrieval.errors import SnapshotError, SnapshotMismatch
from retrieval.index.local.snapshot import load_snapshot, published
from retrieval.index.manifest import SCHEMA


def test_the_manifest_says_what_the_index_was_made_of(index):
    manifest = load_snapshot(index).manifest
    folder = published(index)
    expected = {
        "generation": folder.name,
        "encoder": "stub",
        "encoder_fingerprint": "stub-64",
        "dimension": 64,
        "passage_characters": 400,
        "documents": 2,
        "passages": 4,
        "skipped": (),
        "schema": SCHEMA,
    }
    assert {name: getattr(manifest, name) for name in expected} == expected
    assert sorted(manifest.files) == [name for name in FILES if name != "manifest.json"]
    assert {name: size for name, (size, _) in manifest.files.items()} == {
        name: (folder / name).stat().st_size for name in manifest.files
    }


def test_no_altered_byte_of_the_manifest_goes_unseen(index):
    path = published(index) / "manifest.json"
    data = path.read_bytes()
    unseen = []
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            load_snapshot(index)
            unseen.append(data[max(at - 20, 0) : at + 1].decode())
        except SnapshotError as error:
            assert REMEDY in str(error)
    assert unseen == []


@pytest.mark.parametrize("schema", [0, 1, SCHEMA + 1, str(SCHEMA), None])
def test_an_index_of_another_version_is_refused_with_the_command_that_mends_it(index, schema):
    path = published(index) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": schema}))
    error = refused(index)
    assert isinstance(error, SnapshotMismatch)
    assert str(error) == f"the index {published(index)} was written by another version of Wenbao: {REMEDY}"


def test_a_manifest_that_is_no_object_is_refused(index):
    (published(index) / "manifest.json").write_text("[1, 2]")
    assert REMEDY in str(refused(index))
