"""Answers as the JSON of DESIGN section 3.3."""

import datetime as dt
import json
from dataclasses import asdict, replace
from urllib.parse import parse_qs, urlsplit

from handmade import FULL, GREETED, OF_A_TABLE, OF_ANOTHER, OF_TWO, OVERVIEW, SENTENCE

from bot.contract import answer_json, citation_json
from bot.links import citation_url, read_cited, words_query
from bot.selectors import selector_at
from retrieval.related import Difference, Reprint, Version

REPRINT = Reprint("2022/b 1", 7, "爱心", dt.date(2020, 2, 9), (Difference("figure", "2307元", "2370元"),))


def test_a_citation_has_the_contracts_fields_and_opens_the_report_at_its_paragraph():
    assert citation_json(FULL.citations[0]) == {
        "number": 1,
        "document_id": "reports/a",
        "title": "筑牢战“疫”堡垒",
        "date": "2020-02-01",
        "source": "日报",
        "paragraph": 3,
        "start": 0,
        "end": len(FULL.citations[0].quote),
        "quote": FULL.citations[0].quote,
        "url": "/documents/reports/a/view?mark=0-39&quote=AnAGy-p6xNR-5K5K#p3",
        "score": 0.9,
        "version": "0123456789ab",
    }


def test_a_row_of_a_table_has_its_cells_and_a_caption_no_paragraph():
    row, caption = (citation_json(citation) for citation in OF_A_TABLE.citations)
    assert row["row"] == {
        "cells": (
            {"name": "片区", "start": 0, "end": 2, "columns": 1},
            {"name": "接种点", "start": 3, "end": 9, "columns": 1},
            {"name": "周末名额", "start": 10, "end": 12, "columns": 1},
        ),
        "lead": "",
    }
    assert (row["paragraph"], "kind" in row) == (5, False)
    assert (caption["paragraph"], caption["kind"], caption["url"]) == (
        None,
        "caption",
        citation_url(OF_A_TABLE.citations[1]),
    )
    assert caption["url"].endswith("#c2")
    assert "row" not in caption


def test_a_sentence_has_an_address_where_it_is_marked_in_the_report():
    told = answer_json(FULL, "r1", "c1")
    address = "/documents/reports/a/view?mark=8-39&quote=AfQuZC7NnhZxrt5K#p3"
    assert told["answer"] == asdict(FULL.answer) | {"url": address}
    others = [sentence["url"].partition("?")[0] for sentence in (*told["supporting"], *told["conflicting"])]
    assert others == ["/documents/reports/b/view", "/documents/reports/c/view"]


def test_a_sentence_is_found_in_the_report_by_what_its_address_says_of_it():
    words = "前面的话。"
    citation = replace(FULL.citations[0], start=5, end=44, context=(words, "后面的话。"))
    address = urlsplit(citation_url(citation, FULL.answer))
    cited = read_cited(*(parse_qs(address.query)[name][0] for name in ("mark", "quote")))
    text = f"{words}{citation.quote}后面的话。"
    assert (cited.start, cited.end) == (13, 44)
    assert cited.selector == selector_at(text, 13, 44)
    assert words_query(text, 13, 44) == address.query


def test_a_reprint_has_an_address_too():
    citation = replace(FULL.citations[0], duplicates=(REPRINT,))
    assert citation_json(citation)["duplicates"] == [
        {
            "document_id": "2022/b 1",
            "paragraph": 7,
            "title": "爱心",
            "date": "2020-02-09",
            "differences": [{"kind": "figure", "old": "2307元", "new": "2370元"}],
            "url": "/documents/2022/b%201/view#p7",
        }
    ]


