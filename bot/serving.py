"""Run the faces that a server has, over one Service, until it is told to stop."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
from contextlib import suppress
from functools import partial

import uvicorn
from fastapi import FastAPI

from bot.service.memory import settle
from bot.service.opening import Opener, open_snapshot
from bot.service.service import Service
from bot.settings import Settings, admin_token
from bot.state import StateUnusable
from bot.web.app import create_app
from bot.web.limits.amounts import Limits, limits_of, raise_open_files
from bot.web.limits.connections import limited
from retrieval.errors import WenbaoError
from retrieval.types import Progress, no_progress

log = logging.getLogger("wenbao")

SHUTDOWN_SECONDS = 10
"""How long answers in hand may take after SIGTERM."""
BACKLOG = 2048
"""Connections that may wait to be accepted, as many as uvicorn asks for."""


class AddressTaken(WenbaoError):
    """The configured address cannot be listened on."""


def prepare(settings: Settings, opener: Opener, progress: Progress = no_progress) -> None:
    """Build the index if there is none; raises what opening it raises, SnapshotMismatch if other settings made it."""
    open_snapshot(settings, opener.encoder(settings, progress), progress)


def run_bot(settings: Settings, opener: Opener, token: str) -> None:
    """Answer in Telegram alone until SIGINT, SIGTERM or SIGHUP; TokenRefused for a wrong token."""
    from bot.telegram.standalone import run_bot  # slow to import, and most servers have no bot

    raise_open_files()
    run_bot(Service(settings, opener), token)


def run_server(settings: Settings, opener: Opener, token: str | None = None, limits: Limits | None = None) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, also in Telegram if there is a bot token; answers in hand are finished.

    Raises AddressTaken if the port is not free.
    """
    open_files = raise_open_files()
    limits = limits or limits_of(open_files, settings.server.trusted_proxies)
    service = Service(settings, opener)
    app = _application(service, token, limits)
    with suppress(StateUnusable):  # whoever sends a key is told of that
        _warn(settings, has_keys=bool(service.state.keys()))
    listener = listen(settings.server.host, settings.server.port)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host
    print(f"Wenbao 问报: http://{shown}:{port}/", flush=True)  # noqa: T201 - the address to open
    config = uvicorn.Config(
        app,
        http=limited(limits, partial(service.metrics.refused, "web")),
        ws="none",
        forwarded_allow_ips=[str(network) for network in settings.server.trusted_proxies],
        log_level="error",  # its warnings are a line for whatever a stranger sends, which the figures count
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        access_log=False,
        log_config=None,
        proxy_headers=bool(settings.server.trusted_proxies),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it once more when all is finished
    server = uvicorn.Server(config)
    if (
        sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    ):  # nohup ignores it, and wants it to stay so
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run(sockets=[listener])


def _warn(settings: Settings, *, has_keys: bool) -> None:
    """Say in the log that strangers may ask, where they can reach this server, or that nobody may."""
    server = settings.server
    if server.access == "open" and not _is_loopback(server.host):
        detail = "anybody who reaches %s may ask and read everything: set server.access: keys to change that"
        log.warning(detail, server.host)
    if server.access == "keys" and admin_token() is None and not has_keys:
        log.warning(
            "nobody may ask over HTTP yet, because there is no key: make one with `wenbao keys add NAME --scope read`"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class _Settling:
    """Settles the process's memory once the service answers."""

    work = "settling the memory"

    async def start(self) -> None:
        settle()

    async def run(self) -> None:
        """Do nothing more."""

    async def stop(self) -> None:
        """Do nothing."""


def _application(service: Service, token: str | None, limits: Limits) -> FastAPI:
    """Return the application, with the Telegram bot beside it if there is a token."""
    if token is None:
        return create_app(service, [], [_Settling()], limits)
    from bot.telegram.application import TelegramBot  # slow to import, and most servers have no bot
    from bot.telegram.webhook import webhook_router

    bot = TelegramBot(service, token)
    return create_app(service, [webhook_router(bot)] if bot.uses_webhook else [], [_Settling(), bot], limits)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that connections can wait; AddressTaken if the address is not free."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # asyncio switches Nagle's algorithm off only where the protocol is named; with it each answer takes longer
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)  # before the address is shown, so that whoever opens it at once is not refused
    except OSError as error:
        raise AddressTaken(
            f"cannot listen on {host}:{port} ({error.strerror}): set server.host and server.port, or end what uses it"
        ) from error
    return listener
