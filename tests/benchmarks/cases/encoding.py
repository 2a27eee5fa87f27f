"""Rows 1 and 2: the encoder against ``SentenceTransformer.encode`` in torch, same texts, same threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.harness.contest import alternate, estimate, ratios
from benchmarks.harness.machine import versions
from benchmarks.harness.material import default_encoder, many_passages, many_questions
from benchmarks.harness.rows import Contestant, Measured, at_least, at_most, row_of
from benchmarks.harness.scale import Bench

BATCH = 32
WARM_UP = 3


def measure(bench: Bench) -> Measured:
    """Encode blocks of passages, and single questions, in turns."""
    encoder, torch_model = default_encoder(), sentence_transformer(bench)
    encoder.load()
    scale = bench.scale
    passages = many_passages(bench, scale.blocks * scale.block)
    blocks = [passages[start : start + scale.block] for start in range(0, len(passages), scale.block)]
    blocks = [block for block in blocks if len(block) == scale.block or len(blocks) == 1]

    def in_torch(texts: Sequence[str]) -> object:
        return torch_model.encode(list(texts), batch_size=BATCH, prompt_name="document", show_progress_bar=False)

    def question_in_torch(text: str) -> object:
        return torch_model.encode(text, prompt_name="query", show_progress_bar=False)

    warm(encoder.encode_passages, [blocks[0][:4]])
    warm(in_torch, [blocks[0][:4]])
    taken = alternate({"Wenbao": encoder.encode_passages, "SentenceTransformer": in_torch}, blocks)
    rates = {name: [len(block) / one for block, one in zip(blocks, some, strict=True)] for name, some in taken.items()}
    passage_row = row_of(
        "1",
        "encoding",
        "passages encoded a second, against SentenceTransformer.encode(batch_size=32)",
        "×",
        estimate(ratios(rates["Wenbao"], rates["SentenceTransformer"])),
        at_least(1.7),
        contestants=tuple(Contestant(name, "passages/s", tuple(some)) for name, some in rates.items()),
        note="Wenbao’s token vectors, made and quantised in the same pass, count",
        details={"passages": len(passages), "characters, median": _median_length(passages), "blocks": len(blocks)},
    )
    questions = many_questions(bench, scale.encoded + WARM_UP)
    asked = {"Wenbao": lambda text: encoder.encode_queries([text]), "SentenceTransformer": question_in_torch}
    for one in asked.values():
        warm(one, questions[:WARM_UP])
    taken = alternate(asked, questions[WARM_UP:])
    question_row = row_of(
        "2",
        "encoding",
        "one question encoded, against SentenceTransformer.encode",
        "×",
        estimate(ratios(taken["Wenbao"], taken["SentenceTransformer"])),
        at_most(0.5),
        contestants=tuple(Contestant(name, "ms", tuple(1000 * one for one in some)) for name, some in taken.items()),
        details={"questions": len(questions) - WARM_UP, "characters, median": _median_length(questions)},
    )
    return Measured((passage_row, question_row), versions=versions())


def sentence_transformer(bench: Bench) -> Any:  # noqa: ANN401 - its import takes seconds
    """Return the same weights as a SentenceTransformer in torch, with the bench's number of threads."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(bench.threads)
    return SentenceTransformer(str(default_encoder().folder), device="cpu", local_files_only=True)


def warm(work: Callable[[Any], object], items: Sequence[Any]) -> None:
    """Work off some items that are not measured."""
    for item in items:
        work(item)


def _median_length(texts: Sequence[str]) -> int:
    return sorted(len(text) for text in texts)[len(texts) // 2]
