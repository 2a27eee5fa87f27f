"""A part that is asked for by its number comes first, though a question shares no other word with it."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Filters, Question

REPORTS = {
    "柑橘.txt": """柑橘收购通知

各乡镇供销社：现将今年柑橘收购有关安排通知如下，请遵照执行。

一、时间为十一月八日至十二月二十日。

二、价格按果径分三档。

三、货款在七日内打入社员银行卡。
""",
    "露营.txt": """露营管理规定

第一条　露营是指在户外搭建帐篷的活动。

第二条　露营区内禁止使用明火。

第三条　违反第二条规定使用明火的，处以罚款。
""",
}


@pytest.fixture(scope="module")
def answerer(tmp_path_factory) -> Answerer:
    folder = tmp_path_factory.mktemp("numbered")
    for name, text in REPORTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    build_index([folder], folder / ".index", StubEncoder())
    return Answerer(load_snapshot(folder / ".index"), StubEncoder(), confidence=lambda _: 1.0)


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("柑橘收购通知第三点说了什么？", "三、货款"),
        ("露营管理规定第二条是什么？", "第二条　露营区内"),
        ("露营第三条", "第三条　违反"),
    ],
)
def test_the_part_with_the_number_is_cited_first(answerer, question, begins):
    assert answerer.ask(Question(question)).citations[0].quote.startswith(begins)


def test_only_reports_that_the_filters_admit_are_looked_through(answerer):
    filters = Filters(documents=frozenset({"露营"}))
    assert answerer.ask(Question("柑橘收购通知第三点说了什么？", filters=filters)).citations[0].document_id == "露营"
