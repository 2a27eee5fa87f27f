"""Shapes of keys over HTTP."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from bot.state import Scope


class KeyRequest(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "press", "scope": "read", "documents": "public/*"}]}
    )

    name: str = Field(
        min_length=1, max_length=64, pattern=r"^[\w.-]+$", description="letters, digits, '.', '-' and '_'"
    )
    scope: Scope = Field(description="ask: questions and votes; read: reports too; admin: everything")
    documents: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="pattern of the ids of reports to be seen, such as news/*",
    )
    expires: str | None = Field(
        default=None, pattern=r"^[1-9]\d{0,4}[hdw]$", description="after how long it ends: 12h, 90d, 4w"
    )


class KeyModel(BaseModel):
    """A key, without its secret."""

    name: str
    scope: Scope
    documents: str | None
    created: dt.datetime
    expires: dt.datetime | None


class KeyMade(KeyModel):
    """A key that was just made, with what its holder sends: `Authorization: Bearer`."""

    key: str


class KeyList(BaseModel):
    """All keys."""

    keys: list[KeyModel]
