"""Haystack: in-memory BM25 and embedding retrievers joined by reciprocal rank fusion, half and half, with jieba."""

from __future__ import annotations

import os

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from typing import Any  # noqa: E402

from haystack import Document, Pipeline  # noqa: E402
from haystack.components.joiners import DocumentJoiner  # noqa: E402
from haystack.components.retrievers.in_memory import (  # noqa: E402
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore  # noqa: E402
from haystack_integrations.components.embedders.sentence_transformers import (  # noqa: E402
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from lines import serve, texts_of, words  # noqa: E402

CANDIDATES = 30
"""What each leg puts forward, as many as Wenbao's; 10, the default, finds less."""


class Haystack:
    """Rows are the documents' ids."""

    packages = ("haystack-ai", "sentence-transformers-haystack", "torch")

    def load(self, model: str) -> None:
        """Load the embedders, with e5's prompts and unit vectors."""
        shared: dict[str, Any] = {"model": model, "normalize_embeddings": True, "progress_bar": False, "batch_size": 32}
        self._documents = SentenceTransformersDocumentEmbedder(prefix="passage: ", **shared)
        self._question = SentenceTransformersTextEmbedder(prefix="query: ", **shared)
        self._documents.warm_up()
        self._question.warm_up()

    def encode(self, question: str) -> list[float]:
        """Return the vector of a question."""
        vector: list[float] = self._question.run(question)["embedding"]
        return vector

    def build(self, request: dict[str, Any]) -> None:
        """Embed and index; a store's tokeniser can only be configured by a regular expression, jieba is put there."""
        store = InMemoryDocumentStore(embedding_similarity_function="dot_product", shared=False)
        store.tokenizer = words
        documents = [Document(id=str(row), content=text) for row, text in enumerate(texts_of(request))]
        store.write_documents(self._documents.run(documents)["documents"])
        self._pipeline = self._hybrid(store)

    def _hybrid(self, store: InMemoryDocumentStore) -> Pipeline:
        """Return the pipeline; a component belongs to one pipeline only, so the text embedder is asked before it."""
        pipeline = Pipeline()
        pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=CANDIDATES))
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=CANDIDATES))
        joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", weights=[0.5, 0.5], top_k=CANDIDATES)
        pipeline.add_component("joiner", joiner)
        pipeline.connect("bm25", "joiner")
        pipeline.connect("dense", "joiner")
        return pipeline

    def ask(self, question: str, k: int) -> list[int]:
        """Rank."""
        asked = {"bm25": {"query": question}, "dense": {"query_embedding": self.encode(question)}}
        return [int(document.id) for document in self._pipeline.run(asked)["joiner"]["documents"][:k]]


if __name__ == "__main__":
    serve(Haystack())
