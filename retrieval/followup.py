"""Follow-up questions without a language model: what "那他多大年纪?" asks, given the turn before.

A follow-up leans on the turn before by a pronoun, by an opening such as 那 or "and", or by being a fragment. It is
understood by naming what it leans on: the people and places of the question before, else of its answer, else that
question's own words. A question that stands alone is left exactly as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from retrieval.analysis import jieba_tokenizer
from retrieval.types import Turn

MOST_HAN = 16
MOST_LATIN_WORDS = 8
"""A longer question is taken to stand alone unless it is a reply."""
MOST_NAMES = 2
MOST_CHARACTERS = 200
"""A chain of follow-ups without names grows no longer than this."""
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史"
    "唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛狄米贝明臧计成戴谈宋茅庞熊纪舒屈项祝董梁"
    "杜阮蓝闵席季麻强贾路江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房解应宗丁邓单洪包左石崔吉龚程邢裴陆翁荀甄曲封储靳"
    "段焦谷车侯全班仰宁甘厉祖武符刘景詹束龙叶司黎薄白怀蒲赖卓池乔阴苍闻党翟谭劳姬申冉桂牛寿边燕温柴瞿阎连习容向古易廖耿匡文欧聂关"
    "阙言尹简饶沙养丰巢游权岳帅敖冷代海晏"
)
_PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
_PLACE_TAGS = frozenset({"ns", "nt"})

_HAN = re.compile(r"[\u3400-\u9fff]")
_PRONOUN = re.compile(
    r"他们|她们|它们|这些人|那些人|此人|这个人|那个人|(?<![其吉])他|她|它|(?<![尤极与何])其(?![他它中次实余间])"
)
"""No pronouns are 其他, 其中, 尤其 and their like."""
_PLACE_PRONOUN = re.compile(r"那里|那儿|这里|这儿|当地")
_OPENING = re.compile(r"^(?:那么|那|然后|还有|另外|以及|而)[,，、\s]*")
_ELLIPSIS = re.compile(r"呢[？?。!！]*$")
_OTHER = re.compile(r"^(?P<other>[^，,。？?]{2,8}?)呢[？?。!！]*$")
_LATIN_LEANING = re.compile(
    r"^(?:and|so|then|what about|how about|but)\b|\b(?:he|she|they|him|her|his|hers|their|theirs|them|it|its)\b"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?! (?:is|are|was|were)\b)",
    re.IGNORECASE,
)


def understand(question: str, before: Turn | None, *, is_reply: bool = False) -> str:
    """Return the question as it is understood after the turn before; unchanged if it stands alone.

    ``is_reply`` says that the asker pointed at the answer, so that a fragment without a pronoun leans on it too.
    """
    if before is None or not leans(question, is_reply=is_reply):
        return question
    bare = _OPENING.sub("", question)
    other = _OTHER.match(bare)
    names = _names_leaned_on(before)
    if other and names and names[0] in before.question:
        return before.question.replace(names[0], other["other"], 1)
    if not names:
        whole = f"{before.question} {question}"
        return whole if len(whole) <= MOST_CHARACTERS else question
    subject = "、".join(names[:MOST_NAMES])
    named, count = _PRONOUN.subn(subject, bare, count=1)
    return named if count else f"{subject} {bare}"


def _names_leaned_on(before: Turn) -> list[str]:
    """People rather than places, and those of the question rather than those of its answer."""
    texts = (before.question, before.answer or "")
    return next((names for find in (people_in, places_in) for text in texts if (names := find(text))), [])


def leans(question: str, *, is_reply: bool = False) -> bool:
    """Whether the question needs the turn before to be understood."""
    if not _HAN.search(question):
        words = question.split()
        return bool(len(words) <= MOST_LATIN_WORDS and (is_reply or _LATIN_LEANING.search(question)))
    if len(question) > MOST_HAN:
        return False
    if _ELLIPSIS.search(question):
        return True
    leaning = _PRONOUN.search(question) or _PLACE_PRONOUN.search(question) or _OPENING.match(question)
    return bool(is_reply or leaning) and not people_in(question) and not places_in(question)


def people_in(text: str) -> list[str]:
    """Return the people that ``text`` names, in order, each once: tagged as such, and with a surname."""
    return [name for name in _tagged(text, _PERSON_TAGS) if len(name) <= 4 and name[0] in SURNAMES]


def places_in(text: str) -> list[str]:
    """Return the places and organisations that ``text`` names, in order, each once."""
    return _tagged(text, _PLACE_TAGS)


def _tagged(text: str, tags: frozenset[str]) -> list[str]:
    found = (pair.word for pair in _tagger().cut(text) if pair.flag in tags and len(pair.word) > 1)
    return list(dict.fromkeys(found))


@cache
def _tagger() -> Any:  # noqa: ANN401 - untyped library
    import jieba.posseg

    return jieba.posseg.POSTokenizer(jieba_tokenizer())
