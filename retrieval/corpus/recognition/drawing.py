"""Pages of files drawn for people, in a worker like everything that opens them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from retrieval.corpus.sandbox import Limits, Sandbox

LIMITS = Limits(seconds=30, memory=2 * 2**30)
TASKS = "retrieval.corpus.recognition.worker:DRAWING"


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as the bytes of a picture file, and its media type."""

    data: bytes
    media_type: str


def draw_page(suffix: str, data: bytes, number: int) -> DrawnPage:
    """Draw page ``number`` (from 1) of a file; ReportUnreadable says why it cannot be drawn."""
    with Sandbox(LIMITS, TASKS) as sandbox:
        drawn = sandbox.run("draw", data, suffix, number)
    return DrawnPage(base64.b64decode(drawn["picture"]), drawn["media_type"])
