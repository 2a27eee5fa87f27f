"""The index in a database: real processes with the stub encoder, which index, ask and serve, and outlive the server."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from places import ROOT
from processes import run, serving, write_config

STUB = (sys.executable, str(ROOT / "tests" / "support" / "stub_wenbao.py"))
FIRST = "灯会在正月十五举行，由王建国主持。\n\n市民凭身份证免费入场。\n"
SECOND = "第七小学的新校门于五月一日启用。\n"
QUESTION, ABOUT_SECOND = "灯会由谁主持？", "新校门何时启用？"
SECONDS = 20.0
ADMIN_TOKEN = secrets.token_hex(16)


@pytest.fixture
def environment(seekdb, database) -> dict[str, str]:
    """What a process gets to know of the store."""
    store = {"WENBAO_INDEX__STORE": "oceanbase", "WENBAO_INDEX__URL": str(database.address)}
    return {**store, "WENBAO_INDEX_PASSWORD": seekdb.password}


@pytest.fixture
def config(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "灯会.txt").write_text(FIRST, encoding="utf-8")
    return write_config(tmp_path, tmp_path / "corpus")


def wenbao(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, which must be a good one."""
    done = run(*map(str, arguments), command=STUB, **environment)
    assert done.returncode == 0, done.stderr
    return done


def asked(address: str, question: str) -> tuple[int, dict[str, object]]:
    reply = httpx.post(f"{address}/ask", json={"question": question}, trust_env=False, timeout=30)
    return reply.status_code, reply.json()


def http(address: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)


def first_quote(address: str, question: str) -> str:
    code, answer = asked(address, question)
    return answer["citations"][0]["quote"] if code == 200 and answer["citations"] else ""


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether something holds before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def generation_of(address: str) -> str:
    return httpx.get(f"{address}/readyz", trust_env=False, timeout=30).json().get("generation", "")


def test_every_command_works_and_two_servers_follow_what_another_process_indexes(tmp_path, config, environment):
    with serving(config, STUB, wait=False, **environment) as (one, _):
        assert httpx.get(f"{one}/readyz", trust_env=False).status_code == 503  # servers make no index themselves
        receipt = json.loads(wenbao("index", "--json", "--config", config, **environment).stdout)
        assert (receipt["documents"], receipt["added"], receipt["embedded"]) == (1, ["灯会"], 2)
        assert within(SECONDS, lambda: generation_of(one) == receipt["generation"])
        with serving(config, STUB, **environment) as (other, _):
            answers = [asked(address, QUESTION)[1] for address in (one, other)]
            assert [answer["generation"] for answer in answers] == [receipt["generation"]] * 2
            assert {answer["citations"][0]["quote"] for answer in answers} == {FIRST.split("\n")[0]}
            (tmp_path / "corpus" / "校门.txt").write_text(SECOND, encoding="utf-8")
            (tmp_path / "corpus" / "灯会.txt").write_text(FIRST.replace("王建国", "李红梅"), encoding="utf-8")
            second = json.loads(wenbao("index", "--json", "--config", config, **environment).stdout)
            assert (second["added"], second["changed"], second["embedded"]) == (["校门"], ["灯会"], 2)
            for address in (one, other):
                assert within(SECONDS, lambda address=address: generation_of(address) == second["generation"])
                assert first_quote(address, ABOUT_SECOND) == SECOND.strip()
                assert "李红梅" in first_quote(address, QUESTION)
            earlier = {"version": answers[0]["citations"][0]["version"]}
            past = httpx.get(f"{other}/documents/灯会", params=earlier, trust_env=False).json()
            assert past["text"] == FIRST.strip()
    status = json.loads(wenbao("status", "--verify", "--json", "--config", config, **environment).stdout)
    counts = {"generation": second["generation"], "documents": 2, "passages": 3, "encoder": "stub"}
    assert status == counts | {"problems": []}
    answer = json.loads(wenbao("ask", ABOUT_SECOND, "--json", "--config", config, **environment).stdout)
    assert answer["citations"][0]["quote"] == SECOND.strip()


