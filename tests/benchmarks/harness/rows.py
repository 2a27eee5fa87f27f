"""What a run measured, as plain data: rows with their bounds, and the report that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from benchmarks.harness.contest import Estimate, estimate

SCHEMA = 1

Scalar = str | float | int | None


@dataclass(frozen=True, slots=True)
class Bound:
    """What a row must hold; "more than" is for quality, where equal is not higher."""

    kind: Literal["at least", "at most", "more than"]
    value: float

    def met_by(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        if self.kind == "at most":
            return value <= self.value
        return value > self.value if self.kind == "more than" else value >= self.value


def at_least(value: float) -> Bound:
    """Return a lower bound."""
    return Bound("at least", value)


def at_most(value: float) -> Bound:
    """Return an upper bound."""
    return Bound("at most", value)


@dataclass(frozen=True, slots=True)
class Contestant:
    """One side of a comparison: every sample that was taken of it, in ``unit``."""

    name: str
    unit: str
    samples: tuple[float, ...]

    @property
    def summary(self) -> Estimate:
        """Median and spread."""
        return estimate(self.samples)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it is, what it must hold (None: for information), and what it was made of.

    ``value`` is None where it could not be measured, and ``note`` then says why.
    """

    number: str
    part: str
    what: str
    unit: str
    value: float | None
    bound: Bound | None = None
    quartiles: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None
    contestants: tuple[Contestant, ...] = ()
    note: str = ""
    details: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def held(self) -> bool | None:
        """Whether the bound is kept; None without a bound or a value."""
        return None if self.bound is None or self.value is None else self.bound.met_by(self.value)

    @property
    def sure(self) -> bool | None:
        """Whether the whole interval is on the value's side of the bound; None without an interval."""
        if self.held is None or self.interval is None or self.bound is None:
            return None
        return all(self.bound.met_by(end) == self.held for end in self.interval)

    @property
    def verdict(self) -> str:
        """The row in a word or two."""
        if self.value is None:
            return "not measured"
        if self.held is None:
            return ""
        return ("held" if self.held else "not held") + ("" if self.sure is not False else ", within noise")


def row_of(number: str, part: str, what: str, unit: str, found: Estimate, bound: Bound | None, **more: Any) -> Row:  # noqa: ANN401 - Row's own fields
    """Return the row of an estimate."""
    return Row(number, part, what, unit, found.value, bound, found.quartiles, found.interval, **more)


@dataclass(frozen=True, slots=True)
class SetQuality:
    """How well and how fast one contestant answered one set."""

    contestant: str
    hit1: float
    hit1_interval: tuple[float, float] | None
    mrr: float
    mrr_interval: tuple[float, float] | None
    milliseconds: tuple[float, ...]
    build_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SetContest:
    """One development set, and every contestant on it, Wenbao first."""

    name: str
    documents: int
    passages: int
    questions: int
    contestants: tuple[SetQuality, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A script that ran in a process of its own: how long, and what it failed of, if it did."""

    name: str
    seconds: float
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one part hands over."""

    rows: tuple[Row, ...]
    sets: tuple[SetContest, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run."""

    created: str
    seconds: float
    quick: bool
    options: Mapping[str, Scalar]
    machine: Mapping[str, Scalar]
    versions: Mapping[str, str]
    parts: tuple[Part, ...]
    rows: tuple[Row, ...]
    sets: tuple[SetContest, ...]

    @property
    def judged(self) -> tuple[Row, ...]:
        """The rows that must hold something."""
        return tuple(row for row in self.rows if row.bound is not None)


# JSON


def measured_json(measured: Measured) -> dict[str, Any]:
    """Return what a part hands over as JSON."""
    return {
        "rows": [_row_json(row) for row in measured.rows],
        "sets": [asdict(one) for one in measured.sets],
        "versions": dict(measured.versions),
    }


def measured_from(values: Mapping[str, Any]) -> Measured:
    """Read ``measured_json`` back."""
    return Measured(_rows_from(values["rows"]), _sets_from(values["sets"]), dict(values["versions"]))


def report_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON: the fields of ``Report`` and ``Row``, and each row's verdict."""
    plain = {name: getattr(report, name) for name in ("created", "seconds", "quick")}
    return {
        "schema": SCHEMA,
        **plain,
        "options": dict(report.options),
        "machine": dict(report.machine),
        "versions": dict(report.versions),
        "parts": [asdict(part) for part in report.parts],
        "rows": [_row_json(row) for row in report.rows],
        "sets": [asdict(one) for one in report.sets],
    }


def report_from(values: Mapping[str, Any]) -> Report:
    """Read ``report_json`` back; ValueError for another schema."""
    if values.get("schema") != SCHEMA:
        raise ValueError(f"a report of schema {SCHEMA} is expected, not of {values.get('schema')}")
    return Report(
        created=values["created"],
        seconds=values["seconds"],
        quick=values["quick"],
        options=dict(values["options"]),
        machine=dict(values["machine"]),
        versions=dict(values["versions"]),
        parts=tuple(Part(**part) for part in values["parts"]),
        rows=_rows_from(values["rows"]),
        sets=_sets_from(values["sets"]),
    )


def _row_json(row: Row) -> dict[str, Any]:
    return {**asdict(row), "held": row.held, "sure": row.sure, "verdict": row.verdict}


def _rows_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
    derived = ("held", "sure", "verdict")
    return tuple(_row_from({key: value for key, value in row.items() if key not in derived}) for row in rows)


def _row_from(values: dict[str, Any]) -> Row:
    contestants = tuple(Contestant(one["name"], one["unit"], tuple(one["samples"])) for one in values["contestants"])
    pairs = {name: _pair(values[name]) for name in ("quartiles", "interval")}
    bound = Bound(**values["bound"]) if values["bound"] else None
    return Row(**{**values, **pairs, "bound": bound, "contestants": contestants})


def _sets_from(sets: Sequence[Mapping[str, Any]]) -> tuple[SetContest, ...]:
    return tuple(
        SetContest(**{**one, "contestants": tuple(_quality_from(found) for found in one["contestants"])})
        for one in sets
    )


def _quality_from(values: Mapping[str, Any]) -> SetQuality:
    pairs = {name: _pair(values[name]) for name in ("hit1_interval", "mrr_interval")}
    return SetQuality(
        **{
            **values,
            **pairs,
            "milliseconds": tuple(values["milliseconds"]),
            "build_seconds": tuple(values["build_seconds"]),
        }
    )


def _pair(values: Sequence[float] | None) -> tuple[float, float] | None:
    return None if values is None else (values[0], values[1])
