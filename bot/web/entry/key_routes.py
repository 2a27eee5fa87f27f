"""HTTP: keys, for administrators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import Field

from bot.access.caller import Caller
from bot.access.keys import Keys
from bot.service.service import Service
from bot.web.dependencies import CallerDependency, ServiceDependency
from bot.web.problems import ASK_ERRORS, CHANGED_ERRORS, ERRORS
from bot.web.shapes.keys import KeyList, KeyMade, KeyModel, KeyRequest

keys = APIRouter(tags=["admin"])
Made = TypeVar("Made")
Name = Annotated[str, Field(max_length=64)]


def _keys_of(request: Request) -> Keys:
    found: Keys = request.app.state.recognition.keys
    return found


@keys.get("/keys", response_model=KeyList)
async def list_keys(request: Request) -> dict[str, Any]:
    """List the keys; their secrets are kept nowhere."""
    return {"keys": [key.as_json() for key in await asyncio.to_thread(_keys_of(request).all)]}


@keys.post("/keys", status_code=201, response_model=KeyMade, responses=ASK_ERRORS | {409: CHANGED_ERRORS[409]})
async def make_key(
    wanted: KeyRequest, request: Request, service: ServiceDependency, caller: CallerDependency
) -> dict[str, Any]:
    """Make a key. The answer is the only place where its secret ever stands."""
    made = partial(_keys_of(request).add, wanted.name, wanted.scope, wanted.documents, wanted.expires)
    key, token = await _audited(service, caller, "keys.add", wanted.name, made)
    return {**key.as_json(), "key": token}


@keys.delete("/keys/{name}", response_model=KeyModel, responses=ERRORS)
async def revoke_key(
    name: Name, request: Request, service: ServiceDependency, caller: CallerDependency
) -> dict[str, Any]:
    """Take a key back; whoever has it is refused at once."""
    taken = await _audited(service, caller, "keys.revoke", name, partial(_keys_of(request).revoke, name))
    return taken.as_json()


async def _audited(service: Service, caller: Caller, what: str, name: str, work: Callable[[], Made]) -> Made:
    """Do what changes keys, and write down what came of it."""

    def noted() -> Made:
        with service.audit.noting("web", caller.key_name or caller.client, what, [name]):
            return work()

    return await asyncio.to_thread(noted)
