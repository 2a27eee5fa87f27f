"""HTTP: keys, for administrators."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from bot.access.keys import Keys
from bot.web.dependencies import CallerDependency, ServiceDependency
from bot.web.problems import ASK_ERRORS, CHANGED_ERRORS, ERRORS
from bot.web.shapes.keys import KeyList, KeyMade, KeyModel, KeyRequest

keys = APIRouter(tags=["admin"])
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
    made = _keys_of(request).add
    key, token = await asyncio.to_thread(made, wanted.name, wanted.scope, wanted.documents, wanted.expires)
    await asyncio.to_thread(service.audit.record, "web", caller.key_name or "", "keys.add", "done", [key.name])
    return {**key.as_json(), "key": token}


@keys.delete("/keys/{name}", response_model=KeyModel, responses=ERRORS)
async def revoke_key(
    name: Name, request: Request, service: ServiceDependency, caller: CallerDependency
) -> dict[str, Any]:
    """Take a key back; whoever has it is refused at once."""
    ring = _keys_of(request)
    found = next((key for key in await asyncio.to_thread(ring.all) if key.name == name), None)
    await asyncio.to_thread(ring.revoke, name)
    await asyncio.to_thread(service.audit.record, "web", caller.key_name or "", "keys.revoke", "done", [name])
    return found.as_json() if found else {}
