"""A real server with an application and limits of the test's own, in a thread, and bare sockets to talk to it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from bot.web.limits.amounts import Limits
from bot.web.limits.connections import limited

PATIENCE = 20


@contextmanager
def limited_server(app: ASGIApp, limits: Limits, keep_alive: int = 5) -> Iterator[int]:
    """Serve ``app`` on the loopback interface under ``limits``; yield the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    config = uvicorn.Config(
        app,
        http=limited(limits),
        ws="none",
        lifespan="off",
        log_level="critical",
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


def connect(port: int, source: str = "127.0.0.1", timeout: float = PATIENCE) -> socket.socket:
    """Return a connection to a port of the loopback interface, from one of its many addresses."""
    return socket.create_connection(("127.0.0.1", port), timeout, (source, 0))


def everything(connection: socket.socket) -> bytes:
    """Return all that comes until the other side ends the connection."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def exactly(connection: socket.socket, count: int) -> bytes:
    """Return so many bytes; ConnectionResetError if the other side ends the connection first."""
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionResetError(f"it ended after {received!r}")
        received += piece
    return received


def answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Read one answer: status, headers with small names, body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(connection, 1)  # because another answer may follow
    first, *lines = head.decode().rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = exactly(connection, int(headers["content-length"]))
    return int(first.split()[1]), headers, body


def is_ended(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side ends the connection within so many seconds."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def seconds_until_ended(connection: socket.socket) -> float:
    """Wait until the other side ends the connection, and return how long that took."""
    started = time.monotonic()
    everything(connection)
    return time.monotonic() - started
