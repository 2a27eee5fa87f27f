"""Two indexes of one small corpus: as files, and in a database."""

from __future__ import annotations

import pytest
from mixed_reports import REPORTS
from seekdb import fresh_database
from stub_encoder import StubEncoder

from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.index.oceanbase.catalogue import read_catalogue
from retrieval.index.oceanbase.material import Cache
from retrieval.index.oceanbase.snapshot import StoredSnapshot


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """The local index."""
    folder = tmp_path_factory.mktemp("stored")
    for name, text in REPORTS.items():
        (folder / "reports" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "reports" / name).write_text(text, encoding="utf-8")
    build_index([folder / "reports"], folder / "index", StubEncoder())
    return load_snapshot(folder / "index")


@pytest.fixture(scope="session")
def stored(files, seekdb):
    """What opens the same generation in a database, with nothing read yet but its catalogue."""
    import sys

    sys.path.insert(0, "/tmp")
    from tmpfill import fill

    with fresh_database(seekdb) as database:
        fill(files, database)
        __import__("time").sleep(1)
        catalogue = database.reading(lambda session: read_catalogue(session, 1))
        yield lambda **options: StoredSnapshot(database, catalogue, Cache(**options))
