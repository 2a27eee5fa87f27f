"""A question as the legs look it up. Its vectors come from another thread while it is cut into words here."""

from __future__ import annotations

import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import Event

import numpy as np
import numpy.typing as npt

from retrieval.arrays import Vectors
from retrieval.encoder.int8_products import rounded
from retrieval.encoder.protocol import Encoder
from retrieval.encoder.tokens import dequantise
from retrieval.question.cleaning import is_foreign
from retrieval.question.time_filter import TimeWish

FIGURE = re.compile(
    r"\d|[〇零一二三四五六七八九十百千万亿两]{2}|[一二三四五六七八九十两](?=[个名位人次年天月日岁家例种])"
)
"""What may be a number, in a text as it stands."""
_WHICH_REPORTS = re.compile(
    r"^(?:请问|有)?哪(?:些|几篇|篇|几份|份)(?:报道|报告|文章|新闻|材料|通报|简报)[里中]?"
    r"(?:提到|提及|讲到|说到|谈到|写到|涉及|介绍|讲|说|写)[了过]?"
    r"|^(?:which|what)(?: of the)? (?:reports?|articles?|documents?|news) "
    r"(?:mention(?:s|ed)?|talk(?:s|ed)? about|speak(?:s)? of|report(?:s|ed)? on|deal(?:s|t)? with|describ(?:e|es|ed)|"
    r"discuss(?:es|ed)?|cover(?:s|ed)?|(?:is|are|was|were) about) ",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W_]{2}")
FOREIGN_SHARE = 0.2
"""What the inner layer counts in questions without Chinese characters: the last one is less alike across languages.
Late interaction alone over xquad-x-zh, 5,950 questions: hit@1 .770 -> .795. Chinese questions would lose by it."""


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's ``(d,)`` unit vector, its ``(q, d)`` token vectors, and where each token stands in it, ``(q, 2)``.

    ``ready_at`` is when it was encoded, by ``time.perf_counter``.
    """

    vector: Vectors
    tokens: Vectors
    spans: npt.NDArray[np.integer]
    ready_at: float


@dataclass(frozen=True, slots=True)
class Query:
    """A question, analysed once: what each leg looks up, and its vectors, which asking for waits for."""

    text: str
    """What is asked about; of a question for reports, their topic only."""
    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    pinyin: tuple[str, ...]
    english: tuple[str, ...]
    """Stems to look up among the meanings of Chinese words; none where the question is Chinese itself."""
    encoding: Future[EncodedQuestion]
    wants_number: bool
    time: TimeWish | None

    @property
    def vector(self) -> Vectors:
        """The ``(d,)`` unit vector of the whole."""
        return self.encoding.result().vector

    @property
    def tokens(self) -> Vectors:
        """The ``(q, d)`` vectors of the tokens."""
        return self.encoding.result().tokens

    @property
    def spans(self) -> npt.NDArray[np.integer]:
        """Where each token stands in the text, ``(q, 2)``."""
        return self.encoding.result().spans

    @property
    def is_foreign(self) -> bool:
        """Whether the question is without Chinese characters: it shares no words with Chinese reports."""
        return is_foreign(self.text)

    def lacks_number(self, text: str) -> bool:
        """Whether the question wants a figure and ``text`` has none."""
        return self.wants_number and not FIGURE.search(text)


def topic_of(question: str) -> str:
    """Return what reports are asked for by: of "哪些报道提到了捐款?" only "捐款?", as no report says that it is one."""
    rest = _WHICH_REPORTS.sub("", question, count=1)
    return rest if _LETTERS.search(rest) else question


def with_share(tokens: Vectors, width: int, share: float) -> Vectors:
    """Give the inner layer its share in the products with ``(q, 2 width)`` token vectors, and the last one the rest.

    Both halves of a token are equally long, the whole has length 1: a product of wholes is the mean of the halves'.
    Where the inner layer has no share it is left out, ``(q, width)``: half as much to multiply.
    """
    if tokens.shape[1] != 2 * width:
        return tokens
    if not share:
        return np.asarray(tokens[:, :width] * 2, dtype=np.float32)
    return np.asarray(tokens * np.repeat([2 - 2 * share, 2 * share], width), dtype=np.float32)


def start_encoding(question: str, encoder: Encoder) -> Future[EncodedQuestion]:
    """Encode a question in a thread of its own: the model runs outside Python, on a core that is idle otherwise.

    Returns when the model runs. Else this thread would keep Python's lock from the other, which needs it to begin:
    an answer would take a twentieth longer, and under load there would be a tenth fewer.
    """
    runs = Event()
    encoding = _thread().submit(_encoded, question, encoder, runs)
    runs.wait()
    return encoding


def _encoded(question: str, encoder: Encoder, runs: Event) -> EncodedQuestion:
    try:
        encoded = encoder.encode_queries([question], lambda *_: runs.set())
    finally:
        runs.set()
    records = encoded.tokens[0]
    share = FOREIGN_SHARE if is_foreign(question) else 0.0
    tokens = rounded(with_share(dequantise(records), encoded.vectors.shape[1], share))
    return EncodedQuestion(encoded.vectors[0], tokens, records["span"], time.perf_counter())


@cache
def _thread() -> ThreadPoolExecutor:
    """One question is encoded at a time: two keep both of two cores, and Python, which hands out the rest, waits.

    `POST /ask`, 32 clients, 2 cores: .64 instead of .58 of the questions that a loop only encodes, on more cores too
    Python's lock is what is short.
    """
    return ThreadPoolExecutor(1, thread_name_prefix="wenbao-question")
