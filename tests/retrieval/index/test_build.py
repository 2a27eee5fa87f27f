"""The build, top to bottom: what is embedded, what is reused, and what the receipt says."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.corpus.formats.registry import SUFFIXES
from retrieval.errors import CorpusMissing, IndexUnsound
from retrieval.index.build import build_index
from retrieval.index.local.checkpoint import BATCH
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.snapshot import load_snapshot, published
from retrieval.index.manifest import read_manifest, write_manifest
from retrieval.text.words import analysis_fingerprint, bigrams_of, words_of
from retrieval.types import Question, Receipt, Skipped

FIRST = {"a.txt": "社区的志愿者给老人送菜。", "b.txt": "株洲的医生在医院做手术。\n\n灯一直亮到天明。"}
TEXTS = ["社区的志愿者给老人送菜。", "株洲的医生在医院做手术。", "灯一直亮到天明。"]


@pytest.fixture
def build(corpus_of, tmp_path):
    """Write files, take others away, index, and return the receipt (without seconds) and the texts embedded for it."""

    def run(files=None, without=(), encoder=None, **options):
        folder = corpus_of(files or {})
        for name in without:
            (folder / name).unlink()
        encoder = encoder or StubEncoder()
        receipt = build_index([folder], tmp_path / "index", encoder, **options)
        assert receipt.seconds >= 0
        return dataclasses.replace(receipt, seconds=0.0), sorted(encoder.embedded)

    return run


@pytest.fixture
def index(tmp_path):
    """Load the published generation."""
    return lambda: load_snapshot(tmp_path / "index")


def receipt(generation, documents, passages, *, embedded=0, added=(), changed=(), removed=(), skipped=()):
    """Write a receipt down; what was not embedded was reused."""
    return Receipt(
        generation, documents, passages, added, changed, removed, skipped, embedded, passages - embedded, 0.0
    )


def vectors_are_right(snapshot, encoder=None):
    """Whether every passage has its own vector, tokens and words."""
    texts = [passage.text for passage in snapshot.passages]
    expected = (encoder or StubEncoder()).encode_queries(texts)
    tokens = [snapshot.tokens.tokens(row) for row in range(len(snapshot.tokens))]
    lexical = Lexical.build(texts)
    for leg, cut in (("words", words_of), ("bigrams", bigrams_of)):
        held, built = getattr(snapshot.lexical, leg), getattr(lexical, leg)
        for word in {word for text in texts for word in cut(text)}:
            assert held.scores([word]).tolist() == built.scores([word]).tolist()
    return np.allclose(snapshot.dense.vectors(), expected.vectors) and [one.tobytes() for one in tokens] == [
        one.tobytes() for one in expected.tokens
    ]


def test_the_first_build_embeds_everything(build, index):
    done, embedded = build(FIRST)
    assert done == receipt(index().generation, 2, 3, embedded=3, added=("a", "b"))
    assert done.generation.startswith("000001-")
    assert embedded == sorted(TEXTS)
    assert vectors_are_right(index())


def test_nothing_changed_embeds_nothing_and_keeps_the_generation(build, index):
    first, _ = build(FIRST)
    again, embedded = build(FIRST)
    assert (again, embedded) == (receipt(first.generation, 2, 3), [])
    assert index().generation == first.generation


def test_an_added_report_is_the_only_one_embedded(build, index):
    build(FIRST)
    done, embedded = build({"c.md": "# 通知\n\n明天小区解封。\n"})
    assert done == receipt(index().generation, 3, 4, embedded=1, added=("c",))
    assert done.generation.startswith("000002-")
    assert embedded == ["明天小区解封。"]
    assert vectors_are_right(index())


def test_of_a_changed_report_only_the_new_passages_are_embedded(build, index):
    build(FIRST)
    done, embedded = build({"b.txt": "株洲的医生在医院做手术。\n\n天亮后他们才休息。"})
    assert done == receipt(index().generation, 2, 3, embedded=1, changed=("b",))
    assert embedded == ["天亮后他们才休息。"]
    assert [p.text for p in index().passages] == [*TEXTS[:2], "天亮后他们才休息。"]
    assert vectors_are_right(index())


def test_a_report_changed_in_its_white_space_alone_is_changed_and_all_reused(build, index):
    build(FIRST)
    done, embedded = build({"b.txt": FIRST["b.txt"] + "\n\n"})
    assert (done, embedded) == (receipt(index().generation, 2, 3, changed=("b",)), [])


def test_a_removed_report_is_gone_and_the_rest_is_reused(build, index):
    build(FIRST)
    done, embedded = build(without=["a.txt"])
    assert (done, embedded) == (receipt(index().generation, 1, 2, removed=("a",)), [])
    assert [d.document_id for d in index().documents] == ["b"]
    assert vectors_are_right(index())


def test_a_renamed_report_is_reused_whole(build, index):
    build(FIRST)
    done, embedded = build({"新/乙.txt": FIRST["b.txt"]}, without=["b.txt"])
    assert (done, embedded) == (receipt(index().generation, 2, 3, added=("新/乙",), removed=("b",)), [])
    assert vectors_are_right(index())


def test_everything_at_once_is_on_one_receipt(build, index):
    build(FIRST | {"d.txt": "这份通知已经过期了。"})
    done, embedded = build(
        {"a.txt": "社区的志愿者回家了。", "c.txt": "明天小区解封。", "e.pptx": "x"}, without=["d.txt"]
    )
    skipped = Skipped(done.skipped[0].path, f"no reader for .pptx; known are {SUFFIXES}")
    assert skipped.path.endswith("/corpus/e.pptx")
    assert done == receipt(
        index().generation, 3, 4, embedded=2, added=("c",), changed=("a",), removed=("d",), skipped=(skipped,)
    )
    assert embedded == ["明天小区解封。", "社区的志愿者回家了。"]
    assert index().manifest.skipped == (skipped,)


def test_a_paragraph_that_stands_in_two_reports_is_embedded_once(build, index):
    done, embedded = build(FIRST | {"c.txt": FIRST["a.txt"] + "\n\n" + "明天小区解封。"})
    assert done == receipt(index().generation, 3, 5, embedded=4, added=("a", "b", "c"))
    assert embedded == sorted([*TEXTS, "明天小区解封。"])
    assert vectors_are_right(index())


def test_a_rebuild_embeds_everything_again(build, index):
    build(FIRST)
    done, embedded = build(rebuild=True)
    assert (done.generation, done.embedded, done.reused, embedded) == (index().generation, 3, 0, sorted(TEXTS))
    assert done.generation.startswith("000002-")
    assert vectors_are_right(index())


def test_another_encoder_embeds_everything_again(build, index):
    build(FIRST)
    other = StubEncoder("other", dimension=32)
    done, embedded = build(encoder=other)
    assert (done, embedded) == (receipt(index().generation, 2, 3, embedded=3), sorted(TEXTS))
    assert (index().manifest.encoder, index().manifest.dimension) == ("other", 32)
    assert vectors_are_right(index(), StubEncoder("other", dimension=32))


def cut_by_older_rules(folder, without_leg=None):
    """Let a generation say that other rules cut its words, perhaps when a leg was not thought of yet."""
    manifest = read_manifest(folder)
    gone = [name for name in manifest.files if without_leg and name.startswith(f"{without_leg}.")]
    for name in gone:
        (folder / name).unlink()
    files = {name: said for name, said in manifest.files.items() if name not in gone}
    write_manifest(folder, dataclasses.replace(manifest, analysis_fingerprint="older", files=files))


def test_another_analysis_makes_a_new_generation_without_embedding(build, index, tmp_path):
    first, _ = build(FIRST)
    cut_by_older_rules(published(tmp_path / "index"))
    done, embedded = build()
    assert (done, embedded) == (receipt(index().generation, 2, 3), [])
    assert done.generation != first.generation
    assert index().manifest.analysis_fingerprint == analysis_fingerprint()
    assert vectors_are_right(index())


def test_an_index_from_before_a_leg_was_thought_of_gives_its_vectors(build, index, tmp_path):
    build(FIRST)
    cut_by_older_rules(published(tmp_path / "index"), without_leg="dictionary")
    assert (len(index().lexical.dictionary), index().lexical.dictionary.holds("doctor")) == (3, False)
    done, embedded = build()
    assert (done, embedded) == (receipt(index().generation, 2, 3), [])
    assert index().lexical.dictionary.holds("doctor")
    assert vectors_are_right(index())


def test_another_passage_size_embeds_the_new_passages(build, index):
    build(FIRST)
    done, embedded = build(passage_characters=8)
    assert done == receipt(index().generation, 2, 5, embedded=4)
    assert max(len(passage.text) for passage in index().passages) == 8
    assert vectors_are_right(index())


def test_an_empty_corpus_is_an_index_too(build, index, corpus_of):
    corpus_of({})
    done, embedded = build()
    assert (done, embedded) == (receipt(index().generation, 0, 0), [])
    assert Answerer(index(), StubEncoder()).ask(Question("谁给老人送菜?")).status == "not_found"
    assert build(FIRST)[0].embedded == 3


def test_an_index_can_be_emptied(build, index):
    build(FIRST)
    done, _ = build(without=["a.txt", "b.txt"])
    assert done == receipt(index().generation, 0, 0, removed=("a", "b"))


def test_a_file_that_vanished_from_the_skipped_ones_makes_a_new_generation(build, index):
    build(FIRST | {"e.pptx": "x"})
    done, embedded = build(without=["e.pptx"])
    assert (done, embedded) == (receipt(index().generation, 2, 3), [])
    assert index().manifest.skipped == ()


def test_a_damaged_index_is_made_anew(build, index, tmp_path):
    first, _ = build(FIRST)
    (tmp_path / "index" / "generations" / first.generation / "vectors.faiss").write_bytes(b"damaged")
    done, embedded = build()
    assert (done.embedded, embedded) == (3, sorted(TEXTS))
    assert vectors_are_right(index())


def test_a_missing_corpus_leaves_the_index_as_it_was(build, index, tmp_path):
    first, _ = build(FIRST)
    with pytest.raises(CorpusMissing):
        build_index([tmp_path / "nowhere"], tmp_path / "index", StubEncoder())
    assert index().generation == first.generation


def test_progress_is_shown_for_every_stage(corpus_of, tmp_path):
    seen = []
    build_index([corpus_of(FIRST)], tmp_path / "index", StubEncoder(), progress=lambda *step: seen.append(step))
    assert seen == [("read", 1, 2), ("read", 2, 2), ("embed", 3, 3), ("words", 3, 3), ("write", 0, 1), ("write", 1, 1)]


def test_an_interrupted_run_does_not_embed_its_finished_batches_again(build, index):
    many = {"a.txt": "\n\n".join(f"第{number}户的居民收到了蔬菜。" for number in range(BATCH + 44))}

    class Interrupted(StubEncoder):
        def encode_passages(self, texts, progress):
            if self.embedded:
                raise KeyboardInterrupt
            return super().encode_passages(texts, progress)

    first = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        build(many, encoder=first)
    done, embedded = build()
    assert done == receipt(index().generation, 1, BATCH + 44, embedded=44, added=("a",))
    assert sorted([*first.embedded, *embedded]) == sorted(passage.text for passage in index().passages)
    assert vectors_are_right(index())


def test_an_index_with_a_dead_leg_is_never_published(build, index):
    class Dead(StubEncoder):
        def encode_passages(self, texts, progress):
            encoded = super().encode_passages(texts, progress)
            return dataclasses.replace(encoded, vectors=0 * encoded.vectors)

    first, _ = build(FIRST)
    with pytest.raises(IndexUnsound, match="its dense leg found"):
        build({f"{number}.txt": f"第{number}号小区解封。" for number in range(40)}, encoder=Dead())
    assert index().generation == first.generation
