"""txtai: hybrid Embeddings (convex combination, half and half, normalised BM25 scores) with jieba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lines import serve, texts_of, words
from txtai import Embeddings
from txtai.scoring import BM25


class JiebaBM25(BM25):
    """txtai's BM25 over jieba's words: its own tokeniser takes a Chinese sentence for one word or many characters."""

    def loadtokenizer(self) -> Callable[[str], list[str]]:
        """Return what cuts texts and questions into words."""
        return words


class Txtai:
    """Rows are txtai's own ids."""

    packages = ("txtai", "torch")

    def load(self, model: str) -> None:
        """Configure, and load the model; it names e5's prompts itself. FAISS is exact, as Wenbao's is at this size."""
        self._embeddings = Embeddings(
            path=model,
            method="sentence-transformers",
            gpu=False,
            encodebatch=32,
            scoring={"method": f"{__name__}.{JiebaBM25.__name__}", "terms": True, "normalize": True},
            faiss={"components": "IDMap,Flat"},
        )

    def encode(self, question: str) -> list[float]:
        """Return the vector of a question."""
        return [float(value) for value in self._embeddings.transform(question)]

    def build(self, request: dict[str, Any]) -> None:
        """Embed and index."""
        self._embeddings.index(list(enumerate(texts_of(request))))

    def ask(self, question: str, k: int) -> list[int]:
        """Rank; each leg puts forward ten times as many."""
        return [int(row) for row, _ in self._embeddings.search(question, k, weights=0.5)]


if __name__ == "__main__":
    serve(Txtai())
