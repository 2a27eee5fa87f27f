"""What each check says of a machine where all is well, and of one where something is really wrong."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import resource
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from bot_api import BotApiServer
from bot_api_client import TOKEN, post
from stub_encoder import StubEncoder
from stub_opener import StubOpener

from bot.doctor import (
    CHECKS,
    Examined,
    Finding,
    answering,
    clock,
    disk,
    examine,
    files,
    kernel,
    network,
    telegram,
    tokens,
)
from bot.doctor.finding import told
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.errors import ReportUnreadable
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import kept_generations, published

LONG = "123456:" + "a" * 35


@pytest.fixture
def settings(own_settings):
    return own_settings.model_copy(update={"server": own_settings.server.model_copy(update={"port": 0})})


@pytest.fixture
def config(tmp_path):
    (tmp_path / "config.yaml").write_text("server: {port: 0}\n", encoding="utf-8")
    return tmp_path / "config.yaml"


@pytest.fixture
def server():
    with BotApiServer(TOKEN) as running:
        yield running


@pytest.fixture
def examined(settings, config):
    return Examined(settings, StubOpener(), config, {}, seconds=1)


def changed(examined, environment=None, **sections):
    """Return the same installation with other settings, by section, and another environment."""
    values = {name: getattr(examined.settings, name).model_copy(update=update) for name, update in sections.items()}
    settings = examined.settings.model_copy(update=values)
    return Examined(settings, examined.opener, examined.config, environment or {}, examined.seconds, examined.clock)


def with_bot(examined, server, token=TOKEN, **settings):
    return changed(examined, {"TELEGRAM_BOT_TOKEN": token}, telegram={"api_base_url": server.base_url, **settings})


@contextlib.contextmanager
def answering_with(body):
    """Serve ``body`` for every GET on a free port, which is yielded."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield http.server_address[1]
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def state_and_remedy(finding):
    return finding.state, finding.remedy


def test_where_all_is_well_nothing_is_to_be_done(examined, server):
    examined = changed(
        examined,
        {"TELEGRAM_BOT_TOKEN": TOKEN, "WENBAO_ADMIN_TOKEN": "x" * 32},
        telegram={"api_base_url": server.base_url},
    )
    found = {finding.name: finding for finding in examine(examined)}
    short = found.pop("TELEGRAM_BOT_TOKEN")
    assert (short.state, short.says) == ("warning", "it is shorter than Telegram's tokens are")
    assert [found.pop(name).state for name in ("public_url", "database of the index")] == ["skipped", "skipped"]
    assert found.pop("sandbox").state in ("ok", "warning")  # as the system is
    assert {name: finding.state for name, finding in found.items()} == dict.fromkeys(found, "ok")
    assert len(found) + 4 == len(CHECKS)
    assert found["index"].says.startswith(f"generation {published(examined.settings.index.path).name}, 5 reports, 102")
    assert found["Telegram"].says == "answers, and knows the bot as @wenbao_bot"
    assert found["port"].says == "any free one (server.port is 0)"


def test_a_check_that_fails_itself_is_a_problem_and_the_others_go_on(examined):
    def broken_check(examined):
        raise RuntimeError("two\nlines")

    def sound_check(examined):
        return Finding("sound", "ok", "well")

    assert list(examine(examined, [broken_check, sound_check])) == [
        Finding("broken check", "problem", "could not be checked (RuntimeError: two lines)", "report this"),
        Finding("sound", "ok", "well"),
    ]


def test_an_error_is_parted_into_what_happened_and_what_mends_it():
    assert told("x is gone (error: none): use encoder.model: y") == ("x is gone (error: none)", "use encoder.model: y")
    assert told("no remedy") == ("no remedy", "")


# Disk


def test_a_folder_that_cannot_be_written_is_a_problem(examined):
    found = disk.index_disk(changed(examined, index={"path": Path("/proc/wenbao/index")}))
    assert state_and_remedy(found) == ("problem", "mend that, or set index.path elsewhere")
    assert found.says.startswith("/proc cannot be written (")


