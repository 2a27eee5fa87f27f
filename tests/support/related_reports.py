"""Reports of several kinds that are related: news and its reprints, notices of towns, versions of rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.types import Document

NEWS = (
    "5月6日，临江市图书馆新馆正式开馆，首日接待读者三千二百人次。",
    "新馆位于滨河路，总建筑面积两万一千平方米，藏书八十万册。",
    "馆长周文清介绍，新馆每天开放十二个小时，周一闭馆。",
    "一楼设有少儿阅览区，二楼是报刊区，三楼提供自习座位六百个。",
    "读者凭身份证即可办理借书证，每次可以借十本。",
    "市民李红霞带着孩子来看书，她说这里比老馆宽敞得多。",
    "图书馆还准备了智能还书机，读者在任何时间都能还书。",
    "据了解，新馆总投资二点三亿元，建设历时三年。",
    "开馆当天，作家陈立平举办了一场关于江南水乡的讲座。",
    "下一步，图书馆将在社区设立二十个分馆，方便居民就近借阅。",
)
NOTE = "编者注：图书馆暑假期间延长开放时间。"
NOTICE = (
    "为做好防汛工作，红旗镇定于6月15日召开防汛会议。",
    "请各村书记准时参加，不得请假。",
    "会议地点在镇政府三楼会议室。",
    "参会人员要提前十分钟签到。",
)
MORE_SUBSIDY = "年满八十周岁的老人，每人每月发放补贴一百二十元。"
SUBSIDY = "年满八十周岁的老人，每人每月发放补贴六十元。"


def a_report(
    name: str, title: str | None, paragraphs: Sequence[str], date: str | None = None, source: str | None = None
) -> Document:
    """Return a report with these paragraphs, dated YYYY-MM-DD."""
    draft = Draft(
        tuple(Block("paragraph", text) for text in paragraphs),
        title=title,
        date=dt.date.fromisoformat(date) if date else None,
        source=source,
    )
    return make_document(draft, name, f"{name}.txt", name.encode())


def reworded(texts: Sequence[str], *pairs: tuple[str, str]) -> tuple[str, ...]:
    """Return the texts with the first of each pair replaced by the second, which must be there."""
    whole = "\n".join(texts)
    for old, new in pairs:
        assert old in whole
        whole = whole.replace(old, new)
    return tuple(whole.split("\n"))


def as_file(title: str, date: str, texts: Sequence[str], source: str = "临江日报") -> str:
    """Return a text file as people drop it into the folder."""
    return f"{title}\n\n{date} 来源：{source}\n\n" + "\n\n".join(texts) + "\n"
