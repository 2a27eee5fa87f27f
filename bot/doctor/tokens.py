"""The secrets in the environment."""

from __future__ import annotations

import re

from bot.doctor.finding import Examined, Finding

LEAST_CHARACTERS = 16
TELEGRAM_CHARACTERS = 35
"""What follows the colon in a bot's token."""


def admin_token(examined: Examined) -> Finding:
    """Check that the admin token can be sent in a header and is not easily guessed."""
    name, token = "WENBAO_ADMIN_TOKEN", examined.environment.get("WENBAO_ADMIN_TOKEN", "").strip()
    if not token:
        return Finding(name, "skipped", "not set: nobody can change reports over HTTP")
    remedy = "set it to what `openssl rand -hex 32` prints"
    if not re.fullmatch(r"[!-~]+", token):
        return Finding(name, "problem", "it has characters that a header cannot carry, or spaces", remedy)
    if len(token) < LEAST_CHARACTERS:
        says = f"it has {len(token)} characters, fewer than {LEAST_CHARACTERS}: it can be guessed"
        return Finding(name, "problem", says, remedy)
    return Finding(name, "ok", f"set, {len(token)} characters")


def bot_token(examined: Examined) -> Finding:
    """Check that the bot's token looks like one."""
    name, token = "TELEGRAM_BOT_TOKEN", examined.bot_token
    if not token:
        return Finding(name, "skipped", "not set: there is no Telegram bot")
    remedy = "copy it again from @BotFather (/mybots)"
    match = re.fullmatch(r"\d+:([A-Za-z0-9_-]+)", token, re.ASCII)
    if match is None:
        return Finding(name, "problem", "it is no bot token: digits, a colon, then letters, digits, - and _", remedy)
    if len(match[1]) < TELEGRAM_CHARACTERS:
        return Finding(name, "warning", "it is shorter than Telegram's tokens are", remedy)
    return Finding(name, "ok", "set, and looks like a bot token")
