"""The reference: a SentenceTransformer run by torch. What is compiled is checked against it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.encoder.protocol import NAME, Encoded, Task, unit
from retrieval.encoder.tokens import quantise_tokens
from retrieval.errors import ModelDamaged
from retrieval.types import Progress, no_progress

BATCH = 32
INNER = 7 / 12
"""How deep the layer lies whose token vectors are kept beside the last one's; FOREIGN_SHARE (``retrieval/question``)
says what for."""


class TorchEncoder:
    """A SentenceTransformer folder, loaded when it is made; ModelDamaged if the folder is none.

    ``fallback_prompts`` ("query", "document") are for a folder that names none.
    """

    def __init__(self, folder: Path, fallback_prompts: Mapping[str, str]) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self.model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except Exception as error:  # whatever the libraries make of a broken folder
            first_line = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
            raise ModelDamaged(
                f"{folder} is no usable sentence-transformers model ({first_line}): "
                f"set encoder.model to {NAME} or to a complete model folder"
            ) from error
        self._prompts = dict(self.model.prompts or {})
        if not any(self._prompts.values()):
            self._prompts = dict(fallback_prompts)

    @cached_property
    def gives_tokens(self) -> bool:
        """Whether the model is a transformer whose tokens, and their places in the text, can be had."""
        return bool(getattr(self.model.tokenizer, "is_fast", False)) and hasattr(self.model[0], "auto_model")

    def prompt(self, task: Task) -> str:
        """Return the prompt of a task; models name the passage's differently, as SentenceTransformer knows."""
        names = ("query",) if task == "query" else ("document", "passage", "corpus")
        found = next((self._prompts[name] for name in names if self._prompts.get(name)), None)
        return str(found or self._prompts.get(self.model.default_prompt_name or "", ""))

    def encode(self, texts: Sequence[str], task: Task, progress: Progress = no_progress) -> Encoded:
        """Encode texts with the prompt of a task; texts of like length share a batch, to pad little."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        encode_batch = self._with_tokens if self.gives_tokens else self._whole
        parts = []
        for done in range(0, len(order), BATCH):
            rows = order[done : done + BATCH]
            parts.append((rows, encode_batch([texts[row] for row in rows], self.prompt(task))))
            progress("embed", min(done + BATCH, len(order)), len(order))
        return Encoded.joined(parts)

    def _with_tokens(self, texts: Sequence[str], prompt: str) -> Encoded:
        """Encode one batch; the tokens of the prompt and the tokenizer's own stand for no text and are left out."""
        import torch

        features = self.model.tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self.model.max_seq_length,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        spans = features.pop("offset_mapping").numpy() - len(prompt)
        with torch.inference_mode():
            pooled, found = pooled_and_tokens(self.model, dict(features))
        embeddings, mask = found.numpy(), features["attention_mask"].numpy().astype(bool)
        kept = mask & (spans[:, :, 1] > 0)
        tokens = (quantise_tokens(embeddings[row, kept[row]], spans[row, kept[row]]) for row in range(len(texts)))
        return Encoded(unit(pooled.numpy()), tuple(tokens))

    def _whole(self, texts: Sequence[str], prompt: str) -> Encoded:
        """Encode with a model that has no token vectors: each text is one token, and MaxSim is the cosine."""
        options = {"batch_size": BATCH, "show_progress_bar": False, "convert_to_numpy": True}
        vectors: npt.NDArray[np.float32] = unit(self.model.encode(list(texts), prompt=prompt, **options))
        tokens = (quantise_tokens(vectors[row][None], np.array([[0, len(text)]])) for row, text in enumerate(texts))
        return Encoded(vectors, tuple(tokens))


def pooled_and_tokens(model: Any, features: dict[str, Any]) -> tuple[Any, Any]:  # noqa: ANN401 - of torch
    """Run a SentenceTransformer; return the pooled vectors, ``(n, d)``, and the token vectors, ``(n, t, 2d)``.

    A token's vector is the last layer's and then an inner layer's, each of length 1; the last layer's alone, ``(n, t,
    d)``, where the model has no layers to look into.
    """
    import torch

    layer, caught = _inner_layer(model), list[Any]()
    if layer is None:
        output = model(features)
        return output["sentence_embedding"], output["token_embeddings"]
    hook = layer.register_forward_hook(lambda _, __, out: caught.append(out[0] if isinstance(out, tuple) else out))
    try:
        output = model(features)
    finally:
        hook.remove()
    halves = [torch.nn.functional.normalize(half, dim=-1) for half in (output["token_embeddings"], caught[0])]
    return output["sentence_embedding"], torch.cat(halves, dim=-1)


def _inner_layer(model: Any) -> Any:  # noqa: ANN401 - of torch
    """Return the layer at INNER of the depth; None where the model is built otherwise than BERT and its like."""
    bert = model[0].auto_model
    layers = getattr(getattr(bert, "encoder", None), "layer", None)
    same_width = getattr(bert.config, "hidden_size", None) == model.get_embedding_dimension()
    return layers[round(len(layers) * INNER) - 1] if layers and same_width else None
