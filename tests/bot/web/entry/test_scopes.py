"""Which scope each route takes: every route of the application is entered here, so that a new one is thought about."""

from __future__ import annotations

import json

import pytest
from guarded_app import HTML, bearer, running, token_of, with_server
from http_client import client_of_app
from starlette.routing import Mount, Route
from stub_opener import StubOpener

from bot.access.caller import SCOPES
from bot.service.service import Service
from bot.web.app import create_app

ADMIN_TOKEN = "open sesame, please"
OPEN = "open"
FIGURES = "figures"
"""Open on this machine, else as reading."""
TAKES = {
    "GET /": "ask",
    "GET /ask": "ask",
    "POST /ask": "ask",
    "POST /feedback": "ask",
    "GET /documents": "read",
    "GET /documents/{document_id:path}": "read",
    "GET /documents/{document_id:path}/original": "read",
    "GET /documents/{document_id:path}/pages/{number}.webp": "read",
    "GET /documents/{document_id:path}/view": "read",
    "GET /status": "read",
    "GET /docs": "read",
    "GET /openapi.json": "read",
    "GET /docs/oauth2-redirect": "read",
    "POST /documents": "admin",
    "DELETE /documents/{document_id:path}": "admin",
    "POST /index": "admin",
    "GET /keys": "admin",
    "POST /keys": "admin",
    "DELETE /keys/{name}": "admin",
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "POST /sign-out": OPEN,
    "GET /metrics": FIGURES,
}
MOUNTED = {"/static": "/static/icon.svg", "/static-offline-docs": "/static-offline-docs/swagger-ui.css"}


def routes_of(routes):
    """Return "METHOD path" of all routes, also of routers that are included, and what is mounted."""
    found = set()
    for route in routes:
        if isinstance(route, Route):
            found |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}
        else:
            found |= {route.path} if isinstance(route, Mount) else routes_of(route.original_router.routes)
    return found


def sent(client, route, headers):
    method, _, path = route.partition(" ")
    path = path.replace("{document_id:path}", "a/b.txt").replace("{name}", "nobody").replace("{number}", "1")
    return client.request(method, path, headers=headers)


