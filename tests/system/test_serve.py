"""End to end: the real ``wenbao serve`` with the offline model, over HTTP and in Chromium."""

import datetime as dt
import json
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection

import httpx
import pytest
from handmade import FULL, OTHER
from playwright.sync_api import Page, Route, expect
from processes import SEEDS, serving, write_config

from bot.contract import answer_json
from retrieval.related import Difference, Reprint, Version
from retrieval.types import AnswerText

ANSWER_SECONDS = 30_000


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    with serving(write_config(tmp_path_factory.mktemp("serve"))) as (address, _):
        yield address


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
    answer = post(address, question="红烧肉怎么做才好吃?")
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
    turn = page.locator(".turn")
    expect(turn.locator(".citation blockquote").first).to_contain_text("湖南华源荣康药业有限公司")
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
    ask(page, "红烧肉怎么做才好吃?")
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
    with serving(write_config(tmp_path)) as (address, process):
        asked = HTTPConnection(address.removeprefix("http://"), timeout=30)
        body = json.dumps({"question": "温海波站了几个小时?"})
        asked.request("POST", "/ask", body, {"Content-Type": "application/json"})
        time.sleep(0.05)  # it is sent; now it is accepted
        process.terminate()
        assert json.loads(asked.getresponse().read())["status"] == "answered"
        asked.close()
        assert process.wait(20) in (0, -15)
        assert isinstance(process, subprocess.Popen)


# --- Follow-ups, times, and why


def test_a_follow_up_over_http_keeps_to_its_conversation(address):
    first = post(address, question="孙蕴华接听了多少个电话?")
    followed = post(address, question="那她发挥了什么专长?", conversation_id=first["conversation_id"])
    assert followed["understood_as"] == "孙蕴华发挥了什么专长?"
    assert "护理专业" in followed["citations"][0]["quote"]
    assert "understood_as" not in post(
        address, question="温海波站了几个小时?", conversation_id=first["conversation_id"]
    )


def test_a_follow_up_on_the_page_says_what_it_was_understood_as(address, visit):
    page = visit(f"{address}/")
    ask(page, "孙蕴华接听了多少个电话?")
    ask(page, "那她发挥了什么专长?")
    expect(page.locator(".turn .understood")).to_have_text("理解为：孙蕴华发挥了什么专长?")
    page.reload()
    expect(page.locator(".turn .understood")).to_have_text("理解为：孙蕴华发挥了什么专长?")
    page.click("#new-conversation")
    ask(page, "那她发挥了什么专长?")
    expect(page.locator(".turn .understood")).to_have_count(0)


def answering_by_hand(page: Page) -> list[dict]:
    """Answer the page's questions with one made by hand, and return the list that what it asks is written to."""
    asked: list[dict] = []

    def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or ""))
        applied = FULL.filters_applied if asked[-1].get("use_dates", True) else ()
        understood = None if asked[-1]["question"] == FULL.understood_as else FULL.understood_as
        reply = replace(FULL, filters_applied=applied, understood_as=understood)
        route.fulfill(json=answer_json(reply, "r1", "c1"))

    page.route("**/ask", answer)
    return asked


def test_the_time_that_decided_is_a_chip_that_asks_again_without_it_and_back(address, visit):
    page = visit(f"{address}/")
    asked = answering_by_hand(page)
    ask(page, "那2020年2月呢?")
    chip = page.locator(".chip")
    expect(chip.locator(".time")).to_have_text("时间：2020年2月2020年2月1日 至 2020年2月29日")
    chip.click()
    expect(chip.locator(".time")).to_have_text("已不限时间：2020年2月")
    expect(page.locator(".turn")).to_have_count(1)
    chip.click()
    expect(chip).to_have_attribute("data-applied", "true")
    first = {"question": "那2020年2月呢?", "explain": True}
    again = first | {"conversation_id": "c1"}
    assert asked == [first, again | {"use_dates": False}, again]


def test_an_older_turn_is_asked_again_as_it_was_understood(address, visit):
    page = visit(f"{address}/")
    asked = answering_by_hand(page)
    for question in ("那2020年2月呢?", "其他支部呢?"):
        ask(page, question)
    page.locator(".chip").first.click()
    expect(page.locator(".chip").first).to_have_attribute("data-applied", "false")
    again = {"question": FULL.understood_as, "explain": True, "conversation_id": "c1", "use_dates": False}
    assert asked[2:] == [again]
    expect(page.locator(".turn").first.locator(".understood")).to_have_text(f"理解为：{FULL.understood_as}")


