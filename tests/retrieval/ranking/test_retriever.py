"""Legs, features, fusion and filters together, against a slow ranking of the same snapshot."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from asking import analysed, in_bytes
from hypothesis import given
from hypothesis import strategies as st
from stub_encoder import StubEncoder

from retrieval.encoder.tokens import dequantise_tokens
from retrieval.index.build import build_index
from retrieval.index.local.lexical import LEGS
from retrieval.index.local.snapshot import load_snapshot
from retrieval.ranking.features import WIDENED
from retrieval.ranking.fusion import FEATURES, FULL_TRUST, NO_TRUST, SHOWN_AS, Features, weights
from retrieval.ranking.late_interaction import LEAST_APART, NEIGHBOUR_TOLL
from retrieval.ranking.retriever import (
    ASIDE_TOLL,
    CANDIDATES,
    DENSE_CANDIDATES,
    FOREIGN_CANDIDATES,
    PINYIN_CANDIDATES,
    Ranking,
    Retriever,
)
from retrieval.text.dictionary import stems_of
from retrieval.text.pinyin import pinyin_of
from retrieval.text.units import FIGURE
from retrieval.text.words import bigrams_of, words_of
from retrieval.types import Filters

QUESTIONS = [
    "孙蕴华一共接听了多少通电话?",
    "靜安區突擊隊分為多少個支援小組?",
    "口罩口罩口罩",
    "How many masks did the company donate?",
    "What did Yunhua Sun do in Zhuzhou?",
    "今天上海天气怎么样?",
    "支部书记",
]


@pytest.fixture
def seed_retriever(seed_snapshot):
    return Retriever(seed_snapshot)


@pytest.fixture
def retriever_of(corpus_of, tmp_path):
    """Index these files and return the retriever."""

    def index(files, encoder=None):
        encoder = encoder or StubEncoder()
        build_index([corpus_of(files)], tmp_path / "index", encoder)
        return Retriever(load_snapshot(tmp_path / "index"))

    return index


def reports_of(retriever, question, k=10, **options):
    """Return the reports of the hits, best first."""
    hits = retriever.rank(analysed(retriever, question, **options), k).hits
    return [retriever.snapshot.passages[hit.row].document_id for hit in hits]


# The slow ranking


def best_of(scores, rows, k, least=None):
    """Return the best ``k`` rows, ties in reading order; only above ``least``."""
    kept = [row for row in rows if least is None or scores[row] > least]
    return sorted(kept, key=lambda row: (-scores[row], row))[:k]


def slow_legs(snapshot, query, k, rows):
    """Return what each leg puts forward, from the scores of all passages."""
    scores = {
        "words": snapshot.lexical.words.scores(query.words),
        "bigrams": snapshot.lexical.bigrams.scores(query.bigrams),
        "pinyin": snapshot.lexical.pinyin.scores(query.pinyin),
        "dictionary": snapshot.lexical.dictionary.scores(query.english),
        "dense": snapshot.dense.vectors() @ query.vector,
    }
    legs = {leg: best_of(scores[leg], rows, CANDIDATES, 0) for leg in ("words", "bigrams", "dictionary")}
    legs["pinyin"] = best_of(scores["pinyin"], rows, PINYIN_CANDIDATES, 0)
    enough = any(len(legs[leg]) == CANDIDATES for leg in ("words", "dictionary"))
    least = DENSE_CANDIDATES if enough else FOREIGN_CANDIDATES
    legs["dense"] = best_of(scores["dense"], rows, max(k, least))
    return legs


def slow_share(postings, words, held):
    """Return the share of the words' weight that is held, of each word once."""
    total = sum(postings.weight(word) for word in set(words))
    return sum(postings.weight(word) for word in set(words) if word in held) / total if total else 0.0


def slow_ratio(postings, words, row):
    return float(postings.scores(words)[row]) / postings.ceiling(words) if postings.ceiling(words) else 0.0


def slow_neighbours(snapshot, row):
    """Return the two paragraphs' passages before a row and the one after it, in its report, captions passed over."""
    passages = list(enumerate(snapshot.passages))
    report = passages[row][1].document_id
    said = [at for at, other in passages if other.document_id == report and (other.paragraph is not None)]
    return [*[at for at in said if at < row][-2:], *[at for at in said if at > row][:1]]


