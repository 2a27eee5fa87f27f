"""Uploads over HTTP: who asks is known before a byte is read, and no file grows over its limit."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgi_exchange import Exchange
from fastapi.testclient import TestClient
from http_client import client_of_app
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.service.service import Service
from bot.settings import load_settings
from bot.web.app import create_app
from bot.web.limits import uploads
from retrieval.index.build import build_index

ADMIN = {"authorization": "Bearer open sesame, please"}
BOUNDARY = {"content-type": "multipart/form-data; boundary=limit"}
REPORT = "简报\n\n千金药房在春节期间开了三百家门店。".encode()
MIB = 2**20


@pytest.fixture
def client(tmp_path, monkeypatch) -> Iterator[TestClient]:
    """A server that takes files of 3 MiB."""
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    (tmp_path / "reports").mkdir()
    (tmp_path / "config.yaml").write_text("corpus: {paths: [reports], max_file_mib: 3, watch: false}\n", "utf-8")
    settings = load_settings(tmp_path / "config.yaml")
    build_index(settings.corpus.paths, settings.index.path, StubEncoder())
    with client_of_app(create_app(Service(settings, StubOpener()))) as client:
        yield client


class Watched(Exchange):
    """Notes how many files were spooled while the pieces came."""

    spooled = 0

    async def _receive(self) -> dict:
        self.spooled = max(self.spooled, len(open_temporary_files()))
        return await super()._receive()


def post(client: TestClient, *pieces: bytes, ends: bool = True, goes_away: bool = False, **headers: str) -> Watched:
    """Upload in pieces, as TestClient does not."""
    exchange = Watched([*pieces], {"host": "127.0.0.1", **BOUNDARY, **headers}, ends, goes_away, "/documents")
    exchange.run(client.app)
    return exchange


def part(name: str, data: bytes = b"", field: str = "files") -> bytes:
    return f'--limit\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode() + data


END = b"\r\n--limit--\r\n"


def open_temporary_files() -> list[str]:
    """The files of this process that have no name any more, as what is spooled has none."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue
        if target.startswith("/tmp") and target.endswith("(deleted)"):
            found.append(target)
    return found


WRONG = (
    "this token is no key here, or no longer: ask whoever runs the server for one",
    b'Bearer error="invalid_token"',
)
NONE = ("send Authorization: Bearer and a key that allows this", b"Bearer")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, NONE),
        *(({"authorization": one}, WRONG) for one in ("Bearer wrong", "Bearer")),
        *(({"authorization": one}, NONE) for one in ("", "Basic open sesame, please")),  # is no token of ours
    ],
)
def test_a_stranger_is_refused_before_a_byte_of_the_form_is_read(client, sent, said):
    expects = {"content-length": "400000", "expect": "100-continue"}  # so that nothing is drained either
    told = post(client, part("x.txt"), REPORT, END, **sent, **expects)
    assert (told.status, told.connection, told.taken) == (401, "close", 0)
    headers = dict(told.sent[0]["headers"])
    assert (told.detail, headers[b"www-authenticate"]) == said
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'")


def test_where_no_token_is_configured_nobody_uploads(client, monkeypatch):
    monkeypatch.delenv("WENBAO_ADMIN_TOKEN")
    told = post(client, part("x.txt"), END, **ADMIN, **{"content-length": "400000", "expect": "100-continue"})
    assert (told.status, told.taken) == (403, 0)


def test_a_file_over_the_limit_is_refused_while_it_arrives_and_what_was_spooled_is_deleted(client, tmp_path):
    before = open_temporary_files()
    pieces = [part("小.txt", REPORT + b" " * MIB), b" " * MIB + b"\r\n", part("大.txt"), *[b"x" * MIB] * 64, END]
    told = post(client, *pieces, **ADMIN)
    assert (told.status, told.connection) == (413, "close")
    assert told.detail == (
        "大.txt is larger than 3 MiB (corpus.max_file_mib): nothing was added, upload the others without it"
    )
    assert told.spooled == len(before) + 2
    assert told.taken < 40  # the file's fourth MiB is too much; what follows is dropped for a while
    assert open_temporary_files() == before
    assert list((tmp_path / "reports").iterdir()) == []


def test_a_file_of_just_the_limit_is_taken_and_a_byte_more_is_not(client):
    most = b"a" * 3 * MIB
    for data, status in ((most, 200), (most + b"a", 413)):
        body = part("x.xyz", data) + END  # of a kind that is skipped, so that nothing is indexed
        assert client.post("/documents", content=body, headers=ADMIN | BOUNDARY).status_code == status


def test_files_together_may_be_larger_than_one_may(client):
    body = b"\r\n".join(part(f"{number}.txt", REPORT + b" " * MIB) for number in range(5)) + END
    receipt = client.post("/documents", content=body, headers=ADMIN | BOUNDARY).json()
    assert (receipt["added"], receipt["skipped"]) == (["0", "1", "2", "3", "4"], [])


def test_an_upload_is_bounded_in_all(client, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 4 * MIB)
    before = open_temporary_files()
    told = post(client, *[part(f"{number}.txt", b"x" * 3 * MIB + b"\r\n") for number in range(50)], END, **ADMIN)
    assert (told.status, told.detail) == (413, "the request's body has more than 4,194,304 bytes: send at most that")
    assert open_temporary_files() == before


def test_what_was_spooled_of_an_upload_that_is_broken_off_is_deleted(client, tmp_path):
    before = open_temporary_files()
    pieces = [part("x.txt", b"x" * 2 * MIB) + b"\r\n" + part("y.txt", b"y" * 2 * MIB), b"y"]
    told = post(client, *pieces, ends=False, goes_away=True, **ADMIN)
    assert (told.sent, told.spooled, open_temporary_files()) == ([], len(before) + 2, before)
    assert list((tmp_path / "reports").iterdir()) == []


@pytest.mark.parametrize(
    ("body", "headers", "status", "detail"),
    [
        (b"", {}, 422, "files: Field required"),
        (b"{}", {"Content-Type": "application/json"}, 422, "files: Field required"),
        (part("x.txt", b"x", "other") + END, BOUNDARY, 422, "files: Field required"),
        (
            b'--limit\r\nContent-Disposition: form-data; name="files"\r\n\r\ntext' + END,
            BOUNDARY,
            422,
            "files: send files, not text",
        ),
        (b"--limit", {"Content-Type": "multipart/form-data"}, 400, "Missing boundary in multipart."),
        (b"nothing of the kind", BOUNDARY, 400, "Invalid multipart data."),
    ],
)
def test_a_form_that_is_none_is_told_what_is_wrong(client, body, headers, status, detail):
    refused = client.post("/documents", content=body, headers=ADMIN | headers)
    assert (refused.status_code, refused.json()["detail"]) == (status, detail)


def test_elsewhere_an_administrator_may_send_no_more_than_others(client):
    refused = client.post("/index", content=b"x" * 300_000, headers=ADMIN)
    assert (refused.status_code, refused.headers["connection"]) == (413, "close")


def test_the_form_is_described(client):
    described = client.get("/openapi.json").json()["paths"]["/documents"]["post"]
    form = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["files"]["items"] == {"type": "string", "format": "binary"}
    assert form["required"] == ["files"]
    assert {"400", "401", "403", "408", "413"} <= set(described["responses"])
    assert "nothing is added" in described["description"]
    assert "HTTPAuthorizationCredentials" not in json.dumps(described)
