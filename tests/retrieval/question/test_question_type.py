"""What a question asks for."""

from __future__ import annotations

import pytest

from retrieval.question.question_type import Wanted, asks_for_list, question_type
from retrieval.text.characters import normalise


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("有哪些支部捐了款?", True),
        ("哪幾個支部捐了款?", True),
        ("列出所有的医院", True),
        ("都有谁去了武汉?", True),
        ("Which branches donated?", True),
        ("List all hospitals", True),
        ("What measures were taken?", True),
        ("哪个支部捐了款?", False),
        ("谁去了武汉?", False),
        ("How many branches donated?", False),
        ("What was listed?", False),
        ("", False),
    ],
)
def test_lists_are_told_from_single_answers(question, expected):
    assert asks_for_list(normalise(question)) is expected


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("捐献了多少毫升全血?", Wanted("number", ("volume",), "毫升")),
        ("来了多少志愿者?", Wanted("number", ("people",))),
        ("how many medical staff were sent?", Wanted("number", ("people",))),
        ("how much money did they raise?", Wanted("number", ("money",))),
        ("几点钟到岗?", Wanted("time", grain="clock")),
        ("in which year was it built?", Wanted("time", grain="year")),
        ("哪座城市最先解封?", Wanted("place", word="市")),
        ("which volunteer delivered food?", Wanted("person")),
        ("为什么封控?", None),
        ("介绍一下株洲", None),
    ],
)
def test_the_type_of_a_question_is_read_from_its_words(question, wanted):
    assert question_type(question) == wanted
