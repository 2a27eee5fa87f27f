"""What travels in the verification of a text: Draft -> VerifiedSentence with its Differences -> Verification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from retrieval.types import Citation

Verdict = Literal[
    "verbatim", "altered", "supported", "contradicted", "misattributed", "stitched", "not_found", "no_claim"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
UNCAUGHT: frozenset[Verdict] = frozenset({"verbatim", "supported", "no_claim"})
"""Verdicts of sentences that stand; the others are caught."""
DifferenceKind = Literal["figure", "name", "date", "negation", "omission", "addition", "wording"]
MAX_TEXT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What a sentence changed: ``text[start:end]`` of the text sent for ``[source_start:source_end]`` of the report.

    The report is that of the sentence's first citation. One of the two is empty for an addition or an omission, and
    stands where the other would be.
    """

    kind: DifferenceKind
    start: int
    end: int
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class VerifiedSentence:
    """A sentence, ``text[start:end]`` of the text sent, numbered from 1, and what the reports say to it.

    ``confidence`` (0 to 1) is how sure the verdict is.
    """

    number: int
    start: int
    end: int
    text: str
    verdict: Verdict
    confidence: float
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def is_caught(self) -> bool:
        """Whether it does not stand as it is."""
        return self.verdict not in UNCAUGHT


@dataclass(frozen=True, slots=True)
class Verification:
    """A text, sentence by sentence, against one generation."""

    generation: str
    sentences: tuple[VerifiedSentence, ...]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many sentences have each verdict, all verdicts named."""
        found = Counter(sentence.verdict for sentence in self.sentences)
        return {verdict: found[verdict] for verdict in VERDICTS}
