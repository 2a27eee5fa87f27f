"""Tasks for a sandbox's worker that behave as badly as a hostile file makes a reader behave."""

from __future__ import annotations

import ctypes
import os
import sys
import time

from retrieval.corpus.draft import Block, Draft
from retrieval.corpus.sandbox.worker import TASKS


def sleep(data: bytes) -> Draft:
    time.sleep(3600)
    raise AssertionError("nobody waited")


def sleep_if_told(data: bytes) -> Draft:
    return sleep(data) if b"sleep" in data else TASKS[".txt"](data)


def spin(data: bytes) -> Draft:
    while True:
        pass


def allocate(data: bytes) -> Draft:
    held = [bytearray(64 * 2**20) for _ in range(1000)]
    raise AssertionError(f"{len(held)} blocks were granted")


def recurse(data: bytes) -> Draft:
    return recurse(data)


def crash(data: bytes) -> Draft:
    ctypes.string_at(0)
    raise AssertionError("still alive")


def leave(data: bytes) -> Draft:
    os._exit(0)


def fail(data: bytes) -> Draft:
    raise LookupError("no such table")


def talk(data: bytes) -> Draft:
    print("a warning\n" * 10_000)  # noqa: T201
    os.write(1, b"{}\n")
    return TASKS[".txt"](data)


def look_around(data: bytes) -> Draft:
    secrets = sorted(name for name in os.environ if "TOKEN" in name)
    return Draft((Block("paragraph", f"{os.getpid()} {secrets} {sys.path[0] == os.getcwd()}"),))


SLOW = {**TASKS, ".html": sleep_if_told}
HOSTILE = {
    **TASKS,
    "sleep": sleep,
    "spin": spin,
    "allocate": allocate,
    "recurse": recurse,
    "crash": crash,
    "leave": leave,
    "fail": fail,
    "talk": talk,
    "look around": look_around,
}
