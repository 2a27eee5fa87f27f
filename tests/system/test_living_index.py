"""A served index follows its corpus: reports added, changed and removed over HTTP, by hand and by other processes."""

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from http_client import client_of_app
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.reports import Upload, add_reports, safe_name
from bot.service.service import Service
from bot.service.status import index_status
from bot.settings import Settings, load_settings
from bot.web.app import create_app
from bot.web.entry.door import NO_ADMIN
from retrieval.answer.answerer import Answerer
from retrieval.errors import ReportUnreadable
from retrieval.index import cutting
from retrieval.index.build import build_index
from retrieval.index.local.checkpoint import BATCH
from retrieval.index.local.publish import writing
from retrieval.index.local.snapshot import load_last_good, load_snapshot, published

ADMIN = {"Authorization": "Bearer open sesame, please"}
FIRST = "通告\n\n孙蕴华在四月接听了近四百通求助电话。"
SECOND = "简报\n\n千金药房在春节期间开了三百家门店。"


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "first.txt").write_text(FIRST, encoding="utf-8")
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports]}\n", encoding="utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    return settings


@pytest.fixture
def client(settings) -> Iterator[TestClient]:
    opener = StubOpener(lambda settings: Answerer(load_last_good(settings.index.path)[0], StubEncoder()))
    service = Service(settings, opener, follow_seconds=0.02)
    with client_of_app(create_app(service)) as client:
        eventually(lambda: client.get("/readyz").status_code == 200)
        yield client


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def listed(client: TestClient) -> list[str]:
    return [document["document_id"] for document in client.get("/documents").json()["documents"]]


def upload(client: TestClient, **files: str | bytes) -> dict:
    parts = [("files", (name.replace("__", "."), data)) for name, data in files.items()]
    response = client.post("/documents", files=parts, headers=ADMIN)
    assert response.status_code == 200, response.text
    return response.json()


def test_an_added_report_can_be_asked_about_when_the_receipt_comes(client):
    receipt = upload(client, second__txt=SECOND.encode())
    assert receipt.pop("seconds") >= 0
    assert receipt == {
        "generation": client.get("/readyz").json()["generation"],
        "documents": 2,
        "passages": 2,
        "added": ["second"],
        "changed": [],
        "removed": [],
        "skipped": [],
        "embedded": 1,
        "reused": 1,
    }
    citation = client.post("/ask", json={"question": "千金药房开了几家门店"}).json()["citations"][0]
    assert citation["document_id"] == "second"


def test_a_replaced_report_is_changed_and_a_deleted_one_no_longer_found(client, settings):
    assert upload(client, first__txt="通告\n\n温海波站了十八个小时。".encode())["changed"] == ["first"]
    assert "温海波" in client.get("/documents/first").json()["text"]
    receipt = client.delete("/documents/first", headers=ADMIN).json()
    assert (receipt["removed"], receipt["documents"], receipt["embedded"]) == (["first"], 0, 0)
    assert listed(client) == []
    assert list((settings.corpus.paths[0]).iterdir()) == []
    unknown = client.delete("/documents/first", headers=ADMIN)
    assert (unknown.status_code, unknown.json()["detail"]) == (
        404,
        "no report has the id 'first': `wenbao documents` lists them",
    )


def test_a_report_in_a_closed_folder_cannot_be_removed_and_that_is_said(client, settings, monkeypatch):
    is_file = Path.is_file

    def refuse(path):
        if path.name == "first.txt":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    refused = client.delete("/documents/first", headers=ADMIN)
    file = settings.corpus.paths[0] / "first.txt"
    detail = f"{file} cannot be reached (Permission denied): mend its permissions"
    assert (refused.status_code, refused.json()["detail"]) == (503, detail)
    assert listed(client) == ["first"]


