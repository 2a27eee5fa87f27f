"""Pictures of recognised pages over HTTP, and what the report page shows of them."""

from __future__ import annotations

import hashlib
import io
import re
import time

import pytest
from http_client import client_of_app
from PIL import Image
from scans import blank, pdf_of, saved
from stub_ocr import line
from stub_opener import StubOpener

from bot.service import page_pictures
from bot.service.opening import update_index
from bot.service.service import Service
from bot.settings import load_settings
from bot.web.app import create_app
from retrieval.corpus import installed_recogniser
from retrieval.corpus.recognition.seen import SeenPage, page_json

LINES = "社区的志愿者在给老人们送菜和药品，", "一直忙到深夜十一点多才回家。"
FILES = {
    "扫描/a b.pdf": pdf_of(blank(), blank()),
    "photo.png": saved(blank(200, 100)),
    "typed.txt": "株洲的医生在做手术。",
}
SEEN = page_json(SeenPage(1.4, (line(LINES[0], 0.2), line(LINES[1], 0.23))))
EMPTY = page_json(SeenPage(1.4, ()))
PAGE = "/documents/%E6%89%AB%E6%8F%8F/a%20b/pages/2.webp"


@pytest.fixture
def settings(corpus_of, tmp_path):
    """Settings of an index of two scans, on whose pages was recognised what is kept for them."""
    folder = corpus_of(FILES)
    (tmp_path / "config.yaml").write_text(f"corpus: {{paths: ['{folder}'], watch: false}}\n", encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    settings.index.path.mkdir()
    kept = installed_recogniser(settings.index.path).kept
    for name, number, page in (("扫描/a b.pdf", 1, EMPTY), ("扫描/a b.pdf", 2, SEEN), ("photo.png", 1, SEEN)):
        kept.put(hashlib.sha256(FILES[name]).hexdigest(), number, page)
    update_index(settings, StubOpener().encoder(settings))
    return settings


@pytest.fixture
def client(settings):
    with client_of_app(create_app(Service(settings, StubOpener())), raise_server_exceptions=False) as client:
        deadline = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield client


def test_a_page_is_drawn_and_not_sent_again_to_who_has_it(client):
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.content)).size == (1132, 1600)
    again = client.get(PAGE, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Image.open(io.BytesIO(client.get("/documents/photo/pages/1.webp").content)).size == (200, 100)


@pytest.mark.parametrize(
    "path, detail",
    [
        ("扫描/a b/pages/1.webp", "no text was recognised on page 1 of 扫描/a b"),
        ("typed/pages/1.webp", "no text was recognised on page 1 of typed"),
        ("nowhere/pages/1.webp", "no report has the id 'nowhere': GET /documents lists them"),
    ],
)
def test_a_page_without_recognised_text_is_not_found(client, path, detail):
    answer = client.get(f"/documents/{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


def test_a_page_number_is_a_number_from_one(client):
    assert [client.get(f"/documents/photo/pages/{number}.webp").status_code for number in (0, "x", -1)] == [422] * 3


def test_a_page_of_a_file_that_has_changed_or_gone_is_not_drawn(client, settings):
    file = settings.corpus.paths[0] / "photo.png"
    file.write_bytes(saved(blank(300, 100)))
    assert client.get("/documents/photo/pages/1.webp").status_code == 409
    file.unlink()
    assert client.get("/documents/photo/pages/1.webp").status_code == 404


def test_a_picture_that_was_drawn_is_kept(client, monkeypatch):
    first = client.get(PAGE).content
    monkeypatch.setattr(page_pictures, "draw_page", None)
    assert client.get(PAGE).content == first


def test_the_report_page_shows_the_page_with_its_lines_boxed_and_opens_it_at_the_mark(client):
    text = client.get("/documents/扫描/a b").json()["text"]
    place = text.index(LINES[1])
    html = client.get(f"/documents/扫描/a b/view?lang=zh&mark={place}-{place + 4}").text
    assert "<summary>识别文字，第 2 页</summary>" in html
    assert f'<img src="{PAGE}" alt="第 2 页的图像" loading="lazy">' in html
    assert re.findall(r"<rect ([^>]*)/>", html) == [
        'x="96.0" y="196.0" width="518.0" height="28.0"',
        'x="96.0" y="226.0" width="428.0" height="28.0" class="marked"',
    ]
    assert re.findall(r'<details class="page-picture"[^>]*>', html) == ['<details class="page-picture" lang="zh" open>']
    assert " open>" not in client.get("/documents/扫描/a b/view").text
    assert "page-picture" not in client.get("/documents/typed/view").text


def test_the_report_as_json_says_where_recognised_text_stands(client):
    report = client.get("/documents/photo").json()
    assert report["recognised"] == [
        {"start": 0, "end": 17, "page": 1, "box": [0.1, 0.2, 0.61, 0.22]},
        {"start": 17, "end": 31, "page": 1, "box": [0.1, 0.23, 0.52, 0.25]},
    ]
    assert report["made"] == [{"start": 0, "end": 17}, {"start": 17, "end": 31}]
    assert client.get("/documents/typed").json()["recognised"] == []


def test_a_citation_names_the_page(client):
    asked = {"question": "".join(LINES), "filters": {"documents": ["扫描/a b"]}}
    [cited] = client.post("/ask", json=asked).json()["citations"]
    assert (cited["recognised"], cited["page"]) == (True, 2)
