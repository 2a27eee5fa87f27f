"""Put reports into the corpus folder and take them out, for ``wenbao add`` and ``remove``, HTTP and Telegram."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bot.service.store import store_of
from bot.settings import Settings
from retrieval.corpus import Recogniser, check_file, installed_recogniser
from retrieval.disk import file_aside
from retrieval.errors import DocumentUnknown, IndexBusy, ReportUnreadable, WenbaoError
from retrieval.index.protocol import Snapshot
from retrieval.index.store import Store
from retrieval.types import Progress, Skipped, no_progress

LONGEST_NAME = 200
"""In bytes; file systems take 255, and a file that is written aside has a longer name."""
WAIT_SECONDS = 30.0
"""How long a change waits for another process that is indexing."""
LONGEST_SLICE = 0.5
"""How long it waits before it is looked whether this process must end."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')


class CorpusUnwritable(WenbaoError):
    """A report cannot be put into the corpus folder or taken out of it."""


class ReportHeld(CorpusUnwritable):
    """A report that has no file of its own to be deleted."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody handed in."""

    name: str
    data: bytes


def read_upload(path: Path) -> Upload:
    """Read a file that is to be added; CorpusUnwritable says why it cannot be read."""
    try:
        return Upload(path.name, path.read_bytes())
    except OSError as error:
        raise CorpusUnwritable(f"{path} cannot be read: {error.strerror}") from error


def corpus_folder(settings: Settings) -> Path:
    """Return the folder for new reports: the first of corpus.paths that is no file; CorpusUnwritable if all are."""
    for path in settings.corpus.paths:
        if path.is_dir() or not path.exists():
            return path
    raise CorpusUnwritable("corpus.paths names single files only: add a folder for new reports to it")


def safe_name(name: str) -> str:
    """Return the bare file name, without folders or characters that file systems refuse; ReportUnreadable if empty.

    A long name is cut, and gets a digest of the whole, so that no two long names become one.
    """
    bare = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not bare or not Path(bare).stem.strip(" ._"):
        raise ReportUnreadable("the file has no usable name")
    if len(bare.encode()) <= LONGEST_NAME:
        return bare
    tail = f"-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}{Path(bare).suffix[:16]}"
    return bare.encode()[: LONGEST_NAME - len(tail.encode())].decode("utf-8", "ignore") + tail


def add_reports(settings: Settings, uploads: Sequence[Upload], progress: Progress = no_progress) -> list[Skipped]:
    """Put the files that can be read into the corpus folder, replacing ones of the same name; return the others.

    A file is read before it is put there, and put there by one rename. Pages that are recognised for that are kept for
    the index; ``progress`` is told of them. Raises CorpusUnwritable if the folder cannot be written.
    """
    folder = corpus_folder(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with installed_recogniser(settings.index.path, progress) or nullcontext() as recogniser:
            return [skipped for upload in uploads if (skipped := _add(settings, folder, upload, recogniser))]
    except OSError as error:
        raise CorpusUnwritable(f"{folder} cannot be written ({error.strerror}): mend its permissions") from error


def _add(settings: Settings, folder: Path, upload: Upload, recogniser: Recogniser | None) -> Skipped | None:
    try:
        with file_aside(folder / safe_name(upload.name)) as aside:
            aside.write_bytes(upload.data)
            check_file(aside.parent, aside, int(settings.corpus.max_file_mib * 2**20), recogniser)
    except ReportUnreadable as error:
        return Skipped(upload.name, str(error))
    return None


@contextmanager
def changing(settings: Settings, *, wait: bool = True, progress: Progress = no_progress) -> Iterator[None]:
    """Hold the index's lock from the first change of the corpus to the receipt, so that it names what was changed.

    Raises IndexBusy, before anything is changed, where another process holds it for longer than WAIT_SECONDS; without
    ``wait``, at all. While it waits, ``progress`` is called often, so that it may break that off.
    """
    store, until = store_of(settings), time.monotonic() + (WAIT_SECONDS if wait else 0)
    with ExitStack() as held:
        while not _is_held(held, store, min(LONGEST_SLICE, max(0.0, until - time.monotonic())), until):
            progress("wait", 0, 1)
        yield


def _is_held(held: ExitStack, store: Store, wait: float, until: float) -> bool:
    """Take the index's lock into ``held``; False where it is not free yet, IndexBusy from the moment ``until``."""
    try:
        held.enter_context(store.writing(wait))
    except IndexBusy:
        if time.monotonic() >= until:
            raise
        return False
    return True


def remove_reports(settings: Settings, snapshot: Snapshot, document_ids: Sequence[str]) -> None:
    """Delete the files of these documents.

    Before anything is deleted, it raises DocumentUnknown if one is not there, and ReportHeld if its file is gone or in
    an archive. CorpusUnwritable where a file cannot be reached or deleted.
    """
    try:
        files = [_file_of(settings, snapshot, document_id) for document_id in document_ids]
    except OSError as error:
        detail = f"{error.filename} cannot be reached ({error.strerror}): mend its permissions"
        raise CorpusUnwritable(detail) from error
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise CorpusUnwritable(f"{file} cannot be deleted ({error.strerror}): mend its permissions") from error


def _file_of(settings: Settings, snapshot: Snapshot, document_id: str) -> Path:
    document = snapshot.by_id.get(document_id)
    if document is None:
        raise DocumentUnknown(f"no report has the id {document_id!r}: `wenbao documents` lists them")
    for root in settings.corpus.paths:
        file = (root if root.is_dir() else root.parent) / document.path
        if file.is_file() and (root.is_dir() or file == root):
            return file
        for archive in file.parents:
            if archive.is_file():
                raise ReportHeld(
                    f"{document_id} stands in the archive {archive}: pack it again without it, or delete it"
                )
    if settings.index.is_shared:
        raise ReportHeld(
            f"the file of {document_id} ({document.path}) is in no folder of this machine: delete it where it is, and "
            "run `wenbao index` there"
        )
    raise ReportHeld(f"the file of {document_id} ({document.path}) is no longer in the corpus: run `wenbao index`")
