"""Who is connected: over a limit, whoever has waited longest without a complete request has to go."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol

from bot.web.limits.amounts import Limits

IPV6_NETWORK_BITS = 64
"""What one subscriber is given, who may use every address in it."""


class Connection(Protocol):
    """A connection that can be ended."""

    def drop(self) -> None:
        """End it at once, with whatever is still to be written."""


@dataclass(slots=True)
class _Neighbours:
    """Connections from one address: how many, and those without a complete head, the oldest first."""

    is_trusted: bool
    count: int = 0
    waiting: dict[Connection, None] = field(default_factory=dict)


class Crowd:
    """All connections of one server.

    A connection waits from when it is made, or its last answer is complete, until the head of a request is complete.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all: dict[Connection, str] = {}
        self._waiting: dict[Connection, None] = {}  # a dict, because it keeps the order and lets go of any in one step
        self._addresses: dict[str, _Neighbours] = {}

    def __len__(self) -> int:
        return len(self._all)

    def enter(self, connection: Connection, host: str) -> None:
        """Take a new connection in, and drop the oldest that waits if it is one too many; that may be itself."""
        address = address_of(host)
        neighbours = self._addresses.get(address)
        if neighbours is None:
            neighbours = self._addresses[address] = _Neighbours(self._is_trusted(host))
        self._all[connection] = address
        neighbours.count += 1
        self.wait(connection)
        if neighbours.count > self._limits.per_address and not neighbours.is_trusted:
            self._drop(next(iter(neighbours.waiting)))
        elif len(self._all) > self._limits.connections:
            self._drop(next(iter(self._waiting)))

    def wait(self, connection: Connection) -> None:
        """Note that a connection waits for the head of a request, as the last of those that do."""
        address = self._all.get(connection)
        if address is not None:
            self._waiting[connection] = None
            self._addresses[address].waiting[connection] = None

    def ask(self, connection: Connection) -> None:
        """Note that the head of a connection's request is complete, so that it cannot be dropped."""
        if self._waiting.pop(connection, self) is None:
            del self._addresses[self._all[connection]].waiting[connection]

    def leave(self, connection: Connection) -> None:
        """Forget a connection; nothing happens if it is forgotten already."""
        address = self._all.pop(connection, None)
        if address is None:
            return
        neighbours = self._addresses[address]
        neighbours.count -= 1
        neighbours.waiting.pop(connection, None)
        self._waiting.pop(connection, None)
        if not neighbours.count:
            del self._addresses[address]

    def _drop(self, connection: Connection) -> None:
        self.leave(connection)
        connection.drop()

    def _is_trusted(self, host: str) -> bool:
        if not self._limits.trusted or not host:
            return False
        address = _plain(host)
        return any(address in network for network in self._limits.trusted)


def address_of(host: str) -> str:
    """Return what counts as one address: an IPv4 address, or the network of an IPv6 address."""
    if ":" not in host:
        return host
    address = _plain(host)
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(IPv6Address(int(address) >> IPV6_NETWORK_BITS << IPV6_NETWORK_BITS))


def _plain(host: str) -> IPv4Address | IPv6Address:
    """Return an address without the zone of an interface; an IPv4 address that is written as an IPv6 one is itself."""
    address = ip_address(host.partition("%")[0])
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
