"""One immutable, complete index on disk: what a generation consists of, and how it is loaded.

    index.path/
      CURRENT                    the published generation's name
      lock, writer               who writes (held only while indexing)
      history.sqlite             earlier texts of reports (``history/``), of no generation
      generations/NAME/
        manifest.json            schema, fingerprints, counts, settings, size and SHA-256 of every other file, and its
                                 own checksum
        documents.jsonl          one Document a line
        passages.npy             (n, 4) int32: document row, paragraph, start, end
        vectors.faiss            dense leg
        words.* bigrams.* pinyin.* dictionary.*
                                 postings: words, pairs of characters, how names sound, English meanings
        relations.json           which reports are reprints, and which replace older ones
        tokens.*                 token vectors; large segments are hard links that generations share

A generation is written under a hidden name, flushed to disk and renamed; then CURRENT is replaced (``publish.py``). A
reader sees the old one or the new one, and a crash at any moment leaves the old one readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from retrieval.arrays import Candidates, Mask, Rows, Scores, Vectors
from retrieval.errors import SnapshotDamaged, SnapshotError, SnapshotMissing
from retrieval.index.documents_file import read_documents
from retrieval.index.kept import Kept
from retrieval.index.layout import Layout
from retrieval.index.local.dense import DenseIndex
from retrieval.index.local.lexical import Lexical
from retrieval.index.local.passage_table import PassageTable
from retrieval.index.local.same_texts import SameTexts
from retrieval.index.local.token_store import TokenStore
from retrieval.index.manifest import REBUILD, Manifest, read_manifest, verify
from retrieval.index.protocol import Admitted, Sought, Wanted
from retrieval.index.relations.relations import Relations
from retrieval.types import Document, LegName, Passage

CURRENT = "CURRENT"
GENERATIONS = "generations"
VECTORS = "vectors.faiss"
KEPT_MASKS = 16
"""Filters whose passages are remembered; one takes a byte for each passage."""
GENERATION = re.compile(r"^\d{6,}-[0-9a-f]{8}$")


@dataclass(frozen=True)
class LocalSnapshot:
    """A loaded generation. Row i of ``passages``, of every leg and of the tokens is the same passage."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: PassageTable
    dense: DenseIndex
    lexical: Lexical
    tokens: TokenStore
    relations: Relations

    @classmethod
    def of(
        cls,
        manifest: Manifest,
        documents: tuple[Document, ...],
        passages: Sequence[Passage],
        dense: DenseIndex,
        lexical: Lexical,
        tokens: TokenStore,
        relations: Relations,
    ) -> LocalSnapshot:
        """Put a generation together that is not on disk yet; ``passages`` are those of ``documents``."""
        return cls(manifest, documents, PassageTable.of(documents, passages), dense, lexical, tokens, relations)

    @property
    def generation(self) -> str:
        """Name of this generation."""
        return self.manifest.generation

    @cached_property
    def by_id(self) -> dict[str, Document]:
        """The reports by id."""
        return {document.document_id: document for document in self.documents}

    @cached_property
    def layout(self) -> Layout:
        """Which rows are which report's."""
        return self.passages.layout

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {document.document_id: number for number, document in enumerate(self.documents)}

    @cached_property
    def _same_texts(self) -> SameTexts:
        return SameTexts.of(self.passages, self.documents, self.relations)

    @cached_property
    def _masks(self) -> Kept[Admitted | None, Mask]:
        return Kept(KEPT_MASKS)

    def load(self) -> None:
        """Find now which passages have the same text, because that takes long in a large index."""
        self._allowed(None)

    def number_of(self, document_id: str) -> int:
        """Return the place of a report in ``documents``; KeyError where there is none."""
        return self._numbers[document_id]

    def candidates(self, sought: Sought, admitted: Admitted | None = None) -> dict[str, Candidates]:
        """Return what each leg puts forward; see ``protocol.Snapshot``."""
        allowed, lexical = self._allowed(admitted), self.lexical
        found = {
            "words": lexical.words.search(sought.words, sought.candidates, allowed),
            "bigrams": lexical.bigrams.search(sought.bigrams, sought.candidates, allowed),
            "pinyin": lexical.pinyin.search(sought.pinyin, sought.pinyin_candidates, allowed),
            "dictionary": lexical.dictionary.search(sought.dictionary, sought.candidates, allowed),
        }
        dense = self.dense.search(sought.vector(), sought.dense_candidates(found), allowed)  # last: it waits
        return {"dense": dense, **found}

    def _allowed(self, admitted: Admitted | None) -> Mask | None:
        """Return the ``(n,)`` mask of each text's first passage that is admitted; None where that is every passage.

        The last few are kept, because somebody who may see only some reports asks with the same filters every time.
        """
        mask = self._masks.get(admitted)
        if mask is None:
            reports = None if admitted is None else admitted.reports[self.passages.reports]
            mask = self._same_texts.first_rows(len(self.passages), reports)
            if mask is not None:
                self._masks.keep({admitted: mask})
        return mask

    def vectors(self, rows: Rows) -> Vectors:
        """Return the vectors of passages, ``(len(rows), d)``."""
        return self.dense.vectors(rows)

    def cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the inner products of one ``(d,)`` question with these passages, ``(len(rows),)``."""
        return self.dense.scores(vector, rows)

    def holds_among(self, word: str, admitted: Admitted) -> bool:
        """Whether any passage of the reports that are admitted holds the word."""
        return bool(admitted.reports[self.passages.reports[self.lexical.words.rows_with(word)]].any())

    def rows_with(self, leg: LegName, words: Sequence[str], reports: Rows) -> dict[str, Rows]:
        """Return which passages of these reports hold each word of a leg, ascending."""
        postings, found = getattr(self.lexical, leg), dict[str, Rows]()
        for word in words:
            rows = postings.rows_with(word).astype(np.int64)
            found[word] = rows[np.isin(self.passages.reports[rows], reports)]
        return found

    def copies(self, row: int) -> tuple[int, ...]:
        """Return the rows with the very same text; see ``protocol.Snapshot``."""
        return self._same_texts.of_row(row)

    def fetch(self, wanted: Wanted) -> None:
        """Do nothing: everything is at hand."""

    def related_among(self, is_seen: Callable[[str], bool]) -> LocalSnapshot:
        """Return this generation, its reports related only among those that are seen."""
        return replace(self, relations=self.relations.among(is_seen))


def published(path: Path) -> Path | None:
    """Return the folder of the published generation below ``path``, or None if nothing was ever indexed.

    Raises SnapshotDamaged where ``CURRENT`` cannot be read or names no generation.
    """
    try:
        name = (path / CURRENT).read_bytes().decode("ascii").strip()
        if not GENERATION.match(name):
            raise ValueError("no generation's name")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SnapshotDamaged(f"{path / CURRENT} is damaged: {REBUILD}") from error
    except OSError as error:
        raise SnapshotDamaged(f"{path / CURRENT} cannot be read ({error.strerror}): mend its permissions") from error
    return path / GENERATIONS / name


def published_manifest(path: Path) -> Manifest | None:
    """Read the published generation's manifest alone, or return None if nothing was ever indexed.

    Raises SnapshotDamaged or SnapshotMismatch.
    """
    folder = published(path)
    return read_manifest(folder) if folder else None


def kept_generations(path: Path) -> list[Path]:
    """Return the folders of all kept generations, oldest first."""
    return sorted((path / GENERATIONS).glob("[0-9]*-*"))


def load_generation(folder: Path) -> LocalSnapshot:
    """Load and verify the generation in ``folder``; SnapshotDamaged names the file, or SnapshotMismatch is raised."""
    manifest = read_manifest(folder)
    verify(folder, manifest)
    try:
        documents = read_documents(folder)
        passages = PassageTable.load(folder, documents)
        dense, lexical = DenseIndex.load(folder / VECTORS, manifest.recall), Lexical.load(folder)
        tokens, relations = TokenStore.load(folder), Relations.load(folder)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise SnapshotDamaged(f"the index {folder} cannot be read ({error}): {REBUILD}") from error
    if not len(passages) == len(dense) == len(lexical) == len(tokens):
        raise SnapshotDamaged(f"the parts of the index {folder} differ in length: {REBUILD}")
    return LocalSnapshot(manifest, documents, passages, dense, lexical, tokens, relations)


def load_snapshot(path: Path, load: Callable[[Path], LocalSnapshot] = load_generation) -> LocalSnapshot:
    """Load and verify the published generation below ``path``.

    Raises SnapshotMissing, SnapshotDamaged (the file is named) or SnapshotMismatch (written by another version).
    """
    for attempt in (1, 2):
        folder = published(path)
        if folder is None:
            raise SnapshotMissing(f"there is no index in {path}: run `wenbao index`")
        try:
            return load(folder)
        except SnapshotDamaged:
            if attempt == 2 or published(path) == folder:  # else a writer switched and tidied up in between
                raise
    raise AssertionError("unreachable")


def load_last_good(path: Path) -> tuple[LocalSnapshot, str | None]:
    """Load the published generation or, where it is damaged, the newest kept one that is whole.

    Returns the snapshot and what is wrong with the published one, if anything. Raises as ``load_snapshot`` where no
    generation can be read.
    """
    try:
        return load_snapshot(path), None
    except SnapshotDamaged as damage:
        for folder in reversed(kept_generations(path)):
            try:
                return load_generation(folder), str(damage)
            except SnapshotError:
                continue
        raise


def verify_all(path: Path) -> list[SnapshotError]:
    """Read every kept generation from end to end and return what is wrong, an error for each that does not load."""
    errors = []
    for folder in kept_generations(path):
        try:
            load_generation(folder)
        except SnapshotError as error:
            errors.append(error)
    return errors
