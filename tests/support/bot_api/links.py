"""Which links Telegram takes, and how it keeps them."""

from __future__ import annotations

import re


def checked_link(url: str) -> str:
    """Return the URL as Telegram stores it; ValueError says why it refuses the link."""
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", url)
    scheme = match[1].lower() if match else "http"
    if scheme in ("tg", "ton", "tonsite"):
        return url
    if scheme not in ("http", "https"):
        raise ValueError("Unsupported URL protocol")
    rest = url[match.end() :] if match else url
    address = re.split("[/?#]", rest, maxsplit=1)[0]
    host = re.sub(r":\d*$", "", address.rpartition("@")[2])
    if not host:
        raise ValueError("URL host is empty")
    if "." not in host and not host.startswith("["):
        raise ValueError("Wrong HTTP URL")
    path = rest[len(address) :]
    return f"{scheme}://{address.lower()}{path if path.startswith('/') else '/' + path}"
