"""The few words of a sentence that answer a who, when, where or how-many question; None rather than a guess.

Three steps: ``question_type`` says what is wanted, the finder for that kind lists the candidates in the sentence, and
``find_span`` takes the one that fits and stands nearest to the question's own words, if it is clearly the best.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from retrieval.analysis import normalise, words_of
from retrieval.naming import SURNAMES, tagger
from retrieval.question_type import UNIT, UNITS, Wanted, question_type

Similarity = Callable[[int, int], float]
Span = tuple[int, int]

MOST_CHARACTERS = 400
"""What follows in a longer sentence is not looked at: a whole passage is no longer."""
NEAR = 12.0
"""A question's word counts for 1/e at this many characters from a candidate."""
CLAUSE = 8.0
"""How many characters a comma between the two counts for."""
MARGIN = 0.2
"""How much better than the next a candidate must be."""
DECOY = 1.01
"""The fit of what names somebody but is no whole name (特斯拉): it never answers, and keeps others from answering."""
SIMILARITY = 10.0
"""What the similarity of a candidate's surroundings counts for, and how many characters they reach to each side."""
SURROUNDINGS = 6

_HAN_DIGIT = "〇零一二三四五六七八九十"
_ARABIC = r"\d{1,15}(?:,\d{3})*(?:\.\d+)?[½¼]?"
_HAN = rf"[{_HAN_DIGIT}百千万亿两半]{{1,15}}(?:点[{_HAN_DIGIT}]+)?"
_TO = r"\s?[-–—~至到]\s?"
_NUMBER = re.compile(
    r"(?:大约|约|将近|接近|近|超过|超|逾|至少|至多|最多|不到|不足|多达|高达)?"
    rf"(?:(?P<share>百分之(?:{_ARABIC}|{_HAN})|[{_HAN_DIGIT}\d]{{1,5}}分之[{_HAN_DIGIT}\d]{{1,5}}|"
    rf"{_ARABIC}%(?:{_TO}{_ARABIC}%)?|一半|半数)|"
    rf"(?<![第a-z\d.])(?P<value>{_ARABIC}(?:{_TO}{_ARABIC})?\s?[余多几]?[十百千万亿]*[余多]?|"
    rf"{_HAN}[余多几]?[十百千万亿]*|[数几][十百千万亿]+)\s?(?P<unit>{UNIT})?)(?:以上|左右|以内|以下)?"
)
_COUNTED = rf"(?:{_ARABIC}|{_HAN})"
_PATTERNS = {
    "rank": re.compile(rf"第\s?(?:\d+|[{_HAN_DIGIT}百]+)(?:{UNIT}|大)?|[之居]首|首位|榜首"),
    "often": re.compile(rf"每隔?{_COUNTED}?(?:{UNIT}|[年月日])(?:.{{0,2}}{_COUNTED}次)?|{_COUNTED}(?:{UNIT})一次"),
    "code": re.compile(r"(?<![\d.])\d[\d-]{4,}(?![\d.])"),
}

