"""Ordinary logs: one line a record in either form, whatever the record holds."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys

import pytest

from bot.telemetry import logs

NASTY = "a\n2026-12-01 00:00:00 ERROR wenbao: forged\r\x1b[31mred\x1b[0m \x9b2J \u202egnp.exe \u2028 \ud800 文件　名"


@pytest.fixture
def written():
    """Return a function that logs through a formatter and gives back what was written."""

    def write(formatter: logging.Formatter, *record: object, exc_info=None) -> str:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        log = logging.Logger("wenbao")
        log.addHandler(handler)
        log.warning(*record, exc_info=exc_info)
        return stream.getvalue()

    return write


def test_nothing_that_is_logged_ends_a_line_or_reaches_a_terminal_as_a_command(written):
    text = written(logs.TextFormatter(), "refused %s", NASTY)
    (line,) = text.splitlines()
    assert line.endswith(
        r"WARNING wenbao: refused a\n2026-12-01 00:00:00 ERROR wenbao: forged\u000d\u001b[31mred\u001b[0m \u009b2J "
        r"\u202egnp.exe \u2028 \ud800 文件　名"
    )
    (line,) = written(logs.JsonFormatter(), "refused %s", NASTY).splitlines()
    assert json.loads(line)["message"] == f"refused {NASTY}"
    assert not logs.UNSEEN.search(line)


def test_a_traceback_cannot_be_taken_for_lines_of_the_log(written):
    try:
        raise ValueError(NASTY)
    except ValueError as error:
        first, *rest = written(logs.TextFormatter(), "failed", exc_info=error).splitlines()
        found = json.loads(written(logs.JsonFormatter(), "failed", exc_info=error))
    assert first.endswith("WARNING wenbao: failed")
    assert rest[0] == "  Traceback (most recent call last):"
    assert [line for line in rest if not line.startswith("  ")] == []
    assert found["message"] == "failed"
    assert found["traceback"].endswith(f"ValueError: {NASTY}")


def test_no_line_holds_a_token_of_this_process(written, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456:test-token")
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "an-admin-token-for-tests")
    monkeypatch.setenv("WENBAO_INDEX_PASSWORD", "a password of a database")
    for formatter in (logs.TextFormatter(), logs.JsonFormatter()):
        try:
            raise ValueError("the token `123456:test-token` was rejected")
        except ValueError as error:
            says = "Bearer an-admin-token-for-tests, a password of a database"
            text = written(formatter, "%s", says, exc_info=error)
        assert "Bearer [WENBAO_ADMIN_TOKEN], [WENBAO_INDEX_PASSWORD]" in text
        assert "the token `[TELEGRAM_BOT_TOKEN]` was rejected" in text


def test_the_request_id_is_there_while_a_request_is_answered(written):
    token = logs.request_id.set("abc")
    try:
        assert json.loads(written(logs.JsonFormatter(), "x"))["request_id"] == "abc"
        assert written(logs.TextFormatter(), "x").endswith("WARNING wenbao: [abc] x\n")
    finally:
        logs.request_id.reset(token)
    assert list(json.loads(written(logs.JsonFormatter(), "x"))) == ["time", "level", "logger", "message"]
    assert written(logs.TextFormatter(), "x").endswith("WARNING wenbao: x\n")


CATCHING = """
import gc, sys, threading, warnings
from bot.telemetry import logs
logs.configure("json")
logs.catch_all()
warnings.warn("old")
def fail():
    raise RuntimeError("in a thread")
thread = threading.Thread(target=fail, name="worker")
thread.start()
thread.join()
class Bad:
    def __del__(self):
        raise RuntimeError("in a destructor")
bad = Bad()
del bad
gc.collect()
raise RuntimeError("at the end")
"""


def test_what_python_writes_by_itself_is_in_the_log_too():
    done = subprocess.run([sys.executable, "-W", "default", "-c", CATCHING], capture_output=True, encoding="utf-8")
    entries = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(entry["level"], entry["logger"]) for entry in entries] == [
        ("WARNING", "py.warnings"),
        ("ERROR", "wenbao"),
        ("ERROR", "wenbao"),
        ("CRITICAL", "wenbao"),
    ]
    assert "UserWarning: old" in entries[0]["message"]
    assert [entry["traceback"].splitlines()[-1] for entry in entries[1:]] == [
        "RuntimeError: in a thread",
        "RuntimeError: in a destructor",
        "RuntimeError: at the end",
    ]
    assert done.returncode == 1
