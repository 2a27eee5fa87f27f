"""Text -> the names that it uses for the same: short forms that it explains, and people called by their titles.

世界卫生组织（以下简称“世卫组织”）      世卫组织 = 世界卫生组织
卫健委（卫生健康委员会）              卫健委 = 卫生健康委员会
主任王建国 … 王主任说                 王主任 = 王建国
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.text.characters import HAN
from retrieval.text.entities import ORGANISATION_HEADS, TITLED, TITLES, people_in
from retrieval.text.segmentation import tokens_of

LONGEST = 30
"""Characters of a long form, at most."""
LONGEST_SHORT = 12
GAP = 5
"""Characters that a short form leaves out between two of its own, at most."""
NAMED = 5
"""Characters beside a title in which a person's name stands."""

_CALLED = r"(?:以下|下文|后文|下|以后|又|亦|也)?(?:统|合|简|簡|并)?(?:称|稱)[为作為]?[:：]?\s*"
_QUOTES, _UNQUOTES = '[“"「『‘]', '[”"」』’]'
_EXPLAINED = re.compile(
    rf"[（(]\s*{_CALLED}{_QUOTES}?(?P<inside>[{HAN}A-Za-z0-9·-]{{2,{LONGEST_SHORT}}}){_UNQUOTES}?\s*[）)]"
    rf"|[,，]\s*(?:以下)?(?:简称|簡稱|下称){_QUOTES}?(?P<behind>[{HAN}A-Za-z0-9·-]{{2,{LONGEST_SHORT}}}){_UNQUOTES}?(?=[,，。；;、])"
)
_BESIDE = re.compile(rf"[（(](?P<beside>[{HAN}]{{2,{LONGEST}}}|[A-Z][A-Za-z0-9-]{{1,9}})[）)]")
_RUN = re.compile(rf"[{HAN}A-Za-z0-9·]{{2,{LONGEST}}}$")
_ANYTHING = re.compile(r"^(?:[本该我贵此其]|公司$|集团$|中心$|办法$|项目$|[甲乙丙丁]方$|标的|发包|承包)")
_INSIDE = frozenset({"n", "ns", "nt", "nz", "nr", "nrt", "nrfg", "j", "b", "a", "vn", "v", "eng", "f", "m"})
_FIRST = _INSIDE - {"v", "f", "m"}


def short_forms_in(text: str) -> list[tuple[str, str]]:
    """Return pairs of names that a text uses for the same, the shorter one first, each pair once.

    A name that is a part of the other is left out, because the words say as much.
    """
    return list(dict.fromkeys([*_explained(text), *_beside(text), *_titled(text)]))


def _explained(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text says that it calls something."""
    for match in _EXPLAINED.finditer(text):
        short = match["inside"] or match["behind"]
        before = _run_before(text, match.start())
        long = _holder(before, short) or _noun_at_end(before)
        if long and short not in long and len(long) > len(short) and not _is_anything(short):
            yield short, long


def _beside(text: str) -> Iterator[tuple[str, str]]:
    """Yield a name and what stands in brackets behind it, where one is a short form of the other."""
    for match in _BESIDE.finditer(text):
        other, before = match["beside"], _run_before(text, match.start())
        if other[0].isascii():
            long = _noun_at_end(before) if sum(map(str.isupper, other)) > 1 else None
            if long and len(long) > 3:
                yield other, long
        elif long := _holder(before, other):
            if other not in long and not _is_anything(other):
                yield other, long
        elif (short := _noun_at_end(before)) and len(short) <= LONGEST_SHORT and _holder(other, short) == other:
            yield short, other


def _titled(text: str) -> Iterator[tuple[str, str]]:
    """Yield people that a text calls by surname and title, where it says beside the title whom it means."""
    for surname, title in dict.fromkeys(match.groups() for match in TITLED.finditer(text)):
        named = re.finditer(rf"(?:{title})(?={surname})|{surname}[{HAN}]{{1,2}}(?={title})", text)
        windows = (text[match.end() if match[0] == title else match.start() :][:NAMED] for match in named)
        people = {name for window in windows for name in people_in(window)[:1] if window.startswith(name)}
        people = {name for name in people if name[0] == surname and not name.endswith(tuple(TITLES.split("|")))}
        if len(people) == 1:
            yield surname + title, people.pop()


def _run_before(text: str, end: int) -> str:
    """Return the characters without a mark that stand right before a place."""
    match = _RUN.search(text[max(0, end - LONGEST) : end].rstrip('”"」』》'))
    return match[0] if match else ""


def _holder(text: str, short: str) -> str | None:
    """Return the end of a text that has the characters of a short form in order, from the last place on where it does.

    It is about a name where it leaves out little between them and at the end.
    """
    for start in range(len(text) - len(short), -1, -1):
        at = start if text[start] == short[0] else -1
        for character in short[1:] if at >= 0 else ():
            found = text.find(character, at + 1, at + 2 + GAP)
            if found < 0:
                at = -1
                break
            at = found
        if at >= 0 and len(text) - at <= GAP:
            return text[start:]
    return None


def _noun_at_end(text: str) -> str | None:
    """Return the nouns that a text ends with."""
    kept = ""
    tokens = list(tokens_of(text))
    for place in range(len(tokens) - 1, -1, -1):
        if tokens[place].flag not in _INSIDE:
            break
        if tokens[place].flag in _FIRST:
            kept = "".join(token.word for token in tokens[place:])
    return kept if len(kept) > 1 else None


def _is_anything(short: str) -> bool:
    """Whether every report may call something so."""
    return short in ORGANISATION_HEADS or bool(_ANYTHING.match(short))
