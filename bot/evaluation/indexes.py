"""What ``wenbao evaluate`` needs of the settings: the indexes that answer, and the stamp on a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.service.opening import Opener, update_index
from bot.settings import Settings
from retrieval.answer.answerer import Answerer
from retrieval.evaluation import Comparison, Indexes, Run, SetResult, commit, figures_json, now
from retrieval.types import Progress, no_progress

RUNS = "runs"
CACHE = "evaluation"
FACES = {"server", "web", "telegram", "feedback"}
"""Sections of the configuration that no figure depends on."""


def indexes(settings: Settings, opener: Opener, progress: Progress = no_progress) -> Indexes:
    """Return what opens the configured index, and scratch indexes made with the same settings."""
    encoder = opener.encoder(settings, progress)

    def configured() -> Answerer:
        return opener.open(settings, encoder, progress)

    def scratch(corpus: Path, index: Path) -> Answerer:
        own = _scratch_settings(settings, corpus, index)
        update_index(own, encoder, may_remove_most=True, progress=progress)
        return opener.open(own, encoder, progress)

    return Indexes(configured, scratch, settings.index.path / CACHE, encoder.fingerprint)


def _scratch_settings(settings: Settings, corpus: Path, index: Path) -> Settings:
    sections: dict[str, Any] = {
        "corpus": settings.corpus.model_copy(update={"paths": (corpus,)}),
        "index": settings.index.model_copy(update={"path": index, "store": "local", "keep": 1}),
    }
    return settings.model_copy(update=sections)


def stamped(settings: Settings, sets: Sequence[SetResult]) -> Run:
    """Return a run of these results, stamped with time, commit and settings."""
    kept = settings.model_dump(mode="json", exclude=FACES)
    return Run(now(), commit(), settings.encoder.model, kept, tuple(sets))


def runs_folder(settings: Settings) -> Path:
    """Return the folder that runs are saved in."""
    return settings.index.path / RUNS


def result_json(run: Run, saved: Path, compared: Sequence[Comparison]) -> dict[str, Any]:
    """Return what ``wenbao evaluate --json`` prints: the figures, where the run was saved, and what changed."""
    changes = [{**asdict(one), "counts": one.counts} for one in compared]
    return {**figures_json(run), "saved": str(saved), "against": changes}
