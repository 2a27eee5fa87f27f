"""How one report is related to another: what a reprint of it changed, and which version of a rule it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

DifferenceKind = Literal["title", "figure", "date", "name", "negation", "wording", "addition", "omission"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a reprint changed, verbatim; ``old`` is empty for an addition, ``new`` for an omission."""

    kind: DifferenceKind
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Reprint:
    """Another place where a passage stands, and what that report changed if it is a reprint of the whole report."""

    document_id: str
    paragraph: int | None
    title: str
    date: dt.date | None
    differences: tuple[Difference, ...] = ()
    aside: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """Another version of a rule: the report that replaced it, or one that it replaced."""

    document_id: str
    title: str
    date: dt.date | None
