"""One message that asks several things -> a question for each, the subject carried over."""

from __future__ import annotations

import re

from retrieval.question.followup.understand import understand
from retrieval.text.characters import fold, has_han
from retrieval.text.entities import ORGANISATION_HEADS, is_human, organisations_in, people_in, places_in
from retrieval.text.segmentation import Token, tokens_of
from retrieval.types import Turn

MOST_PARTS = 3
SHORT = 7
"""Words of a part that may lean on the part before it."""
MOST_CHARACTERS = 40
"""A list of things of which the same is asked is no longer."""

_ASKS = re.compile(
    r"谁|哪|几|多少|什么|啥|何[时地人处]|为何|怎[么样]|如何|吗|呢|多[大高长远久重]"
    r"|\b(?:who|what|which|where|when|why|how)\b",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(r"(?<=[?？])|[;；]|[,，](?:还有|以及|另外)?|(?:以及|还有)(?=.{2})")
_LATIN_BOUNDARY = re.compile(r"(?<=[?？])|[;；]")
"""What follows a comma in English seldom stands alone: ", and when?"."""
_BOTH = re.compile(
    r"(?P<things>[^,，;；?？]{3,}?)(?:分别|各自|各(?=有(?!关)|[是捐花占多几需要为]))(?P<rest>[^,，;；?？]{1,20}[?？]?)"
)
_AND = frozenset({"和", "与", "及", "以及", "跟", "、"})
_QUALIFIERS = frozenset({"单程", "往返", "全程", "首班", "末班", "头班", "最低", "最高", "平均", "人均", "基本"})
"""Words that belong to what is asked of a thing, not to its name."""
_WHY = re.compile(r"(?:这|那)?(?:又|都)?(?:是|有)?(?:为什么|为何|为啥|什么(?:原因|理由|目的)|怎么回事)(?:呢|啊)?\W*")
_LEANS = re.compile(r"[他她它其此该这那]|当地|本文|呢\W*$")
_PRONOUN = re.compile(r"(?<![其吉排利])[他她它](?!人|乡)们?|其(?![他它中次实余间])")
_POLITE = re.compile(r"(?:请问一?下?|[你您]好|我?想(?:知道|问一?下?))[\s,，]*")
_OPENING = re.compile(r"(?:那么|那(?![里个些位天年边时家名])|并且|而且|同时|然后|另外|还有|以及|和)[,，\s]*")
_VERB_ENDS = tuple("了过着得到出给")
_SMALL_WORDS = frozenset("是为在有叫的要能会由从于每第共需")
_ASPECT = re.compile(
    r"(?:.*(?:时间|日期|地[点址]|电话|号码|票?价格?|费用?|标准|金额|[人次数]数|数量|面积|年[龄纪]|职[务位]|条件|材料|流程|方式|方法"
    r"|期限|范围|对象|名额|要求|要点|内容|原因|结果|单位|名[字称]|[首末][班船车]|班次|工作)|[船车班价])"
)
"""What is asked of something, so that it stands for nothing alone and gives way to another such word."""


def parts_of(question: str) -> list[str]:
    """Return the questions that a message asks, each to be understood alone; one message of one question is itself."""
    said = question.strip()
    if both := _BOTH.fullmatch(fold(said)):
        return _each_of(said[: both.end("things")], said[both.start("rest") :]) or [question]
    boundary = _BOUNDARY if has_han(question) else _LATIN_BOUNDARY
    parts = [part for piece in boundary.split(question) if (part := piece.strip())]
    if not 1 < len(parts) <= MOST_PARTS or not all(map(_asking, parts)) or any(map(_asks_why, parts[1:])):
        return [question]
    return [parts[0], *(_completed(part, parts[0]) for part in parts[1:])]


def own_words(part: str) -> list[str]:
    """Return the words of a part that ask about something, and do not ask themselves."""
    return [token.word for token in tokens_of(fold(part)) if len(token.word) > 1 and not _ASKS.search(token.word)]


def _asking(part: str) -> re.Match[str] | None:
    return _ASKS.search(fold(part))


def _asks_why(part: str) -> bool:
    """Whether a part asks no more than why, which needs all of the part before it."""
    return _WHY.fullmatch(fold(part)) is not None


def _each_of(things: str, rest: str) -> list[str]:
    """Ask the same of each of "A、B和C" and of each of "A和B的X"; nothing where it is unclear what belongs to which.

    A message that is left whole loses little, since one sentence usually tells of all.
    """
    items = _listed(things)
    if not 1 < len(items) <= MOST_PARTS or len(things) > MOST_CHARACTERS or not all(items) or _asking(things):
        return []
    *others, last = items
    shared = _shared_end(others, last)
    if shared is None:
        return []
    items = [*others, last.removesuffix(shared)]
    first = items[0]
    heads = ["" if shared or _is_alike(first, item) else _head_for(item, first) for item in items[1:]]
    if None in heads:
        return []
    return [f"{head}{item}{shared}{rest}" for head, item in zip(["", *heads], items, strict=True)]


def _listed(things: str) -> list[str]:
    """Cut a list where a word of its own says "and"; 和平区 is none."""
    items = [""]
    for word in _words_of(things):
        if fold(word) in _AND:
            items.append("")
        else:
            items[-1] += word
    return [item.strip() for item in items]


def _words_of(text: str) -> list[str]:
    """Cut a text into words as its Simplified form is cut, but written as they are."""
    return [text[token.start : token.end] for token in tokens_of(fold(text))]


def _shared_end(others: list[str], last: str) -> str | None:
    """Return what the last of a list shares with the others: 的学费 of 初中的学费; None where that is unclear."""
    if not any("的" in other for other in others):
        owner, of, owned = last.partition("的")
        if of:
            return of + owned if all(_is_alike(other, owner) for other in others) else None
        names = [name for name in _names_in(last) if fold(last).startswith(name)]
        if names and all(map(_is_name, others)):
            return last[len(max(names, key=len)) :]
    return ""


def _head_for(item: str, first: str) -> str | None:
    """Return the words of the first of a list that the item goes without; None where that is unclear.

    津贴标准 and 申请条件: the last word says what of 津贴 is asked. 轮渡单程票价 and 末班时间: so do two.
    """
    if _names_in(item) or "的" in item:
        return "" if _names_in(first) or "的" in first else None
    owner, of, _ = first.rpartition("的")
    if of:
        return owner + of
    words, own = _words_of(first), _words_of(item)
    if len(words) <= len(own):
        return None
    is_qualified = len(own) > 1 and (words[-1] == own[-1] or fold(words[-2]) in _QUALIFIERS)
    return _without_last(words, 2 if is_qualified else 1) or None


def _without_last(words: list[str], count: int) -> str:
    """Return words but the last few, of which one character alone counts with the word before it: 首班船."""
    if len(words) > 1 and len(words[-1]) == 1:
        words = [*words[:-2], words[-2] + words[-1]]
    return "".join(words[:-count])


def _is_alike(one: str, other: str) -> bool:
    """Whether two things of a list are of one make, so that neither lends the other a word: 男职工 and 女职工."""
    if _is_name(one) and _is_name(other):
        return True
    if one[-1] == other[-1]:
        return len(one) <= len(other)
    return len(_words_of(one)) == len(_words_of(other)) == 1


def _names_in(text: str) -> list[str]:
    return people_in(text) + places_in(text) + organisations_in(text)


def _is_name(text: str) -> bool:
    return fold(text) in _names_in(text)


def _completed(part: str, first: str) -> str:
    """Return a part with what it leaves out, which the first part says; never with all that the first part says."""
    asked = first.rstrip("?？ ")
    if not has_han(part) or _LEANS.search(fold(part)):
        understood = understand(part, Turn(first, None), is_reply=True)
        if understood != part and asked not in understood:
            return understood
    subject = _subject_of(first)
    if not has_han(part) or not subject or len(tokens_of(part)) > SHORT:
        return part
    bare = _OPENING.sub("", part, count=1) if _OPENING.match(part) else part
    whole = _PRONOUN.sub(lambda _: subject, bare, count=1) if _PRONOUN.search(bare) else _carried(subject, first, bare)
    return part if whole == bare or asked in whole else whole


def _carried(subject: str, first: str, part: str) -> str:
    """Put the subject of the first part before another part, unless that names what it is about."""
    own = _nouns_before_asking(part)
    if _names_in(part) or any(noun in first for noun in own):
        return part
    if not own:
        asks_who = re.match(r"(?:是|由)?(?:谁|哪[位家个些])", fold(part))
        return part if asks_who and people_in(subject) else subject + part
    words = _words_of(subject)
    if _ASPECT.fullmatch(own[-1]):
        return (_without_last(words, 1) if _ends_in_aspect(words) else subject) + part
    return part if _stands_beside(own[-1], fold(words[-1]), fold(part), fold(first)) else subject + part


def _ends_in_aspect(words: list[str]) -> bool:
    return len(words) > 1 and _ASPECT.fullmatch(fold(words[-1])) is not None


def _stands_beside(noun: str, other: str, part: str, first: str) -> bool:
    """Whether a noun is no part of another one, but another such thing: of people, organisations, or asked the same."""
    kind = _kind(noun)
    said = part.partition(noun)[2].rstrip("?？ ")
    return kind == _kind(other) if kind != "thing" else first.rstrip("?？ ").endswith(said)


def _kind(noun: str) -> str:
    if is_human(noun):
        return "human"
    return "organisation" if noun.endswith(tuple(ORGANISATION_HEADS)) else "thing"


def _nouns_before_asking(part: str) -> list[str]:
    asking = _asking(part)
    tokens = tokens_of(fold(part)[: asking.start()] if asking else fold(part))
    return [token.word for token in tokens if token.flag[:1] in ("n", "j") and len(token.word) > 1]


def _subject_of(first: str) -> str:
    """Return what a question is about: the words before what is asked, less their verb; else what its verb is about."""
    first = _POLITE.sub("", first, count=1) if _POLITE.match(first) else first
    asking = _asking(first)
    if asking is None:
        return ""
    said = first[: asking.start()]
    tokens = tokens_of(fold(said))
    while tokens and _is_no_subject(tokens[-1]):
        tokens.pop()
    return said[: tokens[-1].end].strip() if tokens else _object_of(first[asking.end() :])


def _is_no_subject(token: Token) -> bool:
    word, flag = token.word, token.flag[:1]
    if word in _SMALL_WORDS or word.startswith("每") or flag in ("d", "p", "c", "u", "y", "x") or not word.strip():
        return True
    return flag == "v" and (len(word) == 1 or word.endswith(_VERB_ENDS))


def _object_of(rest: str) -> str:
    """Return the nouns that end a question and are not what it asks for: 核酸检测 of 在哪里做核酸检测."""
    rest = rest.rstrip("?？ ")
    tokens = tokens_of(fold(rest))
    at = len(tokens)
    while at and (tokens[at - 1].flag[:1] in ("n", "j") or tokens[at - 1].flag == "vn"):
        at -= 1
    has_verb = any(token.flag[:1] == "v" for token in tokens[:at])
    return rest[tokens[at].start :] if has_verb and at < len(tokens) else ""
