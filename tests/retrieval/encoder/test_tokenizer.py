"""Texts are cut into the tokens that the model's own tokenizer gives, at the same places, in either of two ways."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_model import tiny_tokenizer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

from retrieval.encoder.compiling.worker import SAMPLE
from retrieval.encoder.tokenizer import UNIGRAM, WHOLE, LeanUnigram, WholeTokenizer, tokenizer_of, write_lean

TEXTS = [
    *SAMPLE,
    "",
    "   ",
    "\n",
    "query: 截至4月10日,孙蕴华接听  电话近400通。\n\nＡＢＣ靜安",
    "passage: ① ½ ﬁ ｱｲｳ e\u0301 \u200b\ufeff 𠀀𠀁 🙂",
    "מי אסף את התרומות? من جمع التبرعات؟ Ποιος; ใครรวบรวมเงิน",
    "ꙮꙮ unknown ꙮ𐎠 characters",
    "a text that spells out </s> and <mask> and <unk>",
    "甲" * 3000,
    "x" * 3000,
]


@pytest.fixture(scope="session")
def folder(reference, tmp_path_factory):
    """The default model's tokenizer in both forms."""
    path = tmp_path_factory.mktemp("tokenizer")
    tokenizer = Tokenizer.from_file(str(reference.folder / "tokenizer.json"))
    tokenizer.enable_truncation(512)
    tokenizer.save(str(path / WHOLE))
    assert write_lean(path)
    return path


@pytest.fixture(scope="session")
def both(folder):
    """The light form and the library's."""
    assert isinstance(tokenizer_of(folder), LeanUnigram)
    return LeanUnigram(folder), WholeTokenizer(folder)


def cut(tokenizer, texts):
    return [(found.ids.tolist(), found.spans.tolist()) for found in tokenizer.tokenise(texts)]


def test_ids_and_places_are_those_of_the_transformers_tokenizer(reference, both):
    theirs = AutoTokenizer.from_pretrained(reference.folder)(
        TEXTS, truncation=True, max_length=512, return_offsets_mapping=True
    )
    expected = [
        (ids, [list(place) for place in places])
        for ids, places in zip(theirs["input_ids"], theirs["offset_mapping"], strict=True)
    ]
    assert [cut(tokenizer, TEXTS) for tokenizer in both] == [expected, expected]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_the_light_form_cuts_any_text_as_the_library_does(both, texts):
    light, whole = both
    assert cut(light, texts) == cut(whole, texts)


@given(st.text(alphabet="abcd ", max_size=30))
def test_among_pieces_that_overlap_the_likeliest_way_is_found(any_pieces, text):
    light, whole = any_pieces
    assert cut(light, [text]) == cut(whole, [text])


@pytest.fixture(scope="session")
def any_pieces(tmp_path_factory):
    """A vocabulary in which most ways overlap, several are equally likely, and "d" is unknown."""
    path = tmp_path_factory.mktemp("pieces")
    pieces = ["<unk>", "▁", "a", "b", "c", "ab", "bc", "abc", "ca", "aa", "▁a", "bb", "bbb", "cd", "▁▁"]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0 - len(piece) % 3) for piece in pieces], unk_id=0))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.enable_truncation(12, direction="left")
    tokenizer.save(str(path / WHOLE))
    assert write_lean(path)
    return LeanUnigram(path), WholeTokenizer(path)


def test_the_whole_vocabulary_is_loaded_only_for_a_text_that_spells_out_a_special_token(folder):
    light = LeanUnigram(folder)
    light.tokenise(["志愿者", "a < b"])
    assert "_whole" not in vars(light)
    light.tokenise(["</s>"])
    assert "_whole" in vars(light)


def test_other_tokenizers_stay_as_they_are(tmp_path):
    tiny_tokenizer().backend_tokenizer.save(str(tmp_path / WHOLE))
    assert write_lean(tmp_path) is False
    assert [path.name for path in tmp_path.iterdir()] == [WHOLE]
    assert isinstance(tokenizer_of(tmp_path), WholeTokenizer)
    unigram = Tokenizer(models.Unigram([("<unk>", 0.0), ("a\nb", -1.0)], unk_id=0))
    unigram.save(str(tmp_path / WHOLE))
    assert write_lean(tmp_path) is False
    settings = json.loads((tmp_path / WHOLE).read_text())
    settings["model"]["byte_fallback"] = True
    settings["model"]["vocab"] = [["<unk>", 0.0], ["a", -1.0]]
    (tmp_path / WHOLE).write_text(json.dumps(settings))
    assert write_lean(tmp_path) is False
    assert not (tmp_path / UNIGRAM).exists()
