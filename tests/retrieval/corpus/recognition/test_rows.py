"""Recognised lines -> rows: set straight, in order, what stands at one height together."""

from __future__ import annotations

import math

import pytest
from stub_ocr import line

from retrieval.corpus.recognition.rows import rows_of
from retrieval.corpus.recognition.seen import SeenLine, SeenPage
from retrieval.recognised import RecognisedLine

ASPECT = 1.4
LINES = (
    line("关于供暖的通知", 0.10, left=0.3, size=0.045),
    line("入冬以来气温持续下降，经研究决定从十五日起", 0.20),
    line("对全镇供暖管网进行检修，由供热站值班。", 0.23),
)


def turned(lines, degrees):
    """Turn a page about its upper left corner, and put it where it fits, as a scanner that it lies crooked on does."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    edges = [(x * cosine - y * sine, x * sine + y * cosine) for x in (0, 1) for y in (0, ASPECT)]
    left, top = min(x for x, _ in edges), min(y for _, y in edges)
    width, height = max(x for x, _ in edges) - left, max(y for _, y in edges) - top
    found = []
    for one in lines:
        pairs = zip(one.corners[::2], (ASPECT * y for y in one.corners[1::2]), strict=True)
        places = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in pairs]
        corners = tuple(place for x, y in places for place in ((x - left) / width, (y - top) / height))
        found.append(SeenLine(one.text, one.confidence, corners))
    return SeenPage(height / width, tuple(found))


@pytest.mark.parametrize("degrees", [0, 2, -3, 15, 90, 180, 270])
def test_a_page_is_set_straight_whichever_way_it_was_laid(degrees):
    rows, unsure = rows_of(turned(LINES, degrees), 1)
    assert [row.text for row in rows] == [one.text for one in LINES]
    assert unsure == []
    assert round(rows[1].left - rows[2].left) == 0
    assert [round(row.size / rows[1].size, 2) for row in rows] == [1.56, 1, 1]


def test_cells_at_one_height_are_one_row_from_left_to_right_with_their_places():
    cells = line("2,040元", 0.302, left=0.7), line("李四光", 0.3), line("面积102平", 0.298, left=0.4)
    [row], _ = rows_of(SeenPage(ASPECT, (*cells, LINES[1])), 4)[0][1:], None
    assert row.text == "李四光 面积102平 2,040元"
    assert [piece.text for piece in row.pieces] == ["李四光", "面积102平", "2,040元"]
    assert row.recognised == (
        RecognisedLine(0, 3, 4, cells[1].box),
        RecognisedLine(4, 10, 4, cells[2].box),
        RecognisedLine(11, 17, 4, cells[0].box),
    )


def test_what_is_too_unsure_is_no_text():
    rows, unsure = rows_of(SeenPage(ASPECT, (*LINES, line("岗热实柔实柔抢", 0.5, confidence=0.59))), 1)
    assert ([row.text for row in rows], unsure) == ([one.text for one in LINES], ["岗热实柔实柔抢"])


def test_an_empty_page_has_no_rows():
    assert rows_of(SeenPage(ASPECT, ()), 1) == ([], [])


def test_sizes_that_differ_by_the_noise_of_measuring_are_one():
    lines = (
        line("入冬以来气温持续下降，经研究决定", 0.2, size=0.031),
        line("对全镇供暖管网进行检修由供热站值班", 0.24, size=0.029),
    )
    rows, _ = rows_of(SeenPage(ASPECT, lines), 1)
    assert len({row.size for row in rows}) == 1
