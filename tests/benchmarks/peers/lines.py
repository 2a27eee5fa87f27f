"""How the bench talks to a contestant in a process of its own: one JSON object a line, a question and its reply.

    {"op": "load", "model": FOLDER, "threads": N}  -> {"versions": {package: version}}
    {"op": "encode", "question": TEXT}             -> {"vector": [...]}     to see that all have the same weights
    {"op": "build", "passages": FILE, ...}         -> {"seconds": S}        FILE is JSON lines of {"text"}
    {"op": "ask", "question": TEXT, "k": K}        -> {"ms": MS, "rows": [...]}   line numbers of FILE, best first

Nothing but replies is written to the standard output: what libraries print there goes to the standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol


class Peer(Protocol):
    """What a contestant must be able to do."""

    packages: tuple[str, ...]
    """Whose versions the report names."""

    def load(self, model: str) -> None:
        """Load the model from a sentence-transformers folder."""

    def encode(self, question: str) -> list[float]:
        """Return the vector of a question."""

    def build(self, request: dict[str, Any]) -> None:
        """Index; the whole of it is timed."""

    def ask(self, question: str, k: int) -> list[int]:
        """Return the rows of the ``k`` best passages, best first."""


def texts_of(request: dict[str, Any]) -> list[str]:
    """Return the passages that a "build" request names."""
    lines = Path(request["passages"]).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def words(text: str) -> list[str]:
    """Cut a text into words as BM25 over Chinese is best given them: jieba's search mode, without blanks."""
    import jieba

    return [word for word in jieba.lcut_for_search(text.lower()) if word.strip()]


def serve(peer: Peer) -> None:
    """Answer requests until the standard input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = _reply(peer, request)
        except Exception as error:  # the bench says which contestant failed, and of what
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _reply(peer: Peer, request: dict[str, Any]) -> dict[str, Any]:
    operation = request["op"]
    if operation == "load":
        _set_threads(request["threads"])
        words("热身")  # loads the dictionary
        peer.load(request["model"])
        peer.encode("热身")
        return {"versions": _versions(peer.packages)}
    if operation == "encode":
        return {"vector": peer.encode(request["question"])}
    started = time.perf_counter()
    if operation == "build":
        peer.build(request)
        return {"seconds": time.perf_counter() - started}
    rows = peer.ask(request["question"], request["k"])
    return {"ms": (time.perf_counter() - started) * 1000, "rows": rows}


def _set_threads(threads: int) -> None:
    """Let torch and FAISS use as many threads as everybody."""
    import faiss
    import torch

    torch.set_num_threads(threads)
    faiss.omp_set_num_threads(threads)


def _versions(packages: Iterable[str]) -> dict[str, str]:
    return {name: metadata.version(name) for name in packages}
