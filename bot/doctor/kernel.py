"""What this system has to hold back a reader that a hostile file has taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.doctor.finding import Examined, Finding
from retrieval.corpus import RIGHTS, Sandbox
from retrieval.errors import ReportUnreadable


def kept_rights() -> Mapping[str, str]:
    """Start a process that reads reports, and return which rights it could not give up, with the reason."""
    with Sandbox() as worker:
        return worker.kept_rights()


def sandbox(examined: Examined, kept_rights: Callable[[], Mapping[str, str]] = kept_rights) -> Finding:
    """Say which rights the process keeps that reads reports."""
    name = "sandbox"
    try:
        kept = kept_rights()
    except ReportUnreadable as error:
        return Finding(name, "problem", str(error), "free some memory, or mend the installation: no report can be read")
    if not kept:
        return Finding(name, "ok", "files are read by a process that can open, connect and start nothing")
    says = "; ".join(f"{RIGHTS[right]} ({reason})" for right, reason in kept.items())
    remedy = "use Linux from 5.13 on with Landlock and seccomp, or run Wenbao in a container or under systemd"
    return Finding(name, "warning", f"the process that reads files keeps the right {says}", remedy)
