"""What in a sentence may answer: its numbers, times, people and places, each kind by a finder of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

from retrieval.question.question_type import Wanted
from retrieval.text.date_grammar import TO
from retrieval.text.entities import SURNAMES
from retrieval.text.numerals import HAN_DIGIT
from retrieval.text.segmentation import tagger
from retrieval.text.times import EXACT, GRAINS, TIME
from retrieval.text.units import UNIT, UNITS

Span = tuple[int, int]
DECOY = 1.01
"""The fit of what names somebody but is no whole name (特斯拉): it never answers, and keeps others from answering."""
_ARABIC = r"\d{1,15}(?:,\d{3})*(?:\.\d+)?[½¼]?"
_HAN = rf"[{HAN_DIGIT}百千万亿两半]{{1,15}}(?:点[{HAN_DIGIT}]+)?"
_NUMBER = re.compile(
    r"(?:大约|约|将近|接近|近|超过|超|逾|至少|至多|最多|不到|不足|多达|高达)?"
    rf"(?:(?P<share>百分之(?:{_ARABIC}|{_HAN})|[{HAN_DIGIT}\d]{{1,5}}分之[{HAN_DIGIT}\d]{{1,5}}|"
    rf"{_ARABIC}%(?:{TO}{_ARABIC}%)?|一半|半数)|"
    rf"(?<![第a-z\d.])(?P<value>{_ARABIC}(?:{TO}{_ARABIC})?\s?[余多几]?[十百千万亿]*[余多]?|"
    rf"{_HAN}[余多几]?[十百千万亿]*|[数几][十百千万亿]+)\s?(?P<unit>{UNIT})?)(?:以上|左右|以内|以下)?"
)
_SMALLER = re.compile(rf"[零又]?(?:{_ARABIC}|{_HAN})(?:角|毛|分钟|分|个月|天|小时|秒钟?|厘米|公分|克|两|钱)半?")
"""The smaller unit behind a greater one."""
_CAPITALS = re.compile("[壹贰貳叁肆伍陆陸柒捌玖零拾佰仟万萬亿億]{2,}[元圆圓]?整?")
_PLAIN = str.maketrans("壹贰貳叁肆伍陆陸柒捌玖拾佰仟圆圓萬億", "一二二三四五六六七八九十百千元元万亿")
_COUNTED = rf"(?:{_ARABIC}|{_HAN})"
_PATTERNS = {
    "rank": re.compile(rf"第\s?(?:\d+|[{HAN_DIGIT}百]+)(?:{UNIT}|大)?|[之居]首|首位|榜首"),
    "often": re.compile(rf"每隔?{_COUNTED}?(?:{UNIT}|[月日])(?:.{{0,2}}{_COUNTED}次)?|{_COUNTED}(?:{UNIT})一次"),
    "code": re.compile(r"(?<![\d.])\d[\d-]{4,}(?![\d.])"),
}
_NOT_A_NAME = re.compile(r"[人派族军语教队]")
LEAST_NAME = 2
_LAST_OF_NAME = re.compile(r"之(?!\w)")
"""What jieba leaves off a name (罗敏之) although no word may begin with it here."""
_UNTIL, _ENDING = re.compile("(?:至|到|截[止至])[于在]?$"), re.compile("[之以]?(?:为?止|结束|截止|到期|期满|前)")
_FROM, _BEGINNING = re.compile("[自从]$"), re.compile("(?:起|开始|启动)")
_DOT = re.compile("[·•]")
_PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
_PLACE_TAGS = frozenset({"ns", "nt", "nz", "n", "nr", "nrt", "nrfg", "s", "j", "b", "eng"})
_PLACE_BEFORE = re.compile(r"(?:位于|坐落[在于]|在|于|到|赴|从|至|往|进驻|来自|入驻|驰援|抵达|支援|[返回]回?)$")


def _numbers(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    for match in _untimed(text):
        fit = _unit_fit(match, wanted)
        if fit is not None:
            yield (match.start(), _end_of_amount(text, match)), fit


def _untimed(text: str) -> Iterator[re.Match[str]]:
    """Yield the numbers of a text that are not of a time."""
    times = [match.span() for match in TIME.finditer(text)]
    for match in _NUMBER.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in times):
            yield match


def amounts(text: str) -> Iterator[Span]:
    """Yield the times of a text, and its numbers with their units and what qualifies them (近400通), as wholes."""
    yield from (match.span() for match in TIME.finditer(text))
    yield from ((match.start(), _end_of_amount(text, match)) for match in _untimed(text))


def _end_of_amount(text: str, match: re.Match[str]) -> int:
    """Return where an amount of several units ends: 两元六角, 2小时40分钟, 三年零六个月."""
    end = match.end()
    while match["unit"] and (more := _SMALLER.match(text, end)):
        end = more.end()
    return end


def plain_capitals(text: str) -> str:
    """Return a text of the same length in which sums in capital numerals (叁佰贰拾伍万陆仟元整) are in plain ones."""
    return _CAPITALS.sub(lambda match: match[0].translate(_PLAIN), text)


def _unit_fit(match: re.Match[str], wanted: Wanted) -> float | None:
    """Return how well a number's unit fits what is wanted; None for not at all."""
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
    """Yield the times; where the end or the beginning of a span is asked for, only those that are it, if any is."""
    found = [match for match in TIME.finditer(text) if GRAINS[wanted.grain].search(match[0])]
    at_edge = [match for match in found if _is_at_edge(text, match.start(), match.end(), wanted)]
    for match in at_edge or found:
        yield match.span(), 1.0 if EXACT.search(match[0]) else 0.5


