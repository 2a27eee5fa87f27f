"""One connection to the server, by PyMySQL, set so that the defaults of a server change nothing."""

from __future__ import annotations

import selectors
import socket
import ssl

from pymysql import err
from pymysql.connections import Connection
from pymysql.constants import CLIENT, SERVER_STATUS
from pymysql.protocol import MysqlPacket

from retrieval.index.oceanbase.failures import failure_of, unreachable
from retrieval.index.oceanbase.url import Address

GRACE_SECONDS = 2.0
"""The server gives up on a statement itself; only where it does not even say so is the connection given up."""
SILENT_SECONDS = 120
"""After so long without a statement the server undoes a transaction: the machine it came from may be gone for good."""
SETTINGS = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY', time_zone = '+00:00', "
    "tx_isolation = 'READ-COMMITTED', autocommit = 1, "
    "ob_query_timeout = {query}, ob_trx_idle_timeout = {idle}"
)
"""OceanBase's own variables come last: the error of a server that does not know them then names one of these."""
HEADER = 4


class Link(Connection):
    """A connection that counts the bytes it receives, and knows whether the server has left it."""

    received = 0
    server_status: int

    def __init__(self, address: Address, password: str | None, seconds: float) -> None:
        super().__init__(
            user=address.user,
            password=(password or "").encode(),
            host=address.host,
            database=address.database,
            charset="utf8mb4",
            collation="utf8mb4_bin",
            client_flag=CLIENT.MULTI_STATEMENTS,
            autocommit=True,
            init_command=SETTINGS.format(query=round(seconds * 1e6), idle=SILENT_SECONDS * 10**6),
            read_timeout=seconds + GRACE_SECONDS,
            write_timeout=seconds + GRACE_SECONDS,
            ssl=_context(address),
            ssl_disabled=address.tls == "off",
            defer_connect=True,
        )
        wire = _wire(address, seconds)
        self._descriptor = wire.fileno()
        self.connect(wire)

    def _read_packet(self, packet_type: type[MysqlPacket] = MysqlPacket) -> MysqlPacket:
        packet: MysqlPacket = super()._read_packet(packet_type)  # type: ignore[no-untyped-call]
        self.received += HEADER + len(packet.get_all_data())  # type: ignore[no-untyped-call]
        return packet

    def left(self) -> bool:
        """Whether the server has closed the connection, as far as can be known without asking it."""
        if not self.open:
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._descriptor, selectors.EVENT_READ)
            return bool(selector.select(0))  # nothing was asked, so what can be read is the end

    def in_transaction(self) -> bool:
        """Whether something is neither committed nor rolled back, by what the server said last."""
        return bool(self.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)


def connect(address: Address, password: str | None, seconds: float) -> Link:
    """Return a new connection; StoreUnreachable or StoreUnusable where there is none to be had in so many seconds."""
    try:
        return Link(address, password, seconds)
    except err.Error as error:
        raise failure_of(error, address) from error
    except OSError as error:
        raise unreachable(error, address) from error


def _wire(address: Address, seconds: float) -> socket.socket:
    if not address.unix_socket:
        wire = socket.create_connection((address.host, address.port), seconds)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return wire
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        wire.settimeout(seconds)
        wire.connect(address.unix_socket)
    except BaseException:
        wire.close()
        raise
    return wire


def _context(address: Address) -> ssl.SSLContext | None:
    if address.tls == "off":
        return None
    context = ssl.create_default_context()
    if address.tls == "required":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
