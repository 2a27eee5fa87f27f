"""Who may read what the program writes: whoever the umask lets read new files, but what people asked is its user's."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT, SUPPORT
from processes import PLAIN

STUB = (sys.executable, str(SUPPORT / "stub_wenbao.py"))
BESIDES = """
import json, sqlite3, sys
from contextlib import closing
from pathlib import Path
from stub_encoder import StubEncoder
from bot.state import SqliteState
from bot.reply import Asker, Reply
from retrieval.corpus.recognition.kept import KeptPages
from retrieval.corpus.recognition.seen import SeenPage, page_json
from retrieval.index.local.checkpoint import Checkpoint
from retrieval.types import Answer, Question

index = Path(sys.argv[1])
KeptPages(index, "1").put("digest", 1, page_json(SeenPage(1.4, ())))
Checkpoint(index, StubEncoder()).embed(["灯还亮着。"])
reply = Reply("r1", Question("谁在送菜？"), Answer("not_found", 0.1, None, (), "000001-abc", {}), Asker("web", None))
store = SqliteState(index)
store.record_unanswered([reply])
with closing(sqlite3.connect(store.file)) as connection:
    connection.execute("SELECT * FROM unanswered").fetchall()
    store.record_unanswered([reply])
    print(json.dumps({file.name: oct(file.stat().st_mode & 0o777) for file in index.glob("state.sqlite*")}))
"""
"""What is written beside an index: recognised pages, vectors of an unfinished build, and what people asked."""


def run(mask, *command):
    done = subprocess.run(
        command,
        env={**os.environ, **PLAIN, "PYTHONPATH": os.pathsep.join([str(ROOT), str(SUPPORT)])},
        capture_output=True,
        text=True,
        check=False,
        umask=mask,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def modes_below(folder: Path) -> dict[str, str]:
    """Return the permissions of all that is in a folder, by its path."""
    return {path.relative_to(folder).as_posix(): oct(stat.S_IMODE(path.lstat().st_mode)) for path in folder.rglob("*")}


@pytest.mark.parametrize("mask", [0o077, 0o022, 0o002])
def test_all_that_is_written_has_the_permissions_that_the_umask_gives_and_what_people_asked_is_private(tmp_path, mask):
    place, sent, index = tmp_path / "place", tmp_path / "送菜.txt", tmp_path / "place" / ".wenbao"
    place.mkdir()
    config = place / "config.yaml"
    config.write_text("corpus: {paths: [reports], watch: false, history: 5}\n", encoding="utf-8")
    for version in ("社区的志愿者每天给老人送菜。", "社区的志愿者每周给老人送菜。"):
        sent.write_text(version, encoding="utf-8")
        run(mask, *STUB, "add", sent, "--config", config)
    private = json.loads(run(mask, sys.executable, "-c", BESIDES, index))
    names = ["state.sqlite", "state.sqlite-shm", "state.sqlite-wal"]
    assert private == dict.fromkeys(names, oct(0o600))
    found = modes_below(place)
    assert {"reports/送菜.txt", ".wenbao/CURRENT", ".wenbao/history.sqlite", ".wenbao/readings.json"} <= set(found)
    folders = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_dir()}
    usual = {path: oct((0o777 if path in folders else 0o666) & ~mask) for path in found}
    of_people = dict.fromkeys([".wenbao/state.sqlite", ".wenbao/audit.jsonl"], oct(0o600))
    assert found == usual | {"config.yaml": found["config.yaml"]} | of_people
