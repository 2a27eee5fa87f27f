"""Whether Telegram knows the bot, and whom it sends the bot's messages to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.doctor.finding import Asked, Examined, Finding

REFUSED = (401, 404)
RECENT_SECONDS = 3600
MANY_WAITING = 100


def bot(examined: Examined) -> Finding:
    """Check that Telegram can be reached and knows the token."""
    name = "Telegram"
    if not examined.bot_token:
        return Finding(name, "skipped", "there is no TELEGRAM_BOT_TOKEN")
    asked = examined.me
    if asked.response is None:
        return _out_of_reach(examined, asked.trouble)
    if asked.response.status_code in REFUSED:
        says = f"Telegram refuses the token ({asked.response.status_code})"
        return Finding(name, "problem", says, "copy TELEGRAM_BOT_TOKEN again from @BotFather (/mybots)")
    me = result_of(asked)
    if me is None:
        return _out_of_reach(examined, f"what answers is not the Bot API ({asked.response.status_code})")
    return Finding(name, "ok", f"answers, and knows the bot as @{me.get('username')}")


def _out_of_reach(examined: Examined, why: str) -> Finding:
    telegram = examined.settings.telegram
    by = f" through the proxy {urlsplit(telegram.proxy).hostname}" if telegram.proxy else ""
    says = f"{urlsplit(telegram.api_base_url).netloc} cannot be asked{by} ({why})"
    return Finding("Telegram", "problem", says, "look at the network, telegram.proxy and telegram.api_base_url")


def webhook(examined: Examined) -> Finding:
    """Check that Telegram sends the bot's messages to this program and to no other."""
    name = "webhook"
    if not examined.bot_token or examined.me.response is None or result_of(examined.me) is None:
        return Finding(name, "skipped", "Telegram was not asked")
    asked = examined.ask_telegram("getWebhookInfo")
    info = result_of(asked)
    if info is None:
        return Finding(name, "warning", f"Telegram does not say ({asked.trouble or 'an error'})", "try again")
    host = urlsplit(str(info.get("url") or "")).netloc  # the path may be a secret
    waiting = int(info.get("pending_update_count") or 0)
    if examined.settings.telegram.mode == "polling":
        return _of_polling(host, waiting)
    return _of_webhook(examined, info, host, waiting)


def _of_polling(host: str, waiting: int) -> Finding:
    if host:
        says = f"telegram.mode is polling, but Telegram sends this bot's messages to {host}"
        remedy = "end what set that: Wenbao takes the webhook away when it starts, and the two would fight over it"
        return Finding("webhook", "warning", says, remedy)
    if waiting > MANY_WAITING:
        says = f"{waiting:,} messages wait to be fetched"
        return Finding("webhook", "warning", says, "start `wenbao serve`, or look why it does not fetch them")
    return Finding("webhook", "ok", f"none is set, as polling needs it; {waiting:,} messages wait")


def _of_webhook(examined: Examined, info: dict[str, Any], host: str, waiting: int) -> Finding:
    name, wanted = "webhook", urlsplit(examined.settings.server.public_url or "").netloc
    if not wanted:
        return Finding(name, "problem", "telegram.mode is webhook without server.public_url", "set server.public_url")
    if host != wanted:
        says = f"Telegram sends messages to {host or 'nobody'}, not to {wanted}"
        return Finding(name, "warning", says, "start `wenbao serve`: it sets the webhook; end what else sets one")
    if examined.clock() - float(info.get("last_error_date") or 0) < RECENT_SECONDS:
        says = f"Telegram could not deliver to {host}: {info.get('last_error_message')}; {waiting:,} messages wait"
        return Finding(name, "problem", says, "look at the certificate, the proxy before Wenbao, and its log")
    return Finding(name, "ok", f"set to {host}; {waiting:,} messages wait")


def result_of(asked: Asked) -> dict[str, Any] | None:
    """Return the result of a call of the Bot API; None where it is no such answer."""
    try:
        answer = asked.response.json() if asked.response is not None else None
    except ValueError:
        return None
    result = answer.get("result") if isinstance(answer, dict) and answer.get("ok") is True else None
    return result if isinstance(result, dict) else None
