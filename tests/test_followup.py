import pytest

from retrieval.followup import understand
from retrieval.types import Turn

CALLS = Turn("孙蕴华接听了多少个电话?", "截至4月10日,孙蕴华累计接听电话近400通")
SECRETARY = Turn("普善路居民区的党总支书记是谁?", "3月7日起,芷江西路街道普善路居民区党总支书记张磊陆续有3个楼组")
DOCTOR = Turn("Which doctor went to Hubei?", "省直中医院心内科医生任玉钢,他的妻子也是医生")
HOURS = Turn("一共站了几个小时?", None)


@pytest.mark.parametrize(
    ("question", "before", "understood"),
    [
        ("那她是哪个部门的?", CALLS, "孙蕴华是哪个部门的?"),
        ("那他多大年纪?", SECRETARY, "张磊多大年纪?"),
        ("张贝呢?", CALLS, "张贝接听了多少个电话?"),
        ("第二天呢?", HOURS, "一共站了几个小时? 第二天呢?"),
        ("and in which hospital?", DOCTOR, "任玉钢 and in which hospital?"),
        ("他的妻子做什么工作?", None, "他的妻子做什么工作?"),
    ],
)
def test_a_follow_up_names_what_it_leans_on(question, before, understood):
    assert understand(question, before) == understood


@pytest.mark.parametrize(
    "question",
    [
        "里水机关卫计党支部募捐了多少善款?",
        "张磊今年多少岁?",
        "How many masks did the company in Zhuzhou donate?",
        "今天上海天气怎么样?",
        "其他志愿者做了什么?",
        "How many reports are there?",
        "",
    ],
)
def test_a_question_that_stands_alone_is_never_bent(question):
    assert understand(question, CALLS) == question


def test_a_fragment_leans_on_the_answer_it_replies_to():
    assert understand("在哪家医院?", CALLS) == "在哪家医院?"
    assert understand("在哪家医院?", CALLS, is_reply=True) == "孙蕴华 在哪家医院?"


def test_a_chain_of_fragments_never_grows_beyond_a_question():
    question, longest = "一共站了几个小时?", 0
    for _ in range(300):
        question = understand("第二天呢?", Turn(question, None))
        longest = max(longest, len(question))
    assert longest <= 200
    assert understand("第二天呢?", Turn("长" * 990, None)) == "第二天呢?"
