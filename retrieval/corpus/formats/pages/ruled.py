"""Tables that a PDF page draws with lines: the grid of its rules, and the characters in each cell.

A cell is what lies between two rules beside and two above each other; where a rule between two fields of the grid is
missing, they are one merged cell. Rules are strokes, thin filled boxes, and the sides of stroked boxes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref, c_float, c_int
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from retrieval.corpus.lines import glue
from retrieval.corpus.tabular import GridCell

MOST_OBJECTS, MOST_RULES = 20_000, 4_000
"""Drawn objects and rules of a page that are looked at; a page with more of them is a map or a chart."""
THIN = 2.5
"""Points that a filled box is thick at most where it is a rule."""
NEAR = 2.0
"""Points by which rules that meet may miss each other."""
LEAST_RULE = 6.0
LONGEST_CELL = 600
"""Characters of a cell in which a page, not a table, is drawn."""
LEVEL = 0.4
"""Share of a character's height by which those of one line stand higher or lower at most."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: at ``at`` on one axis, from ``start`` to ``end`` on the other."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Lattice:
    """A table's rules: edges of its columns from left to right and of its rows from top to bottom, and its cells.

    Each cell is (row, column, rows, columns), counted from 0.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    cells: tuple[tuple[int, int, int, int], ...]

    @property
    def box(self) -> Box:
        """What the table takes of its page."""
        return self.columns[0], self.rows[-1], self.columns[-1], self.rows[0]

    def place_of(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of a point; None outside."""
        left, bottom, right, top = self.box
        if not (left <= x < right and bottom < y <= top):
            return None
        return bisect_right([-edge for edge in self.rows], -y) - 1, bisect_right(self.columns, x) - 1


# Rules -> lattices


def lattices_of(page: pdfium.PdfPage) -> list[Lattice]:
    """Return the grids of rules on a page that have at least two rows and two columns."""
    level, upright = _rules(page)
    if len(level) < 3 or len(upright) < 3:
        return []
    found = (_lattice(*group) for group in _groups(level, upright))
    return [lattice for lattice in found if lattice is not None]


