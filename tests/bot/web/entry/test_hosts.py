"""Under which names a server may be called, and whose pages may use it."""

from __future__ import annotations

import pytest
from guarded_app import running, with_server

from bot.settings import ServerSettings, load_settings
from bot.web.entry.hosts import Hosts, as_browsers_write, is_loopback
from retrieval.errors import WenbaoError

HOSTS = Hosts(
    ServerSettings(
        host="press.lan",
        public_url="https://Ask.Example.org/",
        allowed_hosts=("second.example",),
        allowed_origins=("https://Friend.example:443", "http://friend.example:8080"),
    )
)
OWN = ["127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:80", "10.1.2.3:8000", "[fe80::1%25eth0]:8000", "0.0.0.0:8000"]
OWN += ["localhost", "LOCALHOST:8000", "localhost.", "a.localhost:1", "press.lan", "Press.LAN.:8000", "localhost:"]
OWN += ["ask.example.org", "ASK.example.org:443", "ask.example.org.", "second.example:8443"]
FOREIGN = ["", " ", "evil.example", "ask.example.org.evil.example", "evil-ask.example.org", "xlocalhost", ":8000", "."]
FOREIGN += ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "127.0.0.1.nip.io", "localhost:99999", "localhost:a"]
FOREIGN += ["user@localhost", "localhost/", "localhost?x", "localhost#x", "[::1", "::1]", "[::1]x", "localhost\t"]
FOREIGN += ["localhost, evil.example", "lοcalhost", "localhost\\@evil.example", "http://localhost"]


def test_a_server_goes_by_loopback_names_its_own_and_any_address():
    assert [host for host in OWN if not HOSTS.takes(host)] == []


def test_a_server_goes_by_no_other_name():
    assert [host for host in FOREIGN if HOSTS.takes(host)] == []


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("http://LOCALHOST:8000", "localhost:8000", True),
        ("http://localhost", "localhost:80", True),
        ("https://press.lan", "press.lan", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("https://ask.example.org", "127.0.0.1:8000", True),
        ("https://ask.example.org:443", "127.0.0.1:8000", True),
        ("http://ask.example.org", "127.0.0.1:8000", False),
        ("https://ask.example.org:8443", "127.0.0.1:8000", False),
        ("http://localhost:8001", "localhost:8000", False),
        ("http://127.0.0.1:8000", "localhost:8000", False),
        ("null", "localhost:8000", False),
        ("", "localhost:8000", False),
        ("http://", "localhost:8000", False),
        ("http://localhost:8000.evil.example", "localhost:8000", False),
        ("http://localhost:99999", "localhost:8000", False),
        ("https://friend.example", "localhost:8000", False),
    ],
)
def test_an_origin_is_this_server_s_own_where_name_and_port_are(origin, host, is_own):
    assert HOSTS.is_own(origin, host) is is_own
    assert HOSTS.is_foreign([origin], "", host) is (not is_own and not HOSTS.allows(origin))


def test_origins_that_are_allowed_are_compared_as_browsers_write_them():
    named = ["https://friend.example", "https://FRIEND.example:443", "http://friend.example:8080"]
    assert [HOSTS.allows(origin) for origin in named] == [True] * 3
    others = ["http://friend.example", "https://friend.example:8080", "null", "https://friend.example.evil.example"]
    assert [HOSTS.allows(origin) for origin in others] == [False] * 4
    written = ["https://Friend.example:443", "http://friend.example:8080", "http://[::1]:80", "http://[::1]:81"]
    assert list(map(as_browsers_write, written)) == [
        "https://friend.example", "http://friend.example:8080", "http://[::1]", "http://[::1]:81",
    ]  # fmt: skip


def test_two_origins_are_those_of_nobody_who_is_allowed():
    assert HOSTS.is_foreign(["https://friend.example", "https://evil.example"], "", "localhost")
    assert not HOSTS.is_foreign(["https://friend.example"], "cross-site", "localhost")
    assert not HOSTS.is_foreign([], "same-site", "localhost")
    assert HOSTS.is_foreign([], "cross-site", "localhost")


