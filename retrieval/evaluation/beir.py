"""BEIR folders: corpus.jsonl, queries.jsonl, qrels.tsv; the corpus as report files, spans as offsets in the reports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from retrieval.disk import folder_aside
from retrieval.errors import EvaluationError
from retrieval.evaluation.judged import Judged, Located, WholeDocument, language_of
from retrieval.evaluation.questions import Entry, EntrySpan, QuestionSet, check_unique, json_lines, text_of
from retrieval.types import MAX_QUESTION_CHARACTERS, Document

FILES = ("corpus.jsonl", "queries.jsonl", "qrels.tsv")
HEADER = ("query-id", "corpus-id", "score")
_BLANK = re.compile(r"[\s\ufeff\u200b]+")

Qrels = Mapping[str, Mapping[str, int]]
"""Question id -> entry id -> grade, of at least 1."""


def read_beir(folder: Path) -> QuestionSet:
    """Read a BEIR folder; EvaluationError says what is missing or wrong.

    A question without relevant documents counts as one that the corpus does not answer. If its "meta" says that its
    "kind" is answerable, nobody judged it, and it is left out. Where every answer's place is known ("spans" in
    "meta"), a hit is a passage that overlaps it; else it is a citation of a relevant document.
    """
    _check_files(folder)
    entries = _entries(folder / "corpus.jsonl")
    queries = _queries(folder / "queries.jsonl")
    qrels = _qrels(folder, {entry.entry_id for entry in entries}, set(queries))
    names = {entry.entry_id: document_id_of(entry.entry_id) for entry in entries}
    judged = {key: _judged(key, query, qrels.get(key, {}), names) for key, query in queries.items()}
    kept = tuple(one for key, one in judged.items() if one.answerable or _kind(queries[key]) != "answerable")
    spans = {
        one.question_id: _spans(folder, queries[one.question_id], qrels[one.question_id])
        for one in kept
        if one.answerable
    }
    located = bool(spans) and all(spans.values())
    name = folder.resolve().name
    return QuestionSet(name, folder, "passage" if located else "document", kept, entries, spans if located else {})


def _check_files(folder: Path) -> None:
    missing = [name for name in FILES[:2] if not (folder / name).is_file()]
    if not list(folder.glob("qrels*.tsv")):
        missing.append(FILES[2])
    if missing:
        raise EvaluationError(f"{folder} has no {' and no '.join(missing)}: a BEIR folder has {', '.join(FILES)}")


def _entries(path: Path) -> tuple[Entry, ...]:
    found = []
    for number, entry in json_lines(path):
        try:
            found.append(Entry(str(entry["_id"]), entry.get("title") or "", entry["text"] + ""))
        except (KeyError, TypeError) as error:
            raise EvaluationError(f"{path}, line {number}: _id and text are expected") from error
    check_unique(path, [document_id_of(entry.entry_id) for entry in found])
    return tuple(found)


def _queries(path: Path) -> dict[str, dict[str, Any]]:
    found = []
    for number, entry in json_lines(path):
        if not isinstance(entry.get("text"), str) or not entry["text"].strip() or "_id" not in entry:
            raise EvaluationError(f"{path}, line {number}: _id and text are expected")
        found.append((str(entry["_id"]), entry))
    check_unique(path, [key for key, _ in found])
    return dict(found)


def _qrels(folder: Path, entries: set[str], queries: set[str]) -> Qrels:
    """Read qrels.tsv and every qrels.<lang>.tsv, which may repeat it."""
    qrels: dict[str, dict[str, int]] = {}
    for path in sorted(folder.glob("qrels*.tsv")):
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            cells = tuple(line.split("\t"))
            if number == 1 and cells != HEADER:
                raise EvaluationError(f"{path}: the first line must be {'<tab>'.join(HEADER)}")
            if number > 1 and line.strip():
                query, entry, grade = _qrel(f"{path}, line {number}", cells, entries, queries)
                if grade > 0:
                    qrels.setdefault(query, {})[entry] = grade
    return qrels


def _qrel(place: str, cells: tuple[str, ...], entries: set[str], queries: set[str]) -> tuple[str, str, int]:
    try:
        query, entry, score = cells
        grade = int(score)
    except ValueError as error:
        raise EvaluationError(f"{place}: three columns are expected, the last a whole number") from error
    if query not in queries:
        raise EvaluationError(f"{place}: queries.jsonl has no {query!r}")
    if entry not in entries:
        raise EvaluationError(f"{place}: corpus.jsonl has no {entry!r}")
    return query, entry, grade


def _judged(key: str, query: Mapping[str, Any], relevant: Mapping[str, int], names: Mapping[str, str]) -> Judged:
    return Judged(
        question_id=key,
        question=query["text"][:MAX_QUESTION_CHARACTERS],
        lang=query.get("lang") or language_of(query["text"]),
        evidence=tuple(WholeDocument(names[entry], grade) for entry, grade in relevant.items()),
        answers=tuple(map(str, query.get("answers") or ())),
    )


def _kind(query: Mapping[str, Any]) -> str | None:
    return (query.get("meta") or {}).get("kind")


def _spans(folder: Path, query: Mapping[str, Any], relevant: Mapping[str, int]) -> tuple[EntrySpan, ...]:
    known = (query.get("meta") or {}).get("spans") or {}
    try:
        return tuple(
            EntrySpan(entry, int(start), int(end), relevant[entry])
            for entry, pairs in known.items()
            if entry in relevant
            for start, end in pairs
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(
            f"{folder / 'queries.jsonl'}: meta.spans of {query['_id']!r} must be {{corpus id: [[start, end], …]}}"
        ) from error


# The corpus as reports


def document_id_of(entry_id: str) -> str:
    """Return the document id of the report made of an entry: a name for a file neither hidden nor in a folder."""
    name = re.sub(r"[/\\\x00-\x1f]", "_", entry_id)
    return f"_{name[1:]}" if name.startswith(".") else name


def write_corpus(entries: Sequence[Entry], root: Path, name: str) -> Path:
    """Write each entry as a report, only once for the same entries; return the folder ``root/name-<digest>/corpus``."""
    digest = hashlib.sha256(repr([(entry.entry_id, entry.title, entry.text) for entry in entries]).encode()).hexdigest()
    corpus = root / f"{re.sub(r'[^0-9A-Za-z_-]', '_', name)[:40]}-{digest[:12]}" / "corpus"
    if corpus.is_dir():
        return corpus
    corpus.parent.mkdir(parents=True, exist_ok=True)
    try:
        with folder_aside(corpus) as aside:
            for entry in entries:
                head = f"{entry.title}\n\n" if entry.title else ""
                text = (head + entry.text).encode("utf-8", "replace")
                (aside / f"{document_id_of(entry.entry_id)}.txt").write_bytes(text)
    except OSError:
        if not corpus.is_dir():  # if another process was first, its folder is the same
            raise
    return corpus


def anchored(one: QuestionSet, documents: Mapping[str, Document]) -> tuple[Judged, ...]:
    """Return the questions with the places of their answers as evidence, as offsets in the reports' texts.

    An answer that its report lacks (its line was taken for furniture) gets an empty place, which nothing holds.
    """
    entries = {entry.entry_id: entry for entry in one.entries}
    texts: dict[str, BareText] = {}
    for entry_id in {span.entry_id for spans in one.spans.values() for span in spans}:
        document = documents.get(document_id_of(entry_id))
        texts[entry_id] = BareText(document.text if document else "")

    def place(span: EntrySpan) -> Located:
        start, end = texts[span.entry_id].locate(entries[span.entry_id], span.start, span.end) or (0, 0)
        return Located(document_id_of(span.entry_id), start, end, span.grade)

    return tuple(
        replace(judged, evidence=tuple(map(place, one.spans[judged.question_id]))) if judged.answerable else judged
        for judged in one.questions
    )


class BareText:
    """A report's text without white space, which knows where its characters stand."""

    def __init__(self, text: str) -> None:
        self._positions = [at for at, character in enumerate(text) if not _BLANK.match(character)]
        self.text = "".join(text[at] for at in self._positions)

    def offsets(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``self.text[start:end]``, which is not empty, stands in the report's text."""
        return self._positions[start], self._positions[end - 1] + 1

    def locate(self, entry: Entry, start: int, end: int) -> tuple[int, int] | None:
        """Return where ``entry.text[start:end]`` stands in the report, nearest to where it should; None if nowhere."""
        wanted = bare(entry.text[start:end])
        if not wanted:
            return None
        expected = len(bare(entry.title)) + len(bare(entry.text[:start]))
        starts = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", self.text)]
        if not starts:
            return None
        nearest = min(starts, key=lambda at: abs(at - expected))
        return self.offsets(nearest, nearest + len(wanted))


def bare(text: str) -> str:
    """Take out white space, because reading a report may do so too."""
    return _BLANK.sub("", text)


def boundaries(pieces: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each piece stands in the bare text of all of them."""
    ends = list(accumulate(len(bare(piece)) for piece in pieces))
    return list(zip([0, *ends][: len(ends)], ends, strict=True))
