"""Names in a question that reports write otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.question.same_name import SameName, names_asked

OTHERS = {"世卫组织": ("世界卫生组织",), "卫组": ("别的",), "王主任": ("王建国", "王秀英")}


def asked(question):
    return names_asked(question, lambda name: OTHERS.get(name, ()))


def test_the_longest_name_counts_and_every_other_one_is_looked_up():
    assert asked("世衛組織和王主任说了什么？") == (
        SameName("世卫组织", "世界卫生组织"),
        SameName("王主任", "王建国"),
        SameName("王主任", "王秀英"),
    )


def test_what_the_question_says_itself_is_not_looked_up_twice():
    assert asked("王主任王建国说了什么？") == (SameName("王主任", "王秀英"),)
    assert asked("谁说了什么？") == ()


@given(st.text("世卫组织王主任建国", max_size=30))
def test_names_are_in_the_question_and_their_others_are_not(question):
    for one in asked(question):
        assert one.asked in question
        assert one.called not in question
