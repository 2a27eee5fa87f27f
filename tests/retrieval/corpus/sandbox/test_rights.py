"""A worker has given up its rights before it sees a file, and says which of them a system would not take."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import subprocess
import sys

import pytest
from kernel import needs_all
from places import ROOT, SUPPORT

from retrieval.corpus.sandbox import RIGHTS, Limits, Sandbox

TASKS = "hostile_tasks:HOSTILE"
LIMITS = Limits(seconds=20, memory=2**30)
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(SUPPORT)])}
GIVEN = [
    "PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_",
    "LD_",
    "TMPDIR",
    "TMP",
    "TEMP",
    "TZ",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
]


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")


@pytest.fixture
def sandbox():
    with Sandbox(LIMITS, TASKS) as sandbox:
        yield sandbox


def without_privileges():
    """Let the programs that follow have no privilege that root has over other processes, as most users have none."""
    with contextlib.suppress(AttributeError):
        libc = ctypes.CDLL(None)
        for privilege in range(64):
            libc.prctl(24, privilege, 0, 0, 0)


def said_by(script, *arguments, **options):
    """Run Python code and return the JSON that it prints."""
    command = [sys.executable, "-P", "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_all
def test_a_worker_gives_up_every_right_that_there_is(sandbox):
    assert sandbox.kept_rights() == {}


@needs_all
@pytest.mark.parametrize("worker", ["recognition.worker:RECOGNISING", "recognition.worker:DRAWING"])
def test_so_do_the_workers_that_recognise_and_draw_pages(worker):
    with Sandbox(Limits(memory=3 * 2**30), f"retrieval.corpus.{worker}") as sandbox:
        assert sandbox.kept_rights() == {}


@needs_all
def test_what_a_file_that_has_taken_over_its_reader_tries_is_refused(sandbox, tmp_path):
    file = tmp_path / "report.txt"
    file.write_text("社区的志愿者每天给老人送菜。", encoding="utf-8")
    outcomes = sandbox.run("break out", b"", str(file), os.getpid())
    opening = ["read a report", "read it in a thread", "list a folder", "read the parent's secrets", "read its own"]
    changing = ["write a report", "add to it", "empty it", "make a file"]
    unknown = ["call by a ring", "clone"]
    assert outcomes == {
        **dict.fromkeys(outcomes, "EPERM"),
        **dict.fromkeys([*opening, *changing], "EACCES"),
        **dict.fromkeys(unknown, "ENOSYS"),
    }
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "report.txt": "社区的志愿者每天给老人送菜。"
    }


@needs_all
def test_files_stay_out_of_reach_where_the_filter_lets_them_be_read(sandbox, tmp_path):
    """Landlock and not the filter refuses to read, so a folder that stays readable can be read and not written."""
    script = """
import errno, json, os, sys
from pathlib import Path
from retrieval.corpus.sandbox.rights import drop_rights
allowed, other = map(Path, sys.argv[1:])
one_file = other / "named.txt"
kept = drop_rights([allowed, one_file, allowed / "that is not there"])
def outcome(action):
    try:
        return action()
    except OSError as error:
        return errno.errorcode[error.errno]
print(json.dumps([kept, *map(outcome, [
    (allowed / "a.txt").read_text, lambda: os.listdir(allowed), (allowed / "b.txt").touch,
    one_file.read_text, (other / "c.txt").read_text, lambda: os.listdir(other), (allowed / "link.txt").read_text,
])]))
"""
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    for file in (allowed / "a.txt", other / "named.txt", other / "c.txt"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(file.name)
    (allowed / "link.txt").symlink_to(other / "c.txt")
    listed = sorted(["a.txt", "link.txt"])
    kept, text, names, *others = said_by(script, allowed, other)
    assert [kept, text, sorted(names), *others] == [
        {}, "a.txt", listed, "EACCES", "named.txt", "EACCES", "EACCES", "EACCES",
    ]  # fmt: skip


def test_threads_go_on_working(sandbox):
    sums = [sum(range(number * 1000)) for number in range(8)]
    assert sandbox.run("share out", b"", 8) == {"sums": sums}


def test_a_right_that_the_system_does_not_take_is_named_and_the_worker_goes_on():
    script = """
import json, sys
from retrieval.corpus.sandbox.rights import RIGHTS, drop_rights
sys.platform = "plan9"
print(json.dumps(drop_rights([])))
"""
    assert said_by(script) == dict.fromkeys(RIGHTS, "plan9 has no such call") | {
        "calls": "it is not known how to on plan9"
    }


@needs_all
def test_each_right_is_asked_for_whatever_became_of_the_others():
    """Whoever may make no new calls can ask for none of the rights to be taken."""
    script = """
import json
from retrieval.corpus.sandbox.rights import drop_rights
print(json.dumps([drop_rights([]), drop_rights([])]))
"""
    refused, missing = "Operation not permitted", "Function not implemented"
    kept = {"privileges": refused, "memory": refused, "files": missing, "calls": refused}
    assert said_by(script) == [{}, kept]


@needs_all
def test_threads_that_had_begun_before_are_owned_up_to():
    script = """
import json, threading
from retrieval.corpus.sandbox.rights import drop_rights
done = threading.Event()
threading.Thread(target=done.wait).start()
print(json.dumps(drop_rights([])))
done.set()
"""
    assert said_by(script) == {"files": "1 of its threads had begun before"}


@on_linux
def test_another_process_of_the_same_user_cannot_look_into_a_worker():
    """Any other process of the user can be looked into, which shows that the worker's own doing keeps it shut."""
    script = """
import json, subprocess, sys
from pathlib import Path
from retrieval.corpus.sandbox import Sandbox
def outcome(number):
    try:
        return len(Path(f"/proc/{number}/environ").read_bytes()) > 0
    except PermissionError:
        return "refused"
other = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=-1, stdout=-1)
other.stdout.readline()
with Sandbox(tasks="hostile_tasks:HOSTILE") as sandbox:
    worker = int(sandbox.read("look around", b"").blocks[0].text.split()[0])
    print(json.dumps([outcome(other.pid), outcome(worker)]))
other.communicate(b"")
"""
    assert said_by(script, preexec_fn=without_privileges) == [True, "refused"]


def test_a_worker_starts_without_secrets_and_without_open_files(monkeypatch, tmp_path):
    for name in ("TELEGRAM_BOT_TOKEN", "WENBAO_ADMIN_TOKEN", "WENBAO_SERVER__SECRET", "HF_TOKEN", "LANGCHAIN_API_KEY",
                 "HOMEBREW_GITHUB_API_TOKEN", "TEMPORAL_KEY", "PATH_TO_KEY"):  # fmt: skip
        monkeypatch.setenv(name, "secret")
    with (tmp_path / "feedback.sqlite").open("w") as file, Sandbox(LIMITS, TASKS) as sandbox:
        os.set_inheritable(file.fileno(), True)
        os.dup2(file.fileno(), 200)
        try:
            found = sandbox.run("surroundings", b"")
        finally:
            os.close(200)
    known = {"PYTHONPATH", "OPENBLAS_NUM_THREADS", "ORT_DISABLE_TELEMETRY", "LC_CTYPE"}
    assert [name for name in found["environment"] if name not in known and not name.startswith(tuple(GIVEN))] == []
    assert [name for name in found["environment"] if os.environ.get(name) == "secret"] == []
    assert found["descriptors"] == [0, 1, 2, 3, 4]  # 3 is where it replies, 4 what the system says of its memory
