"""What routes are handed by the application, and who may change reports."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.exceptions import HTTPException

from bot.service.service import Service
from bot.settings import admin_token


async def service_of(request: Request) -> Service:  # async, because FastAPI calls any other in a thread
    """Return the application's Service."""
    service: Service = request.app.state.service
    return service


ServiceDependency = Annotated[Service, Depends(service_of)]


def check_admin(authorization: str | None) -> None:
    """Let the header Authorization with the admin token pass.

    Raises HTTPException 403 where no token is configured, 401 for a missing or wrong one.
    """
    token = admin_token()
    if token is None:
        raise HTTPException(403, "reports cannot be changed over HTTP here: set WENBAO_ADMIN_TOKEN and restart")
    scheme, given = get_authorization_scheme_param(authorization)
    is_token = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    if scheme.lower() != "bearer" or not is_token:
        raise HTTPException(401, "send Authorization: Bearer and the admin token", {"WWW-Authenticate": "Bearer"})
