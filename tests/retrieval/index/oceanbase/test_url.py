"""index.url -> where the database is, and what is said of one that is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import StoreUnusable
from retrieval.index.oceanbase.url import Address, address_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z0-9]{1,9}){0,3}|10\.1\.2\.3|::1", fullmatch=True)


@given(
    NAMES,
    NAMES.filter(lambda name: "/" not in name),
    HOSTS,
    st.integers(1, 65535),
    st.just("") | NAMES,
    st.sampled_from(["off", "required", "verified"]),
)
def test_every_address_is_read_back_from_its_own_text(user, database, host, port, unix_socket, tls):
    address = Address(user, database, host, port, unix_socket, tls)
    assert address_of(str(address)) == address


@given(st.text())
def test_any_text_is_an_address_or_refused_with_one_line_that_says_so(text):
    for url in (text, f"oceanbase://{text}", f"mysql://root@{text}/wenbao", f"oceanbase://root@host/wenbao?{text}"):
        try:
            address = address_of(url)
        except StoreUnusable as refused:
            assert str(refused).startswith("index.url ")
            assert len(str(refused).splitlines()) == 1
        else:
            assert address.user and address.database and (address.host or address.unix_socket)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("oceanbase://root@db:2882/wenbao", Address("root", "wenbao", "db", 2882)),
        ("mysql://root@127.0.0.1/wenbao", Address("root", "wenbao", "127.0.0.1")),
        ("oceanbase://root%40sales%23main@db/wenbao", Address("root@sales#main", "wenbao", "db")),
        ("oceanbase://root@sales@db/wenbao", Address("root@sales", "wenbao", "db")),
        ("oceanbase://root@/wenbao?unix_socket=/run/sql.sock", Address("root", "wenbao", unix_socket="/run/sql.sock")),
        ("oceanbase://root@[::1]:2881/%E9%97%AE%E6%8A%A5?tls=required", Address("root", "问报", "::1", tls="required")),
    ],
)
def test_an_address_is_what_the_url_says(url, address):
    assert address_of(url) == address


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://root@db/wenbao", "index.url does not begin with oceanbase://: write EXAMPLE"),
        ("oceanbase://root:secret@db/wenbao", "index.url holds a password: leave it out and put it into "),
        ("oceanbase://root@main#sales@db/wenbao", "index.url holds a '#': write it %23, as in oceanbase://root%40"),
        ("oceanbase://db/wenbao", "index.url names no user: write EXAMPLE"),
        ("oceanbase://root@db", "index.url names no database: write EXAMPLE"),
        ("oceanbase://root@/wenbao", "index.url names no host: write EXAMPLE"),
        ("oceanbase://root@db/wenbao/x", "index.url names a database with a '/': write EXAMPLE"),
        ("oceanbase://root@db:x/wenbao", "index.url is no URL ("),
        ("oceanbase://root@db/wenbao?ssl=1", "index.url has an unknown option 'ssl': there are unix_socket and tls"),
        ("oceanbase://root@db/wenbao?tls=yes", "index.url has tls=yes: it is off, required or verified"),
    ],
)
def test_what_is_wrong_with_a_url_is_told_without_its_password(url, told):
    with pytest.raises(StoreUnusable) as refused:
        address_of(url)
    assert str(refused.value).startswith(told.replace("EXAMPLE", "oceanbase://USER@HOST:2881/DATABASE"))
    assert "secret" not in str(refused.value)
