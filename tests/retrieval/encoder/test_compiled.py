"""Models are compiled once, checked against the reference, and run without torch; what cannot be is said once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import nullcontext as nothing
from functools import partial

import numpy as np
import pytest

from retrieval.encoder import compiled
from retrieval.encoder.compiled import OUTCOME, Refusal, compile_in_process, write_outcome
from retrieval.encoder.compiling.worker import SAMPLE
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.encoder.tokens import dequantise_tokens
from retrieval.errors import ModelDamaged, ModelUnavailable

TEXTS = ["志愿者在送菜", "", "Who called?", "第1户居民收到了蔬菜,第2户还没有。" * 9]


@pytest.fixture
def cache_of_tiny(tiny_cache, tmp_path):
    """A copy of that cache, to damage."""
    return shutil.copytree(tiny_cache, tmp_path / "cache")


class Refusing:
    """Refuses every job, and says how each was to be compiled."""

    def __init__(self):
        self.jobs = []

    def __call__(self, job, folder, progress):
        self.jobs.append(job.runtime)
        write_outcome(folder, Refusal("for a test"))


# Near the reference


@pytest.mark.parametrize(("runtime", "near"), [("fp32", 0.9999), ("int8", 0.99)])
def test_a_compiled_model_gives_the_references_vectors_and_tokens(runtime, near, tiny, tiny_cache):
    ours, theirs = SentenceEncoder(str(tiny), tiny_cache, runtime=runtime), SentenceEncoder(str(tiny), runtime="torch")
    assert ours.runtime == runtime
    for found, expected in (
        (ours.encode_queries(TEXTS), theirs.encode_queries(TEXTS)),
        (ours.encode_passages(TEXTS), theirs.encode_passages(TEXTS)),
    ):
        assert found.vectors.shape == (4, 16)
        assert (found.vectors * expected.vectors).sum(axis=1).min() > near
        for one, other in zip(found.tokens, expected.tokens, strict=True):
            assert one["span"].tolist() == other["span"].tolist()
            assert (dequantise_tokens(one) * dequantise_tokens(other)).sum(axis=1).min(
                initial=1
            ) > near - 0.001  # stored in int8


def test_the_default_model_in_int8_is_near_the_reference(real_encoder, reference):
    assert real_encoder.runtime == "int8"
    found, expected = real_encoder.encode_passages(SAMPLE), reference.encode_passages(SAMPLE)
    assert (found.vectors * expected.vectors).sum(axis=1).min() > 0.99
    for one, other in zip(found.tokens, expected.tokens, strict=True):
        assert one["span"].tolist() == other["span"].tolist()


# The cache


def test_each_runtime_has_vectors_and_a_fingerprint_of_its_own(tiny, tiny_cache):
    runtimes = ("int8", "fp32", "torch")
    encoders = [SentenceEncoder(str(tiny), tiny_cache, runtime=runtime) for runtime in runtimes]
    assert len({one.fingerprint for one in encoders}) == 3
    assert len({one.encode_queries(["志愿者"]).vectors.tobytes() for one in encoders}) == 3


def test_a_compiled_model_is_not_compiled_again(tiny, tiny_cache):
    again = SentenceEncoder(str(tiny), tiny_cache, compiler=(refusing := Refusing()))
    again.load()
    assert (again.runtime, refusing.jobs) == ("int8", [])


def test_the_fingerprint_of_the_compiled_default_model_reads_one_small_file(real_encoder, monkeypatch):
    again = SentenceEncoder()
    monkeypatch.setattr(compiled, "sha256_of", lambda path: pytest.fail(f"read {path}"))
    assert again.fingerprint == real_encoder.fingerprint


@pytest.mark.parametrize("name", ["model.onnx", "weights.bin", "table.bin", "tokenizer.json", OUTCOME])
@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_what_is_damaged_is_compiled_again(name, damage, tiny, cache_of_tiny):
    [folder] = cache_of_tiny.glob("model-*-int8-*/")
    whole = (folder / name).read_bytes()
    if damage == "missing":
        (folder / name).unlink()
    elif damage == "truncated":
        (folder / name).write_bytes(whole[: len(whole) // 2])
    else:
        (folder / name).write_bytes(whole.replace(b"a", b"{"))
    with pytest.raises(ModelUnavailable) if name != OUTCOME else nothing():
        SentenceEncoder(str(tiny), cache_of_tiny, compiler=(refusing := Refusing())).load()
    assert refusing.jobs == ["int8"]


def test_a_mended_model_is_the_one_that_was_damaged(tiny, cache_of_tiny):
    [folder] = cache_of_tiny.glob("model-*-int8-*/")
    before = SentenceEncoder(str(tiny), cache_of_tiny).encode_queries(TEXTS).vectors
    (folder / "weights.bin").write_bytes(b"")
    seen = []
    mended = SentenceEncoder(str(tiny), cache_of_tiny, progress=lambda *step: seen.append(step))
    assert np.allclose(mended.encode_queries(TEXTS).vectors, before, atol=1e-6)
    assert seen == [("model", step, 5) for step in range(6)]
    assert [path.name for path in cache_of_tiny.iterdir() if path.name.startswith(".")] == []


def test_two_processes_may_compile_at_once_and_neither_imports_torch(tiny, tmp_path):
    code = f"""if True:
        import json, sys
        from pathlib import Path
        from retrieval.encoder.sentence_encoder import SentenceEncoder
        encoder = SentenceEncoder({str(tiny)!r}, Path({str(tmp_path)!r}))
        encoder.encode_passages(["志愿者"])
        heavy = {{"torch", "transformers", "sentence_transformers", "onnx", "huggingface_hub"}} & set(sys.modules)
        sys.stdout.write(json.dumps([encoder.fingerprint, list(heavy)]))
    """
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = [json.loads(process.communicate()[0]) for process in both]
    assert printed == [[SentenceEncoder(str(tiny), tmp_path).fingerprint, []]] * 2
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def test_a_process_that_is_stopped_leaves_nothing_behind_and_says_what_to_do(tiny, tmp_path):
    stopped = partial(compile_in_process, worker="import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ModelUnavailable) as caught:
        SentenceEncoder(str(tiny), tmp_path, compiler=stopped).load()
    assert str(caught.value) == (
        "the process that compiles the model was stopped by the system, probably for want of memory (it takes 4 GB): "
        "try again, or set encoder.runtime to torch"
    )
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


# Refusals


def test_a_refusal_is_told_in_one_line_remembered_and_torch_runs_the_model(tiny, tmp_path, caplog):
    texts, refusing = ["志愿者"], Refusing()
    first, second = (SentenceEncoder(str(tiny), tmp_path, compiler=refusing) for _ in range(2))
    reference = SentenceEncoder(str(tiny), tmp_path, runtime="torch")
    assert first.encode_queries(texts).vectors.tolist() == reference.encode_queries(texts).vectors.tolist()
    assert second.fingerprint == first.fingerprint == reference.fingerprint
    assert refusing.jobs == ["int8"]
    [folder] = tmp_path.glob("model-*-int8-*/")
    assert caplog.messages == [
        f"{tiny} is run by torch, more slowly: it cannot be compiled to int8 (for a test); delete {folder} to try again"
    ]


def test_a_folder_that_holds_no_model_is_no_refusal_but_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelDamaged) as caught:
        SentenceEncoder(str(tmp_path / "empty"), tmp_path / "cache").load()
    assert str(caught.value).startswith(f"{tmp_path / 'empty'} is no usable sentence-transformers model (")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_an_unusable_cache_path_is_a_clear_error(tiny, tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    with pytest.raises(ModelUnavailable) as caught:
        SentenceEncoder(str(tiny), tmp_path / "cache").load()
    assert str(caught.value) == (
        f"the model cannot be compiled in {tmp_path / 'cache'} (File exists): free 2 GB there, or set encoder.cache"
    )
