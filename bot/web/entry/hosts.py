"""Under which names this server may be called, and from whose pages.

A page elsewhere can make a browser send requests here, and a name that is rebound to this machine's address makes them
look like this server's own. Only a name can be rebound, so any address is taken.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from bot.settings import ServerSettings

DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\[[^\[\]@]+\]|[^\[\]:@]+)(:[0-9]*)?")


class Hosts:
    """The names and origins of a server, as its settings say them."""

    def __init__(self, settings: ServerSettings) -> None:
        public = urlsplit(settings.public_url or "")
        names = [settings.host, public.hostname, *settings.allowed_hosts]
        self._names = {name.lower().strip("[]").rstrip(".") for name in names if name}
        self._public = _origin(public)
        self._allowed = {_origin(urlsplit(origin)) for origin in settings.allowed_origins}

    def takes(self, host: str) -> bool:
        """Whether a Host header names this server."""
        name = _split(f"//{host}")
        if name is None or not name.hostname or name.netloc != host or not _HOST.fullmatch(host):
            return False
        bare = name.hostname.rstrip(".")
        return _is_address(bare) or _is_localhost(bare) or bare in self._names

    def allows(self, origin: str) -> bool:
        """Whether another site's pages may use this server."""
        found = _split(origin)
        return found is not None and bool(found.hostname) and _origin(found) in self._allowed

    def is_own(self, origin: str, host: str) -> bool:
        """Whether an Origin header names this server, which was called as ``host``."""
        found, called = _split(origin), _split(f"//{host}")
        if found is None or called is None or not found.hostname:
            return False
        if _origin(found) == self._public:
            return True
        port = None if called.port == DEFAULT_PORTS.get(found.scheme) else called.port
        return (found.hostname, _origin(found)[2]) == (called.hostname, port)

    def is_foreign(self, origins: Sequence[str], site: str, host: str) -> bool:
        """Whether a request was made by a page that is neither this server's nor allowed.

        ``origins`` are its Origin headers, ``site`` is what Sec-Fetch-Site says.
        """
        if any(map(self.allows, origins)) and len(origins) == 1:
            return False
        return site == "cross-site" or not all(self.is_own(origin, host) for origin in origins)


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address; None where its port or brackets are no such thing."""
    try:
        found = urlsplit(address)
        _ = found.port
    except ValueError:
        return None
    return found


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port; the port that a scheme has by itself is None."""
    port = None if address.port == DEFAULT_PORTS.get(address.scheme) else address.port
    return address.scheme, address.hostname, port


def as_browsers_write(origin: str) -> str:
    """Return an origin as browsers send it: in lower case, without the port that its scheme has by itself."""
    scheme, name, port = _origin(urlsplit(origin))
    name = f"[{name}]" if name and ":" in name else name
    return f"{scheme}://{name}" if port is None else f"{scheme}://{name}:{port}"


def is_loopback(host: str) -> bool:
    """Whether an address, or a Host header, is one of this machine that no other reaches."""
    found = _split(f"//[{host}]" if host.count(":") > 1 and "[" not in host else f"//{host}")
    name = (found.hostname or "").rstrip(".") if found else ""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _is_localhost(name)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
