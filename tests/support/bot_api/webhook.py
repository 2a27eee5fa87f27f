"""Posting updates to the bot's webhook, one by one, each until it is accepted."""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

from bot_api.telegram import Telegram, Webhook
from bot_api.types import JSON


def deliver(telegram: Telegram, deliveries: list[tuple[int, int]]) -> None:
    """Post pending updates until Telegram is closed, noting (update_id, HTTP status) of each attempt."""
    while True:
        with telegram.changed:
            telegram.changed.wait_for(lambda: telegram.closed or (telegram.webhook.url and telegram.pending))
            if telegram.closed:
                return
            webhook, pending = telegram.webhook, telegram.pending[0]
        error = _post(webhook, pending.update, deliveries)
        with telegram.changed:
            if error is None:
                telegram.pending = [other for other in telegram.pending if other is not pending]
                telegram.changed.notify_all()
            else:
                webhook.last_error, webhook.last_error_date = error, int(time.time())
                telegram.changed.wait_for(lambda: telegram.closed, 0.2)


def _post(webhook: Webhook, update: JSON, deliveries: list[tuple[int, int]]) -> str | None:
    """Return why the webhook did not accept the update, None when it did."""
    address = urlsplit(webhook.url)
    secret = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=10)
    try:
        target = address.path + (f"?{address.query}" if address.query else "")
        headers = {"Content-Type": "application/json", **secret}
        connection.request("POST", target or "/", json.dumps(update).encode(), headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return f"Connection failed: {error}"
    finally:
        connection.close()
    deliveries.append((update["update_id"], response.status))
    if 200 <= response.status < 300:
        return None
    return f"Wrong response from the webhook: {response.status} {response.reason}"
