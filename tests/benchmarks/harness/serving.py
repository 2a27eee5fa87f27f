"""``wenbao serve`` as users start it, and a client that costs it as little as can be."""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.scale import ROOT

READY_SECONDS = 600.0
POLL_SECONDS = 0.01
ANSWER_SECONDS = 60.0
"""After which a question counts as one without an answer."""
COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "serve", "--config"]
"""What the console script does, of this very tree."""


@dataclass(frozen=True, slots=True)
class Server:
    """A serving process, ready ``seconds`` after it was started."""

    host: str
    port: int
    pid: int
    seconds: float


def write_config(folder: Path, corpus: Path, index: Path) -> Path:
    """Write a configuration for a corpus and an index; everything else is as shipped, but nothing is watched."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f"corpus: {{paths: ['{corpus}'], watch: false}}\nindex: {{path: '{index}'}}\nserver: {{port: 0}}\n"
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return folder / "config.yaml"


@contextmanager
def serving(config: Path, tree: Path = ROOT) -> Iterator[Server]:
    """Start ``wenbao serve`` of a tree, yield it once it is ready, end it with SIGTERM."""
    started = time.perf_counter()
    environment = {key: value for key, value in os.environ.items() if key not in ("TELEGRAM_BOT_TOKEN", "PYTHONPATH")}
    process = subprocess.Popen(
        [*COMMAND, str(config)],
        env=environment,
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        assert process.stdout
        address = re.search(r"http://([\d.]+):(\d+)", process.stdout.readline())
        if not address:
            raise RuntimeError(f"wenbao serve --config {config} printed no address")
        host, port = address[1], int(address[2])
        while not _ready(host, port):
            if process.poll() is not None or time.perf_counter() - started > READY_SECONDS:
                raise RuntimeError(f"wenbao serve --config {config} did not become ready")
            time.sleep(POLL_SECONDS)
        yield Server(host, port, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question of a client came to: milliseconds, and whether an answer came."""

    milliseconds: float
    sound: bool


def ask_all(server: Server, questions: Iterable[str], clients: int = 1, seconds: float = math.inf) -> list[Asked]:
    """Let ``clients`` ask, each on a connection of its own, until the questions or the seconds have run out."""
    return asyncio.run(_ask_all(server, iter(questions), clients, time.perf_counter() + seconds))


async def _ask_all(server: Server, questions: Iterator[str], clients: int, until: float) -> list[Asked]:
    found: list[Asked] = []
    await asyncio.gather(*(_client(server, questions, until, found) for _ in range(clients)))
    return found


async def _client(server: Server, questions: Iterator[str], until: float, found: list[Asked]) -> None:
    reader = writer = None
    for question in questions:
        if time.perf_counter() >= until:
            break
        body = json.dumps({"question": question}).encode()
        started = time.perf_counter()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if reader is None or writer is None:
                    reader, writer = await asyncio.open_connection(server.host, server.port)
                writer.write(_head(server, len(body)) + body)
                sound = await _answered(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            sound, reader, writer = False, None, None
        found.append(Asked((time.perf_counter() - started) * 1000, sound))
    if writer is not None:
        writer.close()


def _head(server: Server, length: int) -> bytes:
    return (
        f"POST /ask HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Read one response; whether it is an answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = re.search(rb"content-length: (\d+)", head)
    if length is None:
        raise ValueError("a response without a length")
    body = await reader.readexactly(int(length[1]))
    return b" 200 " in head.split(b"\r\n", 1)[0] and b'"request_id"' in body and b'"status"' in body
