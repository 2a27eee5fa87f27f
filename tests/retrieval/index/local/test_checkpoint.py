"""What an interrupted run had embedded is not embedded again, tokens included, and what a crash cut short is."""

from __future__ import annotations

import os

import numpy as np
import pytest
from stub_encoder import StubEncoder

from retrieval.encoder.protocol import Encoded
from retrieval.index.local.checkpoint import Checkpoint

TEXTS = [f"第{number}号通报{'说明' * (number % 4)}" for number in range(7)]


BATCH = 2


@pytest.fixture
def interrupted(tmp_path):
    """Embed two batches of four, and be interrupted."""

    class Interrupted(StubEncoder):
        def encode_passages(self, texts, *rest):
            if len(self.embedded) == 4:
                raise KeyboardInterrupt
            return super().encode_passages(texts, *rest)

    encoder = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        Checkpoint(tmp_path, encoder, BATCH).embed(TEXTS)
    return encoder.embedded


def embedded_again(folder, texts=TEXTS, encoder=None):
    """Embed, check every vector and token, and return what had to be embedded."""
    encoder = encoder or StubEncoder()
    store, seen = Checkpoint(folder, encoder, BATCH), []
    vectors, tokens = store.embed(texts, lambda *step: seen.append(step))
    right = StubEncoder(encoder.name, encoder.dimension).encode_passages(texts)
    assert np.array_equal(vectors, right.vectors)
    assert vectors.dtype == np.float32
    assert [tokens.tokens(row).tobytes() for row in range(len(tokens))] == [one.tobytes() for one in right.tokens]
    assert store.embedded == len(encoder.embedded)
    assert not seen or seen[-1] == ("embed", len(texts), len(texts))
    return sorted(encoder.embedded)


def test_finished_batches_are_not_embedded_again(tmp_path, interrupted):
    assert len(interrupted) == 4
    assert embedded_again(tmp_path) == sorted(set(TEXTS) - set(interrupted))
    assert embedded_again(tmp_path) == []


def test_texts_may_come_in_another_order_and_with_others(tmp_path, interrupted):
    assert embedded_again(tmp_path, [*TEXTS[::-1], "新"]) == sorted({*TEXTS, "新"} - set(interrupted))


def test_another_encoder_starts_from_nothing(tmp_path, interrupted):
    assert embedded_again(tmp_path, encoder=StubEncoder("other", 32)) == sorted(TEXTS)
    assert embedded_again(tmp_path) == sorted(set(TEXTS) - set(interrupted))


@pytest.mark.parametrize("suffix", [".npz", ".tokens.npy"])
@pytest.mark.parametrize("damage", ["deleted", "emptied", "truncated"])
def test_a_batch_that_was_cut_short_is_embedded_again_and_no_other(tmp_path, interrupted, suffix, damage):
    path = tmp_path / "pending" / StubEncoder().fingerprint / f"000001{suffix}"
    data = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "emptied" else data[: len(data) // 2])
    again = embedded_again(tmp_path)
    assert len(again) == 5
    assert set(again) >= set(TEXTS) - set(interrupted)
    assert embedded_again(tmp_path) == []


def test_tokens_of_another_batch_are_not_taken_for_these(tmp_path, interrupted):
    folder = tmp_path / "pending" / StubEncoder().fingerprint
    (folder / "000001.tokens.npy").write_bytes((folder / "000002.tokens.npy").read_bytes())
    if len(np.load(folder / "000001.tokens.npy")) != sum(np.load(folder / "000001.npz")["counts"]):
        assert len(embedded_again(tmp_path)) == 5


@pytest.mark.parametrize("stage", [1, 2])
def test_a_crash_between_the_two_files_of_a_batch_leaves_the_others_good(tmp_path, monkeypatch, stage):
    replace, calls = os.replace, []

    def crash(*names):
        calls.append(names)
        if len(calls) == 2 + stage:
            raise RuntimeError("crash")
        replace(*names)

    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="crash"):
        patched.setattr(os, "replace", crash)
        Checkpoint(tmp_path, StubEncoder(), BATCH).embed(TEXTS)
    assert len(embedded_again(tmp_path)) == 5


def test_texts_without_tokens_can_be_kept(tmp_path):
    assert embedded_again(tmp_path, ["", " ", "送菜"]) == ["", " ", "送菜"]
    assert embedded_again(tmp_path, ["", " ", "送菜"]) == []


def test_what_was_published_is_forgotten(tmp_path, interrupted):
    for _ in range(2):
        Checkpoint(tmp_path, StubEncoder(), BATCH).clear()
    assert not (tmp_path / "pending").exists()
    assert embedded_again(tmp_path) == sorted(TEXTS)


def test_an_encoder_that_fails_keeps_what_was_done_before(tmp_path):
    class Failing(StubEncoder):
        def encode_passages(self, texts, *rest) -> Encoded:
            if self.embedded:
                raise RuntimeError("out of memory")
            return super().encode_passages(texts, *rest)

    with pytest.raises(RuntimeError, match="out of memory"):
        Checkpoint(tmp_path, Failing(), BATCH).embed(TEXTS)
    assert len(embedded_again(tmp_path)) == 5
