"""Where the reports of the next generation come from: folders, or the published ones with a few more or less."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from retrieval.corpus import Corpus, Readings, original_files, read_corpus
from retrieval.index.scan import Scan, Scanning, scan
from retrieval.types import Document, Skipped


class Source(Protocol):
    """Reads the reports of the next generation."""

    @property
    def scanning(self) -> Scanning:
        """How they are read and cut."""

    @property
    def uploaded(self) -> bool:
        """Whether what is read here is in no folder."""

    def read(self, published: Mapping[str, Document], handed_in: Mapping[str, Document], skipped: Skips) -> Scan:
        """Return all reports of the next generation.

        ``published`` are those of the present one, by id, some of which were ``handed_in``, and ``skipped`` is what its
        folders had beside them.
        """

    def file(self, document: Document) -> bytes | None:
        """Return the file of a report that was read here; None for others, and where it cannot be had any more."""


Skips = tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Folders:
    """Everything below corpus paths, and beside it what was handed in, which stays until somebody removes it."""

    paths: Sequence[Path]
    readings_folder: Path
    scanning: Scanning
    uploaded: bool = False

    def read(self, published: Mapping[str, Document], handed_in: Mapping[str, Document], skipped: Skips) -> Scan:
        """Scan the folders; MostReportsGone and CorpusMissing as ``scan.scan`` raises them."""
        self.readings_folder.mkdir(parents=True, exist_ok=True)
        known = {name: document for name, document in published.items() if name not in handed_in}
        found = scan(self.paths, self.readings_folder, known, tuple(known.values()), self.scanning)
        return found.joined(handed_in)

    def file(self, document: Document) -> bytes | None:
        """Read the file once more."""
        return file_below(self.paths, document, self.scanning.max_bytes)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The published reports, and those below a folder that is read for this once."""

    folder: Path
    scanning: Scanning
    uploaded: bool = True

    def read(self, published: Mapping[str, Document], handed_in: Mapping[str, Document], skipped: Skips) -> Scan:
        """Read the folder; a report in it replaces one of the same path, one whose id another has is skipped."""
        of, readings = self.scanning, Readings(documents=published)
        new = read_corpus([self.folder], of.max_bytes, of.progress, readings=readings, recogniser=of.recogniser)
        taken = [one for one in new.documents if _path_of(published, one) != one.path]
        refused = tuple(
            Skipped(one.path, f"its id {one.document_id} is taken by {_path_of(published, one)}: rename it")
            for one in taken
        )
        added = {one.document_id: one for one in new.documents if one not in taken}
        named = tuple(dataclasses.replace(one, path=self._bare(one.path)) for one in new.skipped)
        found = Scan.of(Corpus(tuple(published.values()), skipped), of).joined(added)
        return dataclasses.replace(found, refused=(*named, *refused))

    def _bare(self, path: str) -> str:
        """Return the path of what was skipped as it was handed in."""
        return path.removeprefix(f"{self.folder}/")

    def file(self, document: Document) -> bytes | None:
        """Read the file once more."""
        return file_below([self.folder], document, self.scanning.max_bytes)


@dataclass(frozen=True, slots=True)
class Without:
    """The published reports but for a few."""

    document_ids: Collection[str]
    scanning: Scanning
    uploaded: bool = False

    def read(self, published: Mapping[str, Document], handed_in: Mapping[str, Document], skipped: Skips) -> Scan:
        """Leave them out; whoever asks for it has seen that they are there."""
        left = tuple(one for name, one in published.items() if name not in self.document_ids)
        return Scan.of(Corpus(left, skipped), self.scanning)

    def file(self, document: Document) -> bytes | None:
        """Return nothing: nothing was read."""
        return None


def file_below(paths: Sequence[Path], document: Document, max_bytes: int) -> bytes | None:
    """Return the first file that a report may have been read from; its digest is still to be looked at."""
    return next(original_files(paths, document.path, max_bytes), None)


def _path_of(published: Mapping[str, Document], document: Document) -> str:
    """Return the path of the published report with the same id; its own where there is none."""
    return published[document.document_id].path if document.document_id in published else document.path
