"""Text -> unit vectors, of the whole and of its tokens: the Encoder seam, and the SentenceTransformer behind it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from retrieval import offline_model
from retrieval.errors import ModelDamaged, ModelUnavailable
from retrieval.token_vectors import Tokens, quantise
from retrieval.types import Progress, no_progress

Vectors = npt.NDArray[np.float32]

BATCH = 32
HUB_SECONDS = 4.0
"""How long to look for the model hub before saying that it cannot be reached."""

E5_PROMPTS = {"query": "query: ", "document": "passage: "}
"""E5 models were trained with these and lose much without them, but their hub folders do not name them."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts after one pass of the model: ``(n, d)`` float32 unit vectors, and the tokens of each text."""

    vectors: Vectors
    tokens: tuple[Tokens, ...]


class Encoder(Protocol):
    """What retrieval needs of a model."""

    @property
    def name(self) -> str:
        """What the user calls the model."""

    @property
    def fingerprint(self) -> str:
        """Identify everything that decides the vectors: weights, prompts, pooling."""

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        """Encode questions."""

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages."""


class SentenceEncoder:
    """A SentenceTransformer: the offline default, a local folder, or a name on a model hub.

    Nothing is loaded before the first text is encoded, so that asking for the fingerprint of the default model, as
    every index run does, costs nothing.
    """

    def __init__(
        self,
        model: str = offline_model.NAME,
        cache: Path | None = None,
        weights_file: Path | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self.name = model
        self._cache = cache or default_cache()
        self._weights_file = weights_file
        self._progress = progress

    @property
    def is_default(self) -> bool:
        """Whether this is the model that comes with the installation."""
        return self.name == offline_model.NAME

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights' digest and of the folder's settings (prompts, pooling, normalisation)."""
        if self.is_default:
            parts = [offline_model.SOURCE_SHA256, str(offline_model.FOLDER_VERSION)]
        else:
            parts = [*_folder_digests(self.folder), json.dumps(self._fallback_prompts)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are; made, found or fetched on first use."""
        if self.is_default:
            return offline_model.ensure_model(
                self._cache, self._weights_file, lambda done, total: self._progress("model", done, total)
            )
        if Path(self.name).is_dir():
            return Path(self.name)
        return fetch_from_hub(self.name)

    def encode_queries(self, texts: Sequence[str]) -> Encoded:
        """Encode questions, with the model's query prompt."""
        return self._encode(texts, "query")

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages, with the model's passage prompt; texts of like length share a batch, to pad little."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        vectors: Vectors | None = None
        tokens: dict[int, Tokens] = {}
        for done in range(0, len(order), BATCH):
            rows = order[done : done + BATCH]
            batch = self._encode([texts[row] for row in rows], "document")
            if vectors is None:
                vectors = np.zeros((len(texts), batch.vectors.shape[1]), dtype=np.float32)
            vectors[rows] = batch.vectors
            tokens |= zip(rows, batch.tokens, strict=True)
            progress("embed", min(done + BATCH, len(order)), len(order))
        if vectors is None:
            vectors = np.zeros((0, 0), dtype=np.float32)
        return Encoded(vectors, tuple(tokens[row] for row in range(len(texts))))

    def _encode(self, texts: Sequence[str], task: str) -> Encoded:
        """Encode one batch; the tokens of the prompt and the tokenizer's own stand for no text and are left out."""
        import torch

        prompt = self._prompt(task)
        if not self._gives_tokens:
            return self._encode_whole(texts, prompt)
        features = self._model.tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        spans = features.pop("offset_mapping").numpy() - len(prompt)
        with torch.inference_mode():
            output = self._model(dict(features))
        embeddings, mask = output["token_embeddings"].numpy(), features["attention_mask"].numpy().astype(bool)
        kept = mask & (spans[:, :, 1] > 0)
        tokens = (quantise(embeddings[row, kept[row]], spans[row, kept[row]]) for row in range(len(texts)))
        return Encoded(self._unit(output["sentence_embedding"].numpy()), tuple(tokens))

    def _encode_whole(self, texts: Sequence[str], prompt: str) -> Encoded:
        """Encode with a model that has no token vectors: each text is one token, and MaxSim is the cosine."""
        options = {"batch_size": BATCH, "show_progress_bar": False, "convert_to_numpy": True}
        vectors = self._unit(self._model.encode(list(texts), prompt=prompt, **options))
        tokens = (quantise(vectors[row][None], np.array([[0, len(text)]])) for row, text in enumerate(texts))
        return Encoded(vectors, tuple(tokens))

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        self.encode_queries(["热身"])

    def _prompt(self, task: str) -> str:
        """Return the prompt of a task; models name the passage's differently, as SentenceTransformer knows."""
        names = ("query",) if task == "query" else ("document", "passage", "corpus")
        prompts = dict(self._model.prompts or {})
        found = next((prompts[name] for name in names if prompts.get(name)), None)
        return str(found or prompts.get(self._model.default_prompt_name or "", ""))

    @cached_property
    def _gives_tokens(self) -> bool:
        """Whether the model is a transformer whose tokens, and their places in the text, can be had."""
        return bool(getattr(self._model.tokenizer, "is_fast", False)) and hasattr(self._model[0], "auto_model")

    @cached_property
    def _fallback_prompts(self) -> dict[str, str]:
        return E5_PROMPTS if "e5" in Path(self.name).name.lower().split("-") else {}

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - its import takes seconds
        """The loaded SentenceTransformer; ModelDamaged if the folder is none."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model = SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
        except Exception as error:  # whatever the libraries make of a broken folder
            first_line = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
            raise ModelDamaged(
                f"{self.folder} is no usable sentence-transformers model ({first_line}): "
                f"set encoder.model to {offline_model.NAME} or to a complete model folder"
            ) from error
        if not any((model.prompts or {}).values()):
            model.prompts = dict(self._fallback_prompts)
        return model

    def _unit(self, vectors: npt.NDArray[Any]) -> Vectors:
        single = np.asarray(vectors, dtype=np.float32)
        norms = np.linalg.norm(single, axis=1, keepdims=True).astype(np.float32)
        return np.asarray(single / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)


def default_cache() -> Path:
    """Return the user's cache folder for rebuilt models."""
    from platformdirs import user_cache_path

    return user_cache_path("wenbao", appauthor=False)


def fetch_from_hub(name: str) -> Path:
    """Return the local folder of a hub model, downloading it if the hub answers; ModelUnavailable within seconds."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repository = name if "/" in name else f"sentence-transformers/{name}"
    remedy = (
        f"use encoder.model: {offline_model.NAME} (it comes with the installation), "
        "or the path of a folder that holds the model"
    )
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except HFValidationError as error:
        raise ModelUnavailable(f"{name} is neither a folder nor the name of a hub model: {remedy}") from error
    except LocalEntryNotFoundError:
        pass
    if not _hub_answers():
        raise ModelUnavailable(f"{name} is not on this machine and the model hub cannot be reached: {remedy}")
    try:
        HfApi().model_info(repository, timeout=HUB_SECONDS)  # the download itself would wait for a silent hub for ever
        ignored = ["*.onnx", "onnx/*", "openvino/*", "*.h5", "*.msgpack", "*.ot", "*.gguf"]
        return Path(snapshot_download(repository, ignore_patterns=ignored, etag_timeout=HUB_SECONDS))
    except Exception as error:  # proxies and login pages make the hub's client raise anything
        raise ModelUnavailable(f"{name} could not be fetched from the model hub: {remedy}") from error


def _hub_answers() -> bool:
    """Whether the hub's host takes a connection; a name server that never answers counts as no."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    address = urlsplit(os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy") or constants.ENDPOINT)
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        port = address.port or (80 if address.scheme == "http" else 443)
        attempt = pool.submit(socket.create_connection, (address.hostname, port), HUB_SECONDS)
        attempt.result(timeout=HUB_SECONDS + 1).close()
    except (OSError, TimeoutError):
        return False
    finally:
        pool.shutdown(wait=False)
    return True


def _folder_digests(folder: Path) -> Iterator[str]:
    """Yield name and SHA-256 of every file that decides vectors, in a stable order."""
    kept = (".json", ".txt", ".model", ".safetensors", ".bin")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in kept and ".cache" not in path.parts:
            with path.open("rb") as file:
                yield f"{path.relative_to(folder).as_posix()} {hashlib.file_digest(file, 'sha256').hexdigest()}"