def test_a_file_that_cannot_be_read_is_refused_with_its_reason_and_the_rest_is_added(client, settings):
    receipt = upload(client, second__txt=SECOND.encode(), empty__txt=b"", odd__xyz=b"x")
    assert receipt["added"] == ["second"]
    assert [entry["path"] for entry in receipt["skipped"]] == ["empty.txt", "odd.xyz"]
    assert receipt["skipped"][0]["reason"] == "the file is empty"
    assert sorted(path.name for path in settings.corpus.paths[0].iterdir()) == ["first.txt", "second.txt"]


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "Basic x"}, 401)]
)
def test_changing_the_corpus_takes_the_token(client, headers, status):
    for response in (
        client.post("/documents", files=[("files", ("x.txt", b"x"))], headers=headers),
        client.delete("/documents/first", headers=headers),
        client.post("/index", headers=headers),
    ):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
    assert listed(client) == ["first"]


def test_without_a_configured_token_nobody_may_change_the_corpus(client, monkeypatch):
    monkeypatch.delenv("WENBAO_ADMIN_TOKEN")
    response = client.post("/index", headers=ADMIN)
    assert response.json()["detail"] == NO_ADMIN
    assert response.status_code == 403


def test_a_file_dropped_into_the_folder_is_noticed(client, settings):
    (settings.corpus.paths[0] / "second.txt").write_text(SECOND, encoding="utf-8")
    eventually(lambda: listed(client) == ["first", "second"])


def test_what_another_process_publishes_is_served_without_a_restart(client, settings, tmp_path):
    before = client.get("/readyz").json()["generation"]
    aside = tmp_path / "elsewhere"
    shutil.copytree(settings.corpus.paths[0], aside)
    (aside / "third.txt").write_text(SECOND, encoding="utf-8")
    with writing(settings.index.path, 30):  # the server may be indexing at this moment
        build_index([aside], settings.index.path, StubEncoder())
    eventually(lambda: client.get("/readyz").json()["generation"] != before)
    assert listed(client) == ["first", "third"]


def test_a_damaged_new_generation_leaves_the_old_one_answering_and_status_says_so(client, settings, tmp_path):
    before = client.get("/readyz").json()["generation"]
    folder = published(settings.index.path)
    shutil.copytree(folder, folder.with_name("000009-00000000"))
    (folder.with_name("000009-00000000") / "passages.npy").write_bytes(b"")
    (settings.index.path / "aside").write_text("000009-00000000\n")
    os.replace(settings.index.path / "aside", settings.index.path / "CURRENT")
    eventually(lambda: any("000009" in problem for problem in client.get("/status").json()["problems"]))
    assert client.get("/readyz").json()["generation"] == before
    assert client.post("/ask", json={"question": "孙蕴华"}).json()["generation"] == before


def test_after_a_damaged_generation_the_last_good_one_is_opened(settings):
    good = published(settings.index.path).name
    (settings.corpus.paths[0] / "second.txt").write_text(SECOND, encoding="utf-8")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    damaged = published(settings.index.path) / "documents.jsonl"
    damaged.write_bytes(damaged.read_bytes()[:-2])
    snapshot, damage = load_last_good(settings.index.path)
    assert snapshot.generation == good
    assert damage == f"{damaged} was cut short or altered: run `wenbao index --rebuild`"
    problems = index_status(settings, StubOpener(), verify=True).problems
    assert damage in problems


def test_a_reprinted_paragraph_is_ranked_once_and_its_copies_are_listed(client):
    upload(client, copy__txt=FIRST.encode())
    citations = client.post("/ask", json={"question": "孙蕴华在四月接听了近四百通求助电话"}).json()["citations"]
    assert [citation["document_id"] for citation in citations] == ["copy"]
    assert citations[0]["duplicates"] == [
        {
            "document_id": "first",
            "paragraph": 1,
            "title": "通告",
            "date": None,
            "differences": [],
            "url": "/documents/first/view#p1",
        }
    ]


def test_an_interrupted_run_embeds_only_what_it_had_not_finished(settings):
    text = "\n\n".join(f"第{number}份通报里写着不同的内容。" for number in range(2 * BATCH + 2))
    (settings.corpus.paths[0] / "many.txt").write_text(text, encoding="utf-8")

    class Interrupted(StubEncoder):
        def encode_passages(self, texts, *rest):
            if len(self.embedded) == 2 * BATCH:
                raise KeyboardInterrupt
            return super().encode_passages(texts, *rest)

    with pytest.raises(KeyboardInterrupt):
        build_index(settings.corpus.paths, settings.index.path, Interrupted())
    assert load_snapshot(settings.index.path).manifest.documents == 1
    receipt = build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    assert (receipt.passages, receipt.embedded, receipt.reused) == (2 * BATCH + 3, 2, 2 * BATCH + 1)
    assert not (settings.index.path / "pending").exists()


