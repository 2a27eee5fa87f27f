"""Follow-ups in Chinese characters."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.question.followup.antecedents import (
    called,
    completed_by,
    organisations_before,
    places_before,
    report_of,
    subject_of,
)
from retrieval.text.characters import WORD_HAN, fold
from retrieval.text.entities import (
    HUMAN_HEADS,
    ORGANISATION_HEADS,
    QUOTED,
    is_human,
    latin_names_in,
    organisations_in,
    people_in,
    places_in,
    replaced,
    times_in,
)
from retrieval.text.segmentation import Token, tokens_of
from retrieval.types import Turn

MOST_HAN = 24
"""A question with more Chinese characters is taken to stand alone."""

_ENDS = "？?。!！…\\s"
_ASKING = re.compile(r"谁|什么|哪|多少|几|怎|如何|为何|何时|何处|吗|多[大久长高远]|是不是|有没有|是否")
_OPENING = re.compile(
    r"^(?:那么(?!多|些|大|长|久|高)|那(?![么些个位名家里边时天年次种样儿篇份支场儿座所间条回一几])|然后|还有|另外|以及|而且|而)[,，、\s]*"
)
_PERSON = r"他们|她们|这些人|那些人|这个人|那个人|此人|该人|(?<![其吉排利])他(?!人|乡)|她"
_THING = r"它们|它|(?<![尤极与何])其(?![他它中次实余间后])"
_PRONOUN = re.compile(f"(?P<person>{_PERSON})|(?P<thing>{_THING})")
"""其他, 其中, 尤其 and the like are no pronouns."""
_THERE = re.compile(r"那里(?!面)|那儿|那边|当地")
_REPORT = re.compile(
    r"(?:(?:[这那该此本]|上述|刚才那|上面那)(?:一)?[篇份个则条]?(?:报道|报告|文章|新闻稿|新闻|简报|通讯|文稿)|本文|文中|文章中|文章里)"
    r"(?:里面|里|中|内|上)?"
)
_HEADS = "|".join(sorted({*ORGANISATION_HEADS, *HUMAN_HEADS}, key=len, reverse=True))
_DEMONSTRATIVE = re.compile(rf"(?P<which>这些|那些|[这那该此]|上述)一?[家个位名支所座间群批]?(?P<head>{_HEADS})")
_OTHER = re.compile(rf"^(?P<other>[^，,。？?]{{1,12}}?)呢[{_ENDS}]*$")
_GOES_ON = re.compile(
    rf"^(?:那么?)?(?:后来|之后|接着|随后|然后|接下来|结果|还有|另外|其他的?|其余的?|别的)呢[{_ENDS}]*$"
)
_FRAGMENT = re.compile(
    r"^(?:具体|大概|大约|一共|总共|到底|究竟|分别|主要|又|都|是|在|从|到|有|了|的|因为|由于|出于|"
    r"谁|什么|哪里|哪儿|哪天|哪一天|哪年|哪一年|何时|何处|时候|地方|原因|理由|目的|为什么|为何|怎么|怎样|如何|样|回事|事|"
    r"多少|多久|多长|多大|多远|时间|几|个|天|次|名|位|人|小时|吗|呢|啊|呀)+$"
)
_POSSESSED = (
    "年龄|年纪|岁数|党龄|工龄|职务|职位|职称|职业|身份|单位|部门|科室|电话|手机|手机号|手机号码|电话号码|号码|联系方式|微信"
    "|地址|住址|家人|家属|妻子|爱人|丈夫|老婆|老公|儿子|女儿|孩子|父亲|母亲|父母|岳母|同事|名字|姓名|学历|籍贯|老家|生日|工作"
)
"""Nouns that want an owner."""
_POSSESSED_FRAGMENT = re.compile(
    rf"^(?:今年|现在)?(?:(?:{_POSSESSED})(?:是|有|叫|在)?(?:多少|几|什么|谁|哪里|多大|多长|多久)[年岁号个名字]*"
    r"|(?:是|有)?(?:多大|几岁|多少岁)(?:年纪|岁数)?了?)$"
)


def understand_han(question: str, before: Turn, is_reply: bool) -> str | None:
    """Complete a question in the first way that fits, the most certain ones first; None if it leans on nothing."""
    folded = QUOTED.sub(lambda match: "□" * len(match[0]), fold(question))
    if len(re.findall(f"[{WORD_HAN}]", folded)) > MOST_HAN:
        return None
    ways: tuple[Callable[[str, str, Turn, bool], str | None], ...] = (
        _of_report, _elliptic, _with_pronoun, _with_place, _with_demonstrative, _fragment
    )  # fmt: skip
    return next((found for way in ways if (found := way(question, folded, before, is_reply))), None)


def _of_report(question: str, folded: str, before: Turn, _: bool) -> str | None:
    match, report = _REPORT.search(folded), report_of(before)
    if match is None or report is None or "《" in question:
        return None
    inside = match[0][-1] if report.endswith("》") and match[0][-1] in "里中内上面" else ""
    return question[: match.start()] + report + inside + question[match.end() :]


def _elliptic(question: str, folded: str, before: Turn, _: bool) -> str | None:
    """Understand "张贝呢?" as the question before, asked about somebody or something else."""
    if _GOES_ON.match(folded):
        return completed_by(before, question)
    bare = _without_opening(folded)
    match = _OTHER.match(bare)
    if match is None or _ASKING.search(match["other"]):
        return None
    other = match["other"]
    pronoun = _PRONOUN.match(other)
    if pronoun:
        return _with_pronoun(question, folded, before, True)
    shown = question[len(folded) - len(bare) :][: len(other)]
    if _is_possessed(other):
        subject = subject_of(before)
        return f"{subject}的{shown}?" if subject else completed_by(before, question)
    if tokens_of(other)[-1].flag[:1] in "vpd":
        return None
    return _asked_of(shown, before) or completed_by(before, question)


def _is_possessed(noun: str) -> bool:
    return re.fullmatch(_POSSESSED, noun) is not None


def _asked_of(other: str, before: Turn) -> str | None:
    """Return the question before with its person, place, organisation, time or thing replaced by ``other``."""
    asked = before.question
    kinds: tuple[tuple[bool, Callable[[str], list[str]]], ...] = (
        (bool(people_in(other)) or is_human(fold(other)), people_in),
        (bool(organisations_in(other)), organisations_in),
        (bool(places_in(other)), places_in),
        (bool(times_in(other)), times_in),
        (bool(latin_names_in(other)), latin_names_in),
    )
    for is_kind, find in kinds:
        names = find(asked) if is_kind else []
        if names:
            return replaced(asked, names[0], other)
    if any(is_kind for is_kind, _ in kinds):
        return None
    thing = _thing_counted(asked)
    return replaced(asked, thing, other) if thing else None


def _thing_counted(question: str) -> str | None:
    """Return the noun that the question asks the number or kind of: 口罩 in "捐了多少口罩"."""
    tokens = tokens_of(fold(question))
    at = next((i for i, token in enumerate(tokens) if re.fullmatch("多少|哪些|几|什么", token.word)), None)
    rest = [token for token in tokens[at + 1 :] if token.flag not in {"m", "q"}] if at is not None else []
    return rest[0].word if rest and rest[0].flag == "n" and not is_human(rest[0].word) else None


def _with_pronoun(question: str, folded: str, before: Turn, _: bool) -> str | None:
    match = _PRONOUN.search(folded)
    if match is None or _has_antecedent(folded, match.start(), only_people=match["person"] is not None):
        return None
    several = match[0].endswith("们") or match[0] in ("这些人", "那些人")
    subject = subject_of(before, several=several)
    if match["thing"] and not several:
        subject = next(iter(organisations_before(before) + places_before(before)), subject)
    if subject is None:
        return completed_by(before, question)
    opening = len(folded) - len(_without_opening(folded))
    return question[min(opening, match.start()) : match.start()] + subject + question[match.end() :]


def _has_antecedent(folded: str, end: int, *, only_people: bool) -> bool:
    """Whether something before ``folded[end]``, or a name in a later clause, could be what a pronoun there means."""
    head, tail = folded[:end], folded[end:]
    if people_in(head) or latin_names_in(head) or "□" in head:
        return True
    later = re.split(r"[,，;；]", tail, maxsplit=1)[1:]
    if later and people_in(later[0]):
        return True
    nouns = [token.word for token in _plain_nouns(tokens_of(head)) if not _is_possessed(token.word)]
    return any(not only_people or is_human(noun) for noun in nouns)


def _plain_nouns(tokens: list[Token]) -> list[Token]:
    """Return the nouns that are not asked for: 医院 in "哪家医院" is no antecedent."""
    before = [Token("", "", 0), *tokens]
    return [
        token
        for previous, token in zip(before, tokens, strict=False)
        if token.flag[:1] in ("n", "j") and not _ASKING.search(previous.word) and token.word != "时候"
    ]


def _with_place(question: str, folded: str, before: Turn, _: bool) -> str | None:
    match = _THERE.search(folded)
    if match is None or places_in(folded[: match.start()]) or organisations_in(folded[: match.start()]):
        return None
    places = places_before(before)
    if not places or "□" in folded[: match.start()]:
        return None
    return question[: match.start()] + places[0] + question[match.end() :]


def _with_demonstrative(question: str, folded: str, before: Turn, _: bool) -> str | None:
    """Put a name in the place of "这家公司" or "那位医生"; "那" is also how people misspell "哪"."""
    match = _DEMONSTRATIVE.search(folded)
    if match is None or _has_antecedent(folded, match.start(), only_people=False):
        return None
    rest = folded[: match.start()] + folded[match.end() :]
    if match["which"].startswith("那") and (people_in(rest) or not _ASKING.search(rest)):
        return None
    several = match["which"] in ("这些", "那些")
    name = called(match["head"], before, several=several)
    if name is None:
        return None if several or match["which"] == "那" else completed_by(before, question)
    opening = len(folded) - len(_without_opening(folded))
    return question[min(opening, match.start()) : match.start()] + name + question[match.end() :]


def _fragment(question: str, folded: str, before: Turn, is_reply: bool) -> str | None:
    """Understand a question without a subject, if it is only a fragment, has an opening such as 那, or is a reply."""
    bare = _without_opening(folded)
    shown = question[len(folded) - len(bare) :]
    core = re.sub(rf"[{_ENDS},，]+", "", bare)
    if _has_names(folded) or not core:
        return None
    subject = subject_of(before)
    if _POSSESSED_FRAGMENT.match(core):
        return f"{subject}{shown}" if subject else completed_by(before, question)
    if _FRAGMENT.match(core) and _ASKING.search(core):
        return completed_by(before, question)
    if (is_reply or bare != folded) and _lacks_subject(tokens_of(core)):
        return f"{subject} {shown}" if subject else completed_by(before, question)
    return None


def _has_names(folded: str) -> bool:
    return bool(
        "□" in folded or people_in(folded) or places_in(folded) or organisations_in(folded) or latin_names_in(folded)
    )


_GENERAL = re.compile(r"怎么|怎样|如何|应该|应当|可以|需要|必须|能不能|请")


def _lacks_subject(tokens: list[Token]) -> bool:
    """Whether a clause begins with its verb, a preposition that asks, or a noun that wants an owner."""
    words = [token for token in tokens if token.flag[:1] not in ("d", "c", "t")] or tokens
    first, second = words[0], words[1] if len(words) > 1 else Token("", "", 0)
    rest = "".join(token.word for token in words[1:])
    if any(_GENERAL.match(token.word) for token in tokens):
        return False
    if _is_possessed(first.word):
        return True
    if first.flag == "p":
        return bool(_ASKING.match(rest))
    if first.flag == "v":
        return first.word != "有" and bool(second.flag in {"ul", "uz", "ug"} or _ASKING.match(rest))
    if not re.match("什么|为什么|为何|[哪几多]", first.word):
        return False
    has_verb = any(token.flag[:1] == "v" for token in words[1:])
    return not has_verb or re.match("(?:为什么|为何|什么时候|多久)(?=[^的]*[了的])", first.word + rest) is not None


def _without_opening(folded: str) -> str:
    return _OPENING.sub("", folded, count=1)
