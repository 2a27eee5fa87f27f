import json
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer.span.find import find_span
from retrieval.question.question_type import question_type
from retrieval.text.characters import normalise

SECRETARY = "3月7日起,芷江西路街道普善路居民区党总支书记张磊所在辖区内陆续有3个楼组要配合疫情防控,进行48小时闭环管理。"
SHOPS = (
    "春节期间,千金大药房300余家符合开门条件的门店全部开门营业,近千人在岗,"
    "1月21日至29日加急配送口罩110余万个,其他药品、器械和消毒用品90余万盒(瓶)。"
)
MASKS = "1月28日,位于株洲的湖南华源荣康药业有限公司连夜从邵阳调配5000个防护口罩,全部捐赠给芦淞区卫健局。"
CALLS = "截至4月10日,孙蕴华累计接听电话近400通,用专业、责任和担当架起病患生命和希望之间的重要“桥梁”。"
CHECKPOINT = (
    "例如,1月26日晚抽调到联合检疫点的四名党员温海波、孔干升、唐志航、袁显坤和入党积极分子叶润全,"
    "当日20时接到区指挥部紧急任务后,五人马上从家中往办公室赶,简单培训后,当晚23:30已经到岗。"
)
SPRING = "株洲各行业各领域1.1万余个基层党组织、24万余名党员奋勇争先,战斗在第一线。"
HOSPITAL = "2020年2月3日,任玉钢从株洲出发,赴湖北黄冈支援;次日,周文勇抵达武汉。"
TOWN = "该镇共有居民1.2万户、3.6万人,面积约58平方公里,65岁以上老人占百分之十二,人均捐款12.5元。"


def words(question, sentence, similarity=None):
    found = find_span(question, question_type(normalise(question)), sentence, similarity)
    return None if found is None else sentence[slice(*found)]


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("孙蕴华一共接听了多少通电话?", CALLS, "近400通"),
        ("孫蘊華一共接聽了多少通電話?", CALLS, "近400通"),
        ("How many phone calls did Sun Yunhua answer?", CALLS, "近400通"),
        ("千金大药房有多少家门店营业?", SHOPS, "300余家"),
        ("千金大药房加急配送了多少口罩?", SHOPS, "110余万个"),
        ("这家公司捐了多少个口罩?", MASKS, "5000个"),
        ("普善路的闭环管理持续多久?", SECRETARY, "48小时"),
        ("有几个楼组要配合疫情防控?", SECRETARY, "3个"),
        ("株洲有多少基层党组织和党员参加抗疫?", SPRING, "1.1万余个基层党组织、24万余名党员"),
        ("株洲有多少名党员参加抗疫?", SPRING, "24万余名"),
        ("该镇有多少户居民?", TOWN, "1.2万户"),
        ("该镇有多少人?", TOWN, "3.6万人"),
        ("该镇面积有多大?", TOWN, "约58平方公里"),
        ("What percentage are old people?", TOWN, "百分之十二"),
        ("老人的比例是多少?", TOWN, "百分之十二"),
        ("人均捐了多少钱?", TOWN, "12.5元"),
        ("累计服务了多长时间?", "他累计服务时长超过8小时。", "超过8小时"),
        ("他一口气站了几个小时?", "一站就是18个小时,直到第二天下午的六点钟。", "18个小时"),
        ("张磊今年多大?", "张磊今年33岁,这是他第一次接到闭环管理任务。", "33岁"),
        ("核酸检测多久做一次?", "封控期间，居民每三天做一次核酸检测。", "每三天做一次"),
        ("咨询热线的号码是多少?", "市民可拨打咨询热线021-12320,服务时间为8小时。", "021-12320"),
        ("这是第几批医疗队?", "这是全市派出的第三批医疗队,共20人。", "第三批"),
    ],
)
def test_a_question_for_a_number_gets_the_number_with_its_unit(question, sentence, span):
    assert words(question, sentence) == span


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("普善路居民区的党总支书记是谁?", SECRETARY, "张磊"),
        ("普善路居民區的黨總支書記是誰?", SECRETARY, "张磊"),
        ("Who is the secretary of the neighbourhood?", SECRETARY, "张磊"),
        ("荷塘区疾控中心检验科科长是谁?", "荷塘区疾控中心检验科科长谭巧珍,在一线检测样本。", "谭巧珍"),
        ("誰去了湖北黃岡?", HOSPITAL.replace("发", "發"), "任玉钢"),
        ("谁抵达了武汉?", HOSPITAL, "周文勇"),
        ("谁是预备党员?", "护士长向璇和王雅萍是预备党员。", "向璇和王雅萍"),
        (
            "哪些人去看望了阿婆?",
            "方欣叶和小分队成员邱易彤和季雯雨特意上门看望阿婆。",
            "方欣叶和小分队成员邱易彤和季雯雨",
        ),
        ("哪些人抽调到了联合检疫点?", CHECKPOINT, "温海波、孔干升、唐志航、袁显坤和入党积极分子叶润全"),
        ("谁发现了病毒?", "该病毒由伊万·诺夫斯基在实验室发现。", "伊万·诺夫斯基"),
    ],
)
def test_a_question_for_a_person_gets_the_name(question, sentence, span):
    assert words(question, sentence) == span


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("任玉钢什么时候从株洲出发?", HOSPITAL, "2020年2月3日"),
        ("任玉鋼是哪一年出發的?", HOSPITAL, "2020年2月3日"),
        ("When did Ren Yugang leave?", HOSPITAL, "2020年2月3日"),
        ("千金大药房什么时候加急配送口罩?", SHOPS, "1月21日至29日"),
        ("孙蕴华的数字统计到哪天?", CALLS, "4月10日"),
        ("他们几点到岗?", CHECKPOINT, "23:30"),
        ("他站到什么时候?", "他一站就是18个小时,直到第二天下午六点钟。", "下午六点钟"),
        ("封控从何时开始?", "３月２８日凌晨５时起，浦东地区开始封控。", "３月２８日凌晨５时"),
        ("疫苗是哪个世纪发明的?", "疫苗发明于18世纪末,距今已有200多年。", "18世纪末"),
    ],
)
def test_a_question_for_a_time_gets_the_time(question, sentence, span):
    assert words(question, sentence) == span