@pytest.fixture(scope="module")
def guarded(stub_settings):
    """A server that wants keys, and one key of each scope."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENBAO_ADMIN_TOKEN", ADMIN_TOKEN)
        settings = with_server(stub_settings, access="keys")
        tokens = {scope: token_of(settings, f"{scope}er", scope) for scope in SCOPES}
        with running(settings) as client:
            yield client, tokens


def test_every_route_is_entered_here(guarded):
    assert routes_of(guarded[0].app.routes) == {*TAKES, *MOUNTED}


@pytest.mark.parametrize("route", sorted(TAKES))
def test_a_route_takes_its_scope_or_a_larger_one(guarded, route):
    client, tokens = guarded
    wanted = {OPEN: None, FIGURES: "read"}.get(TAKES[route], TAKES[route])
    senders = {scope: bearer(token) for scope, token in tokens.items()} | {"token": bearer(ADMIN_TOKEN)}
    may = {None: wanted is None}
    for scope in senders:
        as_scope = "admin" if scope == "token" else scope
        may[scope] = wanted is None or SCOPES.index(as_scope) >= SCOPES.index(wanted)
    refused = {
        sender: sent(client, route, headers).status_code in (401, 403, 429)
        for sender, headers in {None: {}, **senders}.items()
    }
    if route == "POST /sign-in":  # which refuses the empty key by itself
        assert sent(client, route, {}).status_code == 401
    else:
        assert refused == {sender: not allowed for sender, allowed in may.items()}


def test_what_is_open_needs_no_store_of_keys_and_minds_no_wrong_token(guarded):
    client, _ = guarded
    wrong = {**bearer("wb_00000000_" + "A" * 32), "Cookie": "wenbao_session=00000000.1.x"}
    paths = ["/healthz", "/readyz", "/sign-in", *MOUNTED.values()]
    assert [client.get(path, headers=wrong).status_code for path in paths] == [200] * 5


@pytest.mark.parametrize(
    "path",
    ["/ask/", "//ask", "/documents/", "/DOCUMENTS", "/keys/", "/static/../keys", "/static/..%2fkeys", "/static"],
)
def test_no_way_of_writing_an_address_gets_around_the_door(guarded, path):
    found = guarded[0].get(path)
    assert found.status_code in (401, 404, 307) and "key" not in found.text.replace("a key", "")
    assert found.headers.get("location", "/static/").endswith("/static/")


def test_a_browser_without_a_key_is_led_to_the_sign_in_and_back(guarded):
    client = guarded[0]
    found = client.get("/documents/a%20b/新.txt/view?mark=1-2&quote=x%2Fy", headers=HTML)
    assert (found.status_code, found.headers["cache-control"]) == (303, "no-store")
    location = found.headers["location"]
    assert location.startswith("/sign-in?next=")
    page = client.get(location).text
    assert "next=%2Fdocuments%2Fa%2520b%2F%25E6%2596%25B0.txt%2Fview%3Fmark%3D1-2%26quote%3Dx%252Fy" in page
    assert client.get("/status", headers=HTML).status_code == 401


def test_without_the_admin_token_reports_are_changed_by_nobody(stub_settings, monkeypatch):
    monkeypatch.delenv("WENBAO_ADMIN_TOKEN", raising=False)
    settings = stub_settings.model_copy(
        update={"index": stub_settings.index.model_copy(update={"path": stub_settings.index.path.parent / "none"})}
    )
    with client_of_app(create_app(Service(settings, StubOpener()))) as client:
        found = [client.post("/index", headers=headers) for headers in ({}, bearer("guess"))]
    assert {(one.status_code, one.json()["detail"].partition(":")[0]) for one in found} == {
        (403, "reports cannot be changed over HTTP here")
    }


# Figures


def test_figures_are_for_this_machine_and_for_who_sees_all_reports(stub_settings):
    settings = with_server(stub_settings, access="keys", public_url="https://ask.example")
    reader, some = token_of(settings, "all", "read"), token_of(settings, "some", "read", "x*")
    passed_on = [{name: "1.2.3.4"} for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP")]
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        with running(settings, client=(address, 1)) as client:
            assert client.get("/metrics").status_code == 200
            assert [client.get("/metrics", headers=one).status_code for one in passed_on] == [401] * 4
            assert client.get("/metrics", headers={"Host": "ask.example"}).status_code == 401
            by_key = [client.get("/metrics", headers={**passed_on[0], **bearer(one)}) for one in (reader, some)]
            assert [one.status_code for one in by_key] == [200, 403]
    with running(settings, client=("10.0.0.9", 1)) as client:
        assert client.get("/metrics").status_code == 401


# Keys over HTTP


def test_keys_are_made_listed_and_taken_back_over_http(own_settings, monkeypatch):
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", ADMIN_TOKEN)
    chief = bearer(ADMIN_TOKEN)
    with running(with_server(own_settings, access="keys")) as client:
        wanted = {"name": "编辑", "scope": "read", "documents": "00*", "expires": "90d"}
        made = client.post("/keys", json=wanted, headers=chief)
        key = made.json()
        assert (made.status_code, {name: key[name] for name in ("name", "scope", "documents")}) == (
            201,
            {"name": "编辑", "scope": "read", "documents": "00*"},
        )
        token = key.pop("key")
        assert client.get("/keys", headers=chief).json() == {"keys": [key]}
        assert client.get("/documents", headers=bearer(token)).status_code == 200
        again = client.post("/keys", json=wanted, headers=chief)
        bad = [
            {"scope": "root"},
            {"name": "a b"},
            {"expires": "soon"},
            {"documents": ""},
            {"more": 1},
            {"name": "admin"},
        ]
        refused = [client.post("/keys", json={**wanted, "name": "b", **one}, headers=chief) for one in bad]
        assert [one.status_code for one in (again, *refused)] == [409, *[422] * 6]
        assert client.delete("/keys/编辑", headers=bearer(token)).status_code == 403
        assert client.delete("/keys/编辑", headers=chief).json() == key
        assert client.get("/documents", headers=bearer(token)).status_code == 401
        assert client.delete("/keys/编辑", headers=chief).status_code == 404
        assert client.get("/keys", headers=chief).json() == {"keys": []}
    lines = [json.loads(line) for line in (own_settings.index.path / "audit.jsonl").read_text("utf-8").splitlines()]
    told = [(one["who"], one["what"], one["result"].partition(":")[0], one["about"]) for one in lines]
    assert told[:2] == [("admin", "keys.add", "done", ["编辑"]), ("admin", "keys.add", "failed", ["编辑"])]
    assert ("编辑", "DELETE /keys/编辑", "refused 403", []) in told
    assert told[-2][1:3] == ("GET /documents", "refused 401") and told[-1] == (
        "admin", "keys.revoke", "failed", ["编辑"],
    )  # fmt: skip
    assert token not in "".join(path.read_text("utf-8", "replace") for path in own_settings.index.path.rglob("*.*"))
