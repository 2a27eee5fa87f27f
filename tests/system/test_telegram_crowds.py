"""Many people at once, in fair weather and foul."""

from __future__ import annotations

import itertools

from bot_api import MAX_TEXT, FormattedText, Message, User, utf16_length
from telegram_room import HOURS, LONG_REPORT, PATIENCE, Room

from retrieval.text.sentences import sentences_of


def questions_for(room_: Room, number: int, count: int) -> list[str]:
    """Long sentences of the reports, so that no question leans on another."""
    sentences = [
        document.text[start:end].strip()[:60]
        for document in room_.answerer.snapshot.documents
        for start, end in sentences_of(document.text)
        if end - start > 30 and document.document_id != LONG_REPORT
    ]
    return [sentences[(number * 7 + step * 3) % len(sentences)] for step in range(count)]


def ask_all_at_once(room_: Room, people: int, count: int) -> dict[User, list[FormattedText]]:
    """Let people ask ``count`` questions each, all mixed; return the answers that they should get, in order."""
    asked = {room_.person(): questions_for(room_, number, count) for number in range(people)}
    for step in range(count):
        for person, questions in asked.items():
            room_.server.say(person, questions[step])
    return {person: [room_.expected(question) for question in questions] for person, questions in asked.items()}


STATUS_LINE = "报道："


def answered(room_: Room, expected: dict[User, list[FormattedText]]) -> dict[User, list[FormattedText]]:
    """Let everybody ask for the status too, wait until they have it, because nothing follows, and return the rest."""
    for person in expected:
        room_.server.say(person, "/status")

    def is_status(message: Message) -> bool:
        return message.text.startswith(STATUS_LINE)

    def all_there() -> bool:
        return all(any(map(is_status, room_.server.messages(person))) for person in expected)

    room_.server.wait_for(all_there, 120, "all answers")
    found = {person: room_.server.messages(person) for person in expected}
    return {person: [each.shown for each in messages if not is_status(each)] for person, messages in found.items()}


def test_200_questions_of_20_people_at_once_are_all_answered_once_and_in_order(stub):
    before = len(stub.bot.complaints)
    expected = ask_all_at_once(stub, people=20, count=10)
    assert answered(stub, expected) == expected
    sent = [call for call in stub.server.calls("sendMessage") if call.result]
    assert max(utf16_length(call.result["text"]) for call in sent) <= MAX_TEXT
    assert stub.complaints_since(before) == []


def test_with_429s_and_dropped_connections_for_a_tenth_of_the_calls_all_are_answered_once_and_in_order(stub):
    before, faults = len(stub.bot.complaints), len(stub.server.faults)
    stub.server.chaos(0.1, seed=11)
    try:
        expected = ask_all_at_once(stub, people=20, count=10)
        assert answered(stub, expected) == expected
    finally:
        stub.server.chaos(0, seed=0)
    played = [call for call in stub.server.faults[faults:] if call.method == "sendMessage"]
    assert len(played) > 10
    stub.server.wait_for(lambda: len(stub.complaints_since(before)) == len(played), what="a line for each fault")


def once_each(answers: dict[User, list[FormattedText]]) -> dict[User, list[FormattedText]]:
    return {person: [each for each, _ in itertools.groupby(found)] for person, found in answers.items()}


def test_an_answer_is_posted_twice_only_where_telegrams_reply_was_lost_and_the_log_says_so(stub):
    before, faults = len(stub.bot.complaints), len(stub.server.faults)
    stub.server.chaos(0.1, seed=13, methods=["sendMessage"], kinds=["502", "drop after"])
    try:
        expected = ask_all_at_once(stub, people=10, count=10)
        found = answered(stub, expected)
    finally:
        stub.server.chaos(0, seed=0)
    assert once_each(found) == once_each(expected)
    played = stub.server.faults[faults:]
    lost = [
        call for call in played if call.fault == "drop after" and not call.parameters["text"].startswith(STATUS_LINE)
    ]
    assert sum(map(len, found.values())) == 100 + len(lost)
    assert lost
    stub.server.wait_for(lambda: len(stub.complaints_since(before)) == len(played), what="a line for each fault")


def test_a_flood_of_one_person_does_not_starve_another(stub):
    flooder, other = stub.person(), stub.person()
    for question in questions_for(stub, 1, 45):
        stub.server.say(flooder, question)
    stub.ask(other, HOURS)
    stub.server.wait_for_messages(flooder, 45, timeout=PATIENCE)
    order = [call.parameters["chat_id"] for call in stub.server.calls("sendMessage")]
    after = order[order.index(other.id) :].count(flooder.id)
    assert after > 20


def test_a_429_in_one_chat_does_not_hold_up_another(stub):
    slow, other = stub.person(), stub.person()
    stub.server.fail("sendMessage", status=429, retry_after=3)
    stub.server.say(slow, HOURS)
    stub.server.wait_for(lambda: [c for c in stub.server.faults if c.parameters.get("chat_id") == slow.id])
    stub.ask(other, HOURS)
    assert stub.server.messages(slow) == []
    stub.next_message(slow)
