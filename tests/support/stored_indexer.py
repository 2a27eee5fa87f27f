"""An indexer in a process of its own, to be killed: URL FOLDER READINGS (build | help) (embed | write | test | never).

The last word is where it kills itself. It embeds two texts at a time, takes its time, and says how many it embedded.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from stub_encoder import StubEncoder

from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.writing.building import build_stored
from retrieval.index.oceanbase.writing.embedding import help_embedding
from retrieval.index.oceanbase.writing.lease import holder
from retrieval.index.oceanbase.writing.work import Sharing

SHARING = Sharing(batch=2, claim_seconds=4.0, lease_seconds=2.0)


class SlowEncoder(StubEncoder):
    """Takes a moment for each text, as a model does."""

    def __init__(self, each: float = 0.02) -> None:
        super().__init__()
        self._each = each

    def encode_passages(self, texts, progress=lambda *_: None):
        time.sleep(self._each * len(texts))
        return super().encode_passages(texts, progress)


def dying(point):
    """Return a progress and a test that kill the process when the run has come to a point."""

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def progress(stage, done, total):
        if (stage, point) in (("embed", "embed"), ("write", "write")) and done >= (3 if stage == "embed" else 0):
            die()

    return progress, lambda number: die() if point == "test" else None


def main(url, folder, readings, role, point):
    (progress, test), encoder = dying(point), SlowEncoder()
    with closing(Database(url, os.environ["PASSWORD"])) as database:
        if role == "help":
            while not holder(database):
                time.sleep(0.05)
            help_embedding(database, encoder, progress, SHARING)
        else:
            options = {"readings_folder": Path(readings), "test": test, "progress": progress, "sharing": SHARING}
            build_stored([Path(folder)], database, encoder, wait=20, **options)
    sys.stdout.write(str(len(encoder.embedded)))


if __name__ == "__main__":
    main(*sys.argv[1:])
