"""In a browser: a copied link is opened after its report was edited, and after it was taken away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from stub_opener import StubOpener

from bot.service.service import Service
from bot.serving import listen
from bot.settings import load_settings
from bot.web.app import create_app

CITED = "孙蕴华在四月接听了近四百通求助电话。"
FILLER = [f"第{number}段说的是另外一件事情，和电话没有关系。" for number in range(30)]


def report(*paragraphs: str) -> str:
    return "\n\n".join(["通告", *paragraphs]) + "\n"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[SimpleNamespace]:
    """A server of one report: its address, and ``write``, which edits the report (None: takes it away) and indexes."""
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    (tmp_path / "reports").mkdir()
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports], watch: false}\n", encoding="utf-8")
    service = Service(load_settings(tmp_path / "config.yaml"), StubOpener())
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = "http://{}:{}".format(*listener.getsockname())
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        while client.get("/readyz").status_code != 200:
            time.sleep(0.02)

        def write(text: str | None) -> None:
            file = tmp_path / "reports" / "a.txt"
            file.unlink() if text is None else file.write_text(text, encoding="utf-8")
            assert client.post("/index", headers={"Authorization": "Bearer open sesame, please"}).status_code == 200

        yield SimpleNamespace(address=address, write=write)
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def visit(browser):
    """Open an address in a tab of its own."""
    context = browser.new_context(locale="zh-CN", permissions=["clipboard-read", "clipboard-write"])

    def open_page(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        return page

    yield open_page
    context.close()


@pytest.fixture
def link(site, visit) -> str:
    """What somebody copies who clicks on the number of the cited paragraph."""
    site.write(report(*FILLER[:15], CITED, *FILLER[15:]))
    page = visit(f"{site.address}/documents/a/view")
    page.click('.paragraph-number[href="#p16"]')
    expect(page.locator("#notice")).to_have_text("已复制第 16 段的链接")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"{site.address}/documents/a/view?mark=")
    assert copied.endswith("#p16")
    return copied


def test_a_copied_link_finds_its_words_where_an_edit_has_moved_them(site, visit, link):
    site.write(report(CITED, *FILLER))
    page = visit(link)
    expect(page.locator("p:target mark")).to_have_text(CITED)
    expect(page.locator("p:target")).to_be_in_viewport()
    expect(page).to_have_url(link.replace("#p16", "#p1"))
    expect(page.locator("#moved")).to_contain_text("引用的文字没有改动，现在是第 1 段。")


def test_a_copied_link_shows_both_versions_where_its_words_were_changed(site, visit, link):
    site.write(report(*FILLER[:15], CITED.replace("近四百", "三百二十"), *FILLER[15:]))
    page = visit(link)
    expect(page.locator("#changed")).to_be_in_viewport()
    expect(page.locator(".banner")).to_contain_text("原文已改")
    expect(page.locator("#changed del")).to_have_text("近四百")
    expect(page.locator("#changed ins")).to_have_text("三百二十")
    page.click("#changed >> text=看这一段")
    expect(page.locator("p:target")).to_have_id("p16")
    page.click("text=看当时的全文")
    expect(page.locator(".banner")).to_contain_text("这是旧版本")
    expect(page.locator("#p16")).to_have_text(CITED)
    page.click("text=看现在的版本")
    expect(page.locator("#p16")).to_contain_text("三百二十")


def test_a_copied_link_says_that_its_report_was_withdrawn_and_still_proves_the_words(site, visit, link):
    site.write(None)
    page = visit(link)
    expect(page.locator("h1")).to_have_text("已撤下")
    expect(page.locator("mark")).to_have_text(CITED)
    page.click("#language-switch")
    expect(page.locator("h1")).to_have_text("Withdrawn")
    page.click("text=Read the text that was kept")
    expect(page.locator("p:target mark")).to_have_text(CITED)
