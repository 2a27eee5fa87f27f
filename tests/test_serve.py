"""End to end: the real ``wenbao serve`` with the offline model, over HTTP and in Chromium."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from processes import SEEDS, serving, write_config

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ANSWER_SECONDS = 30_000


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    with serving(write_config(tmp_path_factory.mktemp("serve"))) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Open pages that must not break the content security policy or raise errors."""
    complaints: list[str] = []
    contexts = []

    def open_page(url: str, locale: str = "zh-CN", **options: object) -> Page:
        context = browser.new_context(locale=locale, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def ask(page: Page, question: str) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")
    expect(page.locator(".turn").last).not_to_have_attribute("data-status", "waiting", timeout=ANSWER_SECONDS)


def post(address: str, **body: object) -> dict:
    response = httpx.post(f"{address}/ask", json=body, timeout=60, trust_env=False)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("question", "document_id", "evidence"),
    [
        ("张叶喜取消了多少起酒宴?", "004_2ce852fb66e9e90e", "劝延或取消各类酒宴143起"),
        ("溫海波站了幾個小時?", "003_45bc61790dac3a67", "一站就是18个小时"),
        ("Which company in Zhuzhou donated masks?", "004_2ce852fb66e9e90e", "湖南华源荣康药业有限公司"),
    ],
)
def test_questions_in_three_scripts_find_their_paragraph_first(address, question, document_id, evidence):
    first = post(address, question=question)["citations"][0]
    assert first["document_id"] == document_id
    assert evidence in first["quote"]


def test_quotes_equal_their_offsets_over_http(address):
    for citation in post(address, question="党员志愿者做了什么?", top_k=20)["citations"]:
        document = httpx.get(f"{address}/documents/{citation['document_id']}", trust_env=False).json()
        assert document["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_what_the_reports_do_not_say_is_not_found(address):
    answer = post(address, question="世界上最高的山峰是哪座?")
    assert (answer["status"], answer["answer"], answer["citations"]) == ("not_found", None, [])


def test_questions_asked_at_once_are_all_answered_alike(address):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(address, question="温海波站了几个小时?"), range(16)))
    assert len({answer["request_id"] for answer in answers}) == 16
    assert len({(answer["status"], answer["confidence"], answer["answer"]["text"]) for answer in answers}) == 1


def test_asking_in_chinese_and_opening_the_citation_shows_the_marked_paragraph(address, visit):
    page = visit(f"{address}/")
    ask(page, "赵琴宝有多少年党龄?")
    expect(page.locator(".turn").last).to_have_attribute("data-status", re.compile("answered|related"))
    link = page.locator(".citation a.citation-link", has_text="抗疫岗").first
    number = re.search(r"#p(\d+)", link.get_attribute("href"))[1]
    link.click()
    page.wait_for_url("**/documents/002_5bb256aa8cf2b42a/view**")
    target = page.locator(f"#p{number}")
    expect(target).to_be_in_viewport()
    assert page.evaluate("() => document.querySelector(':target').id") == f"p{number}"
    assert target.locator("mark").count() == 1
    assert page.locator(f"#p{int(number) + 1}").count() == 1


def test_asking_in_english_shows_an_english_page_and_the_chinese_quote(address, visit):
    page = visit(f"{address}/", locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    ask(page, "Which company in Zhuzhou donated masks?")
    turn = page.locator(".turn[data-status=answered]")
    expect(turn.locator(".citation blockquote").first).to_contain_text("湖南华源荣康药业有限公司")
    assert turn.locator(".citation blockquote mark").first.inner_text() == turn.locator(".answer-text").inner_text()
    turn.locator(".citation a.citation-link").first.click()
    page.wait_for_url("**/view**")
    expect(page.locator("p:target")).to_contain_text("湖南华源荣康药业有限公司")


def test_a_clicked_example_is_asked_and_the_reports_are_listed(address, visit):
    page = visit(f"{address}/")
    expect(page.locator("#reports a")).to_have_count(5)
    page.click("#examples button")
    expect(page.locator(".turn .answer-text")).to_contain_text("一站就是18个小时", timeout=ANSWER_SECONDS)


def test_not_found_and_too_long_are_said_on_the_page(address, visit):
    page = visit(f"{address}/")
    ask(page, "世界上最高的山峰是哪座?")
    expect(page.locator(".turn")).to_have_attribute("data-status", "not_found")
    page.fill("#question", "长" * 1001)
    expect(page.locator("#send")).to_be_disabled()


def test_the_language_switch_changes_the_page_and_keeps_the_conversation(address, visit):
    page = visit(f"{address}/")
    ask(page, "温海波站了几个小时?")
    sentence = page.locator(".answer-text").inner_text()
    page.click("#language-switch")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#send")).to_have_text("Ask")
    assert page.locator(".answer-text").inner_text() == sentence


def test_the_page_fits_a_phone_and_can_be_used_by_keyboard_alone(address, visit):
    page = visit(f"{address}/", viewport={"width": 320, "height": 640})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    page.keyboard.type("温海波站了几个小时?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .answer-text")).to_contain_text("18个小时", timeout=ANSWER_SECONDS)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_a_server_that_is_gone_is_said_and_the_question_can_be_asked_again(browser, tmp_path):
    with serving(write_config(tmp_path)) as (address, process):
        page = browser.new_page()
        page.goto(f"{address}/")
        expect(page.locator("#reports a")).to_have_count(5)
        process.terminate()
        process.wait(20)
        ask(page, "温海波站了几个小时?")
        expect(page.locator(".turn")).to_have_attribute("data-status", "error")
        expect(page.locator(".turn button").first).to_be_visible()
        page.close()


def test_sigterm_lets_the_answer_in_hand_finish(tmp_path):
    with serving(write_config(tmp_path)) as (address, process), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(post, address, question="温海波站了几个小时?")
        time.sleep(0.05)
        process.terminate()
        assert asked.result(30)["status"] == "answered"
        assert process.wait(20) in (0, -15)
        assert isinstance(process, subprocess.Popen)


def test_the_example_in_the_readme_is_what_the_server_answers(address):
    readme = (SEEDS.parent / "README.md").read_text(encoding="utf-8")
    body = json.loads(re.search(r"-d '(\{.*\})'", readme)[1])
    written = json.loads(re.search(r"```json\n(.*?)```", readme, re.DOTALL)[1])
    answer = post(address, **body)
    assert answer["confidence"] == pytest.approx(written.pop("confidence"), abs=0.02)
    assert list(answer["timings_ms"]) == list(written["timings_ms"])
    for key in ("request_id", "conversation_id", "generation", "timings_ms"):
        assert written.pop(key)
    assert {key: answer[key] for key in written} == written
