"""What runs beside the service in its event loop, such as a face: started, and kept running."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.service.upkeep.supervisor import Supervisor
from retrieval.errors import WenbaoError

OPENING = "opening the index"


class Background(Protocol):
    """What runs beside the service; a WenbaoError says what a user must mend, and is not tried again.

    The server's status calls it ``work``.
    """

    work: str

    async def start(self) -> None:
        """Start once the service answers."""

    async def run(self) -> None:
        """Go on until cancelled, or until there is nothing left to do."""

    async def stop(self) -> None:
        """Stop and finish what is in hand, also if it was never started."""


async def keep_running(supervisor: Supervisor, one: Background) -> None:
    """Start it, for as long as that takes, and let it run; what fails is tried again, but a WenbaoError is raised."""
    for step in (one.start, one.run):
        refused: list[WenbaoError] = []

        async def attempt(step: Callable[[], Awaitable[None]] = step, refused: list[WenbaoError] = refused) -> None:
            try:
                await step()
            except WenbaoError as error:
                refused.append(error)

        await supervisor.until_done(one.work, attempt)
        if refused:
            raise refused[0]
