import pytest

from retrieval.question.followup.understand import understand
from retrieval.types import Turn

CALLS = Turn("孙蕴华接听了多少个电话?", "截至4月10日,孙蕴华累计接听电话近400通")
SECRETARY = Turn("普善路居民区的党总支书记是谁?", "3月7日起,芷江西路街道普善路居民区党总支书记张磊陆续有3个楼组")
DOCTOR = Turn("Which doctor went to Hubei?", "省直中医院心内科医生任玉钢,他的妻子也是医生")
ENGLISH = Turn("How many calls did Sun Yunhua answer?", None)
HOURS = Turn("一共站了几个小时?", None)
COMPANY = Turn("哪家公司调配了口罩?", "1月28日,位于株洲的湖南华源荣康药业有限公司连夜调配5000个防护口罩")
PAIR = Turn("温海波、孔干升什么时候到岗?", None)
TITLED = Turn("药店有多少家开门营业?", None, "战“疫”的堡垒——株洲各级基层党组织抗击疫情综述")
UNTITLED = Turn("谁筹了善款?", None, "筑牢堡垒 当好排头兵")


@pytest.mark.parametrize(
    ("question", "before", "understood"),
    [
        # pronouns
        ("那她是哪个部门的?", CALLS, "孙蕴华是哪个部门的?"),
        ("那他多大年纪?", SECRETARY, "张磊多大年纪?"),
        ("请问她的职务是什么?", CALLS, "请问孙蕴华的职务是什么?"),
        ("家人怎么称呼她?", CALLS, "家人怎么称呼孙蕴华?"),
        ("他们接到任务是几点?", PAIR, "温海波、孔干升接到任务是几点?"),
        ("他接到任务是几点?", PAIR, "温海波接到任务是几点?"),
        ("她有多少年黨齡?", CALLS, "孙蕴华有多少年黨齡?"),
        ("它在哪里?", COMPANY, "湖南华源荣康药业有限公司在哪里?"),
        ("And what does his wife do?", DOCTOR, "what does 任玉钢's wife do?"),
        ("How old is she?", ENGLISH, "How old is Sun Yunhua?"),
        ("Who helped her?", ENGLISH, "Who helped Sun Yunhua?"),
        ("and his age?", DOCTOR, "任玉钢's age?"),
        # ellipsis
        ("张贝呢?", CALLS, "张贝接听了多少个电话?"),
        ("其他志願者呢?", CALLS, "其他志願者接听了多少个电话?"),
        ("党龄呢?", CALLS, "孙蕴华的党龄?"),
        ("第二天呢?", HOURS, "一共站了几个小时? 第二天呢?"),
        ("然后呢?", HOURS, "一共站了几个小时? 然后呢?"),
        ("What about Zhang Bei?", ENGLISH, "How many calls did Zhang Bei answer?"),
        ("and Shanghai?", DOCTOR, "Which doctor went to Shanghai?"),
        ("What about the nurses?", DOCTOR, "Which doctor went to Hubei? What about the nurses?"),
        # places, organisations, reports
        ("这家公司捐了多少?", COMPANY, "湖南华源荣康药业有限公司捐了多少?"),
        ("这位医生的岳母怎么了?", DOCTOR, "任玉钢的岳母怎么了?"),
        ("那里有多少居民?", SECRETARY, "普善路居民区有多少居民?"),
        ("How many masks did that company donate?", COMPANY, "How many masks did 湖南华源荣康药业有限公司 donate?"),
        ("这篇报道里提到了哪些医院?", TITLED, "株洲提到了哪些医院?"),
        ("這份報告裡誰是書記?", UNTITLED, "《筑牢堡垒 当好排头兵》里誰是書記?"),
        ("What does that report say about masks?", TITLED, "What does 株洲 say about masks?"),
        # fragments
        ("多大年纪?", CALLS, "孙蕴华多大年纪?"),
        ("为什么?", HOURS, "一共站了几个小时? 为什么?"),
        ("那捐了多少?", COMPANY, "湖南华源荣康药业有限公司 捐了多少?"),
        ("and in which hospital?", DOCTOR, "任玉钢 in which hospital?"),
        ("Why?", ENGLISH, "How many calls did Sun Yunhua answer? Why?"),
    ],
)
def test_a_follow_up_names_what_it_leans_on(question, before, understood):
    assert understand(question, before) == understood


@pytest.mark.parametrize("before", [CALLS, SECRETARY, DOCTOR, ENGLISH, COMPANY, TITLED])
@pytest.mark.parametrize(
    "question",
    [
        "里水机关卫计党支部募捐了多少善款?",
        "张磊今年多少岁?",
        "那张磊今年多少岁?",
        "今天上海天气怎么样?",
        "那么多口罩是谁捐的?",
        "其他志愿者做了什么?",
        "其中有多少名党员?",
        "其实是谁?",
        "尤其是医院,措施有哪些?",
        "还有哪些企业捐赠了口罩?",
        "他人的评价是什么?",
        "吉他怎么弹?",
        "张磊和他的同事做了什么?",
        "这里收录了哪些报告?",
        "报告里提到了哪些医院?",
        "那位医生去了湖北?",
        "谁负责医学观察呢?",
        "现在几点了呢?",
        "“他一直坚守岗位”说的是谁?",
        "《她》是谁写的?",
        "怎么预防感染?",
        "年龄最大的志愿者是谁?",
        "谁给老人送菜?他们住在哪里?老人说了什么?后来社区又做了哪些工作来照顾他们?",
        "How many masks did the company in Zhuzhou donate?",
        "How many reports are there?",
        "What is it like to work at a checkpoint?",
        "How long does it take to get a result?",
        "Is it true that masks were donated?",
        "Did Zhang Lei say that he was tired?",
        "What did the volunteers do when they visited old people?",
        "Then who delivered daily goods to the observation centre?",
        "So who lives in Zhuzhou?",
        "",
        "?",
        "那",
    ],
)
def test_a_question_that_stands_alone_is_never_bent(question, before):
    assert understand(question, before) == question
    assert understand(question, None) == question


def test_without_a_turn_before_nothing_is_understood_otherwise():
    assert understand("他的妻子做什么工作?", None) == "他的妻子做什么工作?"


def test_a_fragment_leans_on_the_answer_it_replies_to():
    assert understand("在哪家医院?", CALLS) == "在哪家医院?"
    assert understand("在哪家医院?", CALLS, is_reply=True) == "孙蕴华 在哪家医院?"
    assert understand("in which hospital?", DOCTOR, is_reply=True) == "任玉钢 in which hospital?"


@pytest.mark.parametrize(
    "question", ["世界上最高的山峰是哪座?", "怎么预防感染?", "有多少篇报道?", "谁负责物资?", "who delivered the meals?"]
)
def test_a_reply_that_stands_alone_is_not_bent_either(question):
    assert understand(question, CALLS, is_reply=True) == question


def test_a_chain_of_fragments_never_grows_beyond_a_question():
    question, longest = "一共站了几个小时?", 0
    for _ in range(300):
        question = understand("第二天呢?", Turn(question, None))
        longest = max(longest, len(question))
    assert longest <= 200
    assert understand("第二天呢?", Turn("长" * 990, None)) == "第二天呢?"
