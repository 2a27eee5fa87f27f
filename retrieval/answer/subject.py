"""Whom and what a question is about, and whether the report that was found speaks of somebody or something else.

A name counts as spoken of where it stands in the report or its title, by its word, by a short form of it (省卫健委 for
省卫生健康委员会), or, for people, by its sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from pypinyin import lazy_pinyin

from retrieval.notices import Differs
from retrieval.question.names import PARTED, Kind, Name, names_in, tagged
from retrieval.question.same_name import SameName
from retrieval.text.characters import fold
from retrieval.text.entities import ORGANISATION_HEADS, SURNAMES, TITLED, people_in
from retrieval.text.segmentation import tokens_of
from retrieval.types import Document, Passage

LOOKED_THROUGH = 200_000
"""Characters of a report in which a short form is looked for."""
PEOPLE_IN = 20_000
"""Characters of a report in which people are looked for by sound or surname."""
LEAD = 300
"""Characters at a report's beginning that say what it is about."""
BETWEEN = 5
"""Characters that a short form leaves out between two of its own at most."""

_UNIT = re.compile(r"(?:特别行政区|自治[区州县]|[省市县区镇乡村州盟旗]|街道|社区)?(?:人民)?(?:政府|党委|委)?$")
_IN_TEXT = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}[省市县区镇乡](?![长民级])")
_HEADS = sorted(ORGANISATION_HEADS, key=len, reverse=True)
_NUMBERED = re.compile("第(?P<number>[一二三四五六七八九十]+)(?P<of>[\u4e00-\u9fff]{2,})")
_NO_PLACE = re.compile("[本该各全]|自治区$|直辖市$|专业|单列|以[市县设]|[关设及等]|的")
_PROVINCES = re.compile(
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|"
    "内蒙古|广西|西藏|宁夏|新疆|北京|天津|上海|重庆|香港|澳门"
)
_EXCEPT = re.compile(r"除了?[^，。；]{1,12}外|[（(][^（()）]{0,10}(?:除外|含)[^（()）]{0,10}[）)]")
KINDS: tuple[Kind, ...] = ("person", "titled", "place", "organisation")


def differs(
    question: str,
    passage: Passage,
    document: Document,
    is_known: Callable[[str], bool],
    same: Sequence[SameName] = (),
) -> Differs | None:
    """Return whom the question is about and whom the passage's report speaks of instead; None where they are the same.

    ``is_known`` says whether any report holds a word of an organisation. A place or an organisation that a report does
    not name may still be where it happened, unless it names another one. ``same`` are other names for what is asked.
    """
    named = names_in(question)
    if not named:
        return None
    whole = _whole(document)
    about = _EXCEPT.sub("", fold(f"{document.title}\n{document.text[:LEAD]}\n{passage.text}"))
    for kind in KINDS:
        asked = [name for name in named if name.kind == kind]
        missing = [
            name for name in asked if not _is_spoken_of(name, whole) and not _is_called_otherwise(name, same, whole)
        ]
        if not missing or (kind == "place" and len(missing) < len(asked)):
            continue
        found = next(_others(missing[0], about, named), None)
        if kind == "person" or found or (kind == "organisation" and not all(map(is_known, _words(missing[0])))):
            return Differs(missing[0].text, found)
    return None


def names(document: Document, name: str) -> bool:
    """Whether a report holds a name as it is asked about."""
    return fold(name) in _whole(document)


def _whole(document: Document) -> str:
    return fold(f"{document.title}\n{document.source or ''}\n{document.text[:LOOKED_THROUGH]}")


def _is_spoken_of(name: Name, text: str) -> bool:
    word = fold(name.text)
    core = _UNIT.sub("", word) if name.kind == "place" else word
    if word in text or (len(core) > 1 and core in text):
        return True
    if name.kind == "titled":
        return any(other.startswith(word[0]) for other in people_in(text[:PEOPLE_IN]))
    if numbered := _NUMBERED.search(word):
        return bool(_numbered(numbered["number"], numbered["of"]).search(text))
    if name.kind == "organisation":
        words = _words(name)
        if (len(words) > 1 and all(fold(part) in text for part in words)) or word.lstrip("和与跟同及") in text:
            return True
    if name.kind == "person":
        return _is_no_name(word, text) or _sound(word) in {_sound(fold(other)) for other in people_in(text[:PEOPLE_IN])}
    return len(word) > 2 and bool(_short_form(word).search(text))


def _is_no_name(word: str, text: str) -> bool:
    """Whether a text has what follows a surname where no name stands: 宗闲置 was cut out of 几宗闲置土地."""
    given = re.escape(word[1:])
    return len(word) > 2 and any(text[at.start() - 1] not in SURNAMES for at in re.finditer(given, text) if at.start())


def _is_called_otherwise(name: Name, same: Iterable[SameName], text: str) -> bool:
    word = fold(name.text)
    return any((one.asked in word or word in one.asked) and one.called in text for one in same)


def _words(name: Name) -> list[str]:
    """Return the words of a name, places without their units: 静安区突击队 is 静安 and 突击队."""
    words = [_UNIT.sub("", token.word) or token.word for token in tokens_of(name.text)]
    return [word for word in words if len(word) > 1] or [name.text]


@cache
def _short_form(word: str) -> re.Pattern[str]:
    return re.compile(f"[^，。；\n]{{0,{BETWEEN}}}?".join(map(re.escape, word)))


@cache
def _numbered(number: str, of: str) -> re.Pattern[str]:
    """Match what is called by a number, in full or in short: 第二人民医院, 二医院, 二院."""
    return re.compile(f"第{number}{of[:2]}|{number}(?:{of[-2:]}|[{of}])")


@cache
def _sound(name: str) -> str:
    return " ".join(lazy_pinyin(name))


def _may_be(one: str, other: str) -> bool:
    """Whether two names may be one: a part of the other, or its characters in another order."""
    return one in other or other in one or sorted(one) == sorted(other)


def _level(place: str) -> str:
    """Return what a place is, so that a town is not taken for another province than the one it lies in."""
    core = _UNIT.sub("", place)
    if _PROVINCES.fullmatch(core) or place.endswith("省"):
        return "province"
    return "town" if place.endswith("市") or core == place else place[-1]


def _others(missing: Name, text: str, asked: Iterable[Name]) -> Iterator[str]:
    """Yield the names of the same kind that the report is about, the most alike first."""
    named = {fold(name.text) for name in asked}
    if missing.kind == "person":
        found = people_in(text)
        found = [one for one in found if set(one) & set(missing.text)] or found
    elif missing.kind == "titled":
        found = [match[0] for match in TITLED.finditer(text) if match["title"] == missing.text[1:]]
    elif missing.kind == "place":
        found = [one for one in (*tagged(text, "ns"), *_IN_TEXT.findall(text)) if not _NO_PLACE.search(one)]
        found = [one for one in found if _level(one) == _level(missing.text)]
    else:
        head = next((head for head in _HEADS if missing.text.endswith(head)), missing.text[-1])
        found = [name for part in PARTED.split(text) for name in re.findall(rf"^.{{2,14}}?{re.escape(head)}", part)]
    others = [one for one in dict.fromkeys(found) if not any(_may_be(one, other) for other in named)]
    yield from sorted(others, key=lambda one: -len(set(one) & set(missing.text)))
