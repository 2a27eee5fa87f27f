"""Figures for Prometheus: what was asked and how long it took, what was refused, and the state at the moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE_LATEST", "Gauge", "Metrics"]

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: an answer takes tens of milliseconds, and under load it waits."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure as it is at the moment; ``labels`` tell apart those of one name."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


class Metrics:
    """The figures of one service, which all its faces add to, from any thread.

    Every label has few values, which stand in this program: nothing that a client sends is one.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._questions = Counter("wenbao_questions", "Questions asked.", ["face", "status"], registry=registry)
        self._stages = Histogram(
            "wenbao_stage_seconds", "Time that a stage took.", ["stage"], buckets=BUCKETS, registry=registry
        )
        self._refusals = Counter(
            "wenbao_refusals",
            "Requests answered with an error, by its HTTP status.",
            ["face", "code"],
            registry=registry,
        )
        self._feedback = Counter(
            "wenbao_feedback", "Votes kept, and questions kept as unanswered.", ["kind"], registry=registry
        )

    def answered(self, face: str, status: str, timings_ms: Mapping[str, float], waited: float) -> None:
        """Count an answered question, the milliseconds of its stages, and the seconds that it waited for its turn."""
        self._questions.labels(face, status).inc()
        self._stages.labels("wait").observe(waited)
        for stage, milliseconds in timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def unanswered(self, face: str, status: str) -> None:
        """Count a question that got no answer: it was "refused", or it "failed"."""
        self._questions.labels(face, status).inc()

    def refused(self, face: str, code: int) -> None:
        """Count what was answered with an error; faces other than the web say which HTTP status it would have."""
        self._refusals.labels(face, str(code)).inc()

    def kept(self, kind: str, count: int = 1) -> None:
        """Count feedback that was kept."""
        self._feedback.labels(kind).inc(count)

    def exposition(self, gauges: Iterable[Gauge]) -> bytes:
        """Return everything in Prometheus's text format, with these figures of the moment."""
        moment = CollectorRegistry()
        moment.register(_Moment(gauges))
        return generate_latest(self._registry) + generate_latest(moment)


class _Moment(Collector):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = list(gauges)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return a family for each name."""
        families = dict[str, GaugeMetricFamily]()
        for one in self._gauges:
            family = families.setdefault(one.name, GaugeMetricFamily(one.name, one.help, labels=list(one.labels)))
            family.add_metric(list(one.labels.values()), one.value)
        return families.values()
