"""What the bot remembers of its answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from telegram_samples import a_message, a_sent, an_answer

from bot.reply import Asker
from bot.service.remembered.notebook import Notebook
from bot.state import SqliteState
from bot.telegram.sent_answers import SentAnswers

SENT = a_sent(an_answer("not_found"))
KEPT = replace(SENT, reply=replace(SENT.reply, asker=Asker("telegram", None)))
"""As it is kept: without the id of the person, whom the bot knows anyway who presses a button."""


@pytest.fixture
def notebook(tmp_path):
    state = SqliteState(tmp_path)
    notebook = Notebook(state)
    yield notebook
    notebook.close()
    state.close()


def test_answers_are_known_by_message_and_conversations_by_chat_and_person(notebook):
    async def use():
        await SentAnswers(notebook, 60).keep((-5, 1), [a_message(10, -5), a_message(11, -5)], SENT)
        memory = SentAnswers(notebook, 60)  # as after a restart
        shown = [await memory.of(message) for message in (a_message(10, -5), a_message(11, -5), a_message(10, -6))]
        said = [await memory.last(place) for place in ((-5, 1), (-5, 2), (1, 1))]
        return shown, said, await memory.of(None)

    assert asyncio.run(use()) == ([KEPT, KEPT, None], [KEPT, None, None], None)


def test_a_conversation_expires_while_its_buttons_still_work(notebook):
    async def use():
        memory = SentAnswers(notebook, 0.05)
        await memory.keep((1, 1), [a_message(10, 1)], SENT)
        await asyncio.sleep(0.06)
        return await memory.last((1, 1)), await memory.of(a_message(10, 1))

    assert asyncio.run(use()) == (None, KEPT)


def test_an_answer_is_gone_when_people_may_see_other_reports(notebook):
    async def use():
        await SentAnswers(notebook, 60, None).keep((1, 1), [a_message(10, 1)], SENT)
        narrower = SentAnswers(notebook, 60, "public/*")
        return await narrower.of(a_message(10, 1)), await narrower.last((1, 1))

    assert asyncio.run(use()) == (None, None)
