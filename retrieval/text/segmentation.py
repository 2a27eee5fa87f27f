"""Text -> words and their kinds, by jieba."""

from __future__ import annotations

import logging
import marshal
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, ``text[start:end]``, with its tag."""

    word: str
    flag: str
    start: int

    @property
    def end(self) -> int:
        """Where the word ends."""
        return self.start + len(self.word)


def tokens_of(text: str) -> list[Token]:
    """Cut ``text`` into tagged words, in order and without gaps."""
    tokens, start = [], 0
    for pair in tagger().cut(text):
        start = text.index(pair.word, start)
        tokens.append(Token(pair.word, pair.flag, start))
        start += len(pair.word)
    return tokens


@cache
def tagger() -> Any:  # noqa: ANN401 - untyped library
    """Return jieba's tagger over the dictionary that the index is made with."""
    words = jieba_tokenizer().FREQ
    import jieba.posseg

    found = jieba.posseg.dt  # made when it is imported; another would read and keep the dictionary once more
    own = dict(zip(words, words, strict=True))
    # The tagger has copies of all words; with the dictionary's own in their place it takes much less memory.
    found.word_tag_tab = {own.get(word, word): sys.intern(tag) for word, tag in found.word_tag_tab.items()}
    return found


@cache
def jieba_tokenizer() -> Any:  # noqa: ANN401 - untyped library
    """Load jieba's tokenizer quietly; its prefix dictionary is cached in the temporary folder by jieba itself."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.marshal = _Marshal
    jieba.initialize()
    return jieba.dt


class _Marshal:
    """Lets jieba read its cache at once, because ``marshal.load`` asks the file for every single word."""

    dump = staticmethod(marshal.dump)

    @staticmethod
    def load(file: BinaryIO) -> object:
        return marshal.loads(file.read())
