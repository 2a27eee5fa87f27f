"""Text -> unit vectors, of the whole and of its tokens: the encoder of the configured model."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path

from retrieval.disk import sha256_of
from retrieval.encoder.compiled import (
    Compiled,
    CompileJob,
    Compiler,
    Outcome,
    Refusal,
    compile_in_process,
    ensure_compiled,
    read_outcome,
)
from retrieval.encoder.exported import Exported, export_encoder, find_imported
from retrieval.encoder.identity import Identity
from retrieval.encoder.protocol import NAME, Encoded, Model, Runtime
from retrieval.encoder.weights.bundled import FOLDER_VERSION, SOURCE, ensure_model, is_unpacked
from retrieval.errors import ModelUnavailable
from retrieval.installed import COMPILING, install_command
from retrieval.text.characters import unify
from retrieval.types import Progress, no_progress

E5_PROMPTS = {"query": "query: ", "document": "passage: "}
"""E5 models were trained with these and lose much without them, but their hub folders do not name them."""

log = logging.getLogger("wenbao.encoder")


class SentenceEncoder:
    """A sentence-transformers model: the offline default, a local folder, or a name on a model hub.

    ``runtime`` says what runs it: "int8" and "fp32" are compiled from it once, by ``compiler``, and run by ONNX
    Runtime; "torch" is the model itself, which also stands in where it cannot be compiled. ``cache`` is the folder for
    rebuilt and compiled models, the user's if it is None; ``weights_file`` holds the default model's weights where
    their package is not installed.

    Nothing is loaded before the first text is encoded. Every index run asks for the fingerprint of the default model,
    which therefore costs nothing once the model is compiled.
    """

    def __init__(
        self,
        model: str = NAME,
        cache: Path | None = None,
        weights_file: Path | None = None,
        progress: Progress = no_progress,
        runtime: Runtime = "int8",
        compiler: Compiler = compile_in_process,
    ) -> None:
        self.name = model
        self._wanted = runtime
        self._cache = cache or default_cache()
        self._weights_file = weights_file
        self._progress = progress
        self._compiler = compiler
        self._loading = threading.Lock()

    @property
    def is_default(self) -> bool:
        """Whether this is the model that comes with the installation."""
        return self.name == NAME

    @property
    def is_ready(self) -> bool:
        """Whether the model can be run as it is on this machine: nothing need be unpacked, compiled or fetched."""
        if not self.is_default and not Path(self.name).is_dir():
            from retrieval.encoder.weights.hub import is_on_this_machine

            if not is_on_this_machine(self.name):
                return False
        if self._wanted == "torch":
            return not self.is_default or is_unpacked(self.cache)
        return read_outcome(self.compiled_folder) is not None

    @property
    def cache(self) -> Path:
        """The folder for rebuilt and compiled models."""
        return self._cache

    @cached_property
    def runtime(self) -> Runtime:
        """What runs the model: "torch" also where it cannot be compiled. Compiles it if nobody has tried before."""
        if self._wanted == "torch":
            return "torch"
        outcome = self._compile()
        if isinstance(outcome, Compiled):
            return self._wanted
        _say_once(
            f"{self.name} is run by torch, more slowly: it cannot be compiled to {self._wanted} ({outcome.reason}); "
            f"delete {self.compiled_folder} to try again"
        )
        return "torch"

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the weights' digest, of the folder's settings (prompts, pooling, normalisation), and of what runs it.

        Vectors of int8 are near those of torch but not the same, and are not mixed with them in an index.
        """
        return self.identity.fingerprint(self.runtime)

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are; made, found or fetched on first use."""
        if self.is_default:
            return ensure_model(self._cache, self._weights_file, self._progress)
        if Path(self.name).is_dir():
            return Path(self.name)
        from retrieval.encoder.weights.hub import fetch_from_hub

        return fetch_from_hub(self.name)

    def load(self) -> None:
        """Load the model now, so that the first question does not wait for it."""
        self.encode_queries(["热身"])

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions, with the model's query prompt."""
        return self._loaded().encode([unify(text) for text in texts], "query", progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode passages, with the model's passage prompt."""
        return self._loaded().encode([unify(text) for text in texts], "document", progress)

    def _loaded(self) -> Model:
        with self._loading:  # questions and indexing have threads of their own
            return self._model

    @cached_property
    def _model(self) -> Model:
        if self.runtime == "torch":
            self._need_packages("is to be run by torch")
            from retrieval.encoder.torch_model import TorchEncoder

            return TorchEncoder(self.folder, self._fallback_prompts)
        from retrieval.encoder.onnx_model import OnnxEncoder

        outcome = self._compile(verify=True)
        if isinstance(outcome, Refusal):
            raise ModelUnavailable(f"{self.name} was compiled once and is refused now ({outcome.reason}): start again")
        return OnnxEncoder(self.compiled_folder, outcome)

    def _compile(self, *, verify: bool = False) -> Outcome:
        def job() -> CompileJob:
            self._need_packages("must be compiled first")
            return CompileJob(self.folder, self._wanted, self._fallback_prompts)

        return ensure_compiled(self.compiled_folder, job, self._progress, verify=verify, compiler=self._compiler)

    def _need_packages(self, why: str) -> None:
        """Raise ModelUnavailable where the packages are not installed that serving does without."""
        if command := install_command(COMPILING):
            raise ModelUnavailable(
                f"{self.name} {why}, which needs packages that are not installed here: {command}; "
                "or `wenbao encoder export FILE` where they are, and `wenbao encoder import FILE` here"
            )

    def export(self, file: Path) -> Exported:
        """Write the compiled model into one file that ``import_encoder`` takes, compiling it first if nobody has.

        A model in a folder is exported under the folder's name, since the other machine has no such folder. Raises
        ModelUnavailable where the model is not run compiled, or the file cannot be written.
        """
        if self._wanted == "torch":
            raise ModelUnavailable(
                "encoder.runtime is torch, and only a compiled model can be exported: set it to int8 or fp32"
            )
        outcome = self._compile(verify=True)
        if isinstance(outcome, Refusal):
            raise ModelUnavailable(
                f"{self.name} cannot be compiled ({outcome.reason}), and only a compiled model can be exported: "
                "set encoder.model to another"
            )
        name = Path(self.name).name if Path(self.name).is_dir() else self.name
        return export_encoder(file, self.compiled_folder, Identity(name, self.identity.source), self._wanted)

    @cached_property
    def compiled_folder(self) -> Path:
        """Where the compiled model is, or will be."""
        return self._cache / self.identity.folder_name(self._wanted)

    @cached_property
    def identity(self) -> Identity:
        """What identifies the model itself, whatever runs it; of one that was imported, as its export says."""
        if self.is_default:
            return Identity(self.name, (SOURCE.sha256, str(FOLDER_VERSION)))
        if not Path(self.name).is_dir() and (imported := find_imported(self._cache, self.name, self._wanted)):
            return imported.identity
        return Identity(self.name, (*_folder_digests(self.folder), json.dumps(self._fallback_prompts)))

    @cached_property
    def _fallback_prompts(self) -> dict[str, str]:
        return E5_PROMPTS if "e5" in Path(self.name).name.lower().split("-") else {}


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
