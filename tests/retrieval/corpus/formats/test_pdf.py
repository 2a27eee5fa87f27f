"""PDF reports: lines become paragraphs across pages, margins are taken off, and what cannot be read is named."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pdf_files import FONT, Text, pdf
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen import canvas
from scans import blank
from stub_ocr import line

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.formats.pdf import read_pdf
from retrieval.corpus.recognition.seen import SeenPage, page_json
from retrieval.errors import ReportUnreadable

TITLE = "防控的屏障"
FIRST = (
    "连日来，株洲各级基层党组织闻令而动，广大党员冲锋在前，筑起一道道防控的屏障，把蔬菜和药品一户一户地送到居民手中。"
)
SECOND = (
    "1月27日，孙蕴华接听了400个求助电话，她说：“我是党员，我先上。”到了傍晚，志愿者又挨家挨户地登记第二天需要的物品。"
)
THIRD = "夜里十一点，社区的灯还亮着，志愿者们正在登记第二天需要的物品，常常忙到夜里十一点多钟才能回家休息。"


def set_in(text: str, top: float, width: int = 20, indent: int = 2, gap: float = 0) -> tuple[list[Text], float]:
    """Set a paragraph in lines ``width`` Chinese characters wide; return them and where the next paragraph begins."""
    lines = []
    line, x = "", 72 + 12.0 * indent
    for character in [*text, ""]:
        right = x + pdfmetrics.stringWidth(line + character, FONT, 12)
        if right > 72 + 12 * width or not character:
            lines.append((x, top, 12.0, line))
            line, x, top = "", 72.0, top - 18
        line += character
    return lines, top - gap


def column(*texts: str, top: float = 700, **setting: float) -> list[Text]:
    lines: list[Text] = []
    for text in texts:
        more, top = set_in(text, top, **setting)
        lines += more
    return lines


def blocks(data: bytes) -> list[tuple[str, str, int | None]]:
    return [(block.kind, block.text, block.page) for block in read_pdf(data).blocks]


def reason(data: bytes) -> str:
    with pytest.raises(ReportUnreadable) as caught:
        read_pdf(data)
    return str(caught.value)


def test_indented_lines_become_paragraphs_below_title_and_headings():
    data = pdf([(200, 760, 22, TITLE), *column(FIRST, SECOND), (72, 520, 16, "最美的身影"), *column(THIRD, top=480)])
    draft = read_pdf(data)
    assert draft.title == TITLE
    assert draft.blocks == (
        Block("paragraph", FIRST, page=1),
        Block("paragraph", SECOND, page=1),
        Block("heading", "最美的身影", 2, page=1),
        Block("paragraph", THIRD, page=1),
    )


def test_paragraphs_set_apart_by_gaps_alone_are_told_apart():
    assert blocks(pdf(column(FIRST, SECOND, THIRD, indent=0, gap=18))) == [
        ("paragraph", FIRST, 1),
        ("paragraph", SECOND, 1),
        ("paragraph", THIRD, 1),
    ]


def test_a_paragraph_torn_by_a_page_break_is_mended_and_stands_on_the_page_where_it_begins():
    lines = column(FIRST, SECOND, THIRD)
    assert blocks(pdf(lines[:4], [(x, y + 100, size, text) for x, y, size, text in lines[4:]])) == [
        ("paragraph", FIRST, 1),
        ("paragraph", SECOND, 1),
        ("paragraph", THIRD, 2),
    ]


def test_the_page_reaches_the_documents_paragraphs():
    data = pdf(column(FIRST), column(SECOND))
    document = make_document(read_pdf(data), "a", "a.pdf", data)
    assert [(paragraph.number, paragraph.page) for paragraph in document.paragraphs] == [(1, 1), (2, 2)]


def test_running_headers_footers_and_page_numbers_are_no_text():
    paragraphs = [FIRST, SECOND, THIRD]
    pages = [
        [
            (72, 800, 9, "株洲日报 防控专刊"),
            *column(text),
            (250, 40, 9, f"第{number}页 共3页"),
            (500, 40, 9, "内部资料"),
        ]
        for number, text in enumerate(paragraphs, start=7)
    ]
    draft = read_pdf(pdf(*pages))
    assert [block.text for block in draft.blocks] == paragraphs
    assert draft.furniture == (
        "株洲日报 防控专刊",
        "第7页 共3页 内部资料",
        "第8页 共3页 内部资料",
        "第9页 共3页 内部资料",
    )


def test_lines_that_are_alike_but_do_not_count_the_pages_are_text():
    counts = [(FIRST, 40), (SECOND, 12), (THIRD, 33)]
    pages = [[*column(text), (96, 300, 12, f"今天送出了{count}份。")] for text, count in counts]
    assert [text for _, text, _ in blocks(pdf(*pages))] == [
        text for paragraph, count in counts for text in (paragraph, f"今天送出了{count}份。")
    ]


def test_a_bare_page_number_on_a_single_page_is_no_text():
    assert blocks(pdf([*column(FIRST), (300, 40, 9, "1")])) == [("paragraph", FIRST, 1)]


def test_a_table_of_contents_is_no_text():
    contents = [(72, 700, 12, "一、身影" + "." * 40 + "3"), (72, 680, 12, "二、话务 ………………………… 12")]
    draft = read_pdf(pdf(contents, column(FIRST)))
    assert ([block.text for block in draft.blocks], len(draft.furniture)) == ([FIRST], 2)


def test_a_long_title_on_two_lines_is_one():
    data = pdf(
        [
            (100, 780, 22, "战“疫”的堡垒 防控的屏障"),
            (100, 750, 22, "株洲各级基层党组织抗击疫情综述"),
            *column(FIRST, SECOND),
        ]
    )
    assert read_pdf(data).title == "战“疫”的堡垒 防控的屏障株洲各级基层党组织抗击疫情综述"


def test_a_heading_above_another_is_not_glued_to_it():
    data = pdf([*column(SECOND), (72, 560, 16, "A 党建引领"), (72, 520, 16, "党员下沉至一线"), *column(THIRD, top=480)])
    assert blocks(data)[1:3] == [("heading", "A 党建引领", 1), ("heading", "党员下沉至一线", 1)]


def test_cells_of_a_row_are_one_line():
    rows = [
        (72, 600, 12, "姓名"),
        (200, 600, 12, "电话"),
        (330, 600, 12, "小区"),
        (72, 582, 12, "张三"),
        (200, 582, 12, "123"),
        (330, 582, 12, "里水"),
    ]
    assert blocks(pdf([*column(FIRST), *rows, *column(SECOND, top=540)]))[1][1].split("\n")[0] == "姓名 电话 小区"


def test_words_divided_at_the_end_of_a_line_are_whole():
    english = [(72, 700, 12, "The volunteers carried vege-"), (72, 682, 12, "tables to every door of the quarter.")]
    assert blocks(pdf(english)) == [("paragraph", "The volunteers carried vegetables to every door of the quarter.", 1)]


def test_properties_give_title_and_author_and_the_text_its_date():
    data = pdf([(72, 760, 12, "2020-02-01 来源：株洲日报"), *column(FIRST, SECOND)], title=TITLE, author="王珈")
    draft = read_pdf(data)
    assert (draft.title, draft.date, draft.source) == (TITLE, dt.date(2020, 2, 1), "株洲日报")
    assert draft.metadata == (("time", "2020-02-01"), ("source", "株洲日报"), ("author", "王珈"))


def test_the_day_the_file_was_made_is_no_date_of_the_report():
    assert b"/CreationDate (D:20000101" in pdf(column(FIRST), invariant=1)
    assert read_pdf(pdf(column(FIRST), invariant=1)).date is None


def test_radicals_of_a_font_are_the_characters_that_they_look_like_and_the_document_says_where():
    text = "6⽉16⽇，⻓⻢镇⻛电场⾸批⼋台⻛机并⽹发电，惠及⼀千⼆百户⽤⼾，来⾃各村的⺠众到场。"
    data = pdf([(72, 760, 22, "⻓⻢镇简报"), (72, 730, 12, "2021年6⽉18⽇"), *column(text)], author="⻩⻚")
    draft = read_pdf(data)
    assert (draft.title, draft.date, draft.metadata[-1]) == ("长马镇简报", dt.date(2021, 6, 18), ("author", "黄页"))
    document = make_document(draft, "a", "a.pdf", data)
    assert document.text == "6月16日，长马镇风电场首批八台风机并网发电，惠及一千二百户用户，来自各村的民众到场。"
    assert [document.text[start:end] for start, end in document.made] == [
        *("月", "日", "长马", "风", "首", "八", "风", "网", "一", "二", "用户", "自", "民")
    ]


def test_the_radical_of_a_door_is_traditional_in_a_traditional_text():
    text = "靜安區的志願者們挨家挨⼾地登記第二天需要的物品，常常忙到夜裡十一點多鐘。"
    assert blocks(pdf(column(text)))[0][1] == text.replace("⼾", "戶")


@pytest.mark.parametrize("width", range(12, 41, 4))
@pytest.mark.parametrize("indent", [0, 2])
def test_below_a_title_no_line_of_a_wrapped_paragraph_is_lost(width, indent):
    data = pdf([(72, 760, 12, TITLE), *column(FIRST, SECOND, top=720, width=width, indent=indent, gap=18)])
    assert (read_pdf(data).title, [text for _, text, _ in blocks(data)]) == (TITLE, [FIRST, SECOND])


def test_pages_that_are_pictures_are_named_and_laid_out_with_what_was_recognised_on_them():
    file = io.BytesIO()
    sheet = canvas.Canvas(file)
    for _ in range(2):
        sheet.drawInlineImage(blank(), 72, 72, 400, 600)
        sheet.showPage()
    sheet.save()
    assert read_pdf(file.getvalue()) == Draft((), unread=(1, 2))
    draft = read_pdf(file.getvalue(), {"2": page_json(SeenPage(1.4, (line(FIRST[:20] + "。", 0.2),)))})
    assert ([(block.text, block.page) for block in draft.blocks], draft.unread) == ([(FIRST[:20] + "。", 2)], (1,))


def test_a_scan_within_a_form_and_fonts_that_are_not_understood_must_be_recognised_and_a_small_logo_need_not():
    file = io.BytesIO()
    sheet = canvas.Canvas(file)
    sheet.beginForm("scan", 0, 0, 600, 800)
    sheet.drawInlineImage(blank(), 0, 0, 1, 1)
    sheet.endForm()
    sheet.scale(500, 700)
    sheet.doForm("scan")
    sheet.showPage()
    sheet.setFont(FONT, 12)
    sheet.drawString(72, 700, "\ue001\ue002\ue003\ue004")
    sheet.showPage()
    sheet.drawInlineImage(blank(), 72, 72, 40, 60)
    sheet.showPage()
    sheet.setFont(FONT, 12)
    sheet.drawString(72, 700, FIRST[:20])
    sheet.save()
    assert read_pdf(file.getvalue()).unread == (1, 2)


def test_pages_without_anything_are_named():
    assert reason(pdf([], [])) == "its pages hold no text"


def test_a_protected_file_is_named():
    data = pdf(column(FIRST), encrypt=StandardEncryption("geheim", strength=128))
    assert reason(data) == "protected by a password"


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\n", b"x" * 999, pdf(column(FIRST))[:400]], ids=["nothing", "a head", "text", "cut short"]
)
def test_a_damaged_file_is_named(data):
    assert reason(data) == "the PDF is damaged: save or print it anew"


def test_ten_thousand_pages_are_refused():
    kids = " ".join(["3 0 R"] * 10_000)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count 10000 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
    ]
    body = "%PDF-1.4\n" + "".join(f"{number} 0 obj {text} endobj\n" for number, text in enumerate(objects, start=1))
    assert (
        reason(f"{body}trailer << /Root 1 0 R /Size 4 >>\n%%EOF".encode())
        == "it has 10,000 pages, more than 2,000: split it"
    )