def _rules(page: pdfium.PdfPage) -> tuple[list[Rule], list[Rule]]:
    """Return the level and the upright rules of a page; none of a page with too many."""
    level: list[Rule] = []
    upright: list[Rule] = []
    for count, found in enumerate(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=1)):
        if count >= MOST_OBJECTS or len(level) + len(upright) >= MOST_RULES:
            return [], []
        left, bottom, right, top = found.get_bounds()
        if right - left <= THIN and top - bottom >= LEAST_RULE:
            upright.append(Rule((left + right) / 2, bottom, top))
        elif top - bottom <= THIN and right - left >= LEAST_RULE:
            level.append(Rule((top + bottom) / 2, left, right))
        elif _is_stroked(found):
            for (x0, y0), (x1, y1) in _strokes(found):
                if abs(x0 - x1) <= THIN and abs(y0 - y1) >= LEAST_RULE:
                    upright.append(Rule((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
                elif abs(y0 - y1) <= THIN and abs(x0 - x1) >= LEAST_RULE:
                    level.append(Rule((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    return level, upright


def _is_stroked(found: pdfium.PdfObject) -> bool:
    fill, stroke = c_int(), c_int()
    return bool(pdfium_c.FPDFPath_GetDrawMode(found, byref(fill), byref(stroke)) and stroke.value)


def _strokes(found: pdfium.PdfObject) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Yield the straight strokes of a path, in the page's points."""
    matrix = found.get_matrix()
    first = last = (0.0, 0.0)
    for number in range(min(pdfium_c.FPDFPath_CountSegments(found), MOST_RULES)):
        segment = pdfium_c.FPDFPath_GetPathSegment(found, number)
        x, y = c_float(), c_float()
        pdfium_c.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        point = matrix.on_point(x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium_c.FPDF_SEGMENT_LINETO:
            yield last, point
        last = point
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            yield last, first
            last = first


def _groups(level: Sequence[Rule], upright: Sequence[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield level and upright rules that hang together."""
    parent = list(range(len(level) + len(upright)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, across in enumerate(level):
        for other, down in enumerate(upright):
            if (
                across.start - NEAR <= down.at <= across.end + NEAR
                and down.start - NEAR <= across.at <= down.end + NEAR
            ):
                parent[root(one)] = root(len(level) + other)
    together: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for one, rule in enumerate((*level, *upright)):
        together[root(one)][one >= len(level)].append(rule)
    yield from together.values()


def _lattice(level: Sequence[Rule], upright: Sequence[Rule]) -> Lattice | None:
    columns, rows = _edges(upright), _edges(level)[::-1]
    if len(columns) < 3 or len(rows) < 3:
        return None
    across, down = _by_edge(level, rows), _by_edge(upright, columns)

    def parted(rules: Iterable[Rule], start: float, end: float) -> bool:
        middle = (start + end) / 2
        return any(rule.start - NEAR <= middle <= rule.end + NEAR for rule in rules)

    taken: set[tuple[int, int]] = set()
    cells: list[tuple[int, int, int, int]] = []
    for row in range(len(rows) - 1):
        for column in range(len(columns) - 1):
            if (row, column) in taken:
                continue
            wide = tall = 1
            while column + wide < len(columns) - 1 and not parted(down[column + wide], rows[row + 1], rows[row]):
                wide += 1
            while row + tall < len(rows) - 1 and not parted(across[row + tall], columns[column], columns[column + 1]):
                tall += 1
            taken |= {(row + i, column + j) for i in range(tall) for j in range(wide)}
            cells.append((row, column, tall, wide))
    return Lattice(tuple(columns), tuple(rows), tuple(cells))


def _edges(rules: Iterable[Rule]) -> list[float]:
    """Return where the rules are, those that lie together once, ascending."""
    edges: list[float] = []
    for at in sorted(rule.at for rule in rules):
        if not edges or at - edges[-1] > NEAR:
            edges.append(at)
    return edges


def _by_edge(rules: Iterable[Rule], edges: Sequence[float]) -> list[list[Rule]]:
    found: list[list[Rule]] = [[] for _ in edges]
    for rule in rules:
        found[min(range(len(edges)), key=lambda at: abs(edges[at] - rule.at))].append(rule)
    return found


# Characters -> cells


@dataclass(frozen=True, slots=True)
class Mark:
    """A visible character of the page, whether white space stands before it, and its box."""

    text: str
    apart: bool
    box: Box

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        left, bottom, right, top = self.box
        return (left + right) / 2, (bottom + top) / 2


def grid_of(lattice: Lattice, marks: Sequence[Mark]) -> list[list[GridCell]] | None:
    """Return the rows of a table with the words of its cells; None where it holds a page, or hardly a word."""
    owner = {
        (row + i, column + j): (row, column)
        for row, column, tall, wide in lattice.cells
        for i in range(tall)
        for j in range(wide)
    }
    inside: dict[tuple[int, int], list[Mark]] = defaultdict(list)
    for mark in marks:
        place = lattice.place_of(*mark.middle)
        if place in owner:
            inside[owner[place]].append(mark)
    if len(inside) < 2 or any(len(held) > LONGEST_CELL for held in inside.values()):
        return None
    grid: list[list[GridCell]] = [[] for _ in lattice.rows[1:]]
    for row, column, tall, wide in lattice.cells:
        grid[row].append(GridCell(_words(inside[row, column]), wide, tall))
    return grid


def _words(marks: Sequence[Mark]) -> str:
    """Put the characters of a cell together, line by line from the top."""
    lines: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: -mark.middle[1]):
        height = mark.box[3] - mark.box[1]
        if lines and abs(lines[-1][0].middle[1] - mark.middle[1]) <= LEVEL * height:
            lines[-1].append(mark)
        else:
            lines.append([mark])
    return glue(_line(sorted(line, key=lambda mark: mark.box[0])) for line in lines)


def _line(marks: Sequence[Mark]) -> str:
    return "".join((" " if mark.apart and place else "") + mark.text for place, mark in enumerate(marks))
