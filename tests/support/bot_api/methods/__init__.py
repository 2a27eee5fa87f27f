"""The methods of the Bot API, each a function of Telegram's state and the call's parameters that returns the result.

`METHODS` names them all; each raises ApiError in Telegram's words. The files go by theme:

    messages   what the bot writes, edits and deletes, and files
    queries    its answers to buttons and inline queries
    chats      who is where
    profile    what it says about itself: commands and descriptions
    updates    how it gets updates: long polls and webhooks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot_api.methods import chats, messages, profile, queries, updates
from bot_api.telegram import Telegram
from bot_api.types import JSON

METHODS: dict[str, Callable[[Telegram, JSON], Any]] = {
    "getMe": profile.get_me,
    "getUpdates": updates.get_updates,
    "sendMessage": messages.send_message,
    "sendDocument": messages.send_document,
    "editMessageText": messages.edit_message_text,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": queries.answer_callback_query,
    "answerInlineQuery": queries.answer_inline_query,
    "sendChatAction": chats.send_chat_action,
    "setMyCommands": profile.set_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "getMyCommands": profile.get_my_commands,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "getFile": messages.get_file,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "leaveChat": chats.leave_chat,
    "setWebhook": updates.set_webhook,
    "deleteWebhook": updates.delete_webhook,
    "getWebhookInfo": updates.get_webhook_info,
}
