"""Addresses of paragraphs, whatever a report is called."""

import pytest

from bot.links import CitedWords, paragraph_url, read_cited
from bot.selectors import selector_of


@pytest.mark.parametrize(
    ("document_id", "address"),
    [
        ("2022/a", "/documents/2022/a/view#p12"),
        ("通知 #1?&", "/documents/%E9%80%9A%E7%9F%A5%20%231%3F%26/view#p12"),
        ("甲/a", "/documents/%E7%94%B2/a/view#p12"),
    ],
)
def test_a_paragraph_has_an_address_that_any_browser_takes(document_id, address):
    assert paragraph_url(document_id, 12) == address


@pytest.mark.parametrize(
    ("mark", "quoted", "cited"),
    [
        (
            "3-9",
            str(selector_of("六个字的引文", "前", "后")),
            CitedWords(3, 9, selector_of("六个字的引文", "前", "后")),
        ),
        ("3-9", "nonsense", CitedWords(3, 9)),
        ("3-9", None, CitedWords(3, 9)),
        ("<script>", str(selector_of("引", "", "")), None),
        (None, None, None),
    ],
)
def test_what_an_address_says_of_cited_words_is_read_back(mark, quoted, cited):
    assert read_cited(mark, quoted) == cited
    if cited and cited.selector:
        assert cited.query == f"mark={mark}&quote={quoted}"
