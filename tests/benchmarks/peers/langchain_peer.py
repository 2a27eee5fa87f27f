"""LangChain: EnsembleRetriever (weighted RRF, half and half) of FAISS and BM25 with jieba."""

from __future__ import annotations

from typing import Any

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_community.vectorstores.utils import DistanceStrategy
from langchain_huggingface import HuggingFaceEmbeddings
from lines import serve, texts_of, words

CANDIDATES = 30
"""What each leg puts forward, as many as Wenbao's; 4, the default, finds less."""


class LangChain:
    """Both retrievers return Documents whose metadata hold the row."""

    packages = ("langchain-classic", "langchain-community", "langchain-huggingface", "rank-bm25", "torch")

    def load(self, model: str) -> None:
        """Load the embeddings, with e5's prompts and unit vectors."""
        shared = {"normalize_embeddings": True, "batch_size": 32}
        self._embeddings = HuggingFaceEmbeddings(
            model_name=model,
            model_kwargs={"device": "cpu"},
            encode_kwargs={**shared, "prompt": "passage: "},
            query_encode_kwargs={**shared, "prompt": "query: "},
        )

    def encode(self, question: str) -> list[float]:
        """Return the vector of a question."""
        vector: list[float] = self._embeddings.embed_query(question)
        return vector

    def build(self, request: dict[str, Any]) -> None:
        """Embed and index."""
        texts = texts_of(request)
        rows = [{"row": row} for row in range(len(texts))]
        dense = FAISS.from_texts(
            texts, self._embeddings, metadatas=rows, distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT
        )
        bm25 = BM25Retriever.from_texts(texts, metadatas=rows, preprocess_func=words, k=CANDIDATES)
        self._retriever = EnsembleRetriever(
            retrievers=[bm25, dense.as_retriever(search_kwargs={"k": CANDIDATES})], weights=[0.5, 0.5], id_key="row"
        )

    def ask(self, question: str, k: int) -> list[int]:
        """Rank."""
        return [document.metadata["row"] for document in self._retriever.invoke(question)[:k]]


if __name__ == "__main__":
    serve(LangChain())
