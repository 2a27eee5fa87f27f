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
    """Return the people that the turn speaks of: of its answer if the question asks who, else of its question."""
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
    """Return the places that the turn's question names, or its organisations; else those that its answer names."""
    asked = places_in(before.question) or organisations_in(before.question)
    return asked or places_in(before.answer or "") or organisations_in(before.answer or "")


def subject_of(before: Turn, *, several: bool = False) -> str | None:
    """Return what the turn is about: people, else an organisation, else a place; None if it names none."""
    names = people_before(before) or organisations_before(before)[:1] or places_before(before)[:1]
    return "、".join(names[: MOST_NAMES if several else 1]) or None


def report_of(before: Turn) -> str | None:
    """Return the name in the cited report's title, else the title; None if no report was cited."""
    title = before.title
    if not title:
        return None
    names = places_in(title)[:1] or organisations_in(title)[:1] or people_in(title)[:1]
    return names[0] if names else f"《{title[:MOST_TITLE]}》"


def completed_by(before: Turn, question: str) -> str:
    """Return both questions in one, where nothing less than the whole question before completes this one."""
    return f"{before.question} {question}"


def called(head: str, before: Turn, *, several: bool) -> str | None:
    """Return the name that the turn before has for somebody or something of this kind; None if it has none."""
    if is_human(head):
        names = people_before(before)
        return "、".join(names[: MOST_NAMES if several else 1]) or None
    names = organisations_before(before)
    return next((name for name in names if name.endswith(head) or head in GENERIC_HEADS), None)
