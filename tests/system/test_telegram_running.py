"""Starting and stopping: webhook, tokens, restarts, a living index, a proxy."""

from __future__ import annotations

import http.client
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bot_api import BotApiServer
from processes import SEEDS
from stub_encoder import StubEncoder
from telegram_process import STUB, bot_environment, free_port, running_bot, write_telegram_config
from telegram_room import HOURS, PATIENCE, room

from bot.texts import text

# --- Webhook


def test_a_webhook_is_called_with_its_secret_answered_and_repeats_are_dropped(tmp_path):
    port = free_port()
    own = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
    sections = {"server": own, "telegram": {"mode": "webhook"}}
    with room(tmp_path, StubEncoder(), **sections) as here:
        person = here.person()
        here.ask(person, "/help")
        here.server.repeat()
        here.ask(person, "/status")
        assert len(here.server.messages(person)) == 2
        here.server.wait_for(lambda: len(here.server.deliveries) >= 3)  # replies may come after messages
        assert [status for _, status in here.server.deliveries] == [200] * 3
        address = f"http://127.0.0.1:{port}/telegram/webhook"
        update = {**here.server.updates[0], "update_id": 1}
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
            refused = httpx.post(address, json=update, headers=headers, trust_env=False)
            assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert httpx.post(address, content=b"[", trust_env=False).status_code == 403
        here.ask(person, "/lang")
        assert len(here.server.messages(person)) == 3
        here.server.fail("sendMessage", delay=0.5)
        here.server.say(person, HOURS)
        here.server.wait_for(lambda: here.server.calls("sendChatAction"))
        assert here.bot.end() == 0
        assert here.server.messages(person)[-1].text.startswith("温海波在接到任务后")
        assert here.bot.complaints == [f"Wenbao 问报: http://127.0.0.1:{port}/"]


def test_a_webhook_without_a_public_address_is_a_mistake_in_the_configuration(tmp_path):
    with BotApiServer() as server:
        sections = {"server": {"public_url": None}, "telegram": {"mode": "webhook"}}
        ended = run_to_the_end(write_telegram_config(tmp_path, server, **sections), server.token)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (
        1,
        "wenbao: telegram.mode webhook needs server.public_url, the https address of this server",
    )


# --- Starting and stopping


def run_to_the_end(config: Path, token: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STUB, "telegram", "--config", config],
        env=bot_environment(token),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("token", "line"),
    [
        ("", "no bot token: get one from @BotFather in Telegram (/newbot) and set TELEGRAM_BOT_TOKEN to it"),
        (
            "123456:wrong",
            "Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather (/mybots)",
        ),
        ("nonsense", "Telegram refuses the token in TELEGRAM_BOT_TOKEN: copy it again from @BotFather (/mybots)"),
    ],
    ids=["none", "wrong", "malformed"],
)
def test_a_missing_or_wrong_token_is_one_line_with_the_remedy(tmp_path, token, line):
    with BotApiServer() as server:
        ended = run_to_the_end(write_telegram_config(tmp_path, server), token)
    lines = [each for each in ended.stderr.splitlines() if not each.endswith(" …")]
    assert (ended.returncode, lines) == (1, [f"wenbao: {line}"])


def test_serve_with_a_wrong_token_says_so_and_serves_http(tmp_path):
    with BotApiServer() as known, BotApiServer("654321:other") as server:
        config = write_telegram_config(tmp_path, server)
        with running_bot(known, tmp_path, config, command="serve", is_up=False) as bot:
            known.wait_for(lambda: " ERROR wenbao: Telegram refuses the token" in bot.log, PATIENCE)
            address = bot.log.partition("http://")[2].partition("/")[0]
            ready = httpx.get(f"http://{address}/readyz", trust_env=False)
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert ready.json()["problems"] == ["Telegram"]
            assert known.token not in bot.log


def test_serve_says_that_a_token_was_revoked_while_it_polled_and_goes_on_with_http(tmp_path):
    with BotApiServer() as server:
        config = write_telegram_config(tmp_path, server)
        with running_bot(server, tmp_path, config, command="serve") as bot:
            address = bot.log.partition("http://")[2].partition("/")[0]
            assert httpx.get(f"http://{address}/readyz", trust_env=False).json()["status"] == "ready"
            server.fail("getUpdates", status=401, times=3)
            server.wait_for(lambda: " ERROR wenbao: Telegram refuses" in bot.log, PATIENCE)
            assert httpx.get(f"http://{address}/readyz", trust_env=False).json()["problems"] == ["Telegram"]


def test_a_token_that_is_revoked_while_polling_ends_the_bot_with_the_reason(tmp_path):
    with room(tmp_path, StubEncoder()) as here:
        here.server.fail("getUpdates", status=401, times=3)
        here.server.say(here.person(), "/help")  # ends the poll that is under way
        assert here.bot.process.wait(60) == 1
        assert "wenbao: Telegram refuses the token" in here.bot.complaints[-1]
        assert here.server.token not in here.bot.log


