"""Figures for Prometheus: what was asked and how long it took, what was refused, and the state at the moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

__all__ = ["CONTENT_TYPE_LATEST", "FEEDBACK", "REFUSALS", "Gauge", "count_question", "exposition"]

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: an answer takes tens of milliseconds, and under load it waits."""

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)
GCCollector(registry=_registry)
_QUESTIONS = Counter("wenbao_questions", "Questions answered.", ["face", "status"], registry=_registry)
_STAGES = Histogram("wenbao_stage_seconds", "Time that a stage took.", ["stage"], buckets=BUCKETS, registry=_registry)
REFUSALS = Counter("wenbao_refusals", "Requests refused, by HTTP status.", ["code"], registry=_registry)
FEEDBACK = Counter("wenbao_feedback", "Votes given and questions kept as unanswered.", ["kind"], registry=_registry)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure as it is at the moment; ``labels`` tell apart those of one name."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str]


def count_question(face: str, status: str, timings_ms: Mapping[str, float], waited: float) -> None:
    """Count an answered question, the milliseconds of its stages, and the seconds that it waited for its turn."""
    _QUESTIONS.labels(face, status).inc()
    _STAGES.labels("wait").observe(waited)
    for stage, milliseconds in timings_ms.items():
        _STAGES.labels(stage).observe(milliseconds / 1000)


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


def exposition(gauges: Iterable[Gauge]) -> bytes:
    """Return everything in Prometheus's text format, with these figures of the moment."""
    moment = CollectorRegistry()
    moment.register(_Moment(gauges))
    return generate_latest(_registry) + generate_latest(moment)
