"""All checks in their order, and how they are run: one that fails itself says so, and the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.doctor import answering, clock, disk, files, kernel, network, telegram, tokens
from bot.doctor.finding import Check, Examined, Finding

CHECKS: tuple[Check, ...] = (
    files.configuration,
    files.corpus,
    files.private_files,
    disk.index_disk,
    disk.cache_disk,
    disk.open_files,
    answering.database,
    answering.index,
    answering.databases,
    answering.encoder,
    tokens.admin_token,
    tokens.bot_token,
    telegram.bot,
    telegram.webhook,
    clock.clock,
    network.port,
    network.public_url,
    kernel.sandbox,
)


def examine(examined: Examined, checks: Sequence[Check] = CHECKS) -> Iterator[Finding]:
    """Yield what each check finds, as soon as it is found."""
    for check in checks:
        try:
            yield check(examined)
        except Exception as error:  # a doctor who faints is of no use to anybody
            name, said = check.__name__.replace("_", " "), " ".join(str(error).split())
            yield Finding(name, "problem", f"could not be checked ({type(error).__name__}: {said})", "report this")
