"""A recognition that sees a sentence on every page, whatever it shows, and does with pages what the file tells it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from retrieval.corpus.recognition.recogniser import Recogniser
from retrieval.corpus.recognition.seen import SeenLine, SeenPage, page_json
from retrieval.corpus.sandbox import Limits, Sandbox
from retrieval.errors import ReportUnreadable
from retrieval.types import Progress, no_progress


def line(text: str, top: float, left: float = 0.1, confidence: float = 0.99, size: float = 0.03) -> SeenLine:
    """Return a level line whose characters are ``size`` wide, as shares of the page's width; 0.02 of it is high."""
    right, bottom = left + size * len(text), top + 0.02
    return SeenLine(text, confidence, (left, top, right, top, right, bottom, left, bottom))


def text_of(number: int) -> str:
    """Return what is recognised on a page: on none what is on the others, or it would be a running header."""
    who, what = "医生护士邻居学生老师工人农民"[2 * (number % 7) :][:2], "送菜看病上课修路种树"[2 * (number % 5) :][:2]
    return f"社区里的{who}在{what}，一直忙到天明。"


def told(data: bytes, what: str, number: int) -> bool:
    return f"% {what} {number}\n".encode() in data


def recognise(data: bytes, suffix: str, number: int) -> dict[str, Any]:
    if told(data, "refuse", number):
        raise ReportUnreadable("the page cannot be drawn: damaged")
    if told(data, "sleep", number):
        time.sleep(3600)
    return page_json(SeenPage(1.4, (line(text_of(number), 0.2),)))


TASKS = {"recognise": recognise}


class CountingSandbox(Sandbox):
    """A sandbox of the stub that writes down which pages it was asked for."""

    def __init__(self, seconds: float = 60) -> None:
        super().__init__(Limits(seconds=seconds), "stub_ocr:TASKS")
        self.asked: list[int] = []

    def run(self, task: str, data: bytes, *arguments: Any) -> Any:
        self.asked.append(arguments[1])
        return super().run(task, data, *arguments)


def stub_recogniser(folder: Path, sandbox: Sandbox | None = None, progress: Progress = no_progress) -> Recogniser:
    """Return a recogniser that keeps its pages below ``folder`` and recognises nothing."""
    return Recogniser(folder, "stub 1", sandbox or CountingSandbox(), progress)
