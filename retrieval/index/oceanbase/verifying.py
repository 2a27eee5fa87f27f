"""Whether everything of a generation is in the database, looked at from end to end."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from retrieval.errors import SnapshotDamaged, SnapshotError, SnapshotMissing
from retrieval.index.manifest import REBUILD
from retrieval.index.oceanbase.catalogue import Catalogue, ReportLine, read_catalogue
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.reading.material import marks, opened
from retrieval.index.oceanbase.tables import GENERATIONS, PASSAGES, REPORTS, ROW_BITS, TEXTS

TOGETHER = 100
"""Reports that are looked at in one round trip."""


def damage_of(database: Database, number: int) -> SnapshotError | None:
    """Return what is wrong with a generation, None where nothing is, or where it was removed meanwhile."""
    try:
        catalogue = database.reading(lambda session: read_catalogue(session, number))
    except SnapshotMissing:
        return None
    except SnapshotError as error:
        return error
    lines, damaged = catalogue.lines, list[str]()
    for start in range(0, len(lines), TOGETHER):
        damaged += _damaged(database, catalogue, lines[start : start + TOGETHER])
    if not damaged or not database.rows(f"SELECT 1 FROM {GENERATIONS} WHERE number = %s", [number]):
        return None  # others index meanwhile, and may have removed it
    named = ", ".join(damaged[:3]) + (", …" if len(damaged) > 3 else "")
    return SnapshotDamaged(
        f"generation {catalogue.manifest.generation} in the database lacks text, passages or vectors of "
        f"{len(damaged)} reports ({named}): {REBUILD}"
    )


def _damaged(database: Database, catalogue: Catalogue, lines: Sequence[ReportLine]) -> list[str]:
    """Return the ids of reports that are not whole: their own text, and each passage with what it is found by."""
    numbers = [line.report for line in lines]
    contents, passages = database.reading(
        lambda session: session.all(
            [
                (f"SELECT report, content FROM {REPORTS} WHERE report IN ({marks(numbers)})", numbers),
                (
                    f"SELECT report, COUNT(*) FROM (SELECT p.passage >> {ROW_BITS} report FROM {PASSAGES} p "
                    f"JOIN {TEXTS.format(space=catalogue.space)} t ON t.text = p.text WHERE "
                    + " OR ".join(["p.passage BETWEEN %s AND %s"] * len(numbers))
                    + ") standing GROUP BY report",
                    [bound for line in lines for bound in catalogue.range_of(catalogue.places[line.document_id])],
                ),
            ]
        )
    )
    texts = {int(report): content for report, content in contents}
    counts = {int(report): int(count) for report, count in passages}
    return [
        line.document_id
        for line in lines
        if counts.get(line.report, 0) != line.passages or not _is_whole(texts.get(line.report), line)
    ]


def _is_whole(content: bytes | None, line: ReportLine) -> bool:
    try:
        document = opened(content) if content else None
    except (ValueError, KeyError, TypeError, zlib.error):
        return False
    return document is not None and (document.document_id, document.version) == (line.document_id, line.version)
