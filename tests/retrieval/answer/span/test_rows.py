"""A row of a table is answered by the cell of the column that the question names, with the real encoder."""

from __future__ import annotations

import pytest

from retrieval.answer.answerer import Answerer
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Question

REPORTS = {
    "分馆.md": """# 东湖区图书馆开放安排

区图书馆公布各分馆开放时间，读者凭身份证入馆。

| 分馆 | 开放时间 | 闭馆日 | 座位 | 负责人 |
|---|---|---|---|---|
| 总馆 | 8:30-21:00 | 周一 | 860 | 周明远 |
| 梅溪分馆 | 9:00-18:00 | 周二 | 1,240 | 罗秀兰 |
| 竹园分馆 | 9:00-17:30 | 周三 | 95 | 容海生 |
| 合计 | | | 2,195 | |

自习室须提前一天预约。
""",
    "码头.html": """<html><head><title>码头收费公示</title></head><body><h1>码头收费公示</h1>
<p>港务处将本年度收费标准公示如下，欢迎监督，收费时开具发票。</p><table>
<tr><th rowspan=2>船型</th><th colspan=2>费用</th></tr>
<tr><th>泊位费（元/天）</th><th>淡水费（元/吨）</th></tr><tr><td>小型渔船</td><td>35</td><td>4.5</td></tr>
<tr><td>大型渔船</td><td>120</td><td>4.0</td></tr></table><p>监督电话见下表。</p>
<table><tr><td>监督邮箱</td><td>jd@lzyg.cn</td></tr><tr><td>监督人</td><td>孙蕴芳</td></tr></table></body></html>""",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory, real_encoder: SentenceEncoder) -> Answerer:
    folder = tmp_path_factory.mktemp("tables")
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    build_index([folder], folder / ".index", real_encoder)
    return Answerer(load_snapshot(folder / ".index"), real_encoder)


@pytest.mark.parametrize(
    ("question", "row", "span"),
    [
        ("梅溪分馆几点开放？", "梅溪分馆", "9:00-18:00"),
        ("竹园分馆哪天闭馆？", "竹园分馆", "周三"),
        ("总馆有多少个座位？", "总馆", "860"),
        ("谁负责竹园分馆？", "竹园分馆", "容海生"),
        ("周二闭馆的是哪个分馆？", "梅溪分馆", "梅溪分馆"),
        ("大型渔船的泊位费是多少？", "大型渔船", "120"),
        ("小型渔船淡水费每吨多少钱？", "小型渔船", "4.5"),
        ("监督邮箱是什么？", "监督邮箱", "jd@lzyg.cn"),
        ("监督人是谁？", "监督人", "孙蕴芳"),
        # the most and the least, by value, sums aside
        ("哪个分馆的座位最多？", "梅溪分馆", "梅溪分馆"),
        ("座位最少的是哪个分馆？", "竹园分馆", "竹园分馆"),
        ("泊位费最高的是哪种船？", "大型渔船", "大型渔船"),
        ("淡水费最高是多少？", "小型渔船", "4.5"),
    ],
)
def test_the_cell_of_the_column_that_is_asked_for_answers(answerer, question, row, span):
    answer = answerer.ask(Question(question))
    assert answer.answer is not None
    assert (answer.answer.text.split("\t")[0], answer.answer.span) == (row, span)
    (cited, *_) = answer.citations
    assert cited.row is not None
    assert cited.quote == answer.answer.text
    assert (answer.answer.span_start, answer.answer.span_end) in [(cell.start, cell.end) for cell in cited.row.cells]


def test_a_header_is_no_passage_and_its_words_are_never_the_answer(answerer):
    texts = [passage.text for passage in answerer.snapshot.passages]
    assert [text for text in texts if "闭馆日" in text or "泊位费" in text] == []
    assert "闭馆日" in answerer.snapshot.by_id["分馆"].text


def test_a_question_that_names_no_column_has_the_row_and_no_few_words(answerer):
    answer = answerer.ask(Question("梅溪分馆的情况"))
    assert answer.citations[0].quote.startswith("梅溪分馆")
    assert answer.answer is None or answer.answer.span is None
