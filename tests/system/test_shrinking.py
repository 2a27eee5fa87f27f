"""Real processes over a corpus that lost most of its reports: they change nothing until somebody says yes."""

from __future__ import annotations

import json
import os
import subprocess
import time

import httpx
import pytest
from processes import PLAIN, serving
from stub_encoder import StubEncoder
from telegram_process import STUB
from telegram_room import room

from bot.service.upkeep.upkeep import SHRINKING
from bot.texts import text

NAMES = ["fifth", "first", "fourth", "second", "third"]
REMEDY = (
    "and the index stays as it is: bring their folder back, or let them go with `wenbao index --yes` "
    "(yes=true over HTTP)"
)
LINE = f"wenbao: 5 of the 5 indexed reports are no longer in the corpus (fifth, first, fourth, …), {REMEDY}\n"
CHIEF = 9


def write(folder):
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.txt").write_text(f"{name}号通报\n\n{name}的内容各不相同。", encoding="utf-8")


def unmount(folder):
    folder.rename(folder.parent / "away")
    folder.mkdir()


def mount(folder):
    folder.rmdir()
    (folder.parent / "away").rename(folder)


def wenbao(*arguments) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STUB, *arguments], env={**os.environ, **PLAIN}, capture_output=True, encoding="utf-8", timeout=90, check=False
    )


@pytest.fixture
def config(tmp_path):
    write(tmp_path / "reports")
    path = tmp_path / "config.yaml"
    path.write_text("corpus: {paths: [reports], scan_seconds: 0.3}\nserver: {port: 0}\n", encoding="utf-8")
    assert wenbao("index", "--config", path).returncode == 0
    unmount(tmp_path / "reports")
    return path


def eventually(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def listed(config):
    return [
        one["document_id"] for one in json.loads(wenbao("documents", "--json", "--config", config).stdout)["documents"]
    ]


def test_in_a_terminal_it_is_refused_in_one_line_and_done_with_yes(config):
    for options in ([], ["--rebuild"], ["--json"]):
        refused = wenbao("index", *options, "--config", config)
        assert (refused.returncode, refused.stdout, refused.stderr.splitlines(keepends=True)[-1]) == (1, "", LINE)
    asked = wenbao("ask", "second号通报", "--json", "--config", config)
    assert (asked.returncode, json.loads(asked.stdout)["citations"][0]["document_id"]) == (0, "second")
    assert listed(config) == NAMES
    (config.parent / "new.txt").write_text("一份新的通报", encoding="utf-8")
    added = wenbao("add", config.parent / "new.txt", "--config", config)
    assert (added.returncode, added.stderr.splitlines(keepends=True)[-1]) == (1, LINE)
    receipt = json.loads(wenbao("index", "--yes", "--json", "--config", config).stdout)
    assert (receipt["added"], receipt["removed"], receipt["documents"]) == (["new"], NAMES, 1)


def test_reports_may_be_removed_by_their_ids_to_the_last(config):
    mount(config.parent / "reports")
    receipt = json.loads(wenbao("remove", *NAMES, "--json", "--config", config).stdout)
    assert (receipt["removed"], receipt["documents"]) == (NAMES, 0)


def test_a_server_starts_with_what_is_there_says_so_and_goes_on_when_the_folder_is_back(config):
    with serving(config, STUB) as (address, _), httpx.Client(base_url=address, trust_env=False) as client:
        eventually(lambda: client.get("/readyz").json()["status"] == "degraded")
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["problems"]) == (200, [SHRINKING])
        assert client.get("/ask", params={"q": "second号通报"}).json()["citations"][0]["document_id"] == "second"
        mount(config.parent / "reports")
        (config.parent / "reports" / "sixth.txt").write_text("sixth号通报", encoding="utf-8")
        eventually(lambda: len(client.get("/documents").json()["documents"]) == 6)
        assert client.get("/readyz").json()["status"] == "ready"
        unmount(config.parent / "reports")
        eventually(lambda: client.get("/readyz").json()["status"] == "degraded")
        assert len(client.get("/documents").json()["documents"]) == 6


def test_an_administrator_is_told_in_telegram_in_both_languages(tmp_path):
    write(tmp_path / "reports")
    corpus = {"paths": [str(tmp_path / "reports")], "watch": False}
    with room(tmp_path, StubEncoder(), tmp_path / "reports", telegram={"admins": [CHIEF]}, corpus=corpus) as desk:
        unmount(tmp_path / "reports")
        for code, language in (("zh-hans", "zh"), ("en", "en")):
            chief = desk.server.user(CHIEF, "主编", code)
            said = desk.server.say(chief, "/reindex")
            told = desk.server.wait_for_messages(chief, 2, after=said, timeout=30)[1]
            assert told.text == text(language, "tg_admin_most_gone", gone=5, held=5, named=", ".join(NAMES))
