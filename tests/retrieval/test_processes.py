"""Processes that are started here learn what they need, and no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from places import ROOT

from retrieval.encoder.compiled import CompileJob, compile_in_process
from retrieval.processes import environment
from retrieval.types import no_progress

SECRETS = ["TELEGRAM_BOT_TOKEN", "WENBAO_ADMIN_TOKEN", "WENBAO_SERVER__SECRET", "HF_TOKEN", "LANGCHAIN_API_KEY",
           "HOMEBREW_GITHUB_API_TOKEN", "TEMPORAL_KEY", "PATH_TO_KEY", "OPENAI_API_KEY"]  # fmt: skip


@pytest.fixture
def secrets(monkeypatch):
    for name in SECRETS:
        monkeypatch.setenv(name, "hush")


def test_a_process_gets_what_it_needs_to_run_and_nothing_by_a_name_that_only_begins_so(secrets, monkeypatch):
    for name in [*os.environ]:
        if name not in SECRETS:
            monkeypatch.delenv(name)
    needed = {
        "PATH": "/bin",
        "HOME": "/root",
        "LANG": "C",
        "LC_ALL": "C.UTF-8",
        "TZ": "Asia/Shanghai",
        "TMPDIR": "/tmp",
    }
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "path", ["", "/code", "/more"])
    assert environment(THREADS="1") == {**needed, "PYTHONPATH": f"/code{os.pathsep}/more", "THREADS": "1"}


def test_the_process_that_compiles_a_model_learns_no_secret(secrets, monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    note = "import json, os, sys; target = json.loads(sys.argv[1])['target']; "
    note += "open(os.path.join(target, 'names'), 'w').write(json.dumps(dict(os.environ)))"
    job = CompileJob(tmp_path, "onnx", {})
    compile_in_process(job, tmp_path, no_progress, worker=note)
    found = json.loads((tmp_path / "names").read_text(encoding="utf-8"))
    assert [name for name, value in found.items() if name in SECRETS or value == "hush"] == []
    assert found["OMP_NUM_THREADS"] == "1"


def test_onnx_runtime_keeps_no_number_of_the_device_and_sends_nothing(tmp_path):
    """Where it sends events, it makes a folder in the cache and starts a thread when it is loaded."""
    script = "import retrieval.encoder.onnx_model; import os; print(len(os.listdir('/proc/self/task')))"
    if not sys.platform.startswith("linux"):
        pytest.skip("counts threads as Linux does")
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**environment(HOME=str(tmp_path), OPENBLAS_NUM_THREADS="1"), "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert list(tmp_path.rglob("*")) == []
