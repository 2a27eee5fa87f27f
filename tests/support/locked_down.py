"""Read the files of a folder, each in a process that has just lost its rights, and print what was found as JSON.

    python locked_down.py FOLDER

A worker that has read one file knows what that file made it load. Here every file comes to a process that has read
none: all are forked from one that has prepared as a worker does.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from retrieval.corpus.sandbox.rights import drop_rights
from retrieval.corpus.sandbox.worker import PREPARE, TASKS, _answer


def read_locked_down(file: Path, readable: tuple[Path, ...]) -> Any:
    data = file.read_bytes()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        kept = drop_rights(readable)
        found = {"kept": kept} if kept else _answer(TASKS[file.suffix], data, [], 2**30)
        with os.fdopen(writing, "w") as replies:
            json.dump(found, replies)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as replies:
        found = replies.read()
    os.waitpid(child, 0)
    return json.loads(found)


if __name__ == "__main__":
    stays_readable = TASKS[PREPARE]()
    json.dump({file.name: read_locked_down(file, stays_readable) for file in Path(sys.argv[1]).iterdir()}, sys.stdout)
