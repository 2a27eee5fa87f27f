"""What routes are handed by the application, and who may change reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from bot.access.caller import Caller
from bot.service.service import Service
from bot.service.shelf import Shelf


async def service_of(request: Request) -> Service:  # async, because FastAPI calls any other in a thread
    """Return the application's Service."""
    service: Service = request.app.state.service
    return service


async def caller_of(request: Request) -> Caller:
    """Return who sends the request, as the door told it."""
    caller: Caller = request.state.caller
    return caller


async def shelf_of(request: Request) -> Shelf:
    """Return the reports that the caller may see; NotReady before the index is open."""
    service, caller = await service_of(request), await caller_of(request)
    return service.shelf(caller.documents)


ServiceDependency = Annotated[Service, Depends(service_of)]
CallerDependency = Annotated[Caller, Depends(caller_of)]
ShelfDependency = Annotated[Shelf, Depends(shelf_of)]
