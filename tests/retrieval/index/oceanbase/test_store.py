"""The database as a store: what is published, handed in, kept of earlier texts and files, and found to be damaged."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder

from retrieval.answer.answerer import Answerer
from retrieval.errors import IndexBusy, SnapshotDamaged, SnapshotMissing
from retrieval.index.oceanbase.beside import originals
from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.store import OceanBaseStore
from retrieval.index.scan import Scanning
from retrieval.index.store import Keeping
from retrieval.types import Question

SCANNING = Scanning(2**20, 400)
FIRST, SECOND, OTHER = "灯会由王建国主持。", "新校门于五月一日启用。", "灯会由李红梅主持。"


@pytest.fixture
def store(database, tmp_path):
    return OceanBaseStore(database, tmp_path / "own", Keeping(keep=2, history=5))


@pytest.fixture
def write(tmp_path):
    """Write reports into a folder of some name, and return the folder."""

    def written(folder, **texts):
        (tmp_path / folder).mkdir(exist_ok=True)
        for name, text in texts.items():
            (tmp_path / folder / f"{name}.txt").write_text(text, encoding="utf-8")
        return tmp_path / folder

    return written


def texts_of(store):
    return {name: document.text for name, document in store.published().by_id.items()}


def test_a_store_without_an_index_says_so(store):
    assert (store.publication(), store.generation(), store.manifest(), store.document_ids()) == (
        None,
        None,
        None,
        set(),
    )
    assert (store.verify(), store.history.of("a"), store.size_here()) == ([], [], 0)
    with pytest.raises(SnapshotMissing, match="there is no index in oceanbase://.*: run `wenbao index`"):
        store.last_good()


def test_reports_come_from_folders_and_hands_and_each_goes_where_it_came_from(store, write):
    corpus = write("corpus", a=FIRST)
    receipt = store.update([corpus], StubEncoder(), SCANNING)
    assert (store.publication(), store.generation(), store.document_ids()) == ((1,), receipt.generation, {"a"})
    added = store.add(write("handed", b=SECOND), StubEncoder(), SCANNING)
    assert (added.added, added.removed, added.embedded, texts_of(store)) == (("b",), (), 1, {"a": FIRST, "b": SECOND})
    write("corpus", a=OTHER)
    changed = store.update([corpus], StubEncoder(), SCANNING)
    assert (changed.changed, changed.removed, texts_of(store)) == (("a",), (), {"a": OTHER, "b": SECOND})
    assert [one.document.text for one in store.history.of("a")] == [FIRST]
    handed = store.published().by_id
    assert list(store.handed_in(handed)) == ["b"]
    assert [store.original(handed[name]) for name in ("a", "b")] == [OTHER.encode(), SECOND.encode()]
    gone = handed["b"]
    removed = store.remove(["b"], StubEncoder(), SCANNING)
    assert (removed.removed, texts_of(store)) == (("b",), {"a": OTHER})
    assert store.original(gone) == SECOND.encode()  # an older generation still has it
    write("corpus", a=FIRST)
    store.update([corpus], StubEncoder(), SCANNING)
    assert (store.original(gone), store.verify()) == (None, [])
    assert [one.document.text for one in store.history.of("a")] == [OTHER]
    assert [one.document.text for one in store.history.of("b")] == [SECOND]


def test_a_report_handed_in_whose_id_another_file_has_is_refused(store, write, tmp_path):
    store.update([write("corpus", a=FIRST)], StubEncoder(), SCANNING)
    (tmp_path / "handed").mkdir()
    (tmp_path / "handed" / "a.md").write_text(SECOND, encoding="utf-8")
    receipt = store.add(tmp_path / "handed", StubEncoder(), SCANNING)
    assert (receipt.added, [one.path for one in receipt.skipped], texts_of(store)) == ((), ["a.md"], {"a": FIRST})


def test_a_large_file_is_kept_in_pieces(store, write, monkeypatch):
    monkeypatch.setattr(originals, "PIECE", 10)
    store.update([write("corpus", a=FIRST)], StubEncoder(), SCANNING)
    assert store.original(store.published().by_id["a"]) == FIRST.encode()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM wenbao_passages", "lacks text, passages or vectors of 1 reports (a)"),
        ("UPDATE wenbao_reports SET content = 'x'", "lacks text, passages or vectors of 1 reports (a)"),
        ("DELETE FROM wenbao_reports", "is not whole"),
    ],
)
def test_what_is_missing_is_found(store, database, write, statement, says):
    store.update([write("corpus", a=FIRST)], StubEncoder(), SCANNING)
    with database.session() as session:
        session.change(statement)
    (damage,) = store.verify()
    assert isinstance(damage, SnapshotDamaged)
    assert says in str(damage)


def test_an_older_generation_stands_in_for_one_that_is_damaged(database, store, write, tmp_path):
    first = store.update([write("corpus", a=FIRST)], StubEncoder(), SCANNING).generation
    second = store.update([write("corpus", b=SECOND)], StubEncoder(), SCANNING).generation
    with database.session() as session:
        session.change("DELETE FROM wenbao_reports WHERE document_id = 'b'")
    snapshot, damage = OceanBaseStore(database, tmp_path / "other").last_good()
    assert (snapshot.generation, store.generation()) == (first, second)
    assert "generation 2 of the index is not whole" in damage


def test_one_writer_at_a_time_and_a_number_of_a_report_is_never_given_twice(seekdb, database, store, write, tmp_path):
    corpus = write("corpus", a=FIRST)
    store.update([corpus], StubEncoder(), SCANNING)
    other = OceanBaseStore(Database(str(database.address), seekdb.password), tmp_path / "other")
    with store.writing(), pytest.raises(IndexBusy), other.writing():
        pass
    store.add(write("one", b=SECOND), StubEncoder(), SCANNING)
    before = store.published().catalogue.lines[-1].report
    store.remove(["b"], StubEncoder(), SCANNING)
    for text in (OTHER, FIRST):  # until no kept generation has it
        write("corpus", a=text)
        store.update([corpus], StubEncoder(), SCANNING)
    store.add(write("two", c=OTHER), StubEncoder(), SCANNING)
    assert store.published().catalogue.lines[-1].report > before
    assert texts_of(store) == {"a": FIRST, "c": OTHER}


def test_a_generation_that_is_gone_says_so_and_never_finds_half_of_what_it_had(database, store, write, tmp_path):
    corpus = write("corpus", a=FIRST, b=SECOND)
    store.update([corpus], StubEncoder(), SCANNING)
    behind = OceanBaseStore(database, tmp_path / "behind").published()
    for text in (OTHER, FIRST):
        write("corpus", a=text)
        store.update([corpus], StubEncoder(), SCANNING)
    with pytest.raises(SnapshotMissing, match="generation 1 of the index is gone, others were published: ask again"):
        Answerer(behind, StubEncoder()).ask(Question("灯会由谁主持？"))