@pytest.mark.parametrize(
    ("question", "span"),
    [
        ("报名到什么时候？", "6月30日"),
        ("报名什么时候截止？", "6月30日"),
        ("报名哪天结束？", "6月30日"),
        ("从什么时候开始报名？", "5月4日"),
        ("報名從哪天起？", "5月4日"),
        ("When does registration start?", "5月4日"),
    ],
)
@pytest.mark.parametrize(
    "sentence",
    [
        "今年报名自5月4日起至6月30日止，逾期不再受理。",
        "今年报名从5月4日开始，到6月30日结束。",
        "今年报名时间5月4日开始，6月30日截止。",
    ],
)
def test_the_end_or_the_beginning_of_a_span_of_time_is_told_by_what_is_asked(question, span, sentence):
    start, end = find_span(question, question_type(normalise(question)), sentence)
    assert sentence[start:end] == span


@pytest.mark.parametrize(
    ("question", "sentence", "span"),
    [
        ("捐口罩的公司位于哪里?", MASKS, "株洲"),
        ("口罩是哪家公司捐赠的?", MASKS, "湖南华源荣康药业有限公司"),
        ("任玉钢从哪里出发?", HOSPITAL, "株洲"),
        ("周文勇去了哪里?", HOSPITAL, "武汉"),
    ],
)
def test_a_question_for_a_place_gets_the_place(question, sentence, span):
    assert words(question, sentence) == span


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("为什么要配送口罩?", SHOPS),
        ("Why did the company donate 5000 masks?", MASKS),
        ("怎么联系张磊?", SECRETARY),
        ("孙蕴华的手机号码是多少?", CALLS),
        ("志愿者给阿婆买了哪些食物?", "他们选购了山药、高山竹笋、挂面和麦片。"),
        ("哪些人连续工作没有休息?", "侯霄雯是采样队的负责人,连续20多天没有好好休息过。"),
        ("谁是负责人?", "全体职工上下一心,严防死守,共克时艰。"),
        ("张磊是谁?", SECRETARY.replace("张磊所在", "张磊说,")),
        ("捐了多少钱?", MASKS),
        ("2020年什么时候开始封控?", "2020年,全市开始封控。"),
        ("How many hours did it take?", MASKS),
        ("谁更早到岗?", "张磊、王剑峰都说,吴涛、李勤已到岗。"),
        ("口罩", MASKS),
        ("", MASKS),
        ("谁?", ""),
    ],
)
def test_no_words_are_better_than_wrong_words(question, sentence):
    assert words(question, sentence) is None


def test_the_similarity_decides_where_the_words_cannot():
    sentence = "从科室选派了15名工作人员赴湖北支援,其中有6名党员。"
    question = "How many medical workers went to Hubei?"
    assert words(question, sentence) is None
    assert words(question, sentence, lambda start, end: 0.9 if "湖北" in sentence[start : end + 6] else 0.8) == "15名"


texts = st.text(max_size=80)
pieces = st.lists(
    st.sampled_from(
        [
            "谁",
            "多少",
            "几个",
            "哪里",
            "何时",
            "who ",
            "12",
            "½",
            "3.5万",
            "張磊",
            "·",
            "年",
            "月",
            "第",
            "%",
            "、",
            "ﬁ",
            "株洲",
            "在",
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.one_of(texts, pieces), st.one_of(texts, pieces))
def test_any_two_texts_give_none_or_a_piece_of_the_sentence(question, sentence):
    found = find_span(question, question_type(normalise(question)), sentence)
    assert found is None or 0 <= found[0] < found[1] <= len(sentence)


@pytest.mark.parametrize("sentence", ["1" * 5000, "1," * 3000, "三" * 5000, "2020年" * 1000, "张磊、" * 1500])
def test_a_monstrous_sentence_cannot_stall_the_bot(sentence):
    find_span("谁?", question_type("谁?"), "张磊")
    started = time.perf_counter()
    for question in ("多少?", "什么时候?", "谁?", "哪里?"):
        find_span(question, question_type(normalise(question)), sentence)
    assert time.perf_counter() - started < 10


def test_importing_loads_neither_jieba_nor_opencc():
    heavy = "{'jieba', 'opencc'} & set(sys.modules)"
    code = f"import json, sys, retrieval.answer.span.find; print(json.dumps(sorted({heavy})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
