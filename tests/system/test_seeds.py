"""The five seed reports come out right, to the paragraph."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter

import pytest

from retrieval.corpus.passages import split_document

SHA256 = {
    "000_615096fb3a9954a1.txt": "109fc38bdda009d6c45344cea43d432aacfd4071437ee427c0b8105c7b9be19f",
    "001_5490f234a13f708b.txt": "defc002765307255fb3f302b3d37a1bba56e344cfb5bef3f706663e798fe30db",
    "002_5bb256aa8cf2b42a.txt": "91d622d612d88b97fc3f72469a4f7f0045a69712a805fc3ee5cc0207d7b6062b",
    "003_45bc61790dac3a67.txt": "0fd90acdd8c3176165fc66c46e2a2681137e54176a3d0cfe19b172e0c32a1278",
    "004_2ce852fb66e9e90e.txt": "6b8682f66beecce48e07a35c4d9cbb366b2791fc492d6b8f1b06c00f413a05ca",
}
IDS = [name.removesuffix(".txt") for name in SHA256]
INVISIBLE = "\u200b\ufeff"


@pytest.fixture
def report(seeds):
    """Look a seed up by its first three digits."""
    return lambda number: next(d for d in seeds.documents if d.document_id.startswith(number))


def visible(text):
    return [character for character in text if not character.isspace() and character not in INVISIBLE]


def in_order(part, whole):
    """Whether the visible characters of ``part`` stand in ``whole`` in the same order."""
    rest = iter(visible(whole))
    return all(character in rest for character in visible(part))


def paragraphs_of(document):
    return [document.text[p.start : p.end] for p in document.paragraphs]


def test_the_seeds_are_the_given_files_byte_for_byte(seeds_folder):
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in seeds_folder.iterdir()}
    assert found == SHA256


def test_every_seed_is_read_and_none_is_skipped(seeds):
    assert [d.document_id for d in seeds.documents] == IDS
    assert [d.path for d in seeds.documents] == list(SHA256)
    assert [d.digest for d in seeds.documents] == list(SHA256.values())
    assert seeds.skipped == ()


def test_titles_are_those_of_the_files_and_a_derived_one_is_marked(seeds):
    assert [(d.title, d.title_derived) for d in seeds.documents] == [
        ("党旗所指,行之所向——第一党支部凝心聚力抗疫工作纪实", False),
        ("2020年新冠肺炎疫情发生后,张文宏那一声“共产党员先上”火遍全网…", True),
        ("党旗飘扬，全力站好志愿服务“抗疫岗”", False),
        ("筑牢战“疫”堡垒 当好抗疫排头兵", False),
        ("战“疫”的堡垒 防控的屏障——株洲各级基层党组织抗击疫情综述", False),
    ]


def test_dates_are_what_the_files_say_and_never_invented(seeds):
    assert [d.date for d in seeds.documents] == [dt.date(2024, 5, 6), None, None, None, dt.date(2020, 2, 1)]


def test_sources_are_what_the_files_say(seeds):
    assert [d.source for d in seeds.documents] == ["第一党支部", None, "市卫健中心党委", None, "株洲日报"]


def test_every_seed_has_its_number_of_paragraphs(seeds):
    assert [len(d.paragraphs) for d in seeds.documents] == [10, 16, 11, 19, 31]
    for document in seeds.documents:
        assert [p.number for p in document.paragraphs] == list(range(1, len(document.paragraphs) + 1))


@pytest.mark.parametrize(
    ("number", "headings"),
    [
        (
            "000",
            [
                "一名党员就是一面冲锋旗帜",
                "支部书记显担当",
                "话务志愿者,架起患者生命和希望的“桥梁”",
                "用文字记录下抗疫点滴",
            ],
        ),
        (
            "001",
            [
                "成立“突击队”吹响战“疫”集结号",
                "每天3万步刷新自己最高纪录",
                "600多位居民都是他的微信好友",
                "不知疲倦坚守抗疫战场",
            ],
        ),
        (
            "002",
            [
                "当好后勤兵，“党建红”筑牢保障线",
                "青年有担当，“我是党员，我请战”",
                "退休不褪色，老同志离岗不离党",
                "关爱不“打烊”，“空巢”老人不空心",
            ],
        ),
        (
            "003",
            [
                "让党旗在防控一线高高飘扬",
                "A 党建引领",
                "党员下沉至抗疫一线",
                "B 不忘初心",
                "奋战一个多月无怨言",
                "C 众志成城",
                "卫计党员献爱心",
            ],
        ),
        ("004", ["把最美的身影留在战“疫”最前线", "党旗在群众最需要的地方飘扬", "集结战“疫”合力"]),
    ],
)
def test_headings_are_found(report, number, headings):
    document = report(number)
    assert [document.text[h.start : h.end] for h in document.headings] == headings


@pytest.mark.parametrize(
    ("number", "paragraph", "heading"),
    [
        ("000", 1, None),
        ("000", 2, "一名党员就是一面冲锋旗帜"),
        ("000", 7, "支部书记显担当"),
        ("000", 10, "用文字记录下抗疫点滴"),
        ("001", 1, None),
        ("001", 13, "600多位居民都是他的微信好友"),
        ("002", 3, "当好后勤兵，“党建红”筑牢保障线"),
        ("002", 11, "关爱不“打烊”，“空巢”老人不空心"),
        ("003", 1, "让党旗在防控一线高高飘扬"),
        ("003", 2, "A 党建引领 · 党员下沉至抗疫一线"),
        ("003", 13, "B 不忘初心 · 奋战一个多月无怨言"),
        ("003", 19, "C 众志成城 · 卫计党员献爱心"),
        ("004", 3, None),
        ("004", 30, "集结战“疫”合力"),
    ],
)
def test_paragraphs_know_their_heading(report, number, paragraph, heading):
    assert report(number).paragraphs[paragraph - 1].heading == heading


@pytest.mark.parametrize(
    ("number", "paragraph", "words"),
    [
        ("002", 3, "第一党支部党员群众坚守岗位、发挥作用"),
        ("002", 4, "及时“请战”当起临时“外卖员”，在双休日"),
        ("002", 4, "突如其来的封控，让公寓内近两千名住户的餐食压力倍增"),
        ("002", 7, "我们小区于3月16日至22日期间，接连开展3轮48小时封闭管理"),
        ("002", 11, "青春热血和广大群众的大爱与共。党旗在疫情防控第一线高高飘扬，玉兰已开，春天还会远么？"),
        ("003", 10, "只是戴上口罩就上岗了,一站就是18个小时,直到第二天下午的六点钟。"),
        ("003", 12, "黄悦丰的工作量与日俱增。黄悦丰表示,他工作的难度主要在于群众不理解"),
    ],
)
def test_what_page_breaks_and_hard_wraps_tore_is_mended(report, number, paragraph, words):
    holding = [index for index, text in enumerate(paragraphs_of(report(number)), start=1) if words in text]
    assert holding == [paragraph]


def asides_of(document, kind):
    return tuple((document.text[a.start : a.end], a.after) for a in document.asides if a.kind == kind)


def test_captions_stand_in_the_text_where_they_stood_and_are_no_paragraphs(seeds):
    assert [asides_of(document, "caption") for document in seeds.documents] == [
        (("上图:中心第一党支部党员参加疫情防控图集", 10),),
        (),
        (),
        (
            ("里水机关卫计党支部将募集物资送到集中医学观察点人员手中。", 6),
            ("居家观察指导组人员陪同医护人员入户帮对象测体温。", 13),
            ("里水机关卫计党支部开展募捐活动。", 19),
        ),
        (
            ("▲团结一心,共战疫情。", 3),
            ("▲市中心医院医生纷纷写下请战书。", 6),
            ("▲株洲市妇幼保健院产一科主任医师周文勇上门为孕妇产检。", 8),
            ("▲醴陵市公安局交警大队党总支全警无休,开展疫情设卡检查。", 13),
            ("▲天元区栗雨街道月塘社区党总支书记龙建忠(右)在劝说社区居民取消婚礼。", 15),
            ("▲荷塘区疾控中心检验科科长谭巧珍坚持在实验室工作。", 19),
            ("▲城管党员运送废弃口罩垃圾桶。", 26),
            ("▲湖南华源荣康药业有限公司捐献5000个口罩。", 30),
        ),
    ]
    assert [asides_of(document, "subtitle") for document in seeds.documents] == [
        (),
        (),
        (),
        (("里水机关卫计党支部以党建引领,凝聚党群力量,深入防控一线", 0),),
        (),
    ]
    assert [document.made for document in seeds.documents] == [()] * 5


def test_credits_are_metadata_and_the_image_file_name_is_furniture(report):
    document = report("000")
    assert document.metadata == (
        ("time", "2024年5月6日"),
        ("editor", "党办管珏"),
        ("contributor", "第一党支部"),
        ("reviewer", "白虹"),
    )
    assert "".join(visible("".join(document.furniture))) == (
        "2024年5月6日党办管珏编辑第一党支部供稿白虹审稿一支部-拼.jpg"
    )


def test_the_newspapers_metadata_line_byline_and_closing_lines_are_no_paragraphs(report):
    document = report("004")
    assert document.metadata == (
        ("time", "2020-02-01 13:30:17"),
        ("source", "株洲日报"),
        ("editor", "王珈"),
        ("views", "7628"),
        ("author", "株洲日报记者 李支国 尹二荣 沈全华 邹怡敏"),
        ("editor", "王珈"),
        ("source", "株洲日报"),
    )
    assert document.furniture[1:] == (
        "株洲日报记者 李支国 尹二荣 沈全华 邹怡敏",
        "责编:王珈",
        "来源:株洲日报",
        "下载APP",
    )
    assert "浏览量" not in document.text
    assert "下载APP" not in document.text
    assert paragraphs_of(document)[0] == "越是风急浪骤,越需中流砥柱。"
    assert paragraphs_of(document)[-1].endswith("奔流向前!")


def test_a_report_without_furniture_has_none(report):
    document = report("001")
    assert (document.metadata, document.furniture, document.asides) == ((), (), ())


@pytest.mark.parametrize("name", SHA256)
def test_every_visible_character_of_a_seed_is_somewhere(report, seeds_folder, name):
    document = report(name[:3])
    title = "" if document.title_derived else document.title
    kept = "".join([document.text, title, *document.furniture])
    assert Counter(visible(kept)) == Counter(visible((seeds_folder / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SHA256)
def test_the_text_of_a_seed_stands_in_its_file_in_order(report, seeds_folder, name):
    assert in_order(report(name[:3]).text, (seeds_folder / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SHA256)
def test_paragraphs_headings_and_asides_are_the_whole_text(report, name):
    document = report(name[:3])
    spans = sorted((part.start, part.end) for part in (*document.paragraphs, *document.headings, *document.asides))
    assert "".join(visible("".join(document.text[start:end] for start, end in spans))) == "".join(
        visible(document.text)
    )
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert all(document.text[start:end] == document.text[start:end].strip() for start, end in spans)


@pytest.mark.parametrize("name", SHA256)
def test_passages_of_a_seed_slice_to_their_text_and_hold_all_of_it(report, name):
    document = report(name[:3])
    passages = list(split_document(document))
    assert [p.text for p in passages] == [document.text[p.start : p.end] for p in passages]
    assert max(len(p.text) for p in passages) <= 400
    joined = {number: "" for number in range(1, len(document.paragraphs) + 1)}
    asides = [""] * len(document.asides)
    for passage in passages:
        if passage.paragraph is None:
            asides[passage.aside - 1] += passage.text
        else:
            joined[passage.paragraph] += passage.text
    assert list(joined.values()) == paragraphs_of(document)
    assert asides == [document.text[aside.start : aside.end] for aside in document.asides]
