"""Row 10: a server left in the open: memory, a polite client beside a flood, kill -9, and what all that costs."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path

from benchmarks.harness.contest import estimate, thinned
from benchmarks.harness.machine import memory_megabytes, versions
from benchmarks.harness.rows import Contestant, Measured, Row, at_least, at_most, row_of
from benchmarks.harness.scale import ROOT, SEEDS, Bench
from benchmarks.harness.serving import Server, ask_all, serving, write_config

BEFORE = "e455911"
"""The last commit before the server was made to be left in the open."""
FULL = {"first": 2000, "questions": 20_000, "bodies": 1000, "kills": 100, "interleaved": 2000}
QUICK = {"first": 100, "questions": 300, "bodies": 20, "kills": 2, "interleaved": 40}
FLOOD, POLITE = 80, 29
WORDS = ("温海波站了几个小时", "孙蕴华接听了多少个电话", "支部筹得多少善款", "株洲的哪家公司捐了口罩", "张贝是谁")


def measure(bench: Bench) -> Measured:
    """Measure one thing after the other, each of a server of its own on the seed reports."""
    sizes = QUICK if bench.quick else FULL
    asked = questions()
    rows = [
        _latency(bench, asked, sizes["interleaved"]),
        _memory(bench, asked, sizes),
        _polite(bench, asked),
        _kills(bench, asked, sizes["kills"]),
    ]
    return Measured(tuple(sorted(rows, key=lambda row: row.number)), versions=versions())


def questions() -> Iterator[str]:
    """Yield questions without end, no text twice, so that none is answered from memory."""
    for number in count(1):
        yield f"{WORDS[number % len(WORDS)]}（{number}）？"


# 10a


def _memory(bench: Bench, asked: Iterator[str], sizes: dict[str, int]) -> Row:
    config = write_config(bench.work / "open memory", SEEDS, bench.work / "open memory" / "index")
    with serving(config) as server:
        wrong = sum(not one.sound for one in ask_all(server, islice(asked, sizes["first"]), clients=4))
        first = memory_megabytes(server.pid)
        for _ in range(sizes["bodies"]):
            _abort_a_body(server)
        rest = sizes["questions"] - sizes["first"]
        wrong += sum(not one.sound for one in ask_all(server, islice(asked, rest), clients=4))
        last = memory_megabytes(server.pid)
    what = f"resident memory after {sizes['questions']:,} questions and {sizes['bodies']:,} aborted bodies"
    details = {"MB at first": round(first, 1), "MB at last": round(last, 1), "questions without an answer": wrong}
    what += f", to that after {sizes['first']:,}"
    return Row("10a", "left in the open", what, "×", last / first, at_most(1.2), details=details)


def _abort_a_body(server: Server) -> None:
    head = (
        f"POST /ask HTTP/1.1\r\nHost: {server.host}\r\nContent-Type: application/json\r\nContent-Length: 250000\r\n\r\n"
    )
    with socket.create_connection((server.host, server.port), timeout=30) as connection, suppress(OSError):
        connection.sendall(head.encode() + b'{"question": "' + b"x" * 200_000)


# 10b


def _polite(bench: Bench, asked: Iterator[str]) -> Row:
    config = write_config(bench.work / "open flood", SEEDS, bench.work / "open flood" / "index")
    with serving(config) as server:
        answered, longest = asyncio.run(_beside_a_flood(server, asked))
    details = {"longest wait, s": round(longest, 2)}
    what = f"questions of a polite client answered, of {POLITE}, beside one with {FLOOD} in flight"
    return Row("10b", "left in the open", what, "", float(answered), at_least(POLITE), details=details)


async def _beside_a_flood(server: Server, asked: Iterator[str]) -> tuple[int, float]:
    async def client() -> None:
        while True:
            if await _status(server, next(asked), "127.0.0.1") != 200:
                await asyncio.sleep(0.1)

    flood = [asyncio.create_task(client()) for _ in range(FLOOD)]
    await asyncio.sleep(2)
    answered, longest = 0, 0.0
    for _ in range(POLITE):
        started = time.perf_counter()
        answered += await _status(server, next(asked), "127.0.0.2") == 200
        longest = max(longest, time.perf_counter() - started)
    for one in flood:
        one.cancel()
    await asyncio.gather(*flood, return_exceptions=True)
    return answered, longest


async def _status(server: Server, question: str, source: str) -> int:
    reader, writer = await asyncio.open_connection(server.host, server.port, local_addr=(source, 0))
    try:
        body = json.dumps({"question": question}).encode()
        head = f"POST /ask HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()


# 10c


def _kills(bench: Bench, asked: Iterator[str], times: int) -> Row:
    """Kill a server that is indexing, at any moment, and count what the next one does not find or answer."""
    folder = bench.work / "open kills"
    shutil.copytree(SEEDS, folder / "reports")
    config = write_config(folder, folder / "reports", folder / "index")
    config.write_text(config.read_text("utf-8").replace("watch: false", "scan_seconds: 0.2"), "utf-8")
    chance, wrong = random.Random(7), 0
    for number in range(times):
        with serving(config) as server:
            wrong += sum(not one.sound for one in ask_all(server, islice(asked, 3)))
            text = f"第{number}号通报\n\n{number}名志愿者参加了社区服务。"
            (folder / "reports" / f"r{number}.txt").write_text(text, "utf-8")
            time.sleep(chance.uniform(0, 1.5))
            subprocess.run(["kill", "-9", str(server.pid)], check=True)
    with serving(config) as server:
        missing = {f"r{number}" for number in range(times)}
        until = time.monotonic() + 30
        while missing and time.monotonic() < until:
            missing -= _listed(server)
            time.sleep(0.1)
    details = {"questions without an answer": wrong, "reports not found": len(missing)}
    what = f"{times} times kill -9 while serving and indexing: questions without an answer and reports not found"
    return Row("10c", "left in the open", what, "", float(wrong + len(missing)), at_most(0), details=details)


def _listed(server: Server) -> set[str]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    connection.request("GET", "/documents")
    found = json.loads(connection.getresponse().read())["documents"]
    connection.close()
    return {document["document_id"] for document in found}


# 10d


def _latency(bench: Bench, asked: Iterator[str], times: int) -> Row:
    what = f"POST /ask, one client: milliseconds more than at {BEFORE}"
    with suppress(subprocess.CalledProcessError), _tree(bench.work / BEFORE) as tree:
        now, before = [], []
        folders = [bench.work / "open now", bench.work / "open before"]
        configs = [write_config(folder, SEEDS, folder / "index") for folder in folders]
        with serving(configs[0]) as ours, serving(configs[1], tree) as theirs:
            sides = [(_Asking(ours), now), (_Asking(theirs), before)]
            for number in range(times + 20):
                question = next(asked)
                for side, taken in sides if number % 2 else sides[::-1]:
                    taken.append(side.milliseconds(question))
        now, before = now[20:], before[20:]  # the first ones warm both
        found = estimate([mine - other for mine, other in zip(now, before, strict=True)])
        sides_of_row = Contestant("now", "ms", tuple(thinned(now))), Contestant(BEFORE, "ms", tuple(thinned(before)))
        details = {"questions": times, "difference of medians, ms": estimate(now).value - estimate(before).value}
        given = {"contestants": sides_of_row, "details": details}
        return row_of("10d", "left in the open", what, "ms", found, at_most(0.5), **given)
    return Row("10d", "left in the open", what, "ms", None, at_most(0.5), note=f"there is no commit {BEFORE} here")


@contextmanager
def _tree(folder: Path) -> Iterator[Path]:
    """Yield the program as it was at ``BEFORE``."""
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(folder), BEFORE], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True, capture_output=True)


class _Asking:
    """A connection that is kept, and how long each answer over it took."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self._connection.connect()
        assert self._connection.sock
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def milliseconds(self, question: str) -> float:
        body = json.dumps({"question": question}).encode()
        started = time.perf_counter()
        self._connection.request("POST", "/ask", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"POST /ask: {response.status}")
        return (time.perf_counter() - started) * 1000
