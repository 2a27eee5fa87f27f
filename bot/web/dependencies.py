"""What routes are handed by the application."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from bot.service.service import Service


async def service_of(request: Request) -> Service:  # async, because FastAPI calls any other in a thread
    """Return the application's Service."""
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(service_of)]
