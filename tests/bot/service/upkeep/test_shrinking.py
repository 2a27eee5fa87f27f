"""A server whose corpus lost most of its reports answers from the old generation, and says so, until they are back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient
from http_client import client_of_app
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.opening import update_index
from bot.service.service import Service
from bot.service.upkeep.scanning import FILE
from bot.service.upkeep.upkeep import SHRINKING
from bot.settings import Settings, load_settings
from bot.web.app import create_app
from retrieval.errors import ModelUnavailable

ADMIN = {"Authorization": "Bearer open sesame, please"}
NAMES = ["fifth", "first", "fourth", "second", "third"]
SUMMARY = (
    "5 of the 5 indexed reports are no longer in the corpus, and the index stays as it is: "
    "bring their folder back, or let them go with `wenbao index --yes` (yes=true over HTTP)"
)
DETAIL = SUMMARY.replace("corpus,", "corpus (fifth, first, fourth, …),")


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    """An index of five reports, whose folder is empty now, as where something is mounted."""
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.txt").write_text(f"{name}号通报\n\n{name}的内容各不相同。", encoding="utf-8")
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports], scan_seconds: 0.2}\n", encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    update_index(settings, StubEncoder())
    folder.rename(tmp_path / "away")
    folder.mkdir()
    return settings


@contextmanager
def served(settings: Settings, opener: StubOpener | None = None) -> Iterator[TestClient]:
    with client_of_app(create_app(Service(settings, opener or StubOpener(), follow_seconds=0.02))) as client:
        yield client


def unwatched(settings: Settings) -> Settings:
    return settings.model_copy(update={"corpus": settings.corpus.model_copy(update={"watch": False})})


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def listed(client: TestClient) -> list[str]:
    return [document["document_id"] for document in client.get("/documents").json()["documents"]]


def state(client: TestClient) -> tuple[int, list[str] | None]:
    ready = client.get("/readyz")
    return ready.status_code, ready.json().get("problems")


REFUSED, READY = (200, [SHRINKING]), (200, None)


def bring_back(settings: Settings) -> None:
    settings.corpus.paths[0].rmdir()
    (settings.corpus.paths[0].parent / "away").rename(settings.corpus.paths[0])


def problems(client: TestClient, **headers: str) -> list[str]:
    return client.get("/status", headers=headers).json()["problems"]


def test_the_old_generation_answers_and_every_place_says_why_but_only_the_log_names_reports(settings, caplog):
    with served(settings) as client:
        eventually(lambda: state(client) == REFUSED)
        assert listed(client) == NAMES
        assert client.post("/ask", json={"question": "second号通报"}).json()["citations"] != []
        for headers in ({}, ADMIN):
            (said,) = problems(client, **headers)
            assert said.startswith(f"{SHRINKING} fails since 20")
            assert said.endswith(f" UTC: {SUMMARY}")
        assert f'wenbao_background_failing{{work="{SHRINKING}"}} 1.0\n' in client.get("/metrics").text
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [DETAIL]


def test_it_goes_on_by_itself_when_the_folder_is_back(settings):
    with served(settings) as client:
        eventually(lambda: state(client) == REFUSED)
        bring_back(settings)
        eventually(lambda: state(client) == READY)
        assert (problems(client), listed(client)) == ([], NAMES)
        (settings.corpus.paths[0] / "sixth.txt").write_text("sixth号通报", encoding="utf-8")
        eventually(lambda: listed(client) == sorted([*NAMES, "sixth"]))


def test_a_folder_that_goes_and_comes_back_unchanged_while_it_is_watched_costs_nothing(settings):
    bring_back(settings)
    folder = settings.corpus.paths[0]
    with served(settings) as client:
        eventually(lambda: (settings.index.path / FILE).exists())
        generation = client.get("/readyz").json()["generation"]
        folder.rename(folder.parent / "away")
        folder.mkdir()
        eventually(lambda: state(client) == REFUSED)
        bring_back(settings)
        eventually(lambda: state(client) == READY)
        assert client.get("/readyz").json()["generation"] == generation


def test_an_unchanged_corpus_is_not_read_again_and_a_changed_one_is(settings, caplog):
    with served(settings) as client:
        eventually(lambda: state(client) == REFUSED)
        time.sleep(1)
        assert caplog.text.count("5 of the 5") == 1
        (settings.corpus.paths[0] / "other.txt").write_text("another号通报", encoding="utf-8")
        eventually(lambda: caplog.text.count("5 of the 5") == 2)
        assert (state(client), listed(client)) == (REFUSED, NAMES)


def test_who_does_not_say_yes_gets_a_409_and_nothing_is_changed(settings):
    with served(unwatched(settings)) as client:
        eventually(lambda: state(client) == READY)
        for query in ("", "?rebuild=true", "?yes=false"):
            refused = client.post(f"/index{query}", headers=ADMIN)
            assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
            assert refused.json()["detail"] == DETAIL
        added = client.post("/documents", files=[("files", ("new.txt", b"new"))], headers=ADMIN)
        assert (added.status_code, added.json()["detail"]) == (409, DETAIL)
        assert listed(client) == NAMES


def test_who_says_yes_gets_the_receipt_and_nothing_fails_any_longer(settings):
    with served(settings) as client:
        eventually(lambda: state(client) == REFUSED)
        receipt = client.post("/index?yes=true", headers=ADMIN)
        assert (receipt.status_code, receipt.json()["removed"]) == (200, NAMES)
        assert (state(client), listed(client)) == (READY, [])


def test_another_process_may_say_yes(settings):
    with served(settings) as client:
        eventually(lambda: state(client) == REFUSED)
        update_index(settings, StubEncoder(), may_remove_most=True)
        eventually(lambda: listed(client) == [])
        eventually(lambda: state(client) == READY)


def test_reports_that_are_named_go_one_after_another_to_the_last(settings):
    bring_back(settings)
    with served(unwatched(settings)) as client:
        eventually(lambda: state(client) == READY)
        for name in NAMES:
            assert client.delete(f"/documents/{name}", headers=ADMIN).json()["removed"] == [name]
        assert listed(client) == []


def test_an_index_of_other_settings_goes_on_answering_too(settings):
    opener = StubOpener(encoder=StubEncoder("other", dimension=32), outdated=StubEncoder())
    with served(settings, opener) as client:
        eventually(lambda: state(client) == REFUSED)
        assert listed(client) == NAMES


def test_where_the_encoder_of_the_old_index_is_gone_too_strangers_are_told_without_names(settings):
    class Alone(StubOpener):
        def open_outdated(self, settings):
            raise ModelUnavailable("it is gone")

    with served(settings, Alone(encoder=StubEncoder("other", dimension=32))) as client:
        eventually(lambda: SUMMARY in client.get("/readyz").text)
        asked = client.post("/ask", json={"question": "second号通报"})
        assert (asked.status_code, asked.json()["detail"]) == (503, SUMMARY)
        assert "fifth" not in client.get("/status").text
        bring_back(settings)
        assert client.get("/healthz").status_code == 200


def test_the_description_says_what_yes_is_and_that_it_may_take_one(settings):
    with served(unwatched(settings)) as client:
        paths = client.get("/openapi.json").json()["paths"]
    operation = paths["/index"]["post"]
    (yes,) = (one for one in operation["parameters"] if one["name"] == "yes")
    assert (yes["in"], yes["description"]) == ("query", "also where more than half of the reports would go")
    assert operation["responses"]["409"]["description"] == "More than half of the reports would go"
    assert paths["/documents"]["post"]["responses"]["409"] == operation["responses"]["409"]
