"""What people do: write, press, type inline queries, block the bot; each makes an update the bot will get."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from bot_api.model import Chat, Message, Upload, User
from bot_api.telegram import Pending, Telegram, chat_member
from bot_api.text import found_entities
from bot_api.types import JSON

_FILE = {"file_id": "X", "file_unique_id": "Y"}
_STICKER = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular", "emoji": "🙂"}
_POLL_KIND = {"type": "regular", "is_closed": False, "is_anonymous": True}
_POLL = {**_POLL_KIND, "allows_multiple_answers": False, "allows_revoting": True, "members_only": False}
MEDIA: dict[str, JSON] = {
    "photo": {"photo": [{**_FILE, "width": 90, "height": 60}]},
    "sticker": {"sticker": {**_FILE, **_STICKER}},
    "voice": {"voice": {**_FILE, "duration": 3}},
    "video": {"video": {**_FILE, "width": 90, "height": 60, "duration": 3}},
    "location": {"location": {"latitude": 39.9, "longitude": 116.4}},
    "poll": {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, **_POLL}},
}


class People:
    """The part of the server that tests act through."""

    def __init__(self, telegram: Telegram) -> None:
        """Begin with nobody."""
        self._telegram = telegram

    def user(
        self, id: int, first_name: str, language_code: str | None = "zh-hans", username: str | None = None
    ) -> User:
        """Register a user. The bot may write to them once they wrote to it (or `private_chat` was called)."""
        user = User(id, first_name, language_code, username)
        with self._telegram.changed:
            self._telegram.users[id] = user
            self._telegram.chats.setdefault(id, Chat(id, "private", first_name, username))
        return user

    def private_chat(self, user: User) -> Chat:
        """The chat of the bot with a user, open from now on."""
        with self._telegram.changed:
            self._telegram.started.add(user.id)
            return self._telegram.chats[user.id]

    def group(self, id: int, title: str, forum: bool = False, admins: Iterable[User] = ()) -> Chat:
        """Register a supergroup (negative id) in which the bot is a member."""
        roles = {self._telegram.me["id"]: "member", **{user.id: "administrator" for user in admins}}
        return self._add_chat(Chat(id, "supergroup", title, is_forum=forum), roles)

    def channel(self, id: int, title: str, username: str | None = None) -> Chat:
        """Register a channel (negative id) that the bot administers."""
        return self._add_chat(Chat(id, "channel", title, username), {self._telegram.me["id"]: "administrator"})

    def _add_chat(self, chat: Chat, roles: dict[int, str]) -> Chat:
        with self._telegram.changed:
            self._telegram.chats[chat.id] = chat
            self._telegram.members[chat.id] = roles
            return chat

    def say(
        self,
        user: User,
        text: str,
        chat: Chat | None = None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        date: int | None = None,
        entities: list[JSON] | None = None,
        **extra: Any,
    ) -> Message:
        """A user writes a text, in private or into `chat`; commands and mentions get their entities unless given.

        `date` is in Unix seconds; `extra` are further fields of the Bot API's Message (`via_bot`, `forward_origin`, …).
        """
        marks = found_entities(text) if entities is None else entities
        content = {"text": text, **({"entities": marks} if marks else {}), **extra}
        return self.send(user, content, chat, reply_to=reply_to, thread=thread, date=date)

    def send(
        self,
        user: User,
        content: JSON,
        chat: Chat | None = None,
        *,
        reply_to: Message | None = None,
        thread: int | None = None,
        date: int | None = None,
    ) -> Message:
        """A user sends a message with any content, such as `MEDIA["sticker"]`."""
        with self._telegram.changed:
            if chat is None:
                chat = self.private_chat(user)
            if thread is not None:
                self._telegram.threads.setdefault(chat.id, set()).add(thread)
                content = {"message_thread_id": thread, "is_topic_message": True, **content}
            if reply_to is not None:
                current = self._telegram.standing(reply_to) or reply_to
                content = {"reply_to_message": current.raw, **content}
            self._telegram.members.get(chat.id, {}).setdefault(user.id, "member")
            message = self._telegram.new_message(chat, user.json, content, date)
            self._telegram.enqueue("message", message)
            return Message(message)

    def send_document(
        self, user: User, filename: str, content: bytes, chat: Chat | None = None, caption: str | None = None
    ) -> Message:
        """A user sends a file; the bot can fetch it with getFile."""
        with self._telegram.changed:
            document = self._telegram.store_file(Upload(filename, content))
            return self.send(user, {"document": document, **({"caption": caption} if caption else {})}, chat)

    def send_photo(self, user: User, content: bytes, caption: str | None = None) -> Message:
        """A user sends a picture, of which the bot can fetch a small and a large size."""
        with self._telegram.changed:
            sizes = [
                {**self._telegram.store_file(Upload("", data)), "width": width, "height": width}
                for width, data in ((1280, content), (90, b"too small to read"))
            ]
            return self.send(user, {"photo": sizes, **({"caption": caption} if caption else {})})

    def edit(self, message: Message, text: str) -> Message:
        """A user (or channel) edits a text; makes `edited_message` or `edited_channel_post`."""
        marks = found_entities(text)
        old = {key: value for key, value in message.raw.items() if key != "entities"}
        new = {**old, "text": text, "edit_date": int(time.time()), **({"entities": marks} if marks else {})}
        kind = "edited_channel_post" if message.raw["chat"]["type"] == "channel" else "edited_message"
        with self._telegram.changed:
            self._telegram.history[message.chat_id, message.id] = new
            self._telegram.enqueue(kind, new)
        return Message(new)

    def channel_post(self, channel: Chat, text: str) -> Message:
        """A channel publishes a text."""
        with self._telegram.changed:
            post = self._telegram.new_message(channel, None, {"sender_chat": channel.json, "text": text})
            self._telegram.enqueue("channel_post", post)
            return Message(post)

    def forward(self, post: Message, group: Chat, user: User | None = None) -> Message:
        """A channel post appears in a group: forwarded by a user, or by Telegram itself (a linked channel)."""
        channel = post.raw["chat"]
        origin = {"type": "channel", "chat": channel, "message_id": post.id, "date": post.raw["date"]}
        if user is None:
            telegram = User(777000, "Telegram", None)
            automatic = {"sender_chat": channel, "is_automatic_forward": True}
            return self.say(telegram, post.text, group, forward_origin=origin, **automatic)
        return self.say(user, post.text, group, forward_origin=origin)

    def press(self, user: User, message: Message, button: str = "", *, data: str | None = None) -> str:
        """A user presses a button, named by its text, a part of it, or its data; returns the callback query's id.

        `data` sends a query no button offers (any more).
        """
        with self._telegram.changed:
            current = self._telegram.standing(message)
            payload = _button_data(current or message, button) if data is None else data
            gone = {"chat": message.raw["chat"], "message_id": message.id, "date": 0}
            shown = gone if current is None else current.raw
            query: JSON = {"from": user.json, "message": shown, "chat_instance": str(message.chat_id), "data": payload}
            return self._telegram.new_query("callback_query", query)

    def inline(self, user: User, query: str, offset: str = "") -> str:
        """A user types `@bot query` somewhere; returns the inline query's id."""
        content = {"from": user.json, "query": query, "offset": offset, "chat_type": "sender"}
        with self._telegram.changed:
            return self._telegram.new_query("inline_query", content)

    def block(self, user: User) -> None:
        """A user blocks the bot: a `my_chat_member` update, and 403 from now on."""
        with self._telegram.changed:
            self._telegram.blocked.add(user.id)
            self._change_membership(self._telegram.chats[user.id], user, "member", "kicked")

    def unblock(self, user: User) -> None:
        """A user lets the bot in again."""
        with self._telegram.changed:
            self._telegram.blocked.discard(user.id)
            self._change_membership(self._telegram.chats[user.id], user, "kicked", "member")

    def remove_bot(self, chat: Chat, user: User) -> None:
        """A user puts the bot out of a group."""
        with self._telegram.changed:
            self._telegram.left.add(chat.id)
            self._change_membership(chat, user, "member", "left")

    def _change_membership(self, chat: Chat, user: User, old: str, new: str) -> None:
        bot = self._telegram.own_user
        change: JSON = {"chat": chat.json, "from": user.json, "date": int(time.time())}
        change |= {"old_chat_member": chat_member(bot, old), "new_chat_member": chat_member(bot, new)}
        self._telegram.enqueue("my_chat_member", change)

    def repeat(self, update: JSON | None = None) -> JSON:
        """Hand out an update (the newest) a second time with the same update_id, even if the bot confirmed it."""
        with self._telegram.changed:
            update = self._telegram.updates[-1] if update is None else update
            self._telegram.pending.append(Pending(update, repeated=True))
            self._telegram.changed.notify_all()
            return update

    def raw_update(self, update: JSON) -> None:
        """Hand out any JSON as an update; give it an `update_id` (see `updates` for the last one)."""
        with self._telegram.changed:
            self._telegram.updates.append(update)
            self._telegram.pending.append(Pending(update))
            self._telegram.changed.notify_all()


def _button_data(message: Message, wanted: str) -> str:
    buttons = [button for row in message.keyboard for button in row]
    exact = [button for button in buttons if wanted in (button["text"], button.get("callback_data"))]
    found = exact or [button for button in buttons if wanted and wanted in button["text"]]
    if not found or "callback_data" not in found[0]:
        raise AssertionError(f"no button {wanted!r} to press; there are {buttons}")
    return str(found[0]["callback_data"])
