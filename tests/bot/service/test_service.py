"""What a service remembers, and that questions do not wait for one another more than they must."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import replace

from handmade import FULL
from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.reply import Asker
from bot.service.remembered.recent import votable
from bot.service.service import Service
from bot.service.working.workers import ANSWERING_THREADS
from bot.serving import listen
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Question, Turn

WHO = Asker("web", "somebody")
CALLS = "孙蕴华接听了多少个求助电话?"


class CountingAnswerer(StubAnswerer):
    """Counts how often it is asked."""

    asked = 0

    def ask(self, question):
        self.asked += 1
        return super().ask(question)


def asked_of(settings, *questions, **options):
    """Return what a service answers to each of (question, options), and how often its answerer was asked."""
    answerer = CountingAnswerer(load_snapshot(settings.index.path), StubEncoder())

    async def ask_all():
        service = Service(settings, StubOpener(lambda _: answerer))
        await service.start()
        answers = [await service.ask(Question(question, **how), WHO) for question, how in questions]
        service.close()
        return answers

    return asyncio.run(ask_all()), answerer.asked


def without_times(answer):
    return {name: getattr(answer, name) for name in answer.__slots__ if name != "timings_ms"}


def test_a_question_asked_again_is_answered_from_memory(stub_settings):
    (first, again), times = asked_of(stub_settings, (CALLS, {}), (CALLS, {}))
    assert without_times(again) == without_times(first)
    assert (times, list(again.timings_ms)) == (1, ["total"])


def test_nothing_that_decides_the_answer_is_overlooked_in_memory(stub_settings):
    ways = [{}, {"top_k": 1}, {"explain": True}, {"use_dates": False}, {"is_reply": True}]
    answers, times = asked_of(stub_settings, *((CALLS, way) for way in ways))
    assert (times, len(answers[1].citations), bool(answers[2].explanation)) == (len(ways), 1, True)


def conversed(settings, *turns):
    """Return the service and what it replied to each turn: (question, conversation, asker, options)."""

    async def converse():
        service = Service(settings, StubOpener())
        await service.start()
        replies = [await service.converse(question, where, who, **how) for question, where, who, how in turns]
        remembered = [await service.recent.get(reply.request_id) for reply in replies]
        service.close()
        return service, replies, remembered

    return asyncio.run(converse())


def test_a_reply_follows_the_last_turn_of_its_conversation_unless_it_comes_with_one(own_settings):
    web, other = Asker("web", "c1"), Turn("张贝是谁?", None)
    _, (first, second, third, fourth), _ = conversed(
        own_settings,
        (Question(CALLS), ("c1",), web, {}),
        (Question("那她多大年纪?"), ("c1",), web, {}),
        (Question("那她多大年纪?", before=other), ("c1",), web, {"follows_last": False}),
        (Question("那她多大年纪?"), ("c2",), web, {}),
    )
    assert [reply.question.before for reply in (first, second, third, fourth)] == [None, first.turn, other, None]
    assert [reply.understood for reply in (second, third, fourth)] == [
        "孙蕴华多大年纪?",
        "张贝多大年纪?",
        "那她多大年纪?",
    ]
    assert len({reply.request_id for reply in (first, second, third, fourth)}) == 4


def test_replies_are_remembered_for_votes_where_they_come_by_request_id_and_recorded_if_unanswered(
    own_settings,
):
    service, (web, telegram), remembered = conversed(
        own_settings,
        (Question("红烧肉？"), ("c1",), Asker("web", "c1"), {}),
        (Question("火锅？"), (1, 2), Asker("telegram", "2"), {}),
    )
    assert (remembered, telegram.asker.face) == ([votable(web), None], "telegram")
    kept = [(entry.face, entry.kind, entry.question) for entry in service.feedback.entries()]
    assert kept == [("web", "unanswered", "红烧肉？"), ("telegram", "unanswered", "火锅？")]


def test_nothing_is_remembered_where_the_setting_says_so(stub_settings):
    forgetful = stub_settings.model_copy(update={"server": stub_settings.server.model_copy(update={"remember": 0})})
    assert asked_of(forgetful, (CALLS, {}), (CALLS, {}))[1] == 2


def test_two_questions_are_worked_on_at_a_time(stub_settings):
    meeting = threading.Barrier(ANSWERING_THREADS, timeout=30)

    class Meeting:
        snapshot = load_snapshot(stub_settings.index.path)

        def ask(self, _):
            return replace(FULL, generation=str(meeting.wait()))

    async def crowd():
        service = Service(stub_settings, StubOpener(lambda _: Meeting()))
        await service.start()
        asked = (service.ask(Question(f"q{number}"), WHO) for number in range(ANSWERING_THREADS))
        outcomes = await asyncio.gather(*asked)
        service.close()
        return outcomes

    assert sorted(one.generation for one in asyncio.run(crowd())) == list(map(str, range(ANSWERING_THREADS)))


def test_whoever_asks_in_telegram_takes_turns_with_all_others_too(stub_settings):
    crowded = stub_settings.model_copy(update={"server": stub_settings.server.model_copy(update={"queue": 64})})
    answered = []

    class Slow(CountingAnswerer):
        def ask(self, question):
            time.sleep(0.01)
            answered.append(question.text)
            return super().ask(question)

    async def crowd():
        service = Service(crowded, StubOpener(lambda _: Slow(load_snapshot(stub_settings.index.path), StubEncoder())))
        await service.start()
        loud, quiet, web = Asker("telegram", "1"), Asker("telegram", "2"), Asker("web", "1")
        flood = [asyncio.create_task(service.ask(Question(f"吵{number}"), loud)) for number in range(62)]
        await asyncio.sleep(0.01)
        await asyncio.gather(service.ask(Question("静"), quiet), service.ask(Question("网"), web))
        late = list(answered)
        refused = await asyncio.gather(*flood, return_exceptions=True)
        service.close()
        return late, [one for one in refused if isinstance(one, Exception)]

    late, refused = asyncio.run(crowd())
    assert (len(late) <= 10, {"静", "网"} <= set(late), refused) == (True, True, [])


def test_a_question_whose_asker_goes_keeps_its_turn_until_its_thread_is_done(stub_settings):
    gate, started = threading.Event(), threading.Event()

    class Gated:
        snapshot = load_snapshot(stub_settings.index.path)

        def ask(self, _):
            started.set()
            assert gate.wait(30)
            return FULL

    async def going():
        service = Service(stub_settings, StubOpener(lambda _: Gated()))
        await service.start()
        asked = asyncio.create_task(service.ask(Question("q"), WHO))
        await asyncio.to_thread(started.wait)
        asked.cancel()
        await asyncio.sleep(0.01)
        during = service.workers.turns.in_hand
        gate.set()
        await asyncio.gather(asked, return_exceptions=True)
        after = service.workers.turns.in_hand
        service.close()
        return during, after, asked.cancelled()

    assert asyncio.run(going()) == (1, 0, True)


def test_answers_are_sent_at_once_and_not_held_back_for_more():
    """Nagle's algorithm, with a client that delays its acknowledgements, costs 40 ms a request."""

    async def accepted_sockets():
        switched_off = []
        listener = listen("127.0.0.1", 0)
        address = listener.getsockname()

        def accepted(_, writer):
            switched_off.append(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(accepted, sock=listener):
            reader, writer = await asyncio.open_connection(*address)
            await reader.read()
            writer.close()
            await writer.wait_closed()
        return switched_off

    assert [bool(off) for off in asyncio.run(accepted_sockets())] == [True]


def test_whoever_opens_the_address_as_soon_as_it_is_shown_waits_and_is_not_refused():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=5) as caller:
        accepted, address = listener.accept()
        accepted.close()
        assert address == caller.getsockname()
