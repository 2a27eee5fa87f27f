"""What the title of a rule says beside its year and version, so that versions of one rule meet."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from retrieval.listing import Listing
from retrieval.text.words import folded

RULES = "办法|规定|条例|细则|规则|规程|制度|章程|规范|准则|标准|守则|公约|指南|指引|目录|预案|须知|手册"
"""What rules are called that hold until another replaces them."""
NOTICES = "通知|通告|公告|方案|意见|措施|政策|决定"
"""What notices are called that may hold for one year or one event only."""
DRAFT, TRIAL, PLAIN, REVISED = range(4)
"""How far a version is: a later one replaces an earlier one where no date tells."""

LEAST_CORE = 4
"""Characters of a title that says which rule it is: 管理办法, and not 办法."""

_WRAPPED = re.compile(r"(?:印发|发布|公布|转发|颁布|实施|施行)[^《》]{0,20}《([^《》]+)》")
_BRACKETED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]{1,30})[)\]】〕]")
_STAGES = (
    (DRAFT, re.compile("征求意见|草案|送审|讨论稿")),
    (TRIAL, re.compile(r"试行|暂行")),
    (REVISED, re.compile(r"修[订正改]|新[版修]")),
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SPANS = re.compile(rf"(?:{_YEAR.pattern}(?:\s*[-—~至]+\s*{_YEAR.pattern})?)\s*年?度?")
_MARKS = re.compile(
    "征求意见稿|修订草案|草案|送审稿|讨论稿|试行|暂行|修[订正改][版稿]|最?新版|第.{1,3}版|(?:修[订正改]|版)$"
)
_IS_MARK = re.compile(rf"{_YEAR.pattern}|修[订正改]|试行|暂行|征求意见|草案|送审|讨论稿|[新旧]?版|废止|失效")
_NO_LETTERS = re.compile(r"[\W_]+")
_RULE, _NOTICE = re.compile(f"(?:{RULES})$"), re.compile(f"(?:{NOTICES})$")
_ONE_TIME = re.compile(
    "放假|名单|公示|表彰|评选|招[聘考生标]|考试|录用|任[免命]|会议|培训|比赛|竞赛|活动|停[水电气]|采购|中标|拍卖|开展|召开|举办"
)
"""What a notice is about that is over afterwards: the next year's does not replace it."""


@dataclass(frozen=True, slots=True)
class RuleTitle:
    """A title as versions share it: its ``core`` without year and version, and these beside it."""

    core: str
    year: int | None
    stage: int

    @property
    def is_rule(self) -> bool:
        """Whether it is called what rules are called that hold until they are replaced."""
        return bool(_RULE.search(self.core)) and len(self.core) >= LEAST_CORE

    @property
    def is_notice(self) -> bool:
        """Whether it is a notice that the next one replaces."""
        return bool(_NOTICE.search(self.core)) and not _ONE_TIME.search(self.core)


@lru_cache(maxsize=4096)
def rule_title(title: str) -> RuleTitle:
    """Read a title: of 关于印发《补贴办法（2023年修订）》的通知 the core is 补贴办法, of 2023, and revised."""
    text = folded(title)
    wrapped = _WRAPPED.search(text)
    text = wrapped[1] if wrapped else text
    marks = [match[1] for match in _BRACKETED.finditer(text) if _IS_MARK.search(match[1])]
    year = _YEAR.search(text)
    stage = next((stage for stage, sign in _STAGES if sign.search(text)), PLAIN)
    core = _BRACKETED.sub(lambda match: "" if match[1] in marks else match[0], text)
    core = _NO_LETTERS.sub("", _MARKS.sub("", _SPANS.sub("", core)))
    return RuleTitle(core, int(year[0]) if year else None, stage)


def day_of(document: Listing) -> dt.date | None:
    """Return from when on a version holds: its date, or the first day of another year that its title names."""
    year = rule_title(document.title).year
    if year is None or (document.date and document.date.year == year):
        return document.date
    return dt.date(year, 1, 1)