_YEAR = (
    rf"(?:公元前?\d+年|(?<![\d.,])[12]\d{{3}}(?:年|(?![\d.,]|\s?(?:{UNIT}|[余多万亿])))|[〇零一二三四五六七八九]{{4}}年|"
    r"(?:距今)?约?\d+[万亿]?年前|[今去前同]年)"
)
_MONTH = rf"(?<!\d)(?:\d{{1,2}}|[{_HAN_DIGIT}]{{1,2}})月(?!亮)份?[初底末]?"
_DAY = rf"(?<!\d)(?:\d{{1,2}}|[{_HAN_DIGIT}]{{1,3}})[日号](?![线楼院])"
_PART = r"(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上?|深夜|夜间|[上中下]旬|[初底末]|期间)"
_CLOCK = (
    rf"(?:{_PART}(?:\d{{1,2}}|[{_HAN_DIGIT}]{{1,3}})[点时](?:半|\d{{1,2}}分|多)?钟?|(?<!\d)\d{{1,2}}:\d\d(?!\d)|"
    rf"(?<!\d)\d{{1,2}}(?:点(?!建议|要求|意见)|时)(?:半|\d{{1,2}}分|多)?钟?|[{_HAN_DIGIT}]{{1,3}}点(?:钟|半))"
)
_AGE = (
    r"(?:公元前?)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})世纪(?:[\d一二三四五六七八九][0十]年代)?(?:[初中末]期?|[早后晚]期|中叶)?|"
    r"\d0年代(?:[初中末]期?|后期)?"
)
_FEAST = (
    r"大年[三初]十?[一二三四五六七]?|除夕夜?|春节|元旦|(?:国庆|清明|元宵|端午|中秋)节?|"
    r"(?:星期|周)[一二三四五六日天](?![年岁])"
)
_DATE = rf"(?:{_YEAR}\s?(?:{_MONTH}(?:{_DAY})?)?|{_MONTH}(?:{_DAY})?|{_DAY}|{_FEAST})(?:{_CLOCK}|{_PART})?"
_TIME = re.compile(rf"{_AGE}|(?:{_DATE}|{_CLOCK})(?:{_TO}(?:{_DATE}|{_CLOCK}))?")
_GRAINS = {"clock": "[点时:]", "day": "[月日号期周节夕]", "year": r"年|\d{4}", "age": "世纪|年代", "": ""}

_JOINED = re.compile(r"[、,]?[和与及跟]?|[、,]?以及")
_JOINED_LOOSELY = re.compile(r"(?:[、和与及跟]|以及)[^,;。、]{0,10}")
_TWO_ASKED = re.compile("(?:多少|几).*(?:多少|几|[和与及])")
_JOINERS = re.compile("[、,和与及]|其中")
_NOT_A_NAME = re.compile(r"[人派族军语教队]")
_DOT = re.compile("[·•]")
_PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
_PLACE_TAGS = frozenset({"ns", "nt", "nz", "n", "nr", "nrt", "nrfg", "s", "j", "b", "eng"})
_PLACE_BEFORE = re.compile(r"(?:位于|坐落[在于]|在|于|到|赴|从|至|往|进驻|来自|入驻|驰援|抵达|支援|[返回]回?)$")

_STOP = re.compile(
    r"(?:多少|几|谁|什么|哪.*|时候|何时|何|的|了|在|是|有|和|与|被|把|从|到|个|名|一|这|那|为|人|年|月|日|"
    r"the|of|in|a|an|did|was|is|to|and|how|many|much|who|when|where|what|which)$"
)
_CLAUSE_END = re.compile(r"[,;。!?]")


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A word of the question in the sentence: where it starts, and what it counts for."""

    starts: tuple[int, ...]
    length: int
    weight: float


def find_span(question: str, sentence: str, similarity: Similarity | None = None) -> Span | None:
    """Return (start, end) of the few words inside the sentence that answer; None when unsure.

    ``similarity(start, end)`` tells how near ``sentence[start:end]`` is to the question (a cosine); it helps to choose
    where the question shares no words with the sentence, as an English one does.
    """
    asked, text = _fold(question), _fold(sentence[:MOST_CHARACTERS])
    wanted = question_type(asked)
    if wanted is None:
        return None
    found = _FINDERS[wanted.kind](text, wanted)
    candidates = {span: fit for span, fit in found if not _is_named(text[slice(*span)], asked)}
    anchors = _anchors(asked, text)
    if wanted.kind == "place" and not anchors:
        return None
    scores = _scores(text, candidates, anchors, similarity)
    ranked = sorted(scores, key=lambda span: scores[span], reverse=True)
    if not ranked or candidates[ranked[0]] == DECOY:
        return None
    whole = _widened(ranked[0], text, asked, [span for span in ranked if candidates[span] != DECOY], wanted)
    if whole is None:
        return None
    rivals = (span for span in ranked if not whole[0] <= span[0] < whole[1])
    return whole if all(scores[ranked[0]] - scores[rival] >= MARGIN for rival in rivals) else None


def _is_named(candidate: str, asked: str) -> bool:
    """Whether the question has the candidate already, or all of its figures ("2005年" when asked about "in 2005")."""
    figures = re.findall(r"\d+", candidate)
    return candidate in asked or bool(figures) and set(figures) <= set(re.findall(r"\d+", asked))


def _scores(
    text: str, candidates: dict[Span, float], anchors: Sequence[_Anchor], similarity: Similarity | None
) -> dict[Span, float]:
    """Add up how well each candidate fits, how near it is to the question's words, and the similarity around it."""
    scores = {span: fit + _nearness(text, span, anchors) for span, fit in candidates.items()}
    if similarity is not None and len(scores) > 1:
        for start, end in scores:
            around = max(0, start - SURROUNDINGS), min(len(text), end + SURROUNDINGS)
            scores[start, end] += SIMILARITY * similarity(*around)
    return scores


