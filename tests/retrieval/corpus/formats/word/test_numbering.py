"""Lists that number themselves: the numbers that Word prints stand in the text, and are known to be made."""

from __future__ import annotations

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from word_files import abstract, add, add_raw, listed, lvl, num, number, run, saved

from retrieval.corpus.documents import make_document
from retrieval.corpus.formats.docx import read_docx

ARTICLES = abstract(0, lvl("chineseCountingThousand", "第%1条"))
OUTLINE = abstract(
    0,
    lvl("chineseCounting", "%1、"),
    lvl("chineseCounting", "（%2）", 1),
    lvl("decimal", "%3.", 2),
    lvl("decimal", "(%4)", 3),
)
DECIMALS = abstract(0, lvl("decimal", "%1."), lvl("decimal", "%1.%2", 1), lvl("decimal", "%1.%2.%3", 2))
STYLED = abstract(
    0,
    lvl("chineseCounting", "第%1章", more='<w:pStyle w:val="Heading1"/>'),
    lvl("chineseCounting", "第%2节", 1, more='<w:pStyle w:val="Heading2"/>'),
)


def printed(document) -> list[str]:
    return [block.text for block in read_docx(saved(document)).blocks]


def numbers(*entries, lists) -> list[str]:
    """Return the numbers of the paragraphs, each with its list and level."""
    document = listed(*lists)
    add(document, *(("甲。", *entry) if isinstance(entry, tuple) else entry for entry in entries))
    return [text.removesuffix("甲。").rstrip() for text in printed(document)]


def test_articles_are_numbered_and_the_numbers_are_made():
    document = listed(ARTICLES, num(1, 0))
    add(document, "本办法自五月一日起施行。", *((f"这是第{place}句。", 1) for place in range(1, 13)))
    report = make_document(read_docx(saved(document)), "a", "a.docx", b"")
    ordinals = [*"一二三四五六七八九十", "十一", "十二"]
    assert [report.text[start:end] for start, end in report.made] == [f"第{ordinal}条" for ordinal in ordinals]
    assert report.text.split("\n\n") == [
        "本办法自五月一日起施行。",
        *(f"第{ordinal}条 这是第{place}句。" for place, ordinal in enumerate(ordinals, 1)),
    ]


def test_a_level_begins_again_below_each_of_a_higher_one():
    entries = [(1, level) for level in (0, 1, 2, 3, 3, 2, 3, 1, 2, 0, 1)]
    assert numbers(*entries, lists=(OUTLINE, num(1, 0))) == [
        "一、", "（一）", "1.", "(1)", "(2)", "2.", "(1)", "（二）", "1.", "二、", "（一）",
    ]  # fmt: skip


def test_lists_over_one_definition_continue_one_count_and_an_override_begins_anew_once():
    lists = (DECIMALS, num(1, 0), num(2, 0, level_0=1), num(3, 0, level_0=5), num(4, 0))
    entries = [(1,), (1,), "标题。", (2,), (2,), (3,), (3,), (1,), (2,), (4,)]
    assert numbers(*entries, lists=lists) == ["1.", "2.", "标题。", "1.", "2.", "5.", "6.", "7.", "8.", "9."]


def test_lists_of_their_own_are_counted_apart():
    lists = (DECIMALS, abstract(1, lvl("upperLetter", "%1)")), num(1, 0), num(2, 1))
    assert numbers((1,), (2,), (1,), (2,), (1,), lists=lists) == ["1.", "A)", "2.", "B)", "3."]


def test_an_override_may_begin_a_lower_level_and_replace_its_form():
    replaced = f'<w:lvlOverride w:ilvl="1">{lvl("upperRoman", "%2)", 1)}</w:lvlOverride>'
    lists = (OUTLINE, num(1, 0), num(2, 0, level_1=3), num(3, 0).replace("</w:num>", f"{replaced}</w:num>"))
    entries = [(1, 0), (1, 1), (1, 1), (2, 1), (2, 1), (2, 0), (2, 1), (3, 1)]
    assert numbers(*entries, lists=lists) == ["一、", "（一）", "（二）", "（三）", "（四）", "二、", "（三）", "IV)"]


def test_articles_may_count_on_through_chapters():
    chapters = abstract(
        0,
        lvl("chineseCounting", "第%1章"),
        lvl("chineseCounting", "第%2条", 1, more='<w:lvlRestart w:val="0"/>'),
        lvl("decimal", "%3.", 2),
    )
    entries = [(1, level) for level in (0, 1, 1, 0, 1, 2, 1, 2)]
    expected = ["第一章", "第一条", "第二条", "第二章", "第三条", "1.", "第四条", "1."]
    assert numbers(*entries, lists=(chapters, num(1, 0))) == expected