def slow_features(snapshot, query, candidates, first, widened=WIDENED):
    """Return {row: {feature: value}}, as the docstrings of fusion.toml and the modules say."""
    texts = [passage.text for passage in snapshot.passages]
    documents = [passage.document_id for passage in snapshot.passages]
    near = {row: slow_neighbours(snapshot, row) for row in candidates}

    def similarity(token, row):
        return max((float(token @ held) for held in dequantise_tokens(snapshot.tokens.tokens(row))), default=0.0)

    best = {
        row: [similarity(token, row) for token in in_bytes(query.tokens)]
        for row in {*candidates, *sum(near.values(), [])}
    }
    by_token = list(zip(*(best[row] for row in candidates), strict=True))
    apart = [max(max(values) - float(np.mean(values)), float(LEAST_APART)) for values in by_token]
    token_weight = [value / sum(apart) for value in apart]

    def maxsim(values):
        return sum(weight * value for weight, value in zip(token_weight, values, strict=True))

    held = {row: set(words_of(texts[row])) for row in best}
    meant = {row: set(stems_of([words_of(texts[row])])[0]) for row in best} if query.english else {}
    coverage = {row: slow_share(snapshot.lexical.words, query.words, held[row]) for row in candidates}
    trust = min(1, max(0, (max(coverage.values()) - NO_TRUST) / (FULL_TRUST - NO_TRUST)))
    sounds = [sound for sound in query.pinyin if snapshot.lexical.pinyin.holds(sound)]
    sounds_of = {row: set(pinyin_of(words_of(texts[row]))) for row in range(len(texts))} if sounds else {}
    values = {}
    for row in candidates:
        wider = [
            max([own, *(best[other][token] - float(NEIGHBOUR_TOLL) for other in near[row])])
            for token, own in enumerate(best[row])
        ]
        in_report = [sounds_of[other] for other in sounds_of if documents[other] == documents[row]]
        values[row] = {
            "maxsim": maxsim(best[row]),
            "neighbours": maxsim(wider) - maxsim(best[row]),
            "words": slow_ratio(snapshot.lexical.words, query.words, row) * trust,
            "bigrams": slow_ratio(snapshot.lexical.bigrams, query.bigrams, row) * trust,
            "near_words": slow_share(
                snapshot.lexical.words, query.words, held[row].union(*(held[other] for other in near[row]))
            )
            * trust,
            "pinyin": slow_share(snapshot.lexical.pinyin, sounds, set().union(*in_report)) if sounds else 0.0,
            "dictionary": slow_ratio(snapshot.lexical.dictionary, query.english, row),
            "near_dictionary": slow_share(
                snapshot.lexical.dictionary,
                query.english,
                set().union(*(meant.get(other, ()) for other in (row, *near[row]))),
            ),
            "no_number": float(query.wants_number and not FIGURE.search(texts[row])),
        }
    promising = sorted(candidates, key=lambda row: (-first[row], row))
    promising = promising[:widened]
    for row in set(candidates) - set(promising):
        values[row]["neighbours"] = 0.0
    return values, coverage


def slow_ranking(snapshot, query, k, rows, features, widened=WIDENED):
    """Rank by loops; ``features`` are the fast ones, checked by themselves, and decide only who is near a tie."""
    first = features.column("maxsim") + features.column("words")
    first = dict(zip(features.rows.tolist(), first.tolist(), strict=True))
    legs = slow_legs(snapshot, query, k, rows)
    candidates = sorted({row for found in legs.values() for row in found})
    values, coverage = slow_features(snapshot, query, candidates, first, widened)
    fused = {row: sum(weights()[name] * values[row][name] for name in FEATURES) for row in candidates}
    for row in candidates:
        fused[row] -= ASIDE_TOLL * (snapshot.passages[row].paragraph is None)
    return best_of(fused, candidates, len(candidates)), fused, values, coverage, legs


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("k", [1, 40])
def test_the_ranking_is_the_slow_one(seed_snapshot, seed_retriever, question, k):
    query = analysed(seed_retriever, question)
    ranking = seed_retriever.rank(query, k)
    every = range(len(seed_snapshot.passages))
    order, fused, values, coverage, legs = slow_ranking(seed_snapshot, query, k, every, ranking.features)
    assert [hit.score for hit in ranking.hits] == pytest.approx([fused[row] for row in order[:k]], abs=1e-4)
    assert [fused[hit.row] for hit in ranking.hits] == pytest.approx([fused[row] for row in order[:k]], abs=1e-5)
    rows = ranking.features.rows.tolist()
    assert sorted(rows) == sorted(order)
    assert rows[: len(ranking.hits)] == [hit.row for hit in ranking.hits]
    for name in FEATURES:
        expected = [values[row][name] for row in rows]
        assert ranking.features.column(name).tolist() == pytest.approx(expected, abs=1e-4), name
    assert ranking.features.coverage.tolist() == pytest.approx([coverage[row] for row in rows], abs=1e-5)
    found = {leg: candidates.rows.tolist() for leg, candidates in seed_retriever.legs(query, k).items()}
    assert {leg: sorted(rows) for leg, rows in found.items()} == {leg: sorted(rows) for leg, rows in legs.items()}


