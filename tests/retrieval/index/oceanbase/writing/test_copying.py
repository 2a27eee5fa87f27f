"""An index goes into the database, and out of it, and stays the same; nothing is embedded."""

from __future__ import annotations

import numpy as np
from stored_state import made_of, numbers_of, state_of
from stub_encoder import StubEncoder

from retrieval.index.local.snapshot import load_snapshot
from retrieval.index.oceanbase.writing.copying import copy_from, copy_to


def counts(receipt):
    return receipt.documents, receipt.passages, len(receipt.added), len(receipt.removed), receipt.embedded


def test_a_local_index_is_the_same_in_the_database(files, database):
    done = copy_to(files, database, test=lambda number: None)
    texts = len({passage.matched for passage in files.passages})
    assert counts(done) == (len(files.documents), len(files.passages), len(files.documents), 0, texts)
    assert state_of(database, 1) == made_of(files.documents, StubEncoder(), numbers_of(database, 1))
    again = copy_to(files, database, test=lambda number: None)
    assert (again.generation, counts(again)) == (
        done.generation,
        (len(files.documents), len(files.passages), 0, 0, 0),
    )


def test_what_comes_out_of_the_database_is_the_local_index(files, stored, tmp_path):
    done = copy_from(stored(), tmp_path / "index")
    copied = load_snapshot(tmp_path / "index")
    assert done.generation == copied.generation
    assert (copied.documents, list(copied.passages)) == (files.documents, list(files.passages))
    assert (copied.relations, copied.manifest.encoder) == (files.relations, files.manifest.encoder)
    rows = range(len(files.passages))
    assert [copied.tokens.tokens(row).tobytes() for row in rows] == [files.tokens.tokens(row).tobytes() for row in rows]
    assert np.allclose(copied.dense.vectors(), files.dense.vectors(), atol=1e-6)
    again = copy_from(stored(), tmp_path / "index")
    assert (again.generation, again.embedded, again.added) == (done.generation, 0, ())
