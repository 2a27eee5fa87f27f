"""HTML reports: the main text of a saved web page without its menus, and what its meta tags say.

The main text is found by trafilatura; title, date and source are taken from the page itself, never guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lxml.html
import trafilatura
from lxml.etree import LxmlError
from trafilatura.settings import use_config

from retrieval.corpus.draft import BlockKind, Draft
from retrieval.corpus.encoding import BYTE_ORDER_MARKS, decode, decoded_as
from retrieval.corpus.layout import read_lines
from retrieval.corpus.lines import Line
from retrieval.corpus.metadata import find_date, is_caption, metadata_of
from retrieval.errors import ReportUnreadable

TITLE_TAGS = ("articletitle", "og:title", "dc.title", "dcterms.title", "twitter:title", "title")
DATE_TAGS = (
    "article:published_time", "og:published_time", "pubdate", "publishdate", "publish_date", "publish-date",
    "publishtime", "datepublished", "og:release_date", "og:time", "weibo: article:create_at",
    "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created", "date",
)  # fmt: skip
SOURCE_TAGS = ("contentsource", "source", "article:source", "dc.source", "mediaid", "publisher", "dc.publisher")
SITE_TAGS = ("og:site_name", "sitename")
AUTHOR_TAGS = ("author", "article:author", "dc.creator")
"""Names of meta tags in lower case, the most telling first; ArticleTitle, PubDate and ContentSource are those that
Chinese government sites must set (政府网站发展指引, 2017)."""

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE)
_COMPACT_DATE = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_SITE = re.compile(r"\s*[_|｜–—-]+\s*[^_|｜–—-]{0,20}(?:网|日报|晚报|新闻|政府|门户|频道|在线|平台)[^_|｜–—-]{0,10}$")
_SENTENCE = re.compile(r"[。！？；]|.{25}")
_BLOCKS = frozenset({"p", "quote", "item", "code", "list", "table", "row", "div"})
PARSER = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
CONFIG = use_config()
CONFIG.set("DEFAULT", "MIN_EXTRACTED_SIZE", "60")
"""Characters below which trafilatura takes the whole page instead; its 250 are of Latin letters, Chinese is denser."""
BOXES = frozenset({"div", "section", "table", "tbody", "tr", "td", "form", "center", "font", "span"})
ARTICLE_SHARE = 0.9
"""Share of the page's sentences that are in its article."""
MENU_LINKS = 3
MENU_SHARE = 0.8
LABEL_PIECES = 12
"""Pieces of text below a title among which date and source are looked for."""
MARKS = tuple(mark for mark, _ in BYTE_ORDER_MARKS)
ASIAN = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
}  # fmt: skip
LATIN = {"iso-8859-1": "cp1252", "windows-1252": "cp1252", "us-ascii": "cp1252"}
"""What pages that declare the one are really written in; a Latin page is one that nothing else fits."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    tags: dict[str, str]
    """Its meta tags; names in lower case."""
    title: str
    headings: list[str]
    """The text of every <h1>."""
    published: list[str]
    """Days of publication in its JSON-LD."""
    strings: list[str]
    """All its pieces of text, in reading order."""

    def first(self, names: Sequence[str]) -> str | None:
        """Return the first of these meta tags that is there."""
        return next((self.tags[name] for name in names if name in self.tags), None)


def read_html(data: bytes) -> Draft:
    """Read a ``.html`` report; ReportUnreadable if the page holds no text."""
    try:
        tree = lxml.html.document_fromstring(decode_html(data).encode("utf-8", "replace"), parser=PARSER)
    except LxmlError as error:
        raise ReportUnreadable("no HTML page") from error
    page = _page(tree)
    _drop_menus(tree)
    _mark_article(tree)
    found = trafilatura.bare_extraction(tree, include_comments=False, include_tables=True, config=CONFIG)
    body = getattr(found, "body", None)
    lines = list(_lines(body)) if body is not None else []
    if not lines:
        raise ReportUnreadable("no text was found in the page (if a script writes it, save it from the browser)")
    title = _title(page)
    beside, furniture = _beside_title(page.strings, title)
    draft = read_lines([line for line in lines if line.text not in furniture], title)
    author = page.first(AUTHOR_TAGS)
    found_there = [*([("author", author)] if author else []), *beside]
    metadata = (*draft.metadata, *(pair for pair in found_there if pair not in draft.metadata))
    return replace(
        draft,
        date=_date(page) or next((day for label, value in metadata if label == "time" and (day := _day(value))), None),
        source=page.first(SOURCE_TAGS)
        or next((value for label, value in metadata if label == "source"), None)
        or draft.source
        or page.first(SITE_TAGS),
        metadata=metadata,
        furniture=(*furniture, *draft.furniture),
    )


def decode_html(data: bytes) -> str:
    """Decode a page: as UTF-8 if it is that, or as its meta tag declares, or like any text."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in ASIAN and not data.startswith(MARKS) and decoded_as(data, "utf-8") is None:
        return decoded_as(data, ASIAN[name]) or decode(data)
    try:
        return decode(data)
    except ReportUnreadable:
        if name in LATIN and (text := decoded_as(data, LATIN[name])):
            return text
        raise


