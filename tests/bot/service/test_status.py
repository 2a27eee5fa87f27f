"""What is said of an index, and whether it can be served: whole, outdated, damaged, missing."""

from __future__ import annotations

import shutil

import pytest
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.status import index_status
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import CURRENT, kept_generations, published


@pytest.fixture
def settings(stub_settings, tmp_path):
    """Settings of an index with two generations, which a test may damage."""
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.txt").write_text("甲\n\n社区的志愿者给老人送菜。", encoding="utf-8")
    corpus = stub_settings.corpus.model_copy(update={"paths": (reports,)})
    index = stub_settings.index.model_copy(update={"path": tmp_path / "index"})
    settings = stub_settings.model_copy(update={"corpus": corpus, "index": index})
    build_index([reports], index.path, StubEncoder())
    (reports / "b.txt").write_text("乙\n\n千金药房捐了口罩。", encoding="utf-8")
    build_index([reports], index.path, StubEncoder())
    return settings


def state(settings, opener=None, *, verify=False):
    """Return whether an index is served, whether it is damaged, and how many problems are named."""
    found = index_status(settings, opener or StubOpener(), verify=verify)
    return found.is_served, found.is_damaged, len(found.problems)


def cut_short(folder):
    file = folder / "documents.jsonl"
    file.write_bytes(file.read_bytes()[:-1])


def test_a_whole_index_is_served_and_nothing_is_wrong(settings):
    found = index_status(settings, StubOpener(), verify=True)
    assert (found.documents, found.problems, found.is_served, found.is_damaged) == (2, (), True, False)


def test_without_an_index_nothing_is_served(settings):
    shutil.rmtree(settings.index.path)
    assert state(settings) == (False, False, 1)


def test_where_the_published_generation_is_damaged_the_older_one_is_served(settings):
    cut_short(published(settings.index.path))
    assert state(settings) == (True, True, 1)


def test_damage_to_an_older_generation_is_found_by_those_who_look_at_all(settings):
    cut_short(kept_generations(settings.index.path)[0])
    assert state(settings) == (True, False, 0)
    assert state(settings, verify=True) == (True, True, 1)


def test_damage_to_earlier_texts_is_found_by_those_who_look_at_all(settings):
    (settings.index.path / "history.sqlite").write_bytes(b"no database")
    assert state(settings) == (True, False, 0)
    assert state(settings, verify=True) == (True, True, 1)


def test_where_every_generation_is_damaged_nothing_is_served(settings):
    for folder in kept_generations(settings.index.path):
        cut_short(folder)
    assert state(settings) == (False, True, 1)
    assert state(settings, verify=True) == (False, True, 2)


def test_a_pointer_to_nothing_is_damage_and_the_newest_generation_is_served(settings):
    (settings.index.path / CURRENT).write_text("nonsense")
    assert state(settings) == (True, True, 1)


def test_an_outdated_index_is_served_as_long_as_its_encoder_is_to_be_had(settings):
    other = StubEncoder("other", 32)
    assert state(settings, StubOpener(encoder=other, outdated=StubEncoder())) == (True, False, 1)
    assert state(settings, StubOpener(encoder=other)) == (False, False, 1)
