"""Changes that are made once, though a connection breaks before the commit or others are in the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from retrieval.index.oceanbase.database import Database
from retrieval.index.oceanbase.failures import ConnectionLost, StatementFailed
from retrieval.index.oceanbase.session import Session

T = TypeVar("T")

TRIES = 4
PAUSE_SECONDS = 0.05
IN_THE_WAY = {1205, 1213, 4038, 6002, 6003, 6005, 6213, 6235}
"""A lock not had in time, a deadlock, a server that hands over, a snapshot that is no more: nothing was changed.

MySQL's numbers, then OceanBase's.
"""


def changed(database: Database, work: Callable[[Session], T]) -> T:
    """Return what ``work`` returns, run as one transaction, again where that is known to have changed nothing.

    ConnectionLost where the connection broke during the commit: then nobody knows.
    """
    attempt = 0
    while True:
        attempt += 1
        is_done = False
        try:
            with database.transaction() as session:
                result = work(session)
                is_done = True
            return result
        except ConnectionLost:
            if is_done or attempt == TRIES:
                raise
        except StatementFailed as error:
            if error.code not in IN_THE_WAY or attempt == TRIES:
                raise
        time.sleep(PAUSE_SECONDS * attempt)
