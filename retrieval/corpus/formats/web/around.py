"""What stands around the article of a saved page is taken out of its tree.

No site is known by name. Menus are lists of links; and what belongs to other articles says so, in the heading above it
(为你推荐) or in the name of its box ("related", "comment").
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from retrieval.corpus.formats.web.tree import BLOCKS, GROWTH, HEADINGS, Measure, squash
from retrieval.text.characters import fold

MENU_LINKS = 3
MENU_SHARE = 0.8
"""A box with so many links, and so much of its text in them, is a menu; figures (ranks, clicks, dates) do not count."""
HEART = 60
"""Characters of sentences that an article has outside of boxes whose names say that they are none."""
MARKER_CHARACTERS = 24
CARD_CHARACTERS = 300
HEADLINE = 6
"""Characters of a box that shows another article, at most, and of its headline, at least."""

_FOREIGN = re.compile(
    r"comment|recommend|related|footer|copyright|qrcode|breadcrumb|pinglun|tuijian|xiangguan|fenxiang|disclaimer"
)
_FOREIGN_WORDS = frozenset([
    "replies", "reply", "relate", "relative", "hot", "rank", "ranking", "ranks", "side", "sidebar", "aside", "right",
    "rightbar", "wx", "weixin", "wechat", "ecode", "qr", "share", "sharebar", "nav", "navbar", "foot", "promo",
    "promotion", "advert", "ads", "follow", "toolbar", "popup", "modal", "dialog", "login", "pager", "pagination",
    "prev", "next", "statement", "declare", "popular", "mostread", "author", "bio", "card", "cards", "feed",
])  # fmt: skip
"""Words in the names of boxes that are not the article; of the words, one may also name a wide box around it."""
_COMMENTS = re.compile(r"comment|pinglun|repl(?:y|ies)$")
_NAME = re.compile(r"[A-Z]?[a-z]+")
_OTHERS = r"(?:新闻|阅读|文章|推荐|报道|报导|资讯|稿件|排行榜?|头条|热文)"
_MARKER = re.compile(
    r"(?:更多|最新|热门|全部|所有|网友|用户|精彩|精选|文章|新闻|我要|我来|发表|查看|参与|跟帖|本文|读者|游客){0,3}(?:的)?"
    r"(?:评论|留言|跟帖|跟贴|热评)(?:区|列表|与评论|\d+条?|共有?\d+条评论)?"
    rf"|(?:相关|关联|延伸|推荐|拓展|扩展|深度|热门|热点|最新|精彩|更多|今日|本周|编辑|小编|为[你您]|实时|独家|其[他它]|往期|同类){{1,3}}{_OTHERS}"
    r"|猜[你您](?:会)?(?:喜欢|感兴趣).{0,4}|为[你您]推荐.{0,4}"
    r"|(?:大家|网友|他们|人们|[你您])?(?:都|还|正|也|可能){1,3}(?:在看|爱看|喜欢|想看|感兴趣)(?:的.{0,4})?"
    r"|(?:热度|点击|阅读|浏览|新闻|热文|周|月|24小时|一周|今日|本周|热门|热点|热搜){1,3}(?:排行榜?|榜|热文|TOP\d*)|排行榜|热搜榜?|热榜"
    r"|人气(?:排行|推荐|文章)|看了.{0,6}还.{0,6}|友情链接|(?:责任|免责|版权|特别)声明"
    r"|related (?:articles?|news|stories|posts|links|reading)|recommended(?: .{0,12})?|most (?:read|popular)"
    r"|(?:leave a )?comments?|you may also like|more (?:news|stories|from.{0,12})",
    re.IGNORECASE,
)
_MAY_MARK = re.compile(
    r"(?:相关|关联|延伸|推荐|拓展|扩展|深度|热门|热点|最新|精彩|更多|今日|本周|编辑|其[他它]|往期|历史|近期|频道|图片){1,2}"
    r"(?:内容|话题|搜索|图片|图集|视频|专题|链接|回顾|精选|信息|消息|热点|关注|要闻|动态|新闻)?"
    r"|related|popular(?: .{0,8})?|read (?:more|next)",
    re.IGNORECASE,
)
"""Headings of other articles; and such as may also be an article's own (最新动态), which take away links only."""
_TEXTUAL = frozenset(["p", "span", "a", "td", "li", "strong", "b", "em", "font"])
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DAY = re.compile(r"\W*(?:(?:19|20)?\d\d\s*[-/.]\s*)?\d{1,2}\s*[-/.]\s*\d{1,2}(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\W*")
"""A day as it stands below the teaser of an article; 1月2日 may head an entry of a chronicle."""


