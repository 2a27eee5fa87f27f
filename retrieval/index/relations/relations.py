"""What a snapshot knows of its reports' relations, in ``relations.json``.

    version       of what finds them; relations found by another are found anew
    families      reprints, the first report by date first, with what each of the others changed
    rows          pairs of passages, of the first report and of a reprint, that share sentences but not their whole
                  text, and whether the reprint's has a sentence that the first report has not
    replaced      report -> the one that holds in its place
    counterparts  pairs of passages, of a replaced report and of the one in its place, about the same thing
    copied        notices that places copied from each other, a list for each
    names         folded name -> others for the same -> the reports that use them

Reports are named by id, passages by row.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from retrieval.disk import write_json
from retrieval.related import Difference

RELATIONS = "relations.json"
RELATIONS_VERSION = 3
"""Raise it when the same reports would be related otherwise."""


@dataclass(frozen=True, slots=True)
class Family:
    """A report and its reprints, by id, the first by date first; ``differences`` are those of each of the others."""

    documents: tuple[str, ...]
    differences: tuple[tuple[Difference, ...], ...]

    def among(self, is_seen: Callable[[str], bool]) -> Family:
        """Return the family of those that are seen; without its first report what the others changed is not known."""
        first, *others = self.documents
        if not is_seen(first):
            return Family((), ())
        kept = [number for number, other in enumerate(others) if is_seen(other)]
        return Family((first, *(others[at] for at in kept)), tuple(self.differences[at] for at in kept))


@dataclass(frozen=True)
class Relations:
    """How the reports of a snapshot are related; ids are reports', rows are passages'."""

    families: tuple[Family, ...] = ()
    rows: tuple[tuple[int, int, bool], ...] = ()
    counterparts: tuple[tuple[int, int], ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    copied: tuple[tuple[str, ...], ...] = ()
    names: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    version: int = RELATIONS_VERSION

    @cached_property
    def family_of(self) -> dict[str, Family]:
        """Each report's family; those without reprints have none."""
        return {document: family for family in self.families for document in family.documents}

    @cached_property
    def replaces(self) -> dict[str, tuple[str, ...]]:
        """The reports that each one replaced, in reading order."""
        found = dict[str, tuple[str, ...]]()
        for older, newer in self.replaced.items():
            found[newer] = (*found.get(newer, ()), older)
        return found

    @cached_property
    def apart(self) -> frozenset[str]:
        """Reports whose passages stand for themselves, whoever has the same text: versions, and copied notices."""
        copied = (document for group in self.copied for document in group)
        return frozenset((*self.replaced, *self.replaced.values(), *copied))

    def version_of(self, document: str) -> str:
        """Return the first report of the family of reprints that a report belongs to, or the report itself."""
        family = self.family_of.get(document)
        return family.documents[0] if family else document

    def rule_of(self, document: str) -> str:
        """Return what holds in a report's place now; two reports with the same are versions or reprints of one."""
        version = self.version_of(document)
        return self.replaced.get(version, version)

    def differences(self, first: str, other: str) -> tuple[Difference, ...] | None:
        """Return what the reprint ``other`` changed in ``first``; None where that report is not its family's first."""
        family = self.family_of.get(first)
        if family is None or family.documents[0] != first or other not in family.documents[1:]:
            return None
        return family.differences[family.documents.index(other) - 1]

    def others_of(self, name: str) -> tuple[str, ...]:
        """Return the names that some report uses for the same as a folded one."""
        return tuple(self.names.get(name, ()))

    def among(self, is_seen: Callable[[str], bool]) -> Relations:
        """Return how the reports that are seen are related among themselves, for somebody who may not see others.

        Pairs of passages stay, because whoever uses them has only passages of such reports.
        """
        families = (family.among(is_seen) for family in self.families)
        names = {
            name: {other: reports for other, reports in others.items() if any(map(is_seen, reports))}
            for name, others in self.names.items()
        }
        return dataclasses.replace(
            self,
            families=tuple(family for family in families if len(family.documents) > 1),
            replaced={old: new for old, new in self.replaced.items() if is_seen(old) and is_seen(new)},
            copied=tuple(tuple(filter(is_seen, group)) for group in self.copied),
            names={name: others for name, others in names.items() if others},
        )

    def save(self, folder: Path) -> None:
        """Write the file."""
        write_json(folder / RELATIONS, dataclasses.asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Relations:
        """Read what ``save`` wrote; none of version 0 where an older generation has no such file.

        OSError, ValueError, KeyError or TypeError if the file is not what was written.
        """
        if not (folder / RELATIONS).exists():
            return cls(version=0)
        return relations_from(json.loads((folder / RELATIONS).read_bytes()))


def relations_from(values: Mapping[str, Any]) -> Relations:
    """Return the relations that a dictionary was made of; ValueError, KeyError or TypeError if it is no such."""
    return Relations(
        families=tuple(_family_from(entry) for entry in values["families"]),
        rows=tuple((first, other, more) for first, other, more in values["rows"]),
        counterparts=tuple((older, newer) for older, newer in values["counterparts"]),
        replaced=dict(values["replaced"]),
        copied=tuple(map(tuple, values["copied"])),
        names=_names_from(values.get("names", {})),
        version=int(values["version"]),
    )


def _family_from(entry: Mapping[str, Iterable[object]]) -> Family:
    differences = (tuple(Difference(**one) for one in of) for of in entry["differences"])  # type: ignore[attr-defined]
    return Family(tuple(map(str, entry["documents"])), tuple(differences))


def _names_from(
    entry: Mapping[str, Mapping[str, Iterable[str]] | Iterable[str]],
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return names as they were written; version 2 did not write who uses them."""
    return {
        name: {other: tuple(reports) for other, reports in others.items()}
        if isinstance(others, Mapping)
        else {other: () for other in others}
        for name, others in entry.items()
    }
