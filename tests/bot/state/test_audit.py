"""The audit log: one line each, whoever writes, and never too large."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.state import Audit, SqliteState
from bot.state.audit_file import AuditFile
from bot.state.records import AuditEntry
from retrieval.errors import WenbaoError

WRITER = """
import sys
from pathlib import Path
from bot.state.audit_file import AuditFile
from bot.state.records import AuditEntry
log = AuditFile(Path(sys.argv[1]), largest=20_000, kept=50)
sys.stdin.readline()
for number in range(100):
    log.write(AuditEntry("now", "cli", sys.argv[2], "documents.add", "done", (f"报告{number}",)))
"""


def lines_of(folder):
    files = sorted(folder.glob("audit.jsonl*"), key=lambda path: int(path.suffix.removeprefix(".jsonl")[1:] or 0))
    return [json.loads(line) for path in reversed(files) for line in path.read_text("utf-8").splitlines()]


def test_a_line_says_when_from_where_who_what_and_what_came_of_it(tmp_path):
    Audit(SqliteState(tmp_path)).record("web", "press", "documents.remove", "done", ["a", "b"])
    (line,) = lines_of(tmp_path)
    when = line.pop("when")
    assert when.endswith("+00:00")
    assert line == {"face": "web", "who": "press", "what": "documents.remove", "result": "done", "about": ["a", "b"]}
    assert oct((tmp_path / "audit.jsonl").stat().st_mode & 0o777) == "0o600"


def test_a_full_file_is_kept_aside_and_the_oldest_goes(tmp_path):
    log = AuditFile(tmp_path, largest=400, kept=2)
    for number in range(30):
        log.write(AuditEntry("2026-12-01T00:00:00.000+00:00", "web", "press", "index", "done", (str(number),)))
    kept = [line["about"][0] for line in lines_of(tmp_path)]
    assert kept == [str(number) for number in range(30 - len(kept), 30)]
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("audit.jsonl*")}
    assert sorted(sizes) == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    assert max(sizes.values()) <= 400


def test_many_names_are_cut_short(tmp_path):
    Audit(SqliteState(tmp_path)).record("web", "press", "documents.add", "done", [str(number) for number in range(60)])
    assert lines_of(tmp_path)[0]["about"][-2:] == ["49", "+10"]


def test_processes_that_write_at_once_lose_no_line(tmp_path):
    command = [sys.executable, "-c", WRITER, tmp_path]
    writers = [subprocess.Popen([*command, name], stdin=subprocess.PIPE) for name in "abc"]
    for writer in writers:
        writer.stdin.write(b"go\n")
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = [(line["who"], line["about"][0]) for line in lines_of(tmp_path)]
    assert sorted(found) == sorted((who, f"报告{number}") for who in "abc" for number in range(100))


def test_a_log_that_cannot_be_written_is_an_error_in_the_ordinary_one_and_nothing_else(tmp_path, caplog):
    (tmp_path / "file").touch()
    Audit(SqliteState(tmp_path / "file")).record("web", "press", "index", "done")
    assert "audit.jsonl cannot be written" in caplog.text


def test_what_strangers_write_ends_no_line(tmp_path):
    what = "GET /a\nb\x85c\u2028d\u2029e\ud800"
    Audit(SqliteState(tmp_path)).record("web", "#1", what, "refused 404", ["\u2028"])
    [line] = (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["what"] == what.replace("\ud800", "?") and json.loads(line)["about"] == ["\u2028"]


def test_what_was_done_and_what_could_not_be_is_written_and_passed_on(tmp_path):
    audit = Audit(SqliteState(tmp_path))
    with audit.noting("web", "chief", "keys.add", ["press"]):
        pass
    with pytest.raises(WenbaoError), audit.noting("web", "chief", "keys.revoke", ["press"]):
        raise WenbaoError("no")
    lines = lines_of(tmp_path)
    assert [(one["what"], one["result"], one["about"]) for one in lines] == [
        ("keys.add", "done", ["press"]),
        ("keys.revoke", "failed: no", ["press"]),
    ]
