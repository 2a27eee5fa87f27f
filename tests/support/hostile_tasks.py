"""Tasks for a sandbox's worker that behave as badly as a hostile file makes a reader behave."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    return Draft((Block("paragraph", f"{os.getpid()} {sys.path[0] == os.getcwd()}"),))


def surroundings(data: bytes) -> dict[str, list[Any]]:
    """Say which environment variables and open files there are."""
    return {"environment": sorted(os.environ), "descriptors": [number for number in range(256) if is_open(number)]}


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def in_thread(action: Callable[[], Any]) -> Any:
    """Do something in another thread, and fail as it does."""
    outcome: list[Any] = []

    def act() -> None:
        try:
            outcome.append(action())
        except OSError as error:
            outcome.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    if isinstance(outcome[0], OSError):
        raise outcome[0]
    return outcome[0]


def c_call(name: str, *arguments: Any) -> int:
    """Call a function of the C library that says by -1 and errno what failed."""
    found: int = getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments)
    if found == -1:
        raise OSError(ctypes.get_errno(), name)
    return found


def breaking_out(file: Path, parent: int) -> dict[str, Callable[[], Any]]:
    """What a reader that a file has taken over would try."""
    return {
        "read a report": file.read_text,
        "read it in a thread": lambda: in_thread(file.read_text),
        "list a folder": lambda: os.listdir(file.parent),
        "read the parent's secrets": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "read its own": lambda: Path("/proc/self/environ").read_bytes(),
        "write a report": lambda: file.write_text("本报讯"),
        "add to it": lambda: file.open("a"),
        "empty it": lambda: os.close(os.open(file, os.O_RDONLY | os.O_TRUNC)),
        "make a file": lambda: file.with_name("new").touch(),
        "make a folder": lambda: file.with_name("folder").mkdir(),
        "rename it": lambda: file.rename(file.with_name("other")),
        "link to it": lambda: file.with_name("link").hardlink_to(file),
        "remove it": file.unlink,
        "change its mode": lambda: file.chmod(0o777),
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        "listen": socket.socket,
        "talk to itself": socket.socketpair,
        "fork": os.fork,
        "fork in a thread": lambda: in_thread(os.fork),
        "start a program": lambda: subprocess.run(["/bin/true"], check=True),
        "spawn a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "become a program": lambda: os.execv("/bin/true", ["true"]),
        "end its parent": lambda: os.kill(parent, signal.SIGTERM),
        "end its group": lambda: os.kill(0, signal.SIGTERM),
        "limit its parent": lambda: resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1)),
        "trace its parent": lambda: c_call("ptrace", 16, parent, None, None),
        "read its parent's memory": lambda: c_call("process_vm_readv", parent, None, 0, None, 0, 0),
        "be looked into again": lambda: c_call("prctl", 4, 1, 0, 0, 0),
        "have a namespace": lambda: c_call("unshare", 0x10000000),
        "have a file in memory": lambda: os.memfd_create("program"),
        "call by a ring": lambda: c_call("syscall", 425, 1, None),
        "clone": lambda: c_call("syscall", 435, None, 0),
    }


def break_out(data: bytes, file: str, parent: int) -> dict[str, str]:
    """Try all of that, and say how each is refused."""
    outcomes = {}
    for name, action in breaking_out(Path(file), parent).items():
        try:
            action()
            outcomes[name] = "done"
        except OSError as error:
            outcomes[name] = errno.errorcode[error.errno or 0]
    return outcomes


def share_out(data: bytes, count: int) -> dict[str, list[int]]:
    """Count in several threads, as libraries do that compute."""
    found = [0] * count

    def add(number: int) -> None:
        found[number] = sum(range(number * 1000))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"sums": found}


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
    "surroundings": surroundings,
    "break out": break_out,
    "share out": share_out,
}
