"""A report -> the rules that it says it repeals or replaces: by title, by number, or only as 原办法."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.index.relations.titles import RULES
from retrieval.text.characters import HAN, fold
from retrieval.types import Document

_REPEAL = re.compile(
    r"废止|停止(?:执行|施行|实施|使用)|不再(?:执行|施行|适用|使用)|(?:同时|即行|自行|相应|随之|一并)失效|予以(?:取代|替代|替换)"
    rf"|由?以?本(?:{RULES}|通知|通告|公告|方案|意见)(?:所?(?:取代|代替|替代)|[^。]{{0,6}}为准)"
)
_REPLACES = re.compile(r"(?:代替|取代|替代|替换)(?:原?(?:有的)?)?(?=《|[^，。]{0,12}[〔\[(（])")
"""Words in front of what is replaced."""
_NOT = re.compile(r"(?:不予|未|没有|尚未|是否|拟|暂不|不得|无须|不因)(?:被)?(?:废止|停止|失效)|继续(?:有效|执行|施行)")
_IN_FORCE = re.compile(r"起(?:正式)?(?:施行|实施|生效|执行|实行)")
"""What stands before it comes into force, and is not repealed."""
_BY = re.compile(r"(?:根据|依据|按照|依照|参照|遵照|结合|贯彻|落实)[^《》，。]{0,12}(?:《[^《》]+》[、和及与]?)+")
_TITLE = re.compile(r"《([^《》]{2,80})》")
_NUMBER = re.compile(
    rf"(?P<office>[{HAN}]{{1,12}})?\s*[〔\[(（【﹝]\s*(?P<year>(?:19|20)\d\d)\s*[〕\])）】﹞]\s*第?\s*(?P<number>\d{{1,5}})\s*号"
)
_UNNAMED = re.compile(
    rf"(?:原|旧|此前|以前|以往|过去|之前|先前|原有|原来|现行|上述|前述)[^，。；《》]{{0,16}}?(?:{RULES}|通知|方案|意见|政策|文件|做法)"
    rf"|与本(?:{RULES}|通知|方案|意见)(?:规定)?(?:不一致|不符|相抵触|有抵触|冲突)"
)
_LIST_FOLLOWS = re.compile(r"(?:下列|以下|如下|列[入明]|附件)")
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_CLAUSES = re.compile("[，,；;]")
_SAYS_MORE = re.compile("[，。；：,;:《》]")
_LINE = 40
"""Characters of a line that is a document number, with little else."""


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document number, 砚政发〔2019〕12号: ``serial`` 2019-12 of an ``office``, to which words before may cling."""

    office: str
    serial: str

    def may_be(self, other: DocumentNumber) -> bool:
        """Whether two mentions can mean one document."""
        return self.serial == other.serial and (
            self.office.endswith(other.office) or other.office.endswith(self.office)
        )


@dataclass(frozen=True, slots=True)
class Repeals:
    """What a report repeals: rules by ``titles`` and document ``numbers``, or its own ``older`` version, not named."""

    titles: frozenset[str] = frozenset()
    numbers: frozenset[DocumentNumber] = frozenset()
    older: bool = False

    def share(self, other: Repeals) -> bool:
        """Whether both repeal one and the same rule."""
        return bool(self.titles & other.titles or self.numbers & other.numbers or (self.older and other.older))


def repeals_in(document: Document) -> Repeals:
    """Return what a report says that it repeals."""
    if not (_REPEAL.search(document.text) or _REPLACES.search(document.text)):
        return Repeals()
    said = list(_said(document))
    titles = frozenset(match[1] for text in said for match in _TITLE.finditer(text))
    numbers = frozenset(number for text in said for number in _numbers(text))
    older = not titles and not numbers and any(_UNNAMED.search(text) for text in said)
    return Repeals(titles, numbers, older)


def own_numbers(document: Document) -> frozenset[DocumentNumber]:
    """Return the document numbers that a report bears itself, such as 砚政发〔2019〕12号: in lines that are one."""
    repeal = _REPEAL.search(document.text) or _REPLACES.search(document.text)
    lines = document.text[: repeal.start() if repeal else None].splitlines()
    around = (document.title, *document.furniture, *(value for _, value in document.metadata))
    return frozenset(
        number
        for line in (*around, *(line for line in lines if len(line) <= _LINE and not _SAYS_MORE.search(line)))
        for number in _numbers(line)
    )


def _said(document: Document) -> Iterator[str]:
    """Yield the parts of sentences that name what is repealed; after 下列文件废止： also the lines of the list."""
    listing = False
    for line in document.text.splitlines():
        if listing and (_TITLE.search(line) or _NUMBER.search(line)) and not _IN_FORCE.search(line):
            yield _BY.sub("", line)
        elif line.strip():
            sentences = _SENTENCE.findall(line)
            yield from (part for sentence in sentences for part in _named(sentence))
            listing = any(map(_begins_list, sentences[-1:]))


def _begins_list(sentence: str) -> bool:
    repeals = _REPEAL.search(sentence) and not _NOT.search(sentence)
    return bool(repeals and _LIST_FOLLOWS.search(sentence))


def _named(sentence: str) -> Iterator[str]:
    kept = "，".join(clause for clause in _CLAUSES.split(sentence) if not _NOT.search(clause))
    if replaced := _REPLACES.search(kept):
        yield kept[replaced.end() :]
    elif repeal := _REPEAL.search(kept):
        begun = [match.end() for match in _IN_FORCE.finditer(kept, 0, repeal.start())]
        yield _BY.sub("", kept[begun[-1] if begun else 0 :])


def _numbers(text: str) -> Iterator[DocumentNumber]:
    for match in _NUMBER.finditer(text):
        yield DocumentNumber(fold(match["office"] or ""), f"{match['year']}-{int(match['number'])}")
