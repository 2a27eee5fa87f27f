"""The day of publication: what a tag says, what stands beside the title or below the text, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest

from retrieval.corpus.formats.html import read_html

TITLE = "石桥镇新建三座冷库"
FIRST = "石桥镇供销社十一日宣布，今年在镇东新建三座冷库，总投资四千三百万元。"
SECOND = "项目预计明年五月投用，可服务周边六百户菜农，2018年3月1日动工的二期也在推进。"
OTHERS = (
    "<h3>相关阅读</h3><ul>"
    + "".join(f"<li><a href='/{n}'>菜农喜获丰收之{n}</a><span>2021-01-0{n} 08:00</span></li>" for n in range(1, 5))
    + "</ul>"
)
COMMENTS = (
    "<div class='comments'><h3>网友评论</h3><div>老李</div><div>2021-02-03 10:20</div><p>好事情，支持！</p></div>"
)
FOOTER = "<div class='bottom'>版权所有 石桥新闻网 2021-12-31 京ICP备12345678号</div>"
DAY = dt.date(2019, 9, 7)


def page(head: str = "", above: str = "", beside: str = "", below: str = "") -> bytes:
    return f"""<html><head><title>{TITLE}_石桥新闻网</title>{head}</head><body><div>今天是2021年11月20日 星期六</div>
    <div class="left">{above}<h1>{TITLE}</h1><div class="info">{beside}</div>
    <div class="txt"><p>{FIRST}</p><p>{SECOND}</p></div>{below}{OTHERS}{COMMENTS}</div>{FOOTER}</body>""".encode()


@pytest.mark.parametrize(
    "beside",
    [
        "<span>2019-09-07 10:20</span>",
        "<span>石桥日报</span><span>2019-09-07 10:20:33</span><span>阅读 1203</span>",
        "发布时间：<em>2019/9/7</em>",
        "时间：2019.09.07 10:20 来源：石桥日报",
        "日期：2019年9月7日",
        "发表于 2019-09-07",
        "老王 发布于 2019-09-07 10:20 · 浏览 33",
        "<b>2019年09月07日</b><i>10:20</i>",
        "<b>2019</b><i>09/07</i><u>10:20</u>",
        "<span>19-09-07</span><span>10:20</span>",
        "发布时间：19-09-07 10:20",
        "Sat, September 7, 2019",
        "7 Sep 2019, 10:20",
        "民國108年9月7日",
        "2019-09-07T10:20:00+08:00",
        "二〇一九年九月七日",
        "發佈日期：108.09.07",
        "發表於：108-9-7 10:20",
        "108年9月7日",
        "发布日期：20190907",
        "２０１９－０９－０７",
        "2019-09-0710:20:33",
    ],
)
def test_the_day_beside_the_title_is_read_however_it_is_written(beside):
    assert read_html(page(beside=beside)).date == DAY


@pytest.mark.parametrize(
    "below",
    [
        "<div>2019-09-07 10:20</div>",
        "<ul><li>分享</li><li>发布日期：2019-09-07 10:20 所属分类：乡镇</li></ul>",
        "<p>石桥镇供销社</p><p>2019年9月7日</p>",
    ],
)
def test_without_one_there_the_day_directly_below_the_text_is_taken(below):
    assert read_html(page(below=below)).date == DAY


def test_the_day_above_the_title_goes_before_one_below_the_text():
    assert read_html(page(above="<div>2019-09-07</div>", below="<p>2018年1月1日</p>")).date == DAY


@pytest.mark.parametrize("beside", ["", "<span>09-07 10:20</span>", "<span>来源：石桥日报</span>"])
def test_no_day_is_taken_from_other_articles_comments_footers_or_the_text(beside):
    assert read_html(page(beside=beside)).date is None


@pytest.mark.parametrize(
    ("head", "beside", "date"),
    [
        ('<link rel="canonical" href="http://a.example/2019/0907/c12-34.html">', "", DAY),
        ('<link rel="canonical" href="http://a.example/2019-10/01/t.html">', "<span>09-07 10:20</span>", DAY),
        ('<meta property="og:url" content="http://a.example/20190907/34.html">', "", DAY),
        ('<link rel="canonical" href="http://a.example/20180101/34.html">', "<span>2019-09-07</span>", DAY),
        ('<link rel="canonical" href="http://a.example/article/201919990712.html">', "", None),
    ],
)
def test_the_address_says_the_day_or_the_year_where_the_page_does_not(head, beside, date):
    assert read_html(page(head, beside=beside)).date == date


@pytest.mark.parametrize(
    ("head", "beside", "date"),
    [
        ('<meta property="article:published_time" content="2019-09-07T10:20">', "<span>2019-09-08</span>", DAY),
        ('<meta name="date" content="2021-05-05">', "<span>2019-09-07</span>", DAY),
        ('<meta name="date" content="2019-09-07">', "", DAY),
        ('<meta name="build" content="2021-05-05">', "", None),
        ('<script type="application/ld+json">{"pubDate": "2019-09-07T10:20:00"}</script>', "", DAY),
        ("", '<time datetime="2019-09-07T10:20">三天前</time>', DAY),
        ("", '<span itemprop="datePublished" content="2019-09-07">上周</span>', DAY),
    ],
)
def test_tags_of_publication_go_before_the_page_and_vague_ones_behind_it(head, beside, date):
    assert read_html(page(head, beside=beside)).date == date
