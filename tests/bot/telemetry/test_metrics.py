"""Figures: what each face adds to them, and what Prometheus's own parser makes of them."""

from __future__ import annotations

import time

from http_client import client_of_app
from prometheus_client.parser import text_string_to_metric_families
from stub_opener import StubOpener

from bot.service.service import Service
from bot.telemetry.metrics import Gauge, Metrics
from bot.web.app import create_app


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the samples by name and labels; no series may stand twice, for Prometheus would take nothing then."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def of(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics.exposition([]).decode()).get((name, tuple(sorted(labels.items()))))


def test_an_answer_counts_once_by_status_and_face_and_each_stage_in_seconds():
    metrics = Metrics()
    metrics.answered("telegram", "related", {"encode": 20.0, "total": 30.0}, 0.2)
    assert of(metrics, "wenbao_questions_total", face="telegram", status="related") == 1
    stages = {stage: of(metrics, "wenbao_stage_seconds_sum", stage=stage) for stage in ("wait", "encode", "total")}
    assert stages == {"wait": 0.2, "encode": 0.02, "total": 0.03}
    below = {le: of(metrics, "wenbao_stage_seconds_bucket", stage="encode", le=le) for le in ("0.01", "0.025", "+Inf")}
    assert below == {"0.01": 0, "0.025": 1, "+Inf": 1}


def test_what_was_refused_or_failed_is_told_apart_from_answers():
    metrics = Metrics()
    metrics.unanswered("web", "refused")
    metrics.unanswered("web", "failed")
    metrics.refused("web", 429)
    metrics.kept("unanswered", 3)
    found = (
        of(metrics, "wenbao_questions_total", face="web", status="refused"),
        of(metrics, "wenbao_questions_total", face="web", status="failed"),
        of(metrics, "wenbao_refusals_total", face="web", code="429"),
        of(metrics, "wenbao_feedback_total", kind="unanswered"),
        of(metrics, "wenbao_stage_seconds_count", stage="total"),
    )
    assert found == (1, 1, 1, 3, None)


def test_figures_of_one_name_are_one_family():
    text = Metrics().exposition([Gauge("a", "An a.", 1, {"of": "x"}), Gauge("a", "An a.", 0, {"of": "y"})]).decode()
    assert text.count("# TYPE a gauge") == 1
    assert {key: value for key, value in samples(text).items() if key[0] == "a"} == {
        ("a", (("of", "x"),)): 1,
        ("a", (("of", "y"),)): 0,
    }


def test_services_of_one_process_count_their_own_questions_and_lose_none(own_settings):
    first, second = Service(own_settings, StubOpener()), Service(own_settings, StubOpener())
    with client_of_app(create_app(first)) as one, client_of_app(create_app(second)) as other:
        for client in (one, other):
            wait_until_ready(client)
        for client, times in ((one, 3), (other, 2)):
            for _ in range(times):
                assert client.post("/ask", json={"question": "红烧肉怎么做才好吃?"}).status_code == 200
        counts = [asked(client.get("/metrics").text) for client in (one, other)]
    assert counts == [3, 2]


def asked(text: str) -> float:
    return sum(value for (name, _), value in samples(text).items() if name == "wenbao_questions_total")


def wait_until_ready(client) -> None:
    deadline = time.monotonic() + 30
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_background_work_that_fails_is_one_series_whose_value_says_so(own_settings):
    service = Service(own_settings, StubOpener())
    with client_of_app(create_app(service)) as client:
        wait_until_ready(client)
        service.supervisor.failed("watching the corpus", OSError("disk full"))
        service.supervisor.failed("something new", OSError("disk full"))
        found = samples(client.get("/metrics").text)
    failing = {dict(labels)["work"]: value for (name, labels), value in found.items() if name.endswith("_failing")}
    assert failing == {
        "following the index": 0,
        "watching the corpus": 1,
        "hints of the file system": 0,
        "something new": 1,
    }


def test_no_label_holds_what_a_client_sent(own_settings):
    service = Service(own_settings, StubOpener())
    with client_of_app(create_app(service)) as client:
        wait_until_ready(client)
        for number in range(50):
            client.get(f"/nowhere/{number}", headers={"X-Forwarded-For": f"10.0.0.{number}"})
            client.request("BREW" if number % 2 else "GET", "/ask", params={"q": f"问题{number}", "top_k": number})
            client.post("/feedback", json={"request_id": f"id{number}", "vote": "up"})
            client.get("/documents", headers={"Host": f"host{number}.example"})
        found = samples(client.get("/metrics").text)
    ours = {key for key in found if key[0].startswith("wenbao_") and not key[0].endswith(("_bucket", "_created"))}
    assert {dict(labels)["code"] for name, labels in ours if name == "wenbao_refusals_total"} == {
        "404", "405", "421", "422", "503",
    }  # fmt: skip
    values = {value for _, labels in ours for _, value in labels}
    assert [value for value in values if any(part in value for part in ("nowhere", "问题", "host0", "id1"))] == []
    assert len(ours) < 60


def test_a_metric_without_an_index_says_that_nothing_can_be_answered(own_settings):
    service = Service(own_settings, StubOpener())
    client = client_of_app(create_app(service))  # not started
    found = samples(client.get("/metrics").text)
    assert found["wenbao_ready", ()] == 0
    assert ("wenbao_generation", ()) not in found
