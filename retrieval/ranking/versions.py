"""Versions of one rule: the one in force comes first, unless the question asks for the time of another."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection

import numpy as np

from retrieval.arrays import Rows, Scores
from retrieval.index.protocol import Snapshot
from retrieval.index.relations.titles import day_of
from retrieval.question.query import Query

SAYS_IT_TOO = np.float32(0.02)
"""How far below another version's passage the best passage of the version in force may score and still say as much
about what was asked; where it says less, the other version is cited, with a note."""
SAYS_IT_THEN = np.float32(0.2)
"""The same where the question names the time of a version, because a newer one names it too, where it repeals that."""
BEHIND = np.float32(1e-3)
"""How far another version's passage is put behind that of the version in force."""

_ABOUT_VERSIONS = re.compile(
    r"废[止除]|作废|失效|取代|代替|替代|停止执行|修订|修改|区别|变化|不同|相比|replaced?|repeal|amend|differ|change"
)
"""Words of a question that is about versions, and not about what one of them says."""


class Versions:
    """Which reports of a snapshot are versions of one rule; reprints of a version are that version."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot, self._relations = snapshot, snapshot.relations
        self._counterpart_of = dict(self._relations.counterparts)
        self._versions_of = defaultdict[str, set[str]](set)
        for older, newest in self._relations.replaced.items():
            self._versions_of[newest] |= {newest, self._relations.version_of(older)}

    def ordered(self, rows: Rows, scores: Scores, query: Query) -> tuple[Scores, dict[int, int]]:
        """Return the ``(k,)`` scores of candidates with other versions behind the one in force at the time asked.

        Also returns which rows must stay behind which, whatever else is found in them.
        """
        rules = self._by_version(rows)
        if not rules or _ABOUT_VERSIONS.search(query.text):
            return scores, {}
        ordered, day = scores.copy(), query.time.date_to if query.time else None
        in_force = {rule: self._in_force(rule, day) for rule in rules}
        fronts = self._put_in_place(rows, ordered, {rule for rule, version in in_force.items() if version == rule})
        for rule, places in rules.items():
            if in_force[rule] in places:
                mine = places.pop(in_force[rule])
                others = [place for version in places.values() for place in version]
                if others and in_force[rule] != rule:
                    fronts |= self._put_in_time(rows, ordered, mine, others)
                best = ordered[mine].max()
                near = [at for at in others if best - BEHIND < ordered[at] <= best + SAYS_IT_TOO]
                ordered[near] = best - BEHIND
        return ordered, fronts

    def _put_in_place(self, rows: Rows, scores: Scores, rules: Collection[str]) -> dict[int, int]:
        """Let passages of the newest version of these rules take the place of those that say the same in older ones."""
        places = {row: place for place, row in enumerate(rows.tolist())}
        fronts = dict[int, int]()
        for older, place in places.items():
            newer = self._counterpart_of.get(older, -1)
            if newer in places and self._relations.rule_of(self._report_at(newer)) in rules:
                scores[places[newer]] = max(scores[places[newer]], scores[place])
                scores[place] = min(scores[place], scores[places[newer]] - BEHIND)
                fronts[older] = newer
        return fronts

    def _put_in_time(self, rows: Rows, scores: Scores, mine: list[int], others: list[int]) -> dict[int, int]:
        """Let the version of the time asked about score what others do that only name it, and put them behind it."""
        best = max(mine, key=lambda place: scores[place])
        gain = scores[others].max() - scores[best]
        if gain > SAYS_IT_THEN:
            return {}
        scores[mine] += max(gain, np.float32(0))
        return {int(rows[place]): int(rows[best]) for place in others}

    def _by_version(self, rows: Rows) -> dict[str, dict[str, list[int]]]:
        """Return rule -> version -> the places of its passages among the rows."""
        found = defaultdict[str, dict[str, list[int]]](dict)
        for place, row in enumerate(rows.tolist() if self._versions_of else ()):
            report = self._report_at(row)
            if (rule := self._relations.rule_of(report)) in self._versions_of:
                found[rule].setdefault(self._relations.version_of(report), []).append(place)
        return found

    def _report_at(self, row: int) -> str:
        return self._snapshot.documents[self._snapshot.layout.report_of(row)].document_id

    def _in_force(self, newest: str, day: dt.date | None) -> str:
        """Return the version that held on a day: the newest where no day is asked about, or none held yet."""
        reports, number_of = self._snapshot.documents, self._snapshot.number_of
        days = {version: day_of(reports[number_of(version)]) for version in self._versions_of[newest]}
        held = {version: date for version, date in days.items() if day and date and date <= day}
        return max(held, key=lambda version: (held[version], version == newest)) if held else newest
