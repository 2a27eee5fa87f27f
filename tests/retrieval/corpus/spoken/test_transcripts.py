"""Chat exports and time-coded transcripts: stamps stand beside the text, and the time in a log stays in it."""

from __future__ import annotations

import datetime as dt

import pytest
from torn_text import document_of


def said(text):
    """Return the turns of a file, and what stands beside them."""
    document = document_of(text)
    return document.text.replace("\n\n", "\n").split("\n"), document.furniture


@pytest.mark.parametrize(
    ("text", "turns", "beside"),
    [
        pytest.param(
            "2024-07-12 21:03:05 李伟(12345)\n北村水位三十米一\n\n2024-07-12 21:04:10 王芳<wf@qq.com>\n收到\n",
            ["李伟 北村水位三十米一", "王芳 收到"],
            ("2024-07-12 21:03:05", "(12345)", "2024-07-12 21:04:10", "<wf@qq.com>"),
            id="QQ",
        ),
        pytest.param(
            "2024-07-12 21:03:05 老顾\n水位三十米一\n\n2024-07-12 21:04:10 小邵\n收到，\n马上去\n",
            ["老顾 水位三十米一", "小邵 收到，", "马上去"],
            ("2024-07-12 21:03:05", "2024-07-12 21:04:10"),
            id="date, time and name",
        ),
        pytest.param(
            "李伟 21:03\n今晚八点开会\n王芳 21:05\n好的\n李伟 21:06\n地点在三楼\n",
            ["李伟 今晚八点开会", "王芳 好的", "李伟 地点在三楼"],
            ("21:03", "21:05", "21:06"),
            id="WeChat",
        ),
        pytest.param(
            "[2024/7/12 21:03] 李伟: 水泵坏了两台\n[2024/7/12 21:05] 王芳: 我联系厂家\n",
            ["李伟: 水泵坏了两台", "王芳: 我联系厂家"],
            ("[2024/7/12 21:03]", "[2024/7/12 21:05]"),
            id="name and words on one line",
        ),
        pytest.param(
            "2024/7/12, 21:03 - 李伟: 水泵坏了\n2024/7/12, 21:05 - 王芳: 我联系厂家\n",
            ["李伟: 水泵坏了", "王芳: 我联系厂家"],
            ("2024/7/12, 21:03 -", "2024/7/12, 21:05 -"),
            id="WhatsApp",
        ),
        pytest.param(
            "李伟, [12.07.2024 21:03]\n水泵坏了\n\n王芳, [12.07.2024 21:05]\n我联系厂家\n",
            ["李伟 水泵坏了", "王芳 我联系厂家"],
            (", [12.07.2024 21:03]", ", [12.07.2024 21:05]"),
            id="Telegram",
        ),
        pytest.param(
            "王芳 2024年7月12日 下午9:03\n请各组上报\n赵小兰 2024年7月12日 下午9:09\n一组十二人\n",
            ["王芳 请各组上报", "赵小兰 一组十二人"],
            ("2024年7月12日 下午9:03", "2024年7月12日 下午9:09"),
            id="DingTalk",
        ),
    ],
)
def test_in_a_chat_the_name_stands_before_what_is_said_and_the_stamp_beside_it(text, turns, beside):
    assert said(text) == (turns, beside)


def test_long_messages_and_a_title_that_sounds_like_a_log_are_a_chat_all_the_same():
    long = "\n".join(f"第{number}项已经完成。" for number in "一二三四五")
    text = f"活动安排群聊天记录\n\n2024-07-12 21:03 李伟\n{long}\n2024-07-12 21:09 王芳\n收到了\n"
    assert said(text)[0] == [f"李伟 {long.splitlines()[0]}", *long.splitlines()[1:], "王芳 收到了"]


def test_names_with_a_time_that_nobody_says_anything_under_are_text():
    text = "李伟 21:03\n王芳 21:05\n赵小兰 21:09"
    assert document_of(f"到岗时间\n\n{text}").text == text


def test_what_a_program_writes_above_a_chat_is_no_text_and_a_title_is_one():
    rule = "=" * 40
    document = document_of(
        f"消息记录（此消息记录为文本格式）\n\n{rule}\n消息分组:我的群\n{rule}\n\n"
        "2024-07-12 21:03:05 李伟(1)\n好\n2024-07-12 21:04:05 王芳(2)\n收到了\n"
    )
    assert document.text == "李伟 好\n王芳 收到了"
    assert document.furniture[:4] == ("消息记录（此消息记录为文本格式）", rule, "消息分组:我的群", rule)
    assert document_of("防汛工作群\n\n老顾 21:03\n好\n小邵 21:05\n收到了\n").title == "防汛工作群"


