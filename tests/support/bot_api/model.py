"""What tests handle: people, chats, messages, files, and the bot's calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot_api.text import FormattedText, utf16_slice
from bot_api.types import JSON


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who talks to the bot."""

    id: int
    first_name: str
    language_code: str | None = "zh-hans"
    username: str | None = None

    @property
    def json(self) -> JSON:
        """The user as the Bot API shows it."""
        optional = {"username": self.username, "language_code": self.language_code}
        known = {key: value for key, value in optional.items() if value}
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, **known}


@dataclass(frozen=True, slots=True)
class Chat:
    """A private chat, a supergroup (perhaps with topics) or a channel."""

    id: int
    type: str
    title: str
    username: str | None = None
    is_forum: bool = False

    @property
    def json(self) -> JSON:
        """The chat as the Bot API shows it."""
        name = "first_name" if self.type == "private" else "title"
        optional = {"username": self.username, "is_forum": self.is_forum}
        return {"id": self.id, "type": self.type, name: self.title, **{k: v for k, v in optional.items() if v}}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in a chat; `raw` is what the Bot API shows."""

    raw: JSON

    @property
    def id(self) -> int:
        """`message_id`, unique within its chat only (supergroups count for themselves)."""
        return int(self.raw["message_id"])

    @property
    def chat_id(self) -> int:
        """Where it stands."""
        return int(self.raw["chat"]["id"])

    @property
    def text(self) -> str:
        """Plain text (or caption), markup parsed away."""
        return str(self.raw.get("text", self.raw.get("caption", "")))

    @property
    def entities(self) -> tuple[JSON, ...]:
        """The entities, ordered; offsets in UTF-16 code units."""
        entities: list[JSON] = self.raw.get("entities") or self.raw.get("caption_entities") or []
        return tuple(entities)

    @property
    def shown(self) -> FormattedText:
        """What people see of it: text and entities."""
        return FormattedText(self.text, self.entities)

    @property
    def keyboard(self) -> tuple[tuple[JSON, ...], ...]:
        """The rows of the inline keyboard."""
        return tuple(tuple(row) for row in self.raw.get("reply_markup", {}).get("inline_keyboard", ()))

    @property
    def buttons(self) -> tuple[str, ...]:
        """The texts on all buttons."""
        return tuple(button["text"] for row in self.keyboard for button in row)

    @property
    def reply_to(self) -> int | None:
        """The `message_id` it answers."""
        answered: int | None = self.raw.get("reply_to_message", {}).get("message_id")
        return answered

    @property
    def thread(self) -> int | None:
        """The forum topic."""
        return self.raw.get("message_thread_id")

    @property
    def edited(self) -> bool:
        """Whether its text or keyboard was changed."""
        return "edit_date" in self.raw

    def marked(self, kind: str) -> tuple[str, ...]:
        """The parts of the text under entities of one kind, such as "bold" or "text_link"."""
        found = (entity for entity in self.entities if entity["type"] == kind)
        return tuple(utf16_slice(self.text, entity["offset"], entity["length"]) for entity in found)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file the bot sent."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot: the result, or status and error; `fault` names the trouble played on it."""

    method: str
    parameters: JSON
    result: Any = None
    status: int = 200
    error: str | None = None
    fault: str | None = None
    time: float = 0.0

    def __str__(self) -> str:
        """One short line for assertion messages."""
        outcome = f"{self.status} {self.error}" if self.error else "ok"
        trouble = f" [{self.fault}]" if self.fault else ""
        return f"{self.method}({str(self.parameters)[:300]}) -> {outcome}{trouble}"