def test_a_full_disk_is_a_problem(examined, tmp_path):
    full = tmp_path / "full"
    full.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", full], check=False, capture_output=True
    )
    if not mounted or mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        found = disk.index_disk(changed(examined, index={"path": full / "index"}))
        assert found == Finding("disk of the index", "problem", f"1 MiB free in {full}/index", "free some space")
        (full / "rest").write_bytes(bytes(2**20))
        found = disk.index_disk(changed(examined, index={"path": full / "index"}))
        assert found.says == f"{full} cannot be written (No space left on device)"
    finally:
        subprocess.run(["umount", full], check=True)


def test_a_model_that_is_to_be_made_ready_needs_a_folder_that_can_be_written(examined, tmp_path):
    examined = changed(examined, encoder={"cache": Path("/proc/none")})
    absent = Examined(
        examined.settings, StubOpener(encoder=SentenceEncoder(cache=tmp_path / "none")), examined.config, {}
    )
    assert state_and_remedy(disk.cache_disk(absent)) == ("problem", "mend that, or set encoder.cache")
    assert disk.cache_disk(examined) == Finding(
        "disk of the models", "ok", "the model needs no more room in /proc/none"
    )


def test_few_open_files_are_a_warning_and_very_few_a_problem(examined):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (500, hard))
        warned = disk.open_files(examined)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        problem = disk.open_files(examined)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    remedy = "raise it: `ulimit -n 4096`, or LimitNOFILE= of the service"
    assert warned == Finding("open files", "warning", "a process may have 500 open", remedy)
    assert problem == Finding("open files", "problem", "a process may have 200 open", remedy)


# Files


def test_a_token_in_the_configuration_is_a_problem(examined):
    examined.config.write_text(f"# TELEGRAM_BOT_TOKEN={LONG}\n", encoding="utf-8")
    found = files.configuration(examined)
    assert found.state == "problem"
    assert LONG not in found.says + found.remedy


def test_a_password_in_a_configuration_that_others_can_read_is_a_warning(examined):
    examined.config.chmod(0o644)
    proxied = changed(examined, telegram={"proxy": "socks5://me:secret@127.0.0.1:1"})
    found = files.configuration(proxied)
    assert state_and_remedy(found) == ("warning", f"chmod 600 {examined.config}")
    assert "secret" not in found.says
    examined.config.chmod(0o600)
    assert files.configuration(proxied).state == "ok"


def test_a_corpus_that_is_not_there_is_a_problem_and_an_empty_one_a_warning(examined, tmp_path):
    (tmp_path / "empty").mkdir()
    gone, empty = (changed(examined, corpus={"paths": (tmp_path / name,)}) for name in ("gone", "empty"))
    assert files.corpus(gone) == Finding(
        "corpus",
        "problem",
        f"corpus path {tmp_path}/gone does not exist",
        "create it or mend corpus.paths in the configuration",
    )
    assert files.corpus(empty).state == "warning"


def test_reports_that_cannot_be_read_are_a_warning(examined):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        (folder / "open.txt").touch(0o644)
        (folder / "closed.txt").touch(0o000)
        examined = changed(examined, corpus={"paths": (folder,)})
        if os.geteuid() == 0:  # root reads everything
            os.seteuid(65534)
        found = files.corpus(examined)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        shutil.rmtree(folder)
    assert (found.state, found.says) == (
        "warning",
        f"1 of 2 files cannot be read, for example {folder}/closed.txt",
    )


def test_what_people_asked_is_nobody_elses_business(examined):
    file, secrets = examined.settings.index.path / "state.sqlite", examined.config.parent / ".env"
    for path in (file, secrets, examined.settings.index.path / "history.sqlite"):
        path.touch()
        path.chmod(0o640)
    assert state_and_remedy(files.private_files(examined)) == ("warning", f"chmod 600 {file} {secrets}")
    for path in (file, secrets):
        path.chmod(0o600)
    assert files.private_files(examined).says == "only their owner can read them (2 found)"


