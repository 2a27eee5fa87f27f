"""What a service remembers, and that questions do not wait for one another more than they must."""

from __future__ import annotations

import asyncio
import socket
import threading

from stub_answerer import StubAnswerer
from stub_encoder import StubEncoder

from bot.service.service import ANSWERING_THREADS, Service
from bot.serving import _listen
from retrieval.encoder.cached import RememberingEncoder
from retrieval.index.snapshot import load_snapshot
from retrieval.types import no_progress

CALLS = "孙蕴华接听了多少个求助电话?"


class CountingAnswerer(StubAnswerer):
    """Counts how often it is asked."""

    asked = 0

    def ask(self, *args, **options):
        self.asked += 1
        return super().ask(*args, **options)


class CountingEncoder(StubEncoder):
    """Remembers what it was asked to encode."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def encode_queries(self, texts, progress=no_progress):
        self.asked += texts
        return super().encode_queries(texts)


def asked_of(settings, *questions, **options):
    """Return what a service answers to each of (question, options), and how often its answerer was asked."""
    answerer = CountingAnswerer(load_snapshot(settings.index.path), StubEncoder())

    async def ask_all():
        service = Service(settings, lambda _: answerer)
        await service.start()
        answers = [await service.ask(question, **how) for question, how in questions]
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


def test_nothing_is_remembered_where_the_setting_says_so(stub_settings):
    forgetful = stub_settings.model_copy(update={"server": stub_settings.server.model_copy(update={"remember": 0})})
    assert asked_of(forgetful, (CALLS, {}), (CALLS, {}))[1] == 2


def test_two_questions_are_worked_on_at_a_time(stub_settings):
    meeting = threading.Barrier(ANSWERING_THREADS, timeout=30)

    class Meeting:
        snapshot = load_snapshot(stub_settings.index.path)

        def ask(self, *_, **__):
            return meeting.wait()

    async def crowd():
        service = Service(stub_settings, lambda _: Meeting())
        await service.start()
        outcomes = await asyncio.gather(*(service.ask(f"q{number}") for number in range(ANSWERING_THREADS)))
        service.close()
        return outcomes

    assert sorted(asyncio.run(crowd())) == list(range(ANSWERING_THREADS))


def test_vectors_of_the_last_questions_are_remembered():
    encoder = CountingEncoder()
    remembering = RememberingEncoder(encoder, most=2)
    texts = ["甲", "乙", "甲", "丙", "乙"]
    found = [remembering.encode_queries([text]).vectors.tolist() for text in texts]
    assert found == [StubEncoder().encode_queries([text]).vectors.tolist() for text in texts]
    assert encoder.asked == ["甲", "乙", "丙", "乙"]
    assert (remembering.name, remembering.fingerprint) == (encoder.name, encoder.fingerprint)


def test_answers_are_sent_at_once_and_not_held_back_for_more():
    """Nagle's algorithm, with a client that delays its acknowledgements, costs 40 ms a request."""

    async def accepted_sockets():
        switched_off = []
        listener = _listen("127.0.0.1", 0)
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
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=5) as caller:
        accepted, address = listener.accept()
        accepted.close()
        assert address == caller.getsockname()
