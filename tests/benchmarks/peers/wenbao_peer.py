"""Wenbao, asked as its peers are: ``build`` reads report files and publishes a snapshot, ``ask`` is the whole answer.

Its "build" request names a folder of reports and one for the index, ``{"corpus", "index"}``: reading, splitting,
checksums and writing to disk count, of which the peers, who are given passages and keep them in memory, do nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lines import serve

from bot.service.opening import Opener, update_index
from bot.settings import load_settings
from retrieval.types import Question

ROOT = Path(__file__).resolve().parents[3]


class Wenbao:
    """Rows are those of the snapshot, in reading order."""

    packages = ("torch", "sentence-transformers")

    def load(self, model: str) -> None:
        """Load the configured encoder; ``model`` is where its weights are anyway."""
        self._settings = load_settings(ROOT / "config.yaml")
        self._encoder = Opener().encoder(self._settings)
        self._encoder.load()

    def encode(self, question: str) -> list[float]:
        """Return the vector of a question."""
        return [float(value) for value in self._encoder.encode_queries([question]).vectors[0]]

    def build(self, request: dict[str, Any]) -> None:
        """Embed and index all of it, and open the snapshot."""
        sections: dict[str, Any] = {
            "corpus": self._settings.corpus.model_copy(update={"paths": (Path(request["corpus"]),)}),
            "index": self._settings.index.model_copy(update={"path": Path(request["index"]), "keep": 1}),
        }
        settings = self._settings.model_copy(update=sections)
        update_index(settings, self._encoder, rebuild=True)
        self._answerer = Opener().open(settings, self._encoder)
        passages = self._answerer.snapshot.passages
        self._rows = {(passage.document_id, passage.start): row for row, passage in enumerate(passages)}

    def ask(self, question: str, k: int) -> list[int]:
        """Answer, and return the rows of the citations: none where the answer is that the reports do not say."""
        citations = self._answerer.ask(Question(question, k)).citations
        return [self._rows[citation.document_id, citation.start] for citation in citations]


if __name__ == "__main__":
    serve(Wenbao())