# Answering


def test_without_an_index_nothing_answers(examined):
    shutil.rmtree(examined.settings.index.path)
    assert answering.index(examined) == Finding(
        "index", "problem", f"there is no index in {examined.settings.index.path}", "run `wenbao index`"
    )


def test_a_damaged_index_is_a_problem_also_where_an_older_one_answers(examined, tmp_path):
    index = examined.settings.index.path
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.txt").write_text("社区的志愿者给老人送菜。", encoding="utf-8")
    build_index([tmp_path / "reports"], index, StubEncoder(), may_remove_most=True)
    (published(index) / "documents.jsonl").write_bytes(b"")
    found = answering.index(examined)
    assert state_and_remedy(found) == ("problem", "run `wenbao index --rebuild`")
    assert found.says.endswith("documents.jsonl was cut short or altered; an older generation answers")
    (kept_generations(index)[0] / "passages.npy").unlink()
    found = answering.index(examined)
    assert state_and_remedy(found) == ("problem", "run `wenbao index --rebuild`")
    assert "an older" not in found.says


def test_an_index_of_another_encoder_is_a_warning_while_that_answers_and_a_problem_when_it_cannot(examined):
    other, remedy = StubEncoder("other"), "run `wenbao index`"
    outdated = Examined(examined.settings, StubOpener(encoder=other, outdated=StubEncoder()), examined.config, {})
    assert state_and_remedy(answering.index(outdated)) == ("warning", remedy)
    lost = Examined(examined.settings, StubOpener(encoder=other), examined.config, {})
    assert state_and_remedy(answering.index(lost)) == ("problem", remedy)


def test_skipped_files_are_a_warning_and_the_age_is_told(examined, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "a.mp4").write_bytes(b"x")
    (tmp_path / "reports" / "a.txt").write_text("社区的志愿者给老人送菜。", encoding="utf-8")
    build_index([tmp_path / "reports"], examined.settings.index.path, StubEncoder(), may_remove_most=True)
    later = Examined(examined.settings, examined.opener, examined.config, {}, clock=lambda: time.time() + 10 * 86_400)
    found = answering.index(later)
    assert found.state == "warning"
    assert found.says.endswith("1 reports, 1 passages, changed 10 days ago; 1 skipped")


def test_a_damaged_database_is_a_problem(examined):
    file = examined.settings.index.path / "access.sqlite"
    file.write_bytes(b"no database" * 1000)
    assert answering.databases(examined) == Finding(
        "databases", "problem", f"{file} is damaged", "move it away, and a new one is made; or restore a backup"
    )


def test_an_encoder_that_is_not_ready_is_not_made_ready_by_a_check(examined, tmp_path):
    absent = SentenceEncoder(cache=tmp_path / "none")
    examined = Examined(examined.settings, StubOpener(encoder=absent), examined.config, {})
    assert answering.encoder(examined).state == "warning"
    assert answering.index(examined).says.endswith("not compared with the encoder")
    assert not (tmp_path / "none").exists()


def test_a_model_that_is_nowhere_is_not_looked_for_on_the_hub(examined):
    nowhere = SentenceEncoder("nobody/has-this", runtime="torch")
    assert nowhere.is_ready is False


def test_the_real_encoder_is_ready_and_encodes_a_question(examined, real_encoder):
    real_encoder.load()
    found = answering.encoder(Examined(examined.settings, StubOpener(encoder=real_encoder), examined.config, {}))
    assert found.state == "ok"
    assert found.says.startswith("multilingual-e5-small: loaded in ")


# Tokens


