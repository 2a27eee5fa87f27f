"""What a report says about itself: dates, sources, bylines, credits, and the lines of a web page around it."""

from __future__ import annotations

import datetime as dt
import re

from retrieval.text.characters import fold_width
from retrieval.text.date_grammar import CLOCK, MOMENT, PART_OF_DAY
from retrieval.text.dates import brief_day, printed_days

LABELS = {
    "来源": "source", "來源": "source", "稿源": "source", "信息来源": "source", "文章来源": "source",
    "发布单位": "source", "發布單位": "source", "source": "source",
    "编辑": "editor", "責編": "editor", "责编": "editor", "责任编辑": "editor", "編輯": "editor", "流程编辑": "editor",
    "editor": "editor",
    "作者": "author", "记者": "author", "通讯员": "author", "撰稿": "author", "文": "author", "author": "author",
    "摄影": "photographer", "图": "photographer", "审稿": "reviewer", "审核": "reviewer", "校对": "reviewer",
    "供稿": "contributor", "来稿": "contributor",
    "浏览量": "views", "浏览次数": "views", "浏览": "views", "阅读": "views", "阅读量": "views", "点击": "views",
    "点击数": "views", "访问量": "views",
    "发布时间": "time", "发布日期": "time", "时间": "time", "日期": "time", "发稿时间": "time", "发表时间": "time",
    "刊发时间": "time", "发布于": "time", "发表于": "time", "發佈時間": "time", "發布時間": "time", "發佈日期": "time",
    "發布日期": "time", "時間": "time", "date": "time", "published": "time", "published on": "time",
    "发文日期": "time", "成文日期": "time", "印发日期": "time", "公开日期": "time", "生成日期": "time",
    "发布机构": "source", "发文机关": "source", "发文单位": "source", "制发机关": "source",
    "文号": "number", "发文字号": "number", "索引号": "number", "统一编号": "number",
    "原标题": "original_title", "字号": "page", "字体": "page", "分享": "page", "关键词": "keywords",
}  # fmt: skip
"""What a report's own label means; longer labels are tried first."""

ABOUT = frozenset(
    ["索引号", "发布机构", "发文机关", "发文单位", "制发机关", "文号", "发文字号", "发文日期", "成文日期", "统一编号"]
)
"""Labels of the table above an official notice that no table of its text has."""
MOST_LABEL = 8
MOST_METADATA = 160
"""Characters of a line that may be metadata or belong to a page; no pattern looks at a longer one."""
MOST_MOMENT = 24
_MOMENT = re.compile(rf"\W*{MOMENT}\W*(?:(?:{PART_OF_DAY}\s?)?{CLOCK})?\W*")
_LABEL = "|".join(sorted(map(re.escape, LABELS), key=len, reverse=True))
_LABELLED = re.compile(rf"(?P<label>{_LABEL})\s*[:：丨|]\s*", re.IGNORECASE)
_ROLE_LABEL = re.compile(r"(?P<label>编辑|供稿|审稿|审核|校对|摄影|撰稿|来稿)(?=\s|$)")
_ROLE = re.compile(rf"(?P<who>[^\s:：]{{2,20}}?)\s*{_ROLE_LABEL.pattern}")
_BYLINE = re.compile(
    r"^(?:[^\s，。,.]{0,16}?)(?:记者|通讯员|特约记者|撰稿人)[\s:：/]*[^\s，。,.]{2,4}(?:[\s、/]+[^\s、/，。,.]{1,40})*[\s、/]*$"
)
_BOILERPLATE = re.compile(
    r"(?:点击)?下载\s*(?:APP|客户端)(?![的后者]).*|打开\s*APP(?![的后者]).*|打印(?:本页)?|关闭(?:窗口)?|返回(?:顶部|首页|列表)|分享(?:到|至)[^，。,的]{0,30}|扫一扫.{0,30}"
    r"|(?:微信|长按).{0,10}二维码.{0,20}|[上下]一篇(?:\s*[:：>»|].{0,60}|\s.{0,60}|文章.{0,60})?|相关阅读|相关链接|(?:copyright\s*(?=©|\(c\)|c?\s*\d{4})|版权所有).{0,80}"
    r"|[^\s]{1,60}\.(?:jpe?g|png|gif|bmp|webp|tiff?)|第?\s*\d{1,4}\s*页\s*(?:[,，/]?\s*共\s*\d{1,4}\s*页)?|\d{1,3}\s*/\s*\d{1,3}",
    re.IGNORECASE,
)
"""Lines of the page around a report, without the marks at their ends."""
_CORE = re.compile(r"\w(?:.*\w)?")
_DASHES = ("-", "—", "–")
_CAPTION = re.compile(
    r"^(?:[▲△▼▽◀▶]|(?:上|下|左|右)?图(?:为|中|[:：]|\s?\d{1,2}[:：\s])|图片(?:来源|说明)?[:：]|\(?图[/|]|（图[/|]|photo[:：])",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"^[^\s，。,.：:；、]{2,24}(?:党委|党总支|支部|委员会|办公室|指挥部|中心|[局厅部院社网报司]|日报|晚报|政府|公司|集团|大学|学校|医院|协会|工会|团委|学会)$"
)

