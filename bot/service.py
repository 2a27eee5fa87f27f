"""The one Answerer that all faces share: opened from settings, asked off the event loop, never overrun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TypeVar

from bot.settings import Settings
from retrieval.analysis import analysis_fingerprint
from retrieval.answering import DEFAULT_TOP_K, Answerer
from retrieval.encoder import SentenceEncoder
from retrieval.errors import SnapshotError, SnapshotMismatch, SnapshotMissing, WenbaoError
from retrieval.indexer import build_index
from retrieval.snapshot import Snapshot, load_snapshot, published, read_manifest
from retrieval.types import Answer, Filters, Progress, Receipt, no_progress

Result = TypeVar("Result")


class Overloaded(WenbaoError):
    """More questions are waiting than the configuration allows."""


class NotReady(WenbaoError):
    """The index or the encoder is still being loaded."""


def make_encoder(settings: Settings, progress: Progress = no_progress) -> SentenceEncoder:
    """Return the configured encoder; nothing is loaded yet."""
    encoder = settings.encoder
    return SentenceEncoder(encoder.model, encoder.cache, encoder.weights_file, progress)


def update_index(settings: Settings, *, rebuild: bool = False, progress: Progress = no_progress) -> Receipt:
    """Bring the configured index up to date with the configured corpus."""
    return build_index(
        settings.corpus.paths,
        settings.index.path,
        make_encoder(settings, progress),
        rebuild=rebuild,
        max_bytes=int(settings.corpus.max_file_mib * 2**20),
        passage_characters=settings.index.passage_characters,
        progress=progress,
    )


def open_snapshot(settings: Settings, progress: Progress = no_progress) -> Snapshot:
    """Load the index, building it first if there is none; SnapshotMismatch if other settings made it."""
    try:
        snapshot = load_snapshot(settings.index.path)
    except SnapshotMissing:
        update_index(settings, progress=progress)
        snapshot = load_snapshot(settings.index.path)
    check_fingerprints(snapshot, make_encoder(settings, progress))
    return snapshot


def check_fingerprints(snapshot: Snapshot, encoder: SentenceEncoder) -> None:
    """Refuse an index whose vectors or words were made otherwise than questions are now."""
    manifest = snapshot.manifest
    if manifest.encoder_fingerprint != encoder.fingerprint:
        raise SnapshotMismatch(
            f"the index was made with the encoder {manifest.encoder}, the configuration names {encoder.name}: "
            "run `wenbao index`"
        )
    if manifest.analysis_fingerprint != analysis_fingerprint():
        raise SnapshotMismatch("the index was made with another version of jieba or OpenCC: run `wenbao index`")


def open_answerer(settings: Settings, progress: Progress = no_progress) -> Answerer:
    """Return an Answerer over the configured index, its encoder loaded."""
    snapshot = open_snapshot(settings, progress)
    encoder = make_encoder(settings, progress)
    encoder.load()
    return Answerer(snapshot, encoder)


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What ``wenbao status --json`` and ``GET /status`` say (contract)."""

    generation: str | None
    documents: int
    passages: int
    encoder: str
    problems: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return the contract's object."""
        return {**asdict(self), "problems": list(self.problems)}


def index_status(settings: Settings) -> IndexStatus:
    """Describe the index on disk, with every problem that it has."""
    encoder = make_encoder(settings)
    problems: list[str] = []
    try:
        snapshot = load_snapshot(settings.index.path)
        problems += [f"skipped {entry.path}: {entry.reason}" for entry in snapshot.manifest.skipped]
        check_fingerprints(snapshot, encoder)
    except SnapshotMissing as error:
        return IndexStatus(None, 0, 0, encoder.name, (str(error),))
    except WenbaoError as error:
        problems.append(str(error))
    return _from_manifest(settings, encoder.name, tuple(problems))


def _from_manifest(settings: Settings, encoder: str, problems: tuple[str, ...]) -> IndexStatus:
    try:
        folder = published(settings.index.path)
        manifest = read_manifest(folder) if folder else None
    except SnapshotError:
        manifest = None
    if manifest is None:
        return IndexStatus(None, 0, 0, encoder, problems)
    return IndexStatus(manifest.generation, manifest.documents, manifest.passages, manifest.encoder, problems)


class Service:
    """Runs one Answerer in a worker thread for faces that live in an event loop.

    Model work goes one question at a time, as one question already uses every core; at most ``server.queue`` wait.
    """

    def __init__(self, settings: Settings, open_: Callable[[Settings], Answerer] = open_answerer) -> None:
        self.settings = settings
        self._open = open_
        self._answerer: Answerer | None = None
        self._failure: WenbaoError | None = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wenbao-model")
        self._pending = 0

    @property
    def ready(self) -> bool:
        """Whether questions can be answered now."""
        return self._answerer is not None

    @property
    def answerer(self) -> Answerer:
        """The open Answerer; NotReady before it is."""
        if self._answerer is None:
            raise self._failure or NotReady("the reports are still being loaded: try again in a few seconds")
        return self._answerer

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that questions are answered from."""
        return self.answerer.snapshot

    async def start(self) -> None:
        """Open index and encoder in the worker; raises what made it fail, and keeps it for later askers."""
        try:
            self._answerer = await self._in_worker(lambda: self._open(self.settings))
        except WenbaoError as error:
            self._failure = error
            raise

    async def ask(
        self, question: str, top_k: int = DEFAULT_TOP_K, filters: Filters | None = None, explain: bool = False
    ) -> Answer:
        """Answer in the worker thread; Overloaded if too many questions wait already."""
        answerer = self.answerer
        if self._pending >= self.settings.server.queue:
            raise Overloaded(f"{self._pending} questions are waiting already: try again in a few seconds")
        self._pending += 1
        try:
            return await self._in_worker(lambda: answerer.ask(question, top_k, filters, explain))
        finally:
            self._pending -= 1

    async def _in_worker(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def close(self) -> None:
        """Let the question in hand finish and drop those that wait."""
        self._worker.shutdown(wait=True, cancel_futures=True)