def _page(tree: Any) -> Page:  # noqa: ANN401 - lxml has no types
    tags: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = _bare(element.get("content") or "")
        if name and value:
            tags.setdefault(name.strip().lower(), value)
    return Page(
        tags=tags,
        title=next((title for element in tree.iter("title") if (title := _bare(element.text_content()))), ""),
        headings=[heading for element in tree.iter("h1") if (heading := _bare(element.text_content()))],
        published=[
            day
            for script in tree.iter("script")
            if script.get("type") == "application/ld+json"
            for day in _PUBLISHED.findall(script.text or "")
        ],
        strings=[
            text
            for string in tree.xpath("//body//text()[not(parent::script or parent::style)]")
            if (text := _bare(string))
        ],
    )


def _drop_menus(tree: Any) -> None:  # noqa: ANN401
    """Take out lists and boxes that are nothing but links: on a short page they outweigh the text."""
    for box in tree.xpath("//nav|//footer|//aside|//ul|//ol|//div[not(.//div)]|//table[not(.//table)]"):
        links = [_bare(link.text_content()) for link in box.iter("a")]
        words = len(_bare(box.text_content()).replace(" ", ""))
        if len(links) >= MENU_LINKS and sum(len(link.replace(" ", "")) for link in links) >= MENU_SHARE * words:
            box.drop_tree()


def _mark_article(tree: Any) -> None:  # noqa: ANN401
    """Make the smallest box around nearly all sentences an <article>, unless the page has one.

    trafilatura knows the boxes of many sites by name, but not those of most Chinese ones (TRS_Editor, zoom,
    UCAP-CONTENT), and out of an unknown box it takes paragraphs without the headings and lists between them.
    """
    body = tree.find("body")
    if body is None or tree.find(".//article") is not None or tree.find(".//main") is not None:
        return
    weights: Counter[Any] = Counter()
    for string in body.xpath(".//text()[not(ancestor::a or parent::script or parent::style)]"):
        bare = _bare(string)
        if _SENTENCE.search(bare):
            element = string.getparent().getparent() if string.is_tail else string.getparent()
            while element is not None and element is not tree:
                weights[element] += len(bare)
                element = element.getparent()
    box = body
    while inner := [
        child for child in box if child.tag in BOXES and weights[child] >= ARTICLE_SHARE * weights[body] > 0
    ]:
        box = inner[0]
    if box is body:
        box = lxml.html.Element("div")
        box.text, body.text = body.text, None
        box.extend(list(body))
        body.append(box)
    box.tag = "article"


def _bare(text: str) -> str:
    return " ".join(text.split())


def _title(page: Page) -> str | None:
    """Return the page's title without the name of the site behind it; None if there is none."""
    whole = page.first(TITLE_TAGS) or page.title
    if not whole:
        return page.headings[0] if len(page.headings) == 1 else None
    for heading in page.headings:
        if len(heading) >= 4 and whole.startswith(heading):
            return heading
    site = page.first(SITE_TAGS)
    return (whole.removesuffix(site).rstrip(" _|｜–—-") if site else _SITE.sub("", whole)) or whole


def _date(page: Page) -> dt.date | None:
    """Return the day of publication that a meta tag or the page's JSON-LD states."""
    stated = [page.tags[name] for name in DATE_TAGS if name in page.tags] + page.published
    return next((day for value in stated if (day := _day(value))), None)


def _day(value: str) -> dt.date | None:
    compact = _COMPACT_DATE.match(value)
    return find_date("-".join(compact.groups()) if compact else value)


def _beside_title(strings: Sequence[str], title: str | None) -> tuple[list[tuple[str, str]], Sequence[str]]:
    """Return the metadata that follows the title, perhaps outside of the main text, and the pieces of text it is in.

    A label and what it labels are often two pieces; what comes after them adds no pair.
    """
    for start in (index + 1 for index, text in enumerate(strings) if text == title):
        best: list[tuple[str, str]] = []
        pieces: Sequence[str] = ()
        for count in range(1, LABEL_PIECES + 1):
            pairs = metadata_of(" ".join(strings[start : start + count]))
            if len(pairs) > len(best):
                best, pieces = pairs, strings[start : start + count]
        if best:
            return best, pieces
    return [], ()


# Lines of the main text


def _lines(body: Any) -> Iterator[Line]:  # noqa: ANN401
    """Yield the lines of trafilatura's body: head, p, quote, code, list of items, table of rows of cells, lb."""
    known = sum(element.tag == "head" for element in body.iter("head")) > 1  # one alone is the title
    for text, element in _texts(body):
        kind, level = _kind(element, known)
        for line in filter(None, map(_bare, text.split("\n"))):
            yield Line(line, 1, False, None, "\n" not in text.strip(), kind, level)


def _kind(element: Any, known: bool) -> tuple[BlockKind | None, int]:  # noqa: ANN401
    """Return what the page says of an element; None leaves it to be found out, as bold paragraphs may be headings."""
    if element.tag == "head":
        level = re.search("[1-6]", element.get("rend") or "")
        return "heading", int(level[0]) if level else 1
    if element.tag in ("p", "body", "div") and (not known or is_caption("".join(element.itertext()))):
        return None, 1
    return "paragraph", 1


def _texts(element: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the text of every block with its element, in reading order; a new line stands for <br>."""
    if element.tag == "row":
        yield " ".join(_bare("".join(cell.itertext())) for cell in element), element
        return
    inline: list[str] = [element.text or ""]
    for child in element:
        if child.tag in _BLOCKS or child.tag == "head":
            yield "".join(inline), element
            inline = []
            yield from _texts(child)
        elif child.tag == "lb":
            inline.append("\n")
        else:
            inline.append("".join(child.itertext()) if isinstance(child.tag, str) else "")
        inline.append(child.tail or "")
    yield "".join(inline), element
