"""The reference: what its tokens are, what is done without them, and a folder that holds no model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer

from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.encoder.tokens import dequantise_tokens
from retrieval.encoder.torch_model import TorchEncoder
from retrieval.errors import ModelDamaged

PASSAGES = [
    "截至4月10日,孙蕴华累计接听电话近400通,用专业、责任和担当架起病患生命和希望之间的重要“桥梁”,为本市抗疫贡献自己的力量。",
    "“突击队”共分为14个支援小组,对口支援各街镇一线,协助属地开展疫情流调、核酸检测、保障居家隔离等工作。",
    "1月28日,位于株洲的湖南华源荣康药业有限公司连夜从邵阳调配5000个防护口罩,全部捐赠给芦淞区卫健局。",
    "截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷、消毒水。",
]


def message(kind, call, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.fixture(scope="module")
def transformer(reference):
    """The default model as sentence-transformers loads it."""
    return SentenceTransformer(str(reference.folder), device="cpu", local_files_only=True)


@pytest.mark.parametrize(("fixture", "near"), [("real_encoder", 0.95), ("reference", 0.999)])
def test_tokens_are_the_last_hidden_states_that_the_vector_is_pooled_from_and_those_of_the_seventh_layer(
    fixture, near, request, transformer
):
    features = transformer.tokenizer("passage: " + PASSAGES[0], return_tensors="pt")
    with torch.inference_mode():
        states = transformer[0].auto_model(**features, output_hidden_states=True).hidden_states
    own = dequantise_tokens(request.getfixturevalue(fixture).encode_passages(PASSAGES).tokens[0])
    for half, layer in ((own[:, :384], 12), (own[:, 384:], 7)):
        every = torch.nn.functional.normalize(states[layer][0], dim=-1).numpy()
        kept = every[len(every) - 1 - len(own) : -1]
        lengths = np.linalg.norm(half, axis=1)
        assert lengths == pytest.approx(np.full(len(own), 0.5**0.5), abs=0.01)
        assert ((kept * half).sum(axis=1) / lengths).min() > near


def test_a_model_without_layers_to_look_into_gives_the_tokens_of_its_last_one(reference):
    both = dequantise_tokens(reference.encode_passages(PASSAGES[:1]).tokens[0])
    unlike_bert = TorchEncoder(reference.folder, {})
    unlike_bert.model[0].auto_model.config.hidden_size = 1  # its layers are not as wide as its vectors
    last = dequantise_tokens(unlike_bert.encode(PASSAGES[:1], "document").tokens[0])
    assert last.shape == (len(both), 384)
    assert (last * both[:, :384]).sum(axis=1) == pytest.approx(np.full(len(both), 0.5**0.5), abs=0.01)


def test_a_model_without_token_vectors_gives_its_texts_as_one_token(reference):
    without_tokens = TorchEncoder(reference.folder, {})
    without_tokens.gives_tokens = False
    whole = without_tokens.encode(PASSAGES, "document")
    usual = reference.encode_passages(PASSAGES)
    assert np.allclose(whole.vectors, usual.vectors, atol=1e-5)
    assert [tokens["span"].tolist() for tokens in whole.tokens] == [[[0, len(text)]] for text in PASSAGES]
    assert ((dequantise_tokens(np.concatenate(whole.tokens))) * usual.vectors).sum(axis=1).min() > 0.999


def linked_copy(folder, target, without):
    """Make a folder with links to all of a model's files but one."""
    target.mkdir()
    for path in folder.iterdir():
        if path.name != without:
            (target / path.name).symlink_to(path)
    return target


@pytest.mark.parametrize(
    "files", [{}, {"config.json": "{}"}, {"config.json": "{broken"}, {"modules.json": "[1]", "config.json": "{}"}]
)
def test_a_folder_that_holds_no_model_is_refused_with_the_remedy(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    text = message(ModelDamaged, SentenceEncoder(str(tmp_path), runtime="torch").encode_queries, ["你好"])
    assert text.startswith(f"{tmp_path} is no usable sentence-transformers model (")
    assert text.endswith("): set encoder.model to multilingual-e5-small or to a complete model folder")
    assert "\n" not in text


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_model_folder_with_a_missing_or_truncated_file_is_refused(name, damage, reference, tmp_path):
    folder = linked_copy(reference.folder, tmp_path / "model", without=name)
    if damage == "truncated":
        with (reference.folder / name).open("rb") as file:
            (folder / name).write_bytes(file.read(100_000))
    text = message(ModelDamaged, SentenceEncoder(str(folder), runtime="torch").encode_queries, ["你好"])
    assert text.startswith(f"{folder} is no usable sentence-transformers model (")
