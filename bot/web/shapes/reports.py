"""Shapes of reports, receipts, status and problems over HTTP (contract: DESIGN 3.3), described for /docs."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from bot.web.shapes.explaining import DocumentId


class DocumentSummary(BaseModel):
    """A report in the list."""

    document_id: DocumentId
    title: str
    title_derived: bool = Field(description="the report has no title; this one was made from its first sentence")
    date: dt.date | None
    source: str | None
    paragraphs: int
    characters: int
    version: str = Field(description="of the text: the first 12 hexadecimal digits of its SHA-256")


class DocumentList(BaseModel):
    """All reports, by id."""

    documents: list[DocumentSummary]


class ParagraphModel(BaseModel):
    """A paragraph: `text[start:end]`, under its heading."""

    number: int
    start: int
    end: int
    heading: str | None
    page: int | None = Field(default=None, description="page of the file where it begins, if the file has pages")


class CaptionModel(BaseModel):
    """A photo caption: `text[start:end]` of the report, below the paragraph with the number `after` (0: above all)."""

    text: str
    after: int
    start: int
    end: int


class CellModel(BaseModel):
    """A cell: `text[start:end]` of the report, in so many columns side by side."""

    start: int
    end: int
    columns: int


class TableRowModel(BaseModel):
    """Cells from left to right; a row of the header has no paragraph's number."""

    cells: list[CellModel]
    paragraph: int | None


class TableModel(BaseModel):
    """A table: rows that name the columns, if there are any, and rows that are paragraphs."""

    header: list[TableRowModel]
    rows: list[TableRowModel]


class RecognisedModel(BaseModel):
    """A line that was recognised on the picture of a page, which `GET /documents/{id}/pages/{page}.webp` shows."""

    start: int
    end: int
    page: int = Field(description="page of the file, from 1")
    box: tuple[float, float, float, float] = Field(
        description="left, top, right and bottom as fractions of the page's width and height"
    )


class DocumentResponse(BaseModel):
    """A report."""

    document_id: DocumentId
    title: str
    title_derived: bool
    date: dt.date | None
    source: str | None
    path: str
    characters: int
    version: str = Field(description="of the text: the first 12 hexadecimal digits of its SHA-256")
    text: str
    paragraphs: list[ParagraphModel]
    headings: list[dict[str, int]]
    captions: list[CaptionModel]
    tables: list[TableModel]
    metadata: list[dict[str, str]]
    made: list[dict[str, int]] = Field(
        description="parts of `text` that do not stand in the file so: a list's numbers, recognised text"
    )
    recognised: list[RecognisedModel] = Field(description="where recognised text stands; empty without any")
    superseded: dt.datetime | None = Field(
        default=None, description="since when this text is not the present one any more; absent for the present one"
    )


class CalibrationModel(BaseModel):
    """What is promised of answers: that at most a share of them is wrong."""

    threshold: float = Field(description="how sure an answer is at least (`confidence`)")
    most_wrong: float
    certainty: float
    answered: int = Field(description="questions that it was set by")
    wrong: int
    reader: str
    digest: str


class StatusResponse(BaseModel):
    """The state of the index."""

    generation: str | None
    documents: int
    passages: int
    encoder: str
    problems: list[str]
    calibration: CalibrationModel | None = Field(
        default=None, description="what `wenbao evaluate --calibrate` promised; absent without"
    )


class SkippedModel(BaseModel):
    """A file that was not indexed."""

    path: str
    reason: str


class ReceiptModel(BaseModel):
    """What an indexing run did."""

    generation: str
    documents: int
    passages: int
    added: list[DocumentId]
    changed: list[DocumentId]
    removed: list[DocumentId]
    skipped: list[SkippedModel]
    embedded: int = Field(description="passages that had to be embedded")
    reused: int = Field(description="passages whose vectors were there already")
    seconds: float


class Problem(BaseModel):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
