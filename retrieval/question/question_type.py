"""What a question asks for: a person, a place, a time, or a number and its unit. Chinese and English."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from retrieval.text.units import ENGLISH_UNITS, UNIT, UNITS

Extreme = Literal["most", "least"]
Kind = Literal["person", "people", "place", "time", "number", "rank", "often", "code"]

_SPANS_OF_TIME = ("second", "minute", "hour", "day", "week", "month", "year")

_ENGLISH = "|".join(f"(?P<{unit}>{words})" for unit, words in ENGLISH_UNITS.items())
_HOW_MANY = re.compile(
    rf"how (?:many|much)(?: (?!did|do|does|is|are|was|were|have|has)\w+){{0,3}}? (?:{_ENGLISH})\b|how (?:many|much)\b"
)
_TITLE = (
    r"(?:书记|主任|医生|护士长?|党员|志愿者|干部|民警|警察|[院队科校局部市省镇县区组站处]长|经理|老师|教授|总统|总理|作家"
    r"|科学家|球员|演员|负责人)"
)
_LATIN_TITLE = (
    r"(?:person|man|woman|doctor|nurse|volunteer|secretary|director|leader|officer|member|player|actor|president|king|emperor"
    r"|scientist|author|teacher|professor|student|worker|coach|chief|mayor|minister|writer)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What would answer a question.

    ``units`` are the classes of UNITS that fit a number, empty for any. ``word`` is the question's own unit ("毫升"),
    or the noun that a place must end in ("医院"). ``grain`` is how fine a time must be: "clock", "day", "year", "age"
    (century, decade), or "" for any. ``edge`` says which end of a span of time is asked for: "start", "end", or "".
    """

    kind: Kind
    units: tuple[str, ...] = ()
    word: str = ""
    grain: str = ""
    edge: Literal["start", "end", ""] = ""


_SUM = "|".join(
    (
        "金额|费用?|价格?|成本|工资|薪[水资]?|款项?|预算|造价|投资|资金|经费|补[贴助偿]|[奖押租罚资基]金|保证金",
        "收入|产值|营收|利润|税收?|债务?",
    )
)
"""What is a sum of money, so that a question how much it is asks for money."""
_NOT_ANSWERED = re.compile(r"为什么|为何|怎么|怎样|如何|\bwhy\b|\bhow (?:do|did|does|can|could|is|are|was|were|to)\b")
_RULES = tuple(
    (re.compile(pattern), wanted)
    for pattern, wanted in (
        (r"号码|热线.{0,4}多少|邮编|phone number", Wanted("code")),
        (r"多久.{0,3}一次|how often", Wanted("often")),
        (r"第几|排名|排第|\brank", Wanted("rank")),
        (
            r"百分之(?:几|多少)|百分比|比例|占比|率.{0,4}多少|几成|占.*多少|percent|proportion|\brate\b",
            Wanted("number", ("percent",)),
        ),
        (
            rf"多少(?:钱|元|.{{0,2}}[款费金钱额]|收入|工资)|(?:{_SUM}).{{0,6}}多少|"
            r"how much .*\b(?:cost|rais|donat|pa(?:id|y)|spen[dt]|worth|earn|fund)",
            Wanted("number", ("money",)),
        ),
        (
            r"多[远高宽深]|多长(?!时)|面积.*多[大少]|how (?:far|high|tall|wide|deep|large)",
            Wanted("number", ("length", "area")),
        ),
        (
            r"几岁|多少岁|多大(?:年纪|岁数|年龄|了|[?。]|$)|(?:年龄|年纪).{0,4}[多几]|how old|what age",
            Wanted("number", ("age",)),
        ),
        (r"多长时间|多久|多少时间|时长.{0,4}多少|how long|how much time", Wanted("number", _SPANS_OF_TIME)),
        (r"多重|重量?.{0,4}多少|how heavy|weigh", Wanted("number", ("weight",))),
        (r"[体气]?温度?.{0,4}多少|temperature", Wanted("number", ("heat",))),
        (r"人数.{0,4}多少", Wanted("number", ("people",))),
        (r"几点钟?(?!建议|要求|意见|措施)|what time\b", Wanted("time", grain="clock")),
        (r"哪一?个?(?:年代|世纪)|[何么](?:年代|世纪)|(?:what|which) (?:decade|century)", Wanted("time", grain="age")),
        (r"哪一?年|哪个年份|何年|几几年|(?:what|which) year", Wanted("time", grain="year")),
        (
            r"几月|哪一?[天日]|几[号日](?![楼线])|哪个月|什么日[子期]|(?:what|which) (?:date|day|month)",
            Wanted("time", grain="day"),
        ),
        (
            r"什么时[候间]|何时|啥时候|几时|^when\b|\bwhen (?:did|was|were|is|are|do|does|will|has|have|had)\b",
            Wanted("time"),
        ),
        (r"哪些(?:人(?!物)|.{0,4}?(?:员|者|部|生|士))|哪几[位名]", Wanted("people")),
        (
            rf"谁|何人|哪一?[位名]|哪一?个(?:人|.{{0,4}}{_TITLE})|什么人(?!群)|"
            rf"(?:{_TITLE}|[人他她]|亲|妻|夫|子|女|儿)的?(?:叫|姓|名字)(?:什么|是)|"
            rf"\bwho(?:m|se)?\b|(?:which|what) (?:\w+ )?{_LATIN_TITLE}\b",
            Wanted("person"),
        ),
        (r"哪里|哪儿|何处|何地|什么地[方点]|[在去]哪(?=[?。,]|$)|\bwhere\b", Wanted("place")),
    )
)
_WHICH = re.compile(
    r"哪一?[个家所座支条](?P<word>国家?|城市|[市省县镇乡村区]|街道|社区|小区|医院|大学|[中小]学|学院|公司|企业|银行|机场|车站"
    r"|广场|酒店|中心|支部)"
)
_WHOLE_WORD = {"国家": "国", "城市": "市"}
_COUNT = re.compile(rf"(?:多少|(?<!第)几)(?P<unit>{UNIT})?(?P<noun>[^,.。?、]*)")
_PEOPLE = re.compile(r"[^的和与及]{0,6}?(?:人|员|者|民|警|士|兵|工|教?师|童|患者|病例|学生|医生)(?!.*[和与及])")


