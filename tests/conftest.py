"""Session fixtures: the seeds, an index of them made with the stub encoder, and the real model for a few tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from browsing import launched, skip_without_browser
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from places import SEEDS
from playwright.sync_api import Browser
from seekdb import SeekdbServer, fresh_database, seekdb_running
from stub_encoder import StubEncoder

from bot.settings import Settings, load_settings
from retrieval.answer.answerer import Answerer
from retrieval.corpus import Corpus, read_corpus
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import LocalSnapshot, load_snapshot
from retrieval.index.oceanbase.database import Database

hypothesis_settings.register_profile(
    "wenbao",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("wenbao")


@pytest.fixture(scope="session")
def seeds_folder() -> Path:
    """The five reports in the repository."""
    return SEEDS


@pytest.fixture(scope="session")
def seeds() -> Corpus:
    """The seeds as documents."""
    return read_corpus([SEEDS])


@pytest.fixture(scope="session")
def seed_snapshot(tmp_path_factory: pytest.TempPathFactory) -> LocalSnapshot:
    """An index of the seeds made with the stub encoder."""
    path = tmp_path_factory.mktemp("seed-index")
    build_index([SEEDS], path, StubEncoder())
    return load_snapshot(path)


@pytest.fixture(scope="module")
def stub_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an index of the seeds made with the stub encoder; at most two questions may wait."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "config.yaml").write_text(f"corpus: {{paths: ['{SEEDS}']}}\nserver: {{queue: 2}}\n", encoding="utf-8")
    settings = load_settings(folder / "config.yaml")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    return settings


@pytest.fixture
def own_settings(stub_settings: Settings, tmp_path: Path) -> Settings:
    """``stub_settings`` with a copy of the index that no other test's service touches."""
    kept = shutil.ignore_patterns(
        "*state.*", "audit.*", "memory.*"
    )  # written and renamed at any moment by other tests' services
    shutil.copytree(stub_settings.index.path, tmp_path / "index", ignore=kept)
    return stub_settings.model_copy(
        update={"index": stub_settings.index.model_copy(update={"path": tmp_path / "index"})}
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what wants a browser where there is none; the long tests go first, so that both processes end together.

    Of these, what measures how soon a server answers comes last: by then the linters beside the tests are done.
    """
    skip_without_browser(items)
    items.sort(key=lambda item: ("system" not in item.path.parts, item.path.name == "test_fairness.py"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one file at a time, because Playwright's loop would disturb tests that run their own."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def real_encoder() -> SentenceEncoder:
    """The default model, from the user's cache; rebuilt and compiled there first if it is absent."""
    return SentenceEncoder()


@pytest.fixture(scope="session")
def reference() -> SentenceEncoder:
    """The default model run by torch; the compiled one is checked against it."""
    return SentenceEncoder(runtime="torch")


@pytest.fixture(scope="session")
def real_answerer(real_encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    """Answers from the seeds with the default model."""
    path = tmp_path_factory.mktemp("real-index")
    build_index([SEEDS], path, real_encoder)
    return Answerer(load_snapshot(path), real_encoder)


@pytest.fixture(scope="session")
def seekdb() -> Iterator[SeekdbServer]:
    """OceanBase's real server; a test that kills it need not start it again."""
    with seekdb_running() as server:
        yield server


@pytest.fixture
def database(seekdb: SeekdbServer) -> Iterator[Database]:
    """A database of its own on ``seekdb``, empty; its ``address`` as text is its URL."""
    with fresh_database(seekdb) as database:
        yield database


@pytest.fixture
def corpus_of(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write files (relative path -> text or bytes) into a fresh corpus folder and return it."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return write
