"""Corpus paths -> documents, and a reason for every file that did not become one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from retrieval.corpus.archive import Member, unpack
from retrieval.corpus.documents import CONTROLS, make_document
from retrieval.corpus.draft import Draft
from retrieval.corpus.earlier import Ids, documents_below
from retrieval.corpus.encoding import printable
from retrieval.corpus.formats.registry import ARCHIVE, READERS, SUFFIXES
from retrieval.corpus.readings import Readings, state_of
from retrieval.corpus.recognition.recogniser import Recogniser, unrecognised
from retrieval.corpus.sandbox import Sandbox
from retrieval.errors import CorpusMissing, ReportOutOfReach, ReportUnreadable
from retrieval.types import Document, Progress, Skipped, no_progress

DEFAULT_MAX_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Corpus:
    """The documents of all corpus paths, by id, and the files that were skipped."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


def read_corpus(
    paths: Sequence[Path],
    max_bytes: int = DEFAULT_MAX_BYTES,
    progress: Progress = no_progress,
    sandbox: Sandbox | None = None,
    readings: Readings | None = None,
    recogniser: Recogniser | None = None,
) -> Corpus:
    """Read every report below ``paths`` (folders or single files); CorpusMissing if a path does not exist.

    A file that cannot be read, or has more than ``max_bytes``, or costs more than ``sandbox`` allows, is skipped with
    its reason and the rest goes on. Pages that are pictures are read by ``recogniser``; without one they are named.
    What ``readings`` know of files that have not changed is taken from there; what was read is added to them. A report
    keeps the id that it has there, and stays as it is there while its file cannot be had, which is named all the same.
    """
    files, readings = list(find_files(paths)), readings or Readings()
    ids = Ids(readings.ids, {path.relative_to(root).as_posix() for root, path in files})
    documents: dict[str, Document] = {}
    skipped: list[Skipped] = []
    out_of_reach: dict[Path, set[str]] = {}
    with sandbox or Sandbox() as worker:
        for done, (root, path) in enumerate(files, start=1):
            found = readings.of(path)
            if found is None:
                state = state_of(path)
                found = [ids.named(one) for one in read_file(root, path, worker, max_bytes, recogniser)]
                if not any(isinstance(one, Skipped) and one.may_pass for one in found):
                    readings.keep(path, found, state)
            for one in found:
                if isinstance(one, Skipped):
                    skipped.append(one)
                    if one.may_pass:
                        out_of_reach.setdefault(root, set()).add(one.path)
                elif taken := documents.get(one.document_id):
                    reason = f"its id {one.document_id} is taken by {taken.path}: rename one of them"
                    skipped.append(Skipped(printable(root / one.path), reason))
                else:
                    documents[one.document_id] = one
            progress("read", done, len(files))
    for document in documents_below(out_of_reach, readings.documents.values()):
        documents.setdefault(document.document_id, document)
    return Corpus(tuple(documents[key] for key in sorted(documents)), tuple(skipped))


def find_files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield (corpus root, file) in a stable order; hidden files and folders are left alone.

    Raises CorpusMissing if a path does not exist or cannot be reached. A folder below that is a link or cannot be
    listed is yielded like a file, for its reader to say so.
    """
    for path in paths:
        try:
            is_file, is_folder = path.is_file(), path.is_dir()
        except OSError as error:
            raise CorpusMissing(f"corpus path {path} cannot be reached ({error.strerror}): mend that first") from error
        if is_file:
            yield path.parent, path
        elif is_folder:
            yield from ((path, file) for file in _walk(path))
        else:
            raise CorpusMissing(
                f"corpus path {path} does not exist: create it or mend corpus.paths in the configuration"
            )


def _walk(root: Path) -> Iterator[Path]:
    refused: list[Path] = []
    for folder, subfolders, names in os.walk(root, onerror=lambda error: refused.append(Path(error.filename))):
        links = {name for name in subfolders if (Path(folder) / name).is_symlink()}
        subfolders[:] = sorted(name for name in subfolders if not name.startswith(".") and name not in links)
        yield from (Path(folder) / name for name in sorted({*names, *links}) if not name.startswith("."))
    yield from refused


def read_report(root: Path, path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Document:
    """Read one file that is no archive as a Document; ReportUnreadable says why it cannot be."""
    if path.suffix.lower() == ARCHIVE:
        raise ReportUnreadable("an archive: it may hold many reports")
    return check_file(root, path, max_bytes)


def check_file(
    root: Path, path: Path, max_bytes: int = DEFAULT_MAX_BYTES, recogniser: Recogniser | None = None
) -> Document:
    """Return the first document of a file or archive; ReportUnreadable, with the first reason, if there is none."""
    with Sandbox() as sandbox:
        found = list(read_file(root, path, sandbox, max_bytes, recogniser))
    for document in found:
        if isinstance(document, Document):
            return document
    raise ReportUnreadable(next(skipped.reason for skipped in found if isinstance(skipped, Skipped)))


def original_files(paths: Sequence[Path], relative: str, max_bytes: int = DEFAULT_MAX_BYTES) -> Iterator[bytes]:
    """Yield the bytes of every file, or member of an archive, that has this path below one of the corpus ``paths``."""
    for path in paths:
        root = path.parent if path.is_file() else path
        whole = root / relative
        for file in (whole, *whole.parents[: len(PurePosixPath(relative).parts) - 1]):
            if os.path.isfile(file) and path in (root, file):  # also where its folder is closed, unlike Path.is_file
                with contextlib.suppress(ReportUnreadable):
                    yield _original(root, file, whole.relative_to(file).as_posix(), max_bytes)


def _original(root: Path, file: Path, member: str, max_bytes: int) -> bytes:
    """Return a file's bytes, or those of a ``member`` ("." for none); ReportUnreadable if they cannot be had."""
    data = _bytes_of(root, file, max_bytes)
    if member == ".":
        return data
    with Sandbox() as sandbox:
        found = [_with_problem(one, max_bytes) for one in sandbox.members(data) if one.path == member]
    for one, content in unpack(data, found):
        if not one.problem:
            return content
    raise ReportUnreadable("no such member")


