"""The port that is served, and the address that others use."""

from __future__ import annotations

import errno
import socket

from bot.doctor.finding import Asked, Examined, Finding

ALIVE = {"status": "ok"}
"""What a Wenbao says at /healthz."""
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def port(examined: Examined) -> Finding:
    """Check that the configured address is free, or that Wenbao is what listens there."""
    server, name = examined.settings.server, "port"
    shown = f"{server.host}:{server.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(examined, shown)
        says = f"cannot listen on {shown} ({error.strerror})"
        return Finding(name, "problem", says, "set server.host and server.port")
    return Finding(name, "ok", f"{shown} is free" if server.port else "any free one (server.port is 0)")


def _taken(examined: Examined, shown: str) -> Finding:
    server = examined.settings.server
    host = EVERYWHERE.get(server.host, server.host)
    at = f"http://{f'[{host}]' if ':' in host else host}:{server.port}"
    if is_wenbao(examined.ask(f"{at}/healthz", trust_env=False)):
        return Finding("port", "ok", f"a Wenbao is serving on {shown}")
    says = f"{shown} is taken by another program, or by a Wenbao that does not answer"
    return Finding("port", "problem", says, "end what uses it, or set server.port")


def public_url(examined: Examined) -> Finding:
    """Check that Wenbao is what answers at the address that others use."""
    name, url = "public_url", examined.settings.server.public_url
    if url is None:
        return Finding(name, "skipped", "server.public_url is not set: Telegram shows no links to pages")
    asked = examined.public_page
    if is_wenbao(asked):
        return Finding(name, "ok", f"Wenbao answers at {url}")
    if asked.response is None:
        says = f"{url} cannot be reached from here ({asked.trouble})"
        return Finding(name, "warning", says, "start `wenbao serve`; look at DNS, the certificate and the firewall")
    says = f"what answers at {url} is not Wenbao ({asked.response.status_code})"
    return Finding(name, "warning", says, "start `wenbao serve`; look at the proxy before it and at server.public_url")


def is_wenbao(asked: Asked) -> bool:
    """Whether what was asked at /healthz is a Wenbao."""
    try:
        return bool(asked.response is not None and asked.response.json() == ALIVE)
    except ValueError:
        return False
