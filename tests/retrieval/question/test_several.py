"""A message that asks several things is a question for each, with the subject carried over."""

from __future__ import annotations

import pytest

from retrieval.question.several import parts_of


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("任玉钢的妻子是谁？他去了哪里？", ["任玉钢的妻子是谁？", "任玉钢去了哪里？"]),
        ("株洲捐了多少口罩？长沙呢？", ["株洲捐了多少口罩？", "长沙捐了多少口罩？"]),
        ("支部筹得多少善款，用来买什么？", ["支部筹得多少善款", "支部用来买什么？"]),
        ("张文宏和孙蕴华分别是谁？", ["张文宏是谁？", "孙蕴华是谁？"]),
        ("轮渡单程票价和末班时间分别是多少？", ["轮渡单程票价是多少？", "轮渡末班时间是多少？"]),
        ("孙蕴华接听了多少通电话？张文宏说了什么？", ["孙蕴华接听了多少通电话？", "张文宏说了什么？"]),
        ("What did the branch buy? Who paid?", ["What did the branch buy?", "Who paid?"]),
        ("補貼多少錢，怎麼領取？", ["補貼多少錢", "補貼怎麼領取？"]),
        ("请问补贴多少钱，怎么领取？", ["请问补贴多少钱", "补贴怎么领取？"]),
    ],
)
def test_each_part_can_be_understood_alone(message, parts):
    assert parts_of(message) == parts


@pytest.mark.parametrize(
    ("message", "second"),
    [
        ("报名什么时候开始，什么时候结束？", "报名什么时候结束？"),
        ("比赛什么时候举行，有多少人参加？", "比赛有多少人参加？"),
        ("医院有多少床位？有多少医生？", "医院有多少医生？"),
        ("高龄津贴是多少，什么时候发放？", "高龄津贴什么时候发放？"),
        ("核酸检测在哪里做，几点开始？", "核酸检测几点开始？"),
        ("补贴标准是多少?由谁发放?", "补贴标准由谁发放?"),
        ("疫苗什么时候打，在哪里打？", "疫苗在哪里打？"),
        ("社区卫生服务中心在哪里？电话是多少？", "社区卫生服务中心电话是多少？"),
        ("孙蕴华的丈夫是谁？在哪里工作？", "孙蕴华的丈夫在哪里工作？"),
        ("医院在哪里？它有多少床位？", "医院有多少床位？"),
        ("在哪里做核酸检测，几点开始？", "核酸检测几点开始？"),
        ("Where is Zhang Wenhong? What did he say?", "What did Zhang Wenhong say?"),
    ],
)
def test_a_later_part_is_given_the_whole_subject(message, second):
    assert parts_of(message)[1:] == [second]


@pytest.mark.parametrize(
    ("message", "second"),
    [
        ("湖心岛轮渡首班船几点？票价多少？", "湖心岛轮渡票价多少？"),
        ("补贴标准是多少？发放时间是什么时候？", "补贴发放时间是什么时候？"),
        ("高龄津贴是多少？申请条件是什么？", "高龄津贴申请条件是什么？"),
    ],
)
def test_only_what_is_asked_of_a_subject_gives_way_to_what_is_asked_next(message, second):
    assert parts_of(message)[1:] == [second]


@pytest.mark.parametrize(
    ("message", "second"),
    [
        ("Who is the director? When was it built?", "When was it built?"),
        ("多少人来了？什么时候走？", "什么时候走？"),
        ("党员做了什么？群众做了什么？", "群众做了什么？"),
        ("口罩捐了多少？防护服捐了多少？", "防护服捐了多少？"),
        ("孙蕴华接听了多少通电话？谁是书记？", "谁是书记？"),
    ],
)
def test_a_part_with_a_subject_of_its_own_or_none_to_be_found_stays_as_written(message, second):
    assert parts_of(message)[1:] == [second]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("小学和初中的学费分别是多少", ["小学的学费是多少", "初中的学费是多少"]),
        ("男职工与女职工的退休年龄分别是多少", ["男职工的退休年龄是多少", "女职工的退休年龄是多少"]),
        ("2019年和2020年的GDP分别是多少", ["2019年的GDP是多少", "2020年的GDP是多少"]),
        ("A栋和B栋的居民各有多少人", ["A栋的居民有多少人", "B栋的居民有多少人"]),
        ("张三、李四、王五分别多大", ["张三多大", "李四多大", "王五多大"]),
        ("张三和李四今年分别多大", ["张三今年多大", "李四今年多大"]),
        ("張三和李四分別多大", ["張三多大", "李四多大"]),
        ("和平区和河西区分别有多少人", ["和平区有多少人", "河西区有多少人"]),
        ("湖心岛轮渡单程票价和末班船时间分别是多少？", ["湖心岛轮渡单程票价是多少？", "湖心岛轮渡末班船时间是多少？"]),
        ("高龄津贴标准和申请条件分别是什么", ["高龄津贴标准是什么", "高龄津贴申请条件是什么"]),
        ("张文宏的年龄和职务分别是什么", ["张文宏的年龄是什么", "张文宏的职务是什么"]),
    ],
)
def test_each_of_several_things_gets_what_they_share(message, parts):
    assert parts_of(message) == parts


@pytest.mark.parametrize(
    "question",
    [
        "孙蕴华接听了多少通电话？",
        "疫情防控期间，支部有多少党员？",
        "谁在什么时候捐了多少？",
        "据报道，截至4月10日，孙蕴华接听了多少通电话？",
        "多少人？哪里人？做什么？怎么来？",
        "上海市小学和初中的学费分别是多少",
        "小学和初中学费分别是多少",
        "补贴标准和发放时间分别是什么",
        "张三、李四、王五、赵六分别多大",
        "党员和群众在各小区做了什么",
        "孙蕴华是谁？为什么？",
        "Who wrote it, and when?",
        "口罩",
        "",
    ],
)
def test_one_question_is_itself(question):
    assert parts_of(question) == [question]
