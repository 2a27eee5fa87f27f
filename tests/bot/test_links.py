"""Addresses of paragraphs, whatever a report is called."""

import pytest

from bot.links import paragraph_url


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
