"""Answers as the JSON of DESIGN section 3.3."""

from dataclasses import replace

from handmade import FULL

from bot.contract import citation_json
from retrieval.types import Reprint


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
        "url": "/documents/reports/a/view#p3",
        "score": 0.9,
    }


def test_a_reprint_has_an_address_too():
    citation = replace(FULL.citations[0], duplicates=(Reprint("2022/b 1", 7),))
    assert citation_json(citation)["duplicates"] == [
        {"document_id": "2022/b 1", "paragraph": 7, "url": "/documents/2022/b%201/view#p7"}
    ]
