"""A running Telegram bot, the server that it talks to, and what people should see of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot_api import BotApiServer, Chat, FormattedText, Message, User
from processes import SEEDS
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder
from telegram_process import PUBLIC_URL, RunningBot, running_bot, write_telegram_config
from telegram_samples import a_reply, shown

from bot.reply import Reply
from bot.telegram.links import Links
from bot.telegram.sent_answers import SentAnswer
from bot.telegram.views import answer_view
from bot.texts import Language
from retrieval.answer.answerer import Answerer
from retrieval.encoder.protocol import Encoder
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Answer, Citation, Document, Question

LINKS = Links(PUBLIC_URL, "wenbao_bot")
HOURS = "温海波站了几个小时？"
CALLS = "孙蕴华接听了多少个电话?"
STEW = "红烧肉怎么做才好吃?"
LONG_REPORT = "长篇"
NASTY_REPORT = "刁钻"
REPORTS = 27
PATIENCE = 60.0

identifiers = itertools.count(1000)


@dataclass(frozen=True)
class Room:
    """A running bot, the server it talks to, and an Answerer over the same index to compare with."""

    server: BotApiServer
    bot: RunningBot
    answerer: Answerer

    # What people do

    def person(self, language_code: str | None = "zh-hans") -> User:
        return self.server.user(next(identifiers), "某人", language_code)

    def group(self, forum: bool = False) -> Chat:
        return self.server.group(-next(identifiers), "编辑部", forum)

    def next_message(self, chat: Chat | User, after: Message | None = None) -> Message:
        return self.server.wait_for_messages(chat, after=after, timeout=PATIENCE)[0]

    def ask(self, person: User, question: str, chat: Chat | None = None, **extra: Any) -> Message:
        """Say something and return the bot's next message in that chat."""
        said = self.server.say(person, question, chat, **extra)
        return self.next_message(chat or person, said)

    def press(self, person: User, message: Message, button: str = "", **extra: Any) -> str:
        """Press a button and return the note that is shown."""
        query = self.server.press(person, message, button, **extra)
        return str(self.server.wait_for_answer(query, PATIENCE)["text"])

    def now(self, message: Message) -> Message:
        """The message as it stands now."""
        current = self.server.message(message)
        assert current is not None
        return current

    # What they should see

    def reply(self, words: str) -> Reply:
        question = Question(words, explain=True)
        return a_reply(self.answerer.ask(question), question)

    def answer(self, words: str) -> Answer:
        return self.reply(words).answer

    def expected(self, words: str, language: Language = "zh", index: int = 0, *, echo: bool = False) -> FormattedText:
        """The answer to a question as people should see it."""
        return shown(answer_view(SentAnswer(self.reply(words), language, echo), index, LINKS))

    def expected_after(self, words: str, first: str, *, is_reply: bool = False) -> FormattedText:
        """The answer to a question that is asked after another."""
        question = Question(words, explain=True, before=self.reply(first).turn, is_reply=is_reply)
        return shown(answer_view(SentAnswer(a_reply(self.answerer.ask(question), question), "zh"), 0, LINKS))

    def document(self, citation: Citation) -> Document:
        return self.answerer.snapshot.by_id[citation.document_id]

    def complaints_since(self, before: int) -> list[str]:
        return self.bot.complaints[before:]


def reference(citation: Citation) -> str:
    date = f" · {citation.date.isoformat()}" if citation.date else ""
    return f"《{citation.title}》{date} · ¶{citation.paragraph}"


@contextmanager
def room(
    folder: Path, encoder: Encoder, corpus: Path = SEEDS, /, *, command: str = "telegram", **sections: Any
) -> Iterator[Room]:
    with BotApiServer() as server:
        config = write_telegram_config(folder, server, corpus, **sections)
        with_model = not isinstance(encoder, StubEncoder)
        with running_bot(server, folder, config, command=command, with_model=with_model) as bot:
            answerer = Answerer if with_model else StubAnswerer
            yield Room(server, bot, answerer(load_snapshot(folder / "index"), encoder))