def _anchors(asked: str, text: str) -> list[_Anchor]:
    anchors = []
    for word in dict.fromkeys(words_of(asked)):
        if not _STOP.match(word) and word in text:
            starts = tuple(match.start() for match in re.finditer(re.escape(word), text))
            anchors.append(_Anchor(starts, len(word), min(len(word), 4) / 2 if len(word) > 1 else 0.3))
    return anchors


def _nearness(text: str, span: Span, anchors: Sequence[_Anchor]) -> float:
    """Sum the weights of the question's words, each less the farther its nearest place is from the candidate."""
    return sum(
        anchor.weight * max(math.exp(-_distance(text, span, at, at + anchor.length) / NEAR) for at in anchor.starts)
        for anchor in anchors
    )


def _distance(text: str, span: Span, start: int, end: int) -> float:
    gap = text[end : span[0]] if end <= span[0] else text[span[1] : start]
    return len(gap) + CLAUSE * len(_CLAUSE_END.findall(gap))


def _widened(chosen: Span, text: str, asked: str, candidates: Sequence[Span], wanted: Wanted) -> Span | None:
    """Take in the rest of an enumeration: people joined by 和 or 、, and figures where the question asks for two.

    A question for 哪些人 is answered by several people or not at all.
    """
    if wanted.kind == "number" and _TWO_ASKED.search(asked):
        whole = _joined(chosen, candidates, lambda gap: _JOINERS.sub("", gap) in asked, text)
        nouns = (word for word in words_of(asked) if whole != chosen and text.startswith(word, whole[1]))
        return whole[0], whole[1] + max(map(len, nouns), default=0)
    if wanted.kind not in ("person", "people"):
        return chosen
    joiner = _JOINED if wanted.kind == "person" else _JOINED_LOOSELY
    whole = _joined(chosen, candidates, lambda gap: bool(joiner.fullmatch(gap)), text)
    return None if wanted.kind == "people" and whole == chosen else whole


def _joined(chosen: Span, candidates: Sequence[Span], joins: Callable[[str], bool], text: str) -> Span:
    """Grow ``chosen`` over its neighbours among the candidates as long as what stands between them joins them."""
    start, end = chosen
    for a, b in sorted(candidates):
        if a > end and joins(text[end:a]):
            end = b
    for a, b in sorted(candidates, reverse=True):
        if b < start and joins(text[b:start]):
            start = a
    return start, end


