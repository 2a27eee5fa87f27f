"""Corpus paths -> the reports as they are now, cut into passages; the same for every store."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from retrieval.corpus import Corpus, Readings, Recogniser, read_corpus, split_document
from retrieval.encoder.protocol import Encoder
from retrieval.index.manifest import Manifest, now
from retrieval.index.protocol import Snapshot
from retrieval.index.shrinking import refuse_shrinking
from retrieval.text.words import analysis_fingerprint
from retrieval.types import Document, Passage, Progress, Receipt, Skipped, no_progress


@dataclass(frozen=True, slots=True)
class Scanning:
    """How reports are read: what is skipped, how they are cut, and what may go; see ``build.build_index``."""

    max_bytes: int
    passage_characters: int
    rebuild: bool = False
    may_remove_most: bool = False
    named: Collection[str] = ()
    recogniser: Recogniser | None = None
    progress: Progress = no_progress


@dataclass(frozen=True, slots=True)
class Scan:
    """The reports of a corpus, by id, and the passages of all of them, in that order."""

    corpus: Corpus
    passages: list[Passage]
    _readings: Readings
    scanning: Scanning
    _started: float = field(default_factory=time.monotonic)
    refused: tuple[Skipped, ...] = ()
    """What was handed in and did not become a report; the receipt names it, the generation does not."""

    @classmethod
    def of(cls, corpus: Corpus, scanning: Scanning) -> Scan:
        """Cut reports that are known already, for which no folder was read."""
        passages = [p for document in corpus.documents for p in split_document(document, scanning.passage_characters)]
        return cls(corpus, passages, Readings(), scanning)

    def joined(self, added: Mapping[str, Document]) -> Scan:
        """Return it with other reports, by id, each in place of one that has its id."""
        if not added:
            return self
        documents = {document.document_id: document for document in self.corpus.documents} | {**added}
        corpus = Corpus(tuple(documents[key] for key in sorted(documents)), self.corpus.skipped)
        most = self.scanning.passage_characters
        passages = [passage for passage in self.passages if passage.document_id not in added]
        passages += [passage for document in added.values() for passage in split_document(document, most)]
        return replace(self, corpus=corpus, passages=sorted(passages, key=lambda passage: passage.document_id))

    def content(self, encoder: Encoder) -> str:
        """Return what a generation's name is a digest of."""
        return "\n".join([encoder.fingerprint, analysis_fingerprint(), *(d.digest for d in self.corpus.documents)])

    def manifest(self, generation: str, encoder: Encoder, dimension: int, recall: float | None) -> Manifest:
        """Return what a generation of these reports says of itself."""
        return Manifest(
            generation=generation,
            created=now(),
            encoder=encoder.name,
            encoder_fingerprint=encoder.fingerprint,
            analysis_fingerprint=analysis_fingerprint(),
            dimension=dimension,
            passage_characters=self.scanning.passage_characters,
            documents=len(self.corpus.documents),
            passages=len(self.passages),
            recall=recall,
            skipped=self.corpus.skipped,
        )

    def remember(self, folder: Path) -> None:
        """Keep what was read, for the next run; only once it is published."""
        self._readings.save(folder)
        if self.scanning.recogniser:
            self.scanning.recogniser.kept.prune({document.digest for document in self.corpus.documents})

    def receipt(self, generation: str, before: Mapping[str, Document], embedded: int) -> Receipt:
        """Say what became of the reports ``before``, by id; ``embedded`` texts were not reused."""
        after = {document.document_id: document for document in self.corpus.documents}
        return Receipt(
            generation=generation,
            documents=len(after),
            passages=len(self.passages),
            added=tuple(key for key in after if key not in before),
            changed=tuple(key for key in after if key in before and before[key].digest != after[key].digest),
            removed=tuple(key for key in before if key not in after),
            skipped=(*self.refused, *self.corpus.skipped),
            embedded=embedded,
            reused=len(self.passages) - embedded,
            seconds=round(time.monotonic() - self._started, 3),
        )


def scan_of(snapshot: Snapshot, progress: Progress = no_progress) -> Scan:
    """Return the reports and passages of a generation as if they had been found just now."""
    about, documents = snapshot.manifest, tuple(snapshot.by_id[one.document_id] for one in snapshot.documents)
    scanning = Scanning(0, about.passage_characters, progress=progress)
    return Scan(Corpus(documents, about.skipped), list(snapshot.passages), Readings(), scanning)


def scan(
    paths: Sequence[Path], folder: Path, known: Mapping[str, Document], held: Sequence[Document], scanning: Scanning
) -> Scan:
    """Read and cut the reports below ``paths``; ``folder`` remembers which files have not changed since.

    ``known`` are the published reports that such files are, by id, and ``held`` all that may not be lost. Raises
    CorpusMissing or MostReportsGone. The caller holds the index.
    """
    started, recogniser = time.monotonic(), scanning.recogniser
    limits = [scanning.max_bytes, recogniser.version if recogniser else None]
    readings = Readings.load(folder, known, limits, forget=scanning.rebuild)
    corpus = read_corpus(paths, scanning.max_bytes, scanning.progress, readings=readings, recogniser=recogniser)
    if not scanning.may_remove_most:
        refuse_shrinking(held, corpus.documents, scanning.named)
    passages = [p for document in corpus.documents for p in split_document(document, scanning.passage_characters)]
    return Scan(corpus, passages, readings, scanning, started)
