"""Start the real ``wenbao`` as a Telegram bot against a ``BotApiServer``, with the model or with the stub encoder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot_api import BotApiServer
from processes import PLAIN, SEEDS, WENBAO

STUB = (sys.executable, str(Path(__file__).with_name("stub_wenbao.py")))
PUBLIC_URL = "https://ask.example.org"
EXAMPLES = {
    "zh": ["温海波站了几个小时？", "孙蕴华接听了多少个电话?"],
    "en": ["Which company in Zhuzhou donated masks?"],
}
COMMAND_LISTS = 6
"""Two scopes in three languages; they are the last thing that the bot sets when it starts."""


@dataclass(frozen=True)
class RunningBot:
    """A bot process; its standard error is in a file."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    @property
    def complaints(self) -> list[str]:
        """The lines of the log that are more than information."""
        return [line for line in self.log.splitlines() if " INFO " not in line and not line.endswith(" …")]

    def end(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def write_telegram_config(
    folder: Path, server: BotApiServer, corpus: Path = SEEDS, /, **sections: dict[str, Any]
) -> Path:
    """Write a configuration that talks to ``server``; ``sections`` are added to it (JSON is YAML)."""
    path = folder / "config.yaml"
    values: dict[str, dict[str, Any]] = {
        "corpus": {"paths": [str(corpus)]},
        "index": {"path": str(folder / "index")},
        "server": {"port": 0, "public_url": PUBLIC_URL},
        "web": {"examples": EXAMPLES},
        "telegram": {"api_base_url": server.base_url},
    }
    for section, keys in sections.items():
        values[section] = {**values.get(section, {}), **keys}
    path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    return path


def bot_environment(token: str) -> dict[str, str]:
    return {**os.environ, **PLAIN, "TELEGRAM_BOT_TOKEN": token}


@contextmanager
def running_bot(
    server: BotApiServer,
    folder: Path,
    config: Path,
    *,
    command: str = "telegram",
    with_model: bool = False,
    is_up: bool = True,
) -> Iterator[RunningBot]:
    """Start a bot and, unless ``is_up`` is false, wait until it listens; end it with SIGTERM."""
    known = len(server.calls("setMyCommands"))
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [*((WENBAO,) if with_model else STUB), command, "--config", config],
            env=bot_environment(server.token),
            stdout=log,
            stderr=log,
        )
    bot = RunningBot(process, folder)

    def listens() -> bool:
        assert process.poll() is None, f"the bot ended:\n{bot.log}"
        return len(server.calls("setMyCommands")) >= known + COMMAND_LISTS

    try:
        if is_up:
            server.wait_for(listens, 180, "the bot to listen")
        yield bot
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
