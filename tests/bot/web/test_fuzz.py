"""Whatever is sent to whatever address: no answer is a failure of ours, and each is of a kind that is described."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from http_client import client_of_app
from hypothesis import given, settings
from hypothesis import strategies as st
from stub_opener import StubOpener

from bot.service.service import Service
from bot.settings import Settings
from bot.web.app import create_app

TOKEN = "fuzz-token-0123456789"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get")
ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", ".", "..", "../../etc/passwd", "%00", "\x00", "a\nb", "\u202e", "\ud800", "0" * 300, "-1", "1e999", "NaN",
         "9" * 30, "000_615096fb3a9954a1", "000_615096fb3a9954a1/original", "000_615096fb3a9954a1/view", "😀", "NULL"]
    ),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["question", "top_k", "filters", "explain", "use_dates", "conversation_id", "request_id", "vote", "name", "scope",
     "documents", "expires", "date_from"]
)  # fmt: skip
BODIES = st.one_of(
    st.none(),
    st.binary(max_size=40),
    st.dictionaries(FIELDS, JSON | st.sampled_from(["up", "read", "2024-01-01", "1d"]), max_size=4).map(
        lambda value: json.dumps(value).encode()
    ),
    st.just(b'{"question": "x", "filters": {"date_from": "9999-12-31", "date_to": "0001-01-01"}}'),
    st.just(b"[" * 5000),
    st.just(b'--b\r\nContent-Disposition: form-data; name="files"; filename="\xff\x00/../a.txt"\r\n\r\nx\r\n--b--\r\n'),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Accept", "Accept-Language", "Content-Type", "Cookie", "If-None-Match", "Origin", "Range", "Authorization",
         "Sec-Fetch-Site", "Host", "Expect", "X-Forwarded-For", "X-Request-ID", "traceparent", "Content-Length-X"]
    ),
    st.one_of(
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
        st.sampled_from(
            ["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "text/html", "bytes=0-1",
             "http://[", "http://a:99999", "wenbao_session=a.b.c", 'a="', "cross-site", "Bearer", "Basic Og=="]
        ),
    ),
    max_size=4,
)  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(
        ["q", "top_k", "explain", "use_dates", "conversation_id", "version", "mark", "quote", "lang", "next", "rebuild"]
    ),
    ODD | st.sampled_from(["0-5", "5-0", "9-99999999999999999999", "zh", "true", "000000000000", "3"]),
    max_size=3,
)
CLIENT_FAULTS = {400, 401, 403, 404, 405, 408, 409, 413, 421, 422, 429, 431}


@pytest.fixture(scope="module", params=["open", "keys"])
def client(request, stub_settings: Settings, tmp_path_factory) -> Iterator[TestClient]:
    """A server whose reports are not ours to change; wrong tokens are refused without a pause."""
    patch = pytest.MonkeyPatch()
    patch.setenv("WENBAO_ADMIN_TOKEN", TOKEN)
    patch.setattr("bot.web.entry.recognition.FIRST_DELAY", 0.0)
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "000_615096fb3a9954a1.txt").write_text("题目\n\n温海波站了八个小时。\n", encoding="utf-8")
    settings = stub_settings.model_copy(
        update={
            "index": stub_settings.index.model_copy(update={"path": folder / "index"}),
            "corpus": stub_settings.corpus.model_copy(update={"paths": (folder / "corpus",), "watch": False}),
            "server": stub_settings.server.model_copy(update={"access": request.param}),
        }
    )
    app = create_app(Service(settings, StubOpener()))
    with client_of_app(app, raise_server_exceptions=False, follow_redirects=False) as running:
        while running.get("/readyz").status_code != 200:
            pass
        yield running
    patch.undo()


def paths(client: TestClient) -> list[str]:
    described = client.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()["paths"]
    pages = "/", "/docs", "/sign-in", "/sign-out", "/static/{x}", "/static-offline-docs/{x}", "/documents/{x}/view"
    return [*described, *pages, "/{x}"]


@settings(max_examples=400)
@given(data=st.data())
def test_nothing_that_is_sent_makes_the_server_fail(client, data):
    path = data.draw(st.sampled_from(paths(client)))
    parts = path.replace("{", "}").split("}")
    filled = "".join(data.draw(ODD) if at % 2 else part for at, part in enumerate(parts))
    headers = data.draw(HEADERS)
    if data.draw(st.booleans()):
        headers = {**headers, "Authorization": f"Bearer {TOKEN}"}
    response = client.request(
        data.draw(st.sampled_from(METHODS)),
        httpx_path(filled),
        params={name: value.encode("utf-8", "replace").decode() for name, value in data.draw(QUERIES).items()},
        content=data.draw(BODIES),
        headers={name: value.encode("latin-1") for name, value in headers.items()},
    )
    assert response.status_code < 400 or response.status_code in CLIENT_FAULTS, response.text
    assert len(response.headers["X-Request-ID"]) == 32
    if response.status_code >= 400 and response.content and not response.headers["content-type"].startswith("text/"):
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


def httpx_path(path: str) -> str:
    """Return a path as a client would send it, whatever is in it."""
    return quote(path.encode("utf-8", "replace"), safe="/%")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "BREW"])
def test_other_methods_are_refused_with_those_that_an_address_takes(client, method):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    described = client.get("/openapi.json", headers=headers).json()["paths"]
    for path, operations in described.items():
        response = client.request(method, path.replace("{number}", "1"), headers=headers)
        assert response.status_code == 405
        taken = {*operations, *(["delete"] if path.startswith("/documents/") else [])}  # a report's id may be anything
        assert response.headers["Allow"] == ", ".join(m for m in ("GET", "POST", "DELETE") if m.lower() in taken)


def test_the_description_says_who_may_send_what(client):
    described = client.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    access = client.app.state.service.settings.server.access
    assert set(described["components"]["securitySchemes"]) == {"Key", "Session"}
    by_key = [{"Key": []}, {"Session": []}]
    everybody = [{}, *by_key]
    asking = everybody if access == "open" else by_key
    security = {
        (method, path): operation["security"]
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    }
    assert security == {
        ("get", "/documents/{document_id}/pages/{number}.webp"): asking,
        ("post", "/ask"): asking,
        ("get", "/ask"): asking,
        ("post", "/feedback"): asking,
        ("get", "/status"): asking,
        ("get", "/healthz"): [],
        ("get", "/readyz"): [],
        ("get", "/metrics"): everybody,
        ("get", "/keys"): by_key,
        ("post", "/keys"): by_key,
        ("delete", "/keys/{name}"): by_key,
        ("get", "/documents"): asking,
        ("post", "/documents"): by_key,
        ("get", "/documents/{document_id}/original"): asking,
        ("get", "/documents/{document_id}"): asking,
        ("delete", "/documents/{document_id}"): by_key,
        ("post", "/index"): by_key,
    }


def test_every_refusal_is_described_as_the_problem_that_it_is(client):
    described = client.get("/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert set(described["components"]["schemas"]["Problem"]["required"]) == {"type", "title", "status", "detail"}
    for operations in described["paths"].values():
        for operation in operations.values():
            refusals = {code: found for code, found in operation["responses"].items() if code >= "400"}
            assert {"400", "401", "403", "408", "413", "421", "429", "431", "503"} <= set(refusals)
            assert [code for code, found in refusals.items() if found["content"] != problem] == []
