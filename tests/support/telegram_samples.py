"""Reports, answers and updates made by hand for the parts of the Telegram face, and what people see of a text."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict

from bot_api import FormattedText, read_text
from telegram import Chat, Message, Update, User

from bot.reply import Asker, Reply
from bot.telegram.links import Links
from bot.telegram.richtext import Rich, entities_of, plain
from bot.telegram.sent_answers import SentAnswer
from bot.texts import Language
from retrieval.parts import Paragraph
from retrieval.types import Answer, AnswerText, Citation, Document, Question, Status

LINKS = Links("https://ask.example.org", "wenbao_bot")
BARE = Links(None, "b")
TAGS = {"pre": "pre", "bold": "b", "italic": "i", "text_link": "a"}


def shown(view: Rich) -> FormattedText:
    """What people see of a text that is sent as one message."""
    return read_text(plain(view), entities=[entity.to_dict() for entity in entities_of(view)])


def tagged(view: Rich) -> str:
    """What people see, with the marks as tags."""
    seen = shown(view)
    opened, closed = defaultdict[int, str](str), defaultdict[int, str](str)
    for entity in seen.entities:
        tag, end = TAGS[entity["type"]], entity["offset"] + entity["length"]
        opened[entity["offset"]] += f'<{tag} href="{entity["url"]}">' if "url" in entity else f"<{tag}>"
        closed[end] = f"</{tag}>" + closed[end]
    units = seen.text.encode("utf-16-le")
    pieces = [units[place : place + 2] for place in range(0, len(units), 2)] + [b""]
    marked = [f"{closed[place]}{opened[place]}".encode("utf-16-le") + piece for place, piece in enumerate(pieces)]
    return b"".join(marked).decode("utf-16-le")


def a_citation(number: int = 1, quote: str = "引文。", title: str = "题目", date: dt.date | None = None) -> Citation:
    return Citation(number, "某/报告", title, date, None, 3, 0, len(quote), quote, 0.9)


def an_answer(status: Status = "answered", *citations: Citation, answer: AnswerText | None = None) -> Answer:
    return Answer(status, 0.9, answer, citations, "g1", {})


def a_reply(answer: Answer, question: Question) -> Reply:
    return Reply("r1", question, answer, Asker("telegram", "7"))


def a_sent(answer: Answer, *, echo: bool = False, question: str = "谁?", language: Language = "zh") -> SentAnswer:
    return SentAnswer(a_reply(answer, Question(question)), language, echo)


def a_document(title: str, *texts: str, identifier: str = "某/报告", source: str | None = None) -> Document:
    paragraphs, start = [], 0
    for number, text in enumerate(texts, start=1):
        paragraphs.append(Paragraph(number, start, start + len(text), None))
        start += len(text) + 1
    whole = "\n".join(texts)
    return Document(identifier, "x.txt", "d", title, False, None, source, whole, tuple(paragraphs))


def a_message(message_id: int = 1, chat_id: int = 7, text: str = "?", user_id: int = 7, **extra: object) -> Message:
    """A message of a person, in private unless the chat's id is negative."""
    moment, kind = dt.datetime.now(dt.UTC), "private" if chat_id > 0 else "supergroup"
    who = {"from_user": User(user_id, "A", False), **extra}
    return Message(message_id, moment, Chat(chat_id, kind), text=text, **who)  # type: ignore[arg-type]


def an_update(update_id: int = 1, user_id: int = 7, chat_id: int = 7, date: float | None = None) -> Update:
    moment = dt.datetime.fromtimestamp(time.time() if date is None else date, dt.UTC)
    chat, user = Chat(chat_id, "private"), User(user_id, "A", False)
    return Update(update_id, message=Message(1, moment, chat, from_user=user, text="?"))
