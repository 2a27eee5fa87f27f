"""Shapes of questions, answers and votes over HTTP (contract: DESIGN 3.3), described and exemplified for /docs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from bot.web.shapes.explaining import DocumentId, ExplanationModel
from bot.web.shapes.notices import DiffersModel, OverviewModel
from retrieval.related import DifferenceKind
from retrieval.types import DEFAULT_TOP_K, MAX_QUESTION_CHARACTERS, MAX_TOP_K, Filters, Question

QUESTION_LENGTHS: JsonDict = {"minLength": 1, "maxLength": MAX_QUESTION_CHARACTERS, "pattern": r"\S"}
"""For the description alone: what is wrong with a question is said in words of its own."""
Date = Annotated[dt.date, Field(description="YYYY-MM-DD")]


class Request(BaseModel):
    """A body whose unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class AskFilters(Request):
    """Which reports may answer. Reports without a date fail a date filter."""

    documents: list[DocumentId] | None = None
    date_from: Date | None = None
    date_to: Date | None = None

    def as_filters(self) -> Filters:
        """Return the filters as retrieval takes them."""
        documents = None if self.documents is None else frozenset(self.documents)
        return Filters(documents, self.date_from, self.date_to)


class AskRequest(Request):
    """A question."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "孙蕴华接听了多少个求助电话?", "top_k": 3}]}
    )

    question: str = Field(description="in any language", json_schema_extra=QUESTION_LENGTHS)
    conversation_id: str | None = Field(
        default=None,
        description="of the conversation that goes on, as an answer returned it: a question such as “那他多大年纪?” or "
        "“and in which hospital?” is understood after the last one of the conversation. Where the server knows none of "
        "that id, or has forgotten it (`conversation.minutes`), a new one begins, whose id stands in the answer",
    )
    top_k: int = Field(default=DEFAULT_TOP_K, ge=1, le=MAX_TOP_K, description="most citations to return", strict=True)
    filters: AskFilters | None = None
    explain: bool = Field(default=False, strict=True, description="also say how the answer was found")
    use_dates: bool = Field(
        default=True,
        strict=True,
        description="put first what is of the times that the question names (“2020年2月”, “最新”); false asks without "
        "them, after an answer whose `filters_applied` was not meant",
    )

    def as_question(self) -> Question:
        """Return the question as the service takes it."""
        filters = self.filters.as_filters() if self.filters else None
        return Question(self.question, self.top_k, filters, self.explain, use_dates=self.use_dates)


class AnswerModel(BaseModel):
    """The sentence(s) that answer, verbatim."""

    text: str
    span: str | None = Field(description="the few words inside `text` that answer, verbatim; null when unsure")
    citation: int = Field(description="number of the citation that holds `text`")
    start: int = Field(description="`text == quote[start:end]` of that citation")
    end: int
    span_start: int | None = Field(description="`span == quote[span_start:span_end]`; null where there is no span")
    span_end: int | None
    url: str = Field(description="opens the report with `text` marked, also where it stands after an edit")


class AppliedFilterModel(BaseModel):
    """A time that the question names: what is of that time came first. `use_dates: false` asks without it."""

    text: str = Field(description="the words of the question")
    date_from: dt.date | None = Field(
        description="first day; null where it is open, where the year is unsaid (“4月10日”), and for “最新”"
    )
    date_to: dt.date | None = Field(description="last day, included; null likewise")


class DifferenceModel(BaseModel):
    """One thing that a reprint changed, verbatim."""

    kind: DifferenceKind
    old: str = Field(description="empty for an addition")
    new: str = Field(description="empty for an omission")


class ReprintModel(BaseModel):
    """Where the passage stands too, and what that report changed in the whole of it."""

    document_id: DocumentId
    paragraph: int | None
    title: str
    date: dt.date | None
    differences: list[DifferenceModel] = Field(description="those in the cited passage first; none if it is no reprint")
    url: str


class VersionModel(BaseModel):
    """Another version of a rule."""

    document_id: DocumentId
    title: str
    date: dt.date | None
    url: str


class NamedCellModel(BaseModel):
    """A cell: `quote[start:end]`, empty where they are equal, in so many columns side by side."""

    name: str = Field(description="what its column is called in the table's header; empty where there is none")
    start: int
    end: int
    columns: int


class RowModel(BaseModel):
    """A row of a table, or a part of a long one."""

    cells: list[NamedCellModel]
    lead: str = Field(description="the row's first cell, where the quote is a part of a long row without it")


class CitationModel(BaseModel):
    """A pointer into a report: `quote == text[start:end]` of the document."""

    number: int
    document_id: DocumentId
    title: str
    date: dt.date | None
    source: str | None
    paragraph: int | None = Field(description="null for a caption or a subtitle")
    start: int
    end: int
    quote: str
    url: str = Field(
        description="opens the report at the paragraph with the quote marked. `mark` are its offsets, `quote` is a "
        "digest of its words, by which the page finds them after an edit, or says that they were changed"
    )
    score: float
    version: str = Field(description="of the report's text: GET /documents/{id}?version= returns it while it is kept")
    row: RowModel | None = Field(default=None, description="the cells, where the quote is a row of a table")
    kind: Literal["caption", "subtitle"] | None = Field(default=None, description="what it is, if it is no paragraph")
    duplicates: list[ReprintModel] | None = Field(default=None, description="reprints of the passage, if there are any")
    superseded_by: VersionModel | None = Field(
        default=None, description="the report that replaced this one, if one did"
    )
    supersedes: list[VersionModel] = Field(default=[], description="reports that it replaced; absent without any")
    recognised: Literal[True] | None = Field(
        default=None, description="the quote was recognised on the picture of a page and may be misread; else absent"
    )
    page: int | None = Field(default=None, description="that page, from 1; absent without `recognised`")


ANSWER_EXAMPLE: JsonDict = {
    "request_id": "0b5c2f0d1f6b4a5e9d5b1f4c8a7e6d32",
    "conversation_id": "9f2c1f6b4a5e4d5b8f4c8a7e6d320b5c",
    "generation": "000001-f1869f8c",
    "status": "answered",
    "confidence": 0.9822,
    "answer": {
        "text": "截至4月10日,孙蕴华累计接听电话近400通,…",
        "span": "近400通",
        "citation": 1,
        "start": 232,
        "end": 286,
        "span_start": 249,
        "span_end": 254,
        "url": "/documents/000_615096fb3a9954a1/view?mark=2033-2087&quote=A27q9LKr8uLQIi3L#p8",
    },
    "citations": [
        {
            "number": 1,
            "document_id": "000_615096fb3a9954a1",
            "title": "党旗所指,行之所向——第一党支部凝心聚力抗疫工作纪实",
            "date": "2024-05-06",
            "source": "第一党支部",
            "paragraph": 8,
            "start": 1801,
            "end": 2153,
            "quote": "当前,上海疫情防控形势严峻复杂。…",
            "url": "/documents/000_615096fb3a9954a1/view?mark=1801-2153&quote=Fgoz8BaXc2l5NSG_#p8",
            "score": 0.98,
            "version": "b98b85881c36",
        }
    ],
    "timings_ms": {"encode": 11.56, "search": 6.09, "read": 3.82, "total": 21.93},
}


class AskResponse(BaseModel):
    """An answer: `answered` with the answering sentence, `related` passages worth reading, or `not_found`."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    request_id: str
    conversation_id: str
    generation: str
    status: Literal["answered", "related", "not_found"]
    confidence: float = Field(ge=0, le=1, description="probability that the first citation answers")
    answer: AnswerModel | None
    citations: list[CitationModel]
    timings_ms: dict[str, float]
    understood_as: str = Field(
        default="", description="the question as it was understood after the turn before; absent where it stood alone"
    )
    filters_applied: list[AppliedFilterModel] = Field(
        default=[], description="times in the question, by which the passages were ordered; absent without any"
    )
    supporting: list[AnswerModel] = Field(default=[], description="sentences that answer too; absent without any")
    conflicting: list[AnswerModel] = Field(
        default=[], description="sentences that give another figure; absent without any"
    )
    answers: list[AnswerModel] = Field(
        default=[], description="of a question that asked several things, one each, `answer` first; else absent"
    )
    overview: OverviewModel | None = Field(default=None, description="only for questions about the collection itself")
    differs: DiffersModel | None = Field(default=None, description="absent where the reports speak of what was asked")
    notice: str = Field(
        default="", description="what is said beside or instead of an answer, in the question's language; mostly absent"
    )
    explanation: ExplanationModel | None = Field(default=None, description="with `explain` only")


class FeedbackRequest(Request):
    """A vote on an answer; null takes it back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"request_id": "0b5c2f0d1f6b4a5e9d5b1f4c8a7e6d32", "vote": "up"}]},
    )

    request_id: str = Field(max_length=128, description="of the answer that is voted on")
    vote: Literal["up", "down"] | None = Field(description="useful, not useful, or null: no vote any more")


class FeedbackResponse(BaseModel):
    """The vote that now counts."""

    request_id: str
    vote: Literal["up", "down"] | None
