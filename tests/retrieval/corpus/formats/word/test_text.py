"""The words of a paragraph as Word prints them, and where in them stands what only Word draws."""

from __future__ import annotations

import docx
import pytest
from word_files import add_raw, run, saved

from retrieval.corpus.formats.docx import read_docx

BEGIN, SEPARATE, END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))


def code(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def ruby(base: str, reading: str) -> str:
    return (
        f'<w:r><w:ruby><w:rubyPr><w:lid w:val="zh-CN"/></w:rubyPr><w:rt>{run(reading)}</w:rt>'
        f"<w:rubyBase>{run(base)}</w:rubyBase></w:ruby></w:r>"
    )


def alternatives(choice: str, fallback: str) -> str:
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{choice}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


def box(text: str) -> str:
    return f"<w:txbxContent><w:p>{run(text)}</w:p></w:txbxContent>"


def read(*paragraphs: str, change=lambda document: None):
    document = docx.Document()
    add_raw(document, *paragraphs)
    change(document)
    return read_docx(saved(document)).blocks


def text_of(*paragraphs: str) -> list[str]:
    return [block.text for block in read(*paragraphs)]


def test_readings_above_characters_are_left_out():
    assert text_of(run("主任郁") + ruby("翀", "chōng") + run("带领民兵。")) == ["主任郁翀带领民兵。"]


@pytest.mark.parametrize(
    "eq",
    [r'EQ \* jc2 \* "Font:宋体" \* hps10 \o\ad(\s\up 9(chōng),翀)', r"EQ \o(\s\up 9(chōng)，翀)", r"eq \o\ac(○,翀)"],
)
def test_readings_that_old_files_keep_in_a_field_are_left_out(eq):
    parted = BEGIN + code(eq[:7]) + code(eq[7:].replace('"', "&quot;")) + END
    assert text_of(run("主任郁") + parted + run("带领民兵。")) == ["主任郁翀带领民兵。"]


def test_results_of_fields_are_read_and_codes_are_not():
    inner = BEGIN + code(" PAGEREF a ") + SEPARATE + run("7") + END
    nested = BEGIN + code(" IF ") + inner + code(" = 7 ") + SEPARATE + run("成立") + END
    link = f'<w:hyperlink>{run("网址")}</w:hyperlink><w:fldSimple w:instr=" REF b ">{run("第三条")}</w:fldSimple>'
    assert text_of(run("甲") + nested + link + BEGIN + code(" ASK ") + END + run("。")) == ["甲成立网址第三条。"]


def test_a_field_that_goes_over_paragraphs_hides_none_of_them():
    first = run("甲") + BEGIN + code(" TOC ") + SEPARATE + run("乙。")
    assert text_of(first, run("丙。") + END, BEGIN + code(" IF "), run("丁。")) == ["甲乙。", "丙。", "丁。"]


def test_changes_are_accepted():
    moved = f"<w:moveFrom>{run('戊')}</w:moveFrom><w:moveTo>{run('己')}</w:moveTo>"
    deleted = "<w:del><w:r><w:delText>丙</w:delText></w:r></w:del>"
    nested = f"<w:ins>{run('乙')}<w:del><w:r><w:t>丁</w:t></w:r></w:del></w:ins>"
    assert text_of(run("甲") + nested + deleted + moved + run("。")) == ["甲乙己。"]


def test_hidden_text_is_left_out_be_it_hidden_itself_or_by_its_style():
    def styles(document):
        character = document.styles.add_style("Secret", 2)
        character.font.hidden = True
        paragraph = document.styles.add_style("Hidden", 1)
        paragraph.font.hidden = True

    shown = (
        run("甲")
        + run("乙", "<w:vanish/>")
        + run("丙", '<w:vanish w:val="0"/>')
        + run("丁", '<w:rStyle w:val="Secret"/>')
        + run("。")
    )
    other = run("己。", '<w:vanish w:val="false"/>')
    styled = f'<w:pPr><w:pStyle w:val="Hidden"/></w:pPr>{run("戊。")}{other}'
    assert [block.text for block in read(shown, styled, change=styles)] == ["甲丙。", "己。"]


def test_content_controls_are_read_but_no_invitations_to_fill_them_in():
    control = "<w:sdt><w:sdtPr>{}</w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    empty = control.format("<w:showingPlcHdr/>", run("单击此处输入文字"))
    assert text_of(run("甲") + control.format("", run("乙")) + empty + run("。")) == ["甲乙。"]


def test_a_text_box_is_read_once_behind_its_paragraph():
    both = f"<w:r>{alternatives(box('框里的话。'), box('框里的话。'))}</w:r>"
    old = f"<w:r><w:pict>{box('旧框。')}</w:pict></w:r>"
    gone = f"<w:del><w:r>{box('删去的框。')}</w:r></w:del>"
    assert text_of(run("甲") + both + old + gone + run("乙。")) == ["甲乙。", "框里的话。", "旧框。"]


def test_of_alternatives_the_first_is_read():
    assert text_of(alternatives(run("甲。"), run("乙。"))) == ["甲。"]
    assert text_of(f"<mc:AlternateContent><mc:Fallback>{run('乙。')}</mc:Fallback></mc:AlternateContent>") == ["乙。"]


def test_signs_are_read_and_those_that_word_draws_are_known():
    check = '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
    unknown = '<w:r><w:sym w:font="Webdings" w:char="F061"/></w:r><w:r><w:sym w:font="Webdings" w:char="x"/></w:r>'
    plain = '<w:r><w:sym w:font="宋体" w:char="2460"/></w:r>'
    hyphens = "<w:r><w:tab/><w:noBreakHyphen/><w:softHyphen/></w:r>"
    signs = check + unknown + plain + run("甲") + hyphens + run("乙\u00ad丙。")
    blocks = read(signs)
    assert [(block.text, block.made) for block in blocks] == [("☑①甲 -乙丙。", ((0, 1), (1, 2), (4, 5)))]


def test_formulas_are_read_and_fractions_drawn_with_a_stroke():
    words = "<m:r><m:t>{}</m:t></m:r>".format
    formula = f"<m:oMath>{words('a=')}<m:f><m:num>{words(1)}</m:num><m:den>{words(20)}</m:den></m:f></m:oMath>"
    assert [(block.text, block.made) for block in read(formula + run("。"))] == [("a=1/20。", ((3, 4),))]


def test_line_breaks_part_a_paragraph_and_white_space_moves_no_range():
    blocks = read(
        "<w:r><w:t xml:space='preserve'>  甲。 </w:t><w:br/><w:t>乙</w:t><w:noBreakHyphen/><w:t>丙。</w:t></w:r>"
    )
    assert [(block.text, block.made) for block in blocks] == [("甲。", ()), ("乙-丙。", ((1, 2),))]
