"""The build into a database: what the rows hold, what is embedded and sent, and what the receipt says."""

from __future__ import annotations

import json

import pytest
from related_reports import NEWS
from stored_state import numbers_of, state_of
from stub_encoder import StubEncoder

from retrieval.errors import IndexUnsound, MostReportsGone
from retrieval.index.build import build_index
from retrieval.index.oceanbase.tables import spaces_in
from retrieval.types import Receipt

TABLE = "# 补贴\n\n说明在前。\n\n| 机具 | 补贴 |\n|---|---|\n| 拖拉机 | 900元 |\n| 收割机 | 1200元 |\n"
FIRST = {
    "a.txt": "抗疫纪实\n\n2022年3月12日\n\n社区的志愿者给老人送菜。\n\n▲志愿者在送菜。\n\n灯还亮着。\n",
    "b.md": TABLE,
    "c.txt": "株洲的医生在医院做手术。\n\n灯还亮着。\n",
}
NEWS_TEXT = "\n\n".join(NEWS)


def rows_of(database):
    """Count the rows of every table but those of the store and of the generations."""
    ((space,),) = {(space,) for space in database.reading(spaces_in)}
    tables = ["wenbao_reports", "wenbao_passages", *(f"wenbao_{one}_{space}" for one in ("texts", "terms", "work"))]
    return {table.split("_")[1]: database.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}


def test_the_rows_are_what_is_made_of_the_reports(build, is_right, published):
    done, embedded = build(FIRST)
    assert done == Receipt(done.generation, 3, 8, ("a", "b", "c"), (), (), (), 7, 1, 0.0)
    assert done.generation.startswith("000001-")
    assert embedded == sorted({*embedded}) and "机具：拖拉机；补贴：900元" in embedded
    assert (published(), is_right()) == (1, True)


def test_the_receipt_is_that_of_a_local_build(build, corpus_of, tmp_path):
    def local():
        made = build_index([corpus_of({})], tmp_path / "index", StubEncoder())
        return made.generation, made.documents, made.passages, made.added, made.changed, made.removed, made.embedded

    for files, without in ((FIRST, ()), ({"d.txt": "明天封闭。", "a.txt": "灯灭了。"}, ()), ({}, ("c.txt",)), ({}, ())):
        done, _ = build(files, without)
        made = (done.generation, done.documents, done.passages, done.added, done.changed, done.removed, done.embedded)
        assert made == local()


def test_nothing_changed_embeds_nothing_and_writes_nothing(build, database, published):
    first, _ = build(FIRST)
    before = database.traffic
    again, embedded = build()
    assert (again.generation, again.added, again.embedded, embedded) == (first.generation, (), 0, [])
    assert (published(), database.traffic.sent - before.sent < 2000) == (1, True)


def test_reports_come_change_go_and_come_back_and_every_generation_is_right(build, is_right, published):
    build(FIRST | {"news.txt": NEWS_TEXT})
    steps = [
        ({"copy.txt": "编者注：图书馆延长开放。\n\n" + NEWS_TEXT}, ()),
        ({"a.txt": "社区的志愿者给老人送菜。\n\n灯灭了。"}, ()),
        ({}, ("news.txt",)),
        ({"news.txt": NEWS_TEXT}, ("c.txt", "copy.txt")),
        ({"c.txt": FIRST["c.txt"]}, ("a.txt",)),
    ]
    embedded = [build(files, without)[1] for files, without in steps]
    assert embedded == [["编者注：图书馆延长开放。"], ["灯灭了。"], [], [], []]
    assert (published(), is_right()) == (6, True)


def test_no_number_is_given_to_a_second_report(build, database):
    def fail(number):
        seen.update(numbers_of(database, number).values())
        raise IndexUnsound("它没有找到")

    build(FIRST)
    seen = {*numbers_of(database, 1).values()}
    with pytest.raises(IndexUnsound):
        build({"d.txt": "明天封闭。"}, test=fail)
    build({"d.txt": "后天开放。"}, ["c.txt"], keep=1)
    build({}, ["d.txt"], keep=1)
    build({"e.txt": "大后天休息。"}, keep=1)
    new = {*numbers_of(database, 4).values()} - {*numbers_of(database, 3).values()}
    assert (sorted(seen), sorted(new)) == ([1, 2, 3, 4], [6])


def test_an_older_generation_that_is_kept_stays_as_it_was(build, database):
    build(FIRST)
    before = state_of(database, 1)
    build({"a.txt": "灯灭了。"}, ["b.md"])
    assert state_of(database, 1) == before


def test_what_no_kept_generation_has_is_removed(build, database, is_right):
    build(FIRST)
    build({"a.txt": "灯灭了。"}, ["b.md"], keep=1)
    assert is_right()
    assert [number for (number,) in database.rows("SELECT number FROM wenbao_generations")] == [2]
    counts = rows_of(database)
    assert {name: counts[name] for name in ("reports", "passages", "texts", "work")} == {
        "reports": 2,
        "passages": 3,
        "texts": 3,
        "work": 0,
    }


