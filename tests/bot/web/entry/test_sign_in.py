"""A browser signs in with a key."""

from __future__ import annotations

import json

import pytest
from guarded_app import HTML, bearer, running, token_of, with_server

from bot.access.keys import Keys
from bot.access.sessions import COOKIE
from bot.state import SqliteState
from bot.texts import text
from bot.web.entry.sign_in import local_path

ADMIN_TOKEN = "open sesame, please"


@pytest.fixture
def settings(own_settings):
    return with_server(own_settings, access="keys", public_url="https://ask.example.org")


@pytest.fixture
def client(settings, monkeypatch):
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", ADMIN_TOKEN)
    with running(settings) as client:
        yield client


def signed_in(client, token, wanted="/", **headers):
    return client.post("/sign-in", params={"next": wanted}, data={"key": token}, headers=headers)


def test_who_signs_in_gets_a_cookie_that_no_script_reads_and_goes_on(client, settings):
    token = token_of(settings, "press", "read")
    response = signed_in(client, f"  {token}\n", "/documents/a%20b/view?lang=en#p3")
    assert (response.status_code, response.headers["location"]) == (303, "/documents/a%20b/view?lang=en#p3")
    name, *attributes = response.headers["set-cookie"].split("; ")
    assert name.startswith(f"{COOKIE}=") and token not in name
    assert sorted(attributes) == ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"]
    assert client.get("/documents").status_code == 200
    page = client.get("/sign-in?lang=en").text
    assert text("en", "signed_in_as", name="press") in page and 'type="password"' not in page
    assert text("en", "sign_out") in client.get("/?lang=en", headers=HTML).text
    out = client.post("/sign-out")
    assert (out.status_code, out.headers["location"], client.get("/documents").status_code) == (303, "/sign-in", 401)


@pytest.mark.parametrize(
    ("headers", "is_secure"),
    [
        ({"Host": "ask.example.org"}, True),
        ({"Host": "ASK.example.org:443"}, True),
        ({"Host": "127.0.0.1", "Origin": "https://ask.example.org"}, True),
        ({"Host": "127.0.0.1"}, False),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, False),
        ({"Host": "a.localhost"}, False),
    ],
)
def test_the_cookie_goes_by_https_alone_where_the_browser_came_so(client, settings, headers, is_secure):
    response = signed_in(client, token_of(settings, "press", "read"), **headers)
    assert response.status_code == 303
    assert ("Secure" in response.headers["set-cookie"]) is is_secure


@pytest.mark.parametrize("key", ["", "a guess", "wb_00000000_" + "A" * 32, "密钥", "x" * 100_000, "\0", "wb_" * 3])
def test_a_wrong_key_is_said_to_be_one_in_the_language_of_the_page(client, key):
    for language in ("zh", "en"):
        address = f"/sign-in?lang={language}&next=/docs"
        response = client.post(address, data={"key": key})
        assert response.status_code == 401 and "set-cookie" not in response.headers
        assert response.headers["cache-control"] == "no-store"
        assert text(language, "sign_in_wrong") in response.text
        assert f'action="/sign-in?lang={language}&amp;next=%2Fdocs"' in response.text
        assert len(key) < 3 or key not in response.text


def test_a_form_that_is_none_is_a_wrong_key(client):
    bodies = [b"", b"key=%FF%FE", b"\xff\xfe", b"key", b"key=a&key=b"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert [client.post("/sign-in", content=body, headers=form).status_code for body in bodies] == [401] * 5
    assert client.post("/sign-in", json={"key": "x"}).status_code == 401


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil.example", ""]
ELSEWHERE += [
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "///evil.example",
    " /",
    "http:evil.example",
]
ELSEWHERE += ["/\\/evil.example", "\u2028/", "/a\r\nSet-Cookie: x=y", "/\x00", "https:/evil.example"]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_to_another_site(client, settings, wanted):
    assert local_path(wanted) == "/"
    response = signed_in(client, ADMIN_TOKEN, wanted)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert 'href="/"' in client.get("/sign-in", params={"next": wanted}).text


@pytest.mark.parametrize("wanted", ["/", "/?q=%E6%B8%A9&lang=en", "/documents/%2F%2Fx/view#p1", "/a//b", "/.//x"])
def test_one_is_led_on_to_where_one_wanted_to_go_on_this_server(client, wanted):
    assert signed_in(client, ADMIN_TOKEN, wanted).headers["location"] == wanted


def test_markup_in_an_address_is_text_on_the_page(client):
    page = client.get("/sign-in", params={"next": '/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page and '"><' + "script" not in page.replace('"><script type="application/json"', "")


def test_whoever_signed_in_is_refused_once_the_key_has_ended_or_is_taken_back(client, settings):
    signed_in(client, token_of(settings, "press", "read"))
    assert client.get("/status").status_code == 200
    Keys(client.app.state.service.state)
    client.delete("/keys/press", headers=bearer(ADMIN_TOKEN))
    assert client.get("/status").status_code == 401
    back = client.get("/", headers=HTML)
    assert (back.status_code, back.headers["location"]) == (303, "/sign-in?next=%2F")


def test_the_admin_s_cookie_ends_with_the_token(client, monkeypatch):
    signed_in(client, ADMIN_TOKEN)
    assert client.get("/keys").status_code == 200
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "another sesame, please")
    assert client.get("/keys").status_code == 401


def test_other_cookies_of_the_same_host_keep_nobody_out(client, settings):
    cookie = signed_in(client, token_of(settings, "press", "read")).headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    strange = ['a={"x":[1,2]}', "b=é", "c", "=d", 'e="f', "Path=/", "g@h=1", f"{COOKIE}x=1"]
    before = [client.get("/status", headers={"Cookie": f"{one}; {cookie}".encode("latin-1")}) for one in strange]
    after = [client.get("/status", headers={"Cookie": f"{cookie}; {one}".encode("latin-1")}) for one in strange]
    assert [one.status_code for one in (*before, *after)] == [200] * 16
    changed = [f"{cookie[:-1]}", f"{cookie}0", cookie.replace(".", ".9", 1), f"{COOKIE}=", f'{COOKIE}="']
    assert [client.get("/status", headers={"Cookie": one}).status_code for one in changed] == [401] * 5


def test_a_cookie_is_of_no_use_to_another_site_s_page(client, settings):
    signed_in(client, token_of(settings, "press", "read"))
    evil = {"Origin": "https://evil.example"}
    sent = [
        client.post("/ask", json={"question": "温海波站了几个小时？"}, headers=evil),
        client.post("/feedback", json={"request_id": "x", "vote": "up"}, headers=evil),
        client.post("/sign-out", headers=evil),
        client.post("/sign-in", data={"key": ADMIN_TOKEN}, headers=evil),
    ]
    assert [one.status_code for one in sent] == [403] * 4
    assert all("set-cookie" not in one.headers for one in sent)
    assert client.get("/status").status_code == 200


def test_signing_in_is_written_down_without_key_or_address(client, settings):
    token = token_of(settings, "press", "read")
    signed_in(client, token)
    signed_in(client, f"{token}x")
    lines = [json.loads(line) for line in (settings.index.path / "audit.jsonl").read_text("utf-8").splitlines()]
    done, refused = ([line for line in lines if line["result"].startswith(word)] for word in ("done", "refused"))
    assert [(one["who"], one["what"]) for one in done] == [("press", "sign-in")]
    assert [(one["what"], one["result"]) for one in refused] == [("POST /sign-in", "refused 401")]
    assert refused[0]["who"].startswith("#") and "testclient" not in str(lines) and token not in str(lines)
    assert SqliteState(settings.index.path).keys()[0].name == "press"
