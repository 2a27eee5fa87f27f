"""``index.url`` -> where the database is: ``oceanbase://root%40tenant%23cluster@db.example:2881/wenbao?tls=required``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from retrieval.errors import StoreUnusable

Tls = Literal["off", "required", "verified"]
"""Verified is encrypted too, and the server's certificate is checked; ``SSL_CERT_FILE`` names other authorities."""

SCHEMES = ("oceanbase", "mysql")
PORT = 2881
"""Where a server of OceanBase listens unless it is told otherwise."""
EXAMPLE = "oceanbase://USER@HOST:2881/DATABASE"


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server, and who asks; a ``unix_socket`` goes before a host. As text it is ``index.url`` again."""

    user: str
    database: str
    host: str = ""
    port: int = PORT
    unix_socket: str = ""
    tls: Tls = "off"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if host else ""
        options = {"unix_socket": self.unix_socket, "tls": "" if self.tls == "off" else self.tls}
        query = urlencode({name: value for name, value in options.items() if value}, safe="/")
        place = f"oceanbase://{quote(self.user, safe='')}@{host}{port}/{quote(self.database, safe='')}"
        return f"{place}?{query}" if query else place

    @property
    def account(self) -> str:
        """The user's name within the tenant, as GRANT wants it."""
        return self.user.partition("@")[0]


def address_of(url: str) -> Address:
    """Return the address that a URL names; StoreUnusable where it is none, or holds a password."""
    parts, port = _split(url)
    name, colon, _ = (parts.netloc.rpartition("@")[0]).partition(":")
    if colon:
        raise StoreUnusable(
            "index.url holds a password: leave it out and put it into WENBAO_INDEX_PASSWORD (a ':' of the user's name "
            "is written %3A)"
        )
    options = _options(parts)
    address = Address(
        user=unquote(name),
        database=unquote(parts.path.removeprefix("/")),
        host=parts.hostname or "",
        port=port,
        unix_socket=options.get("unix_socket", ""),
        tls=_tls(options.get("tls", "off")),
    )
    _refuse_incomplete(address)
    return address


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = PORT if parts.port is None else parts.port
    except ValueError as error:
        raise StoreUnusable(f"index.url is no URL ({error}): write {EXAMPLE}") from error
    if parts.scheme not in SCHEMES:
        raise StoreUnusable(f"index.url does not begin with oceanbase://: write {EXAMPLE}")
    if parts.fragment or url.endswith("#"):
        raise StoreUnusable(
            "index.url holds a '#': write it %23, as in oceanbase://root%40tenant%23cluster@HOST/DATABASE"
        )
    return parts, port


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := sorted({*options} - {"unix_socket", "tls"}):
        raise StoreUnusable(f"index.url has an unknown option {unknown[0]!r}: there are unix_socket and tls")
    return options


def _tls(value: str) -> Tls:
    if value in get_args(Tls):
        return cast(Tls, value)
    raise StoreUnusable(f"index.url has tls={value}: it is off, required or verified")


def _refuse_incomplete(address: Address) -> None:
    given = {"user": address.user, "database": address.database, "host": address.host or address.unix_socket}
    absent = [name for name, value in given.items() if not value]
    if absent:
        raise StoreUnusable(f"index.url names no {absent[0]}: write {EXAMPLE}")
    if "/" in address.database:
        raise StoreUnusable(f"index.url names a database with a '/': write {EXAMPLE}")
