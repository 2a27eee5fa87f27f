"""Token vectors on disk: what is shared between generations, and what is written anew."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoder.tokens import quantise_tokens, token_type
from retrieval.index.local.token_store import LEAST_ALIVE, LINK_FROM_BYTES, MOST_SEGMENTS, TokenStore

DIMENSION = 8


def some_tokens(count, seed=0, dimension=DIMENSION):
    chance = np.random.default_rng([seed, count])
    return quantise_tokens(
        chance.normal(size=(count, dimension)).astype(np.float32), chance.integers(0, 400, (count, 2))
    )


def texts_of(store):
    return [store.tokens(row).tobytes() for row in range(len(store))]


@pytest.fixture
def save(tmp_path):
    """Save a store in a folder of this name and load it again."""

    def run(store, name, link_from=LINK_FROM_BYTES, **options):
        folder = tmp_path / name
        folder.mkdir()
        store.save(folder, link_from)
        return TokenStore.load(folder, **options)

    return run


@pytest.fixture
def save_linked(save):
    """Do the same, and share even the smallest segment, as large ones are."""
    return partial(save, link_from=1)


def segments_in(folder):
    return sorted(path.name for path in folder.glob("tokens.[0-9]*.npy"))


# Stores


@given(st.lists(st.integers(0, 4), max_size=6), st.data())
def test_a_store_is_read_back_whatever_was_taken_and_joined(tmp_path_factory, counts, data):
    texts = [some_tokens(count, row) for row, count in enumerate(counts)]
    more = [
        some_tokens(count, 100 + row) for row, count in enumerate(data.draw(st.lists(st.integers(0, 4), max_size=4)))
    ]
    both = TokenStore.of(texts, DIMENSION).followed_by(TokenStore.of(more, DIMENSION))
    everything = [*texts, *more]
    assert texts_of(both) == [tokens.tobytes() for tokens in everything]
    places = st.integers(0, len(everything) - 1) if everything else st.nothing()
    order = data.draw(st.lists(places, max_size=10) if everything else st.just([]))
    store = both.take(np.array(order, dtype=np.int64))
    expected = [everything[row].tobytes() for row in order]
    assert (len(store), texts_of(store)) == (len(order), expected)
    folder, again = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    store.save(folder)
    TokenStore.load(folder).save(again)
    for loaded in (TokenStore.load(folder), TokenStore.load(again)):
        assert (len(loaded), loaded.dimension, texts_of(loaded)) == (len(order), DIMENSION, expected)


def test_an_empty_store_is_one_too(save):
    store = save(TokenStore.of([], DIMENSION), "one")
    assert (len(store), store.dimension) == (0, DIMENSION)
    joined = save(store.followed_by(TokenStore.of([some_tokens(2)], DIMENSION)), "two")
    assert texts_of(joined) == [some_tokens(2).tobytes()]
    assert len(save(joined.take(np.zeros(0, np.int64)), "three")) == 0


def test_reprints_share_their_tokens(save, tmp_path):
    store = TokenStore.of([some_tokens(50, 1), some_tokens(50, 2)], DIMENSION).take(np.array([0, 1, 0, 0, 1]))
    loaded = save(store, "one")
    assert texts_of(loaded) == texts_of(store)
    assert [len(segment) for segment in loaded.segments] == [100]


def test_a_segment_in_use_is_shared_by_a_hard_link_and_only_the_new_is_written(save_linked, tmp_path):
    old = save_linked(TokenStore.of([some_tokens(30, 1), some_tokens(30, 2)], DIMENSION), "one")
    new = save_linked(TokenStore.of([some_tokens(5, 3)], DIMENSION).followed_by(old.take(np.array([1, 0]))), "two")
    assert texts_of(new) == [some_tokens(5, 3).tobytes(), some_tokens(30, 2).tobytes(), some_tokens(30, 1).tobytes()]
    assert segments_in(tmp_path / "two") == ["tokens.000.npy", "tokens.001.npy"]
    assert (tmp_path / "two" / "tokens.000.npy").samefile(tmp_path / "one" / "tokens.000.npy")
    assert [len(segment) for segment in new.segments] == [60, 5]


def test_a_small_segment_is_copied_so_that_damage_does_not_spread(save, tmp_path):
    old = save(TokenStore.of([some_tokens(30)], DIMENSION), "one")
    new = save(old, "two")
    assert not (tmp_path / "two" / "tokens.000.npy").samefile(tmp_path / "one" / "tokens.000.npy")
    (tmp_path / "one" / "tokens.000.npy").unlink()
    assert texts_of(TokenStore.load(tmp_path / "two")) == texts_of(new) == [some_tokens(30).tobytes()]


def test_where_the_disk_knows_no_hard_links_segments_are_copied(save_linked, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    old = save_linked(TokenStore.of([some_tokens(30)], DIMENSION), "one")
    assert texts_of(save_linked(old, "two")) == texts_of(old)
    assert not (tmp_path / "two" / "tokens.000.npy").samefile(tmp_path / "one" / "tokens.000.npy")


@pytest.mark.parametrize(("kept", "segments"), [(6, [10]), (5, [10]), (4, [4]), (1, [1]), (0, [0])])
def test_a_segment_mostly_unused_is_written_anew_without_the_rest(save_linked, kept, segments):
    assert LEAST_ALIVE == 0.5
    old = save_linked(TokenStore.of([some_tokens(1, row) for row in range(10)], DIMENSION), "one")
    new = save_linked(old.take(np.arange(kept)), "two")
    assert texts_of(new) == texts_of(old)[:kept]
    assert [len(segment) for segment in new.segments] == segments


def test_segments_never_grow_many_and_nothing_is_lost(save_linked, tmp_path):
    store, expected, most = TokenStore.of([], DIMENSION), [], 0
    for number in range(3 * MOST_SEGMENTS):
        added = some_tokens(40 if number == 7 else 3, number)
        expected.append(added.tobytes())
        store = save_linked(store.followed_by(TokenStore.of([added], DIMENSION)), str(number))
        assert texts_of(store) == expected
        most = max(most, len(store.segments))
    assert most == MOST_SEGMENTS
    sizes = [
        [len(segment) for segment in TokenStore.load(tmp_path / str(n)).segments] for n in range(3 * MOST_SEGMENTS)
    ]
    shrunk = next(number for number in range(1, len(sizes)) if len(sizes[number]) < len(sizes[number - 1]))
    assert sizes[shrunk][0] == max(sizes[shrunk - 1]) == 40
    assert len(sizes[shrunk]) == 2


@pytest.mark.parametrize("rows", [[], [2], [2, 0, 2], [3, 1, 0]])
def test_the_records_of_several_passages_are_gathered_in_their_order(save, rows):
    store = save(TokenStore.of([some_tokens(3), some_tokens(0)], DIMENSION), "a").followed_by(
        save(TokenStore.of([some_tokens(5), some_tokens(1)], DIMENSION), "b")
    )
    records, lengths = store.gathered(np.array(rows, dtype=np.int64))
    assert lengths.tolist() == [len(store.tokens(row)) for row in rows]
    assert records.tobytes() == b"".join(store.tokens(row).tobytes() for row in rows)
    assert records.dtype == token_type(DIMENSION)


def resident_bytes(name):
    """Return how much of the mapped files of this name this process has in memory, by the system's own count."""
    found, inside = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            inside = line.endswith(name)
        elif inside and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no file says what is resident")
@pytest.mark.parametrize("most", [2**17, 2**30])
def test_segments_that_were_looked_at_do_not_fill_the_memory(save, tmp_path, most):
    limits = {"most_resident": most, "mapped_around": 2**16}  # so small a file is mapped by less
    texts = [some_tokens(1000, row, dimension=64) for row in range(60)]  # 4 MB
    store, expected = save(TokenStore.of(texts, 64), "one", **limits), [tokens.tobytes() for tokens in texts]
    assert [store.gathered(np.array([row]))[0].tobytes() for row in [*range(60)] * 2] == expected * 2
    resident = resident_bytes(str(tmp_path / "one" / "tokens.000.npy"))
    size = sum(map(len, expected))
    assert resident >= size if most > size else resident < size / 4
