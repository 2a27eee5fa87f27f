"""Follow-ups in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.question.followup.antecedents import (
    called,
    completed_by,
    organisations_before,
    people_before,
    places_before,
    report_of,
    subject_of,
)
from retrieval.text.characters import has_han
from retrieval.text.entities import QUOTED, latin_names_in, replaced
from retrieval.types import Turn

MOST_WORDS = 12
"""A question with more words is taken to stand alone."""

_LATIN_OPENING = re.compile(r"^(?:and|so|then|but|or|also|ok(?:ay)?)\b[,\s]*", re.IGNORECASE)
_LATIN_OTHER = re.compile(
    r"^(?:(?:and|so|but|or|then)\b[,\s]*)?(?P<lead>(?:what|how) about\b\s*)?"
    r"(?:(?:in|at|from|for|on)\s+)?(?P<other>.+?)[?.!\s]*$",
    re.IGNORECASE,
)
_LATIN_PRONOUN = re.compile(r"\b(?P<word>he|she|they|him|her|his|hers|their|theirs|them|it|its)\b", re.IGNORECASE)
_POSSESSIVE = frozenset({"his", "their", "its", "hers", "theirs"})
_OWNED = re.compile(r"\s+(?!(?:in|on|at|to|for|with|do|when|from|by)\b)\w")
_LATIN_LEAD = re.compile(r"^(?:(?:and|so|then|but)\b[,\s]*)?(?:(?:what|how) about\b\s*)?", re.IGNORECASE)
_PLURAL = frozenset({"they", "them", "their", "theirs"})
_THINGS = frozenset({"it", "its"})
_PLEONASTIC = re.compile(
    r"\b(?:is|was|isn['’]t|wasn['’]t|will|would) it (?:\w+ ){0,2}(?:to|that|like|for|if|when|who|raining|going)\b"
    r"|\bit(?:['’]s| is| was)? (?:\w+ )?(?:like|takes?|took|possible|true|rain\w*|snow\w*|mean|means|matters?)\b"
    r"|\b(?:does|did) it (?:take|mean|matter|rain|snow|feel|cost|look)\b|\b(?:time|day) is it\b|\bis it\W*$"
    r"|\bwhat is it (?:like|about)\b",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"\b(?:the|an?|every|each|some|these|those)\s+(?!same\b)[a-z]\w+", re.IGNORECASE)
_LATIN_THERE = re.compile(
    r"\b(?P<lead>from )?there\b(?=\s*[?.!]*$|\s+(?:in|on|at|to|for|by|during|that)\b)", re.IGNORECASE
)
_IS_THERE = re.compile(r"\b(?:is|are|was|were|['’]s)\s+there\b|\bthere (?:is|are|was|were)\b", re.IGNORECASE)
_LATIN_REPORT = re.compile(r"\b(?:that|this) (?:report|article|story|document|notice|briefing|text)\b", re.IGNORECASE)
_LATIN_HEADS = {
    "company": "公司", "firm": "公司", "enterprise": "公司", "hospital": "医院", "branch": "支部", "community": "社区",
    "street": "街道", "center": "中心", "centre": "中心", "group": "集团", "committee": "委员会", "pharmacy": "药房",
    "organisation": "组织", "organization": "组织", "unit": "单位", "doctor": "医生", "person": "人", "man": "男人",
    "woman": "女人", "nurse": "护士", "official": "干部", "secretary": "书记", "volunteer": "志愿者", "teacher": "老师",
    "member": "党员", "worker": "员工", "couple": "夫妻", "guy": "人", "lady": "女士",
}  # fmt: skip
_LATIN_DEMONSTRATIVE = re.compile(rf"\b(?:that|this) (?P<head>{'|'.join(_LATIN_HEADS)})\b", re.IGNORECASE)
_LATIN_BARE = re.compile(
    r"^(?:(?:and|so|but|then|since|until|for|from|by|to|with|in|on|at|how|who|whom|what|which|when|where|why|long|old|many|"
    r"much|often|far|else|exactly|not|year|date|day|place)\b\W*)+$",
    re.IGNORECASE,
)
_LATIN_ASKING = re.compile(r"\b(?:how|who|whom|whose|what|which|when|where|why)\b", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|am|be|been|do|does|did|has|have|had|will|would|can|could|should|shall|may|might|must)\b",
    re.IGNORECASE,
)


def understand_latin(question: str, before: Turn, is_reply: bool) -> str | None:
    """Complete a question in the first way that fits; None if it leans on nothing."""
    words = question.split()
    if len(words) > MOST_WORDS:
        return None
    ways: tuple[Callable[[str, Turn, bool], str | None], ...] = (
        _latin_of_report,
        _latin_elliptic,
        _latin_with_pronoun,
        _latin_with_place,
        _latin_with_demonstrative,
        _latin_fragment,
    )
    return next((found for way in ways if (found := way(question, before, is_reply))), None)


def _latin_of_report(question: str, before: Turn, _: bool) -> str | None:
    match, report = _LATIN_REPORT.search(question), report_of(before)
    return question[: match.start()] + report + question[match.end() :] if match and report else None


def _latin_elliptic(question: str, before: Turn, _: bool) -> str | None:
    """Understand "what about Zhuzhou?" as the question before, asked about somebody or something else."""
    match = _LATIN_OTHER.match(question)
    if match is None:
        return None
    other, names = match["other"], latin_names_in(match["other"])
    is_name = names == [other]
    opened = _LATIN_OPENING.match(question) is not None
    if not match["lead"] and not (opened and is_name):
        return None
    if _LATIN_PRONOUN.search(other):
        return None
    asked = latin_names_in(before.question)
    if is_name and asked and not has_han(before.question):
        alike = [name for name in asked if len(name.split()) == len(other.split())]
        return replaced(before.question, alike[0], other) if alike else completed_by(before, question)
    return completed_by(before, question)


def _latin_with_pronoun(question: str, before: Turn, _: bool) -> str | None:
    match = next(
        (found for found in _LATIN_PRONOUN.finditer(question) if not _has_latin_antecedent(question, found.start())),
        None,
    )
    word = match["word"].lower() if match else ""
    if match is None or word in _THINGS and _PLEONASTIC.search(question):
        return None
    subject = _latin_subject(word, before)
    if subject is None:
        return completed_by(before, question)
    after = question[match.end() :]
    is_owner = word in _POSSESSIVE or (word == "her" and _OWNED.match(after) is not None)
    return _LATIN_LEAD.sub("", question[: match.start()]) + subject + ("'s" if is_owner else "") + after


def _latin_subject(word: str, before: Turn) -> str | None:
    if word in _THINGS:
        return next(iter(organisations_before(before) + places_before(before)), None) or subject_of(before)
    if word in _PLURAL and not people_before(before)[1:]:
        return next(iter(organisations_before(before)), None) or subject_of(before)
    return subject_of(before, several=word in _PLURAL)


def _has_latin_antecedent(question: str, end: int) -> bool:
    head = question[:end]
    return bool(latin_names_in(head) or _DETERMINED.search(head) or QUOTED.search(head))


def _latin_with_place(question: str, before: Turn, _: bool) -> str | None:
    match = _LATIN_THERE.search(question)
    if match is None or _IS_THERE.search(question) or latin_names_in(question):
        return None
    single = [name for name in latin_names_in(before.question) if " " not in name]
    places = places_before(before) or single[-1:]
    preposition = "from " if match["lead"] else "in "
    return question[: match.start()] + preposition + places[0] + question[match.end() :] if places else None


def _latin_with_demonstrative(question: str, before: Turn, _: bool) -> str | None:
    match = _LATIN_DEMONSTRATIVE.search(question)
    if match is None or _has_latin_antecedent(question, match.start()):
        return None
    name = called(_LATIN_HEADS[match["head"].lower()], before, several=False)
    return question[: match.start()] + name + question[match.end() :] if name else completed_by(before, question)


def _latin_fragment(question: str, before: Turn, is_reply: bool) -> str | None:
    """Understand "why?" or "and in which hospital?"."""
    bare = _LATIN_OPENING.sub("", question)
    if latin_names_in(question) or not _LATIN_ASKING.search(bare):
        return None
    if _LATIN_BARE.match(bare):
        return completed_by(before, question)
    is_short = len(bare.split()) <= 4 and not _AUXILIARY.search(bare) and re.match(r"(?i)who\b", bare) is None
    if (is_reply or bare != question) and is_short:
        subject = subject_of(before)
        return f"{subject} {bare}" if subject else completed_by(before, question)
    return None
