"""What the turn before speaks of: the people, organisations, places and report that a follow-up may lean on."""

from __future__ import annotations

import re

from retrieval.text.characters import fold, has_han
from retrieval.text.entities import GENERIC_HEADS, is_human, latin_names_in, organisations_in, people_in, places_in
from retrieval.types import Turn

MOST_NAMES = 4
MOST_TITLE = 40

_ASKS_WHO = re.compile(
    r"谁|哪一?[位名]|哪[些个]?(?:人|医生|党员|干部|志愿者|书记)|什么人|\bwho(?:se)?\b"
    r"|\b(?:which|what)\s+(?:\w+\s+)?(?:doctor|nurse|person|man|woman|official|secretary|member)"
)


def people_before(before: Turn) -> list[str]:
    """Return whom the turn speaks of: those of the answer if the question asks who, else those of the question."""
    asked, answered = people_in(before.question), people_in(before.answer or "")
    if _ASKS_WHO.search(fold(before.question)):
        return [name for name in answered if name not in asked] or asked
    return asked or _latin_names(before) or answered


def _latin_names(before: Turn) -> list[str]:
    return [] if has_han(before.question) else latin_names_in(before.question)[:1]


def organisations_before(before: Turn) -> list[str]:
    """Return the organisations of the turn's question, then those of its answer."""
    return organisations_in(before.question) + organisations_in(before.answer or "")


def places_before(before: Turn) -> list[str]:
    """Return where the turn's question is, else where its answer is."""
    asked = places_in(before.question) or organisations_in(before.question)
    return asked or places_in(before.answer or "") or organisations_in(before.answer or "")


def subject_of(before: Turn, *, several: bool = False) -> str | None:
    """Return what the turn is about: people rather than organisations rather than places."""
    names = people_before(before) or organisations_before(before)[:1] or places_before(before)[:1]
    return "、".join(names[: MOST_NAMES if several else 1]) or None


def report_of(before: Turn) -> str | None:
    """Return what the cited report's title names, else the title."""
    title = before.title
    if not title:
        return None
    names = places_in(title)[:1] or organisations_in(title)[:1] or people_in(title)[:1]
    return names[0] if names else f"《{title[:MOST_TITLE]}》"


def completed_by(before: Turn, question: str) -> str:
    """Return a question that only the one before completes."""
    return f"{before.question} {question}"


def called(head: str, before: Turn, *, several: bool) -> str | None:
    """Return what the turn before calls a thing of this kind by name."""
    if is_human(head):
        names = people_before(before)
        return "、".join(names[: MOST_NAMES if several else 1]) or None
    names = organisations_before(before)
    return next((name for name in names if name.endswith(head) or head in GENERIC_HEADS), None)