def _is_at_edge(text: str, start: int, end: int, wanted: Wanted) -> bool:
    """Whether a time is the end of a span, or its beginning, where that is asked for."""
    if not wanted.edge:
        return False
    before, behind = (_UNTIL, _ENDING) if wanted.edge == "end" else (_FROM, _BEGINNING)
    return bool(before.search(text, max(0, start - 4), start) or behind.match(text, end))


def _patterns(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    yield from ((match.span(), 1.0) for match in _PATTERNS[wanted.kind].finditer(text))


def _people(text: str, wanted: Wanted) -> Iterator[tuple[Span, float]]:
    """Yield Chinese names, which begin with a surname, and transliterated ones, which have middle dots."""
    for start, end, is_chinese in _names(text):
        name = text[start:end]
        if _NOT_A_NAME.match(text, end - 1) or _NOT_A_NAME.match(text, end):
            continue
        if end - start == LEAST_NAME and _LAST_OF_NAME.match(text, end):
            end, name = end + 1, text[start : end + 1]
        if _DOT.search(name[1:-1]):
            yield (start + (name[0] in "由被和与"), end), 1.0
        elif is_chinese and name[0] in SURNAMES and len(name) in (2, 3):
            yield (start, end), 1.0
        elif not is_chinese and len(name) > 1:
            yield (start, end), DECOY


def _names(text: str) -> list[tuple[int, int, bool]]:
    """List (start, end, whether Chinese) of what jieba takes for names, joined where it cut them.

    Jieba cuts a transliterated name into pieces that may look Chinese, so names that touch are not Chinese.
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
    """Yield runs of nouns that name a place, or that end in the very noun asked for ("哪家医院")."""
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

    They are remembered, because tagging is slow, and what is asked about once is asked about again.
    """
    pairs = list(tagger().cut(text))
    ends = list(accumulate(len(pair.word) for pair in pairs))
    return tuple((end - len(pair.word), end, pair.flag) for pair, end in zip(pairs, ends, strict=True))


_Finder = Callable[[str, Wanted], Iterator[tuple[Span, float]]]
FINDERS: dict[str, _Finder] = {
    "number": _numbers,
    "rank": _patterns,
    "often": _patterns,
    "code": _patterns,
    "time": _times,
    "person": _people,
    "people": _people,
    "place": _places,
}
