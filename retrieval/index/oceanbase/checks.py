"""Whether a server and a database are fit for an index: its kind and version, the characters, the user's rights."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from retrieval.errors import StoreUnusable
from retrieval.index.oceanbase.failures import NEEDED, grant
from retrieval.index.oceanbase.url import Address

if TYPE_CHECKING:
    from retrieval.index.oceanbase.session import Session

OLDEST = {"OceanBase": (4, 3, 5), "seekdb": (1, 0, 0)}
"""The first versions with vector indexes and full text over terms that are cut already."""
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX")
_VERSION = re.compile(r"(?P<kind>OceanBase|seekdb)(?:_CE)?-v(?P<numbers>\d+\.\d+\.\d+)")
_GRANTED = re.compile(r"GRANT (?P<rights>.+?) ON (?P<database>`(?:[^`]|``)*`|\*)\.(?P<table>\S+) TO ")


def check(session: Session, address: Address) -> None:
    """Raise StoreUnusable where something is not as an index needs it; three harmless statements in one round trip."""
    version, charset, granted = session.all(
        [("SELECT version()", ()), ("SELECT @@character_set_database", ()), ("SHOW GRANTS", ())]
    )
    _check_version(version[0][0], address)
    if charset[0][0] != "utf8mb4":
        raise StoreUnusable(
            f"{address}: the database is {charset[0][0]}, not utf8mb4: make another one, "
            f"CREATE DATABASE … CHARACTER SET utf8mb4, and name it in index.url"
        )
    absent = missing_rights((line for (line,) in granted), address.database)
    if absent:
        rights = ", ".join(absent)
        raise StoreUnusable(f"{address}: the user may not {rights}: {grant(rights, address)}")


def _check_version(version: str, address: Address) -> None:
    found = _VERSION.search(version)
    if not found:
        raise StoreUnusable(f"{address} is {version}, no OceanBase: {NEEDED}")
    if tuple(map(int, found["numbers"].split("."))) < OLDEST[found["kind"]]:
        raise StoreUnusable(f"{address} is {found['kind']} {found['numbers']}, too old: {NEEDED}")


def missing_rights(lines: Iterable[str], database: str) -> list[str]:
    """Return which rights on a database the lines of SHOW GRANTS do not give; none where a role may give them."""
    held: set[str] = set()
    for line in lines:
        found = _GRANTED.match(line)
        if not found:
            return []
        if found["table"] == "*" and _covers(found["database"], database):
            held |= {right.strip() for right in found["rights"].split(",")}
    return [] if held & {"ALL", "ALL PRIVILEGES"} else [right for right in RIGHTS if right not in held]


def _covers(pattern: str, database: str) -> bool:
    """Whether a database of GRANT, in which ``%`` and ``_`` stand for any, is this one."""
    if pattern == "*":
        return True
    parts = re.findall(r"\\.|.", pattern.strip("`"))
    translated = "".join({"%": ".*", "_": "."}.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return re.fullmatch(translated, database) is not None
