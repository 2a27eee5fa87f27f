"""Questions are worked on in turn by client; checked against a slow simulation in which everything is a list."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from bot.service.working.turns import Overloaded, TooManyQuestions, Turns


class Obvious:
    """What ``Turns`` does, told by looking everything through: ``waiting`` and ``working`` hold (client, number)."""

    def __init__(self, slots, most):
        self.slots, self.most = slots, most
        self.waiting, self.working, self.order = [], [], []
        self.refused = {}

    def of(self, client):
        return [one for one in self.waiting if one[0] == client]

    def arrive(self, client, number):
        if len(self.waiting) + len(self.working) >= self.most and not self.make_room(client, number):
            return
        if len(self.working) < self.slots:
            self.working.append((client, number))
            return
        if client not in self.order:
            self.order.append(client)
        self.waiting.append((client, number))

    def make_room(self, client, number):
        """Whether somebody else has to go, so that there is room."""
        counts = {other: len(self.of(other)) for other in self.order}
        most = max(counts.values(), default=0)
        if len(self.of(client)) + 1 < most:
            heaviest = next(other for other in self.order if counts[other] == most)
            last = self.of(heaviest)[-1]
            self.refused[last[1]] = TooManyQuestions
            self.leave(last)
            return True
        self.refused[number] = TooManyQuestions if self.of(client) else Overloaded
        return False

    def leave(self, one):
        if one in self.waiting:
            self.waiting.remove(one)
            self.order = [client for client in self.order if self.of(client)]
        elif one in self.working:
            self.working.remove(one)
            if self.order:
                client = self.order.pop(0)
                following = self.of(client)[0]
                self.waiting.remove(following)
                self.working.append(following)
                if self.of(client):
                    self.order.append(client)


class Real:
    """``Turns`` with questions that are worked on until they are told to end."""

    def __init__(self, slots, most):
        self.turns = Turns(slots, most)
        self.tasks, self.ends, self.working, self.refused, self.said = {}, {}, [], {}, {}

    def arrive(self, client, number):
        self.ends[number] = asyncio.Event()
        self.tasks[number] = asyncio.create_task(self.ask(client, number))

    async def ask(self, client, number):
        try:
            async with self.turns.turn(client):
                self.working.append((client, number))
                try:
                    await self.ends[number].wait()
                finally:
                    self.working.remove((client, number))
        except (TooManyQuestions, Overloaded) as error:
            self.refused[number], self.said[number] = type(error), str(error)


async def settled():
    for _ in range(6):
        await asyncio.sleep(0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from("aaaabc")),
        st.tuples(st.just("end"), st.integers(0, 3)),
        st.tuples(st.just("go"), st.integers(0, 9)),
    ),
    max_size=60,
)


@given(STEPS, st.integers(1, 3), st.integers(1, 7))
def test_turns_are_those_of_the_obvious_simulation_whoever_comes_ends_or_goes(steps, slots, more):
    async def compare():
        real, obvious = Real(slots, slots + more), Obvious(slots, slots + more)
        for number, (what, which) in enumerate(steps):
            if what == "ask":
                real.arrive(which, number)
                obvious.arrive(which, number)
            elif what == "end" and obvious.working:
                one = obvious.working[which % len(obvious.working)]
                real.ends[one[1]].set()
                obvious.leave(one)
            elif what == "go" and (there := obvious.waiting + obvious.working):
                one = there[which % len(there)]
                real.tasks[one[1]].cancel()
                obvious.leave(one)
            await settled()
            assert (sorted(real.working), real.refused) == (sorted(obvious.working), obvious.refused)
            counts = len(obvious.waiting), len(obvious.waiting) + len(obvious.working)
            assert (real.turns.waiting, real.turns.in_hand) == counts
        for one in real.ends.values():
            one.set()
        await asyncio.gather(*real.tasks.values(), return_exceptions=True)
        assert (real.turns.waiting, real.turns.in_hand, real.turns._free, real.turns._waiting) == (0, 0, slots, {})

    asyncio.run(compare())


@given(st.lists(st.one_of(st.sampled_from("aab"), st.integers(0, 9)), max_size=80), st.integers(1, 6))
def test_however_many_come_and_go_in_one_moment_no_turn_is_lost(steps, most):
    """Nothing is settled in between: who goes may be given a turn, or have been refused, in the same moment."""

    async def crowd():
        turns, tasks = Turns(2, most), []

        async def ask(client):
            async with turns.turn(client):
                await asyncio.sleep(0)

        for number, step in enumerate(steps):
            if isinstance(step, str):
                tasks.append(asyncio.create_task(ask(step)))
            elif tasks:
                tasks[-1 - step % len(tasks)].cancel()
            if number % 3 == 0:
                await asyncio.sleep(0)
        outcomes = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        kinds = {type(one) for one in outcomes} - {type(None), asyncio.CancelledError, TooManyQuestions, Overloaded}
        assert (kinds, turns.in_hand, turns.waiting, turns._free) == (set(), 0, 0, 2)

    asyncio.run(crowd())


def test_the_one_question_of_a_newcomer_does_not_wait_for_hundreds_of_another_client():
    async def order():
        turns, done = Turns(1, 500), []

        async def ask(client):
            async with turns.turn(client):
                done.append(client)
                await asyncio.sleep(0)

        flood = [asyncio.create_task(ask("flood")) for _ in range(300)]
        await asyncio.sleep(0)
        await asyncio.gather(ask("polite"), *flood)
        return done.index("polite")

    assert asyncio.run(order()) <= 3  # the one that was worked on, and one more turn in each of two rounds of the loop


def test_beyond_the_limit_the_newest_question_of_the_client_with_the_most_is_refused_and_says_why():
    async def refused():
        real = Real(1, 4)
        for number in range(4):
            real.arrive("flood", number)
        await settled()
        real.arrive("polite", 9)
        await settled()
        real.arrive("flood", 10)
        await settled()
        for end in real.ends.values():
            end.set()
        await asyncio.gather(*real.tasks.values())
        return real.said

    detail = "3 questions of yours are waiting, more than anybody else's: send fewer at a time"
    assert asyncio.run(refused()) == {3: detail, 10: detail}
