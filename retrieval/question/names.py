"""Whom and what a question names: people, places and organisations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.text.characters import fold
from retrieval.text.entities import (
    GENERIC_HEADS,
    ORDINAL,
    TITLED,
    is_human,
    organisations_in,
    people_in,
)
from retrieval.text.segmentation import Token, jieba_tokenizer, tokens_of

Kind = Literal["person", "titled", "place", "organisation"]
"""``titled`` is a person by surname and title (王主任)."""
COMMON = 10
"""A word that jieba has counted so often is no person's name, although it begins like one (养老金, 高峰)."""
PARTED = re.compile(r"[^\u4e00-\u9fff]+|[在到由的与对向从为被把]")
"""What parts a text into pieces at whose beginning an organisation's name may stand."""

_AT_THE_START = re.compile(r"^(?:请问|问|在)?+(?P<name>[\u4e00-\u9fff]{2,3}[省市县区镇乡])(?![长民委级里内])")
_AGENCY = re.compile(
    r"^(?:请问)?+(?P<name>[\u4e00-\u9fff]{1,9}?(?:(?<![办大客餐前歌舞])厅|[中小]学(?![生校习])|大学(?!生)|医院|"
    r"(?:发改|卫健|卫计|政法|纪检?|监|国资|住建|经信|编)委(?!员)|(?:教育|财政|公安|民政|司法|卫生|交通|农业|水利|商务|文旅|"
    r"宣传|组织|人社|环保|住建|城管|监管|应急|税务|统计|审计|体育|气象|林业|规划|管理)[局部](?![长门队分])))"
)
"""An organisation at the beginning of a piece of a question, by what it ends with."""
_ASKING = re.compile("[哪么几谁吗呢多少些]|什么|[有没]有")
"""What stands in no name."""
_EVERYWHERE = re.compile(
    "中国|全国|我国|国内|全省|全市|全县|全区|本市|本省|世界|全球|城市|农村|地方|东西|南北|城区|镇区|市区"
)
_OFFICES = "委办局厅部院会所站处科署"
_PROPER = frozenset({"ns", "nt", "nr", "nrt", "nrfg", "nz", "j"})
"""jieba's tags of words that name something."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question."""

    kind: Kind
    text: str


def names_in(question: str) -> list[Name]:
    """Return the people, places and organisations that a question names in Chinese."""
    people, places = people_in(question), tagged(question, "ns")
    if not people and not places and (match := _AT_THE_START.match(fold(question))):
        places = [match["name"]]
    parts = PARTED.split(fold(question))
    agencies = [match["name"] for part in parts if (match := _AGENCY.match(part))]
    named = dict.fromkeys([*tagged(question, "nt"), *organisations_in(question), *agencies])
    organisations = [one for one in named if not any(one != other and one in other for other in named)]
    return [
        *(Name("person", name) for name in people if is_person(name)),
        *(Name("titled", match[0]) for part in parts if (match := TITLED.match(part))),
        *(Name("place", _with_unit(name, question)) for name in places if not _EVERYWHERE.fullmatch(name)),
        *(Name("organisation", name) for name in organisations if _is_organisation(name)),
    ]


def _with_unit(place: str, question: str) -> str:
    """Return a place as the question has it: 白山省, of which jieba knows 白山."""
    found = re.search(f"{place}[省市县区镇乡]?(?![长民委级里内])", fold(question))
    return found[0] if found else place


def tagged(text: str, flag: str) -> list[str]:
    """Return the words of a kind that stand in a text, each once; a name of a person is no place."""
    people = people_in(text)
    found = (token.word for token in tokens_of(fold(text)) if token.flag == flag and len(token.word) > 1)
    return [word for word in dict.fromkeys(found) if not any(word in name for name in people)]


def is_person(name: str) -> bool:
    """Whether what jieba takes for a person is one: 志愿者, 卫健局 and 关怀 are none."""
    return not is_human(name) and name[-1] not in _OFFICES and _count(name) < COMMON


def _is_organisation(name: str) -> bool:
    """Whether a word of it names one, because 开户银行 and 中小企业 may be any."""
    if _ASKING.search(name) or name.endswith(tuple(GENERIC_HEADS)):
        return False
    return bool(ORDINAL.search(name) or _AGENCY.match(name)) or any(map(_is_proper, tokens_of(name)))


def _is_proper(token: Token) -> bool:
    return token.flag in _PROPER or not _count(token.word)


def _count(word: str) -> int:
    return int(jieba_tokenizer().FREQ.get(word, 0))
