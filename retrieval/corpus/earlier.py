"""What reports keep of the published generation: their ids, and their text while their file cannot be had."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from retrieval.corpus.encoding import printable
from retrieval.types import Document, Skipped


class Ids:
    """Gives each report its id: the one it has, else its path without the suffix, and with it where that is taken.

    ``known`` are the ids by path, ``files`` the paths of all files, both below the corpus root.
    """

    def __init__(self, known: Mapping[str, str], files: Collection[str]) -> None:
        self._known = {path: key for path, key in known.items() if _is_there(path, files)}
        self._path_of = {key: path for path, key in self._known.items()}

    def named(self, found: Document | Skipped) -> Document | Skipped:
        """Return a document under its id."""
        if isinstance(found, Skipped):
            return found
        wanted = self._known.get(found.path)
        if wanted is None:
            suffix = PurePosixPath(found.path).suffix
            choices = (found.document_id, found.document_id + suffix)
            wanted = next((key for key in choices if self._path_of.get(key, found.path) == found.path), choices[0])
        self._path_of.setdefault(wanted, found.path)
        return found if wanted == found.document_id else replace(found, document_id=wanted)


def _is_there(path: str, files: Collection[str]) -> bool:
    """Whether a report's file, or the archive that it stands in, is among the files."""
    return path in files or any(parent.as_posix() in files for parent in PurePosixPath(path).parents)


def documents_below(places: Mapping[Path, Collection[str]], documents: Collection[Document]) -> Iterator[Document]:
    """Yield the documents that stand at one of the ``places``, or below one that is a folder or an archive.

    ``places`` are paths as they are shown, by the corpus root that they were found in.
    """
    for root, shown in places.items():
        for document in documents:
            file = root / document.path
            if any(printable(place) in shown for place in (file, *file.parents)):
                yield document
