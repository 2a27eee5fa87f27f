"""A scan that lost most of the reports changes nothing, unless somebody says that it may."""

from __future__ import annotations

import pytest
from stub_encoder import StubEncoder

from retrieval.errors import MostReportsGone
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot, published

NUMBERS = "一二三四五六七八九"


def files_of(numbers):
    return {f"{number}.txt": f"{number}号通报\n\n{number}区的情况各不相同。" for number in numbers}


@pytest.fixture
def scan(corpus_of, tmp_path):
    """Bring the corpus to hold just these reports, index it, and return the receipt."""

    def run(numbers, *, files=None, **options):
        folder = corpus_of({})
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        corpus_of(files_of(numbers) | (files or {}))
        return build_index([folder], tmp_path / "index", options.pop("encoder", None) or StubEncoder(), **options)

    return run


def listed(tmp_path):
    return "".join(document.document_id for document in load_snapshot(tmp_path / "index").documents)


@pytest.mark.parametrize(
    ("before", "after", "is_refused"),
    [
        ("一二三", "", False),  # three reports may always go
        ("一二三四", "", True),
        ("一二三四五", "一", True),
        ("一二三四五", "一二", False),
        ("一二三四五六七八", "一二三四", False),  # half is not more than half
        ("一二三四五六七八", "一二三", True),
        ("一二三四", "五六七八九", True),  # as many new ones make up for none
    ],
)
def test_more_than_half_and_more_than_three_are_too_many(scan, tmp_path, before, after, is_refused):
    scan(before)
    if is_refused:
        with pytest.raises(MostReportsGone):
            scan(after)
    else:
        scan(after)
    assert sorted(listed(tmp_path)) == sorted(before if is_refused else after)


def test_the_refusal_counts_names_some_and_says_the_remedy_and_its_summary_names_none(scan):
    scan("一二三四五六")
    with pytest.raises(MostReportsGone) as refused:
        scan("六")
    remedy = "bring their folder back, or let them go with `wenbao index --yes` (yes=true over HTTP)"
    lost = "5 of the 6 indexed reports are no longer in the corpus"
    assert str(refused.value) == f"{lost} (一, 三, 二, …), and the index stays as it is: {remedy}"
    assert refused.value.summary == f"{lost}, and the index stays as it is: {remedy}"
    assert (refused.value.gone, refused.value.held) == (("一", "三", "二", "五", "四"), 6)


@pytest.mark.parametrize("options", [{}, {"rebuild": True}, {"encoder": StubEncoder("other", dimension=32)}])
def test_whatever_else_is_asked_of_the_scan_nothing_is_embedded_or_published(scan, tmp_path, options):
    generation, encoder = scan("一二三四五").generation, options.get("encoder") or StubEncoder()
    with pytest.raises(MostReportsGone):
        scan("九", **options | {"encoder": encoder})
    assert (published(tmp_path / "index").name, encoder.embedded) == (generation, [])


def test_who_says_that_most_may_go_is_obeyed(scan, tmp_path):
    scan("一二三四五")
    receipt = scan("五", may_remove_most=True)
    assert (receipt.documents, sorted(receipt.removed)) == (1, sorted("一二三四"))


def test_reports_that_somebody_named_are_meant_to_go_and_no_others(scan, tmp_path):
    scan("一二三四五六")
    with pytest.raises(MostReportsGone):
        scan("六", named=["一"])
    assert sorted(scan("六", named=["一", "二"]).removed) == sorted("一二三四五")


def test_reports_that_were_renamed_or_packed_into_an_archive_are_not_gone(scan, tmp_path):
    scan("一二三四五")
    moved = {f"旧/{name}": text for name, text in files_of("一二三四五").items()}
    receipt = scan("", files=moved)
    assert (receipt.documents, receipt.embedded, len(receipt.removed)) == (5, 0, 5)


def test_a_damaged_index_is_made_anew_but_not_without_most_of_its_reports(scan, tmp_path):
    scan("一二三四五")
    (published(tmp_path / "index") / "passages.npy").write_bytes(b"")
    with pytest.raises(MostReportsGone):
        scan("五")
    assert scan("一二三四五").embedded == 5
