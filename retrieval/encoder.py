"""Text -> unit vectors, of the whole and of its tokens: the Encoder seam, and the encoder of the configured model."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from retrieval import offline_model
from retrieval.compiled import LAYOUT, RECIPE, Compiled, Order, Refused, Runtime, ensure_compiled
from retrieval.digests import sha256_of
from retrieval.errors import ModelUnavailable
from retrieval.token_vectors import Tokens
from retrieval.types import Progress, no_progress

Vectors = npt.NDArray[np.float32]
Task = Literal["query", "document"]

E5_PROMPTS = {"query": "query: ", "document": "passage: "}
"""E5 models were trained with these and lose much without them, but their hub folders do not name them."""

log = logging.getLogger("wenbao.encoder")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts after one pass of the model: ``(n, d)`` float32 unit vectors, and the tokens of each text."""

    vectors: Vectors
    tokens: tuple[Tokens, ...]

    @classmethod
    def joined(cls, parts: Iterable[tuple[Sequence[int], Encoded]]) -> Encoded:
        """Put batches together: each comes with the rows that its texts have in the whole."""
        tokens: dict[int, Tokens] = {}
        vectors: dict[int, Vectors] = {}
        for rows, part in parts:
            tokens |= zip(rows, part.tokens, strict=True)
            vectors |= zip(rows, part.vectors, strict=True)
        if not vectors:
            return cls(np.zeros((0, 0), dtype=np.float32), ())
        return cls(
            np.stack([vectors[row] for row in range(len(vectors))]), tuple(tokens[row] for row in range(len(tokens)))
        )


class Encoder(Protocol):
    """What retrieval needs of a model."""

    @property
    def name(self) -> str:
        """What the user calls the model."""

    @property
    def fingerprint(self) -> str:
        """Identify everything that decides the vectors: weights, prompts, pooling, arithmetic."""

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions. Of a single one, progress may tell of step 0 when only the model is still to be run."""

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages."""


class Model(Protocol):
    """A loaded model: what runs it (ONNX Runtime or torch) makes no other difference than in the last digits."""

    def encode(self, texts: Sequence[str], task: Task, progress: Progress = no_progress) -> Encoded:
        """Encode texts with the prompt of a task."""


class SentenceEncoder:
    """A sentence-transformers model: the offline default, a local folder, or a name on a model hub.

    ``runtime`` says what runs it: "int8" and "fp32" are compiled from it once, in a process of its own, and run by
    ONNX Runtime; "torch" is the model itself, which also stands in where it cannot be compiled.

    Nothing is loaded before the first text is encoded, so that asking for the fingerprint of the default model, as
    every index run does, costs nothing once it is compiled.
    """

    def __init__(
        self,
        model: str = offline_model.NAME,
        cache: Path | None = None,
        weights_file: Path | None = None,
        progress: Progress = no_progress,
        runtime: Runtime = "int8",
    ) -> None:
        self.name = model
        self._wanted = runtime
        self._cache = cache or default_cache()
        self._weights_file = weights_file
        self._progress = progress
        self._loading = threading.Lock()

    @property
    def is_default(self) -> bool:
        """Whether this is the model that comes with the installation."""
        return self.name == offline_model.NAME

    @cached_property
    def runtime(self) -> Runtime:
        """What runs the model: "torch" also where it cannot be compiled. Compiles it if nobody has tried before."""
        if self._wanted == "torch":
            return "torch"
        verdict = self._compile()
        if isinstance(verdict, Compiled):
            return self._wanted
        _say_once(
            f"{self.name} is run by torch, more slowly: it cannot be compiled to {self._wanted} ({verdict.reason}); "
            f"delete {self._compiled_folder} to try again"
        )
        return "torch"

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights' digest, of the folder's settings (prompts, pooling, normalisation), and of what runs it.

        Vectors of int8 are near those of torch but not the same, and are not mixed with them in an index.
        """
        return hashlib.sha256("\n".join([*self._source, self.runtime, str(RECIPE)]).encode()).hexdigest()[:16]

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are; made, found or fetched on first use."""
        if self.is_default:
            return offline_model.ensure_model(
                self._cache, self._weights_file, lambda done, total: self._progress("model", done, total)
            )
        if Path(self.name).is_dir():
            return Path(self.name)
        from retrieval.hub import fetch_from_hub

        return fetch_from_hub(self.name)

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        self.encode_queries(["热身"])

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions, with the model's query prompt."""
        return self._loaded().encode(texts, "query", progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages, with the model's passage prompt."""
        return self._loaded().encode(texts, "document", progress)

    def _loaded(self) -> Model:
        with self._loading:  # questions and indexing have threads of their own
            return self._model

    @cached_property
    def _model(self) -> Model:
        if self.runtime == "torch":
            from retrieval.torch_encoder import TorchEncoder

            return TorchEncoder(self.folder, self._fallback_prompts)
        from retrieval.onnx_encoder import OnnxEncoder

        compiled = self._compile(verify=True)
        if isinstance(compiled, Refused):
            raise ModelUnavailable(f"{self.name} was compiled once and is refused now ({compiled.reason}): start again")
        return OnnxEncoder(self._compiled_folder, compiled)

    def _compile(self, *, verify: bool = False) -> Compiled | Refused:
        def order() -> Order:
            return Order(self.folder, self._wanted, self._fallback_prompts)

        return ensure_compiled(self._compiled_folder, order, self._progress, verify=verify)

    @cached_property
    def _compiled_folder(self) -> Path:
        digest = hashlib.sha256("\n".join(self._source).encode()).hexdigest()[:12]
        name = re.sub(r"[^\w.-]+", "-", Path(self.name).name)
        return self._cache / f"{name}-{digest}-{self._wanted}-v{RECIPE}.{LAYOUT}"

    @cached_property
    def _source(self) -> list[str]:
        """What identifies the model itself, whatever runs it."""
        if self.is_default:
            return [offline_model.SOURCE_SHA256, str(offline_model.FOLDER_VERSION)]
        return [*_folder_digests(self.folder), json.dumps(self._fallback_prompts)]

    @cached_property
    def _fallback_prompts(self) -> dict[str, str]:
        return E5_PROMPTS if "e5" in Path(self.name).name.lower().split("-") else {}


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Return ``(n, d)`` vectors at length 1, float32."""
    single = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(single, axis=1, keepdims=True).astype(np.float32)
    return np.asarray(single / np.maximum(norms, np.float32(1e-12)), dtype=np.float32)


def default_cache() -> Path:
    """Return the user's cache folder for rebuilt and compiled models."""
    from platformdirs import user_cache_path

    return user_cache_path("wenbao", appauthor=False)


@cache
def _say_once(line: str) -> None:
    """A process makes several encoders of one model; the user is told once."""
    log.warning(line)


def _folder_digests(folder: Path) -> Iterator[str]:
    """Yield name and SHA-256 of every file that decides vectors, in a stable order."""
    kept = (".json", ".txt", ".model", ".safetensors", ".bin")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in kept and ".cache" not in path.parts:
            yield f"{path.relative_to(folder).as_posix()} {sha256_of(path)}"
