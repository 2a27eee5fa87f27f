"""``wenbao doctor`` as a user types it, on an installation that is well and on one that is not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest
from bot_api import BotApiServer
from bot_api_client import TOKEN
from places import SUPPORT
from processes import PLAIN

STUB = (sys.executable, str(SUPPORT / "stub_wenbao.py"))


def doctor(config, *options, **environment):
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("WENBAO_", "TELEGRAM_"))}
    return subprocess.run(
        [*STUB, "doctor", "--config", config, *options],
        env={**inherited, **PLAIN, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def config(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text("甲\n\n社区的志愿者给老人送菜。", encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text("corpus: {paths: [reports]}\nserver: {port: 0}\n", encoding="utf-8")
    subprocess.run([*STUB, "index", "--json", "--config", path], check=True, capture_output=True)
    return path


def test_where_nothing_is_wrong_the_exit_status_is_0_and_nothing_is_changed(config):
    files = {path: path.stat().st_mtime_ns for path in config.parent.rglob("*")}
    done = doctor(config)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == f"ok        configuration: {config}"
    assert lines[-1].startswith("0 problems, ")
    assert {path: path.stat().st_mtime_ns for path in config.parent.rglob("*")} == files


def test_what_is_wrong_is_said_with_its_remedy_and_the_exit_status_is_1(config):
    (config.parent / ".wenbao" / "CURRENT").write_text("nonsense", encoding="utf-8")
    with BotApiServer(TOKEN) as server, socket.create_server(("127.0.0.1", 0)) as other:
        environment = {
            "TELEGRAM_BOT_TOKEN": "654321:" + "b" * 35,
            "WENBAO_ADMIN_TOKEN": "open sesame",
            "WENBAO_TELEGRAM__API_BASE_URL": server.base_url,
            "WENBAO_SERVER__PORT": str(other.getsockname()[1]),
        }
        done, as_json = doctor(config, **environment), doctor(config, "--json", **environment)
    assert (done.returncode, as_json.returncode) == (1, 1)
    found = json.loads(as_json.stdout)
    problems = {one["name"]: one["remedy"] for one in found["findings"] if one["state"] == "problem"}
    assert problems == {
        "index": "run `wenbao index --rebuild`",
        "WENBAO_ADMIN_TOKEN": "set it to what `openssl rand -hex 32` prints",
        "Telegram": "copy TELEGRAM_BOT_TOKEN again from @BotFather (/mybots)",
        "port": "end what uses it, or set server.port",
    }
    assert found["problems"] == 4
    for remedy in problems.values():
        assert f"          -> {remedy}" in done.stdout.splitlines()
    assert "b" * 35 not in done.stdout + done.stderr + as_json.stdout + as_json.stderr
