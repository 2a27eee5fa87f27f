"""The default model's tokenizer cuts texts as the original does."""

from __future__ import annotations

from small_vocabulary import PIECES

from retrieval.encoder.weights.bundled import read_header, read_source, source_file
from retrieval.encoder.weights.bundled_tokenizer import BundledVocabulary, bundled_tokenizer

SCORES = tuple(-1 - 3 * place / (len(PIECES) - 1) for place in range(len(PIECES)))
VOCABULARY = BundledVocabulary(PIECES, SCORES, bos=0, eos=2, pad=1, unk=3)


def test_the_special_tokens_have_the_names_that_hugging_face_has_for_them():
    assert VOCABULARY.special_tokens == {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
    }


def test_the_tokenizer_cuts_with_the_files_own_vocabulary():
    tokenizer = bundled_tokenizer(VOCABULARY)
    assert tokenizer.encode("志愿者送菜").tokens == ["<s>", "▁", "志愿者", "送", "菜", "</s>"]
    assert tokenizer.encode("  ａ\u200b \t a ").tokens == ["<s>", "▁a", "▁a", "</s>"]
    assert tokenizer.encode("").tokens == ["<s>", "</s>"]


def test_the_real_tokenizer_gives_the_originals_ids():
    tokenizer = bundled_tokenizer(read_header(read_source(source_file())).vocabulary)
    assert {text: tokenizer.encode(text).ids for text in REAL_IDS} == REAL_IDS


REAL_IDS = {
    "孙蕴华累计接听电话近400通": [0, 6, 47061, 222627, 7919, 123678, 5838, 10456, 28413, 4169, 10700, 3909, 2],
    "How many masks?": [0, 11249, 5941, 7021, 7, 32, 2],
    "Ｗenbao 問報": [0, 64676, 402, 31, 6, 12999, 9839, 2],
    "": [0, 2],
}