def test_hits_say_where_each_leg_ranked_them_and_with_what_score(seed_snapshot, seed_retriever):
    query = analysed(seed_retriever, QUESTIONS[0])
    legs = seed_retriever.legs(query, 10)
    ranking = seed_retriever.rank(query, 10)
    late = dict(zip(ranking.features.rows.tolist(), ranking.features.column("maxsim").tolist(), strict=True))
    for hit in ranking.hits:
        said = {leg: (found.rank, found.score) for leg, found in hit.legs.items()}
        expected = {
            leg: (found.rows.tolist().index(hit.row) + 1, float(found.scores[found.rows.tolist().index(hit.row)]))
            for leg, found in legs.items()
            if hit.row in found.rows
        }
        above = [row for row in late if (-late[row], row) < (-late[hit.row], hit.row)]
        assert said == {**expected, "maxsim": (len(above) + 1, late[hit.row])}


def test_a_question_without_a_known_word_is_ranked_by_its_vectors_alone(seed_retriever, seed_snapshot):
    ranking = seed_retriever.rank(analysed(seed_retriever, "zzz qqq"), 5)
    for name in FEATURES[2:]:
        assert not ranking.features.column(name).any()
    assert not ranking.features.coverage.any()
    assert {leg for hit in ranking.hits for leg in hit.legs} == {"dense", "maxsim"}


def test_the_same_question_gets_the_same_ranking(seed_retriever):
    for question in QUESTIONS:
        first, second = (seed_retriever.rank(analysed(seed_retriever, question), 20) for _ in range(2))
        assert (first.hits, first.time) == (second.hits, second.time)
        assert np.array_equal(first.features.matrix, second.features.matrix)


def test_more_hits_than_passages_are_all_of_them(seed_snapshot, seed_retriever):
    count = len(seed_snapshot.passages)
    ranking = seed_retriever.rank(analysed(seed_retriever, QUESTIONS[0]), count + 10)
    assert sorted(hit.row for hit in ranking.hits) == list(range(count))


def test_fewer_hits_are_the_first_of_more(seed_retriever):
    for question in QUESTIONS:
        query = analysed(seed_retriever, question)
        assert seed_retriever.rank(query, 3).hits == seed_retriever.rank(query, 20).hits[:3]


# Filters and times


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        (Filters(), {"000", "001", "002", "003", "004"}),
        (Filters(documents=frozenset({"002_5bb256aa8cf2b42a"})), {"002"}),
        (Filters(documents=frozenset({"000_615096fb3a9954a1", "004_2ce852fb66e9e90e"})), {"000", "004"}),
        (Filters(date_from=dt.date(2020, 2, 1)), {"000", "004"}),
        (Filters(date_from=dt.date(2020, 2, 2)), {"000"}),
        (Filters(date_to=dt.date(2024, 5, 5)), {"004"}),
        (Filters(date_from=dt.date(2020, 2, 1), date_to=dt.date(2020, 2, 1)), {"004"}),
        (Filters(documents=frozenset({"000_615096fb3a9954a1"}), date_to=dt.date(2021, 1, 1)), set()),
        (Filters(documents=frozenset({"001_5490f234a13f708b"}), date_from=dt.date(1990, 1, 1)), set()),
        (Filters(documents=frozenset()), set()),
    ],
)
def test_only_documents_that_the_filters_admit_are_ranked(seed_snapshot, filters, documents):
    retriever = Retriever(seed_snapshot, widened=1000)
    passages = seed_snapshot.passages
    rows = [row for row, passage in enumerate(passages) if passage.document_id[:3] in documents]
    query = analysed(retriever, QUESTIONS[0])
    ranking = retriever.rank(query, 500, filters)
    assert sorted(hit.row for hit in ranking.hits) == rows
    if rows:
        fused = slow_ranking(seed_snapshot, query, 500, rows, ranking.features, 1000)[1]
        assert [hit.score for hit in ranking.hits] == pytest.approx([fused[hit.row] for hit in ranking.hits], abs=1e-4)
    else:
        assert (ranking.hits, len(ranking.features.rows), ranking.time) == ((), 0, None)


