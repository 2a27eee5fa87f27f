"""End to end: a server that is asked for long, and whose clients break off, needs no more memory than at first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from limited_server import connect
from processes import serving, write_config
from telegram_process import STUB

FIRST, QUESTIONS, BODIES = 400, 1400, 70


def memory(pid: int) -> int:
    """Return the kilobytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def broken_off(port: int) -> None:
    head = b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 250000\r\n\r\n"
    with connect(port) as connection:
        connection.sendall(head + b'{"question": "' + b"x" * 200_000)


def test_memory_after_many_questions_and_broken_off_bodies_is_that_after_the_first_questions(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "one.txt").write_text(
        "通告\n\n温海波站了十八个小时。", encoding="utf-8"
    )  # answers take least
    with (
        serving(write_config(tmp_path, tmp_path / "reports"), STUB) as (address, process),
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
        ThreadPoolExecutor(4) as crowd,
    ):

        def ask(number: int) -> int:
            return client.post("/ask", json={"question": f"第{number}问: 温海波站了几个小时?"}).status_code

        assert set(crowd.map(ask, range(FIRST))) == {200}
        first = memory(process.pid)
        for _ in range(BODIES):
            broken_off(int(address.rpartition(":")[2]))
        assert set(crowd.map(ask, range(FIRST, QUESTIONS))) == {200}
        assert memory(process.pid) < 1.2 * first
