"""Values that a sentence says were changed (由四元调整为五元): the new one answers, unless the old is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from retrieval.text.characters import fold

Span = tuple[int, int]

LONGEST_GAP = 14
"""Characters between the old value and the new one."""
_OLD_IS_ASKED = re.compile(
    "原来|原先|原本|原有|原价|以前|之前|此前|过去|从前|前任|调整前|变更前|改前|曾"
    "|formerly|previous(?:ly)?|used to|originally"
)
_BETWEEN = re.compile(
    r"[^,，。；;]{0,5}?(?:调[整高低增减]?|变更?|[更修]?改[成]?|换|增[加长至]?|提[高升前]?|延长|延|上[升涨调]|[升涨]|下[降调]|降低?|减少?|缩[短减]?|扩[大建]?|推迟)"
    r"[^,，。；;]{0,4}?(?:为|到|至|成|了)\s?$|[^,，。；;]{0,4}?(?:为|到|至)\s?$"
)
_FROM = re.compile(r"(?:由|从|自)(?:原来?的?|原先的?|过去的?|此前的?|目前的?|现在的?|去年的?)?\s?$")
_CHANGE_VERB = re.compile("[调变改换增提延升涨降减缩扩推]")


def of_the_time_asked(candidates: Mapping[Span, float], text: str, asked: str) -> dict[Span, float]:
    """Return the candidates without the old values of changes, or without the new ones where the old are asked for."""
    ordered = sorted(candidates)
    old_is_asked = bool(_OLD_IS_ASKED.search(asked))
    dropped: set[Span] = set()
    for old, new in zip(ordered, ordered[1:], strict=False):
        if _is_change(text, old, new):
            dropped.add(new if old_is_asked else old)
    return {span: fit for span, fit in candidates.items() if span not in dropped}


def is_of_other_time(text: str, span: Span, other: Span, asked: str) -> bool:
    """Whether ``span`` is one value of a change, ``other`` is the second one, and it is that which is ``asked`` for."""
    folded, question = fold(text), fold(asked)
    pair = {span: 1.0, other: 1.0}
    return span != other and span not in of_the_time_asked(pair, folded, question)


def _is_change(text: str, old: Span, new: Span) -> bool:
    """Whether a text says that one value became another."""
    between = text[old[1] : new[0]]
    if not 0 < len(between) <= LONGEST_GAP or not _BETWEEN.match(between):
        return False
    return bool(_CHANGE_VERB.search(between)) or bool(_FROM.search(text[: old[0]]) and between in ("为", "成"))
