"""Questions about the collection itself: how many reports there are, which, the latest, and what they are about."""

from __future__ import annotations

import re
from typing import Literal

Collection = Literal["count", "list", "latest", "about"]

_REPORTS = "(?:报道|报告|文章|新闻|材料|通报|简报|文件|文档|资料|稿子?|通知)"
_THESE = rf"(?:这|那|上面|收录|库)?(?:里|中|几|些|批|个|的)*{_REPORTS}(?:库|集)?"
_IN_ENGLISH = "(?:reports?|articles?|documents?|files|news)"
_PATTERNS: dict[Collection, tuple[str, ...]] = {
    "count": (
        rf"(?:一?共|总共|现在|目前|库里|收录)*(?:有|收录了?)?(?:多少|几)(?:篇|份|个|条|则)?{_REPORTS}(?:一?共|总共)?",
        rf"{_REPORTS}(?:一?共|总共)?(?:有)?(?:多少|几)(?:篇|份|个|条|则)?|(?:一?共|总共)(?:多少|几)篇",
        rf"how many {_IN_ENGLISH}(?: (?:are there|do you have|are in the collection))?",
    ),
    "list": (
        rf"(?:都|这里|库里|里面|你)*有(?:哪些|什么|哪几篇|几篇什么){_REPORTS}|列出(?:所有|全部)?(?:的)?{_REPORTS}|{_REPORTS}(?:列表|清单|目录)",
        rf"(?:which|what) {_IN_ENGLISH} (?:are there|do you have)|list (?:all )?(?:the )?{_IN_ENGLISH}",
    ),
    "latest": (
        rf"(?=.*(?:{_REPORTS}|[篇份]))(?:最新|最近|最后|最晚)(?:的)?(?:一?篇)?(?:{_REPORTS})?(?:的)?(?:是)?(?:哪(?:一)?(?:篇|份|个)|什么)?(?:{_REPORTS})?",
        rf"哪(?:一)?(?:篇|份){_REPORTS}?(?:是)?最(?:新|近)(?:的)?",
        rf"(?:which|what)(?: is)?(?: the)? (?:latest|newest|most recent) {_IN_ENGLISH}|(?:the )?latest {_IN_ENGLISH}",
    ),
    "about": (
        rf"{_THESE}(?:都|主要|大概|一共|分别)*(?:讲|说|写|关于|涉及|介绍|报道|讨论)(?:了|的|些)*(?:是)?(?:什么|啥|哪些(?:内容|方面|事))(?:内容|事情?|方面)?",
        rf"(?:介绍|总结|概括|说说|讲讲)(?:一下)?{_THESE}(?:的(?:主要)?内容)?|{_THESE}的?(?:主要|大致)?内容(?:是)?(?:什么|啥)?",
        rf"what (?:are|is) (?:these|the|this) {_IN_ENGLISH} about",
        rf"(?:summari[sz]e|describe) (?:the|these) {_IN_ENGLISH}",
    ),
}
_KINDS = {
    kind: re.compile(rf"(?:请问|你好|那|我想知道)?\s*(?:{'|'.join(said)})[\W呢吗啊呀]*", re.IGNORECASE)
    for kind, said in _PATTERNS.items()
}


def asks_of_collection(question: str) -> Collection | None:
    """Say what is asked of the collection itself; None for a question that a report answers."""
    said = question.strip()
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(said)), None)
