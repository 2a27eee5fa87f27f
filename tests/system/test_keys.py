"""Keys with the real commands, a real server, and a real browser."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from places import ROOT
from playwright.sync_api import Page, expect
from processes import run, serving, write_config

from bot.texts import text

STUB = (sys.executable, str(ROOT / "tests" / "support" / "stub_wenbao.py"))
ADMIN_TOKEN = "open sesame, please"
QUESTION = "温海波站了几个小时？"
SOON = 10
"""Seconds within which a running server knows of a key that was taken back."""


def guarded_config(folder: Path, **server: object) -> Path:
    """Write a configuration of a server that wants keys, with other values too."""
    config = write_config(folder)
    values = "".join(f"{name}: {value}, " for name, value in {"access": "keys", **server}.items())
    config.write_text(config.read_text("utf-8").replace("server: {", f"server: {{{values}"), "utf-8")
    return config


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """The address and the configuration of a server that wants keys."""
    config = guarded_config(tmp_path_factory.mktemp("guarded"))
    with serving(config, STUB, WENBAO_ADMIN_TOKEN=ADMIN_TOKEN) as (address, _):
        yield address, config


def added(config: Path, *arguments: str) -> str:
    done = run("keys", "add", *arguments, "--config", config)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    return done.stdout.strip()


def get(address: str, path: str, token: str | None = None, **headers: str) -> httpx.Response:
    by_key = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.get(address + path, headers={**by_key, **headers}, trust_env=False)


def test_keys_are_made_listed_and_taken_back_in_the_terminal(tmp_path):
    config = guarded_config(tmp_path)
    assert json.loads(run("keys", "--json", "--config", config).stdout) == {"keys": []}
    made = run(
        "keys",
        "add",
        "编辑部",
        "--scope",
        "read",
        "--documents",
        "news/*",
        "--expires",
        "90d",
        "--json",
        "--config",
        config,
    )
    key = json.loads(made.stdout)
    token = key.pop("key")
    assert (made.returncode, made.stderr, re.fullmatch(r"wb_[0-9a-f]{8}_[\w-]{32}", token) is not None) == (0, "", True)
    assert {name: key[name] for name in ("name", "scope", "documents")} == {
        "name": "编辑部", "scope": "read", "documents": "news/*",
    }  # fmt: skip
    assert json.loads(run("keys", "--json", "--config", config).stdout) == {"keys": [key]}
    listed = run("keys", "--config", config).stdout
    assert "编辑部" in listed and "news/*" in listed and token not in listed
    taken = run("keys", "revoke", "编辑部", "--json", "--config", config)
    assert (taken.returncode, json.loads(taken.stdout)) == (0, {"revoked": "编辑部"})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if token[12:].encode() in path.read_bytes()] == []
    lines = [json.loads(line) for line in (tmp_path / ".wenbao" / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [(one["face"], one["who"], one["what"], one["result"], one["about"]) for one in lines] == [
        ("terminal", "terminal", "keys.add", "done", ["编辑部"]),
        ("terminal", "terminal", "keys.revoke", "done", ["编辑部"]),
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add", "a b", "--scope", "read"], 1),
        (["add", "admin", "--scope", "read"], 1),
        (["add", "press", "--scope", "root"], 1),
        (["add", "press", "--scope", "admin", "--documents", "x*"], 1),
        (["add", "press", "--scope", "read", "--documents", ""], 1),
        (["add", "press", "--scope", "read", "--expires", "soon"], 1),
        (["add", "press", "--scope", "read", "--expires", "0d"], 1),
        (["add", "press"], 2),
        (["revoke", "nobody"], 1),
        (["revoke"], 2),
    ],
)
def test_what_cannot_be_done_with_keys_is_said_in_one_line(tmp_path, arguments, code):
    done = run("keys", *arguments, "--config", guarded_config(tmp_path))
    assert (done.returncode, done.stdout) == (code, "")
    if code == 1:
        assert done.stderr.startswith("wenbao: ") and done.stderr.count("\n") == 1


def test_a_running_server_takes_a_new_key_and_soon_refuses_one_taken_back(guarded):
    address, config = guarded
    token = added(config, "runner", "--scope", "read")
    assert get(address, "/documents", token).status_code == 200
    assert get(address, "/documents").status_code == 401
    assert run("keys", "revoke", "runner", "--config", config).returncode == 0
    deadline = time.monotonic() + SOON
    while get(address, "/documents", token).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert get(address, "/documents", token).status_code == 401


def test_everybody_reads_that_it_lives_and_nothing_else(guarded):
    address, _ = guarded
    found = {path: get(address, path).status_code for path in ("/healthz", "/readyz", "/sign-in", "/static/app.css")}
    assert found == dict.fromkeys(found, 200)
    closed = ("/", "/docs", "/openapi.json", "/ask?q=x", "/documents", "/status", "/keys", "/documents/x/view")
    assert {path: get(address, path).status_code for path in closed} == dict.fromkeys(closed, 401)
    assert get(address, "/metrics").status_code == 200
    assert get(address, "/metrics", **{"X-Forwarded-For": "1.2.3.4"}).status_code == 401
    assert get(address, "/keys", ADMIN_TOKEN).status_code == 200


@pytest.mark.parametrize("token", ["short", "fifteen letters", "密" * 20, "a" * 20 + "\x01"])
def test_an_admin_token_that_is_guessed_or_never_sent_is_refused_at_the_start(tmp_path, token):
    done = run("serve", "--config", write_config(tmp_path), WENBAO_ADMIN_TOKEN=token)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("wenbao: WENBAO_ADMIN_TOKEN ") and token not in done.stderr


@pytest.mark.parametrize(("access", "warned"), [("open", True), ("keys", False)])
def test_who_serves_strangers_without_keys_is_warned_in_one_line(access, warned, caplog):
    from bot.serving import _warn
    from bot.settings import ServerSettings, Settings

    _warn(Settings(server=ServerSettings(host="0.0.0.0", access=access)), has_keys=True)
    _warn(Settings(server=ServerSettings(host="127.0.0.1", access=access)), has_keys=True)
    assert [record.getMessage().count("\n") for record in caplog.records] == ([0] if warned else [])


# In a browser


@pytest.fixture
def visit(browser):
    """Open pages that must raise no errors; what a refused request says in the console is expected."""
    complaints, contexts = [], []

    def open_page(url: str, locale: str = "zh-CN", **options: object) -> Page:
        context = browser.new_context(locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        expected = ("401", "403", "429")
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and not any(f"status of {code}" in message.text for code in expected)
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def ask(page: Page, question: str = QUESTION) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")


def sign_in(page: Page, token: str) -> None:
    page.fill("#key", token)
    page.press("#key", "Enter")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_signs_in_asks_opens_a_source_and_signs_out(guarded, visit, language):
    address, config = guarded
    token = added(config, f"browser-{language}", "--scope", "read")
    page = visit(f"{address}/?lang={language}", {"zh": "zh-CN", "en": "en-GB"}[language])
    page.wait_for_url("**/sign-in?next=**")
    sign_in(page, "wrong")
    expect(page.locator("#sign-in-wrong")).to_have_text(text(language, "sign_in_wrong"))
    expect(page.locator("#key")).to_be_focused()
    sign_in(page, token)
    page.wait_for_url(f"{address}/?lang={language}")
    assert page.evaluate("document.cookie") == ""
    ask(page)
    expect(page.locator(".turn").last).to_have_attribute("data-status", re.compile("answered|related"))
    page.locator(".citation a.citation-link").first.click()
    page.wait_for_url("**/documents/*/view**")
    page.goto(f"{address}/?lang={language}")
    page.get_by_text(text(language, "sign_out"), exact=True).click()
    expect(page.locator("main")).to_contain_text(text(language, "signed_in_as", name=f"browser-{language}"))
    page.locator("form.sign-in button").click()
    expect(page.locator("#key")).to_be_visible()
    page.goto(f"{address}/?lang={language}")
    page.wait_for_url("**/sign-in?next=**")


def test_the_form_keeps_language_and_destination_through_a_switch_and_a_wrong_key(guarded, visit):
    address, config = guarded
    page = visit(f"{address}/documents?x=1")
    page.goto(f"{address}/sign-in?next=%2F%3Fq%3Dx")
    page.locator("#language-switch").click()
    expect(page.locator("h1")).to_have_text(text("en", "sign_in_heading"))
    sign_in(page, "wrong")
    expect(page.locator("#sign-in-wrong")).to_have_text(text("en", "sign_in_wrong"))
    page.locator("#language-switch").click()
    expect(page.locator("h1")).to_have_text(text("zh", "sign_in_heading"))
    sign_in(page, added(config, "switcher", "--scope", "read"))
    page.wait_for_url(f"{address}/?q=x")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_when_the_session_has_ended_the_question_leads_to_the_sign_in_and_is_kept(guarded, visit, language):
    address, config = guarded
    token = added(config, f"ended-{language}", "--scope", "read")
    page = visit(f"{address}/sign-in?next=%2F%3Flang%3D{language}&lang={language}")
    sign_in(page, token)
    page.wait_for_url(f"{address}/?lang={language}")
    page.context.clear_cookies()
    ask(page)
    page.wait_for_url("**/sign-in?**")
    expect(page.locator("html")).to_have_attribute("lang", language)
    sign_in(page, token)
    page.wait_for_url(f"{address}/?lang={language}")
    expect(page.locator(".turn .lead")).to_have_text(text(language, "problem_signed_out"))
    page.locator(".turn").get_by_text(text(language, "retry")).click()
    expect(page.locator(".turn").last).to_have_attribute("data-status", re.compile("answered|related"))


def test_a_key_for_questions_alone_shows_no_empty_list_of_reports(guarded, visit):
    address, config = guarded
    page = visit(f"{address}/sign-in")
    sign_in(page, added(config, "asker", "--scope", "ask"))
    page.wait_for_url(f"{address}/")
    ask(page)
    expect(page.locator(".turn").last).to_have_attribute("data-status", re.compile("answered|related"))
    expect(page.locator("#reports")).to_be_hidden()


def test_who_asks_too_fast_is_told_to_wait_in_both_languages(tmp_path, visit):
    config = guarded_config(tmp_path, access="open", questions_per_minute=1)
    with serving(config, STUB) as (address, _):
        page = visit(f"{address}/?lang=zh")
        for question in (QUESTION, "张贝是谁？"):
            ask(page, question)
            expect(page.locator(".turn").last).to_have_attribute("data-status", re.compile("answered|related|error"))
        said = page.locator(".turn").last
        seconds = re.search(r"\d+", said.locator(".lead").inner_text())[0]
        expect(said.locator(".answer")).to_contain_text(text("zh", "problem_too_often_seconds", seconds=seconds))
        page.locator("#language-switch").click()
        expect(said.locator(".answer")).to_contain_text(text("en", "problem_too_often_seconds", seconds=seconds))
        assert "questions a minute" not in said.inner_text()
