"""English questions: what the words of Chinese reports mean, according to the dictionary."""

from __future__ import annotations

import gzip
import math
import re

import pytest
from asking import analysed
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.ranking.retriever import CANDIDATES, DENSE_CANDIDATES, FOREIGN_CANDIDATES, Retriever
from retrieval.text import dictionary
from retrieval.text.characters import normalise
from retrieval.text.dictionary import MOST_STEMS, read_meanings, source_file, stems_asked, stems_of
from retrieval.text.words import words_of
from retrieval.types import Question

REPORTS = {
    "a.txt": "志愿者给老人送菜。",
    "b.txt": "株洲的医生在医院做手术。",
    "c.txt": "2022年3月12日,患者住进了方舱。",
    "d.txt": "病人的家属捐了5000个口罩,他们来自Boeing。",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dictionary")
    (folder / "corpus").mkdir()
    for name, text in REPORTS.items():
        (folder / "corpus" / name).write_text(text, encoding="utf-8")
    build_index([folder / "corpus"], folder / "index", StubEncoder())
    return folder / "index"


@pytest.fixture(scope="module")
def retriever(index):
    return Retriever(load_snapshot(index))


def found(retriever, question):
    """Return the reports that the dictionary puts forward, best first."""
    rows = retriever.legs(analysed(retriever, question), 10)["dictionary"].rows
    return [retriever.snapshot.passages[row].document_id for row in rows]


@pytest.mark.parametrize(
    ("words", "stems"),
    [
        (["四分卫"], ["quarterback"]),
        (["医院", "社区"], ["hospit", "communiti", "neighborhood"]),
        (["社区", "医院", "社区"], ["communiti", "neighborhood", "hospit", "communiti", "neighborhood"]),
        (["masks", "14", "date:03-12"], ["mask", "14", "date:03-12"]),
        (["医", "的", "口罩罩", "the"], []),
        ([], []),
    ],
)
def test_a_passage_is_looked_up_by_what_its_words_mean(words, stems):
    assert stems_of([words, []]) == [stems, []]


@pytest.mark.parametrize(
    ("question", "stems"),
    [
        ("How many points did the Panthers' defense surrender?", ["point", "panther", "defens", "surrend"]),
        ("Which hospitals were they taken to?", ["hospit", "taken"]),
        ("Beyoncé's naïve façade", ["beyonc", "naiv", "facad"]),
        ("the 14 masks of 2022 and 14 more", ["mask", "14", "2022", "date:2022"]),
        ("Сколько больниц?", ["сколько", "больниц"]),
        ("who is it?", []),
        ("", []),
    ],
)
def test_a_question_asks_for_its_content_words_once_each_and_for_its_numbers(question, stems):
    assert stems_asked(normalise(question), words_of(question)) == stems


@pytest.mark.parametrize(
    ("question", "reports"),
    [
        ("Who had a patient?", ["c", "d"]),
        ("the surgeons operated in hospitals", ["b"]),
        ("Boeing's volunteers", ["a", "d"]),
        ("Who came in March, who gave 5000?", ["c", "d"]),
        ("口罩是谁捐的? mask", []),
        ("who is it?", []),
        ("zzz", []),
    ],
)
def test_reports_are_found_by_english_words_and_all_chinese_words_for_one_count_alike(retriever, question, reports):
    assert sorted(found(retriever, question)) == reports


def test_an_english_word_is_as_rare_as_all_its_chinese_words_together(retriever):
    postings = retriever.snapshot.lexical.dictionary
    assert postings.rows_with("patient").tolist() == [2, 3]
    assert postings.weight("patient") == pytest.approx(math.log1p(2.5 / 2.5))


def test_what_means_the_question_is_preferred_and_says_so(retriever):
    ranking = retriever.rank(analysed(retriever, "Which volunteers brought vegetables?"), 4)
    share = {
        retriever.snapshot.passages[row].document_id: value
        for row, value in zip(
            ranking.features.rows.tolist(), ranking.features.column("near_dictionary").tolist(), strict=True
        )
    }
    assert {name for name, value in share.items() if value} == {"a"}
    assert next(hit for hit in ranking.hits if hit.row == 0).legs["dictionary"].rank == 1


def test_a_chinese_question_has_nothing_of_the_dictionary(retriever):
    query = analysed(retriever, "谁戴口罩? mask")
    _, features = retriever.described(query, 10)
    assert query.english == ()
    assert not features.column("dictionary").any()
    assert not features.column("near_dictionary").any()


def test_the_dictionary_is_not_read_to_answer(index, monkeypatch):
    monkeypatch.setattr(dictionary, "source_file", lambda: pytest.fail("the dictionary was read"))
    answer = Answerer(load_snapshot(index), StubEncoder()).ask(Question("Which hospitals have masks?", explain=True))
    assert "dictionary" in {leg for hit in answer.explanation.hits for leg in hit.legs}


def test_meanings_enough_spare_half_of_what_dense_would_put_forward(corpus_of, tmp_path):
    build_index([corpus_of({f"{n}.txt": f"第{n}家医院收了病人。" for n in range(40)})], tmp_path / "i", StubEncoder())
    many = Retriever(load_snapshot(tmp_path / "i"))
    sizes = {}
    for question in ("Which hospital?", "Сколько?"):
        legs = many.legs(analysed(many, question), 1)
        sizes[question] = len(legs["dictionary"].rows), len(legs["dense"].rows)
    assert sizes == {"Which hospital?": (CANDIDATES, DENSE_CANDIDATES), "Сколько?": (0, FOREIGN_CANDIDATES)}


# The slow reading


def slow_meanings(word):
    """Read the whole dictionary, line by line, for one word."""
    stems = []
    with gzip.open(source_file(), "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or line.split()[1] != word:
                continue
            for meaning in re.split("[/;]", re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", line.strip().split("/", 1)[1])):
                asked = stems_asked(meaning.lower().strip(), [])
                named = meaning.strip().startswith(("CL:", "surname ", "see ", "variant of ", "used in "))
                if not named and len(asked) <= MOST_STEMS:
                    stems += [stem for stem in asked if stem not in stems]
    return tuple(stems)


@pytest.mark.parametrize("word", ["医院", "条约", "行", "孙", "大学", "人口", "发明", "没有这个词"])
def test_meanings_are_those_of_the_slow_reading(word):
    assert read_meanings({word, "患者"}).get(word, ()) == slow_meanings(word)


def test_what_is_no_meaning_is_left_out():
    meanings = read_meanings({"孙", "医院", "馀"})
    assert meanings["医院"] == ("hospit",)
    assert "surnam" not in {stem for stems in meanings.values() for stem in stems}
    assert "variant" not in {stem for stems in meanings.values() for stem in stems}


def test_nothing_is_read_for_no_words(monkeypatch):
    monkeypatch.setattr(dictionary, "source_file", lambda: pytest.fail("the dictionary was read"))
    assert read_meanings(set()) == {}
    assert stems_of([["mask"], []]) == [["mask"], []]


@given(st.lists(st.text(st.characters(), max_size=40), max_size=3))
def test_any_text_has_stems_and_any_question_can_ask_for_them(texts):
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    looked_up = stems_of([words_of(text) for text in texts])
    assert len(looked_up) == len(texts)
    asked = [stem for text in texts for stem in stems_asked(normalise(text), words_of(text))]
    stems = [*(stem for one in looked_up for stem in one), *asked]
    assert [stem for stem in stems if not stem.strip() or stem != stem.lower()] == []


def test_a_dictionary_that_is_kept_says_the_same_without_being_read_again(monkeypatch):
    words = ["医院", "病人", "抗疫", "没有这个词", "院"]
    read = dictionary.read_meanings([word for word in words if len(word) > 1])
    try:
        dictionary.keep_meanings()
        monkeypatch.setattr(dictionary, "source_file", lambda: pytest.fail("read again"))
        assert dictionary.read_meanings(words) == read
    finally:
        dictionary._all_meanings.cache_clear()
