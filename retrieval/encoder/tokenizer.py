"""Texts -> token ids and the characters they stand for, as the model's own fast tokenizer cuts them.

The tokenizers library keeps a Unigram vocabulary as a tree of hash tables, which for the 250,000 pieces of XLM-R takes
more memory, and longer to load, than the model. ``LeanUnigram`` finds the same pieces with one dictionary, and leaves
normalising, splitting, offsets, truncation and special tokens to the library: same ids, same offsets.

    tokenizer.json    the whole tokenizer, as the library writes it
    frame.json        the same without its vocabulary and its added tokens
    pieces.txt        the vocabulary, a piece a line
    scores.npy        (v,) float64, how likely each piece is
    unigram.json      id of the unknown piece, length of the longest piece by first character, and the added tokens
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import PreTokenizedString, Token, Tokenizer

WHOLE = "tokenizer.json"
FRAME = "frame.json"
PIECES = "pieces.txt"
SCORES = "scores.npy"
UNIGRAM = "unigram.json"
TOKENIZER_FILES = (WHOLE, FRAME, PIECES, SCORES, UNIGRAM)

UNKNOWN_PENALTY = 10.0
"""How much less likely than the least likely piece an unknown character is; as in sentencepiece."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokenised:
    """``(t,)`` token ids and the ``(t, 2)`` characters that each stands for; (0, 0) for the tokenizer's own."""

    ids: Integers
    spans: Integers


class TextTokenizer(Protocol):
    """Cuts texts into tokens."""

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """Cut texts; long ones are cut short as the model demands."""


class WholeTokenizer:
    """The tokenizer as the library runs it."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / WHOLE))

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """Cut texts; long ones are cut short as the model demands."""
        return [_tokenised(encoding) for encoding in self._tokenizer.encode_batch(list(texts))]


class LeanUnigram:
    """A Unigram tokenizer with a light vocabulary.

    A text that spells out an added token ("</s>") goes through the whole tokenizer, which is only then loaded.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frame: Any = Tokenizer.from_file(str(folder / FRAME))
        self._vocabulary = Vocabulary.load(folder)

    @cached_property
    def _whole(self) -> WholeTokenizer:
        return WholeTokenizer(self._folder)

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """Cut texts; long ones are cut short as the model demands."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Tokenised:
        if any(token in text for token in self._vocabulary.added):
            return self._whole.tokenise([text])[0]
        frame = self._frame
        pieces = PreTokenizedString(text)
        if frame.normalizer:
            pieces.normalize(frame.normalizer.normalize)
        if frame.pre_tokenizer:
            frame.pre_tokenizer.pre_tokenize(pieces)
        pieces.tokenize(self._vocabulary.tokens)
        encoding = pieces.to_encoding()
        if frame.truncation:
            room = frame.truncation["max_length"] - frame.num_special_tokens_to_add(False)
            encoding.truncate(room, direction=frame.truncation["direction"])
        return _tokenised(frame.post_process(encoding))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces and how likely each is (the logarithm); ``longest`` is the longest piece by its first character."""

    ids: Mapping[str, int]
    scores: array[float]
    longest: Mapping[str, int]
    unknown: int
    unknown_score: float
    added: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read what ``write_lean`` wrote."""
        kept = json.loads((folder / UNIGRAM).read_text(encoding="utf-8"))
        pieces = (folder / PIECES).read_bytes().decode().split("\n")
        scores = array("d", np.load(folder / SCORES).tobytes())
        ids = dict(zip(pieces, range(len(pieces)), strict=True))
        return cls(ids, scores, kept["longest"], kept["unknown"], min(scores) - UNKNOWN_PENALTY, tuple(kept["added"]))

    def tokens(self, text: str) -> list[Token]:
        """Cut a word into the pieces that are most likely together (Kudo 2018, Viterbi), at offsets in UTF-8 bytes."""
        steps = self._best(text)
        tokens, at = [], 0
        for start, end, piece in steps:
            size = len(text[start:end].encode())
            tokens.append(Token(piece, text[start:end], (at, at + size)))
            at += size
        return tokens

    def _best(self, text: str) -> list[tuple[int, int, int]]:
        """Return (start, end, id) of each piece; neighbouring unknown characters are one."""
        ids, scores = self.ids, self.scores
        best = [0.0] + [-np.inf] * len(text)
        begins, pieces = [0] * (len(text) + 1), [self.unknown] * (len(text) + 1)
        for start, first in enumerate(text):
            here, alone = best[start], False
            for end in range(start + 1, min(start + self.longest.get(first, 0), len(text)) + 1):
                piece = ids.get(text[start:end])
                if piece is None:
                    continue
                alone = alone or end == start + 1
                if here + scores[piece] > best[end]:
                    best[end], begins[end], pieces[end] = here + scores[piece], start, piece
            if not alone and here + self.unknown_score > best[start + 1]:
                best[start + 1], begins[start + 1], pieces[start + 1] = here + self.unknown_score, start, self.unknown
        steps: list[tuple[int, int, int]] = []
        end = len(text)
        while end:
            start, piece = begins[end], pieces[end]
            if piece == self.unknown and steps and steps[-1][2] == self.unknown:
                steps[-1] = start, steps[-1][1], piece
            else:
                steps.append((start, end, piece))
            end = start
        return steps[::-1]


def write_lean(folder: Path) -> bool:
    """Write the light form of a folder's tokenizer beside it, if it has one; say whether it has."""
    whole = json.loads((folder / WHOLE).read_text(encoding="utf-8"))
    model = whole["model"]
    if model["type"] != "Unigram" or model.get("byte_fallback") or model.get("unk_id") is None:
        return False
    pieces = [piece for piece, _ in model["vocab"]]
    if any("\n" in piece for piece in pieces):
        return False
    longest: dict[str, int] = {}
    for piece in filter(None, pieces):
        longest[piece[0]] = max(longest.get(piece[0], 0), len(piece))
    (folder / PIECES).write_bytes("\n".join(pieces).encode())
    np.save(folder / SCORES, np.array([score for _, score in model["vocab"]], dtype=np.float64))
    added = [token["content"] for token in whole["added_tokens"]]
    vocabulary = {"unknown": model["unk_id"], "longest": longest, "added": added}
    (folder / UNIGRAM).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    frame = whole | {"added_tokens": [], "model": {"type": "Unigram", "unk_id": 0, "vocab": [["", 0.0]]}}
    (folder / FRAME).write_text(json.dumps(frame, ensure_ascii=False), encoding="utf-8")
    return True


def tokenizer_of(folder: Path) -> TextTokenizer:
    """Load a folder's tokenizer, in its light form if it has one."""
    return LeanUnigram(folder) if (folder / UNIGRAM).exists() else WholeTokenizer(folder)


def _tokenised(encoding: Any) -> Tokenised:  # noqa: ANN401 - untyped library
    spans = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    return Tokenised(np.array(encoding.ids, dtype=np.int64), spans)
