"""Who sends a request: what they may do, which reports they may see, and whose turn it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from bot.reply import Asker
from bot.state import ApiKey, Scope

SCOPES: tuple[Scope, ...] = get_args(Scope)
ADMIN = "admin"
"""The name of whoever has the token of WENBAO_ADMIN_TOKEN; no key may have it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody behind a request.

    ``client`` is whose turn it is and whose vote: "key:" and the name of a key, or an address. ``scope`` is None for
    somebody who may do nothing. ``documents`` is a pattern of the ids of the reports that they may see, None for all.
    """

    client: str
    scope: Scope | None
    documents: str | None = None

    @classmethod
    def with_key(cls, key: ApiKey) -> Caller:
        """Return who holds a key."""
        return cls(f"key:{key.name}", key.scope, key.documents)

    @property
    def key_name(self) -> str | None:
        """The name of the caller's key; None for an address."""
        return _key_name(self.client)

    @property
    def asker(self) -> Asker:
        """Who asks, as the service knows them."""
        return Asker("web", self.client, self.documents)

    def asked(self, asker: Asker) -> bool:
        """Whether the caller is an asker: who has the same key; without keys anybody, because addresses change."""
        return asker.sees == self.documents and _key_name(asker.user or "") == self.key_name

    def may(self, scope: Scope) -> bool:
        """Whether the caller may do what takes this scope."""
        return self.scope is not None and SCOPES.index(self.scope) >= SCOPES.index(scope)


def _key_name(client: str) -> str | None:
    kind, _, name = client.partition(":")
    return name if kind == "key" else None
