"""A handmade answer that says everything an answer can say, so that tests see whether every face shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from retrieval.explained import ExplainedHit, Explanation, LegScore, ReadFirst, TokenPair
from retrieval.notices import Differs, Listed, Notice, Overview
from retrieval.parts import NamedCell, NamedRow
from retrieval.types import Answer, AnswerText, AppliedFilter, Citation

SENTENCE = "截止到2月1日,支部共筹得善款2307元,用于购置牙膏、牙刷。"
OTHER = "到2月3日,支部筹得善款2310元。"
SAME = "据统计,善款共2307元。"

EXPLANATION = Explanation(
    question="2020年2月支部筹得多少善款?",
    words=("支部", "善款"),
    weights={"dense": 1.0, "words": 0.42},
    confidence=0.87,
    signals={"near_words": 0.75, "lead": 0.1, "foreign": 0.0},
    hits=(
        ExplainedHit(
            document_id="reports/a",
            paragraph=3,
            score=0.93,
            legs={"dense": LegScore(1, 0.88), "words": LegScore(2, 7.5)},
            words=("善款",),
            pairs=(TokenPair("善款", "善款", 0.97),),
        ),
        ExplainedHit("reports/b", 1, 0.5, {}, (), ()),
    ),
    read=ReadFirst("reports/a", 20, 20 + len(SENTENCE), SENTENCE, "2307元"),
)


def an_answer_text(quote: str, sentence: str, span: str | None, citation: int) -> AnswerText:
    """Return a sentence of a quote, and some words of it, each at its first place."""
    start = quote.index(sentence)
    places = (start + sentence.index(span), start + sentence.index(span) + len(span)) if span else (None, None)
    return AnswerText(sentence, span, citation, start, start + len(sentence), *places)


def a_citation(number: int, document_id: str, title: str, paragraph: int, quote: str) -> Citation:
    """Return a citation dated 2020-02-0N from the source 日报."""
    date, version = dt.date(2020, 2, number), "0123456789ab"
    place = paragraph, 0, len(quote)
    return Citation(number, document_id, title, date, "日报", *place, quote, 0.9, version=version)


FULL = Answer(
    status="answered",
    confidence=0.87,
    answer=an_answer_text(f"支部发出倡议书。{SENTENCE}", SENTENCE, "2307元", 1),
    citations=(
        a_citation(1, "reports/a", "筑牢战“疫”堡垒", 3, f"支部发出倡议书。{SENTENCE}"),
        a_citation(2, "reports/b", "爱心汇总", 1, SAME),
        a_citation(3, "reports/c", "抗疫简报", 2, OTHER),
    ),
    generation="000001-0123abcd",
    timings_ms={"total": 1.0},
    explanation=EXPLANATION,
    supporting=(an_answer_text(SAME, SAME, "2307元", 2),),
    conflicting=(an_answer_text(OTHER, OTHER, "2310元", 3),),
    understood_as="2020年2月支部筹得多少善款?",
    filters_applied=(AppliedFilter("2020年2月", dt.date(2020, 2, 1), dt.date(2020, 2, 29)),),
)
ROW = "城东\t铁牛巷卫生站\t60"
OF_A_TABLE = Answer(
    status="answered",
    confidence=0.95,
    answer=an_answer_text(ROW, ROW, "60", 1),
    citations=(
        replace(
            a_citation(1, "reports/t", "接种点", 5, ROW),
            row=NamedRow((NamedCell("片区", 0, 2), NamedCell("接种点", 3, 9), NamedCell("周末名额", 10, 12))),
        ),
        replace(a_citation(2, "reports/t", "接种点", 4, "▲居民在排队。"), paragraph=None, aside=2, kind="caption"),
    ),
    generation="000001-0123abcd",
    timings_ms={"total": 1.0},
)
OF_ANOTHER = replace(
    FULL,
    status="related",
    confidence=0.25,
    answer=None,
    supporting=(),
    conflicting=(),
    explanation=None,
    understood_as=None,
    filters_applied=(),
    differs=Differs("孙蕴芳", "孙蕴华"),
    notice=Notice("differs", "zh"),
)
OVERVIEW = Answer(
    "related",
    0.0,
    None,
    FULL.citations[:1],
    FULL.generation,
    {},
    overview=Overview(
        documents=5,
        passages=102,
        date_from=dt.date(2020, 2, 1),
        date_to=dt.date(2024, 5, 6),
        reports=(Listed("reports/a", "筑牢战“疫”堡垒", dt.date(2020, 2, 1)), Listed("reports/d", "无日期的", None)),
        people=("陈丽敏", "孙蕴华"),
        places=("株洲",),
        sources=("株洲日报",),
    ),
)
GREETED = Answer("not_found", 0.0, None, (), FULL.generation, {}, notice=Notice("greeting", "zh"))
OF_TWO = replace(
    OF_ANOTHER,
    status="answered",
    confidence=0.87,
    answer=FULL.answer,
    answers=(FULL.answer, an_answer_text(OTHER, OTHER, "2310元", 3)),
    differs=None,
    notice=Notice("partly", "zh", "火锅怎么做？"),
)
LATEST = Answer(
    "related", 0.1, None, FULL.citations[:1], FULL.generation, {}, filters_applied=(AppliedFilter("最新", None, None),)
)
