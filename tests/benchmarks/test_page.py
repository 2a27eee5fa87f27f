"""The report as a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from benchmarks.harness.page import page
from benchmarks.made_up import a_report, a_set, some_rows

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Balanced(HTMLParser):
    """Notes elements that are closed in another order than they were opened, and every address."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("report", [a_report(some_rows(), [a_set()]), a_report([])], ids=["full", "empty"])
def test_the_page_is_whole_and_loads_nothing(report):
    html = page(report)
    parser = Balanced()
    parser.feed(html)
    assert (parser.open, parser.wrong, parser.addresses) == ([], [], [])
    assert not re.search(r"https?:|//\w|@import|url\(|<script", html)


def test_the_page_shows_verdicts_figures_and_failures_escaped():
    html = page(a_report(some_rows(), [a_set()]))
    for text in (
        "3 of 4",
        "held, within noise",
        "not measured",
        "it fell over &lt;here&gt;",
        "A &amp; B",
        "A quick run",
    ):
        assert text in html, text
    assert html.count("<svg") == 1 + 1 + 4
