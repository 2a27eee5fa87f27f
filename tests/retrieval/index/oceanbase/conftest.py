"""Two indexes of one small corpus: as files, and in a database."""

from __future__ import annotations

import pytest
from mixed_reports import REPORTS
from seekdb import fresh_database
from stub_encoder import StubEncoder

from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.index.oceanbase.catalogue import read_catalogue
from retrieval.index.oceanbase.reading.material import Cache
from retrieval.index.oceanbase.snapshot import StoredSnapshot
from retrieval.index.oceanbase.writing.building import build_stored
from retrieval.index.self_test import self_test


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """The folder of the reports."""
    folder = tmp_path_factory.mktemp("reports")
    for name, text in REPORTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def files(reports, tmp_path_factory):
    """The local index."""
    index = tmp_path_factory.mktemp("files")
    build_index([reports], index, StubEncoder())
    return load_snapshot(index)


@pytest.fixture(scope="session")
def stored(reports, seekdb, tmp_path_factory):
    """What opens the same generation in a database, with nothing read yet but its catalogue."""
    with fresh_database(seekdb) as database:
        database.check()

        def opened(number, **options):
            return StoredSnapshot(
                database, database.reading(lambda session: read_catalogue(session, number)), Cache(**options)
            )

        build_stored(
            [reports],
            database,
            StubEncoder(),
            readings_folder=tmp_path_factory.mktemp("readings"),
            test=lambda number: self_test(opened(number)),
        )
        yield lambda **options: opened(1, **options)