@lru_cache(maxsize=64)
def question_type(question: str) -> Wanted | None:
    """Say what a folded question (lower case, Simplified) asks for; None for why, how, which thing, and the rest."""
    if _NOT_ANSWERED.search(question):
        return None
    many = _HOW_MANY.search(question)
    classes = tuple(unit for unit, word in many.groupdict().items() if word) if many else ()
    if classes:
        return Wanted("number", classes)
    found = next((wanted for pattern, wanted in _RULES if pattern.search(question)), None)
    if found is not None and found.kind == "time":
        return replace(found, edge=_edge_of(question))
    if found is None and (which := _WHICH.search(question)):
        return Wanted("place", word=_WHOLE_WORD.get(which["word"], which["word"]))
    return found or (Wanted("number") if many else _counted(question))


def _counted(question: str) -> Wanted | None:
    """Read "多少毫升", "几个小时" or "多少党员": the unit asked for, or the class of the noun that is counted."""
    match = _COUNT.search(question)
    if not match:
        return None
    unit = match["unit"] or ""
    classes = tuple(name for name, words in UNITS.items() if unit and re.fullmatch(words, unit))
    if _PEOPLE.match(match["noun"]) and classes in ((), ("thing",)):
        classes = ("people", *classes)
    return Wanted("number", classes, unit)


_ENDS = re.compile(
    r"[到至](?:什么时[候间]|何时|几时|啥时候|哪一?[天日年]|几[月号点])|截止|截至|结束|为止|期满|到期"
    r"|\b(?:until|till|end|close|deadline)"
)
_STARTS = re.compile(
    r"[从自](?:什么时[候间]|何时|几时|啥时候|哪一?[天日年]|几[月号点])|开始|起[算始]|\b(?:from|start|begin|open)"
)


def _edge_of(question: str) -> Literal["start", "end", ""]:
    """Say whether a question about a time asks for the end or the beginning of a span."""
    if _ENDS.search(question):
        return "end"
    return "start" if _STARTS.search(question) else ""


_EXTREME = re.compile(
    r"最(?P<most>高|多|大|长|贵|重|快|强|远|宽|深|厚|热)|最(?P<least>低|少|小|短|便宜|轻|慢|弱|近|窄|浅|薄|冷)|[居排]?第一|居首|榜首"
    r"|\b(?P<highest>highest|most|largest|biggest|longest|greatest|heaviest|maximum)\b"
    r"|\b(?P<lowest>lowest|least|fewest|smallest|shortest|cheapest|lightest|minimum)\b"
)


def extreme_of(question: str) -> Extreme | None:
    """Say whether a folded question asks for what has the most or the least of something, and for which."""
    match = _EXTREME.search(question)
    if match is None:
        return None
    return "least" if match["least"] or match["lowest"] else "most"


_LIST = re.compile(
    r"哪些|哪几|有哪|都有(?:谁|什么)|列出|列举|\blist (?:all|the)\b|\b(?:which|what) (?:\w+ )?(?:are|were)\b"
    r"|\b(?:which|what) (?:\w+ )?(?:branches|reports|units|people|teams|hospitals|companies|measures|articles)\b",
    re.IGNORECASE,
)


def asks_for_list(question: str) -> bool:
    """Whether a folded question asks for more than one thing: 哪些…, "which branches …"."""
    return _LIST.search(question) is not None
