"""What a citation leads to over HTTP once its report was edited, moved about in, or taken away."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import time
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from http_client import client_of_app
from pdf_files import pdf
from stub_opener import StubOpener

from bot.links import words_query
from bot.service.service import Service
from bot.settings import load_settings
from bot.web.app import create_app

ADMIN = {"Authorization": "Bearer open sesame, please"}
PERSON = {"Accept": "text/html,application/xhtml+xml", "Accept-Language": "zh-CN"}
CITED = "孙蕴华在四月接听了近四百通求助电话。"
LEAD = "社区的志愿者给老人送菜。"
LAST = "灯一直亮到天明。"
BEFORE = f"通告\n\n{LEAD}\n\n{CITED}\n\n{LAST}\n"
MOVED = f"通告\n\n{LEAD}\n\n新加的一段说的是天气。\n\n{LAST}\n\n{CITED}\n"
CHANGED = BEFORE.replace("近四百通", "三百二十通")
DROPPED = f"通告\n\n{LEAD}\n\n{LAST}\n"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[SimpleNamespace]:
    """A served corpus: ``write`` a file (None takes it away) and index, ``get`` an address, as a person or not."""
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    folder = tmp_path / "reports"
    folder.mkdir()
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports], watch: false}\n", encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    with client_of_app(create_app(Service(settings, StubOpener()))) as client:
        while client.get("/readyz").status_code != 200:
            time.sleep(0.01)

        def write(content: str | bytes | None, name: str = "a.txt") -> None:
            path = folder / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            assert client.post("/index", headers=ADMIN).status_code == 200

        yield SimpleNamespace(
            client=client,
            folder=folder,
            settings=settings,
            write=write,
            get=client.get,
            page=lambda address: client.get(address, headers=PERSON),
        )


@pytest.fixture
def cited(site) -> SimpleNamespace:
    """The report before any edit: its JSON, and the address of the cited sentence."""
    site.write(BEFORE)
    shown = site.get("/documents/a").json()
    start = shown["text"].index(CITED)
    query = words_query(shown["text"], start, start + len(CITED))
    return SimpleNamespace(json=shown, start=start, address=f"/documents/a/view?{query}", version=shown["version"])


def marked(html: str) -> list[tuple[str, str]]:
    """The marked words of a page, each with the id of its paragraph."""
    return re.findall(r'<p id="(p\d+)"[^>]*>[^<]*<mark>([^<]*)</mark>', html)


def problem(response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["detail"]


def test_words_that_were_left_alone_are_marked_and_nothing_is_said(site, cited):
    html = site.page(cited.address).text
    assert marked(html) == [("p2", CITED)]
    assert 'data-open="p2"' in html
    assert "banner" not in html


def test_words_that_moved_are_marked_where_they_stand_now(site, cited):
    site.write(MOVED)
    html = site.page(cited.address).text
    assert marked(html) == [("p4", CITED)]
    assert 'data-open="p4"' in html
    assert "引用的文字没有改动，现在是第 4 段。" in html
    assert "原文已改" not in html


def test_where_words_were_changed_both_versions_are_shown_with_what_differs(site, cited):
    site.write(CHANGED)
    html = site.page(cited.address).text
    assert marked(html) == []
    assert "原文已改" in html
    assert 'data-open="changed"' in html
    assert re.findall(r"<del>(.*?)</del>", html) == ["近四百"]
    assert re.findall(r"<ins>(.*?)</ins>", html) == ["三百二十"]
    assert f'href="/documents/a/view?version={cited.version}&amp;lang=zh"' in html
    assert "现在的第 2 段" in html


def test_where_no_paragraph_is_like_the_cited_one_any_more_that_is_said(site, cited):
    site.write(DROPPED)
    html = site.page(cited.address).text
    assert CITED in html
    assert "报告里已没有相应的段落。" in html


def test_where_the_old_words_are_not_kept_what_stands_there_now_is_shown(site, cited):
    site.write(CHANGED)
    (site.settings.index.path / "history.sqlite").unlink()
    html = site.page(cited.address).text
    assert "当时的文字没有留存。" in html
    assert "现在的第 2 段" in html
    assert "近四百" not in html


def test_the_words_of_the_last_edit_but_one_are_still_proved(site, cited):
    for text in (CHANGED, DROPPED, BEFORE.replace("四百通", "五百通")):
        site.write(text)
    html = site.page(cited.address).text
    assert re.findall(r"<del>(.*?)</del>", html) == ["四百"]
    assert re.findall(r"<ins>(.*?)</ins>", html) == ["五百"]


def test_a_link_without_a_selector_marks_the_offsets_as_it_always_did(site, cited):
    site.write(MOVED)
    html = site.page(f"/documents/a/view?mark={cited.start}-{cited.start + 3}").text
    assert [words for _, words in marked(html)] == ["新加的"]


def test_a_withdrawn_report_is_said_to_be_so_with_the_words_that_were_cited(site, cited):
    site.write(None)
    page = site.page(cited.address)
    assert page.status_code == 410
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "已撤下" in page.text
    assert "《通告》" in page.text
    assert f"<mark>{CITED}</mark>" in page.text
    (whole,) = re.findall(r'href="(/documents/a/view\?version=[^"]*)"', page.text)
    old = site.page(whole.replace("&amp;", "&"))
    assert old.status_code == 200
    assert marked(old.text) == [("p2", CITED)]
    assert f"这篇报告已撤下。这里是留存的版本 {cited.version}，到" in old.text


def test_programs_are_told_the_same_as_problems(site, cited):
    site.write(None)
    detail = f"the report 'a' was withdrawn: GET /documents/a?version= returns {cited.version}"
    assert problem(site.get(cited.address)) == (410, detail)
    assert problem(site.get("/documents/a")) == (404, detail)
    assert problem(site.get("/documents/a/original")) == (404, detail)
    unknown = "no report has the id 'b': GET /documents lists them"
    assert problem(site.get("/documents/b/view")) == (404, unknown)


def test_a_report_that_never_was_is_a_page_for_people_too(site):
    page = site.page("/documents/nowhere/view?mark=1-3&quote=AAAAAAAAAAAAAAAA&lang=en")
    assert page.status_code == 404
    assert "<h1>No such report</h1>" in page.text
    assert 'href="?lang=zh"' in page.text


def test_a_version_is_returned_after_the_report_was_changed_and_after_it_was_removed(site, cited):
    expected = cited.json
    assert expected["version"] == hashlib.sha256(expected["text"].encode()).hexdigest()[:12]
    assert site.get(f"/documents/a?version={cited.version}").json() == expected
    for text in (CHANGED, None):
        site.write(text)
        found = site.get(f"/documents/a?version={cited.version}").json()
        since = dt.datetime.fromisoformat(found.pop("superseded"))
        assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - since < dt.timedelta(minutes=5)
        assert found == expected


def test_a_version_that_is_not_kept_is_a_problem_that_says_which_are(site, cited):
    site.write(CHANGED)
    present = site.get("/documents/a").json()["version"]
    detail = f"version 0123456789ab of the report 'a' is not kept here; these are: {present} (the present one), "
    assert problem(site.get("/documents/a?version=0123456789ab")) == (404, detail + cited.version)
    assert site.get("/documents/a?version=nonsense").status_code == 422
    page = site.page("/documents/a/view?version=0123456789ab")
    assert page.status_code == 404
    assert "这个版本没有留存" in page.text
    assert 'href="/documents/a/view?lang=zh"' in page.text


def test_an_earlier_version_says_that_it_is_one_and_leads_to_the_present_one(site, cited):
    site.write(CHANGED)
    html = site.page(f"/documents/a/view?version={cited.version}").text
    assert f"这是旧版本 {cited.version}" in html
    assert CITED in html
    assert 'href="/documents/a/view?lang=zh"' in html
    assert "/original" not in html
    present = site.page(f"/documents/a/view?version={site.get('/documents/a').json()['version']}").text
    assert "banner" not in present


def test_citations_name_the_version_that_is_served(site, cited):
    site.write(CHANGED)
    citation = site.client.post("/ask", json={"question": "孙蕴华接听了多少通电话"}).json()["citations"][0]
    assert citation["version"] == site.get("/documents/a").json()["version"] != cited.version
    (listed,) = site.get("/documents").json()["documents"]
    assert listed["version"] == citation["version"]
    assert marked(site.page(citation["url"].partition("#")[0]).text) == [
        (f"p{citation['paragraph']}", citation["quote"])
    ]


# Original files


def test_the_original_file_is_returned_byte_for_byte_as_an_attachment(site):
    data = BEFORE.encode("gb18030")
    site.write(data, "通知/简报 1.txt")
    response = site.get(f"/documents/{quote('通知/简报 1')}/original")
    assert response.content == data
    assert {name: response.headers[name] for name in ("content-type", "content-disposition")} == {
        "content-type": "text/plain",
        "content-disposition": "attachment; filename*=UTF-8''%E7%AE%80%E6%8A%A5%201.txt",
    }
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    page = site.page(f"/documents/{quote('通知/简报 1')}/view").text
    assert f'href="/documents/{quote("通知/简报 1")}/original" download' in page


def test_a_pdf_opens_in_the_browser_at_the_page_of_a_paragraph(site):
    pages = [[(72, 700, 12, text)] for text in (LEAD, CITED, LAST)]
    site.write(pdf(*pages), "a.pdf")
    response = site.get("/documents/a/original")
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == "inline; filename*=UTF-8''a.pdf"
    html = site.page("/documents/a/view").text
    links = re.findall(r'href="(/documents/a/original#page=\d)">([^<]*)<', html)
    assert links == [(f"/documents/a/original#page={n}", f"打开第 {n} 页") for n in (1, 2, 3)]


def test_a_member_of_an_archive_is_an_original_too(site):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("二月/a.txt", BEFORE)
        archive.writestr("二月/b.txt", CHANGED)
    site.write(packed.getvalue(), "old/pack.zip")
    response = site.get("/documents/old/pack/二月/b/original")
    assert response.content == CHANGED.encode()
    assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''b.txt"


def test_a_file_that_was_written_since_is_refused(site, cited):
    (site.folder / "a.txt").write_text(CHANGED, encoding="utf-8")
    assert problem(site.get("/documents/a/original")) == (
        409,
        "the file of a (a.txt) has changed since it was indexed: try again when it is indexed anew (`wenbao index`)",
    )


def test_a_file_that_is_gone_or_leads_out_of_the_corpus_is_refused(site, cited, tmp_path):
    (site.folder / "a.txt").unlink()
    gone = 404, "the file of a (a.txt) is no longer in the corpus: its text is still there"
    assert problem(site.get("/documents/a/original")) == gone
    (tmp_path / "outside.txt").write_text(BEFORE, encoding="utf-8")
    (site.folder / "a.txt").symlink_to(tmp_path / "outside.txt")
    assert problem(site.get("/documents/a/original")) == gone
    for path in ("../config.yaml", "..%2Fconfig.yaml", "%2Fetc%2Fpasswd"):
        assert site.get(f"/documents/{path}/original").status_code == 404


def test_a_report_that_is_called_original_can_still_be_read(site):
    site.write(BEFORE, "2020/original.txt")
    assert site.get("/documents/2020/original").json()["text"].startswith(LEAD)
    assert site.get("/documents/2020/original/original").content == BEFORE.encode()