def test_an_update_sends_what_is_new_and_little_else(build, database):
    many = {f"{number}.txt": f"第{number}份通知。\n\n{NEWS_TEXT}第{number}次。" for number in range(40)}
    build(many)
    first, before = database.traffic, rows_of(database)
    _, embedded = build({"0.txt": f"第0份通知。\n\n{NEWS_TEXT}改了。"})
    after = rows_of(database)
    assert len(embedded) == 1
    assert {name: after[name] - before[name] for name in ("reports", "passages", "texts")} == {
        "reports": 1,
        "passages": 11,
        "texts": 1,
    }
    assert after["terms"] - before["terms"] < 60
    manifests = database.rows("SELECT manifest FROM wenbao_generations ORDER BY number")
    assert [json.loads(manifest)["measured"] for (manifest,) in manifests] == [440, 440]
    assert (database.traffic.sent - first.sent) < first.sent / 10


def test_a_text_in_many_reports_is_kept_once_and_counted_in_each(build, database, is_right):
    _, embedded = build({f"{number}.txt": f"灯还亮着。\n\n第{number}份。" for number in range(3)})
    assert (embedded.count("灯还亮着。"), is_right()) == (1, True)
    counts = state_of(database, 1)["terms"].values()
    assert max(counts) == 3


@pytest.mark.parametrize("interrupted_by", [IndexUnsound("它没有找到"), KeyboardInterrupt()])
def test_a_generation_that_fails_its_test_is_not_published_and_costs_no_embedding_twice(
    build, database, is_right, published, interrupted_by
):
    build(FIRST)
    before, asked = state_of(database, 1), []

    def fail(number):
        asked.append((number, state_of(database, number)["counts"]))
        raise interrupted_by

    with pytest.raises(type(interrupted_by)):
        build({"d.txt": "明天封闭。"}, ["a.txt"], test=fail)
    assert (published(), state_of(database, 1), asked) == (1, before, [(2, (3, 6))])
    done, embedded = build()
    assert (done.added, done.removed, embedded, published(), is_right()) == (("d",), ("a",), [], 2, True)


def test_texts_that_were_embedded_for_a_run_that_nobody_repeats_are_removed(build, database, is_right):
    def fail(number):
        raise IndexUnsound("它没有找到")

    build(FIRST)
    with pytest.raises(IndexUnsound):
        build({"d.txt": "明天封闭。"}, test=fail)
    build({"e.txt": "后天开放。"}, ["d.txt"])
    assert (rows_of(database)["texts"], is_right()) == (8, True)


def test_another_encoder_another_way_of_cutting_and_a_rebuild_make_what_they_must_anew(build, database, is_right):
    build(FIRST)
    wide = StubEncoder("wide", 32)
    assert (len(build(encoder=StubEncoder("wide", 32))[1]), is_right(wide)) == (7, True)
    assert (len(build(encoder=StubEncoder("wide", 32), rebuild=True)[1]), is_right(wide)) == (7, True)
    done, _ = build(encoder=wide, passage_characters=8)
    assert (done.added, done.changed, is_right(wide, passage_characters=8)) == ((), (), True)
    build({"z.txt": "好。"}, encoder=wide, passage_characters=8, keep=1)
    assert len(database.reading(spaces_in)) == 1


def test_where_only_words_are_cut_otherwise_nothing_is_embedded_again(build, database, is_right):
    build(FIRST)
    ((space,),) = {(space,) for space in database.reading(spaces_in)}
    with database.session() as session:  # as an index whose words were cut by other dictionaries
        for table in ("texts", "terms", "work"):
            session.change(f"RENAME TABLE wenbao_{table}_{space} TO wenbao_{table}_earlier")
        session.change("UPDATE wenbao_generations SET manifest = REPLACE(manifest, %s, 'earlier')", [space])
    done, embedded = build()
    assert (done.embedded, done.reused, embedded, is_right()) == (0, 8, [], True)


def test_a_scan_that_lost_most_reports_is_refused(build, published):
    names = [f"{number}.txt" for number in range(8)]
    build({name: f"第{name}份。" for name in names})
    with pytest.raises(MostReportsGone):
        build(without=names[:5])
    assert published() == 1
    assert build(may_remove_most=True)[0].documents == 3


DAMAGE = (
    "DELETE FROM wenbao_generations",
    "UPDATE wenbao_generations SET manifest = 'x'",
    "DELETE FROM wenbao_reports",
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_generation_is_made_anew(build, database, published, is_right, damage):
    build(FIRST)
    with database.session() as session:
        session.change(damage)
    done, embedded = build(keep=1)
    assert (done.added, len(embedded), published(), is_right()) == (("a", "b", "c"), 7, 2, True)


def test_a_damaged_report_is_made_anew(build, database, is_right):
    build(FIRST)
    with database.session() as session:
        session.change("UPDATE wenbao_reports SET content = 'x' WHERE document_id = 'b'")
    done, embedded = build()
    assert (done.added, embedded, is_right()) == (("b",), [], True)