def test_an_answer_in_hand_is_finished_after_sigterm_and_what_came_before_a_restart_is_seen_to(tmp_path):
    with BotApiServer() as server:
        config = write_telegram_config(tmp_path, server)
        person, stranger = server.user(1, "A"), server.user(2, "B")
        with running_bot(server, tmp_path, config) as bot:
            server.fail("sendMessage", delay=1.0)
            server.say(person, HOURS)
            server.wait_for(lambda: server.calls("sendChatAction"))
            assert bot.end() == 0
            [old] = server.messages(person)
            assert old.text.startswith("温海波在接到任务后")
            assert server.pending == 0
        server.say(stranger, HOURS, date=int(time.time()) - 3600)
        server.say(stranger, "/help", date=int(time.time()) - 60)
        server.fail("getMe", drop=True)
        server.fail("getMe", status=429, retry_after=1)
        server.fail("deleteWebhook", drop=True)
        with running_bot(server, tmp_path, config) as bot:
            assert server.wait_for_messages(stranger)[0].text == text("zh", "tg_help", bot="wenbao_bot")
            for button, note in (("▶", ""), ("整段", ""), ("👍", text("zh", "tg_thanks"))):
                query = server.press(person, server.message(old), button)
                assert (button, server.wait_for_answer(query)["text"]) == (button, note)
            shown, paragraph = server.messages(person)
            assert (shown.buttons[1], paragraph.id != shown.id) == ("2/5", True)
            assert len(server.messages(stranger)) == 1
            assert bot.log.count("Telegram cannot be reached to start") == 2
            assert "Traceback" not in bot.log
            assert bot.end() == 0


def test_sighup_lets_an_answer_in_hand_finish_as_sigterm_does(tmp_path):
    with room(tmp_path, StubEncoder()) as here:
        person = here.person()
        here.server.fail("sendMessage", delay=1.0)
        here.server.say(person, HOURS)
        here.server.wait_for(lambda: here.server.calls("sendChatAction"))
        here.bot.process.send_signal(signal.SIGHUP)
        assert here.bot.process.wait(60) == 0
        assert here.server.messages(person)[-1].text.startswith("温海波在接到任务后")
        assert here.bot.complaints == []


def test_sigterm_ends_a_bot_that_never_reached_telegram(tmp_path):
    with BotApiServer() as server:
        server.fail("getMe", drop=True, times=1000)
        config = write_telegram_config(tmp_path, server)
        with running_bot(server, tmp_path, config, is_up=False) as bot:
            server.wait_for(lambda: server.calls("getMe"), PATIENCE)
            assert bot.end() == 0
            assert "Traceback" not in bot.log


def test_a_public_address_that_telegram_would_refuse_is_a_line_at_the_start_and_no_link(tmp_path):
    with room(tmp_path, StubEncoder(), server={"public_url": "http://localhost:8000"}) as here:
        message = here.ask(here.person(), HOURS)
        assert (message.text, message.marked("text_link")) == (here.expected(HOURS).text, ())
        assert message.marked("bold") == (here.answer(HOURS).answer.span,)
        [line] = here.bot.complaints
        assert line.endswith(
            "Telegram takes no links to the host of server.public_url (http://localhost:8000): sources are not linked"
        )


# --- A living index


def test_a_paragraph_that_has_changed_since_the_answer_is_no_longer_known(tmp_path):
    folder = Path(shutil.copytree(SEEDS, tmp_path / "reports"))
    (folder / "003_45bc61790dac3a67.txt").unlink()  # the seed that answers
    report = folder / "000.txt"
    report.write_text("通告\n\n温海波站了十八个小时。\n", "utf-8")
    with room(tmp_path, StubEncoder(), folder, corpus={"watch": True}) as here:
        person = here.person()
        message = here.ask(person, "温海波站了十八个小时？")
        assert "温海波站了十八个小时。" in message.text
        assert here.press(person, message, "整段") == ""
        report.write_text("通告\n\n这一段完全换了内容。\n", "utf-8")
        here.server.wait_for(lambda: "the corpus changed" in here.bot.log, PATIENCE)
        assert here.press(person, message, "整段") == text("zh", "tg_gone")
        assert "1. 《通告》 · 1 ¶" in here.ask(person, "/documents").text


# --- Proxy


class _Forwarder(BaseHTTPRequestHandler):
    """A plain HTTP proxy that notes what goes through it."""

    protocol_version = "HTTP/1.1"
    seen: set[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        self.seen.add(address.path.rpartition("/")[2])
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
        try:
            connection.request("POST", address.path, body, {"Content-Type": self.headers["Content-Type"] or ""})
            reply = connection.getresponse()
            content = reply.read()
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (OSError, http.client.HTTPException):  # one side went away
            self.close_connection = True
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@contextmanager
def proxy() -> Iterator[tuple[str, set[str]]]:
    seen: set[str] = set()
    handler: Callable[..., Any] = type("Forwarder", (_Forwarder,), {"seen": seen})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_with_a_proxy_messages_and_polling_go_through_it(tmp_path):
    with proxy() as (address, seen), room(tmp_path, StubEncoder(), telegram={"proxy": address}) as here:
        here.ask(here.person(), HOURS)
        assert here.bot.end() == 0
        assert {"getMe", "getUpdates", "sendChatAction", "sendMessage", "setMyCommands"} <= seen