def test_a_citation_names_the_version_that_replaced_it_and_those_that_it_replaced():
    older, newer = Version("旧 1", "办法", None), Version("新", "办法（修订）", dt.date(2023, 7, 1))
    citation = citation_json(replace(FULL.citations[0], superseded_by=newer, supersedes=(older,)))
    assert citation["superseded_by"] == {
        "document_id": "新",
        "title": "办法（修订）",
        "date": "2023-07-01",
        "url": "/documents/%E6%96%B0/view#p1",
    }
    assert citation["supersedes"] == [
        {"document_id": "旧 1", "title": "办法", "date": None, "url": "/documents/%E6%97%A7%201/view#p1"}
    ]


def test_a_citation_of_recognised_text_says_so_with_its_page():
    said = citation_json(replace(FULL.citations[0], recognised_page=3))
    assert said == {**citation_json(FULL.citations[0]), "recognised": True, "page": 3}


def test_an_explanation_keeps_the_names_that_programs_read():
    said = json.loads(json.dumps(answer_json(FULL, "r1", "c1")["explanation"]))
    assert said == {
        "question": "2020年2月支部筹得多少善款?",
        "words": ["支部", "善款"],
        "weights": {"dense": 1.0, "words": 0.42},
        "confidence": 0.87,
        "signals": {"near_words": 0.75, "lead": 0.1, "foreign": 0.0},
        "hits": [
            {
                "document_id": "reports/a",
                "paragraph": 3,
                "score": 0.93,
                "legs": {"dense": {"rank": 1, "score": 0.88}, "words": {"rank": 2, "score": 7.5}},
                "words": ["善款"],
                "pairs": [{"question": "善款", "passage": "善款", "similarity": 0.97}],
            },
            {"document_id": "reports/b", "paragraph": 1, "score": 0.5, "legs": {}, "words": [], "pairs": []},
        ],
        "read": {
            "document_id": "reports/a",
            "start": 20,
            "end": 20 + len(SENTENCE),
            "text": SENTENCE,
            "span": "2307元",
            "margin": None,
        },
        "names": [],
    }


def test_an_answer_without_an_explanation_has_no_such_field():
    assert "explanation" not in answer_json(replace(FULL, explanation=None), "r1", "c1")


def test_an_answer_about_somebody_else_says_whom_and_has_no_answer():
    said = answer_json(OF_ANOTHER, "r1", "c1")
    assert (said["status"], said["answer"]) == ("related", None)
    assert said["differs"] == {"asked": "孙蕴芳", "found": "孙蕴华"}
    assert said["notice"] == "报道里没有提到“孙蕴芳”，说的是“孙蕴华”。"


def test_small_talk_has_a_notice_and_no_citation():
    said = answer_json(GREETED, "r1", "c1")
    assert (said["status"], said["answer"], said["citations"]) == ("not_found", None, [])
    assert said["notice"].startswith("您好！")
    english = replace(GREETED, notice=replace(GREETED.notice, language="en"))
    assert answer_json(english, "r1", "c1")["notice"].startswith("Hello!")


def test_several_answers_stand_together_and_the_first_is_the_answer():
    said = answer_json(OF_TWO, "r1", "c1")
    assert [one["citation"] for one in said["answers"]] == [1, 3]
    assert said["answers"][0] == said["answer"]
    assert said["notice"] == "没有找到回答：火锅怎么做？"
    assert {"differs", "answers", "notice"} & set(answer_json(FULL, "r1", "c1")) == set()


def test_an_overview_lists_the_reports_with_their_addresses():
    said = answer_json(OVERVIEW, "r1", "c1")
    assert (said["status"], said["answer"]) == ("related", None)
    assert said["overview"] == {
        "documents": 5,
        "passages": 102,
        "date_from": "2020-02-01",
        "date_to": "2024-05-06",
        "reports": [
            {
                "document_id": "reports/a",
                "title": "筑牢战“疫”堡垒",
                "date": "2020-02-01",
                "url": "/documents/reports/a/view",
            },
            {"document_id": "reports/d", "title": "无日期的", "date": None, "url": "/documents/reports/d/view"},
        ],
        "people": ["陈丽敏", "孙蕴华"],
        "places": ["株洲"],
        "sources": ["株洲日报"],
    }
