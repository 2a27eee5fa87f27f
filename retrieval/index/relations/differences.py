"""Two near-equal sentences -> what was changed in them: a figure, a date, a name, a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.related import Difference, DifferenceKind
from retrieval.text.characters import HAN, fold
from retrieval.text.entities import SURNAMES, people_in, places_in
from retrieval.text.segmentation import tokens_of
from retrieval.text.times import TIME
from retrieval.text.units import UNIT

PLACE = "自治区|街道|社区|小区|省|市|县|区|镇|乡|村|州|盟|(?<!红)旗|路|街|巷|里|弄|屯|组"
"""What names of places end with."""
BODY = "医院|卫生院|学校|中学|小学|大学|幼儿园|公司|集团|厂|局|院|所|站|中心|支部|委员会|政府|办事处|派出所|银行|法院"
"""What names of bodies end with."""
_ENDS = re.compile(rf"(?:{PLACE}|{BODY})$")
_BEGINS = re.compile(rf"(?:{PLACE}|{BODY})")
_BEGINS_WORD = re.compile("[县镇乡村]")
"""Those that end a name though they begin the next word too, as jieba cuts it: 红旗/镇定/于."""
_FIGURE = re.compile(
    rf"(?:第?\d+(?:[,，.:]\d+)*|第[〇零一二三四五六七八九十百]+|[〇零一二三四五六七八九十百千万亿两]{{2,}}|[一二三四五六七八九十两](?={UNIT}))"
    rf"[十百千万亿多余]*(?:{UNIT})?"
)
_FIXED = re.compile(f"(?P<date>{TIME.pattern})|(?P<figure>{_FIGURE.pattern})")
_WORD = re.compile(r"\w")
_NEGATION = re.compile("[不未没無无非勿别]")
_NEGATIONS = 4
"""Characters of a change that turns a sentence into its contrary: 可以 into 不得."""
_PERSON = re.compile(f"[{HAN}]{{2,4}}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, figure or date of a sentence, ``sentence[start:end]``; ``key`` is its folded form."""

    key: str
    kind: str
    start: int
    end: int


def changes(old: str, new: str) -> Iterator[Difference]:
    """Yield what differs between two near-equal sentences, verbatim, in reading order; marks alone are no difference.

    Words, figures with their units, dates and names are named whole: 60元 and 120元, 红旗镇 and 青山镇.
    """
    one, two = pieces(old), pieces(new)
    matcher = SequenceMatcher(None, [piece.key for piece in one], [piece.key for piece in two], autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        before, after = one[start:end], two[other_start:other_end]
        more = _ending(one[end].key) if tag == "replace" and end < len(one) else 0
        said, says = _words(old, before, more), _words(new, after, more)
        if _WORD.search(said + says):
            yield Difference(_kind(before, after, (said, says), (old, new)), said, says)


def pieces(sentence: str) -> list[Piece]:
    """Cut a sentence into dates, figures and words."""
    folded, found, place = fold(sentence), list[Piece](), 0
    for match in _FIXED.finditer(folded):
        found += _cut(folded, place, match.start())
        found.append(Piece(match[0], str(match.lastgroup), match.start(), match.end()))
        place = match.end()
    return [*found, *_cut(folded, place, len(folded))]


def is_place(name: str) -> bool:
    """Whether a name is one of a place or of a body, rather than of a person."""
    return bool(_ENDS.search(name) or places_in(name))


def _cut(folded: str, start: int, end: int) -> Iterator[Piece]:
    for token in tokens_of(folded[start:end]):
        yield Piece(token.word, "word", start + token.start, start + token.end)


def _ending(following: str) -> int:
    """Return how much of the next word ends the name before it: all, where names of places end so, or its first."""
    return len(following) if _BEGINS.fullmatch(following) else int(bool(_BEGINS_WORD.match(following)))


def _words(sentence: str, found: Sequence[Piece], more: int) -> str:
    return sentence[found[0].start : found[-1].end + more].strip() if found else ""


def _kind(
    before: Sequence[Piece], after: Sequence[Piece], words: tuple[str, str], sentences: tuple[str, str]
) -> DifferenceKind:
    kinds = [{piece.kind for piece in found} for found in (before, after)]
    if bool(_NEGATION.search(words[0])) != bool(_NEGATION.search(words[1])) and max(map(len, words)) <= _NEGATIONS:
        return "negation"
    if not all(words):
        return "addition" if words[1] else "omission"
    for kind in ("date", "figure"):
        if all(kind in found for found in kinds):
            return kind
    return "name" if _are_names(words, sentences) else "wording"


def _are_names(words: tuple[str, str], sentences: tuple[str, str]) -> bool:
    if all(_ENDS.search(word) for word in words):
        return True
    if all(
        any(place in word or word in place for place in places_in(s)) for word, s in zip(words, sentences, strict=True)
    ):
        return True
    people = [
        any(name in word or word in name for name in people_in(s)) for word, s in zip(words, sentences, strict=True)
    ]
    return any(people) and all(known or _may_be_person(word) for known, word in zip(people, words, strict=True))


def _may_be_person(word: str) -> bool:
    return word[0] in SURNAMES and bool(_PERSON.fullmatch(word))
