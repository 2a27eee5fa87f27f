"""Shapes of how an answer was found, over HTTP (contract: DESIGN 3.3), described for /docs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

DocumentId = Annotated[str, Field(description="path below the corpus folder without its suffix; stable")]


class LegModel(BaseModel):
    """Where one leg ranked a passage."""

    rank: int = Field(description="1 for the first")
    score: float


class PairModel(BaseModel):
    """A part of the question and the part of the passage that is nearest to it."""

    question: str
    passage: str
    similarity: float = Field(description="cosine")


class ExplainedHit(BaseModel):
    """Why a passage was found."""

    document_id: DocumentId
    paragraph: int | None
    score: float
    legs: dict[str, LegModel] = Field(
        description="by leg (dense, words, bigrams, pinyin, dictionary, late), those that found it"
    )
    words: list[str] = Field(description="words of the question that stand in it")
    pairs: list[PairModel] = Field(description="nearest parts of question and passage, best first")


class ReadFirstModel(BaseModel):
    """What was chosen of the first hit, whether or not it is sure enough to be an answer."""

    document_id: DocumentId
    start: int = Field(description="in the report's text")
    end: int
    text: str
    span: str | None = Field(description="the few words of it that answer")
    margin: float | None = Field(description="logits by which the trained reader prefers its words to none")


class OtherNameModel(BaseModel):
    """A name in the question that the reports write otherwise, too."""

    asked: str
    called: str = Field(description="as it was looked up beside it")


class ExplanationModel(BaseModel):
    """How an answer was found."""

    question: str = Field(description="as it was understood")
    words: list[str] = Field(description="of the question, as they are looked up")
    weights: dict[str, float] = Field(description="what each leg counted for")
    confidence: float
    signals: dict[str, float] = Field(description="what the confidence was made of")
    hits: list[ExplainedHit] = Field(description="of the citations, in their order")
    read: ReadFirstModel | None
    names: list[OtherNameModel] = Field(description="other names for what is asked about, as reports explain them")
