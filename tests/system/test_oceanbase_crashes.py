"""Servers, indexers and the database itself are killed while reports change and questions are asked."""

import sys
from collections import Counter

from besieged import Siege, besiege
from places import SUPPORT

STUB = (sys.executable, str(SUPPORT / "stub_wenbao.py"))
SIEGE = Siege(2000, changes=6, kills=("server", "indexer", "database", "server", "indexer"), pause=0.1, hurried=True)


def test_whatever_is_killed_every_answer_is_of_one_generation_word_for_word_and_nothing_is_lost(
    seekdb, database, tmp_path
):
    outcome = besiege(SIEGE, seekdb, database, tmp_path, STUB)
    assert (outcome.wrong, outcome.problems, outcome.killed) == ({}, [], Counter(SIEGE.kills))
    assert outcome.generations == outcome.rounds >= SIEGE.changes
    assert outcome.answers > 10 * outcome.generations
