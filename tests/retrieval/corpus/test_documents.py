"""A draft becomes a document: one text, numbered paragraphs, and a title where it has none."""

from __future__ import annotations

import pytest
from torn_text import document_of

from retrieval.corpus.documents import derive_title, make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.errors import ReportUnreadable
from retrieval.parts import Heading, Paragraph


def test_headings_and_paragraphs_are_laid_out_with_exact_offsets():
    document = document_of("社区抗疫纪实\n\n清晨\n\n志愿者在送菜。\n\n夜里\n\n灯还亮着。\n")
    assert (document.title, document.text) == ("社区抗疫纪实", "清晨\n\n志愿者在送菜。\n\n夜里\n\n灯还亮着。")
    assert document.headings == (Heading(0, 2, 1), Heading(13, 15, 1))
    assert document.paragraphs == (Paragraph(1, 4, 11, "清晨"), Paragraph(2, 17, 22, "夜里"))


def test_a_draft_without_a_paragraph_is_no_report():
    with pytest.raises(ReportUnreadable, match="no paragraph of text was found in it"):
        make_document(Draft((Block("heading", "清晨"), Block("caption", "▲图"))), "a", "a.txt", b"")


@pytest.mark.parametrize(
    ("lead", "title"),
    [
        ("志愿者在送菜。", "志愿者在送菜。"),
        ("志愿者\n在送菜。", "志愿者 在送菜。"),
        ("甲" * 36, "甲" * 36),
        ("甲" * 37, "甲" * 36 + "…"),
        ("甲" * 20 + "，" + "乙" * 10 + "。" + "丙" * 30, "甲" * 20 + "，" + "乙" * 10 + "…"),
        ("甲，" + "乙" * 60, "甲，" + "乙" * 34 + "…"),
    ],
)
def test_a_derived_title_is_the_leads_first_clauses(lead, title):
    assert derive_title(lead) == title


def test_the_title_is_derived_from_the_first_paragraph_and_not_from_a_heading_above_it():
    draft = Draft((Block("heading", "清晨"), Block("paragraph", "志愿者在送菜。")))
    document = make_document(draft, "a", "a.txt", b"")
    assert (document.title, document.title_derived) == ("志愿者在送菜。", True)


def test_parts_that_the_format_draws_are_named_where_they_stand_in_the_whole_text():
    blocks = (
        Block("heading", "第一章 总则", made=((0, 4),)),
        Block("caption", "图1", made=((0, 2),)),
        Block("paragraph", "第一条 本办法自发布之日起施行。", made=((0, 4), (5, 7))),
    )
    document = make_document(Draft(blocks), "a", "a.docx", b"")
    assert [document.text[start:end] for start, end in document.made] == ["第一章 ", "图1", "第一条 ", "办法"]


def test_control_characters_are_taken_out_of_everything_that_is_shown():
    odd = "甲\x1b[31m乙\x00\u202e丙\x9b丁"
    draft = Draft((Block("paragraph", odd, made=((1, 6), (9, 10))),), odd, None, odd, (("editor", odd),), (odd,))
    document = make_document(draft, "a", "a.txt", b"")
    plain = "甲[31m乙丙丁"
    assert (document.text, document.title, document.source, document.metadata, document.furniture) == (
        plain,
        plain,
        plain,
        (("editor", plain),),
        (plain,),
    )
    assert [document.text[start:end] for start, end in document.made] == ["[31m", "丙"]
