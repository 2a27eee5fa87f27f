"""An answer as somebody got it: what faces show, what a follow-up leans on, and what can be voted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrieval.types import Answer, Question, Turn

Face = Literal["web", "telegram"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Where a question came from and who asked it; ``user`` is None where the face does not know who.

    ``sees`` is a pattern of the ids of the reports that this asker may see, None for all.
    """

    face: Face
    user: str | None
    sees: str | None = None

    @property
    def client(self) -> tuple[Face, str | None]:
        """Whose turn it is."""
        return self.face, self.user


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, its question with the turn that it was asked after, and who asked."""

    request_id: str
    question: Question
    answer: Answer
    asker: Asker

    @property
    def understood(self) -> str:
        """The question as it was understood."""
        return self.answer.understood_as or self.question.text

    @property
    def turn(self) -> Turn:
        """What a follow-up leans on: the question as it was understood, its answer, and the report's title."""
        sentence = self.answer.answer.text if self.answer.answer else None
        title = self.answer.citations[0].title if self.answer.citations else None
        return Turn(self.understood, sentence, title)
