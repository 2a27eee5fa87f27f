"""Of a news page the article comes out, whole; what stands around it stays out."""

from __future__ import annotations

import pytest

from retrieval.corpus.formats.html import read_html

TITLE = "石桥镇新建三座冷库"
FIRST = "石桥镇供销社十一日宣布，今年在镇东新建三座冷库，总投资四千三百万元。"
SECOND = "项目由供销社主任骆庭筠牵头，预计明年五月投用，可服务周边六百户菜农。"
THIRD = "菜农们说，有了冷库，菜价低的时候也不用急着卖，心里踏实多了。"
OTHER = "全县中小学九月一日统一开学，疾控部门提醒师生做好防护，注意错峰出行。"
ANOTHER = "县医院新大楼昨日封顶，预计明年底投入使用，设床位六百张，投资两亿元。"


def texts(article: str, below: str = "", aside: str = "") -> list[str]:
    data = f"""<html><head><title>{TITLE}_石桥新闻网</title></head><body><div class="top"><a href="/">首页</a></div>
    <div class="main"><div class="box"><div class="head"><h2>{TITLE}</h2><div>2021-08-12 09:30
    <span>来源：石桥日报</span></div></div>{article}{below}</div>{aside}</div></body></html>"""
    return [block.text for block in read_html(data.encode()).blocks]


@pytest.mark.parametrize(
    "article",
    [
        '<div style="overflow: hidden;"><p>{}</p><p>{}</p><p>{}</p></div>',
        "<div>{}<p>{}</p>{}</div>",
        "<div>\n　　{}<br><br>　　{}<p></p>\n{}</div>",
        "<div><span>{}</span><p>{}</p><span><font>{}</font></span></div>",
        "<div><p>{}</p><center><strong>{}</strong></center><p>{}</p></div>",
        "<div><section><section><p>{}</p></section><section><p>{}</p></section></section><section>{}</section></div>",
        "<table><tr><td><p>{}</p><p>{}</p><div>{}</div></td></tr></table>",
        "<article class='post share-box'><p>{}</p><p>{}</p><p>{}</p></article>",
    ],
)
def test_the_body_is_read_whole_in_whatever_it_stands(article):
    recommended = f"<h3>为你推荐</h3><p>{OTHER}</p><p>2021-08-11 10:20</p><p>{ANOTHER}</p><p>2021-08-10 08:15</p>"
    assert texts(article.format(FIRST, SECOND, THIRD), recommended) == [FIRST, SECOND, THIRD]


RANKS = "".join(
    f"<li><span>{n}</span><span>{63103 - n}</span><a href='/{n}'>邻市新增病例{n}例 学校停课</a></li>"
    for n in range(1, 6)
)
ITEMS = "".join(
    f"<div class=i><div><a href='/{n}'>县医院新大楼封顶之{n}</a></div><div>{OTHER}</div><i>01-0{n}</i></div>"
    for n in range(1, 5)
)
CARDS = "".join(f"<h3>{name}</h3><p>{OTHER}</p><p>2021-08-0{day} 08:11</p>" for day, name in enumerate("甲乙丙丁", 1))


