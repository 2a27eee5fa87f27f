"""One request at the interface between server and application, piece by piece."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field


@dataclass
class Exchange:
    """A request in pieces, and what came of it; a client that has no more pieces says nothing, or goes away."""

    pieces: list[bytes]
    headers: dict[str, str] = field(default_factory=dict)
    ends: bool = True
    goes_away: bool = False
    path: str = "/"
    taken: int = 0
    sent: list[dict] = field(default_factory=list)

    def run(self, app) -> Exchange:
        scope = {
            "type": "http",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "http_version": "1.1",
            "scheme": "http",
            "headers": [(name.encode(), value.encode()) for name, value in self.headers.items()],
        }
        asyncio.run(app(scope, self._receive, self._send))
        return self

    async def _receive(self) -> dict:
        if self.taken < len(self.pieces):
            self.taken += 1
            more = self.taken < len(self.pieces) or not self.ends
            return {"type": "http.request", "body": self.pieces[self.taken - 1], "more_body": more}
        if not self.goes_away:
            await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def _send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def connection(self) -> str | None:
        return dict(self.sent[0]["headers"]).get(b"connection", b"").decode() or None

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])

    @property
    def detail(self) -> str:
        return json.loads(self.body)["detail"]