_PROGRAM_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|word document|untitled.{0,5}|无标题.{0,5}|未命名.{0,5}|unspecified"
    r"|\(?anonymous\)?|(?:新建.{0,20}|.{0,10}演示文稿|文档|document|文件|幻灯片|slide)\s*\d*|about:blank|(?:file|https?)://.*"
    r"|.*\.(?:docx?|wps|pptx?|xlsx?|pdf|html?|txt|indd|cdr|tmp)|[\W\d_]*)$",
    re.IGNORECASE,
)


def find_date(line: str) -> dt.date | None:
    """Return the first full calendar date written in ``line``; none that does not exist, none in a long line."""
    if len(line) > MOST_METADATA:
        return None
    return next((printed.day for printed in printed_days(line)), None)


def stated_date(value: str) -> dt.date | None:
    """Return the day that a field for a day holds: a full calendar date, or a brief one, such as 18-03-08, alone."""
    return find_date(value) or (brief_day(value) if len(value) <= MOST_METADATA else None)


def is_title(text: str) -> bool:
    """Whether a file's title property says what the report is called, and not what a program left in it."""
    return bool(text.strip()) and len(text) <= 200 and not _PROGRAM_TITLE.match(text.strip())


def is_date_line(line: str) -> bool:
    """Whether ``line`` holds a date and nothing else (brackets, the weekday and a time of day aside)."""
    if len(line) > MOST_METADATA:
        return False
    days = printed_days(line)
    return len(days) == 1 and not re.search(r"\w", line[: days[0].start] + line[days[0].end :])


def is_moment(line: str) -> bool:
    """Whether ``line`` holds nothing but a moment that counts from when a page was read: 昨天 08:30, 3小时前."""
    return len(line) <= MOST_MOMENT and _MOMENT.fullmatch(fold_width(line)) is not None


def is_boilerplate(line: str) -> bool:
    """Whether ``line`` belongs to the page around the report: page numbers, image file names, "下载APP"."""
    if len(line) > MOST_METADATA:
        return False
    core = _CORE.search(line)
    if core is None:
        return line.lstrip(" \t").startswith("©")
    lead, rest = line[: core.start()].rstrip(), line[core.end() :].lstrip()
    numbered = lead.endswith(_DASHES) and rest.startswith(_DASHES) and core[0].isdigit() and len(core[0]) <= 4
    owned = "©" in lead and len(core[0]) <= 80
    return numbered or owned or bool(_BOILERPLATE.fullmatch(core[0]))


def is_caption(line: str) -> bool:
    """Whether ``line`` says itself that it is a photo caption."""
    return bool(_CAPTION.match(line))


def is_organisation(line: str) -> bool:
    """Whether ``line`` is just an organisation's name, as below a title or above a closing date."""
    return bool(_ORGANISATION.match(line))


def metadata_of(line: str) -> list[tuple[str, str]]:
    """Return the (label, value) pairs of a metadata line, or nothing if the line is none.

    "2020-02-01 13:30:17 来源:株洲日报 | 编辑:王珈 | 浏览量:7628" gives time, source, editor and views.
    """
    bare = line.strip("()（）[]【】 \t")
    if len(bare) > MOST_METADATA:
        return []
    if is_date_line(bare) or is_moment(bare):
        return [("time", bare)]
    labels = list(_LABELLED.finditer(bare))
    if labels and _is_lead(bare[: labels[0].start()]):
        return _lead_pairs(bare[: labels[0].start()]) + _labelled_pairs(bare, labels)
    if _BYLINE.match(bare):
        return [("author", bare)]
    if not _ROLE_LABEL.search(bare):
        return []
    roles = [(LABELS[match["label"]], match["who"]) for match in _ROLE.finditer(bare)]
    return roles if roles and not _ROLE.sub("", bare).strip() else []


def row_metadata(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a table's row in which labels of a report stand beside their values, as above a notice.

    Nothing where the row is none: ``text`` has its cells parted by tabs.
    """
    if len(text) > 2 * MOST_METADATA:
        return []
    cells = [cell.strip(" :：") for cell in text.split("\t")]
    labels, values = cells[::2], cells[1::2]
    if len(cells) % 2 or not any(label.lower() in ABOUT for label in labels):
        return []
    if any(len(label) > MOST_LABEL or find_date(label) for label in labels):
        return []
    pairs = zip(labels, values, strict=True)
    return [(LABELS[label.lower()], value) for label, value in pairs if value and label.lower() in LABELS]


def _is_lead(text: str) -> bool:
    return is_date_line(text) or not re.search(r"\w", text)


def _lead_pairs(text: str) -> list[tuple[str, str]]:
    return [("time", text[printed.start : printed.end]) for printed in printed_days(text)[:1]]


def _labelled_pairs(line: str, labels: list[re.Match[str]]) -> list[tuple[str, str]]:
    ends = [following.start() for following in labels[1:]] + [len(line)]
    pairs = [
        (LABELS[label["label"].lower()], line[label.end() : end].strip(" |丨\t\u00a0\u3000;；"))
        for label, end in zip(labels, ends, strict=True)
    ]
    return [(label, value) for label, value in pairs if value]