def test_a_level_may_begin_again_only_below_one_that_is_named():
    deep = '<w:lvlRestart w:val="1"/>'
    lists = (
        abstract(0, lvl("decimal", "%1."), lvl("decimal", "%1.%2", 1), lvl("decimal", "(%3)", 2, more=deep)),
        num(1, 0),
    )
    entries = [(1, level) for level in (0, 1, 2, 1, 2, 0, 1, 2)]
    assert numbers(*entries, lists=lists) == ["1.", "1.1", "(1)", "1.2", "(2)", "2.", "2.1", "(1)"]


def test_a_level_that_never_came_counts_as_having_come_once():
    entries = [(1, level) for level in (1, 2, 0, 2)]
    assert numbers(*entries, lists=(DECIMALS, num(1, 0))) == ["1.1", "1.1.1", "2.", "2.1.1"]


def test_legal_numbers_show_the_levels_above_in_decimals():
    legal = abstract(
        0, lvl("chineseCounting", "第%1章"), lvl("decimal", "%1.%2", 1, more="<w:isLgl/>"), lvl("decimal", "%1-%3", 2)
    )
    assert numbers((1, 0), (1, 1), (1, 2), lists=(legal, num(1, 0))) == ["第一章", "1.1", "一-1"]


def test_starts_are_those_of_the_file():
    for start, first in ((None, "0."), (0, "0."), (7, "7.")):
        assert numbers((1,), lists=(abstract(0, lvl("decimal", "%1.", start=start)), num(1, 0))) == [first]


def test_bullets_empty_and_hidden_numbers_are_none_but_words_before_a_number_are_printed():
    forms = (
        lvl("bullet", "●"),
        lvl("none", "附件：", 1),
        lvl("decimal", "", 2),
        lvl("decimal", "%4.", 3, more="<w:rPr><w:vanish/></w:rPr>"),
        lvl("decimal", f"{'长' * 300}%5", 4),
        lvl("decimal", "%1%9%6)", 5),
    )
    entries = [(1, level) for level in range(6)]
    assert numbers(*entries, lists=(abstract(0, *forms), num(1, 0))) == ["", "附件：", "", "", "", "1)"]


def test_what_stands_behind_a_number_is_a_space_or_nothing():
    tight = '<w:suff w:val="nothing"/>'
    document = listed(abstract(0, lvl("chineseCounting", "%1、", more=tight), lvl("decimal", "%2.", 1)), num(1, 0))
    add(document, ("收购。", 1), (" 运输。", 1, 1))
    assert printed(document) == ["一、收购。", "1. 运输。"]


def test_a_format_of_ones_own_is_read():
    own = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><mc:AlternateContent '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="w14">'
        '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/>'
        '</mc:Fallback></mc:AlternateContent><w:lvlText w:val="%1号"/></w:lvl>'
    )
    assert numbers((1,), (1,), lists=(abstract(0, own), num(1, 0))) == ["001号", "002号"]


def test_headings_get_the_numbers_of_their_styles():
    document = listed(STYLED, num(1, 0))
    number(document.styles["Heading 1"].element, 1, None)
    number(document.styles["Heading 2"].element, 1, 0)  # the level that names the style is surer
    mine = document.styles.add_style("我的标题", 1)
    mine.base_style = document.styles["Heading 2"]
    add(document, "本办法自五月一日起施行。")
    off = document.styles.add_style("无号标题", 1)
    off.base_style = document.styles["Heading 2"]
    number(off.element, 0, None)
    for text, style in (
        ("总则", "Heading 1"),
        ("目的", "Heading 2"),
        ("依据", "我的标题"),
        ("附注", "无号标题"),
        ("管理", "Heading 1"),
        ("职责", "我的标题"),
    ):
        document.add_paragraph(text, style)
        document.add_paragraph("甲。")
    plain = document.add_paragraph("余言", "Heading 2")
    number(plain._p, 0)
    document.add_paragraph("甲。")
    blocks = read_docx(saved(document)).blocks
    assert [(block.text, block.level, block.made) for block in blocks if block.kind == "heading"] == [
        ("第一章 总则", 1, ((0, 3),)),
        ("第一节 目的", 2, ((0, 3),)),
        ("第二节 依据", 2, ((0, 3),)),
        ("附注", 2, ()),
        ("第二章 管理", 1, ((0, 3),)),
        ("第一节 职责", 2, ((0, 3),)),
        ("余言", 2, ()),
    ]


