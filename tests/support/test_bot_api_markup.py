"""How the Bot API server reads HTML, links, commands and mentions."""

from __future__ import annotations

import pytest
from bot_api import ApiError, checked_link, found_entities, parse_html


def test_html_becomes_plain_text_with_entities_counted_in_utf16_units():
    parsed = parse_html(
        "😀<b>孙&lt;芸&gt;</b> &amp; <i><u>x</u></i> <a href='http://A.example/p?q=1&amp;r=2#p3'>[1]</a> "
        '<pre><code class="language-python">1</code></pre><code class="language-c">c</code>'
        '<span class="tg-spoiler">s</span><blockquote expandable>q</blockquote>&#x1F600;&nbsp;&#0;'
    )
    assert parsed.text == "😀孙<芸> & x [1] 1csq😀&nbsp;&#0;"
    assert parsed.entities == (
        {"type": "bold", "offset": 2, "length": 4},
        {"type": "underline", "offset": 9, "length": 1},
        {"type": "italic", "offset": 9, "length": 1},
        {"type": "text_link", "offset": 11, "length": 3, "url": "http://a.example/p?q=1&r=2#p3"},
        {"type": "pre", "offset": 15, "length": 1, "language": "python"},
        {"type": "code", "offset": 16, "length": 1},
        {"type": "spoiler", "offset": 17, "length": 1},
        {"type": "expandable_blockquote", "offset": 18, "length": 1},
    )


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
        ("文<x>", 'Unsupported start tag "x" at byte offset 3'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("文<b", "Unclosed start tag at byte offset 3"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=http://x.y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href='x>x</a>", "Unclosed start tag at byte offset 0"),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id='x'>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        ("\0", "Text must not contain null bytes"),
        (
            "&#xd800;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_bad_html_is_refused_in_telegrams_words(source, error):
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {error}"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Example.org", "https://example.org/"),
        ("example.org/a?u=http://b", "http://example.org/a?u=http://b"),
        ("http://127.0.0.1:8000/documents/院长/view#p12", "http://127.0.0.1:8000/documents/院长/view#p12"),
        ("http://[::1]:8000?q", "http://[::1]:8000/?q"),
        ("tg://user?id=1", "tg://user?id=1"),
        ("http://localhost:8000/x", "Wrong HTTP URL"),
        ("ftp://example.org", "Unsupported URL protocol"),
        ("https:///x", "URL host is empty"),
    ],
)
def test_a_link_is_kept_or_refused_as_telegram_does(url, kept):
    try:
        assert checked_link(url) == kept
    except ValueError as error:
        assert str(error) == kept


def test_commands_and_mentions_are_marked_only_between_non_letters():
    assert found_entities("😀 /ask@wenbao_bot 谁 @ann.") == [
        {"type": "bot_command", "offset": 3, "length": 15},
        {"type": "mention", "offset": 21, "length": 4},
    ]
    assert found_entities("/ask谁 请问@wenbao_bot 好吗 a/b <c/d> x@y") == []
