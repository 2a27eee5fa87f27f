"""A Telegram Bot API server for tests: real HTTP on loopback, strict like Telegram, able to play trouble.

    with BotApiServer("123:token") as server:
        ann = server.user(1, "Ann")
        asked = server.say(ann, "谁是院长?")                     # an update the bot will fetch
        [answer] = server.wait_for_messages(asked.chat_id, after=asked)
        server.press(ann, answer, "▶")                           # a callback query

The way of a call, and what stands on which side of it:

    the bot -> http -> server -> requests -> methods/ -> telegram (the state) -> Call, Reply -> the bot
                         chaos: may spoil the answer       |
    formatting: text + parse_mode or entities -> plain text and entities, as people see them
                html, entities (read and check) -> nesting (order, cuts, 100) -> text (clean, trim)
    keyboards, inline_results: checked likewise; links: which are taken
    people: tests act -> telegram -> updates, fetched by getUpdates or posted by webhook
    observations: telegram and the calls -> what tests see; model: User, Chat, Message, Call

The rules and error texts are those of Telegram's open server (github.com/tdlib/telegram-bot-api) and of TDLib below it.
Known differences: webhooks may be plain http, but only on loopback; only HTML is understood as `parse_mode`; links,
mentions and commands in the bot's own messages are not marked as entities; `date_time` entities are unsupported, people
in `text_mention` and `tg://user` links unchecked; an entity of nothing but white space is dropped; every group message
reaches the bot (as if its privacy mode were off); there are no rate limits except those played with `fail` and `chaos`.
"""

from bot_api.errors import ApiError
from bot_api.formatting import MAX_CAPTION, MAX_TEXT, read_text
from bot_api.html import parse_html
from bot_api.inline_results import check_inline_results, inline_message
from bot_api.keyboards import checked_keyboard
from bot_api.links import checked_link
from bot_api.methods.messages import NOT_MODIFIED
from bot_api.model import Call, Chat, Message, Upload, User
from bot_api.people import MEDIA
from bot_api.server import BotApiServer
from bot_api.text import FormattedText, found_entities, trimmed, utf16_length, utf16_slice

__all__ = [
    "MAX_CAPTION",
    "MAX_TEXT",
    "MEDIA",
    "NOT_MODIFIED",
    "ApiError",
    "BotApiServer",
    "Call",
    "Chat",
    "FormattedText",
    "Message",
    "Upload",
    "User",
    "check_inline_results",
    "checked_keyboard",
    "checked_link",
    "found_entities",
    "inline_message",
    "parse_html",
    "read_text",
    "trimmed",
    "utf16_length",
    "utf16_slice",
]
