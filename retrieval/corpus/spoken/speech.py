"""What was said, piece by piece -> paragraphs: cues of one speaker joined, his name before what he says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.corpus.lines import ends_sentence, glue

PARAGRAPH_CHARACTERS = 240
"""Turns stand in one paragraph up to so many characters, and a longer one is cut at the next end of a sentence."""
MOST_IN_A_TURN = 2_000
"""Characters at which a turn is cut in any case, so that joining stays linear."""
UNPUNCTUATED_CHARACTERS = 120
"""Where nobody set full stops, it is cut at the first cue that ends behind so many."""
PAUSE = 2.0
"""Seconds of silence that end a paragraph where nobody set full stops."""
_PUNCTUATED = re.compile(r"[，。、！？；：…,.!?;:][”’」』）)\"']?$|[。！？]")


@dataclass(slots=True)
class Said:
    """Pieces that somebody said; ``start`` and ``end`` are seconds, where the file says them."""

    name: str
    colon: str
    pieces: list[str]
    start: float | None = None
    end: float | None = None
    page: int | None = None


def paragraphs_of(said: Sequence[Said], furniture: list[str], joins: bool) -> Iterator[tuple[str, int | None]]:
    """Yield paragraphs of a few turns, one a line, and their pages: what is asked and answered stands together.

    A name that is repeated inside a turn, or says nothing, is added to ``furniture``. With ``joins``, what one person
    says in several pieces is one turn; without it, every message is a turn with its own lines.
    """
    text, page = "", None
    for turn, turned in _turns(said, furniture, joins):
        if text and len(text) + len(turn) > PARAGRAPH_CHARACTERS:
            yield text, page
            text = ""
        text, page = (f"{text}\n{turn}", page) if text else (turn, turned)
    if text:
        yield text, page


def _turns(said: Sequence[Said], furniture: list[str], joins: bool) -> Iterator[tuple[str, int | None]]:
    pieces = [piece for one in said for piece in one.pieces]
    punctuated = sum(bool(_PUNCTUATED.search(piece[-200:])) for piece in pieces) >= 0.3 * len(pieces)
    text, speaker, page, last = "", "", None, None
    for one in said:
        if not one.pieces:
            furniture += [part for part in (one.name, one.colon) if part]
            continue
        body = _joined(one.pieces, punctuated) if joins else "\n".join(one.pieces)
        if text and joins and _goes_on(text, speaker, one, punctuated, last):
            furniture += [part for part in (one.name, one.colon) if part]
            text = _joined([text, body], punctuated)
        else:
            if text:
                yield text, page
            text, page = _begun(one) + body, one.page
            speaker = one.name
        last = one.end
    if text:
        yield text, page


def _begun(one: Said) -> str:
    space = " " if one.name and one.colon != "：" else ""
    return f"{one.name}{one.colon}{space}"


def _goes_on(text: str, speaker: str, one: Said, punctuated: bool, last: float | None) -> bool:
    if one.name and one.name != speaker or one.pieces[0][:1] in "-–—":
        return False
    if punctuated:
        most = PARAGRAPH_CHARACTERS if ends_sentence(text) else MOST_IN_A_TURN
        return len(text) < most and not (one.name and ends_sentence(text))
    paused = last is not None and one.start is not None and one.start - last >= PAUSE
    return len(text) < UNPUNCTUATED_CHARACTERS and not paused


def _joined(pieces: Sequence[str], punctuated: bool) -> str:
    """Join cues as torn lines, or with a space where that alone says that one clause ends and another begins."""
    return glue(pieces) if punctuated else " ".join(pieces)