def clean(body: Any, title: Any | None) -> None:  # noqa: ANN401
    """Take out what is not of the article: hidden boxes, menus, boxes of other articles, and what follows a marker."""
    _drop_hidden(body)
    _drop_menus(body)
    _cut_at_markers(body, title)
    _cut_at_cards(body, title)
    _drop_cards(body, title)
    _drop_foreign(body, title)


def _drop(element: Any) -> None:  # noqa: ANN401
    """Remove an element, but not the text behind it."""
    if element.getparent() is not None:
        element.drop_tree()


def _drop_hidden(body: Any) -> None:  # noqa: ANN401
    """Drop what is not shown, unless it is most of the page's text, which a script shows later."""
    measure = Measure(body)
    for element in body.xpath(".//*[@style or @hidden]"):
        style = element.get("style") or ""
        hidden = element.get("hidden") is not None or _HIDDEN.search(style[:400])
        if hidden and measure.prose[element] <= measure.prose[body] / 2:
            _drop(element)
        elif style:
            del element.attrib["style"]  # an extractor takes ``overflow: hidden`` for hidden


def _drop_menus(body: Any) -> None:  # noqa: ANN401
    """Take out lists and boxes that are nothing but links: on a short page they outweigh the text."""
    for box in body.xpath(".//nav|.//footer|.//aside|.//ul|.//ol|.//dl|.//div[not(.//div)]|.//table[not(.//table)]"):
        links = [_letters(link.text_content()) for link in box.iter("a")]
        words = len(_letters(box.text_content()))
        if len(links) >= MENU_LINKS and sum(map(len, links)) >= MENU_SHARE * words:
            _drop(box)
    for box in [*body.xpath(".//ul|.//ol")]:
        items = [item for item in box if item.tag == "li"]
        if len(items) >= MENU_LINKS and all(_is_link(item) for item in items):
            _drop(box)


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]", "", text)


def _is_link(item: Any) -> bool:  # noqa: ANN401
    """Whether a list's item is one link, with no sentence beside it."""
    links = [*item.iter("a")]
    around = len(_letters(item.text_content())) - sum(len(_letters(link.text_content())) for link in links)
    return bool(links) and around <= 8


def _drop_foreign(body: Any, title: Any | None) -> None:  # noqa: ANN401
    """Drop the boxes whose names say that they are not the article, if an article is left."""
    titled = set(title.iterancestors()) | {title} if title is not None else set()
    named = [box for box in body.iter(etree.Element) if box.tag != "body" and _is_foreign(box) and box not in titled]
    measure = Measure(body)
    inside = set(named)
    heart: Any | None = None
    outer = [box for box in named if inside.isdisjoint(box.iterancestors())]
    outside = measure.prose[body] - sum(measure.prose[box] for box in outer)
    for holder, weight in measure.holders.most_common():
        if outside < HEART or weight < GROWTH * measure.holders.most_common(1)[0][1]:
            break
        if holder not in inside and not inside.intersection(holder.iterancestors()):
            heart = holder
            break
    if heart is None:
        named = [box for box in named if _COMMENTS.search(_names(box).lower())]
        heart = max((h for h in measure.holders), key=lambda h: measure.holders[h], default=None)
    spared = set(heart.iterancestors()) | {heart} if heart is not None else set()
    for box in named:
        is_most = measure.prose[box] > 2 * outside and not _FOREIGN.search(_names(box).lower())
        if box not in spared and not is_most and not (heart is None and measure.prose[box] > 0):
            _drop(box)


def _names(box: Any) -> str:  # noqa: ANN401
    return f"{box.get('class') or ''} {box.get('id') or ''}"[:200]


def _is_foreign(box: Any) -> bool:  # noqa: ANN401
    if box.tag in ("nav", "footer", "aside"):
        return True
    names = _names(box)
    return bool(_FOREIGN.search(names.lower())) or not _FOREIGN_WORDS.isdisjoint(map(str.lower, _NAME.findall(names)))


def is_marker(text: str) -> bool:
    """Whether a line is the heading of other articles or of comments: 为你推荐, 相关阅读, 网友评论."""
    return bool(_MARKER.fullmatch(_heading(text)))


def _heading(text: str) -> str:
    if len(text) > 2 * MARKER_CHARACTERS:
        return ""
    bare = re.sub(r"[\W_]+", " " if text.isascii() else "", fold(text)).strip()
    return bare if len(bare) <= MARKER_CHARACTERS else ""


