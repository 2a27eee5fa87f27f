"""The address that Telegram posts updates to, on the same HTTP server as everything else."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, HTTPException, Request

from bot.telegram.application import WEBHOOK_PATH, TelegramBot

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def webhook_router(bot: TelegramBot) -> APIRouter:
    """Return the webhook's route; only who knows the secret is listened to."""
    router = APIRouter()

    @router.post(WEBHOOK_PATH, include_in_schema=False)
    async def webhook(request: Request) -> dict[str, str]:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), bot.webhook_secret.encode()):
            raise HTTPException(403, f"the header {SECRET_HEADER} does not hold the bot's secret")
        if not bot.application.running:
            raise HTTPException(503, "the bot is starting or stopping: send the update again", {"Retry-After": "2"})
        await bot.receive(await _update_in(request))
        return {"status": "ok"}

    return router


async def _update_in(request: Request) -> dict[str, Any]:
    try:
        update = await request.json()
    except ValueError as error:
        raise HTTPException(400, "the body is no JSON") from error
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise HTTPException(400, "the body is no update")
    return update
