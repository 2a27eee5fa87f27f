"""Whom and what a question is about, and whether the report that was found speaks of somebody or something else.

A name counts as spoken of where it stands in the report or its title, by its word, by a short form of it (省卫健委 for
省卫生健康委员会), or, for people, by its sound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pypinyin import lazy_pinyin

from retrieval.notices import Differs
from retrieval.question.same_name import SameName
from retrieval.text.characters import fold
from retrieval.text.entities import ORGANISATION_HEADS, is_human, organisations_in, people_in
from retrieval.text.segmentation import tokens_of
from retrieval.types import Document, Passage

LOOKED_THROUGH = 200_000
"""Characters of a report in which a short form is looked for."""
LEAD = 300
"""Characters at a report's beginning that say what it is about."""
BETWEEN = 3
"""Characters that a short form leaves out between two of its own at most."""

_UNIT = re.compile(r"(?:特别行政区|自治[区州县]|[省市县区镇乡村州盟旗]|街道|社区)?(?:人民)?(?:政府|党委|委)?$")
_AT_THE_START = re.compile(r"^(?:请问|问|在)?(?P<name>[\u4e00-\u9fff]{2,3}[省市县区镇乡])(?![长民委级里内])")
_IN_TEXT = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,3}[省市县区镇乡](?![长民级])")
_EVERYWHERE = frozenset(
    ["中国", "全国", "我国", "国内", "全省", "全市", "全县", "全区", "本市", "本省", "世界", "全球"]
)

_HEADS = sorted(ORGANISATION_HEADS, key=len, reverse=True)
_OFFICES = "委办局厅部院会所站处科署"
_PARTED = re.compile(r"[^\u4e00-\u9fff]+|[在到由的与对向从为被把]")
"""What parts a text into pieces at whose beginning an organisation's name may stand."""

Kind = Literal["person", "place", "organisation"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a question."""

    kind: Kind
    text: str


def names_in(question: str) -> list[Name]:
    """Return the people, places and organisations that a question names in Chinese."""
    people, places = people_in(question), _tagged(question, "ns")
    if not people and not places and (match := _AT_THE_START.match(fold(question))):
        places = [match["name"]]
    named = dict.fromkeys([*_tagged(question, "nt"), *organisations_in(question)])
    organisations = [one for one in named if not any(one != other and one in other for other in named)]
    return [
        *(Name("person", name) for name in people if not is_human(name) and name[-1] not in _OFFICES),
        *(Name("place", name) for name in places if name not in _EVERYWHERE),
        *(Name("organisation", name) for name in organisations),
    ]


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
    names = names_in(question)
    if not names:
        return None
    whole = fold(f"{document.title}\n{document.source or ''}\n{document.text[:LOOKED_THROUGH]}")
    about = fold(f"{document.title}\n{document.text[:LEAD]}\n{passage.text}")
    for kind in ("person", "place", "organisation"):
        asked = [name for name in names if name.kind == kind]
        missing = [
            name for name in asked if not _is_spoken_of(name, whole) and not _is_called_otherwise(name, same, whole)
        ]
        if not missing or (kind == "place" and len(missing) < len(asked)):
            continue
        found = next(_others(missing[0], about, names), None)
        if kind == "person" or found or (kind == "organisation" and not all(map(is_known, _words(missing[0])))):
            return Differs(missing[0].text, found)
    return None


def _is_spoken_of(name: Name, text: str) -> bool:
    word = fold(name.text)
    core = _UNIT.sub("", word) if name.kind == "place" else word
    if word in text or (len(core) > 1 and core in text):
        return True
    if name.kind == "organisation" and all(fold(part) in text for part in _words(name)):
        return True
    if name.kind == "person":
        return _sound(word) in {_sound(fold(other)) for other in people_in(text[:20_000])}
    return len(word) > 2 and bool(_short_form(word).search(text))


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
def _sound(name: str) -> str:
    return " ".join(lazy_pinyin(name))


def _tagged(text: str, flag: str) -> list[str]:
    """Return the words of a kind that stand in a text, each once; a name of a person is no place."""
    people = people_in(text)
    found = (token.word for token in tokens_of(fold(text)) if token.flag == flag and len(token.word) > 1)
    return [word for word in dict.fromkeys(found) if not any(word in name for name in people)]


def _others(missing: Name, text: str, asked: Iterable[Name]) -> Iterator[str]:
    """Yield the names of the same kind that the report is about, the most alike first."""
    named = {fold(name.text) for name in asked}
    if missing.kind == "person":
        found = people_in(text)
        found = [one for one in found if set(one) & set(missing.text)] or found
    elif missing.kind == "place":
        found = [*_tagged(text, "ns"), *_IN_TEXT.findall(text)]
    else:
        head = next((head for head in _HEADS if missing.text.endswith(head)), missing.text[-1])
        found = [name for part in _PARTED.split(text) for name in re.findall(rf"^.{{2,14}}?{re.escape(head)}", part)]
    others = [one for one in dict.fromkeys(found) if one not in named]
    yield from sorted(others, key=lambda one: -len(set(one) & set(missing.text)))