@pytest.mark.parametrize(
    ("token", "state", "says"),
    [
        ("", "skipped", "not set: nobody can change reports over HTTP"),
        ("x" * 15, "problem", "it has 15 characters, fewer than 16: it can be guessed"),
        ("管理员" * 10, "problem", "it has characters that a header cannot carry, or spaces"),
        ("a" * 20 + "\n" + "b" * 20, "problem", "it has characters that a header cannot carry, or spaces"),
        (" " + "x" * 16 + " ", "ok", "set, 16 characters"),
    ],
)
def test_an_admin_token_can_be_sent_and_is_not_guessed(examined, token, state, says):
    found = tokens.admin_token(changed(examined, {"WENBAO_ADMIN_TOKEN": token}))
    assert (found.state, found.says) == (state, says)


@pytest.mark.parametrize(
    ("token", "state"),
    [("", "skipped"), (LONG, "ok"), (LONG[:-9], "warning"), ("bot" + LONG, "problem"), (LONG + "!", "problem")],
)
def test_a_bot_token_looks_like_one(examined, token, state):
    found = tokens.bot_token(changed(examined, {"TELEGRAM_BOT_TOKEN": token}))
    assert found.state == state
    assert not token or token not in found.says + found.remedy


# Telegram


def test_a_token_that_telegram_does_not_know_is_a_problem(examined, server):
    found = telegram.bot(with_bot(examined, server, "654321:" + "b" * 35))
    assert found == Finding(
        "Telegram",
        "problem",
        "Telegram refuses the token (401)",
        "copy TELEGRAM_BOT_TOKEN again from @BotFather (/mybots)",
    )
    assert telegram.webhook(with_bot(examined, server, "654321:" + "b" * 35)).state == "skipped"


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        ({"drop": True}, "RemoteProtocolError"),
        ({"status": 502}, "what answers is not the Bot API (502)"),
        ({"broken_json": True}, "what answers is not the Bot API (200)"),
        ({"delay": 3.0}, "no answer within 1 s"),
    ],
)
def test_a_telegram_that_does_not_answer_is_a_problem_and_the_token_is_not_shown(examined, server, trouble, says):
    server.fail("getMe", **trouble)
    found = telegram.bot(with_bot(examined, server))
    assert state_and_remedy(found) == ("problem", "look at the network, telegram.proxy and telegram.api_base_url")
    assert says in found.says
    assert TOKEN not in found.says


def test_a_proxy_that_is_not_there_is_named_without_its_password(examined, server):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for scheme in ("http", "socks5"):
        proxy = f"{scheme}://me:secret@127.0.0.1:{port}"
        found = telegram.bot(with_bot(examined, server, proxy=proxy))
        assert (found.state, "through the proxy 127.0.0.1" in found.says) == ("problem", True)
        assert "secret" not in found.says and TOKEN not in found.says


def test_a_webhook_that_another_program_has_set_is_a_warning_where_messages_are_polled(examined, server):
    post(server, "setWebhook", url="http://127.0.0.1:9/secret-path")
    found = telegram.webhook(with_bot(examined, server))
    assert (found.state, found.says) == (
        "warning",
        "telegram.mode is polling, but Telegram sends this bot's messages to 127.0.0.1:9",
    )


def test_a_webhook_that_cannot_be_delivered_to_is_a_problem(examined, server):
    wanted = changed(
        examined,
        {"TELEGRAM_BOT_TOKEN": TOKEN},
        telegram={"api_base_url": server.base_url, "mode": "webhook"},
        server={"public_url": "http://127.0.0.1:9"},
    )
    assert telegram.webhook(wanted).says == "Telegram sends messages to nobody, not to 127.0.0.1:9"
    post(server, "setWebhook", url="http://127.0.0.1:9/telegram/webhook")
    assert telegram.webhook(wanted) == Finding("webhook", "ok", "set to 127.0.0.1:9; 0 messages wait")
    server.say(server.user(1, "Ann"), "您好")
    deadline = time.monotonic() + 10
    while (found := telegram.webhook(wanted)).state == "ok" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert state_and_remedy(found) == ("problem", "look at the certificate, the proxy before Wenbao, and its log")
    assert found.says.startswith("Telegram could not deliver to 127.0.0.1:9: Connection failed")
    assert found.says.endswith("; 1 messages wait")


