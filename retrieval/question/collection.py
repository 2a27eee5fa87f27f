"""Questions about the collection itself: how many reports there are, which, the latest, and what they are about."""

from __future__ import annotations

import re
from typing import Literal

from retrieval.text.characters import fold

Collection = Literal["count", "list", "latest", "about"]

_REPORTS = "(?:报[道导]|报告|文章|新闻稿?|通报|简报|文档|稿子?)"
_PAPERS = "(?:材料|通知|文件|资料)"
"""What reports tell of too, so that these are the collection's only where the question says so."""
_HERE = (
    "(?:[你您]们?(?:的?(?:这里|这儿|这边|这|那里|库))?的?|(?:你们?的?)?(?:资料|数据|文档)?库(?:里面?|中|内)?的?"
    "|收录了?的?|这里的?|里面的?)"
)
_THESE = rf"(?:(?:这|那)(?:些|几篇|几份|批)|上[面述](?:这些|的)?|以上|{_HERE}(?:所有|全部)?)的?"
_THEM = rf"(?:{_THESE}(?:{_REPORTS}|{_PAPERS})|(?:(?:这里?|所有|全部)的?)?{_REPORTS})(?:库|集)?(?:里面?|中)?"
_ALL_IN_ALL = "(?:一?共|总共|总计|合计|现在|目前|至今|到目前为止|已经?|都|大[概约])*"
_MANY = "(?:多少|几)(?:[篇份个条则])?"
_WHICH = "(?:哪些|什么|啥|哪几[篇份个条])"
_IN_ENGLISH = "(?:reports?|articles?|documents?|files|news)"
_THE = "(?:these|those|the|this|all(?: (?:of )?(?:the|these))?|your)"
_PATTERNS: dict[Collection, tuple[str, ...]] = {
    "count": (
        rf"{_HERE}?{_ALL_IN_ALL}(?:{_HERE}里?)?{_ALL_IN_ALL}(?:有|收录了?)?{_MANY}{_REPORTS}{_ALL_IN_ALL}",
        rf"{_ALL_IN_ALL}{_HERE}{_ALL_IN_ALL}(?:有|收录了?)?{_MANY}{_PAPERS}{_ALL_IN_ALL}",
        rf"{_THEM}{_ALL_IN_ALL}有?{_MANY}|(?:{_ALL_IN_ALL}{_HERE})?{_ALL_IN_ALL}(?:有|收录了?)?(?:多少|几)篇",
        rf"how many {_IN_ENGLISH}(?: (?:are there|do you have|have you got|are in the collection))?"
        r"(?: in (?:all|total))?",
    ),
    "latest": (
        rf"(?:最新|最近|最后|最晚)的?一?[篇份]?{_REPORTS}(?:是?哪一?[篇份个](?:{_REPORTS})?|是?什么|是?啥)?",
        rf"(?:最新|最近|最后|最晚)的?(?:一?[篇份])?是?(?:哪一?[篇份](?:{_REPORTS})?|什么{_REPORTS}|哪个{_REPORTS})|(?:最新|最近|最后)的?一篇",
        rf"哪一?[篇份](?:{_REPORTS})?是?最[新近晚]的?",
        rf"{_HERE}?(?:最近|最新)(?:又|都)?(?:有|收录了?)(?:了|些)?{_WHICH}新?的?{_REPORTS}|{_HERE}(?:最近|最新)的?(?:有{_WHICH})?{_PAPERS}",
        rf"(?:(?:which|what)(?:['’]?s| is| are)?)?(?: ?the)? ?(?:latest|newest|most recent) {_IN_ENGLISH}",
    ),
    "list": (
        rf"{_ALL_IN_ALL}{_HERE}?{_ALL_IN_ALL}(?:有|收录了?){_WHICH}{_REPORTS}|{_REPORTS}{_ALL_IN_ALL}有{_WHICH}",
        rf"{_ALL_IN_ALL}{_HERE}{_ALL_IN_ALL}(?:有|收录了?)?{_WHICH}{_PAPERS}|{_THESE}{_PAPERS}{_ALL_IN_ALL}有{_WHICH}",
        rf"(?:给我)?(?:列(?:出|举|一下)|显示|展示|看看?)(?:一下)?{_THEM}(?:的?(?:标题|题目|列表|清单|目录))?",
        rf"{_THEM}的?(?:列表|清单|目录)",
        rf"(?:which|what) {_IN_ENGLISH} (?:are there|do you have|have you got)",
        rf"(?:list|show)(?: me)?(?: {_THE})?(?: of)? {_IN_ENGLISH}|(?:a )?list of(?: {_THE})? {_IN_ENGLISH}",
    ),
    "about": (
        rf"{_THEM}(?:都|主要|大概|一共|分别)*(?:讲|说|写|关于|涉及|介绍|报[道导]|讨论)(?:了|的|些)*是?(?:什么|啥|哪些(?:内容|方面|事))(?:内容|事情?|方面)?",
        r"(?:都|主要|大概)*报[道导]了?(?:些)?(?:什么|啥|哪些(?:内容|事))(?:内容|事情?)?",
        rf"(?:介绍|总结|概括|说说|讲讲)(?:一下)?{_THEM}(?:的?(?:主要)?内容)?|{_THEM}的?(?:主要|大致)?内容是?(?:什么|啥)?",
        rf"(?:{_THEM}(?:都|分别)?)?是?(?:谁|哪些?人|什么人|哪[位个](?:记者|作者)|哪些记者)(?:写|报[道导]|撰写)的?(?:{_REPORTS})?",
        rf"(?:{_THEM}的?)?作者(?:都|分别)?(?:是|有)(?:谁|哪些人?)|{_THEM}的?作者",
        rf"what (?:are|is) {_THE} {_IN_ENGLISH}(?: all)? about",
        rf"what do(?:es)? {_THE} {_IN_ENGLISH} (?:say|cover|tell|talk about)",
        rf"(?:summari[sz]e|describe) (?:{_THE} )?{_IN_ENGLISH}",
        rf"who (?:wrote|is the author of|are the authors of) {_THE} {_IN_ENGLISH}",
    ),
}
MOST_CHARACTERS = 60
"""A longer message has a topic, and would take long to match."""
_OPENING = "(?:(?:请问一?下?|请|麻烦|[你您]好|那么?|我?想(?:知道|问一?下?))[\\s,，!！。]*)*"
_KINDS = {kind: re.compile(rf"\s*{_OPENING}(?:{'|'.join(said)})[\W呢吗啊呀了吧]*") for kind, said in _PATTERNS.items()}


def asks_of_collection(question: str) -> Collection | None:
    """Say what is asked of the collection itself; None for a question that a report answers."""
    said = fold(question.strip())
    if len(said) > MOST_CHARACTERS:
        return None
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(said)), None)