def test_servers_say_so_while_the_database_is_away_and_answer_as_before_once_it_is_back(config, environment, seekdb):
    wenbao("index", "--config", config, **environment)
    with serving(config, STUB, **environment) as (address, _):
        before = asked(address, QUESTION)[1]
        seekdb.kill()
        assert within(SECONDS, lambda: httpx.get(f"{address}/readyz", trust_env=False).status_code == 503)
        code, problem = asked(address, ABOUT_SECOND)
        assert (code, problem["status"]) == (503, 503)
        assert "see that the server runs" in problem["detail"] and "unix_socket" not in problem["detail"]
        with ThreadPoolExecutor(1) as starting:
            started = starting.submit(seekdb.start)
            codes = {problem["status"]}
            while not started.done():  # also while the server is there and not ready yet
                codes.add(asked(address, ABOUT_SECOND)[0])
        assert codes <= {200, 503}
        assert within(SECONDS, lambda: httpx.get(f"{address}/readyz", trust_env=False).status_code == 200)
        after = asked(address, QUESTION)[1]
        assert [one["citations"] for one in (before, after)] == [before["citations"]] * 2
        assert after["generation"] == before["generation"]
        assert asked(address, ABOUT_SECOND)[0] == 200
    verified = wenbao("status", "--verify", "--json", "--config", config, **environment)
    assert json.loads(verified.stdout)["problems"] == []


def test_what_is_handed_in_to_any_server_stays_until_it_is_removed_and_needs_no_folder(tmp_path, config, environment):
    wenbao("index", "--config", config, **environment)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = write_config(tmp_path / "elsewhere", tmp_path / "elsewhere" / "nothing")
    known = {**environment, "WENBAO_ADMIN_TOKEN": ADMIN_TOKEN}
    with serving(elsewhere, STUB, **known) as (address, _), http(address) as client:
        refused = client.post("/documents", files=[("files", ("坏.txt", b"\x00\x01"))]).json()
        assert (refused["added"], [one["path"] for one in refused["skipped"]]) == ([], ["坏.txt"])
        added = client.post("/documents", files=[("files", ("校门.txt", SECOND.encode()))]).json()
        assert (added["added"], added["removed"], added["documents"], added["embedded"]) == (["校门"], [], 2, 1)
        assert first_quote(address, ABOUT_SECOND) == SECOND.strip()
        again = json.loads(wenbao("index", "--json", "--config", config, **environment).stdout)
        assert (again["generation"], again["removed"], again["documents"]) == (added["generation"], [], 2)
        originals = [client.get(f"/documents/{name}/original").content for name in ("校门", "灯会")]
        assert originals == [SECOND.encode(), FIRST.encode()]
        codes = [client.post("/index").status_code, client.delete("/documents/灯会").status_code]
        assert codes == [409, 409]
        removed = client.delete("/documents/校门").json()
        assert (removed["removed"], removed["documents"]) == (["校门"], 1)
        assert client.delete("/documents/校门").status_code == 404
    kept = json.loads(wenbao("index", "--json", "--config", config, **environment).stdout)
    assert (kept["added"], kept["documents"]) == ([], 1)


def test_an_index_moves_into_a_database_and_back_and_nothing_is_embedded(tmp_path, config, environment):
    url, password = environment["WENBAO_INDEX__URL"], environment["WENBAO_INDEX_PASSWORD"]
    first = json.loads(wenbao("index", "--json", "--config", config).stdout)
    local = json.loads(wenbao("ask", "--json", QUESTION, "--config", config).stdout)
    copied = json.loads(
        wenbao("copy", "--to", url, "--json", "--config", config, WENBAO_INDEX_PASSWORD=password).stdout
    )
    assert (copied["documents"], copied["passages"]) == (first["documents"], first["passages"])
    again = run("copy", "--to", url, "--config", str(config), command=STUB, WENBAO_INDEX_PASSWORD=password)
    assert (again.returncode, "say --yes to replace it" in again.stderr) == (1, True)

    receipt = json.loads(wenbao("index", "--json", "--config", config, **environment).stdout)
    assert (receipt["added"], receipt["changed"], receipt["removed"], receipt["embedded"]) == ([], [], [], 0)
    far = json.loads(wenbao("ask", "--json", QUESTION, "--config", config, **environment).stdout)
    back = tmp_path / "back"
    wenbao("copy", "--to", back, "--config", config, **environment)
    returned = json.loads(wenbao("ask", "--json", QUESTION, "--config", config, WENBAO_INDEX__PATH=str(back)).stdout)
    same = ("status", "answer", "citations")
    assert [far[key] for key in same] == [local[key] for key in same] == [returned[key] for key in same]
    refused = run("copy", "--to", str(tmp_path / "other"), "--config", str(config), command=STUB)
    assert (refused.returncode, "files already" in refused.stderr) == (1, True)
