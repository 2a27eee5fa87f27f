"""The limits that one client is held to; tests hand in shorter ones."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

MAX_BODY_BYTES = 256 * 1024
MAX_UPLOAD_BYTES = 256 * 1024 * 1024
MOST_CONNECTIONS = 1000
RESERVED_FILES = 200
"""Open files that the index, its pictures and the process itself need beside the connections."""
ADDRESS_SHARE = 4
"""One address may have this part of all connections: enough for an office behind one address."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and counts; ``per_address`` does not hold for ``trusted`` networks."""

    head_seconds: float = 10
    """From connecting, or from the first byte on a connection that was kept alive, to a complete head."""
    head_bytes: int = 32 * 1024
    piece_seconds: float = 20
    """Between two pieces of a body."""
    body_seconds: float = 60
    """In which a body of at most MAX_BODY_BYTES is complete: nobody holds a connection by a byte now and then."""
    write_seconds: float = 30
    """In which a reader has to take ``write_bytes`` of an answer that is more than the system buffers, or its end."""
    write_bytes: int = 64 * 1024
    drain_seconds: float = 2
    """How long what follows a refusal is read and dropped, so that the client gets to see the refusal."""
    drain_bytes: int = 16 * 1024 * 1024
    pipelined: int = 256
    """Requests of one connection that wait while its first is answered."""
    connections: int = MOST_CONNECTIONS
    per_address: int = MOST_CONNECTIONS // ADDRESS_SHARE
    trusted: tuple[IPv4Network | IPv6Network, ...] = ()


def limits_of(open_files: int, trusted: tuple[IPv4Network | IPv6Network, ...] = ()) -> Limits:
    """Return the limits for a process that may open so many files, with the proxies that it trusts."""
    most = min(MOST_CONNECTIONS, max(open_files // 2, open_files - RESERVED_FILES))
    return Limits(connections=most, per_address=max(1, most // ADDRESS_SHARE), trusted=trusted)


def raise_open_files() -> int:
    """Raise the process's soft limit of open files to the hard one; return how many it may open now."""
    if sys.platform == "win32":  # it has no such limit
        return 2 * MOST_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS names no hard limit, and refuses to have none
        return soft
    return 2 * MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard
