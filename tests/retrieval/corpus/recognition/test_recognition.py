"""The real recognition, on pages that are drawn here: a photographed notice, and a scan between pages of text."""

from __future__ import annotations

from scans import page, pdf_of, saved

from retrieval.corpus import installed_recogniser, read_corpus

TITLE = "关于加强冬季供暖工作的通知"
TORN = (
    "　　入冬以来，气温持续下降，经研究决定，从11月15日起对供暖",
    "管网进行检修，检修期间由供热站值班，电话5682210。",
)
SECOND = "　　各村每周巡查不少于两次，发现问题及时上报镇政府办公室。"
ROWS = (("姓名", "面积", "补贴金额"), ("张三丰", "86.5", "1,730"), ("李四光", "102", "2,040"))
NOTICE = page(
    (330, 150, 44, TITLE),
    *((130, 280 + 54 * place, 32, text) for place, text in enumerate((*TORN, SECOND))),
    *(
        (160 + 340 * column, 520 + 64 * row, 32, cell)
        for row, cells in enumerate(ROWS)
        for column, cell in enumerate(cells)
    ),
)


def read(folder, index):
    with installed_recogniser(index) as recogniser:
        return read_corpus([folder], recogniser=recogniser)


def paragraphs(document):
    return [document.text[paragraph.start : paragraph.end] for paragraph in document.paragraphs]


def test_a_photographed_notice_is_read_as_if_it_were_text_even_upside_down_and_askew(corpus_of, tmp_path):
    picture = NOTICE.rotate(182, fillcolor=255)
    folder = corpus_of({"notice.jpg": saved(picture, "JPEG", quality=90)})
    corpus = read(folder, tmp_path)
    [document] = corpus.documents
    assert (document.title, corpus.skipped) == (TITLE, ())
    assert paragraphs(document) == [
        "".join(TORN).strip(),
        SECOND.strip(),
        "姓名 面积 补贴金额\n张三丰 86.5 1,730\n李四光 102 2,040",
    ]
    assert document.made == tuple((line.start, line.end) for line in document.recognised)
    assert [document.text[line.start : line.end] for line in document.recognised[:2]] == [text.strip() for text in TORN]
    left, top, right, bottom = document.recognised[0].box  # the page lies on its head, and so does the box
    assert (round(left, 1), round(top, 1), round(right, 1), round(bottom, 1)) == (0.2, 0.8, 0.9, 0.8)


def test_a_scanned_page_in_a_pdf_of_text_stands_at_its_place(corpus_of, tmp_path):
    first, last = "　　第一页是电脑里打印的文字，说的是社区。", "　　第三页也是打印的文字，说的是医院。"
    scan = page((130, 280, 32, TORN[0]), (130, 334, 32, TORN[1]))
    data = pdf_of([(72, 700, 12, first)], scan, [(72, 700, 12, last)])
    [document] = read(corpus_of({"mixed.pdf": data}), tmp_path).documents
    assert paragraphs(document) == [first.strip(), "".join(TORN).strip(), last.strip()]
    assert [paragraph.page for paragraph in document.paragraphs] == [1, 2, 3]
    assert {line.page for line in document.recognised} == {2}
