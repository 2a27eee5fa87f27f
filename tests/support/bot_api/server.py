"""The server: its life, and the way of a request from HTTP to a method and back."""

from __future__ import annotations

import json
import re
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self
from urllib.parse import unquote

from bot_api.chaos import Fault, Trouble
from bot_api.errors import ApiError, Dropped
from bot_api.http import Handler, HttpServer, Reply, error_reply
from bot_api.methods import METHODS
from bot_api.methods.updates import get_updates
from bot_api.model import Call
from bot_api.observations import Observations
from bot_api.people import People
from bot_api.requests import read_parameters
from bot_api.telegram import Telegram
from bot_api.types import JSON
from bot_api.webhook import deliver


class BotApiServer(People, Observations, Trouble):
    """The Bot API on 127.0.0.1, in threads of this process; a context manager.

    Every method may be called from any thread. `sent` holds the bot's calls in order, except getUpdates calls that
    went well (`polls` counts all of them).
    """

    def __init__(
        self, token: str = "123456:test-token", username: str = "wenbao_bot", *, query_lifetime: float = 30.0
    ) -> None:
        """Accept one bot; callback and inline queries must be answered within `query_lifetime` seconds."""
        flags = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True}
        self.token, self.username, self.id = token, username, int(token.partition(":")[0])
        me = {"id": self.id, "is_bot": True, "first_name": "Wenbao 问报", "username": username, **flags}
        telegram = Telegram(me, query_lifetime)
        for part in (People, Observations, Trouble):
            part.__init__(self, telegram)
        self._crashes: list[str] = []
        self._http = HttpServer(self._answer)
        self._threads = (
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="bot-api"),
            threading.Thread(target=deliver, args=(telegram, self.deliveries), name="bot-api-webhook"),
        )

    def __enter__(self) -> Self:
        """Start serving."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        """Stop, end every connection and thread; an error inside the server itself is raised here."""
        with self._telegram.changed:
            self._telegram.closed = True
            self._telegram.changed.notify_all()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join()
        if self._crashes and kind is None:
            raise AssertionError("the Bot API server failed:\n" + "\n".join(self._crashes))

    @property
    def base_url(self) -> str:
        """For python-telegram-bot's `base_url`: the token is appended."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/bot"

    @property
    def base_file_url(self) -> str:
        """For python-telegram-bot's `base_file_url`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/file/bot"

    def _answer(self, handler: Handler, body: bytes) -> Reply:
        path, _, query = handler.path.partition("?")
        try:
            if match := re.fullmatch(r"/file/bot([^/]+)/documents/(\w+)", path):
                return self._download(unquote(match[1]), match[2])
            match = re.fullmatch(r"/bot([^/]+)/(\w+)", path)
            if match is None or not re.fullmatch(r"\d+:[\w-]+", unquote(match[1])):
                return error_reply(404, "Not Found")
            if unquote(match[1]) != self.token:
                return error_reply(401, "Unauthorized")
            return self._call(match[2], (handler.headers.get("Content-Type", ""), query, body), handler.is_alive)
        except Dropped:
            raise
        except Exception:
            self._crashes.append(traceback.format_exc())
            return error_reply(500, "Internal Server Error")

    def _download(self, token: str, identifier: str) -> Reply:
        upload = self._telegram.files.get(identifier) if token == self.token else None
        return Reply(200, upload.content, "application/octet-stream") if upload else error_reply(404, "Not Found")

    def _call(self, name: str, request: tuple[str, str, bytes], is_alive: Callable[[], bool]) -> Reply:
        method = next((known for known in METHODS if known.lower() == name.lower()), None)
        if method is None:
            return error_reply(404, "Not Found")
        with self._telegram.changed:
            fault = self._next_fault(method)
            if fault.delay:
                self._telegram.changed.wait_for(lambda: self._telegram.closed, fault.delay)
            if fault.replaces_answer and not fault.after:
                call, reply = _refused(method, request, fault), None
            else:
                call, reply = self._performed(method, request, is_alive)
            self._record(replace(call, fault=fault.name or None, time=time.time()))
        return fault.reply() if reply is None or fault.replaces_answer else reply

    def _performed(
        self, method: str, request: tuple[str, str, bytes], is_alive: Callable[[], bool]
    ) -> tuple[Call, Reply]:
        parameters: JSON = {}
        try:
            parameters = read_parameters(*request)
            if method == "getUpdates":
                result: Any = get_updates(self._telegram, parameters, is_alive)
            else:
                result = METHODS[method](self._telegram, parameters)
        except ApiError as error:
            call = Call(method, parameters, status=error.status, error=error.description)
            return call, error_reply(error.status, error.description)
        return Call(method, parameters, result), Reply(200, json.dumps({"ok": True, "result": result}).encode())

    def _record(self, call: Call) -> None:
        self.polls += call.method == "getUpdates"
        if call.method != "getUpdates" or call.error or call.fault:
            self._sent.append(call)
        self._telegram.changed.notify_all()


def _refused(method: str, request: tuple[str, str, bytes], fault: Fault) -> Call:
    try:
        parameters = read_parameters(*request)
    except ApiError:
        parameters = {}
    return Call(method, parameters, status=fault.status or 0, error=fault.name)
