"""Shapes of what an answer says beside its citations: whom the reports speak of instead, what the collection holds."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field


class DiffersModel(BaseModel):
    """The reports speak of somebody or something else than the question, so that nothing is called an answer."""

    asked: str
    found: str | None


class ListedModel(BaseModel):
    """A report in a list."""

    document_id: str
    title: str
    date: dt.date | None
    url: str


class OverviewModel(BaseModel):
    """What the collection holds."""

    documents: int
    passages: int
    date_from: dt.date | None
    date_to: dt.date | None
    reports: list[ListedModel] = Field(description="the latest ones, at most twenty")
    people: list[str] = Field(description="those that the latest reports name most")
    places: list[str]
    sources: list[str] = Field(description="who published most of the reports")