def test_loopback_is_this_machine_by_any_of_its_names():
    near = ["127.0.0.1", "127.9.9.9:80", "::1", "[::1]:8000", "localhost", "localhost.:1", "::ffff:127.0.0.1"]
    far = ["", "10.0.0.1", "ask.example.org", "::ffff:10.0.0.1", "128.0.0.1", "testclient", "fe80::1", "localhost.x"]
    assert [[name for name in names if is_loopback(name)] for names in (near, far)] == [near, []]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("public_url", "https://ask.example:99999"),
        ("public_url", "https://[::1"),
        ("public_url", "https://:443"),
        ("allowed_origins", "['https://a.example:x']"),
        ("allowed_origins", "['https://a.example:0']"),
        ("allowed_origins", "['https://a.example/']"),
        ("allowed_origins", "['null']"),
        ("allowed_hosts", "['a b']"),
    ],
)
def test_an_address_that_cannot_be_is_named_with_its_line(tmp_path, key, value):
    path = tmp_path / "config.yaml"
    path.write_text(f"server:\n  port: 0\n  {key}: {value}\n", "utf-8")
    with pytest.raises(WenbaoError, match=f"config.yaml, line 3: server.{key}"):
        load_settings(path)


# Over HTTP


@pytest.fixture(scope="module")
def client(stub_settings):
    origins = ("https://Friend.example:443",)
    with running(with_server(stub_settings, public_url="https://ask.example.org", allowed_origins=origins)) as client:
        yield client


def test_a_request_under_another_name_is_sent_away(client):
    told = {
        host: client.get("/healthz", headers={"Host": host}).status_code for host in ["evil.example", *FOREIGN[2:9]]
    }
    assert told == dict.fromkeys(told, 421)
    two = client.get("/status", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")])
    assert two.status_code == 421
    assert two.json()["detail"].startswith("this server is not called that")


def test_another_site_s_page_may_ask_nothing_but_its_links_open_pages(client):
    document = client.get("/documents").json()["documents"][0]["document_id"]
    ask = {"question": "温海波站了几个小时？"}
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "Cross-Site", "Origin": "http://127.0.0.1"},
    ]
    for headers in foreign:
        assert client.post("/ask", json=ask, headers=headers).status_code == 403
        assert client.post("/feedback", json={}, headers=headers).status_code == 403
        assert client.post("/sign-in", data={"key": "x"}, headers=headers).status_code == 403
        assert client.post("/sign-out", headers=headers).status_code == 403
        assert [client.get(path, headers=headers).status_code for path in ("/ask?q=x", "/documents")] == [403] * 2
        pages = ["/", "/docs", "/sign-in", f"/documents/{document}/view"]
        assert [client.get(path, headers=headers).status_code for path in pages] == [200] * 4
    own = [{"Origin": "http://127.0.0.1"}, {"Origin": "https://ask.example.org"}, {"Sec-Fetch-Site": "same-site"}]
    own += [{"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}, {}]
    assert [client.post("/ask", json=ask, headers=headers).status_code for headers in own] == [200] * 6


def test_pages_of_an_allowed_site_may_use_it_and_read_errors_too(client):
    origin = {"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}
    asks = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = client.options("/ask", headers=asks)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, origin["Origin"])
    answers = [
        client.post("/ask", json={"question": "温海波站了几个小时？"}, headers=origin),
        client.post("/ask", json={"question": ""}, headers=origin),
        client.post("/documents", headers=origin),
        client.get("/documents/nowhere", headers=origin),
        client.get("/status", headers={**origin, "Authorization": "Bearer wrong"}),
    ]
    assert [one.status_code for one in answers] == [200, 422, 403, 404, 401]
    assert {one.headers.get("access-control-allow-origin") for one in answers} == {origin["Origin"]}
    assert "access-control-allow-credentials" not in answers[0].headers
    assert "RateLimit" in answers[0].headers["access-control-expose-headers"]
    evil = client.options("/ask", headers={**asks, "Origin": "https://evil.example"})
    assert evil.status_code == 400 and "access-control-allow-origin" not in evil.headers