def _numbers(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    times = [match.span() for match in _TIME.finditer(text)]
    for match in _NUMBER.finditer(text):
        fit = _unit_fit(match, wanted)
        if fit is not None and not any(a < match.end() and match.start() < b for a, b in times):
            yield match.span(), fit


def _unit_fit(match: re.Match[str], wanted: Wanted) -> float | None:
    """How well a number's unit fits what is wanted; None for not at all."""
    unit, value = "%" if match["share"] else match["unit"] or "", match["value"] or ""
    if not match["share"] and not re.search(r"\d", value):
        bare = re.fullmatch("[百千万亿]+", value) and match.start("value") == match.start()
        if not unit or bare or value in ("一", "半"):
            return None
    if unit and unit == wanted.word:
        return 3.0
    if any(re.fullmatch(UNITS[name], unit) for name in wanted.units):
        return 2.0
    if not wanted.units or wanted.units == ("thing",):
        return 0.0 if any(re.fullmatch(UNITS[name], unit) for name in ("percent", "money", "age")) else 1.0
    return 0.5 if not unit and wanted.units[0] != "percent" else None


def _times(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    for match in _TIME.finditer(text):
        if re.search(_GRAINS[wanted.grain], match[0]):
            yield match.span(), 1.0 if re.search(r"\d{4}|\d[月日]", match[0]) else 0.5


def _patterns(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    yield from ((match.span(), 1.0) for match in _PATTERNS[wanted.kind].finditer(text))


def _people(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    """Chinese names, which begin with a surname, and transliterated ones, which have middle dots."""
    for start, end, is_chinese in _names(text):
        name = text[start:end]
        if _NOT_A_NAME.match(text, end - 1) or _NOT_A_NAME.match(text, end):
            continue
        if _DOT.search(name[1:-1]):
            yield (start + (name[0] in "由被和与"), end), 1.0
        elif is_chinese and name[0] in SURNAMES and len(name) in (2, 3):
            yield (start, end), 1.0
        elif not is_chinese and len(name) > 1:
            yield (start, end), DECOY


def _names(text: str) -> list[tuple[int, int, bool]]:
    """List (start, end, whether Chinese) of what jieba takes for names, put together where it cut them.

    A transliterated name is cut into pieces that may look Chinese, so names that touch are not Chinese.
    """
    names: list[tuple[int, int, bool]] = []
    last = 0
    for start, end, tag in _tokens(text):
        word, is_name = text[start:end], tag in _PERSON_TAGS
        before = names[-1] if names and names[-1][1] == start else None
        if before and (word in "·•" or text[start - 1] in "·•" and word[0].isalpha()):
            names[-1] = (before[0], end, before[2])
        elif before and before[1] - before[0] == 1 and len(word) < 3 and tag[0] == "n":
            names[-1] = (before[0], end, True)
        elif before and is_name:
            names[-1] = (before[0], end, False)
        elif is_name or word in "·•":
            names.append((last if word in "·•" else start, end, tag in ("nr", "nrfg")))
        last = start
    return names


def _places(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    """Runs of nouns that name a place, or that end in the very noun asked for ("哪家医院")."""
    run: list[tuple[int, int, str]] = []
    for token in [*_tokens(text), (len(text), len(text), "x")]:
        if token[2] in _PLACE_TAGS or run and token[2] in ("m", "f"):
            run.append(token)
            continue
        if run:
            start, end = run[0][0], run[-1][1]
            if wanted.word:
                if text[start:end].endswith(wanted.word) and end - start > len(wanted.word):
                    yield (start, end), 1.0
            elif _PLACE_BEFORE.search(text[:start]) and any(tag in ("ns", "s", "nt") for *_, tag in run):
                yield (start, end), 1.0
        run = []


@lru_cache(maxsize=500)
def _tokens(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return (start, end, tag) of jieba's words; together they are the text.

    Remembered, as tagging a sentence takes 4 ms and what is asked about once is asked about again.
    """
    pairs = list(tagger().cut(text))
    ends = list(accumulate(len(pair.word) for pair in pairs))
    return tuple((end - len(pair.word), end, pair.flag) for pair, end in zip(pairs, ends, strict=True))


_Finder = Callable[[str, Wanted], Iterator[tuple[Span, float]]]
_FINDERS: dict[str, _Finder] = {
    "number": _numbers,
    "rank": _patterns,
    "often": _patterns,
    "code": _patterns,
    "time": _times,
    "person": _people,
    "people": _people,
    "place": _places,
}


def _fold(text: str) -> str:
    """Fold width, case and script character by character, so that offsets stay those of ``text``."""
    return "".join(map(_folded, text))


@cache
def _folded(character: str) -> str:
    folded = normalise(character)
    return folded if len(folded) == 1 else character