def test_a_turn_without_a_stamp_of_its_own_belongs_to_the_turn_above():
    text = "[00:02] 主持人：今天先说\n[00:05] 主持人：供水。\n[00:09] 段文彬：总投资三百\n六十万元。\n"
    assert said(text)[0] == ["主持人：今天先说供水。", "段文彬：总投资三百六十万元。"]
    assert said(text)[1] == ("[00:02]", "[00:05]", "[00:09]", "主持人", "：")


@pytest.mark.parametrize(
    ("text", "text_of_it"),
    [
        ("[00:12] 今天讲供水\n[00:47] 一共三千户\n[61:25] 明年开工\n", "今天讲供水 一共三千户 明年开工"),
        ("0:05\n大家好\n0:12\n今天讲三件事\n1:03\n第一件是供水\n", "大家好 今天讲三件事 第一件是供水"),
        ("00:12 先讲供水\n00:47 一共三千户\n01:25 明年开工\n", "先讲供水 一共三千户 明年开工"),
        ("00:00:02 - 00:00:04 先讲供水，\n00:00:05 - 00:00:07 一共三千户。\n", "先讲供水，一共三千户。"),
        (
            "说话人1 00:00:03\n供水到几户？\n说话人2 00:00:09\n一共三千户。\n",
            "说话人1 供水到几户？\n说话人2 一共三千户。",
        ),
    ],
)
def test_codes_that_count_from_zero_are_no_text(text, text_of_it):
    assert document_of(text).text == text_of_it


@pytest.mark.parametrize(
    "text",
    [
        "21:03 水位涨到28米6\n21:40 水位涨到29米\n22:15 通知北村转移",
        "06:10 闸前水位十二米三\n09:40 开启三孔泄洪",
        "00:20 开启一孔\n03:40 开启三孔泄洪\n09:15 关闸",
        "2024-07-12 21:03 水位：28米6\n2024-07-12 21:40 水位：29米\n2024-07-12 22:40 水位：28米",
        "2024-07-12 21:03 李伟报告北村水位三十米。\n2024-07-12 22:10 王芳报告转移六十七户。",
        "2024-07-12 21:03:05 INFO: started\n2024-07-12 21:03:09 ERROR: disk full",
        "09:00-09:30 签到：综合办\n09:30-10:00 致辞：县长陈立\n10:00-11:00 授课：方教授",
        "21:03 北村：六十七户转移\n21:40 南村：堤坝渗水\n22:00 北村：转移完毕",
    ],
)
def test_in_a_log_the_time_is_what_is_said(text):
    document = document_of(text)
    assert (document.text.replace("\n\n", "\n"), document.furniture) == (text, ())


def test_a_report_that_mentions_times_is_no_transcript():
    text = "12日21:03，水位涨到28米6。\n\n李伟说，22:15开始转移。"
    assert document_of(text).text == text


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("张磊 2020/3/5 10:30:05\n明天开会\n李梅 2020/3/6 10:31:00\n好的\n", dt.date(2020, 3, 5)),
        ("[5 March 2020 at 10:30:05] 张磊: 明天开会\n[6 March 2020 at 10:30:05] 李梅: 好的\n", dt.date(2020, 3, 5)),
        ("消息记录\n日期: 2020/3/5\n张磊 10:30:05\n明天开会\n李梅 10:31:00\n好的\n", dt.date(2020, 3, 5)),
        ("发布时间：2020-03-09\n张磊 2020/3/5 10:30\n明天开会\n李梅 2020/3/6 10:31\n好的\n", dt.date(2020, 3, 9)),
        ("张磊 3/5/2020 10:30\n明天开会\n李梅 3/6/2020 10:31\n好的\n", None),
        ("昨天 10:30 张磊：明天开会\n昨天 10:31 李梅：好的\n", None),
    ],
)
def test_a_chat_has_the_date_of_its_first_full_stamp_unless_it_says_another(text, date):
    assert document_of(text).date == date


def test_lines_that_part_the_days_of_a_chat_are_no_messages():
    thursday = "2020/03/05（四）\n10:30 张磊：明天开会\n10:31 李梅：好的\n"
    document = document_of(f"{thursday}2020/03/06（五）\n08:00 张磊：九点\n08:02 李梅：收到\n")
    assert (document.date, document.text) == (
        dt.date(2020, 3, 5),
        "张磊：明天开会\n李梅：好的\n张磊：九点\n李梅：收到",
    )


def test_a_day_in_a_message_is_what_was_said():
    turns, _ = said("张磊 2020/3/5 10:30\n会议改到\n2020年3月9日\n李梅 2020/3/5 10:31\n好的\n")
    assert turns == ["张磊 会议改到", "2020年3月9日", "李梅 好的"]
