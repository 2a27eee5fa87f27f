"""Values that a sentence says were changed (由四元调整为五元): the new one answers, unless the old is asked for.

A change may name its step between the two (由98天延长60天至158天), which answers only 延长了多少天.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations

from retrieval.text.characters import fold
from retrieval.text.date_grammar import DAY, MONTH, RELATIVE_YEAR, SIGNED_YEAR
from retrieval.text.numerals import HAN_DIGIT

Span = tuple[int, int]

LONGEST_GAP = 28
"""Characters between the old value and the new one."""
LONGEST_LEAD = 24
"""Characters before a value that may say it is the first of a change."""

_VERB = (
    "(?:调[整高低增减升]?|变[更动]?|[更修]?改|换|增[加长]?|提[高升前]?|延[长期]?|[上攀回跃]升|[上下][调浮]|上?涨|升|下?降低?"
    "|减少?|缩[短减]?|扩[大建充容]?|推(?:迟|后|延|(?=[到至]))|放宽|收[窄紧]|优化|压[缩减降]|核[增减]|拓[宽展]|下?跌|回落|精简)"
)
_VERB_BEHIND_FROM = f"(?:{_VERB}|[浮宽优压核转翻跃缓])"
"""Where 由 or 从 stands before the old value, a verb that else is too common is one of change."""
_INTO = "(?:为|到|至|成|达到?)了?"
_NUMERAL = rf"(?:\d+(?:\.\d+)?|[{HAN_DIGIT}十百千万亿两半]+)"
_STEP = rf"(?:{_NUMERAL}[^,。;\d]{{1,5}},?)"
_WHEN = rf"(?:(?:{SIGNED_YEAR}(?:{MONTH}(?:{DAY})?)?|{RELATIVE_YEAR}|[次当上]年|目前|现在|如今|现行)[初底末]?的?)"
_LED = rf"{_WHEN}?(?:每[^\W\d每]{{1,4}}){{0,2}}(?:(?:人均|平均|人民币|最高|最低)的?)?\s?"
"""What may stand before a value and belong to it: 2020年的, 每人每月."""
_UNIT_BEHIND = r"(?:/\d{0,3}[^,。;\d]{1,4}|[^,。;\d]{0,5}?)"
_BETWEEN = re.compile(rf"{_UNIT_BEHIND}{_VERB}[^,。;\d]{{0,4}}?(?:(?:{_STEP}?{_INTO})|了){_LED}")
_BETWEEN_BEHIND_FROM = re.compile(
    rf"{_UNIT_BEHIND},?[^,。;\d]{{0,4}}?{_VERB_BEHIND_FROM}[^,。;\d]{{0,4}}?(?:(?:{_STEP}?{_INTO})|了){_LED}|[为成]"
)
_FROM = re.compile(rf"[由从自][^,。;、\d]{{0,8}}?{_LED}$")
_STEPPED = re.compile(rf"[由从自][^。;]{{0,12}}?{_NUMERAL}[^。;\d]{{1,6}}{_VERB_BEHIND_FROM}了?$")
_INTO_FROM_STEP = re.compile(rf",?{_INTO}{_LED}")
_RANGE_BEHIND = re.compile("不等|之间")

_NO_TIME_BEFORE = rf"(?<![\d{HAN_DIGIT}十年月日号天周时点分份秒初底末旬节午])"
_DURATION = (
    rf"(?:(?:的|这|整|最近|近)*(?:{_NUMERAL}|[几数多]|[一半]段)\s?个?半?多?"
    "(?:年|月|周|天|日|季|星期|小时|学期|段|阵|时间)|时间)"
)
_FORMERLY = (
    rf"(?:{_NO_TIME_BEFORE}|(?<=[多几数]年)|(?<=很久))(?:[之以]前|此前|(?<![走送赶寄])过去)(?!{_DURATION})"
    "|原[来先本有价定]|[原旧老]的?(?:标准|价|票价|规|政策|办法|制度)|从前(?![年天期])|前任"
    "|曾(?:经|一度|[是为任有达被在需要收设定卖叫])"
    r"|formerly|previous(?:ly)?|used to|originally|\bold (?:price|rate|fee|standard)"
)
_BEFORE_CHANGE = (
    "(?:[调改变涨降扩缩][革价整更动高低大小建容编版造制税薪级订短减]?|新(?:规|政策?|标准|办法|制度)(?:出台|公布|实施|执行|施行)?"
    "|[提升增延减换修加核合][标价高升级加长期少税负薪息速届人订并编])[之以]?前(?![提后沿景期])"
)
_OLD_IS_ASKED = re.compile(f"{_FORMERLY}|{_BEFORE_CHANGE}")
_NEW_IS_ASKED = re.compile(rf"{_VERB}{_INTO}(?:每[^\W\d每]{{1,4}}){{0,2}}(?:多少|几|谁|什么|哪)")
"""票价涨到多少元 asks for the new value, whatever time the question names."""
_STEP_IS_ASKED = re.compile(f"{_VERB}了?(?:多少|几)")


def of_the_time_asked(candidates: Mapping[Span, float], text: str, asked: str) -> dict[Span, float]:
    """Return the candidates without the old values of changes, or without the new ones where the old are asked for.

    Of ``candidates``, which are spans of ``text``, at least one stays. Both texts are folded (``characters.fold``).
    """
    pairs = [(one, other) for one, other in combinations(sorted(candidates), 2) if 0 < other[0] - one[1] <= LONGEST_GAP]
    stepped = [(step, new) for step, new in pairs if _is_step(text, step, new)]
    steps = {step for step, _ in stepped}
    changes = [(old, new) for old, new in pairs if old not in steps and _is_change(text, old, new)]
    if steps and _STEP_IS_ASKED.search(asked):
        dropped = {span for pair in (*changes, *stepped) for span in pair} - steps
    elif _OLD_IS_ASKED.search(asked) and not _NEW_IS_ASKED.search(asked):
        dropped = {new for _, new in changes} | steps
    else:
        dropped = {old for old, _ in changes} | steps
    return {span: fit for span, fit in candidates.items() if span not in dropped}


def is_of_other_time(text: str, span: Span, other: Span, asked: str) -> bool:
    """Whether ``span`` is one value of a change, ``other`` is the second one, and it is that which is ``asked`` for."""
    folded, question = fold(text), fold(asked)
    pair = {span: 1.0, other: 1.0}
    return span != other and span not in of_the_time_asked(pair, folded, question)


def _is_change(text: str, old: Span, new: Span) -> bool:
    """Whether a text says that one value became another."""
    has_from = _FROM.search(text[max(0, old[0] - LONGEST_LEAD) : old[0]])
    between = _BETWEEN_BEHIND_FROM if has_from else _BETWEEN
    return bool(between.fullmatch(text, old[1], new[0])) and not _RANGE_BEHIND.match(text, new[1])


def _is_step(text: str, step: Span, new: Span) -> bool:
    """Whether a text says by how much a value was changed to become the new one."""
    return bool(
        _INTO_FROM_STEP.fullmatch(text, step[1], new[0])
        and _STEPPED.search(text[max(0, step[0] - LONGEST_LEAD) : step[0]])
    )