def read_file(
    root: Path,
    path: Path,
    sandbox: Sandbox,
    max_bytes: int = DEFAULT_MAX_BYTES,
    recogniser: Recogniser | None = None,
) -> Iterator[Document | Skipped]:
    """Read one file: yield its document, or those of an archive, and a reason for everything that is none.

    Pages of a document that could not be recognised have their reason too.
    """
    reader = _Reader(sandbox, recogniser)
    try:
        data = _bytes_of(root, path, max_bytes)
        relative = path.relative_to(root).as_posix()
        if path.suffix.lower() == ARCHIVE:
            yield from _read_archive(relative, printable(path), data, reader, max_bytes)
        else:
            yield from reader.read(relative, _id_of(relative), printable(path), data)
    except ReportUnreadable as error:
        yield _skipped(printable(path), error)


def _read_archive(
    relative: str, shown: str, data: bytes, reader: _Reader, max_bytes: int
) -> Iterator[Document | Skipped]:
    members = [_with_problem(member, max_bytes) for member in reader.sandbox.members(data)]
    if not members:
        raise ReportUnreadable("the archive is empty")
    for member, content in unpack(data, members):
        try:
            if member.problem:
                raise ReportUnreadable(member.problem)
            document_id = f"{_id_of(relative)}/{_id_of(member.path)}"
            yield from reader.read(f"{relative}/{member.path}", document_id, f"{shown}/{member.path}", content)
        except ReportUnreadable as error:
            yield _skipped(f"{shown}/{member.path}", error)


def _skipped(shown: str, error: ReportUnreadable) -> Skipped:
    return Skipped(shown, str(error), may_pass=isinstance(error, ReportOutOfReach))


def _with_problem(member: Member, max_bytes: int) -> Member:
    """Return the member with what keeps it from being read, as far as can be told before it is unpacked."""
    try:
        if not member.problem:
            _check_suffix(PurePosixPath(member.path).suffix)
            _check_size(member.size, max_bytes)
    except ReportUnreadable as error:
        return replace(member, problem=str(error))
    return member


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reads the bytes of a file, and the pictures among its pages."""

    sandbox: Sandbox
    recogniser: Recogniser | None

    def read(self, relative: str, document_id: str, shown: str, data: bytes) -> Iterator[Document | Skipped]:
        suffix, problem = PurePosixPath(relative).suffix.lower(), None
        draft = self._draft(suffix, data)
        if draft.unread:
            draft, problem = self._recognised(suffix, data, draft)
        yield make_document(draft, document_id, relative, data)
        if problem:
            yield Skipped(shown, problem)

    def _draft(self, suffix: str, data: bytes) -> Draft:
        if not data:
            raise ReportUnreadable("the file is empty")
        return self.sandbox.read(suffix, data)

    def _recognised(self, suffix: str, data: bytes, draft: Draft) -> tuple[Draft, str | None]:
        """Read the file again, with what was recognised on its pictures, and say which were not and why.

        ReportUnreadable where it has nothing else.
        """
        found = self.recogniser.recognise(suffix, data, draft.unread) if self.recogniser else unrecognised(draft.unread)
        if found.pages:
            draft = self.sandbox.read(suffix, data, found.pages)
        if not draft.blocks and found.problems:
            raise ReportUnreadable(next(iter(found.problems.values())))
        return draft, found.problem


def _id_of(relative: str) -> str:
    return PurePosixPath(relative).with_suffix("").as_posix()


def _bytes_of(root: Path, path: Path, max_bytes: int) -> bytes:
    """Return the file's content; ReportUnreadable if it is none, has no reader, or is not the corpus's own."""
    try:
        if path.is_dir():
            os.scandir(path).close()
            if not path.is_symlink():
                raise ReportOutOfReach("the folder could not be listed a moment ago")
            raise ReportUnreadable("a link to a folder: name that folder in corpus.paths")
        _check_suffix(path.suffix)
        if str(path.relative_to(root)) != printable(path.relative_to(root)):
            raise ReportUnreadable("its name is not in UTF-8: rename it")
        if CONTROLS.search(str(path.relative_to(root))):
            raise ReportUnreadable("its name holds control characters: rename it")
        if not path.resolve().is_relative_to(root.resolve()):
            raise ReportUnreadable("a link that leads out of the corpus folder")
        if not path.is_file():
            raise ReportUnreadable("not a regular file")
        _check_size(path.stat().st_size, max_bytes)
        return path.read_bytes()
    except RuntimeError as error:  # Path.resolve before Python 3.13
        raise ReportUnreadable("a link that leads to itself") from error
    except OSError as error:
        raise ReportOutOfReach(f"cannot be read: {error.strerror}") from error


def _check_suffix(suffix: str) -> None:
    if suffix.lower() not in (*READERS, ARCHIVE):
        raise ReportUnreadable(f"no reader for {suffix or 'a file without suffix'}; known are {SUFFIXES}")


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise ReportUnreadable(
            f"{size / 2**20:.1f} MiB is over the limit of {max_bytes / 2**20:g} MiB (corpus.max_file_mib)"
        )
