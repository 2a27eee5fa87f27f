"""Chats and their members."""

from __future__ import annotations

from bot_api.errors import bad_request
from bot_api.telegram import Telegram, chat_member
from bot_api.types import JSON

CHAT_ACTIONS = frozenset(
    {"typing", "choose_sticker", "find_location"}
    | {"upload_photo", "upload_video", "upload_voice", "upload_document", "upload_video_note"}
    | {"record_video", "record_voice", "record_video_note"}
)


def send_chat_action(telegram: Telegram, parameters: JSON) -> bool:
    """Show that the bot is at work."""
    chat = telegram.writable_chat(parameters)
    if parameters.get("action") not in CHAT_ACTIONS:
        raise bad_request("Wrong parameter action in request")
    telegram.place(chat, {"message_thread_id": parameters.get("message_thread_id")})
    return True


def get_chat(telegram: Telegram, parameters: JSON) -> JSON:
    """Describe a chat, with the fields a client library insists on."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    fixed = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
    return {**telegram.chat(parameters).json, **fixed}


def get_chat_member(telegram: Telegram, parameters: JSON) -> JSON:
    """Say what somebody is in a chat."""
    chat, user_id = telegram.chat(parameters), parameters.get("user_id", 0)
    people = {telegram.me["id"]: telegram.own_user, **{user.id: user.json for user in telegram.users.values()}}
    if user_id not in people:
        raise bad_request("Member not found")
    status = telegram.members.get(chat.id, {}).get(user_id, "member" if chat.type == "private" else "left")
    return chat_member(people[user_id], status)


def leave_chat(telegram: Telegram, parameters: JSON) -> bool:
    """Leave a group or channel."""
    chat = telegram.writable_chat(parameters)
    if chat.type == "private":
        raise bad_request("Chat member status can't be changed in private chats")
    telegram.left.add(chat.id)
    return True
