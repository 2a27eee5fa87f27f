"""What a page says of itself: meta tags, title, the names that stand beside its title; and its pieces of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from retrieval.corpus.formats.web.tree import is_head
from retrieval.corpus.metadata import metadata_of

TITLE_TAGS = ("articletitle", "og:title", "dc.title", "dcterms.title", "twitter:title", "title")
SITE_TAGS = ("og:site_name", "sitename")
"""Names of meta tags in lower case, the most telling first; ArticleTitle, PubDate and ContentSource are those that
Chinese government sites must set (政府网站发展指引, 2017)."""
COLUMN_CHARACTERS = 10
"""A title of so few characters may be the name of a column (新闻动态)."""
TITLE_CHARACTERS = (8, 80)
MOST_TITLES = 10
"""Places of a page that show its title, beside which anything is looked for."""
BESIDE_CHARACTERS = 100
"""A longer piece of text is not beside the title any more."""
LABEL_PIECES = 12
"""Pieces of text below a title among which date and source are looked for."""

_SITE = re.compile(r"\s*[_|｜–—-]+\s*[^_|｜–—-]{0,20}(?:网|日报|晚报|新闻|政府|门户|频道|在线|平台)[^_|｜–—-]{0,10}$")
_PUBLISHED = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    tags: dict[str, str]
    """Its meta tags; names in lower case."""
    title: str
    headings: list[str]
    """The text of every <h1>."""
    published: list[str]
    """Days of publication in its JSON-LD and in elements that are marked as such."""
    address: str
    """Where it stood, as far as it says so."""
    strings: list[str]
    """All its pieces of text, in reading order."""

    def first(self, names: Sequence[str]) -> str | None:
        """Return the first of these meta tags that is there."""
        return next((self.tags[name] for name in names if name in self.tags), None)


def page_of(tree: Any) -> Page:  # noqa: ANN401 - lxml has no types
    """Return what the tree of a page says of itself."""
    tags: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        value = _bare(element.get("content") or "")
        if name and value:
            tags.setdefault(name.strip().lower(), value)
    canonical = [link.get("href") or "" for link in tree.iter("link") if link.get("rel") == "canonical"]
    return Page(
        tags=tags,
        title=next((title for element in tree.iter("title") if (title := _bare(element.text_content()))), ""),
        headings=[heading for element in tree.iter("h1") if (heading := _bare(element.text_content()))],
        published=_published(tree),
        address=next(filter(None, [*canonical, tags.get("og:url", "")]), ""),
        strings=[
            text
            for string in tree.xpath("//body//text()[not(parent::script or parent::style)]")
            if (text := _bare(string))
        ],
    )


def _published(tree: Any) -> list[str]:  # noqa: ANN401
    scripts = [script.text or "" for script in tree.iter("script") if script.get("type") == "application/ld+json"]
    marked = tree.xpath("//body//*[@itemprop='datePublished']|//body//time[@pubdate]")
    times = marked or ([*tree.iter("time")] if len([*tree.iter("time")]) == 1 else [])
    shown = [time.get("content") or time.get("datetime") or _bare(time.text_content())[:40] for time in times]
    return [day for script in scripts for day in _PUBLISHED.findall(script)] + shown


def title_of(page: Page) -> str | None:
    """Return the page's title without the name of the site behind it; None if there is none."""
    whole = page.first(TITLE_TAGS) or page.title
    if not page.headings and len(_without_site(page, whole)) <= COLUMN_CHARACTERS and (above := _above_date(page)):
        return above
    if not whole:
        return page.headings[0] if len(page.headings) == 1 else None
    shown = [heading for heading in page.headings if len(heading) >= 4 and whole.startswith(heading)]
    shown += [text for text in page.strings if len(text) >= 8 and _continues(whole, text)]
    if shown:
        return max(shown, key=len)
    return _without_site(page, whole)


def _without_site(page: Page, whole: str) -> str:
    site = page.first(SITE_TAGS)
    bare = whole.removesuffix(site).rstrip(" _|｜–—-") if site else _SITE.sub("", whole) if len(whole) < 300 else ""
    return bare or whole


def _above_date(page: Page) -> str | None:
    """Return what stands directly above the first date line, if that may be a title."""
    least, most = TITLE_CHARACTERS
    for above, text in pairwise(page.strings):
        if is_head(text) and least <= len(above) <= most and not metadata_of(above) and not is_head(above):
            return above
    return None


def _continues(whole: str, text: str) -> bool:
    """Whether a title is ``text`` with the name of a site or a column behind it."""
    return whole.startswith(text) and (whole == text or whole[len(text)] in " _|｜–—-(（<")


def beside_title(strings: Sequence[str], title: str | None) -> tuple[list[tuple[str, str]], Sequence[str]]:
    """Return the metadata that follows the title, perhaps outside of the main text, and the pieces of text it is in.

    A label and what it labels are often two pieces; what comes after them adds no pair, and the text begins with the
    first sentence.
    """
    starts = [index + 1 for index, text in enumerate(strings) if text == title]
    for start in starts[:MOST_TITLES]:
        best: list[tuple[str, str]] = []
        pieces: Sequence[str] = ()
        for count in range(1, LABEL_PIECES + 1):
            if any(_begins_text(text) for text in strings[start : start + count][-1:]):
                break
            pairs = metadata_of(" ".join(strings[start : start + count]))
            if len(pairs) > len(best):
                best, pieces = pairs, strings[start : start + count]
        if best:
            return best, pieces
    return [], ()


def _begins_text(text: str) -> bool:
    return len(text) > BESIDE_CHARACTERS or bool(re.search("[。！？；]", text))


def _bare(text: str) -> str:
    return " ".join(text.split())