# Clock


def test_a_clock_that_is_not_set_or_goes_wrong_is_a_problem(examined, server):
    def at(seconds):
        return Examined(
            with_bot(examined, server).settings,
            StubOpener(),
            examined.config,
            {"TELEGRAM_BOT_TOKEN": TOKEN},
            clock=lambda: time.time() + seconds,
        )

    assert clock.clock(at(0)).says.endswith("UTC, as Telegram says")
    ahead, behind = clock.clock(at(600)), clock.clock(at(-30))
    assert (ahead.state, ahead.says[3:]) == ("problem", " s ahead of Telegram")
    assert (behind.state, behind.says[2:]) == ("warning", " s behind Telegram")
    never_set = Examined(examined.settings, StubOpener(), examined.config, {}, clock=lambda: 0.0)
    assert clock.clock(never_set).says == "it is 1970-01-01, says the clock"
    alone = clock.clock(examined)
    assert (alone.state, alone.says[:4]) == ("ok", str(dt.datetime.now(dt.UTC).year))


# Network


def test_a_port_that_another_program_has_is_a_problem(examined):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = network.port(changed(examined, server={"port": port}))
        assert found == Finding(
            "port",
            "problem",
            f"127.0.0.1:{port} is taken by another program, or by a Wenbao that does not answer",
            "end what uses it, or set server.port",
        )
    assert network.port(changed(examined, server={"port": port})).says == f"127.0.0.1:{port} is free"


def test_a_port_where_a_wenbao_answers_is_well(examined):
    with answering_with(b'{"status":"ok"}') as port:
        found = network.port(changed(examined, server={"port": port}))
    assert found == Finding("port", "ok", f"a Wenbao is serving on 127.0.0.1:{port}")


def test_an_address_of_another_machine_cannot_be_listened_on(examined):
    found = network.port(changed(examined, server={"host": "192.0.2.1", "port": 8000}))
    assert state_and_remedy(found) == ("problem", "set server.host and server.port")


def test_a_public_address_is_that_of_this_program(examined):
    with answering_with(b"<html>It works!</html>") as port:
        url = f"http://127.0.0.1:{port}/"
        found = network.public_url(changed(examined, server={"public_url": url}))
        assert (found.state, found.says) == ("warning", f"what answers at {url} is not Wenbao (200)")
    assert "cannot be reached from here" in network.public_url(changed(examined, server={"public_url": url})).says
    with answering_with(b'{"status":"ok"}') as port:
        assert network.public_url(changed(examined, server={"public_url": f"http://127.0.0.1:{port}"})).state == "ok"


# Kernel


def test_rights_that_the_reading_process_keeps_are_a_warning_and_no_process_a_problem(examined):
    def none():
        raise ReportUnreadable("the process to read it in cannot be started: no memory")

    assert kernel.sandbox(examined).state == ("warning" if kernel.kept_rights() else "ok")
    warned = kernel.sandbox(examined, lambda: {"files": "the kernel has no Landlock"})
    assert (warned.state, warned.says) == (
        "warning",
        "the process that reads files keeps the right to open files (the kernel has no Landlock)",
    )
    assert kernel.sandbox(examined, none).state == "problem"


def test_the_database_of_a_shared_index_is_checked(examined, seekdb, database, monkeypatch):
    monkeypatch.setenv("WENBAO_INDEX_PASSWORD", seekdb.password)
    shared = changed(examined, index={"store": "oceanbase", "url": str(database.address)})
    assert answering.database(shared) == Finding(
        "database of the index", "ok", f"{database.address} answers, and its user may do all that is needed"
    )
    elsewhere = changed(examined, index={"store": "oceanbase", "url": "oceanbase://root@127.0.0.1:9/wenbao"})
    found = answering.database(elsewhere)
    assert (found.state, found.remedy) == ("problem", "see that the server runs and index.url is right")