def preferred_by_time(retriever, query):
    """Return the reports whose hits score more because of the time that the question names."""
    without = {hit.row: hit.score for hit in retriever.rank(dataclasses.replace(query, time=None), 20).hits}
    gains = {hit.row: hit.score - without[hit.row] for hit in retriever.rank(query, 20).hits}
    return [retriever.snapshot.passages[row].document_id for row, gain in gains.items() if gain > 1e-6]


EVENTS = {
    "a.txt": "3月11日,志愿者给老人送菜。",
    "b.txt": "3月12日,志愿者给老人送菜。",
    "c.txt": "3月13日,志愿者给老人送菜。",
    "d.txt": "志愿者给老人送菜。",
}


@pytest.mark.parametrize("date", ["3月12日", "三月十二日", "３月１２日", "March 12"])
def test_the_paragraph_of_the_date_asked_for_comes_first(retriever_of, date):
    retriever = retriever_of(EVENTS)
    query = analysed(retriever, f"{date} 志愿者给谁送菜?")
    ranking = retriever.rank(query, 4)
    assert retriever.snapshot.passages[ranking.hits[0].row].document_id == "b"
    assert (ranking.time, ranking.time.text) == (query.time, date)
    assert preferred_by_time(retriever, query) == ["b"]


def test_reports_of_the_date_asked_for_are_preferred_and_none_is_excluded(retriever_of):
    said = {1: "志愿者给老人送菜。", 9: "志愿者给老人送饭。", 20: "志愿者给老人送药。"}
    retriever = retriever_of({f"{day}.txt": f"简报\n\n2020年3月{day}日\n\n{text}" for day, text in said.items()})
    assert [d.date for d in retriever.snapshot.documents] == [dt.date(2020, 3, day) for day in (1, 20, 9)]
    for question, report in (("2020年3月9日志愿者给谁送?", "9"), ("2020年3月20日志愿者给谁送?", "20")):
        assert preferred_by_time(retriever, analysed(retriever, question)) == [report]
        assert sorted(reports_of(retriever, question)) == ["1", "20", "9"]


@pytest.mark.parametrize("question", ["志愿者给谁送菜?", "2031年5月6日志愿者给谁送菜?"])
def test_a_time_that_nothing_fits_decides_nothing(retriever_of, question):
    retriever = retriever_of(EVENTS)
    query = analysed(retriever, question)
    ranking = retriever.rank(query, 4)
    assert ranking.time is None
    assert ranking.hits == retriever.rank(dataclasses.replace(query, time=None), 4).hits


def test_of_a_question_for_reports_only_their_topic_is_looked_up(seed_retriever):
    asked, topic = analysed(seed_retriever, "哪些报道提到了党员捐款?"), analysed(seed_retriever, "党员捐款?")
    assert (asked.text, asked.words, asked.bigrams) == (topic.text, topic.words, topic.bigrams)
    assert np.array_equal(asked.vector, topic.vector)


def test_times_are_passed_over_where_they_are_not_wanted(seed_retriever):
    assert analysed(seed_retriever, "3月16日发生了什么?").time is not None
    assert analysed(seed_retriever, "3月16日发生了什么?", use_dates=False).time is None


# However it is written


SPELLINGS = {
    "a.txt": "靜安區突擊隊共分為十四個支援小組。",
    "b.txt": "株洲的医生在医院做了27台手术。",
    "c.txt": "该公司捐赠了一万一千个N95口罩。",
    "d.txt": "社区的志愿者给老人送菜，灯还亮着。",
    "e.txt": "居委会在2月3日开了会。",
}


