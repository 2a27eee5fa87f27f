"""What is said of a citation beside its source: what replaced the report, and where else the passage stands.

For the terminal and for Telegram; the web page lays out the same (``notices.js``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.texts import Language, text
from retrieval.notices import Overview
from retrieval.related import Difference, Reprint, Version
from retrieval.types import Answer, Citation

MOST_REPRINTS = 3
MOST_DIFFERENCES = 3
LONGEST_WORDS = 40


def notice_of(answer: Answer, language: Language) -> str:
    """Return what is said beside an answer or instead of one; empty where there is nothing to say."""
    if answer.notice is None:
        return ""
    if answer.differs is None:
        return text(language, f"notice_{answer.notice.kind}", detail=answer.notice.detail)
    found = "notice_differs" if answer.differs.found else "notice_differs_nothing"
    return text(language, found, asked=answer.differs.asked, found=answer.differs.found)


def overview_lines(overview: Overview, language: Language) -> list[str]:
    """Return the lines that say what the collection holds, but for its reports."""
    lines = [text(language, "overview_counts", documents=overview.documents, passages=overview.passages)]
    if overview.date_from and overview.date_to:
        dates = {"first": overview.date_from.isoformat(), "last": overview.date_to.isoformat()}
        lines.append(text(language, "overview_dates", **dates))
    named = {"people": overview.people, "places": overview.places, "sources": overview.sources}
    for key, names in named.items():
        if names:
            lines.append(text(language, f"overview_{key}", names=text(language, "list_of_names").join(names)))
    return lines


def notices(citation: Citation, language: Language) -> list[str]:
    """Return the lines that a reader of the citation should know; mostly none."""
    lines = []
    if citation.superseded_by:
        lines.append(text(language, "superseded_by", report=_report(citation.superseded_by, language)))
    if citation.supersedes:
        reports = "".join(_report(version, language) for version in citation.supersedes)
        lines.append(text(language, "supersedes", reports=reports))
    lines += [_reprint(reprint, language) for reprint in citation.duplicates[:MOST_REPRINTS]]
    if more := len(citation.duplicates[MOST_REPRINTS:]):
        lines.append(text(language, "reprints_more", count=more))
    return lines


def _report(report: Version | Reprint, language: Language) -> str:
    if report.date is None:
        return text(language, "report_title", title=report.title)
    return text(language, "report_dated", title=report.title, date=report.date.isoformat())


def _reprint(reprint: Reprint, language: Language) -> str:
    report = _report(reprint, language)
    if not reprint.differences:
        return text(language, "reprint", report=report)
    changes = text(language, "change_separator").join(_changes(reprint.differences, language))
    return text(language, "reprint_changed", report=report, changes=changes)


def _changes(differences: Sequence[Difference], language: Language) -> Iterator[str]:
    for difference in differences[:MOST_DIFFERENCES]:
        words = {"old": _shortened(difference.old), "new": _shortened(difference.new)}
        yield text(language, f"change_{difference.kind}", **words)
    if more := len(differences[MOST_DIFFERENCES:]):
        yield text(language, "changes_more", count=more)


def _shortened(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