def _cut_at_markers(body: Any, title: Any | None) -> None:  # noqa: ANN401
    """Drop what stands below the heading of other articles, and the box whose heading it is."""
    measure = Measure(body)
    titled = set(title.iterancestors()) | {title} if title is not None else set()
    for element in [*body.iter(etree.Element)]:
        if not 0 < measure.total[element] <= MARKER_CHARACTERS or element in titled or element is body:
            continue
        text = " ".join("".join(element.itertext()).split())
        if body in element.iterancestors() and (is_marker(text) or _MAY_MARK.fullmatch(_heading(text))):
            _cut(element, body, titled, measure, is_marker(text))


def _cut(element: Any, body: Any, titled: set[Any], measure: Measure, is_sure: bool) -> None:  # noqa: ANN401
    """Drop a marker with what is its own: its box, or its siblings.

    Siblings that are no links are dropped below a heading only, if it is sure, and there is an article above it.
    """
    top, most = element, measure.prose[body] / 2
    while (parent := top.getparent()) is not None and parent is not body and parent not in titled:
        is_first = not squash(parent.text or "") and not any(map(measure.total.get, top.itersiblings(preceding=True)))
        is_article = measure.prose[parent] > most or not is_sure and 2 * measure.links[parent] < measure.total[parent]
        if not is_first or is_article:
            break
        top = parent
    is_heading = is_sure and top.tag not in _TEXTUAL and measure.before[element] >= HEART
    alone, dropped = measure.total[top] == measure.total[element], 0
    for sibling in [*top.itersiblings()] if alone else []:
        is_linked = 2 * measure.links[sibling] >= measure.total[sibling]
        if sibling in titled or not (is_heading or is_linked) or measure.prose[sibling] > most:
            break
        dropped += measure.total[sibling]
        _drop(sibling)
    if is_sure or dropped or not alone:
        _drop(top)


def _cut_at_cards(body: Any, title: Any | None) -> None:  # noqa: ANN401
    """Drop a run of other articles in one box: days that stand alone, each below a text, the last at the end.

    In a chronicle a text follows the last day.
    """
    titled = set(title.iterancestors()) | {title} if title is not None else set()
    measure = Measure(body)
    days: dict[Any, list[Any]] = {}
    for element in body.iter(etree.Element):
        if 0 < measure.total[element] <= MARKER_CHARACTERS and element.tag in BLOCKS and element not in titled:
            text = " ".join("".join(element.itertext()).split())
            if _DAY.fullmatch(text):
                days.setdefault(element.getparent(), []).append(element)
    for box, dated in days.items():
        children = [child for child in box if measure.total[child]]
        at = [children.index(day) for day in dated if day in children]
        if len(at) < 2 or at[0] == 0 or any(map(measure.prose.get, children[at[-1] + 1 :])):
            continue
        if max(b - a for a, b in zip(at, at[1:], strict=False)) > 3:
            continue
        first = at[0] - 1
        if first > 0 and children[first - 1].tag in HEADINGS:
            first -= 1
        for child in children[first : at[-1] + 1]:
            if child not in titled:
                _drop(child)


def _drop_cards(body: Any, title: Any | None) -> None:  # noqa: ANN401
    """Drop three or more boxes in a row that are alike, each with a headline that is a link, and a few words."""
    titled = set(title.iterancestors()) | {title} if title is not None else set()
    measure = Measure(body)
    cards: list[Any] = []
    for box in [*body.iter(etree.Element)]:
        run: list[Any] = []
        for child in [*box, None]:
            if run and not (child is not None and _is_alike(run[-1], child) and _is_card(child, measure)):
                cards += run if len(run) >= MENU_LINKS else []
                run = []
            if child is not None and child not in titled and _is_card(child, measure):
                run.append(child)
    if measure.prose[body] - sum(measure.prose[card] for card in cards) >= HEART:
        for card in cards:
            _drop(card)


def _is_alike(one: Any, other: Any) -> bool:  # noqa: ANN401
    return bool(one.tag == other.tag and one.get("class") == other.get("class"))


def _is_card(box: Any, measure: Measure) -> bool:  # noqa: ANN401
    """Whether a small box begins with a line that is one link, and goes on."""
    if box.tag not in BLOCKS or not 0 < measure.total[box] <= CARD_CHARACTERS:
        return False
    first = next((one for one in box.iter(etree.Element) if squash(one.text or "")), None)
    while first is not None and first is not box and first.tag not in BLOCKS:
        first = first.getparent()
    if first is None or first is box:
        return False
    return bool(HEADLINE <= measure.total[first] == measure.links[first] < measure.total[box])
