"""What a check is handed and what it returns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bot.service.opening import Opener
from bot.settings import DEFAULT_CONFIG, Settings
from retrieval.encoder.protocol import Encoder
from retrieval.encoder.sentence_encoder import SentenceEncoder

if TYPE_CHECKING:  # slow to import, and most checks ask nobody
    import httpx

State = Literal["ok", "warning", "problem", "skipped"]
SECONDS = 5.0
"""How long to wait for each of those that are asked over the network."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says in one line; ``remedy`` says what to do, where something is to be done."""

    name: str
    state: State
    says: str
    remedy: str = ""


def told(message: object) -> tuple[str, str]:
    """Return what happened and what mends it, of an error's line: they are parted by a colon outside of brackets."""
    line, depth = str(message), 0
    for at, character in enumerate(line):
        depth += (character == "(") - (character == ")")
        if depth <= 0 and line.startswith(": ", at):
            return line[:at], line[at + 2 :]
    return line, ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody answered over HTTP, and the time here in the middle of asking; or why nobody did."""

    response: httpx.Response | None
    at: float
    trouble: str = ""


@dataclass(frozen=True)
class Examined:
    """The installation that is examined. What several checks ask over the network is asked once."""

    settings: Settings
    opener: Opener = field(default_factory=Opener)
    config: Path = DEFAULT_CONFIG
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    seconds: float = SECONDS
    clock: Callable[[], float] = time.time

    @cached_property
    def encoder(self) -> Encoder:
        """The configured encoder; nothing is loaded yet."""
        return self.opener.encoder(self.settings)

    @cached_property
    def has_ready_encoder(self) -> bool:
        """Whether the encoder can be asked without unpacking, compiling or fetching anything."""
        return not isinstance(self.encoder, SentenceEncoder) or self.encoder.is_ready

    @property
    def bot_token(self) -> str:
        """The Telegram bot's token; "" without one."""
        return self.environment.get("TELEGRAM_BOT_TOKEN", "").strip()

    @cached_property
    def me(self) -> Asked:
        """What Telegram says the bot is."""
        return self.ask_telegram("getMe")

    @cached_property
    def public_page(self) -> Asked:
        """What the address says that others use."""
        return self.ask(f"{(self.settings.server.public_url or '').rstrip('/')}/healthz")

    def ask_telegram(self, method: str) -> Asked:
        """Call a method of the Bot API without parameters."""
        telegram = self.settings.telegram
        return self.ask(f"{telegram.api_base_url}{self.bot_token}/{method}", proxy=telegram.proxy)

    def ask(self, url: str, *, proxy: str | None = None, trust_env: bool = True) -> Asked:
        """Get a URL; what went wrong never names the URL, because it may hold a secret."""
        import httpx

        before = self.clock()
        try:
            with httpx.Client(proxy=proxy, timeout=self.seconds, trust_env=trust_env) as client:
                response = client.get(url)
            return Asked(response, (before + self.clock()) / 2)
        except httpx.TimeoutException:
            return Asked(None, before, f"no answer within {self.seconds:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
            cause = error.__cause__ or error
            says = str(cause).replace(self.bot_token, "…") if self.bot_token else str(cause)
            return Asked(None, before, f"{type(error).__name__}: {' '.join(says.split())}"[:200])


Check = Callable[[Examined], Finding]
