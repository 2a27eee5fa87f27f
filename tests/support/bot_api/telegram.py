"""Telegram's own side: the state that people, the bot's calls and the server share."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

from bot_api.errors import bad_request, forbidden
from bot_api.model import Chat, Message, Upload, User
from bot_api.types import JSON


@dataclass(slots=True)
class Query:
    """A callback or inline query waiting for its answer."""

    created: float
    answer: JSON | None = None


@dataclass(slots=True)
class Pending:
    """An update to hand out; a repeated one is handed out once more, confirmed or not."""

    update: JSON
    repeated: bool = False


@dataclass(slots=True)
class Webhook:
    """Where updates go instead of waiting for getUpdates, and the last trouble there."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_date: int = 0


class Telegram:
    """The state of a small Telegram; the caller holds the lock `changed`."""

    def __init__(self, me: JSON, query_lifetime: float) -> None:
        """Know one bot, `me` as getMe shows it."""
        self.me, self.query_lifetime = me, query_lifetime
        self.changed = threading.Condition(threading.RLock())
        self.closed = False
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.started: set[int] = set()
        self.blocked: set[int] = set()
        self.left: set[int] = set()
        self.threads: dict[int, set[int]] = {}
        self.members: dict[int, dict[int, str]] = {}
        self.history: dict[tuple[int, int], JSON] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, Upload] = {}
        self.commands: dict[tuple[str, str], list[JSON]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.updates: list[JSON] = []
        self.pending: list[Pending] = []
        self.allowed: list[str] = []
        self.webhook = Webhook()
        self.poller = 0  # the newest one's number; an older one ends
        self.waiting = 0
        self._counters: Counter[int] = Counter({0: 100})

    @property
    def own_user(self) -> JSON:
        """The bot as a user."""
        return {key: self.me[key] for key in ("id", "is_bot", "first_name", "username")}

    def is_own(self, message: JSON) -> bool:
        """Whether the bot wrote it."""
        return bool(message.get("from", {}).get("id") == self.me["id"])

    # Making things

    def new_message(self, chat: Chat, sender: JSON | None, content: JSON, date: int | None = None) -> JSON:
        """Put a message into a chat. Private chats share one counter, every other chat has its own."""
        counter = 0 if chat.type == "private" else chat.id
        self._counters[counter] += 1
        message = {
            "message_id": self._counters[counter],
            **({"from": sender} if sender else {}),
            "chat": chat.json,
            "date": int(time.time()) if date is None else date,
            **content,
        }
        self.history[chat.id, message["message_id"]] = message
        return message

    def new_query(self, kind: str, content: JSON) -> str:
        """Ask the bot something that it has to answer in time; return the query's id."""
        identifier = self.unique("4382")
        self.queries[identifier] = Query(time.monotonic())
        self.enqueue(kind, {"id": identifier, **content})
        return identifier

    def store_file(self, upload: Upload) -> JSON:
        """Keep a file and describe it as the Bot API does."""
        identifier = self.unique("FILE")
        self.files[identifier] = upload
        description = {"file_id": identifier, "file_unique_id": f"U{identifier}", "file_name": upload.filename}
        return {**description, "file_size": len(upload.content), "mime_type": "application/octet-stream"}

    def enqueue(self, kind: str, content: JSON) -> JSON:
        """Make an update; it is not handed out when the bot did not ask for its kind."""
        self._counters[-1] += 1
        update = {"update_id": 900_000 + self._counters[-1], kind: content}
        self.updates.append(update)
        if not self.allowed or kind in self.allowed:
            self.pending.append(Pending(update))
        self.changed.notify_all()
        return update

    def unique(self, prefix: str) -> str:
        """A fresh identifier."""
        self._counters[-2] += 1
        return f"{prefix}{self._counters[-2]}"

    # Finding things

    def standing(self, message: Message) -> Message | None:
        """The message as it stands now, None once it is deleted."""
        raw = self.history.get((message.chat_id, message.id))
        return None if raw is None else Message(raw)

    def chat(self, parameters: JSON) -> Chat:
        """The chat that a call names."""
        chat_id = parameters.get("chat_id", "")
        if chat_id == "":
            raise bad_request("Chat_id is empty")
        named = (chat for chat in self.chats.values() if chat.username and chat_id == f"@{chat.username}")
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else next(named, None)
        if chat is None:
            raise bad_request("Chat not found")
        return chat

    def writable_chat(self, parameters: JSON) -> Chat:
        """The chat that a call names, if the bot may write there."""
        chat = self.chat(parameters)
        if chat.id in self.blocked:
            raise forbidden("bot was blocked by the user")
        if chat.type == "private" and chat.id not in self.started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.id in self.left:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        return chat

    def place(self, chat: Chat, parameters: JSON) -> JSON:
        """The topic and the message answered, as fields of the new message."""
        content: JSON = {}
        if thread := parameters.get("message_thread_id"):
            if thread not in self.threads.get(chat.id, ()):
                raise bad_request("Message thread not found")
            content |= {"message_thread_id": thread, "is_topic_message": True}
        if reply := parameters.get("reply_parameters"):
            if "message_id" not in reply:
                raise bad_request('Can\'t find field "message_id"')
            answered = self.history.get((reply.get("chat_id", chat.id), reply["message_id"]))
            if answered:
                content["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
            elif not reply.get("allow_sending_without_reply"):
                raise bad_request("Message to be replied not found")
        return content


def chat_member(user: JSON, status: str) -> JSON:
    """A ChatMember of that status, with the fields a client library insists on."""
    rights = (
        "be_edited manage_chat delete_messages manage_video_chats restrict_members promote_members change_info "
        "invite_users post_stories edit_stories delete_stories"
    )
    extras: dict[str, JSON] = {
        "administrator": {"is_anonymous": False, **{f"can_{right}": True for right in rights.split()}},
        "creator": {"is_anonymous": False},
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": user, **extras.get(status, {})}
