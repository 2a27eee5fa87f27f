"""Start the real ``wenbao`` as a subprocess, as a user does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from places import SEEDS

WENBAO = Path(sys.executable).with_name("wenbao")
PLAIN = {"COLUMNS": "80", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HF_HUB_OFFLINE": "1"}


def write_config(folder: Path, corpus: Path = SEEDS, port: int = 0) -> Path:
    """Write a configuration for ``corpus`` with its index in ``folder``."""
    path = folder / "config.yaml"
    examples = "web: {examples: {zh: [温海波站了几个小时？]}}\n"
    text = f"corpus: {{paths: ['{corpus}']}}\nserver: {{port: {port}}}\n{examples}"
    path.write_text(text, encoding="utf-8")
    return path


def run(
    *arguments: str | Path, command: Sequence[str | Path] = (WENBAO,), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``wenbao``, or what stands in for it, to its end; its output is text."""
    return subprocess.run(
        [*command, *arguments],
        env={**os.environ, **PLAIN, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@contextmanager
def serving(
    config: Path, command: Sequence[str | Path] = (WENBAO,), *, wait: bool = True, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start ``wenbao serve``, or what stands in for it, and yield its address; end it with SIGTERM.

    Unless it need not ``wait``, it is ready then.
    """
    process = subprocess.Popen(
        [*command, "serve", "--config", config],
        env={**os.environ, **PLAIN, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        assert process.stdout
        address = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert address, "serve printed no address"
        if wait:
            _wait_until_ready(address[0], process)
        yield address[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _wait_until_ready(address: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert process.poll() is None, "serve ended"
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("serve was not ready in time")
