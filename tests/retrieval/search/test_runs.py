"""Runs of a text in another."""

from hypothesis import given
from hypothesis import strategies as st

from retrieval.search.runs import Runs
from retrieval.text.characters import fold

TEXTS = st.text(st.sampled_from("疫情 \n　防防ＡaA臺台,，，𠮷1１é"), max_size=12)


def slowly_found(text, run):
    """Return every stretch that is the run, white space and folding aside, and has no white space at its ends."""
    wanted = "".join(fold(run).split())
    places = [(start, end) for start in range(len(text)) for end in range(start + 1, len(text) + 1)]
    return [
        (start, end)
        for start, end in places
        if wanted
        and "".join(fold(text[start:end]).split()) == wanted
        and not text[start].isspace()
        and not text[end - 1].isspace()
    ]


@given(TEXTS, TEXTS)
def test_runs_are_found_as_a_slow_search_finds_them(text, run):
    assert list(Runs(text).find(run)) == slowly_found(text, run)


def test_a_run_is_found_across_lines_in_other_width_and_script():
    text = "各地防控\n疫情，Ｎ９５口罩 158 只。"
    assert [text[slice(*place)] for place in Runs(text).find("防控疫情,n95 口罩")] == ["防控\n疫情，Ｎ９５口罩"]
    assert list(Runs("在三台縣").find("三臺县")) == [(1, 4)]


def test_nothing_is_found_of_nothing():
    assert list(Runs("疫情").find(" \n")) == []
