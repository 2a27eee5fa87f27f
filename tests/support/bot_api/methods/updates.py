"""How the bot gets updates: long polls, or a webhook instead."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from bot_api.errors import ApiError, Dropped, bad_request
from bot_api.telegram import Telegram, Webhook
from bot_api.types import JSON

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


def get_updates(telegram: Telegram, parameters: JSON, is_alive: Callable[[], bool] = lambda: True) -> list[JSON]:
    """Long poll: `offset` confirms what came before; a newer poller (or a webhook) ends an older one with 409."""
    if telegram.webhook.url:
        raise ApiError(409, WEBHOOK_CONFLICT)
    _use(telegram, parameters)
    _confirm(telegram, parameters.get("offset", 0))
    telegram.poller += 1
    telegram.changed.notify_all()
    telegram.waiting += 1
    try:
        _wait_for_update(telegram, parameters.get("timeout", 0), is_alive)
    finally:
        telegram.waiting -= 1
    limit = parameters.get("limit", 100)
    return _handed_out(telegram, limit if 1 <= limit <= 100 else 100)


def set_webhook(telegram: Telegram, parameters: JSON) -> bool:
    """Have updates posted to a loopback address; it ends a long poll."""
    url, secret = parameters.get("url", ""), parameters.get("secret_token", "")
    if not url:
        return delete_webhook(telegram, parameters)
    if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        raise bad_request("bad webhook: only loopback addresses are allowed by this test server")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("Secret token contains unallowed characters")
    telegram.webhook = Webhook(url, secret, parameters.get("max_connections") or 40)
    _use(telegram, parameters)
    telegram.poller += 1
    return True


def delete_webhook(telegram: Telegram, parameters: JSON) -> bool:
    """Go back to long polls."""
    telegram.webhook = Webhook()
    _use(telegram, parameters)
    return True


def get_webhook_info(telegram: Telegram, parameters: JSON) -> JSON:
    """Tell how the webhook fares."""
    webhook = telegram.webhook
    info: JSON = {"url": webhook.url, "has_custom_certificate": False}
    info["pending_update_count"] = len(telegram.pending)
    if webhook.url:
        info["max_connections"] = webhook.max_connections
    if webhook.last_error:
        info |= {"last_error_message": webhook.last_error, "last_error_date": webhook.last_error_date}
    return info if not telegram.allowed else {**info, "allowed_updates": telegram.allowed}


def _use(telegram: Telegram, parameters: JSON) -> None:
    if "allowed_updates" in parameters:
        telegram.allowed = parameters["allowed_updates"] or []
    if parameters.get("drop_pending_updates"):
        telegram.pending.clear()


def _confirm(telegram: Telegram, offset: int) -> None:
    if offset > 0:
        telegram.pending = [p for p in telegram.pending if p.repeated or p.update["update_id"] >= offset]
    elif offset < 0:
        telegram.pending = telegram.pending[offset:]


def _wait_for_update(telegram: Telegram, timeout: int, is_alive: Callable[[], bool]) -> None:
    poller = telegram.poller
    deadline = time.monotonic() + min(timeout, 50)
    while not telegram.pending and (left := deadline - time.monotonic()) > 0:
        telegram.changed.wait(min(left, 0.5))
        if telegram.closed or not is_alive():
            raise Dropped
        if poller != telegram.poller:
            raise ApiError(409, "Conflict: terminated by setWebhook request" if telegram.webhook.url else CONFLICT)


def _handed_out(telegram: Telegram, limit: int) -> list[JSON]:
    """Repeated updates first, so that the last one handed out is the newest."""
    ordered = sorted(telegram.pending, key=lambda pending: not pending.repeated)
    given = ordered[:limit]
    telegram.pending = [pending for pending in telegram.pending if not (pending.repeated and pending in given)]
    return [pending.update for pending in given]
