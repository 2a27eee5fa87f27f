"""Corpus paths -> documents, and a reason for every file that did not become one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.corpus.documents import make_document
from retrieval.corpus.readers import READERS
from retrieval.errors import CorpusMissing, ReportUnreadable
from retrieval.types import Document, Progress, Skipped, no_progress

DEFAULT_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents of all corpus paths, by id, and the files that were skipped."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def read_corpus(paths: Sequence[Path], max_bytes: int = DEFAULT_MAX_BYTES, progress: Progress = no_progress) -> Corpus:
    """Read every report below ``paths`` (folders or single files); CorpusMissing if a path does not exist.

    A file that cannot be read is skipped with its reason and the rest goes on.
    """
    files = list(find_files(paths))
    documents: dict[str, Document] = {}
    skipped: list[Skipped] = []
    for done, (root, path) in enumerate(files, start=1):
        try:
            document = read_report(root, path, max_bytes)
            if document.document_id in documents:
                taken = documents[document.document_id].path
                raise ReportUnreadable(f"its id {document.document_id} is taken by {taken}: rename one of them")
            documents[document.document_id] = document
        except ReportUnreadable as error:
            skipped.append(Skipped(printable(path), str(error)))
        progress("read", done, len(files))
    return Corpus(tuple(documents[key] for key in sorted(documents)), tuple(skipped))


def find_files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield (corpus root, file) in a stable order; hidden files and folders are left alone.

    Folders that cannot be listed or are only linked to are yielded too, so that they are named as skipped.
    """
    for path in paths:
        if path.is_file():
            yield path.parent, path
        elif path.is_dir():
            yield from ((path, file) for file in _walk(path))
        else:
            raise CorpusMissing(
                f"corpus path {path} does not exist: create it or mend corpus.paths in the configuration"
            )


def _walk(root: Path) -> Iterator[Path]:
    unlisted: list[Path] = []
    for folder, subfolders, names in os.walk(root, onerror=lambda error: unlisted.append(Path(error.filename))):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        linked = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        yield from (Path(folder) / name for name in sorted([*names, *linked]) if not name.startswith("."))
    yield from unlisted


def printable(path: Path) -> str:
    """Return the path as text that can be written anywhere; bytes that are no UTF-8 become question marks."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def read_report(root: Path, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Document:
    """Read one file as a Document; ReportUnreadable says why it cannot be."""
    _check_place(root, path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise ReportUnreadable(f"no reader for {path.suffix or 'a file without suffix'}; known are {known}")
    data = _read_bytes(path, max_bytes)
    relative = path.relative_to(root)
    return make_document(reader(data), relative.with_suffix("").as_posix(), relative.as_posix(), data)


def _check_place(root: Path, path: Path) -> None:
    """Refuse what is no file of this corpus, or cannot be named in an address."""
    if path.is_dir():
        raise ReportUnreadable("a linked folder, which is not followed" if path.is_symlink() else "cannot be listed")
    if printable(path) != str(path):
        raise ReportUnreadable("its name is not UTF-8: rename it")
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:
        raise ReportUnreadable("a link that leads round in a circle") from error
    if not inside:
        raise ReportUnreadable("a link that leads out of the corpus folder")


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise ReportUnreadable("not a regular file")
        size = path.stat().st_size
        if size > max_bytes:
            raise ReportUnreadable(
                f"{size / 2**20:.1f} MiB is over the limit of {max_bytes / 2**20:g} MiB (corpus.max_file_mib)"
            )
        return path.read_bytes()
    except OSError as error:
        raise ReportUnreadable(f"cannot be read: {error.strerror}") from error