@pytest.mark.parametrize(
    "below",
    [
        f"<div><h3>热度排行</h3><ul>{RANKS}</ul></div>",
        f"<ol>{RANKS}</ol>",
        f"<div><h3>大家都在看</h3></div><div><p>{OTHER}</p></div>",
        f"<h4>【相关阅读】</h4><p>{OTHER}</p><p>{ANOTHER}</p>",
        f"<p><b>延伸阅读：</b></p><p><a href='/1'>{OTHER}</a></p><p><a href='/2'>{ANOTHER}</a></p>",
        f"<div class='news-recommend'><p>{OTHER}</p></div>",
        f"<div id='comment_list'><div><p>{OTHER}</p></div><div><p>{ANOTHER}</p></div></div>",
        f"<h3>网友评论（2条）</h3><div><p>{OTHER}</p></div><div><p>{ANOTHER}</p></div>",
        f"<h2>延伸閱讀</h2><p>{OTHER}</p><h2>網友評論</h2><p>{ANOTHER}</p>",
        "<p>未經授權，不得轉載本網內容。</p>",
        CARDS,
        ITEMS,
        f"<div>{ITEMS}</div>",
        "<p>声明：本网力求信息真实，据此操作风险自担。</p>",
        "<p>更多精彩内容，请关注石桥发布微信公众号</p><p>扫描二维码下载客户端</p>",
        "<p>24小时滚动播报最新资讯</p>",
        "<p>未经授权，任何单位不得转载本网内容。</p><p>违法和不良信息举报电话：0000-1234567</p>",
        "<p>分享到：微信 微博 QQ空间</p><p>上一篇：<a href='/3'>全县粮食产能再创新高</a></p>",
        f"<p style='display:none'>{OTHER}</p>",
    ],
)
def test_what_stands_below_an_article_is_not_of_it(below):
    assert texts(f"<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>", below) == [FIRST, SECOND, THIRD]
    assert texts(f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>", below) == [FIRST, SECOND, THIRD]


def test_sections_of_their_own_are_one_article_though_a_column_beside_them_is_longer_than_each():
    sections = "".join(f"<div><p>{text}</p></div>" for text in (FIRST, SECOND, THIRD))
    assert texts(sections, "", f"<div class='aside'><p>{OTHER}</p></div>") == [FIRST, SECOND, THIRD]


def test_what_stands_beside_the_title_never_swallows_a_short_text():
    below = "<div>[责任编辑：王五 PN123]</div>"
    assert texts(f"<div><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>", below) == [FIRST, SECOND, THIRD]


def test_a_notice_that_names_an_account_for_a_purpose_is_text():
    account = "请关注“健康石桥”微信公众号预约检测。"
    assert texts(f"<div><p>{FIRST}</p><p>{account}</p></div>") == [FIRST, account]


def test_a_column_beside_the_article_is_not_of_it():
    aside = f"<div class='col-right'><p>热点：{OTHER}</p><p>{ANOTHER}</p></div>"
    assert texts(f"<div><p>{FIRST}</p><p>{SECOND}</p></div>", "", aside) == [FIRST, SECOND]


def test_the_articles_own_sections_stay_though_they_are_called_like_menus():
    sections = f"<h2>最新动态</h2><p>{SECOND}</p><h2>相关信息</h2><p>{THIRD}</p>"
    assert texts(f"<div><p>{FIRST}</p>{sections}</div>") == [FIRST, "最新动态", SECOND, "相关信息", THIRD]


def test_a_sentence_about_an_app_stays_where_the_article_goes_on():
    app = "菜农可以下载“石桥冷链”客户端预约库位，每天更新。"
    long = [f"第{n}处库房由合作社统一管理，每天检查温度三次，记录在案。" for n in range(1, 9)]
    paragraphs = [FIRST, SECOND, THIRD, app, *long]
    assert texts(f"<div>{''.join(f'<p>{text}</p>' for text in paragraphs)}</div>") == paragraphs


@pytest.mark.parametrize("days", [("1月2日", "1月5日", "1月9日"), ("2020-01-02", "2020-01-05", "2020-01-09")])
def test_a_chronicle_keeps_its_days(days):
    entries = [part for day, text in zip(days, (FIRST, SECOND, THIRD), strict=True) for part in (day, text)]
    read = texts(f"<div><p>{OTHER}</p>{''.join(f'<p>{part}</p>' for part in entries)}</div>")
    assert read == [OTHER, *entries]


def test_a_list_of_links_with_what_they_are_is_the_articles_own():
    links = "".join(f"<li><a href='/{n}'>冷库{n}号库房</a>：库容{n}千吨，已投用，服务三百户</li>" for n in range(1, 5))
    read = [FIRST, *(f"冷库{n}号库房：库容{n}千吨，已投用，服务三百户" for n in range(1, 5)), SECOND]
    assert texts(f"<div><p>{FIRST}</p><ul>{links}</ul><p>{SECOND}</p></div>") == read


def test_notices_are_kept_as_furniture():
    data = f"<h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p><p>欢迎关注石桥发布</p>".encode()
    assert read_html(data).furniture == ("欢迎关注石桥发布",)


def test_captions_and_subheads_in_any_element_stand_where_they_stood():
    article = (
        f"<div><p>{FIRST}</p><figure><img src=a.jpg><figcaption>冷库外景</figcaption></figure><span>菜农心声</span>"
        f"<p>{SECOND}</p><div><strong>下一步</strong></div><p>{THIRD}</p></div>"
    )
    assert texts(article) == [FIRST, "冷库外景", "菜农心声", SECOND, "下一步", THIRD]
    assert [block.kind for block in read_html(article.encode()).blocks][1] == "caption"


def test_a_title_that_is_only_a_column_gives_way_to_the_line_above_the_date():
    data = f"""<html><head><title>新闻动态--石桥镇官网</title></head><body><div>首页 - 新闻动态</div>
    <div>{TITLE}召开现场会</div><div>发布时间：2021-08-12</div><div><p>{FIRST}</p><p>{SECOND}</p></div></body></html>"""
    assert read_html(data.encode()).title == f"{TITLE}召开现场会"
