"""HTML reports: the main text without menus, and what the page says of itself."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.corpus.draft import Block, Draft, Row
from retrieval.corpus.formats.html import decode_html, read_html
from retrieval.errors import ReportUnreadable
from retrieval.parts import Cell

MENU = (
    "<ul>"
    + "".join(f"<li><a href='/{name}'>{name}</a></li>" for name in ("首页", "政务公开", "新闻中心", "专题专栏"))
    + "</ul>"
)
FIRST = "连日来，株洲各级基层党组织闻令而动，广大党员冲锋在前，筑起一道道防控的屏障。"
SECOND = "1月27日，孙蕴华接听了400个求助电话，她说：“我是党员，我先上。”"
THIRD = "夜里十一点，社区的灯还亮着，志愿者们正在登记第二天需要的物品。"


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


def texts(data: bytes) -> list[str]:
    return [block.text for block in read_html(data).blocks]


def reason(data: bytes) -> str:
    with pytest.raises(ReportUnreadable) as caught:
        read_html(data)
    return str(caught.value)


def test_the_main_text_is_read_without_menus_scripts_and_footers():
    data = page(
        f"""<nav>{MENU}</nav><div class="main"><h1>防控的屏障</h1><p>{FIRST}</p><h2>最美的身影</h2>
        <p>{SECOND}</p><table><tr><th>姓名</th><th>电话</th></tr><tr><td>张三</td><td>123</td></tr></table>
        <ul><li>白菜五十斤</li><li>土豆三十斤</li></ul><h3>灯光</h3><p>{THIRD}</p></div>
        <aside><h3>相关新闻</h3>{MENU}</aside><footer>版权所有 株洲日报社</footer><script>alert("脚本")</script>""",
        "<title>防控的屏障_株洲日报</title>",
    )
    assert read_html(data) == Draft(
        (
            Block("paragraph", FIRST),
            Block("heading", "最美的身影", 2),
            Block("paragraph", SECOND),
            Block("row", "姓名\t电话", row=Row((Cell(0, 2), Cell(3, 5)), is_header=True, begins=True)),
            Block("row", "张三\t123", row=Row((Cell(0, 2), Cell(3, 6)))),
            Block("paragraph", "白菜五十斤"),
            Block("paragraph", "土豆三十斤"),
            Block("heading", "灯光", 3),
            Block("paragraph", THIRD),
        ),
        title="防控的屏障",
    )


def test_meta_tags_give_title_date_source_and_author():
    head = """<title>别的</title><meta name="ArticleTitle" content="防控的屏障">
    <meta name="PubDate" content="2020-02-01 13:30">
    <meta name="ContentSource" content="株洲日报"><meta name="author" content="王珈">"""
    assert read_html(page(f"<p>{FIRST}</p><p>{SECOND}</p>", head)) == Draft(
        (Block("paragraph", FIRST), Block("paragraph", SECOND)),
        title="防控的屏障",
        date=dt.date(2020, 2, 1),
        source="株洲日报",
        metadata=(("author", "王珈"),),
    )


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta property="article:published_time" content="2022-03-12T08:30:00+08:00">', dt.date(2022, 3, 12)),
        ('<meta name="publishdate" content="20220312">', dt.date(2022, 3, 12)),
        ('<meta itemprop="datePublished" content="2022/3/12">', dt.date(2022, 3, 12)),
        ('<script type="application/ld+json">{"datePublished": "2022-03-12T08:30"}</script>', dt.date(2022, 3, 12)),
        ('<meta name="pubdate" content="2022-02-30">', None),
        ('<meta name="generator-date" content="2022-03-12">', None),
        ("", None),
    ],
)
def test_a_date_is_what_a_tag_states_and_never_guessed(head, date):
    assert read_html(page(f"<p>{FIRST}</p><p>2021年，一切都变了。</p><p>&copy; 2019 株洲</p>", head)).date == date


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>防控的屏障_株洲日报</title>", "", "防控的屏障"),
        ("<title>防控的屏障 - 里水镇人民政府网</title>", "", "防控的屏障"),
        ("<title>战“疫” - 在一线</title>", "", "战“疫” - 在一线"),
        ("<title>防控的屏障|频道|网站</title>", "<h1>防控的屏障</h1>", "防控的屏障"),
        (
            '<title>x</title><meta property="og:title" content="防控的屏障"><meta property="og:site_name" content="x">',
            "",
            "防控的屏障",
        ),
        ("", "<h1>防控的屏障</h1>", "防控的屏障"),
        ("", "", None),
    ],
)
def test_a_title_is_without_the_site_behind_it(head, body, title):
    assert read_html(page(f"{body}<p>{FIRST}</p><p>{SECOND}</p>", head)).title == title


def test_a_line_below_the_title_gives_date_and_source_though_it_is_no_main_text():
    body = f"""{MENU}<div class="title">关于核酸检测的通告</div>
    <div class="info">发布时间：2022-03-12 <span>来源：</span><span>里水镇政府</span></div>
    <div class="content">　　各村（社区）：<br>　　经研究，决定于3月13日开展全员核酸检测。<br><br>
    　　请大家带好身份证。</div>"""
    draft = read_html(page(body, "<title>关于核酸检测的通告</title>"))
    assert (draft.title, draft.date, draft.source) == ("关于核酸检测的通告", dt.date(2022, 3, 12), "里水镇政府")
    assert [b.text for b in draft.blocks] == [
        "各村（社区）：",
        "经研究，决定于3月13日开展全员核酸检测。",
        "请大家带好身份证。",
    ]


def test_a_short_page_is_not_taken_for_its_menu():
    assert texts(page(f"{MENU}<p>灯还亮着。</p>")) == ["灯还亮着。"]


@pytest.mark.parametrize(
    "box",
    [
        "<article>{}</article>",
        "<div class='TRS_Editor'>{}</div>",
        "<div id='zoom'><div>{}</div></div>",
        "<table><tr><td class='nr'>{}</td></tr></table>",
        "{}",
    ],
)
def test_headings_and_lists_are_read_in_boxes_of_any_name(box):
    text = (
        f"<h2>一、身影</h2><p>{FIRST}</p><ul><li>白菜五十斤</li></ul><h2>二、灯光</h2><div>{SECOND}</div><p>{THIRD}</p>"
    )
    data = page(f"{MENU}{box.format(text)}<div class='bottom'>备案号123</div>", "<title>防控的屏障</title>")
    assert texts(data)[:6] == ["一、身影", FIRST, "白菜五十斤", "二、灯光", SECOND, THIRD]


def test_bold_lines_are_headings_where_the_page_has_no_others():
    data = page(f"<p>{FIRST}</p><p><b>一、检测时间</b></p><p>{SECOND}</p><p><b>二、检测地点</b></p><p>{THIRD}</p>")
    assert [(block.kind, block.text) for block in read_html(data).blocks] == [
        ("paragraph", FIRST),
        ("heading", "一、检测时间"),
        ("paragraph", SECOND),
        ("heading", "二、检测地点"),
        ("paragraph", THIRD),
    ]


def test_paragraphs_of_the_page_are_never_joined_and_captions_stand_apart():
    long = "志愿者们每天清晨六点钟就到小区门口集合把蔬菜和药品一户一户地送到居民手中从不叫苦从不叫累也从不迟到"
    assert read_html(page(f"<p>{FIRST}</p><p>{long}</p><p>▲志愿者在送菜。</p><p>{SECOND}</p>")).blocks == (
        Block("paragraph", FIRST),
        Block("paragraph", long),
        Block("caption", "▲志愿者在送菜。"),
        Block("paragraph", SECOND),
    )


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("big5", "big5"),
        ("gb2312", "utf-8"),
        ("utf-8", "gb18030"),
        ("GBK", "utf-16"),
    ],
)
def test_a_page_is_decoded_by_what_it_is_and_by_what_it_declares(declared, encoding):
    text = f'<html><head><meta charset="{declared}"></head><body><p>他們在門口送菜，燈還亮著。</p></body></html>'
    assert decode_html(text.encode(encoding)) == text


def test_an_xhtml_declaration_does_not_stop_the_reading():
    text = f'<?xml version="1.0" encoding="gb2312"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{FIRST}</p></body></html>'
    assert texts(text.encode("gb18030")) == [FIRST]


@pytest.mark.parametrize(
    "data",
    [
        page(""),
        page("<script>document.write('灯')</script>"),
        page(f"<nav>{MENU}</nav>"),
        b"<frameset><frame src=a></frameset>",
    ],
    ids=["nothing", "a script", "a menu", "frames"],
)
def test_a_page_without_text_is_named(data):
    assert reason(data) == "no text was found in the page (if a script writes it, save it from the browser)"


def test_entities_of_a_document_type_are_not_expanded():
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "灯" * 10}">' for i in range(12))
    draft = read_html(f"<!DOCTYPE html [{bomb}]><html><body><p>{FIRST}&e11;</p></body></html>".encode())
    assert sum(len(block.text) for block in draft.blocks) < 1000


@pytest.mark.parametrize(
    "odd",
    [
        "<p>" + "©" * 5_000_000 + "</p>",
        "<p>" + "2019-" * 100_000 + "</p>",
        "<title>" + "-_" * 500_000 + "</title>",
        "<ul><li><a>" * 200,
        "<h3>相关新闻</h3>" * 2000,
        "<b>a</b>" * 12_000,
    ],
    ids=["signs", "years", "a title", "depth", "markers", "pieces"],
)
def test_hostile_pages_are_read_in_bounds(odd):
    assert FIRST in "".join(texts(page(f"<p>{FIRST}</p><p>{SECOND}</p>{odd}")))


@pytest.mark.parametrize("moment", ["昨天", "昨天 08:30", "3小时前", "星期四", "刚刚"])
def test_a_moment_that_counts_from_the_reading_is_no_heading(moment):
    body = (
        f"<article><h1>水厂昨日恢复供水</h1><time>{moment}</time><p>经过三天抢修，水厂昨日恢复供水，居民用水恢复正常，水压稳定。</p>"
        "<p>水厂厂长说，今后将加强巡查，确保不再出现类似情况，请居民放心。</p></article>"
    )
    draft = read_html(page(body))
    assert ([block.text for block in draft.blocks if block.text == moment], draft.date) == ([], None)
