"""Votes over HTTP and the two buttons on the page, with the stub encoder behind a real server."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from http_client import client_of_app
from places import SEEDS
from playwright.sync_api import Page, expect
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.remembered.notebook import Notebook
from bot.service.remembered.recent import RecentAnswers
from bot.service.service import Service
from bot.settings import load_settings
from bot.state import SqliteState
from bot.web.app import create_app
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot

CALLS = "孙蕴华接听了多少个电话"


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("feedback") / "index"
    build_index([SEEDS], path, StubEncoder())
    return path


def service_over(index: Path, folder: Path, keep: bool = True) -> Service:
    """A Service whose index is a copy of its own, so that its feedback is too."""
    shutil.copytree(index, folder / ".wenbao")
    (folder / "config.yaml").write_text(f"feedback: {{keep: {str(keep).lower()}}}\n", encoding="utf-8")
    settings = load_settings(folder / "config.yaml")
    return Service(
        settings, StubOpener(lambda settings: StubAnswerer(load_snapshot(settings.index.path), StubEncoder()))
    )


@contextmanager
def client_of(service: Service) -> Iterator[TestClient]:
    with client_of_app(create_app(service)) as client:
        deadline = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield client


@pytest.fixture
def service(index, tmp_path) -> Service:
    return service_over(index, tmp_path)


@pytest.fixture
def client(service) -> Iterator[TestClient]:
    with client_of(service) as client:
        yield client


def ask(client: TestClient, question: str = CALLS, **body: object) -> dict:
    return client.post("/ask", json={"question": question, **body}).json()


def kept(service: Service) -> list[tuple[str, str, str]]:
    return [(entry.request_id, entry.kind, entry.question) for entry in service.feedback.entries()]


def test_a_vote_is_kept_replaced_and_taken_back(client, service):
    answer = ask(client)
    for vote, expected in (("up", ["up"]), ("down", ["down"]), (None, []), ("up", ["up"])):
        response = client.post("/feedback", json={"request_id": answer["request_id"], "vote": vote})
        assert (response.status_code, response.json()) == (200, {"request_id": answer["request_id"], "vote": vote})
        assert kept(service) == [(answer["request_id"], kind, CALLS) for kind in expected]
    (entry,) = service.feedback.entries()
    assert (entry.face, entry.generation, entry.status) == ("web", answer["generation"], answer["status"])
    assert [(c.document_id, c.start, c.end, c.quote) for c in entry.citations] == [
        (c["document_id"], c["start"], c["end"], c["quote"]) for c in answer["citations"]
    ]


def test_one_address_has_one_vote_on_an_answer_however_often_it_asks_and_is_not_stored(client, service):
    for vote in ("up", "down", "up"):
        answer = ask(client)
        client.post("/feedback", json={"request_id": answer["request_id"], "vote": vote})
    other = ask(client, "温海波站了几个小时？")
    client.post("/feedback", json={"request_id": other["request_id"], "vote": "down"})
    first, second = service.feedback.entries()
    assert (first.request_id, first.kind, second.kind) == (answer["request_id"], "up", "down")
    assert first.user == second.user
    assert b"testclient" not in service.state.file.read_bytes()


def test_an_unanswered_question_is_kept_when_it_is_asked(client, service):
    answer = ask(client, "!!!")
    assert answer["status"] == "not_found"
    by_address = client.get("/ask", params={"q": "……"}).json()
    service.unanswered.close()
    assert kept(service) == [
        (answer["request_id"], "unanswered", "!!!"),
        (by_address["request_id"], "unanswered", "……"),
    ]


def test_an_answered_question_alone_is_not_kept(client, service):
    assert ask(client)["status"] == "answered"
    assert kept(service) == []


def test_an_answer_that_is_no_longer_known_is_a_404(client, service):
    service.recent = RecentAnswers(service.notebook, seconds=0)
    first = ask(client)
    for request_id in (first["request_id"], "never"):
        response = client.post("/feedback", json={"request_id": request_id, "vote": "up"})
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json() == {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "no recent answer has this request_id: ask the question again to vote on its answer",
        }


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"request_id": "x"}, "vote: Field required"),
        ({"request_id": "x", "vote": "sideways"}, "vote: Input should be 'up' or 'down'"),
        ({"vote": "up"}, "request_id: Field required"),
        ({"request_id": "x", "vote": "up", "why": "because"}, "why: Extra inputs are not permitted"),
    ],
)
def test_a_bad_vote_is_told_what_is_wrong(client, body, detail):
    response = client.post("/feedback", json=body)
    assert (response.status_code, response.json()["detail"]) == (422, detail)


def test_a_vote_that_cannot_be_written_is_a_503_and_questions_are_still_answered(client, service, caplog):
    service.state.file.write_bytes(b"no database" * 100)
    answer = ask(client)
    response = client.post("/feedback", json={"request_id": answer["request_id"], "vote": "up"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json()["detail"] == "the vote could not be kept, the server's log says why: try again later"
    assert ask(client, "!!!")["status"] == "not_found"
    service.unanswered.close()
    kept = ("feedback was not kept", "keeping unanswered questions failed")
    assert {start for start in kept for message in caplog.messages if message.startswith(start)} == {*kept}


def test_questions_that_wait_to_be_written_are_kept_when_the_server_ends(index, tmp_path):
    service = service_over(index, tmp_path, keep=True)
    with client_of(service) as client:
        answer = ask(client, "!!!")
    assert kept(service) == [(answer["request_id"], "unanswered", "!!!")]


def test_with_keep_false_votes_are_refused_and_nothing_is_written(index, tmp_path):
    service = service_over(index, tmp_path, keep=False)
    with client_of(service) as client:
        answer = ask(client)
        ask(client, "!!!")
        response = client.post("/feedback", json={"request_id": answer["request_id"], "vote": "up"})
        assert '"feedback": false' in client.get("/").text
    assert response.json() == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "votes are not kept here: feedback.keep is false in the configuration",
    }
    assert not list(tmp_path.glob("**/feedback*"))


def test_the_endpoint_is_described(client):
    described = client.get("/openapi.json").json()["paths"]["/feedback"]["post"]
    assert {"200", "403", "404", "422", "503"} <= set(described["responses"])


# On the page


@contextmanager
def served(service: Service) -> Iterator[str]:
    """Serve on a free port of this machine, in a thread."""
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=0, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not (server.started and service.ready):
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def visit(browser):
    """Open the page and ask a question on it; nothing may break the content security policy or raise an error."""
    complaints: list[str] = []
    contexts = []

    def open_page(address: str, locale: str = "zh-CN") -> Page:
        contexts.append(browser.new_context(locale=locale))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.fill("#question", CALLS)
        page.press("#question", "Enter")
        expect(page.locator(".turn")).to_have_attribute("data-status", "answered", timeout=30_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if not re.match(r"Failed to load resource: .* (404|503)", text)] == []


def pressed(page: Page) -> list[str]:
    return [toggle.get_attribute("aria-pressed") for toggle in page.locator(".votes button").all()]


def test_the_buttons_keep_a_vote_change_it_and_take_it_back(service, visit):
    with served(service) as address:
        page = visit(address)
        up, down = (
            page.get_by_role("button", name="有用", exact=True),
            page.get_by_role("button", name="没用", exact=True),
        )
        assert pressed(page) == ["false", "false"]
        up.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#announcer")).to_have_text("已记下，谢谢。")
        assert (pressed(page), [kind for _, kind, _ in kept(service)]) == (["true", "false"], ["up"])
        expect(up).to_be_focused()
        down.click()
        expect(down).to_have_attribute("aria-pressed", "true")
        page.wait_for_function("() => sessionStorage.getItem('wenbao.conversation').includes('\"vote\":\"down\"')")
        assert (pressed(page), [kind for _, kind, _ in kept(service)]) == (["false", "true"], ["down"])
        page.reload()
        page.click("#language-switch")
        expect(page.get_by_role("button", name="Not useful")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Not useful").click()
        expect(page.locator("#announcer")).to_have_text("Taken back.")
        assert (pressed(page), kept(service)) == (["false", "false"], [])


def test_a_vote_that_is_not_kept_is_taken_off_again_and_said_calmly(service, visit, tmp_path):
    with served(service) as address:
        page = visit(address)
        service.state.file.write_bytes(b"no database" * 100)
        page.click("[data-vote=up]")
        expect(page.locator(".vote-note")).to_have_text("这次没能记下，请稍后再试。")
        assert pressed(page) == ["false", "false"]
        service.state.file.unlink()
        page.click("[data-vote=up]")
        expect(page.locator("#announcer")).to_have_text("已记下，谢谢。")
        expect(page.locator(".vote-note")).to_be_hidden()
        service.recent = RecentAnswers(Notebook(SqliteState(tmp_path / "empty")))
        page.click("[data-vote=down]")
        expect(page.locator(".vote-note")).to_have_text("这个回答已过时，不能再评价。可以再问一次。")
        assert (pressed(page), [kind for _, kind, _ in kept(service)]) == (["true", "false"], ["up"])


def test_without_feedback_the_page_has_no_buttons(index, tmp_path, visit):
    service = service_over(index, tmp_path, keep=False)
    with served(service) as address:
        page = visit(address, locale="en-GB")
        expect(page.locator(".actions button")).to_have_count(2)