def test_a_list_may_take_its_levels_from_a_numbering_style():
    link, own = '<w:numStyleLink w:val="Mine"/>', '<w:styleLink w:val="Mine"/>'
    document = listed(ARTICLES.replace("<w:lvl ", f"{own}<w:lvl ", 1), abstract(1, link), num(1, 0), num(2, 1))
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="numbering" w:styleId="Mine"><w:name w:val="Mine"/><w:pPr><w:numPr>'
            '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        )
    )
    add(document, ("甲。", 2), ("乙。", 2))
    assert printed(document) == ["第一条 甲。", "第二条 乙。"]


def test_a_list_that_is_not_there_gives_no_number():
    assert numbers((7,), (1, 5), lists=(DECIMALS, num(1, 3), num(2, 0))) == ["", ""]
    plain = docx.Document()
    add(plain, ("甲。", 99))
    assert printed(plain) == ["甲。"]


def test_empty_paragraphs_count_and_deleted_or_hidden_ones_do_not():
    document = listed(ARTICLES, num(1, 0))
    listing = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    add_raw(
        document,
        f"<w:pPr>{listing}</w:pPr>{run('甲。')}",
        f"<w:pPr>{listing}</w:pPr>",
        f"<w:pPr>{listing}<w:rPr><w:del/></w:rPr></w:pPr><w:del><w:r><w:delText>乙。</w:delText></w:r></w:del>",
        f"<w:pPr>{listing}<w:rPr><w:moveFrom/></w:rPr></w:pPr><w:moveFrom>{run('乙。')}</w:moveFrom>",
        f"<w:pPr>{listing}<w:rPr><w:vanish/></w:rPr></w:pPr>{run('丙。', '<w:vanish/>')}",
        f"<w:pPr>{listing}<w:rPr><w:ins/></w:rPr></w:pPr><w:ins>{run('丁。')}</w:ins>",
    )
    assert printed(document) == ["第一条 甲。", "第三条 丁。"]


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next_one():
    document = listed(ARTICLES, num(1, 0))
    listing = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    add_raw(
        document,
        f"<w:pPr>{listing}<w:rPr><w:del/></w:rPr></w:pPr>{run('管理员应当')}",
        f"<w:pPr>{listing}</w:pPr>{run('每晚巡查。')}",
        f"<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('未完。')}",
    )
    assert printed(document) == ["第一条 管理员应当每晚巡查。", "未完。"]


def test_text_boxes_and_notes_have_a_count_of_their_own():
    document = listed(ARTICLES, num(1, 0))
    listing = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    box = f"<w:r><w:pict><w:txbxContent><w:p>{listing}{run('框。')}</w:p></w:txbxContent></w:pict></w:r>"
    add_raw(document, listing + run("甲。") + box, listing + run("乙。") + box)
    assert printed(document) == ["第一条 甲。", "第一条 框。", "第二条 乙。", "第一条 框。"]


def test_numbers_alone_stand_in_the_cells_of_a_table():
    document = listed(abstract(0, lvl("decimal", "%1")), num(1, 0))
    add(document, "下列人员参加。")
    table = document.add_table(2, 2)
    for row, name in zip(table.rows, ("张三", "李四"), strict=True):
        number(row.cells[0].paragraphs[0]._p, 1)
        row.cells[1].text = name
    draft = read_docx(saved(document))
    assert [(block.text, block.made) for block in draft.blocks[1:]] == [("1\t张三", ((0, 1),)), ("2\t李四", ((0, 1),))]


def test_a_line_break_leaves_the_number_with_the_first_words():
    document = listed(ARTICLES, num(1, 0))
    add(document, ("\n甲。\n乙。", 1))
    draft = read_docx(saved(document))
    assert [(block.text, block.made) for block in draft.blocks] == [("第一条 甲。", ((0, 3),)), ("乙。", ())]


def test_short_items_that_become_one_paragraph_keep_their_numbers():
    document = listed(DECIMALS, num(1, 0))
    add(
        document, "下列种子今年由乡农技站统一供应。", *((f"{name}种子", 1) for name in ("早稻", "玉米", "花生", "红薯"))
    )
    listing = read_docx(saved(document)).blocks[1]
    assert listing.text == "1. 早稻种子\n2. 玉米种子\n3. 花生种子\n4. 红薯种子"
    assert [listing.text[start:end] for start, end in listing.made] == ["1.", "2.", "3.", "4."]


def test_a_number_that_is_typed_already_is_not_doubled():
    document = listed(ARTICLES, num(1, 0))
    add(document, ("第一条　甲。", 1), ("第二条乙。", 1), ("丙。", 1))
    assert printed(document) == ["第一条　甲。", "第二条乙。", "第三条 丙。"]
