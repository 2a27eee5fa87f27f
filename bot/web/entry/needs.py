"""What a request takes: nothing, or a scope."""

from __future__ import annotations

from bot.state import Scope

SIGN_IN = "/sign-in"
OPEN = ("/healthz", "/readyz", SIGN_IN, "/sign-out")
OPEN_FOLDERS = ("/static/", "/static-offline-docs/", "/telegram/")
"""What lies below has nothing to hide, or a secret of its own (Telegram's webhook)."""
ASKING = ("/", "/ask", "/feedback")
PAGES = ("/", "/docs", SIGN_IN)
READING_METHODS = ("GET", "HEAD")


def is_open(path: str) -> bool:
    """Whether everybody may send this, whatever ``server.access`` says."""
    return path in OPEN or path.startswith(OPEN_FOLDERS)


def needed(method: str, path: str) -> Scope:
    """Return the scope that a request takes, if it is not open."""
    if path in ("/keys", "/index") or path.startswith("/keys/"):
        return "admin"
    if method not in READING_METHODS and (path == "/documents" or path.startswith("/documents/")):
        return "admin"
    return "ask" if path in ASKING else "read"


def is_upload(method: str, path: str) -> bool:
    """Whether a request carries files of reports."""
    return method == "POST" and path == "/documents"


def is_page(method: str, path: str) -> bool:
    """Whether a request is for a page that a browser shows, to which a link may lead from anywhere."""
    return method in READING_METHODS and (path in PAGES or path.startswith("/documents/") and path.endswith("/view"))
