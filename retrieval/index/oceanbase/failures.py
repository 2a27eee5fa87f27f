"""What the client or the server said went wrong -> an error that says what to do about it.

The numbers are MySQL's, and from 4000 on OceanBase's own.
"""

from __future__ import annotations

import re

from retrieval.errors import StoreUnreachable, StoreUnusable, WenbaoError
from retrieval.index.oceanbase.url import Address

LOST = {0, 1053, 2006, 2013, 2014}
"""Not connected any more, shutting down, gone, lost, out of step."""
BUSY = {1040: "has too many connections", 1203: "has too many connections of this user", 4013: "is out of memory"}
NO_TABLE = 1146
SLOW = {4012, 3024}
NO_SUCH_VARIABLE = 1193
NO_TABLE = 1146
NEEDED = "the index needs OceanBase 4.3.5 or seekdb 1.0, or newer"
_COMMAND = re.compile(r"(?P<kind>[A-Z]+(?: [A-Z]+)*) command denied")


class ConnectionLost(StoreUnreachable):
    """A connection broke that had stood: what was asked may be asked again on a fresh one."""


class StatementFailed(Exception):
    """The server refused a statement for what it says, or for what others did meanwhile; nobody else can mend it.

    ``code`` is the server's number, such as 1062 (a key is there already), 1146 (no such table), 1213 (deadlock).
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code


def failure_of(error: Exception, address: Address) -> WenbaoError | StatementFailed:
    """Return what is raised for an error of PyMySQL."""
    code, text = _parts(error)
    if code in LOST:
        if isinstance(error.__context__, TimeoutError):
            return too_slow(address)
        return ConnectionLost(f"{address} broke the connection off ({text or 'closed'}): see that the server runs")
    if code in SLOW:
        return too_slow(address)
    if code in BUSY:
        return StoreUnreachable(f"{address} {BUSY[code]}: try again later, or give the server more")
    remedy = _unusable(code, text, address)
    return StoreUnusable(f"{address}: {remedy}") if remedy else StatementFailed(code, text)


def too_slow(address: Address) -> StoreUnreachable:
    """Return the error for an answer that does not come in time."""
    return StoreUnreachable(f"{address} did not answer in time: see whether the server is overloaded, and try again")


def unreachable(error: OSError, address: Address) -> StoreUnreachable:
    """Return the error for a connection that cannot be made at all."""
    reason = error.strerror or str(error) or type(error).__name__
    return StoreUnreachable(f"{address} cannot be reached ({reason}): see that the server runs and index.url is right")


def grant(rights: str, address: Address) -> str:
    """Return the statement that gives the user rights on the database."""
    return f"GRANT {rights} ON `{address.database}`.* TO '{address.account}'"


def _parts(error: Exception) -> tuple[int, str]:
    code, text = (*error.args, "", "")[:2]
    return (code, str(text)) if isinstance(code, int) else (-1, str(error))


def _unusable(code: int, text: str, address: Address) -> str | None:
    """Return what is wrong with the server, the account or the database and what mends it; None if nothing is."""
    return {
        NO_SUCH_VARIABLE: f"{text}, so this is no OceanBase: {NEEDED}",
        1044: f"the user may not use the database: {grant('ALL PRIVILEGES', address)}",
        1045: "the user or the password is wrong: put the password into WENBAO_INDEX_PASSWORD, and the user into "
        "index.url, of an OceanBase with tenants as user%40tenant or user%40tenant%23cluster",
        1049: f"there is no such database: CREATE DATABASE `{address.database}` CHARACTER SET utf8mb4",
        1142: _denied(text, address),
        1115: "the server does not know utf8mb4: Chinese text cannot be kept there",
        1153: "what is sent is larger than the server's max_allowed_packet: SET GLOBAL max_allowed_packet = 67108864",
        1227: f"{text}: an administrator of the server can do it",
        2026: "the server does not speak TLS, or not with us: leave tls out of index.url, or set it up there",
        4688: "this is a standby, which only answers: name the primary in index.url, or ALTER SYSTEM ACTIVATE STANDBY",
        4184: "the server's disk is full: give it more, or remove what is not needed",
    }.get(code)


def _denied(text: str, address: Address) -> str:
    """Return which right is missing, and the statement that gives it."""
    found = _COMMAND.search(text)
    right = found["kind"] if found else "ALL PRIVILEGES"
    return f"the user may not {right if found else 'do this'} ({text}): {grant(right, address)}"
