"""Background work is never silently dead: what fails is logged with its traceback, shown, and tried again."""

from __future__ import annotations

import asyncio
import logging
import threading

from bot.service.upkeep.background import keep_running
from bot.service.upkeep.supervisor import Supervisor
from retrieval.errors import WenbaoError

WORK = "counting sheep"


class Failing:
    """Fails as often as it is told to, and remembers when it was tried."""

    def __init__(self, times, error=None):
        self.left, self.tried, self.error = times, [], error or ValueError("no sheep")

    async def __call__(self):
        self.tried.append(asyncio.get_running_loop().time())
        if self.left:
            self.left -= 1
            raise self.error


def shown(supervisor):
    return [(one.work, one.says, one.times) for one in supervisor.failures]


def test_what_fails_is_tried_again_after_a_growing_pause_logged_with_its_traceback_and_shown(caplog):
    supervisor, step, seen = Supervisor(least_pause=0.02, longest_pause=0.05), Failing(4), []

    async def watched():
        await step()

    async def run():
        working = asyncio.create_task(supervisor.until_done(WORK, watched))
        while not working.done():
            await asyncio.sleep(0.005)
            seen.extend(one for one in shown(supervisor) if one not in seen)
        await working

    with caplog.at_level(logging.INFO, "wenbao"):
        asyncio.run(run())
    assert seen == [(WORK, "ValueError: no sheep", times) for times in (1, 2, 3, 4)]
    assert shown(supervisor) == []
    pauses = [later - sooner for sooner, later in zip(step.tried, step.tried[1:], strict=False)]
    assert all(pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.05, 0.05), strict=True))
    assert [record.message for record in caplog.records][-2:] == [
        f"{WORK} failed, and will be tried again: ValueError: no sheep",
        f"{WORK} works again",
    ]
    assert caplog.text.count("Traceback") == 4
    assert "await step()" in caplog.text


def test_work_that_is_repeated_goes_on_whatever_it_fails_with(caplog):
    supervisor, done = Supervisor(least_pause=0.001), []

    async def step():
        done.append(len(done))
        await asyncio.sleep(0)
        if len(done) % 2:
            raise [OSError("disk"), MemoryError(), WenbaoError("mend it"), RuntimeError("x")][len(done) // 2 % 4]

    async def run():
        work = asyncio.create_task(supervisor.repeat(WORK, step))
        while len(done) < 20:
            await asyncio.sleep(0.001)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return work.cancelled()

    assert asyncio.run(run())
    assert {record.message.rpartition(": ")[2] for record in caplog.records} >= {"disk", "mend it", "x"}


def test_the_pause_ends_as_soon_as_there_is_a_reason_to_try_again():
    supervisor, step = Supervisor(least_pause=60), Failing(3)

    async def soon():
        await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(supervisor.until_done(WORK, step, soon), 10))
    assert len(step.tried) == 4


def test_cancelling_ends_the_work_and_is_no_failure():
    supervisor = Supervisor()

    async def run():
        work = asyncio.create_task(supervisor.repeat(WORK, asyncio.Event().wait))
        await asyncio.sleep(0)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return work.cancelled(), supervisor.failures

    assert asyncio.run(run()) == (True, ())


def test_threads_may_say_what_fails_while_it_is_looked_at():
    supervisor, errors = Supervisor(), []
    logging.getLogger("wenbao").setLevel(logging.CRITICAL)

    def flicker(name):
        for _ in range(300):
            supervisor.failed(name, ValueError())
            supervisor.recovered(name)

    def look():
        try:
            for _ in range(3000):
                assert len(supervisor.failures) <= 4
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=flicker, args=(name,)) for name in "abcd"] + [threading.Thread(target=look)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        logging.getLogger("wenbao").setLevel(logging.NOTSET)
    assert (errors, supervisor.failures) == ([], ())


class Face:
    """Fails twice to start and once to run, and is then refused."""

    work = "Face"

    def __init__(self, refusal):
        self.did, self.refusal = [], refusal

    async def start(self):
        self.did.append("start")
        if len(self.did) < 3:
            raise OSError("no network")

    async def run(self):
        self.did.append("run")
        if self.did.count("run") == 1:
            raise RuntimeError("torn")
        if self.refusal:
            raise self.refusal

    async def stop(self):
        raise AssertionError("nobody asked")


def test_a_face_is_started_and_run_again_until_it_ends_or_says_what_a_user_must_mend():
    async def run(refusal):
        supervisor, face = Supervisor(least_pause=0.001), Face(refusal)
        try:
            await keep_running(supervisor, face)
        except WenbaoError as error:
            return face.did, error, supervisor.failures
        return face.did, None, supervisor.failures

    refusal = WenbaoError("wrong token")
    assert asyncio.run(run(refusal)) == (["start"] * 3 + ["run"] * 2, refusal, ())
    assert asyncio.run(run(None)) == (["start"] * 3 + ["run"] * 2, None, ())
