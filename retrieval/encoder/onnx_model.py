"""A compiled model, run by ONNX Runtime: texts -> tokens -> batches of like length -> vectors, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from retrieval.cores import usable_cores
from retrieval.encoder.compiled import Compiled
from retrieval.encoder.embedding_table import TABLE, EmbeddingTable
from retrieval.encoder.protocol import Encoded, Task, unit
from retrieval.encoder.tokenizer import Tokenised, tokenizer_of
from retrieval.encoder.tokens import quantise_tokens
from retrieval.types import Progress, no_progress

BLOCK = 1024
"""Texts that are tokenised and sorted together; what is encoded of more texts than that needs no more memory."""
BUDGET = 512
"""Tokens of a batch, padding included, unless one text alone has more: what a layer works on then stays in the
processor's cache, and short texts are still encoded together."""
TYPES = {"tensor(float)": "f4", "tensor(uint8)": "u1", "tensor(int8)": "i1"}
UNWANTED = ("SkipLayerNormFusion", "BiasSkipLayerNormFusion")
"""What ONNX Runtime would do to the graph when it is loaded; ``compiling/layer_norm.py`` says why it must not."""
OUTPUTS = ("sentence_embedding", "token_embeddings")


class OnnxEncoder:
    """A compiled model and its tokenizer, loaded when it is made.

    ``block`` texts are sorted together, into batches of ``budget`` tokens; ``threads`` batches run at once, as many as
    this process has cores if it is None.
    """

    def __init__(
        self, folder: Path, compiled: Compiled, *, block: int = BLOCK, budget: int = BUDGET, threads: int | None = None
    ) -> None:
        self._compiled = compiled
        self._block, self._budget, self._threads = block, budget, threads
        self.session = onnxruntime.InferenceSession(
            folder / "model.onnx",
            session_options(),
            providers=["CPUExecutionProvider"],
            disabled_optimizers=UNWANTED,
        )
        self._tokenizer = tokenizer_of(folder)
        self._table = _table_of(folder, compiled, self.session) if compiled.table else None

    def encode(self, texts: Sequence[str], task: Task, progress: Progress = no_progress) -> Encoded:
        """Encode texts with the prompt of a task, pooled vector and token vectors from one pass."""
        return Encoded.joined(self._batches(texts, task, progress))

    def tokenise(self, texts: Sequence[str], task: Task) -> list[Tokenised]:
        """Cut texts, each after the prompt of a task; spans count from the text's beginning, the prompt's before it."""
        prompt = self._compiled.prompts[task]
        found = self._tokenizer.tokenise([prompt + text for text in texts])
        return [Tokenised(text.ids, text.spans - len(prompt)) for text in found]

    def _batches(self, texts: Sequence[str], task: Task, progress: Progress) -> Iterator[tuple[list[int], Encoded]]:
        if len(texts) == 1:  # a question that somebody waits for needs no threads
            text = self.tokenise(texts, task)
            given = self.features(text)
            progress("embed", 0, 1)
            yield [0], self.run(text, given)
            progress("embed", 1, 1)
            return
        done = 0
        pool = ThreadPoolExecutor(self._threads or usable_cores(), thread_name_prefix="wenbao-encode")
        try:
            for start in range(0, len(texts), self._block):
                block = self.tokenise(texts[start : start + self._block], task)
                shares = list(batches([len(text.ids) for text in block], self._budget))
                run = partial(self._run_rows, block)
                for rows, encoded in zip(shares, pool.map(run, shares), strict=True):
                    yield [start + row for row in rows], encoded
                    done += len(rows)
                    progress("embed", done, len(texts))
        finally:  # also where nobody asks for the rest
            pool.shutdown(cancel_futures=True)

    def _run_rows(self, block: Sequence[Tokenised], rows: Sequence[int]) -> Encoded:
        batch = [block[row] for row in rows]
        return self.run(batch, self.features(batch))

    def features(self, batch: Sequence[Tokenised]) -> dict[str, npt.NDArray[Any]]:
        """Return what the session is given for a batch, padded to its longest text."""
        lengths = np.array([len(text.ids) for text in batch])
        filled = np.arange(lengths.max()) < lengths[:, None]
        ids = np.full(filled.shape, self._compiled.pad, dtype=np.int64)
        ids[filled] = np.concatenate([text.ids for text in batch])
        given = {"attention_mask": filled.astype(np.int64), "token_type_ids": np.zeros_like(ids), "input_ids": ids}
        found = {name: given[name] for name in self._compiled.inputs}
        if self._table and self._compiled.table:
            found[self._compiled.table], found["input_ids"] = self._table.rows(ids)
        return found

    def run(self, batch: Sequence[Tokenised], given: dict[str, npt.NDArray[Any]]) -> Encoded:
        """Encode one batch, ``given`` as its features; tokens that stand for no character of the text are left out."""
        lengths = np.array([len(text.ids) for text in batch])
        pooled, tokens = self.session.run(OUTPUTS, given)
        kept = [text.spans[:, 1] > 0 for text in batch]
        records = (
            quantise_tokens(tokens[row, : lengths[row]][kept[row]], text.spans[kept[row]])
            for row, text in enumerate(batch)
        )
        return Encoded(unit(pooled), tuple(records))


def _table_of(folder: Path, compiled: Compiled, session: onnxruntime.InferenceSession) -> EmbeddingTable:
    """Open the word embedding; its width and type are those of the graph's input."""
    [given] = [given for given in session.get_inputs() if given.name == compiled.table]
    return EmbeddingTable(folder / TABLE, given.shape[1], np.dtype(TYPES[given.type]))


def batches(lengths: Sequence[int], budget: int = BUDGET) -> Iterator[list[int]]:
    """Share out rows so that each batch, padded to its longest, has at most ``budget`` tokens; longest rows first."""
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if rows and (len(rows) + 1) * lengths[rows[0]] > budget:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def session_options() -> onnxruntime.SessionOptions:
    """Return how the model is run: on one core, because several batches or questions are run at a time.

    Two cores for one pass get in each other's way then; only a question alone would be faster.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options
