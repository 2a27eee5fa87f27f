"""The queue of texts: claimed by one indexer at a time, embedded by several, kept once."""

from __future__ import annotations

import threading
import time

import pytest
from stub_encoder import StubEncoder

from retrieval.errors import SnapshotMismatch
from retrieval.index.oceanbase.tables import create_space, create_tables, key_of, space_of
from retrieval.index.oceanbase.writing.embedding import embed_all, help_embedding
from retrieval.index.oceanbase.writing.lease import writing
from retrieval.index.oceanbase.writing.work import Queue, Sharing
from retrieval.text.words import analysis_fingerprint

TEXTS = {key_of(text): text for text in (f"第{number}份通知。" for number in range(20))}
SPACE = space_of(StubEncoder().fingerprint, analysis_fingerprint())


@pytest.fixture
def queue(database):
    """A queue with twenty texts."""
    with database.session() as session:
        create_tables(session)
        create_space(session, SPACE, 64)
    queue = Queue(database, SPACE)
    with writing(database, SPACE) as lease:
        queue.offer(lease, TEXTS)
    return queue


def kept(queue):
    return {key for (key,) in queue.database.rows(f"SELECT text FROM {queue.texts}")}


def test_nobody_claims_what_another_has_until_its_claim_ends(queue):
    first, second, third = queue.claim(8), queue.claim(8), queue.claim(8)
    assert [len(one.texts) for one in (first, second, third)] == [8, 8, 4]
    assert first.texts | second.texts | third.texts == TEXTS
    assert queue.claim(8) is None
    queue.prolong(second, 0.0)
    time.sleep(0.1)  # the server's clock has steps
    assert queue.claim(20).texts == second.texts


def test_what_is_done_is_kept_once_and_taken_from_the_queue(queue):
    slow = queue.claim(8, 0.1)
    time.sleep(0.3)
    quick = queue.claim(20)
    assert quick.texts == TEXTS
    for claim in (quick, slow):
        queue.finish(claim, StubEncoder().encode_passages(list(claim.texts.values())))
    assert (queue.left(), kept(queue), queue.missing([*TEXTS, b"0" * 16])) == (0, TEXTS.keys(), {b"0" * 16})


def test_what_is_offered_anew_takes_the_place_of_what_was(queue):
    texts = dict([*TEXTS.items()][:3]) | {key_of("新"): "新"}
    with writing(queue.database, SPACE) as lease:
        queue.offer(lease, texts)
    assert queue.claim(30).texts == texts


def test_several_indexers_embed_each_text_once(queue):
    encoders = [StubEncoder() for _ in range(3)]
    threads = [
        threading.Thread(target=embed_all, args=(queue, one), kwargs={"sharing": Sharing(batch=2)}) for one in encoders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text for one in encoders for text in one.embedded) == sorted(TEXTS.values())
    assert (queue.left(), kept(queue)) == (0, TEXTS.keys())


def test_who_helps_embeds_until_the_run_is_over(queue):
    helped = []
    helping = threading.Thread(
        target=lambda: helped.append(help_embedding(queue.database, StubEncoder(), sharing=Sharing(3)))
    )
    with writing(queue.database, SPACE):
        helping.start()
        while queue.left():
            time.sleep(0.05)
        assert helping.is_alive()
    helping.join()
    assert (helped, help_embedding(queue.database, StubEncoder())) == ([20], 0)


def test_another_encoder_cannot_help(queue):
    other = StubEncoder("another")
    with writing(queue.database, SPACE), pytest.raises(SnapshotMismatch, match="another encoder"):
        help_embedding(queue.database, other)
    assert other.embedded == []


def test_claims_last_as_long_as_the_embedding_does(queue):
    class Slow(StubEncoder):
        def encode_passages(self, texts, progress=lambda *_: None):
            time.sleep(1.2)
            return super().encode_passages(texts, progress)

    slow = Slow()
    thread = threading.Thread(target=embed_all, args=(queue, slow), kwargs={"sharing": Sharing(20, 0.5)})
    thread.start()
    time.sleep(0.3)
    assert embed_all(queue, StubEncoder(), sharing=Sharing(20, 0.5)) == 0
    thread.join()
    assert len(slow.embedded) == 20
