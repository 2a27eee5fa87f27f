"""Tables that a PDF draws with lines are tables: merged cells, headers of two rows, several pages."""

from __future__ import annotations

import io

import pytest
from pdf_files import FONT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen import canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from retrieval.corpus.documents import make_document
from retrieval.corpus.formats.pdf import read_pdf
from retrieval.corpus.passages import split_document

GRID = ("GRID", (0, 0), (-1, -1), 0.5, "#000000")
PROSE = "市疾控中心公布了本季流感疫苗接种点安排，居民可就近预约，接种时请携带身份证。"
END = "接种后请在留观区停留三十分钟，如有不适及时告知医务人员。"
TEXT = ParagraphStyle("text", fontName=FONT, fontSize=11, leading=16, wordWrap="CJK")


def pdf_with(rows, *style, widths=None, before=(PROSE,), after=(END,), repeat=1):
    """Return a PDF with a table between paragraphs; the cells wrap."""
    cells = [[Paragraph(cell, TEXT) if cell else "" for cell in row] for row in rows]
    table = Table(cells, style=[*style], colWidths=widths, repeatRows=repeat)
    file = io.BytesIO()
    SimpleDocTemplate(file).build(
        [*(Paragraph(text, TEXT) for text in before), table, *(Paragraph(t, TEXT) for t in after)]
    )
    return file.getvalue()


def document_of(data):
    return make_document(read_pdf(data), "接种", "接种.pdf", data)


def found(document):
    return [passage.matched for passage in split_document(document)]


ROWS = [["片区", "接种点", "名额"], ["城东", "白杨社区医院", "120"], ["城西", "青石卫生院", "90"]]
MATCHED = [PROSE, "片区：城东；接种点：白杨社区医院；名额：120", "片区：城西；接种点：青石卫生院；名额：90", END]


@pytest.mark.parametrize(
    "style",
    [
        [GRID],
        [("INNERGRID", (0, 0), (-1, -1), 0.25, "#888888"), ("BOX", (0, 0), (-1, -1), 1, "#000000")],
        [GRID, ("BACKGROUND", (0, 0), (-1, 0), "#dddddd")],
    ],
)
def test_a_ruled_table_gives_its_rows_under_their_columns_names(style):
    assert found(document_of(pdf_with(ROWS, *style))) == MATCHED


def test_thin_filled_boxes_are_rules_too():
    file = io.BytesIO()
    page = canvas.Canvas(file)
    page.setFont(FONT, 11)
    for row, texts in enumerate(ROWS):
        for column, text in enumerate(texts):
            page.drawString(105 + 120 * column, 685 - 30 * row, text)
    for row in range(4):
        page.rect(100, 700 - 30 * row, 360, 0.8, stroke=0, fill=1)
    for column in range(4):
        page.rect(100 + 120 * column, 610, 0.8, 90, stroke=0, fill=1)
    page.save()
    assert found(document_of(file.getvalue())) == MATCHED[1:3]


def test_merged_cells_stand_in_all_their_rows_and_a_header_may_have_two():
    rows = [
        ["片区", "接种点", "名额", ""],
        ["", "", "上午", "下午"],
        ["城东", "白杨社区医院", "120", "85"],
        ["", "铁牛巷卫生站（原供销社旧址二楼，入口在铁牛巷一侧）", "60", "40"],
    ]
    spans = [("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (1, 1)), ("SPAN", (2, 0), (3, 0)), ("SPAN", (0, 2), (0, 3))]
    document = document_of(pdf_with(rows, GRID, *spans, widths=[80, 140, 60, 60]))
    assert found(document)[1:3] == [
        "片区：城东；接种点：白杨社区医院；名额上午：120；名额下午：85",
        "片区：城东；接种点：铁牛巷卫生站（原供销社旧址二楼，入口在铁牛巷一侧）；名额上午：60；名额下午：40",
    ]
    assert [document.text[start:end] for start, end in document.made] == ["片区", "接种点", "城东"]


def test_a_table_over_several_pages_is_one_and_its_header_stands_once():
    rows = [["序号", "乡镇", "面积（亩）"], *([str(i), f"第{i}乡", str(1000 + i)] for i in range(1, 91))]
    document = document_of(pdf_with(rows, GRID))
    assert len(document.tables) == 1
    assert document.text.count("面积") == 1
    assert found(document)[1:-1] == [f"序号：{i}；乡镇：第{i}乡；面积（亩）：{1000 + i}" for i in range(1, 91)]
    assert sorted({paragraph.page for paragraph in document.paragraphs}) == [1, 2, 3, 4]


def test_a_frame_around_text_and_a_chart_of_lines_are_no_tables():
    file = io.BytesIO()
    page = canvas.Canvas(file)
    page.setFont(FONT, 11)
    page.rect(60, 600, 480, 200)
    page.drawString(80, 750, PROSE[:30])
    page.drawString(80, 730, PROSE[30:])
    for at in range(8):  # grid lines of a chart, with words beside them only
        page.line(100, 300 + 20 * at, 400, 300 + 20 * at)
        page.line(100 + 40 * at, 300, 100 + 40 * at, 440)
    page.drawString(100, 250, END)
    page.save()
    document = document_of(file.getvalue())
    assert (document.tables, "".join(found(document))) == ((), PROSE + END)


def test_a_page_drawn_inside_a_table_is_text():
    long = PROSE * 20
    document = document_of(pdf_with([[long, "旁注"], ["甲", "乙"]], GRID, widths=[300, 100]))
    assert document.tables == ()


def test_two_tables_with_a_page_break_between_stay_two_where_their_columns_differ():
    file = io.BytesIO()
    first = Table([[Paragraph(cell, TEXT) for cell in row] for row in ROWS], style=[GRID], colWidths=[80, 140, 60])
    other = Table([["姓名", "电话"], ["1", "123"], ["2", "456"]], style=[GRID, ("FONT", (0, 0), (-1, -1), FONT, 11)])
    SimpleDocTemplate(file).build([Paragraph(PROSE, TEXT), first, PageBreak(), other, Paragraph(END, TEXT)])
    document = document_of(file.getvalue())
    assert [len(table.rows) for table in document.tables] == [2, 2]
    assert found(document)[-3:] == ["姓名：1；电话：123", "姓名：2；电话：456", END]
