"""A question, understood once: what the legs look up, and what the reader looks for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors
from retrieval.encoder.protocol import Encoder
from retrieval.question.cleaning import is_foreign, is_language
from retrieval.question.encoding import EncodedQuestion, start_encoding
from retrieval.question.ordinal import Ordinal, ordinal_of
from retrieval.question.question_type import Extreme, Wanted, asks_for_list, extreme_of, question_type
from retrieval.question.same_name import OthersOf, SameName, names_asked, no_others
from retrieval.question.time_filter import TimeFilter, time_filter
from retrieval.question.time_terms import terms_of
from retrieval.text.characters import normalise
from retrieval.text.dates import date_terms
from retrieval.text.dictionary import stems_asked
from retrieval.text.pinyin import pinyin_asked
from retrieval.text.units import FIGURE
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import LegName

_WHICH_REPORTS = re.compile(
    r"^(?:请问|有)?哪(?:些|几篇|篇|几份|份)(?:报道|报告|文章|新闻|材料|通报|简报)[里中]?"
    r"(?:提到|提及|讲到|说到|谈到|写到|涉及|介绍|讲|说|写)[了过]?"
    r"|^(?:which|what)(?: of the)? (?:reports?|articles?|documents?|news) "
    r"(?:mention(?:s|ed)?|talk(?:s|ed)? about|speak(?:s)? of|report(?:s|ed)? on|deal(?:s|t)? with|describ(?:e|es|ed)|"
    r"discuss(?:es|ed)?|cover(?:s|ed)?|(?:is|are|was|were) about) ",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[?？谁哪几吗呢何啥]|什么|多少|怎|\b(?:who|what|which|where|when|why|how)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W_]{2}")


Expect = Callable[[Mapping[LegName, Sequence[str]]], None]
"""Told which terms of each leg are going to be looked up."""


def expect_nothing(terms: Mapping[LegName, Sequence[str]]) -> None:
    """Take no notice: the index is at hand."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, analysed once: what each leg looks up, what would answer it, and its vectors.

    Asking for the vectors waits until the model has made them.
    """

    text: str
    """What is asked about; in a question for reports, only their topic."""
    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    pinyin: tuple[str, ...]
    english: tuple[str, ...]
    """Stems to look up among the meanings of Chinese words; none where the question has Chinese characters."""
    encoding: Future[EncodedQuestion]
    wanted: Wanted | None
    """What would answer it; None for why, how, and everything else that a few words cannot answer."""
    is_list: bool
    """Whether more than one thing is asked for."""
    is_language: bool
    """Whether it is words of some language, not code or numbers."""
    time: TimeFilter | None
    ordinal: Ordinal | None = None
    """The part of a report that is asked for by its number (第十条)."""
    names: tuple[SameName, ...] = ()
    """What names in it are called elsewhere."""
    extreme: Extreme | None = None
    """Whether what has the most or the least of something is asked for, and which."""

    @property
    def vector(self) -> Vectors:
        """The ``(d,)`` unit vector of the whole question."""
        return self.encoding.result().vector

    @property
    def tokens(self) -> Vectors:
        """The vectors of the tokens: ``(q, d)``, or ``(q, 2 d)`` where the inner layer counts too."""
        return self.encoding.result().tokens

    @property
    def inner(self) -> Vectors | None:
        """The ``(q, d)`` vectors of the tokens in the inner layer; None where the encoder gives one layer."""
        return self.encoding.result().inner

    @property
    def spans(self) -> npt.NDArray[np.integer]:
        """Where each token stands in the text, ``(q, 2)``."""
        return self.encoding.result().spans

    @property
    def all_words(self) -> tuple[str, ...]:
        """The words, and those of other names for what is asked about."""
        called = dict.fromkeys(word for name in self.names for word in name.called_words)
        return (*self.words, *(word for word in called if word not in self.words))

    @property
    def all_bigrams(self) -> tuple[str, ...]:
        """The pairs of characters, and those of other names."""
        called = dict.fromkeys(pair for name in self.names for pair in name.called_bigrams)
        return (*self.bigrams, *(pair for pair in called if pair not in self.bigrams))

    @property
    def is_foreign(self) -> bool:
        """Whether the question is without Chinese characters, and so shares hardly any words with Chinese reports."""
        return is_foreign(self.text)

    @property
    def is_bare(self) -> bool:
        """Whether it is a word and asks nothing of it (口罩)."""
        return self.wanted is None and len(set(self.words)) == 1 and not _ASKS.search(self.text)

    @property
    def wants_number(self) -> bool:
        """Whether a figure or a time would answer."""
        return self.wanted is not None and self.wanted.kind in ("number", "time")

    def names_its_time(self, text: str) -> int:
        """Return 1 where ``text`` names the time that is asked about, however it is written, and -1 for another one."""
        if self.time is None or not self.time.dated:
            return 0
        named = set(date_terms(text))
        return 1 if named.intersection(self.time.terms) else -bool(named)

    def lacks_number(self, text: str) -> bool:
        """Whether the question wants a figure and ``text`` has none."""
        return self.wants_number and not FIGURE.search(text)


def analyse(
    question: str,
    encoder: Encoder,
    holds: Callable[[str], bool],
    *,
    use_dates: bool = True,
    today: dt.date | None = None,
    others_of: OthersOf = no_others,
    expect: Expect = expect_nothing,
) -> Query:
    """Begin to encode a clean question, and find out what it asks for.

    ``expect`` is told what is going to be looked up, before ``holds`` says whether the index has a word. A word that
    the index lacks may be a name that the reports write differently. ``use_dates`` lets times in the question decide
    which passages come first. 昨天 counts from ``today``, and is no time without it. ``others_of`` says what else the
    reports call something, as ``Relations.others_of``.
    """
    topic = topic_of(question)
    encoding = start_encoding(topic, encoder)
    words, bigrams, normal = tuple(words_of(topic)), tuple(bigrams_of(topic)), normalise(topic)
    english = tuple(stems_asked(normal, words)) if is_foreign(topic) else ()
    names, time = names_asked(topic, others_of), time_filter(topic, today) if use_dates else None
    expect(
        {
            "words": [*words, *(word for name in names for word in name.called_words), *terms_of(time)],
            "bigrams": [*bigrams, *(pair for name in names for pair in name.called_bigrams)],
            "pinyin": pinyin_asked(normal, words, ()),
            "dictionary": english,
        }
    )
    return Query(
        text=topic,
        words=words,
        bigrams=bigrams,
        pinyin=tuple(pinyin_asked(normal, words, filter(holds, words))),
        english=english,
        encoding=encoding,
        wanted=question_type(normal),
        is_list=asks_for_list(normalise(question)),
        is_language=is_language(question),
        time=time,
        ordinal=ordinal_of(normal),
        extreme=extreme_of(normal),
        names=names,
    )


def topic_of(question: str) -> str:
    """Return only the topic of a question for reports: "捐款?" of "哪些报道提到了捐款?"; any other question unchanged.

    The words before the topic help no search, because no report says of itself that it is one.
    """
    rest = _WHICH_REPORTS.sub("", question, count=1)
    return rest if _LETTERS.search(rest) else question
