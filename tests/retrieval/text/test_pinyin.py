"""Names by their sound: from Latin letters, and from other characters that sound the same."""

from __future__ import annotations

import pytest
from asking import analysed
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.ranking.retriever import Retriever
from retrieval.text.characters import normalise
from retrieval.text.pinyin import pinyin_asked, pinyin_of
from retrieval.text.words import words_of

REPORTS = {
    "a.txt": "孙蕴华在四月接听了求助电话。",
    "b.txt": "株洲的医生在医院做手术。",
    "c.txt": "我们会他们的。",
    "d.txt": "黄悦丰在佛山登记来访者。",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pinyin")
    (folder / "corpus").mkdir()
    for name, text in REPORTS.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index", StubEncoder())
    return Retriever(load_snapshot(folder / "index"))


def found(retriever, question):
    """Return the reports that the pinyin leg puts forward, best first."""
    rows = retriever.legs(analysed(retriever, question), 10)["pinyin"].rows
    return [retriever.snapshot.passages[row].document_id for row in rows]


@pytest.mark.parametrize(
    ("words", "sounds"),
    [
        (["孙蕴华"], ["sunyunhua", "yunhua"]),
        (["株洲"], ["zhuzhou"]),
        (["责任区", "护士长"], ["zerenqu", "hushizhang"]),
        (["我们", "电话", "在", "14", "mask", "医院"], []),
        (["一二三四五"], []),
        ([], []),
    ],
)
def test_names_sound_and_common_words_do_not(words, sounds):
    assert pinyin_of(words) == sounds


@pytest.mark.parametrize(
    ("question", "sounds"),
    [
        ("Yunhua Sun", ["yunhua", "yunhuasun", "sunyunhua"]),
        ("Zhuzhou", ["zhuzhou"]),
        ("Xi'an", ["xian"]),
        ("Lǚ Bù", ["lubu", "bulu"]),
        ("he can", ["hecan", "canhe"]),
        ("he", []),
        ("孙云华", ["sunyunhua"]),
        ("孙蕴华", []),
        ("哪些报道提到了募捐", []),
        ("", []),
    ],
)
def test_a_question_asks_for_latin_words_their_pairs_and_unknown_names(question, sounds):
    assert pinyin_asked(normalise(question), words_of(question), ["孙蕴华"]) == sounds


@pytest.mark.parametrize(
    ("question", "reports"),
    [
        ("What did Yunhua Sun do?", ["a"]),
        ("Who is Sun Yunhua?", ["a"]),
        ("the doctors of Zhuzhou", ["b"]),
        ("孙云华接听了什么?", ["a"]),
        ("How many women?", []),
        ("Can they get women men?", []),
        ("今天天气怎么样?", []),
    ],
)
def test_names_are_found_by_their_sound_and_nothing_else_is(retriever, question, reports):
    assert found(retriever, question) == reports


@pytest.mark.parametrize("question", ["What did Yunhua Sun do?", "孙云华接听了什么?"])
def test_the_report_that_holds_the_sound_is_preferred(retriever, question):
    ranking = retriever.rank(analysed(retriever, question), 4)
    documents = [retriever.snapshot.passages[row].document_id for row in ranking.features.rows]
    preferred = dict(zip(documents, ranking.features.column("pinyin").tolist(), strict=True))
    assert preferred == {"a": 1, "b": 0, "c": 0, "d": 0}
    hit = next(hit for hit in ranking.hits if hit.row == 0)
    assert hit.legs["pinyin"].rank == 1


def test_a_name_misspelt_comes_first(retriever):
    assert retriever.rank(analysed(retriever, "孙云华接听了什么?"), 4).hits[0].row == 0


@given(st.text(st.characters(), max_size=60))
def test_any_text_has_sounds_and_any_question_can_ask_for_them(text):
    text = text.encode("utf-8", "replace").decode()
    sounds = pinyin_of(words_of(text)) + pinyin_asked(normalise(text), words_of(text), [])
    assert [sound for sound in sounds if not sound.isalnum() or sound != sound.lower()] == []
