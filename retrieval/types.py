"""What travels between the stages: Document -> Passage -> Hit -> Answer with Citations, and the Question asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from retrieval.disk import version_of
from retrieval.explained import Explanation, LegScore
from retrieval.listing import Listing
from retrieval.notices import Differs, Notice, Overview
from retrieval.parts import Aside, AsideKind, Heading, NamedRow, Paragraph, Table
from retrieval.recognised import RecognisedLine
from retrieval.related import Reprint, Version

Status = Literal["answered", "related", "not_found"]
ReaderKind = Literal["trained", "rules"]
"""What reads passages."""

LegName = Literal["words", "bigrams", "pinyin", "dictionary"]
"""What passages are looked up by: words, pairs of characters, how names sound, stems of what words mean."""

MAX_QUESTION_CHARACTERS = 1000
MAX_TOP_K = 20
DEFAULT_TOP_K = 5
"""The most citations that can be asked for, and how many are asked for where nobody says."""

Progress = Callable[[str, int, int], None]
"""Called with (stage, steps done, steps in all): "model", "read", "recognise", "embed", "words", "write" or "ask"."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True)
class Document:
    """One report. Offsets count code points of ``text``; ``made`` are parts that are drawn or recognised."""

    document_id: str
    path: str
    digest: str
    title: str
    title_derived: bool
    date: dt.date | None
    source: str | None
    text: str
    paragraphs: tuple[Paragraph, ...]
    headings: tuple[Heading, ...] = ()
    asides: tuple[Aside, ...] = ()
    tables: tuple[Table, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    furniture: tuple[str, ...] = ()
    made: tuple[tuple[int, int], ...] = ()
    recognised: tuple[RecognisedLine, ...] = ()

    @property
    def paragraph_count(self) -> int:
        """How many paragraphs it has."""
        return len(self.paragraphs)

    @property
    def characters(self) -> int:
        """How many code points its text has."""
        return len(self.text)

    @property
    def version(self) -> str:
        """What identifies this state of it."""
        return version_of(self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and retrieved: a paragraph, sentence-aligned parts of one, or an aside.

    ``text == document.text[start:end]``. Where ``paragraph`` is None, ``aside`` is the number, from 1, of the aside.
    ``row`` has the cells of a table's row.
    """

    document_id: str
    paragraph: int | None
    start: int
    end: int
    text: str
    row: NamedRow | None = None
    aside: int | None = None

    @property
    def matched(self) -> str:
        """What is embedded and looked up: the text, and for a table's row its cells after their columns' names."""
        return self.row.matched(self.text) if self.row else self.text


def matches(document_id: str, pattern: str) -> bool:
    """Whether an id fits a pattern as the shell writes them: ``*``, which also takes ``/``, ``?`` and ``[…]``."""
    return fnmatchcase(document_id, pattern)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may answer: ids, and dates from and to, both included. Undated reports fail a date filter.

    ``within`` is a pattern of ids, as the shell writes them (``news/*``), of the reports that the asker may see at all.
    """

    documents: frozenset[str] | None = None
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    within: str | None = None

    def admits(self, document: Listing) -> bool:
        """Whether passages of ``document`` may be retrieved."""
        if self.within is not None and not matches(document.document_id, self.within):
            return False
        if self.documents is not None and document.document_id not in self.documents:
            return False
        if self.date_from is None and self.date_to is None:
            return True
        if document.date is None:
            return False
        return (self.date_from or dt.date.min) <= document.date <= (self.date_to or dt.date.max)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked before, as it was understood, and the sentence that answered it, if one did.

    ``title`` is the title of the report cited first, which a follow-up about "这篇报道" means.
    """

    question: str
    answer: str | None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, on its way from a face to the answerer.

    Two equal questions have the same answer in one generation. ``top_k`` (1 to 20) is the most citations wanted. A
    follow-up is understood after the turn ``before``; ``is_reply`` says that the asker pointed at its answer.
    ``use_dates`` lets times in the question decide which passages come first. ``today`` is the day of asking, from
    which 昨天 counts; the present one if it is None.
    """

    text: str
    top_k: int = DEFAULT_TOP_K
    filters: Filters | None = None
    explain: bool = False
    before: Turn | None = None
    is_reply: bool = False
    use_dates: bool = True
    today: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage: ``row`` in the snapshot, fused ``score``, and each leg that found it.

    ``duplicates`` are the rows of the same passage elsewhere, with the very same text or with something changed.
    """

    row: int
    score: float
    legs: Mapping[str, LegScore]
    duplicates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered pointer: ``quote == document.text[start:end]``, between ``context``, in a ``version`` of the text.

    For an aside, ``paragraph`` is None, and ``aside`` and ``kind`` are set; for a table's row, ``row`` is.
    ``duplicates`` are other places where the passage stands. ``superseded_by`` is the report that replaced this one,
    ``supersedes`` are those that it replaced.
    ``recognised_page`` is the page on whose picture the quote was recognised; None where it stands in the file as text.
    """

    number: int
    document_id: str
    title: str
    date: dt.date | None
    source: str | None
    paragraph: int | None
    start: int
    end: int
    quote: str
    score: float
    duplicates: tuple[Reprint, ...] = ()
    row: NamedRow | None = None
    aside: int | None = None
    kind: AsideKind | None = None
    version: str = ""
    context: tuple[str, str] = ("", "")
    superseded_by: Version | None = None
    supersedes: tuple[Version, ...] = ()
    recognised_page: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The sentence or sentences that answer, verbatim, and the few words in them that do.

    ``text == quote[start:end]`` and ``span == quote[span_start:span_end]`` of the citation with that number.
    """

    text: str
    span: str | None
    citation: int
    start: int
    end: int
    span_start: int | None = None
    span_end: int | None = None

    @property
    def marked(self) -> tuple[int, int] | None:
        """Where the span stands in ``text``; None where there is none."""
        if self.span_start is None or self.span_end is None:
            return None
        return self.span_start - self.start, self.span_end - self.start


@dataclass(frozen=True, slots=True)
class AppliedFilter:
    """A time that the question names and that reordered the passages.

    ``text`` is the phrase in the question ("2020年2月"). ``date_from`` and ``date_to`` are both included; None is an
    open end. Both are None for a day of any year ("4月10日") and for "最新".
    """

    text: str
    date_from: dt.date | None
    date_to: dt.date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What every face shows for one question.

    ``supporting`` are sentences of other reports that answer too, ``conflicting`` those that give another figure.
    ``understood_as`` is the question as it was understood after the turn before; None where it stands alone. Where one
    question asked several things, ``answers`` has the answer to each, ``answer`` first.
    """

    status: Status
    confidence: float
    answer: AnswerText | None
    citations: tuple[Citation, ...]
    generation: str
    timings_ms: Mapping[str, float]
    explanation: Explanation | None = None
    supporting: tuple[AnswerText, ...] = ()
    conflicting: tuple[AnswerText, ...] = ()
    understood_as: str | None = None
    filters_applied: tuple[AppliedFilter, ...] = ()
    differs: Differs | None = None
    notice: Notice | None = None
    answers: tuple[AnswerText, ...] = ()
    overview: Overview | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not indexed, and why; ``may_pass`` if that is not the file's fault, and it may be read later."""

    path: str
    reason: str
    may_pass: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an indexing run did (contract: the JSON of ``wenbao index --json``)."""

    generation: str
    documents: int
    passages: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    embedded: int
    reused: int
    seconds: float
