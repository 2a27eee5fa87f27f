"""HTTP on loopback: one thread per connection, all of which end with the server."""

from __future__ import annotations

import http.client
import json
import select
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from bot_api.errors import Dropped
from bot_api.types import JSON


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response."""

    status: int
    body: bytes
    content_type: str = "application/json"


def error_reply(status: int, description: str, retry_after: int | None = None) -> Reply:
    """The JSON Telegram answers when a call fails."""
    body: JSON = {"ok": False, "error_code": status, "description": description}
    if retry_after is not None:
        body["parameters"] = {"retry_after": retry_after}
    return Reply(status, json.dumps(body).encode())


def reason(status: int) -> str:
    """The words that go with a status."""
    return http.client.responses.get(status, "Error")


class HttpServer(socketserver.ThreadingTCPServer):
    """One thread per connection; `server_close` ends and joins them all."""

    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, answer: Callable[[Handler, bytes], Reply]) -> None:
        """Listen on a free port; `answer` makes the reply to a request and its body."""
        self.answer = answer
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Remember who is connected."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ended."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End every connection and thread."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """The bot went away in the middle; nothing to tell (errors of our own are kept by `BotApiServer`)."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request and writes the reply, or nothing when it is to be dropped."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def do_POST(self) -> None:
        """Answer any request."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            reply = self.server.answer(self, body)
        except Dropped:
            self.close_connection = True
            return
        head = (
            f"HTTP/1.1 {reply.status} {reason(reply.status)}\r\nServer: nginx/1.18.0\r\n"
            f"Date: {self.date_time_string()}\r\n"
            f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        )
        self.wfile.write(head.encode() + reply.body)

    do_GET = do_POST

    def is_alive(self) -> bool:
        """Whether the other side still listens for the answer."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""
