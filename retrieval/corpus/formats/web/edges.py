"""What stands above and below an article in its own box: promotion, legal notices, and headings with nothing below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.corpus.formats.web.around import is_marker
from retrieval.corpus.formats.web.tree import SENTENCE, is_head
from retrieval.corpus.lines import Line
from retrieval.corpus.metadata import LABELS, is_boilerplate, metadata_of
from retrieval.text.characters import fold

TOP = 2
BOTTOM = 12
"""Lines at the edges of an article that may be promotion; between them every line is the article's own."""
NOTICE_CHARACTERS = 160
"""The longest line that any of the patterns is tried on."""

_PROMOTION = re.compile(
    r"(?:扫描|扫码|扫一扫|长按|识别).{0,20}(?:二维码|关注|下载|查看|加入)|二维码.{0,12}(?:关注|下载)"
    r"|关注.{0,24}(?:公众号|公众账号|微信|微博|客户端|视频号)|(?:公众号|微信号|微信公众平台)[:：]|微信公众号$"
    r"|(?:下载|安装|打开).{0,16}(?:客户端|APP)|24小时.{0,4}滚动|火热进行中|火热报名|每日推送"
    r"|更多.{0,40}(?:尽在|请关注|请扫|扫码|请下载|请点击|请登录|猛料|敬请|点击|关注)"
    r"|^\W*(?:更多(?!的人)|欢迎(?:关注|扫描|订阅|加入|投稿|点击|转发)|(?:请)?点击.{0,12}(?:进入|查看|阅读|下载|这里|此处|关注|收听|观看|投票|报名|参与|全文|链接|原文|订阅))",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"^\W*(?:(?:免责|版权|特别|郑重|网站|风险|责任)?(?:声明|提示)\s*[:：]|以上内容|本网站?(?:所有|刊载|注明)|凡本网|凡注明|风险提示)"
    r"|未经.{0,16}(?:许可|授权|允许|同意).{0,16}(?:转载|使用|复制|摘编)|版权(?:归|所有)|著作权|ICP[备证]|公网安备|举报电话|侵权.{0,16}(?:删除|联系|处理)"
    r"|(?:仅|只|不)代表.{0,16}(?:观点|立场)|观点.{0,4}代表(?:作者|本人)|信息存储空间|风险自担|转载(?:请|须|务必)?(?:注明|联系)|不构成.{0,8}投资建议"
    r"|all rights reserved|copyright",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"\W*(?:分享(?:到|至|让更多人看到)?|收藏|打印|举报|点赞|转发|推荐|微信|微博|QQ空间|朋友圈|复制链接|字号|[大中小]|本[文页]|返回(?:首页|列表|顶部)|关闭(?:窗口)?|我要纠错"
    r"|(?:阅读|查看)原文|阅读全文|展开全文|加载更多)+\W*",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"预约|办理|申请|申领|查询|登记|缴费|缴纳|咨询电话|填报|申报")
"""What a sentence about an app or an account is for, if it is the article's own."""
_BARE_LABEL = re.compile(rf"\W*(?:{'|'.join(map(re.escape, LABELS))})\s*[:：]\W*", re.IGNORECASE)
_NEIGHBOUR = re.compile(r"^\W*[上下前后]一[篇条则页](?:新闻|文章)?\s*(?:[:：>]|$)")


def is_notice(line: str) -> bool:
    """Whether ``line`` is promotion, a legal notice, or of the buttons of a page, as they stand around an article."""
    if len(line) > NOTICE_CHARACTERS:
        return False
    line = fold(line)
    patterns = (_PROMOTION, _LEGAL, _NEIGHBOUR)
    if _BARE_LABEL.fullmatch(line):
        return True
    if _SERVICE.search(line):
        return False
    return any(pattern.search(line) for pattern in patterns) or _is_buttons(line) or is_marker(line)


def _is_buttons(line: str) -> bool:
    """Whether the line is nothing but names of buttons, word by word, and figures."""
    words = [word for word in re.split(r"[\s|｜/·、]+", line) if word and not word.isdigit()]
    return bool(words) and all(_BUTTON.fullmatch(word) for word in words)


def without_notices(lines: Sequence[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """Return an article's lines without the notices at its edges, and these; a page of nothing else stays as it is."""
    bottom = _bottom(lines)
    noticed = {i for i in range(len(lines)) if (i < TOP or i >= bottom) and is_notice(lines[i].text)}
    noticed |= {i for i in range(min(TOP, len(lines) - 1)) if is_head(lines[i].text) and not metadata_of(lines[i].text)}
    rest = [i for i in range(len(lines)) if i not in noticed]
    while noticed and rest and lines[rest[-1]].kind == "heading":
        noticed.add(rest.pop())
    if not rest:
        return list(lines), ()
    return [lines[i] for i in rest], tuple(lines[i].text for i in sorted(noticed))


def _bottom(lines: Sequence[Line]) -> int:
    """Return where the notices below the text may begin: below the last sentence that is none, or BOTTOM lines up."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 1 - BOTTOM), -1):
        text = lines[index].text
        is_other = is_boilerplate(text[:NOTICE_CHARACTERS]) or metadata_of(text) or is_notice(text)
        if not is_other and (len(text) > NOTICE_CHARACTERS or SENTENCE.search(text)):
            return index + 1
    return max(0, len(lines) - BOTTOM)
