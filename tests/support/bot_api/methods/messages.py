"""What the bot writes, edits and deletes, and the files of both sides."""

from __future__ import annotations

import time

from bot_api.errors import bad_request
from bot_api.formatting import MAX_CAPTION, read_text
from bot_api.keyboards import checked_keyboard
from bot_api.model import Upload
from bot_api.telegram import Telegram
from bot_api.types import JSON

NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
LARGEST_FILE = 20 << 20


def send_message(telegram: Telegram, parameters: JSON) -> JSON:
    """Send a text."""
    return _send(telegram, parameters, _text_content(parameters))


def send_document(telegram: Telegram, parameters: JSON) -> JSON:
    """Send a file, new or already known."""
    document = parameters.get("document")
    if isinstance(document, str) and document.startswith("attach://"):
        document = parameters.get(document.removeprefix("attach://"))
    if isinstance(document, str):
        document = telegram.files.get(document)
    if not isinstance(document, Upload):
        raise bad_request("There is no document in the request")
    if not document.content:
        raise bad_request("File must be non-empty")
    content: JSON = {"document": telegram.store_file(document)}
    if caption := parameters.get("caption"):
        entities = parameters.get("caption_entities")
        shown = read_text(caption, parameters.get("parse_mode", ""), entities, MAX_CAPTION)
        content |= {"caption": shown.text, "caption_entities": list(shown.entities)}
    return _send(telegram, parameters, content)


def edit_message_text(telegram: Telegram, parameters: JSON) -> JSON:
    """Replace text, entities and keyboard."""
    content = _text_content(parameters)
    message = _own_message(telegram, parameters)
    if "text" not in message:
        raise bad_request("There is no text in the message to edit")
    return _edit(telegram, message, content, checked_keyboard(parameters.get("reply_markup")))


def edit_message_reply_markup(telegram: Telegram, parameters: JSON) -> JSON:
    """Replace the keyboard alone."""
    message = _own_message(telegram, parameters)
    content: JSON = {key: message[key] for key in ("text", "entities") if key in message}
    return _edit(telegram, message, content, checked_keyboard(parameters.get("reply_markup")))


def delete_message(telegram: Telegram, parameters: JSON) -> bool:
    """Delete a message: one of its own, any in a private chat, any where it is an administrator."""
    chat = telegram.writable_chat(parameters)
    message = telegram.history.get((chat.id, parameters.get("message_id", 0)))
    if message is None:
        raise bad_request("Message to delete not found")
    is_admin = telegram.members.get(chat.id, {}).get(telegram.me["id"]) == "administrator"
    if not telegram.is_own(message) and chat.type != "private" and not is_admin:
        raise bad_request("Message can't be deleted")
    del telegram.history[chat.id, message["message_id"]]
    return True


def get_file(telegram: Telegram, parameters: JSON) -> JSON:
    """Say where a file can be fetched."""
    identifier = parameters.get("file_id", "")
    upload = telegram.files.get(identifier)
    if upload is None:
        raise bad_request("Wrong file_id or the file is temporarily unavailable")
    if len(upload.content) > LARGEST_FILE:
        raise bad_request("File is too big")
    place = {"file_size": len(upload.content), "file_path": f"documents/{identifier}"}
    return {"file_id": identifier, "file_unique_id": f"U{identifier}", **place}


def _text_content(parameters: JSON) -> JSON:
    text, mode = parameters.get("text", ""), parameters.get("parse_mode", "")
    shown = read_text(text, mode, parameters.get("entities"))
    entities = {"entities": list(shown.entities)} if shown.entities else {}
    return {"text": shown.text, **entities}


def _send(telegram: Telegram, parameters: JSON, content: JSON) -> JSON:
    chat = telegram.writable_chat(parameters)
    keyboard = checked_keyboard(parameters.get("reply_markup"))
    markup = {"reply_markup": keyboard} if keyboard else {}
    place = telegram.place(chat, parameters)
    return telegram.new_message(chat, telegram.own_user, {**place, **content, **markup})


def _own_message(telegram: Telegram, parameters: JSON) -> JSON:
    """The message of the bot that an edit means."""
    if "inline_message_id" in parameters:
        raise bad_request("MESSAGE_ID_INVALID")
    if not parameters.get("message_id"):
        raise bad_request("Message identifier is not specified")
    message = telegram.history.get((telegram.writable_chat(parameters).id, parameters["message_id"]))
    if message is None:
        raise bad_request("Message to edit not found")
    if not telegram.is_own(message):
        raise bad_request("Message can't be edited")
    return message


def _edit(telegram: Telegram, message: JSON, content: JSON, keyboard: JSON | None) -> JSON:
    names = ("text", "entities", "reply_markup")
    new = {**{key: value for key, value in message.items() if key not in names}, **content}
    if keyboard:
        new["reply_markup"] = keyboard
    if all(new.get(name) == message.get(name) for name in names):
        raise bad_request(NOT_MODIFIED)
    new["edit_date"] = int(time.time())
    telegram.history[message["chat"]["id"], message["message_id"]] = new
    return new
