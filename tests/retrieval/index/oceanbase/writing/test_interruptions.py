"""A run may be cut short anywhere: what is published stays as it is, and the next run finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest
import stored_indexer
from places import ROOT
from stored_state import state_of
from stub_encoder import StubEncoder

from retrieval.index.oceanbase.database import Database

BEFORE = {"a.txt": "社区的志愿者给老人送菜。\n\n灯还亮着。", "b.txt": "株洲的医生在医院做手术。"}
AFTER = {"b.txt": "株洲的医生回家了。\n\n灯还亮着。", "c.txt": "明天封闭。\n\n后天开放。"}


class CutShort(BaseException):
    """What ends a run, as a kill does, without a word to anybody."""


class ShortLived(Database):
    """Connections of a process that ends right after it has committed so many transactions."""

    def __init__(self, url, password, transactions):
        super().__init__(url, password)
        self._left = transactions

    @contextmanager
    def transaction(self):
        with super().transaction() as session:
            yield session
        self._left -= 1
        if not self._left:
            raise CutShort


def test_a_run_that_ends_after_any_of_its_transactions_harms_nothing_and_is_finished_by_the_next(
    build, corpus_of, seekdb, database, published, is_right
):
    build(BEFORE)
    before, cut, embedded = state_of(database, 1), 0, []
    for path in corpus_of(AFTER).iterdir():
        os.utime(path, (10**9, 10**9))  # long enough ago to be read only once
    while published() == 1:
        cut += 1
        with closing(ShortLived(str(database.address), seekdb.password, cut)) as short:
            encoder = StubEncoder()
            try:
                build(without=["a.txt"] if cut == 1 else [], encoder=encoder, into=short)
            except CutShort:
                assert state_of(database, 1) == before
            embedded += encoder.embedded
    assert cut > 8
    assert (sorted(embedded), is_right()) == (sorted(["株洲的医生回家了。", "明天封闭。", "后天开放。"]), True)
    done, again = build()
    assert (done.added, done.changed, done.removed, again, is_right()) == ((), (), (), [], True)


def indexer(database, seekdb, folder, tmp_path, role, point, name="own"):
    """Start an indexer in a process of its own."""
    command = [sys.executable, stored_indexer.__file__, str(database.address), folder, tmp_path / name, role, point]
    environment = {**os.environ, "PASSWORD": seekdb.password}
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process):
    """Return how an indexer ended, and what it said."""
    out, errors = process.communicate(timeout=90)
    assert errors.decode() == ""
    return process.returncode, out.decode()


@pytest.mark.parametrize(("point", "left"), [("embed", 10), ("write", 0), ("test", 0)])
def test_a_killed_indexer_leaves_the_published_generation_and_its_work(
    build, corpus_of, seekdb, database, published, is_right, tmp_path, point, left
):
    build(BEFORE)
    before = state_of(database, 1)
    folder = corpus_of({f"{number}.txt": f"第{number}份通知。" for number in range(12)})
    with indexer(database, seekdb, folder, tmp_path, "build", point) as process:
        assert ended(process) == (-signal.SIGKILL, "")
    assert (published(), state_of(database, 1)) == (1, before)
    done, embedded = build(wait=20)
    assert (done.documents, len(embedded), published(), is_right()) == (14, left, 2, True)


def test_two_indexers_share_a_run_and_what_one_had_claimed_when_it_was_killed_is_done_by_the_others(
    corpus_of, seekdb, database, is_right, tmp_path
):
    folder = corpus_of({f"{number}.txt": f"第{number}份通知说明天封闭。" for number in range(80)})
    with (
        indexer(database, seekdb, folder, tmp_path, "build", "never", "first") as first,
        indexer(database, seekdb, folder, tmp_path, "help", "embed", "second") as second,
        indexer(database, seekdb, folder, tmp_path, "help", "never", "third") as third,
    ):
        endings = [ended(process) for process in (second, third, first)]
    assert endings[0] == (-signal.SIGKILL, "")
    assert [code for code, _ in endings[1:]] == [0, 0]
    embedded = [int(said) for _, said in endings[1:]]
    assert (sum(embedded), min(embedded) > 0, is_right()) == (78, True, True)