@pytest.mark.parametrize(
    ("spellings", "first"),
    [
        (["静安区突击队分为14个小组吗", "靜安區突擊隊分為十四個小組嗎", "静安区突击队分为１４个小组吗"], "a"),
        (["医生做了27台手术吗", "醫生做了二十七台手術嗎", "医生做了２７台手术吗"], "b"),
        (["捐赠了11000个n95口罩吗", "捐贈了一萬一千個Ｎ９５口罩嗎", "捐赠了一万一千个N95口罩吗"], "c"),
        (["居委会2月3日开了会吗", "居委會二月三日開了會嗎", "居委会２月３日开了会吗"], "e"),
    ],
)
def test_numerals_scripts_and_widths_do_not_matter(retriever_of, spellings, first):
    retriever = retriever_of(SPELLINGS)
    queries = [analysed(retriever, question) for question in spellings]
    assert len({(query.words, query.bigrams) for query in queries}) == 1
    found = [retriever.legs(query, 1)["words"].rows[0] for query in queries]
    assert [retriever.snapshot.passages[row].document_id for row in found] == [first] * 3


# Reprints


WIDE = StubEncoder(dimension=384)


def reprints(retriever_of, count):
    """Index `count` copies of one report, rows 0 to count - 1, and one other report behind them."""
    same = {f"{number:02}.txt": "上海的志愿者在社区给老人送菜。" for number in range(count)}
    return retriever_of({**same, "99.txt": "株洲的医生在医院做手术。"}, WIDE)


@pytest.mark.parametrize(("question", "first"), [("医生做了什么?", 30), ("志愿者给谁送菜?", 0)])
def test_reprints_are_ranked_once_and_stand_in_reading_order(retriever_of, question, first):
    retriever = reprints(retriever_of, 30)
    ranking = retriever.rank(analysed(retriever, question, WIDE), 5)
    assert [hit.row for hit in ranking.hits] == [first, 30 - first]
    assert {hit.row: hit.duplicates for hit in ranking.hits} == {0: tuple(range(1, 30)), 30: ()}


def test_many_reprints_do_not_crowd_out_what_else_there_is(retriever_of):
    retriever = reprints(retriever_of, 70)
    ranking = retriever.rank(analysed(retriever, "志愿者给谁送菜?", WIDE), 5)
    assert [(hit.row, len(hit.duplicates)) for hit in ranking.hits] == [(0, 69), (70, 0)]


def test_a_reprint_is_ranked_where_the_filters_admit_it(retriever_of):
    retriever = reprints(retriever_of, 3)
    ranking = retriever.rank(
        analysed(retriever, "志愿者给谁送菜?", WIDE), 5, Filters(documents=frozenset({"01", "02"}))
    )
    assert [(hit.row, hit.duplicates) for hit in ranking.hits] == [(1, (2,))]


# Parts


def test_ablations_rank_by_each_leg_alone_and_without_each_feature(seed_retriever):
    query = analysed(seed_retriever, "孙蕴华接听了多少通电话? Zhuzhou")
    legs, table = seed_retriever.legs(query, CANDIDATES), seed_retriever.ablations(query, 5)
    assert set(table) == {*LEGS, "dense", "late", *(f"all without {SHOWN_AS.get(name, name)}" for name in FEATURES)}
    assert {leg: table[leg] for leg in legs} == {leg: found.rows[:5].tolist() for leg, found in legs.items()}
    ranking = seed_retriever.rank(dataclasses.replace(query, time=None), 5)
    silent = [name for name in FEATURES if not ranking.features.column(name).any() or not weights()[name]]
    for name in silent:
        assert table[f"all without {SHOWN_AS.get(name, name)}"] == [hit.row for hit in ranking.hits]


@given(st.text(max_size=30))
def test_any_question_is_analysed_alike_for_every_leg(seed_retriever, question):
    question = question.encode("utf-8", "replace").decode() or "?"
    query = analysed(seed_retriever, question)
    assert (query.text, list(query.words), list(query.bigrams)) == (question, words_of(question), bigrams_of(question))
    assert query.vector.shape == (64,)
    assert query.tokens.shape == (len(query.spans), 64)
    assert [question[start:end].strip() != "" for start, end in query.spans] == [True] * len(query.spans)


def test_without_passages_nothing_is_ranked(retriever_of):
    retriever = retriever_of({})
    ranking = retriever.rank(analysed(retriever, "志愿者"), 5)
    assert (ranking.hits, ranking.time) == (Ranking((), Features.none(), None).hits, None)
    assert len(ranking.features.rows) == 0