def test_an_index_whose_words_leg_is_dead_is_never_published(settings, monkeypatch):
    before = load_snapshot(settings.index.path).generation
    (settings.corpus.paths[0] / "second.txt").write_text(SECOND, encoding="utf-8")
    monkeypatch.setattr(cutting, "words_of", lambda text: ["a"])
    with pytest.raises(Exception, match="its words leg found 0 of 2 of its own sentences"):
        build_index(settings.corpus.paths, settings.index.path, StubEncoder(), rebuild=True)
    assert load_snapshot(settings.index.path).generation == before


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/x.txt", "x.txt"),
        ("C:\\reports\\通告.txt", "通告.txt"),
        (".hidden.txt", "hidden.txt"),
        ("a\x00b?.txt", "a_b_.txt"),
        ("长" * 60 + ".txt", "长" * 60 + ".txt"),
        ("长" * 100 + ".txt", "长" * 62 + "-" + sha256(("长" * 100 + ".txt").encode()).hexdigest()[:8] + ".txt"),
    ],
)
def test_an_uploaded_name_never_leaves_the_folder(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "..", "/", " . "])
def test_a_name_of_nothing_is_refused(name):
    with pytest.raises(ReportUnreadable):
        safe_name(name)


def test_adding_leaves_nothing_else_in_the_folder(settings):
    assert add_reports(settings, [Upload("second.txt", SECOND.encode()), Upload("bad.txt", b"\x00\x01")]) != []
    assert sorted(path.name for path in settings.corpus.paths[0].rglob("*")) == ["first.txt", "second.txt"]


def test_the_receipts_json_is_the_same_everywhere(client):
    assert set(client.post("/index", headers=ADMIN).json()) == {
        "generation", "documents", "passages", "added", "changed", "removed", "skipped", "embedded", "reused", "seconds"
    }  # fmt: skip
    assert json.loads(client.post("/index", headers=ADMIN).text)["embedded"] == 0


def test_with_another_encoder_the_old_index_answers_until_the_new_one_is_made(settings):
    before = load_snapshot(settings.index.path)
    gate = threading.Event()

    class Slow(StubEncoder):
        def encode_passages(self, texts, *rest):
            assert gate.wait(20)
            return super().encode_passages(texts, *rest)

    opener = StubOpener(encoder=Slow("other", 32), outdated=StubEncoder())
    with client_of_app(create_app(Service(settings, opener))) as client:
        eventually(lambda: client.get("/readyz").status_code == 200)
        assert client.get("/status").json()["encoder"] == "stub"
        assert client.post("/ask", json={"question": "孙蕴华"}).json()["generation"] == before.generation
        gate.set()
        eventually(lambda: client.get("/status").json()["encoder"] == "other")
        assert client.get("/readyz").json()["generation"] != before.generation
    assert load_snapshot(settings.index.path).manifest.dimension == 32


def test_an_index_of_another_version_is_made_anew_before_serving(settings):
    manifest = published(settings.index.path) / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema": 0}))
    with client_of_app(create_app(Service(settings, StubOpener()))) as client:
        eventually(lambda: client.get("/readyz").status_code == 200)
        assert listed(client) == ["first"]


def test_reports_that_repeat_the_same_sentences_are_indexed_all_the_same(tmp_path):
    (tmp_path / "forms").mkdir()
    for number in range(40):
        text = f"表格{number}\n\n请各单位于每日下午五时前将本表报送至指挥部办公室，逾期不予受理。第{number}号。"
        (tmp_path / "forms" / f"{number}.txt").write_text(text, encoding="utf-8")
    receipt = build_index([tmp_path / "forms"], tmp_path / "index", StubEncoder())
    assert (receipt.documents, receipt.passages) == (40, 40)
