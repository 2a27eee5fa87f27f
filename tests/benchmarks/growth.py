"""How long until one more report is searchable, in a large index, against building it anew.

    python tests/benchmarks/growth.py [PASSAGES]

Texts are sentences of the seed reports in new combinations; their vectors are random, since only their number counts.
What embedding them would take is measured on a sample with the default encoder.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from stub_encoder import StubEncoder  # noqa: E402

from retrieval.corpus import read_corpus  # noqa: E402
from retrieval.encoder import Encoded, SentenceEncoder  # noqa: E402
from retrieval.indexer import build_index  # noqa: E402
from retrieval.passages import sentences_of  # noqa: E402
from retrieval.token_vectors import quantise  # noqa: E402
from retrieval.types import Progress, no_progress  # noqa: E402

SEEDS = Path(__file__).parent.parent.parent / "seeds"
PER_REPORT = 200
SAMPLE = 64


class RandomEncoder(StubEncoder):
    """Gives every passage a random unit vector at once."""

    def __init__(self) -> None:
        super().__init__("random", 384)
        self._random = np.random.default_rng(1)

    def encode_passages(self, texts: list[str], progress: Progress = no_progress) -> Encoded:
        vectors = self._random.normal(size=(len(texts), self.dimension)).astype(np.float32)
        tokens = quantise(vectors, np.array([[0, len(text)] for text in texts]))
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return Encoded(unit, tuple(tokens[row : row + 1] for row in range(len(texts))))


def write_reports(folder: Path, passages: int) -> None:
    chance = random.Random(1)
    sentences = [
        document.text[paragraph.start + start : paragraph.start + end]
        for document in read_corpus([SEEDS]).documents
        for paragraph in document.paragraphs
        for start, end in sentences_of(document.text[paragraph.start : paragraph.end])
    ]
    for number in range(passages // PER_REPORT):
        paragraphs = ["".join(chance.choices(sentences, k=3))[:380] + "。" for _ in range(PER_REPORT)]
        (folder / f"r{number:06d}.txt").write_text(f"第{number}份汇编\n\n" + "\n".join(paragraphs), encoding="utf-8")


def timed(folder: Path) -> tuple[float, int]:
    started = time.perf_counter()
    receipt = build_index([folder / "reports"], folder / "index", RandomEncoder())
    return time.perf_counter() - started, receipt.passages


def embedding_rate() -> float:
    """Passages a second that the default encoder embeds."""
    encoder = SentenceEncoder()
    encoder.load()
    texts = [
        document.text[start : start + 200]
        for document in read_corpus([SEEDS]).documents
        for start in range(0, 2000, 150)
    ]
    started = time.perf_counter()
    encoder.encode_passages(texts[:SAMPLE])
    return len(texts[:SAMPLE]) / (time.perf_counter() - started)


def main() -> None:
    """Print the figures as JSON."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "reports").mkdir()
        write_reports(folder / "reports", wanted)
        without_embedding, passages = timed(folder)
        unchanged, _ = timed(folder)
        (folder / "reports" / "new.txt").write_text("新增报告\n\n这份报告刚刚加入。", encoding="utf-8")
        one_more, _ = timed(folder)
    rate = embedding_rate()
    rebuild = without_embedding + passages / rate
    figures = {
        "passages": passages,
        "seconds to build, embedding left out": round(without_embedding, 1),
        "passages embedded a second": round(rate, 1),
        "seconds to rebuild": round(rebuild),
        "seconds to index with nothing changed": round(unchanged, 1),
        "seconds until one more report is searchable": round(one_more, 1),
        "times sooner than a rebuild": round(rebuild / one_more),
    }
    print(json.dumps(figures, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
