"""A sentence-transformers model of two thin layers with random weights, which means nothing but compiles fast."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
from transformers.utils import logging

SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
HAN = "志愿者在送菜孙蕴华接听了多少个电话第户居民收到蔬"
CHARACTERS = [chr(code) for code in range(33, 127)] + list(HAN)
POSITIONS = 64


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """Cut a text into its characters."""
    vocabulary = {piece: number for number, piece in enumerate([*SPECIAL, *CHARACTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "bos_token", "eos_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=POSITIONS, **names)


def write_tiny_model(folder: Path) -> Path:
    """Write the model (32 wide, pooled, and made 16 wide by a Dense module) below ``folder`` and return its folder."""
    logging.disable_progress_bar()
    with torch.random.fork_rng():
        torch.manual_seed(7)
        bert = BertModel(
            BertConfig(
                vocab_size=len(SPECIAL) + len(CHARACTERS),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=4,
                intermediate_size=64,
                max_position_embeddings=POSITIONS,
            )
        )
        dense = Dense(32, 16)
    bert.save_pretrained(folder / "bert")
    tiny_tokenizer().save_pretrained(folder / "bert")
    modules = [Transformer(str(folder / "bert")), Pooling(32, "mean"), dense, Normalize()]
    model = SentenceTransformer(modules=modules, prompts={"query": "q: ", "passage": "p: "}, device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"
