"""What an answer says beside its citations, or instead of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Differs:
    """The reports speak of somebody or something else: who or what was ``asked`` about, and was ``found`` instead."""

    asked: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in a list."""

    document_id: str
    title: str
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the collection holds: ``reports`` are the latest, ``people`` and ``places`` those that are named most.

    ``sources`` are who published most of the reports.
    """

    documents: int
    passages: int
    date_from: dt.date | None
    date_to: dt.date | None
    reports: tuple[Listed, ...]
    people: tuple[str, ...]
    places: tuple[str, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said beside or instead of an answer, the language of the question, and what it is said of."""

    kind: Literal["differs", "other_time", "partly", "greeting", "thanks", "about", "task"]
    language: Literal["zh", "en"]
    detail: str = ""
