"""Addresses in messages: which pages can be linked, and what deep links say."""

from __future__ import annotations

import asyncio

import pytest
from bot_api import checked_link
from telegram_samples import a_citation, a_document

from bot.service.shelf import Shelf
from bot.telegram.links import Links, document_with, read_start_payload, short_id, start_payload

QUERY = "?mark=0-3&quote=ADPSemPWV-1a5K5K"


@pytest.mark.parametrize(
    ("public_url", "link"),
    [
        (None, None),
        ("https://a.example", f"https://a.example/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view{QUERY}#p3"),
        (
            "https://a.example/wenbao/",
            f"https://a.example/wenbao/documents/%E6%9F%90/%E6%8A%A5%E5%91%8A/view{QUERY}#p3",
        ),
    ],
)
def test_a_source_is_linked_where_a_public_address_is_configured(public_url, link):
    assert Links(public_url).page_of(a_citation()) == link


@pytest.mark.parametrize(
    "public_url",
    [
        "https://ask.example.org",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://someone@ask.example.org/a",
        "http://问报.example",
        "http://localhost:8000",
        "http://localhost",
        "http://intranet/wenbao.html",
        "http://some.one@intranet",
        "https://",
        "http:///path.html",
        "http://[::1",
    ],
)
def test_a_host_that_telegram_refuses_is_not_linked_because_the_whole_message_would_be_refused(public_url):
    try:
        accepted = bool(checked_link(public_url)) and public_url != "http://[::1"  # which no link was ever made of
    except ValueError:
        accepted = False
    links = Links(public_url)
    assert (links.lead_to_pages, links.page_of(a_citation()) is not None) == (accepted, accepted)


def test_the_bots_name_is_learnt_once_for_all_who_share_the_links():
    links, document = Links(None), a_document("题目", "一。", identifier="d1")
    links.bot_username = "wenbao_bot"
    assert links.start_link(document, 1) == f"https://t.me/wenbao_bot?start=p-{short_id('d1')}-1"


def test_a_deep_link_names_a_report_and_a_paragraph():
    documents = [a_document("题目", "一。", identifier=f"d{number}") for number in range(3)]
    read = read_start_payload(start_payload("d1", 12))
    assert read == (short_id("d1"), 12)
    shelf = Shelf("000001-00000000", documents, {one.document_id: one for one in documents}, 3, "stub", None, None)
    assert asyncio.run(document_with(short_id("d1"), shelf)) is documents[1]
    assert asyncio.run(document_with(short_id("d9"), shelf)) is None
    for payload in ("", "nonsense", "p-1-1", f"p-{short_id('d1')}-", f"p-{short_id('d1')}-1234567"):
        assert read_start_payload(payload) is None