@pytest.mark.parametrize(
    ("locale", "also", "other", "why"),
    [
        ("zh-CN", "另见：", "另有不同的数字：", "怎么找到的？"),
        ("en-GB", "Also:", "Other figures:", "Why this answer?"),
    ],
)
def test_what_else_is_said_and_why_stand_under_the_answer(address, visit, locale, also, other, why):
    page = visit(f"{address}/", locale=locale, viewport={"width": 320, "height": 700})
    answering_by_hand(page)
    ask(page, "那2020年2月呢?")
    expect(page.locator(".supporting .label")).to_have_text(also)
    expect(page.locator(".supporting li")).to_have_text("据统计,善款共2307元。 [2] 《爱心汇总》")
    expect(page.locator(".conflicting .label")).to_have_text(other)
    expect(page.locator(".conflicting .span")).to_have_text("2310元")
    assert f"mark=0-{len(OTHER)}&quote=ASDOiTOjC0SV5K5K#p2" in (
        page.locator(".conflicting a").get_attribute("href") or ""
    )
    expect(page.locator(".answer-text .span")).to_have_text("2307元")
    expect(page.locator(".citation mark .span").first).to_have_text("2307元")
    expect(page.locator(".why-body")).not_to_be_visible()
    page.get_by_text(why).click()
    lines = page.locator(".why-hits li").first.locator("p")
    expect(lines).to_have_count(4)
    expect(lines.nth(3)).to_contain_text("善款 ↔ 善款 0.97")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320


def test_the_example_in_the_readme_is_what_the_server_answers(address):
    readme = (SEEDS.parent / "README.md").read_text(encoding="utf-8")
    body = json.loads(re.search(r"-d '(\{.*\})'", readme)[1])
    written = json.loads(re.search(r"```json\n(.*?)```", readme, re.DOTALL)[1])
    answer = post(address, **body)
    assert list(answer) == list(written)
    assert list(answer["timings_ms"]) == list(written["timings_ms"])
    for one in (answer, written):
        for key in ("request_id", "conversation_id", "generation", "confidence", "timings_ms"):
            assert one.pop(key)
        assert one["citations"][0].pop("score")
    assert answer == written


def test_a_sentence_that_stands_twice_is_marked_where_it_answers(address, visit):
    page = visit(f"{address}/")
    quote = "😀有人捐款。别的事。有人捐款。"
    found = replace(FULL.citations[0], quote=quote, end=len(quote))
    said = AnswerText("有人捐款。", "捐款", 1, 10, 15, 12, 14)
    twice = replace(FULL, answer=said, citations=(found,), supporting=(), conflicting=(), filters_applied=())
    page.route("**/ask", lambda route: route.fulfill(json=answer_json(twice, "r1", "c1")))
    ask(page, "谁捐款?")
    marked = page.locator(".citation mark")
    expect(marked).to_have_text("有人捐款。")
    before = marked.evaluate("mark => mark.previousSibling.textContent")
    assert before.endswith("😀有人捐款。别的事。")


def test_what_replaced_a_report_and_where_its_passage_stands_too_are_linked_below_the_source(address, visit):
    page = visit(f"{address}/", viewport={"width": 320, "height": 700})
    changed = (Difference("figure", "60元", "120元"), Difference("addition", "", "编" * 50))
    reprints = (Reprint("日/报", 2, "转载", dt.date(2024, 5, 8), changed), *[Reprint("b", 1, "又载", None)] * 3)
    newer = Version("新", "办法（修订）", dt.date(2023, 7, 1))
    cited = replace(
        FULL.citations[0], duplicates=reprints, superseded_by=newer, supersedes=(Version("旧", "办法", None),)
    )
    found = replace(FULL, citations=(cited,), supporting=(), conflicting=(), filters_applied=())
    page.route("**/ask", lambda route: route.fulfill(json=answer_json(found, "r1", "c1")))
    ask(page, "补贴多少?")
    expect(page.locator(".notices p")).to_have_text(
        [
            "已被《办法（修订）》（2023年7月1日）取代",
            "取代了《办法》",
            f"另载：《转载》（2024年5月8日），有改动：数字“60元”改为“120元”；增加“{'编' * 39}…”",
            "另载：《又载》",
            "另载：《又载》",
            "另有 1 处刊载",
        ]
    )
    hrefs = [link.get_attribute("href") for link in page.locator(".notices a").all()]
    assert [href.removeprefix(address) for href in hrefs[:3]] == [
        "/documents/%E6%96%B0/view#p1",
        "/documents/%E6%97%A7/view#p1",
        "/documents/%E6%97%A5/%E6%8A%A5/view#p2",
    ]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
