"""What a person typed -> a question that can be asked."""

from __future__ import annotations

import re
import unicodedata

from retrieval.errors import QuestionInvalid
from retrieval.text.characters import HAN, unify
from retrieval.types import MAX_QUESTION_CHARACTERS

_HAN = re.compile(f"[{HAN}]")
_CODE = re.compile(r"[*;=<>{}\[\]|\\$^~`]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean_question(question: str) -> str:
    """Return the question in NFC, stripped, without look-alikes, control characters and half surrogates.

    Raises QuestionInvalid if it is empty or has more than ``MAX_QUESTION_CHARACTERS``.
    """
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise QuestionInvalid(
            f"the question has {len(question):,} characters; ask in at most {MAX_QUESTION_CHARACTERS:,}"
        )
    whole = question.encode("utf-8", "replace").decode("utf-8")
    text = _CONTROL.sub(" ", unify(unicodedata.normalize("NFC", whole))).strip()
    if not text:
        raise QuestionInvalid("the question is empty: write what you want to know")
    return text


def is_foreign(question: str) -> bool:
    """Whether a question is without Chinese characters."""
    return _HAN.search(question) is None


def is_language(question: str) -> bool:
    """Whether the question is words of some language, not code or numbers, which an encoder finds like anything."""
    if not is_foreign(question):
        return True
    letters, visible = sum(map(str.isalpha, question)), sum(not character.isspace() for character in question)
    return letters >= visible / 2 and len(_CODE.findall(question)) < 2
