"""Word reports: paragraphs, headings by style, tables, text boxes and notes; hostile files are refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, nsmap
from docx.shared import Cm
from scans import blank
from scans import saved as picture_file
from stub_ocr import line, text_of
from word_files import abstract, add, add_part, add_raw, listed, lvl, num, run, saved

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.formats.docx import pictures_in, read_docx
from retrieval.corpus.recognition.seen import SeenPage, page_json
from retrieval.errors import ReportUnreadable

FIRST = "连日来，株洲各级基层党组织闻令而动，广大党员冲锋在前。"
SECOND = "孙蕴华接听了400个求助电话。"


def word(*paragraphs: str | tuple[str, str], **properties: object):
    """Return a Word document; a pair is a text and its style."""
    document = docx.Document()
    for entry in paragraphs:
        document.add_paragraph(*([entry] if isinstance(entry, str) else entry))
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    return document


def repacked(data: bytes, **parts: bytes) -> bytes:
    """Return the file with parts replaced: ``word_document`` stands for word/document.xml."""
    changed = {name.replace("_", "/", 1) + ".xml": content for name, content in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name) or old.read(name))
    return file.getvalue()


def seen(*numbers: int):
    """Return what was recognised on these pages, as the recognition hands it over."""
    return {str(number): page_json(SeenPage(1.4, (line(text_of(number), 0.2),))) for number in numbers}


def test_a_file_of_nothing_but_pictures_is_pages_that_were_scanned():
    document = word("", "")
    for _ in range(2):
        document.add_picture(io.BytesIO(picture_file(blank())), width=Cm(3))
    data = saved(document)
    assert (read_docx(data).blocks, read_docx(data).unread) == ((), (1, 2))
    draft = read_docx(data, seen(1, 2))
    assert [(block.text, block.page) for block in draft.blocks] == [(text_of(1), 1), (text_of(2), 2)]
    assert pictures_in(data) == [picture_file(blank())] * 2


def test_pages_that_are_attached_as_pictures_stand_below_the_text_and_photographs_are_none():
    document = word(FIRST)
    document.add_picture(io.BytesIO(picture_file(blank(90, 60))), width=Cm(14))
    document.add_picture(io.BytesIO(picture_file(blank())), width=Cm(15))
    document.add_paragraph(SECOND)
    data = saved(document)
    assert pictures_in(data) == [picture_file(blank())]
    before, after = read_docx(data), read_docx(data, seen(1))
    assert ([block.text for block in before.blocks], before.unread) == ([FIRST, SECOND], (1,))
    assert ([block.text for block in after.blocks], after.unread) == ([FIRST, SECOND, text_of(1)], ())


def test_an_attached_picture_without_text_takes_nothing_from_the_text():
    document = word(FIRST)
    document.add_picture(io.BytesIO(picture_file(blank())), width=Cm(15))
    draft = read_docx(saved(document), {"1": page_json(SeenPage(1.4, ()))})
    assert ([block.text for block in draft.blocks], draft.unread) == ([FIRST], ())


def reason(data: bytes) -> str:
    with pytest.raises(ReportUnreadable) as caught:
        read_docx(data)
    return str(caught.value)


def test_headings_come_from_styles_and_their_levels():
    document = word(
        ("防控的屏障", "Title"), FIRST, ("一、身影", "Heading 1"), SECOND, ("话务", "Heading 2"), FIRST, "愿平安"
    )
    assert read_docx(saved(document)) == Draft(
        (
            Block("paragraph", FIRST),
            Block("heading", "一、身影", 1),
            Block("paragraph", SECOND),
            Block("heading", "话务", 2),
            Block("paragraph", FIRST),
            Block("paragraph", "愿平安"),
        ),
        title="防控的屏障",
    )


def test_without_heading_styles_the_text_is_read_like_plain_text():
    draft = read_docx(
        saved(word("防控的屏障", "2020-02-01 来源：株洲日报", FIRST, "一、身影", SECOND, "▲志愿者在送菜。", FIRST))
    )
    assert (draft.title, draft.date, draft.source) == ("防控的屏障", dt.date(2020, 2, 1), "株洲日报")
    assert [(block.kind, block.text) for block in draft.blocks] == [
        ("paragraph", FIRST),
        ("heading", "一、身影"),
        ("paragraph", SECOND),
        ("caption", "▲志愿者在送菜。"),
        ("paragraph", FIRST),
    ]


def test_properties_give_title_and_author_and_when_the_file_was_made_is_no_date():
    document = word(FIRST, SECOND, title="防控的屏障", author="王珈", created=dt.datetime(2022, 3, 12, 8))
    assert read_docx(saved(document)) == Draft(
        (Block("paragraph", FIRST), Block("paragraph", SECOND)),
        title="防控的屏障",
        metadata=(("author", "王珈"),),
    )


def test_what_the_report_shows_is_surer_than_its_properties():
    document = word(
        ("防控的屏障", "Title"), "2020-02-01 来源：株洲日报", FIRST, title="模板", created=dt.datetime(2022, 3, 12)
    )
    draft = read_docx(saved(document))
    assert (draft.title, draft.date) == ("防控的屏障", dt.date(2020, 2, 1))


@pytest.mark.parametrize(
    "title", ["", "Microsoft Word - 1.doc", "新建 Microsoft Word 文档", "文档1", "通知.docx", "无标题"]
)
def test_a_title_that_a_program_left_is_none(title):
    assert read_docx(saved(word(FIRST, SECOND, title=title))).title is None


def test_the_template_of_python_docx_gives_no_date_and_no_author():
    assert read_docx(saved(word(FIRST, SECOND))) == Draft((Block("paragraph", FIRST), Block("paragraph", SECOND)))


def test_a_row_of_a_table_is_a_paragraph_and_a_box_around_text_is_none():
    document = word(FIRST)
    table = document.add_table(2, 2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["姓名", "电话", "张三", "123\n456"], strict=True
    ):
        cell.text = text
    box = document.add_table(1, 1).cell(0, 0)
    box.text = FIRST
    box.add_paragraph(SECOND)
    assert [block.text for block in read_docx(saved(document)).blocks] == [
        FIRST,
        "姓名\t电话",
        "张三\t123 456",
        FIRST,
        SECOND,
    ]


def test_text_boxes_links_and_insertions_are_read_and_deletions_are_not():
    run = "<w:r><w:t>{}</w:t></w:r>"
    box = f"<w:txbxContent><w:p>{run.format('框里的话。')}</w:p></w:txbxContent>"
    body = f"""<w:p {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
      {run.format("甲")}<w:hyperlink>{run.format("乙")}</w:hyperlink><w:ins>{run.format("丙")}</w:ins>
      <w:del><w:r><w:delText>丁</w:delText></w:r></w:del><w:moveFrom>{run.format("戊")}</w:moveFrom>
      <w:r><w:noBreakHyphen/><w:tab/><w:t>己。</w:t></w:r>
      <w:r><mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>
      </mc:AlternateContent></w:r></w:p>"""
    document = word(FIRST)
    document.element.body.insert(1, parse_xml(body))
    assert [block.text for block in read_docx(saved(document)).blocks] == [FIRST, "甲乙丙- 己。", "框里的话。"]


def note(kind: str, place: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{place}"/></w:r>'


def test_a_note_comes_after_the_paragraph_that_cites_it():
    document = word(FIRST)
    text = f"<w:p>{run('注释')}</w:p><w:p>{run('的话。')}</w:p>"
    add_part(document, "footnotes", text, f"<w:p>{run('删去的注。')}</w:p>", f"<w:p>{run('无人引的注。')}</w:p>")
    add_part(document, "endnotes", f"<w:p>{run('尾注。')}</w:p>")
    cited = run("甲") + note("footnote", 1) + note("endnote", 1) + run("乙。") + note("footnote", 1)
    add_raw(document, f"<w:pPr/>{cited}", f"<w:del>{note('footnote', 2)}</w:del>{run('丙。')}")
    blocks = read_docx(saved(document)).blocks
    texts = [FIRST, "甲乙。", "注释", "的话。", "尾注。", "丙。", "无人引的注。"]
    assert blocks == tuple(Block("paragraph", text) for text in texts)


def test_a_note_of_a_row_comes_after_the_row_and_leaves_date_and_signature_at_the_end():
    document = word(FIRST)
    table = document.add_table(1, 2)
    for cell, text in zip(table.rows[0].cells, ("张三", "四百个"), strict=True):
        cell.text = text
    table.rows[0].cells[0].paragraphs[0]._p.append(
        parse_xml(f"<w:hyperlink {nsdecls('w')}>{note('footnote', 1)}</w:hyperlink>")
    )
    add_part(document, "footnotes", f"<w:p>{run('截至年底的数字。')}</w:p>")
    add(document, SECOND, "株洲市政府", "2020年2月1日")
    draft = read_docx(saved(document))
    assert [block.text for block in draft.blocks] == [FIRST, "张三\t四百个", "截至年底的数字。", SECOND]
    assert (draft.date, draft.source) == (dt.date(2020, 2, 1), "株洲市政府")


def test_headers_and_footers_are_kept_beside_the_text_without_page_numbers():
    document = word(FIRST, SECOND)
    page = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>3</w:t></w:r></w:fldSimple>'
    for place in (document.sections[0].header, document.sections[0].first_page_header):
        place.paragraphs[0].text = "株政发〔2020〕5号\t\t株洲市政府"
    footer = document.sections[0].footer._element
    for inner in (f"{run('第')}{page}{run('页')}", run("- 12 -"), run("内部资料") + "<w:r><w:tab/></w:r>" + page):
        footer.append(parse_xml(f"<w:p {nsdecls('w')}>{inner}</w:p>"))
    draft = read_docx(saved(document))
    assert [block.text for block in draft.blocks] == [FIRST, SECOND]
    assert draft.furniture == ("株政发〔2020〕5号", "株洲市政府", "内部资料")


def test_a_contents_control_is_no_text():
    document = word(FIRST)
    inner = f"<w:p>{run('目录')}</w:p><w:p>{run('一、身影 3')}</w:p>"
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    control = f"<w:sdt {nsdecls('w')}><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"
    document.element.body.insert(0, parse_xml(control))
    draft = read_docx(saved(document))
    assert ([block.text for block in draft.blocks], draft.furniture) == ([FIRST], ("目录", "一、身影 3"))


def test_but_for_what_is_made_every_character_stands_in_the_file_in_order():
    document = listed(
        abstract(0, lvl("chineseCounting", "%1、"), lvl("decimal", "%2)", 1)), num(1, 0), document=word(FIRST)
    )
    for place in range(30):
        add(document, (f"第{place}件事\n还没有 办完", 1, place % 2), f"宣传股{place}。")
    add_raw(document, f"{run('甲')}<w:r><w:noBreakHyphen/></w:r>{run('乙')}" * 3)
    report = make_document(read_docx(saved(document)), "a", "a.docx", b"")
    made = {place for start, end in report.made for place in range(start, end)}
    kept = "".join(sign for place, sign in enumerate(report.text) if place not in made)
    typed = "".join(found.text for found in document.element.body.iter(f"{{{nsmap['w']}}}t"))
    assert ("".join(kept.split()), len(report.made)) == ("".join(typed.split()), 33)


def test_a_damaged_list_stops_no_reading():
    document = listed(abstract(0, lvl("decimal", "%1.").replace('"1"', '"x"').replace('"0"', '"99"')), num(1, 0))
    add(document, (FIRST, 1), (SECOND, 1, 7))
    assert [block.text for block in read_docx(saved(document)).blocks] == [FIRST, SECOND]


def test_a_style_is_like_the_one_it_is_based_on_and_a_circle_ends():
    document = word(FIRST, ("身影", "Heading 1"), SECOND)
    mine = document.styles.add_style("我的标题", 1)
    mine.base_style = document.styles["Heading 2"]
    document.add_paragraph("话务", "我的标题")
    one, other = (document.styles.add_style(name, 1) for name in ("甲", "乙"))
    one.base_style, other.base_style = other, one
    document.add_paragraph(FIRST, "甲")
    assert read_docx(saved(document)).blocks[3:] == (Block("heading", "话务", 2), Block("paragraph", FIRST))


def test_the_table_of_contents_is_no_text():
    document = word(FIRST, SECOND)
    style = document.styles.add_style("toc 1", 1)
    document.paragraphs[0].insert_paragraph_before("一、身影\t3", style)
    draft = read_docx(saved(document))
    assert ([block.text for block in draft.blocks], draft.furniture) == ([FIRST, SECOND], ("一、身影 3",))


@pytest.mark.parametrize(
    "data", [b"x" * 99, b"PK\3\4" + b"\0" * 99, saved(word(FIRST))[:-2000]], ids=["text", "a torso", "cut short"]
)
def test_a_damaged_file_is_named(data):
    assert reason(data) == "the Word file is damaged: open it in Word and save it again"


def test_an_archive_that_is_no_word_file_and_broken_xml_are_named():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    damaged = "the Word file is damaged: open it in Word and save it again"
    assert reason(file.getvalue()) == damaged
    assert reason(repacked(saved(word(FIRST)), word_document=b"<w:document")) == damaged


def test_an_old_or_protected_file_is_named():
    data = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500
    assert reason(data) == "protected by a password, or an old .doc: save it as .docx without a password"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_is_refused(encoding):
    bomb = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "灯" * 10}">' for i in range(12))
    xml = f"""<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w:document [{bomb}]>
    <w:document {nsdecls("w")}><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>"""
    data = repacked(saved(word(FIRST)), word_document=xml.encode(encoding))
    assert reason(data) == "its XML declares a document type, as no Word file does: refused"


def test_a_file_that_unpacks_to_too_much_is_refused():
    file = io.BytesIO(saved(word(FIRST)))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/a.bmp", "w") as member:
        for _ in range(501):
            member.write(bytes(2**20))
    assert len(file.getvalue()) < 2**20
    assert reason(file.getvalue()) == "it would unpack to 502 MiB, more than 500: refused"
