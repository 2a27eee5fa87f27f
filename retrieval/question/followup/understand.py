"""Follow-up questions without a language model: what "那他多大年纪?" asks, given the turn before.

A question leans on the turn before when something in it cannot be understood alone: a pronoun or "这家公司" that
nothing earlier in the question explains, "这篇报道", an ellipsis ("张贝呢?", "what about Zhuzhou?"), or a fragment
("为什么?", "and in which hospital?"). It is understood by putting in what it leans on. A question that stands alone is
left exactly as it is, whatever was said before. In doubt, a question stands alone.
"""

from __future__ import annotations

from retrieval.question.followup.chinese import understand_han
from retrieval.question.followup.latin import understand_latin
from retrieval.text.characters import has_han
from retrieval.types import Turn

MOST_CHARACTERS = 200
"""A chain of follow-ups without names grows no longer than this."""


def understand(question: str, before: Turn | None, *, is_reply: bool = False) -> str:
    """Return the question as it is understood after the turn before; unchanged if it stands alone.

    ``is_reply`` says that the asker pointed at the answer, so that a fragment without a pronoun leans on it too.
    """
    if before is None or not question.strip():
        return question
    understood = (understand_han if has_han(question) else understand_latin)(question, before, is_reply)
    return understood if understood and len(understood) <= MOST_CHARACTERS else question
