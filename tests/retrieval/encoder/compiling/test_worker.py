"""What cannot be compiled, or is not near the reference once it is, is refused with the reason."""

from __future__ import annotations

import torch

from retrieval.encoder.compiled import Refusal
from retrieval.encoder.compiling.worker import compiled
from retrieval.encoder.torch_model import TorchEncoder


def test_vectors_unlike_the_references_are_refused(tiny, tmp_path):
    outcome = compiled(tiny, tmp_path, "fp32", {}, lambda **_: None, least_cosine=1.01)
    assert outcome == Refusal("its vectors differ too much: cosine 1.0000 to those of torch, at least 1.01 is wanted")


def test_what_torch_cannot_export_is_refused_with_the_first_line_of_the_reason(tiny, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise NotImplementedError("no such operator\nand many more lines")

    monkeypatch.setattr(torch.onnx, "export", fail)
    outcome = compiled(tiny, tmp_path, "int8", {}, lambda **_: None)
    assert outcome == Refusal("NotImplementedError: no such operator")


def test_a_model_without_tokens_is_refused(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(TorchEncoder, "gives_tokens", False)
    outcome = compiled(tiny, tmp_path, "int8", {}, lambda **_: None)
    assert outcome == Refusal("it is no transformer with a fast tokenizer")
