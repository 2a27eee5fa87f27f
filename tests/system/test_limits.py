"""End to end: a real ``wenbao serve`` that strangers do their worst to; only the encoder is a stub."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from limited_server import PATIENCE, answer, connect, everything, is_ended
from processes import serving, write_config
from telegram_process import STUB

from bot.web.limits.amounts import MAX_BODY_BYTES, raise_open_files

QUICK = {"head_seconds": 2, "piece_seconds": 1, "write_seconds": 2, "drain_seconds": 0.5}
LIMITED = (sys.executable, str(Path(__file__).parent.parent / "support" / "limited_wenbao.py"), json.dumps(QUICK))
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
MIB = 2**20


@pytest.fixture(scope="module")
def limited(tmp_path_factory) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server with short times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
        with serving(write_config(tmp_path_factory.mktemp("limits")), LIMITED) as (address, process):
            yield int(address.rpartition(":")[2]), process.pid


@pytest.fixture
def served(tmp_path) -> Iterator[tuple[int, int]]:
    """The port and the process id of ``wenbao serve`` itself."""
    with serving(write_config(tmp_path), STUB) as (address, process):
        yield int(address.rpartition(":")[2]), process.pid


def memory(pid: int, field: str = "VmRSS") -> int:
    """Return the bytes that a process has in memory (VmRSS), or had at most (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field))


def soft_limit(pid: int) -> tuple[str, str]:
    """Return a process's soft and hard limit of open files."""
    lines = Path(f"/proc/{pid}/limits").read_text("utf-8").splitlines()
    soft, hard = next(line for line in lines if line.startswith("Max open files")).split()[3:5]
    return soft, hard


def is_served(port: int, source: str) -> bool:
    with connect(port, source) as connection:
        connection.sendall(HEALTHZ)
        return answer(connection)[0] == 200


def test_eleven_hundred_silent_connections_keep_nobody_out(limited):
    port, _ = limited
    raise_open_files()
    silent = [connect(port) for _ in range(1100)]
    started = time.monotonic()
    assert is_served(port, "127.0.0.2")
    assert is_served(port, "127.0.0.1")
    assert time.monotonic() - started < 2
    for one in silent:
        with one:
            assert is_ended(one, PATIENCE)
    assert time.monotonic() - started < QUICK["head_seconds"] + 10


@pytest.mark.parametrize("header", [b"Transfer-Encoding: chunked", b"Content-Length: 209715200"])
@pytest.mark.parametrize("path", [b"/ask", b"/feedback", b"/nowhere", b"/telegram/webhook"])
def test_a_large_body_is_refused_while_it_arrives_and_takes_no_memory(limited, header, path):
    port, pid = limited
    before, piece, sent = memory(pid, "VmHWM"), b"x" * 2**16, 0
    with connect(port) as connection:
        connection.sendall(
            b"POST "
            + path
            + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + header
            + b"\r\n\r\n"
        )
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            while sent < 200 * MIB:
                connection.sendall(b"10000\r\n" + piece + b"\r\n")
                sent += len(piece)
        status, headers, body = answer(connection)
    assert (status, headers["connection"]) == (413, "close")
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["status"] == 413
    assert memory(pid, "VmHWM") - before < 16 * MIB


def test_a_stranger_is_told_so_before_sending_the_first_byte_of_an_upload(limited):
    with connect(limited[0]) as connection:
        connection.sendall(
            b"POST /documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        status, headers, _ = answer(connection)
        assert (status, headers["connection"]) == (401, "close")
        assert is_ended(connection, PATIENCE)


def test_an_administrators_file_over_the_limit_is_refused_while_it_arrives(limited):
    port, pid = limited
    before, sent = memory(pid, "VmHWM"), 0
    with connect(port) as connection:
        connection.sendall(
            b"POST /documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 209715200\r\n"
            b"Authorization: Bearer open sesame, please\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="large.txt"\r\n\r\n'
        )
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            while sent < 199 * MIB:
                connection.sendall(b"x" * 2**16)
                sent += 2**16
        status, headers, body = answer(connection)
    assert (status, headers["connection"]) == (413, "close")
    assert json.loads(body)["detail"].startswith("large.txt is larger than 20 MiB (corpus.max_file_mib)")
    assert sent < 60 * MIB  # twenty that were spooled, and what is dropped or buffered
    assert memory(pid, "VmHWM") - before < 16 * MIB


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET / HTTP/1.1\r\n", 408),
        (b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\n{", 408),
        (b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 408),
        (b"GET / HTTP/1.1\r\nCookie: " + b"a" * 33 * 1024, 431),
        (b"no HTTP at all\r\n\r\n", 400),
    ],
)
def test_what_is_too_late_or_too_large_is_refused_and_ended(limited, request_, expected):
    with connect(limited[0]) as connection:
        connection.sendall(request_)
        status, headers, body = answer(connection)
        assert (status, headers["connection"], json.loads(body)["status"]) == (expected, "close", expected)
        assert is_ended(connection, PATIENCE)


def test_a_client_that_never_reads_is_cut_off(limited):
    port, _ = limited
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", port))
        get = b"GET /static/style.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        started = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while True:
                connection.sendall(get * 10)
        assert time.monotonic() - started < 15


def test_memory_does_not_grow_by_bodies_that_are_broken_off_or_refused(served):
    port, pid = served
    body = b'{"question": "' + b"x" * (MAX_BODY_BYTES - 1000)

    def broken_off(chunked: bool) -> None:
        with connect(port) as connection:
            length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % MAX_BODY_BYTES
            sent = b"%x\r\n%s\r\n" % (len(body), body) if chunked else body
            connection.sendall(
                b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + length
                + b"\r\n\r\n"
                + sent
            )

    def refused() -> None:
        with connect(port) as connection:
            length = b"Connection: close\r\nContent-Length: %d" % len(body)
            connection.sendall(
                b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + length
                + b"\r\n\r\n"
                + body
            )
            assert b" 422 " in everything(connection).partition(b"\r\n")[0]

    def crowd(count: int) -> int:
        for number in range(count):
            broken_off(number % 2 == 0)
            refused()
        time.sleep(0.5)
        assert is_served(port, "127.0.0.1")
        return memory(pid)

    before = crowd(10)
    assert crowd(100) - before < 12 * MIB  # the bodies together are 50 MiB


def test_the_limit_of_open_files_is_raised(tmp_path):
    lower = ("sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh", *STUB)
    with serving(write_config(tmp_path), lower) as (_, process):
        soft, hard = soft_limit(process.pid)
        assert (soft, hard != "256") == (hard, True)


def test_sighup_lets_the_request_in_hand_finish(tmp_path):
    with serving(write_config(tmp_path), STUB) as (address, process):
        port = int(address.rpartition(":")[2])
        with connect(port) as connection:
            body = '{"question": "温海波站了几个小时?"}'.encode()
            head = (
                b"POST /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                % len(body)
            )
            connection.sendall(head + body[:5])
            time.sleep(0.3)  # it is read; now it is in hand
            process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
            connection.sendall(body[5:])
            assert answer(connection)[0] == 200
        assert process.wait(20) == 0


def test_nohup_keeps_a_server_from_ending_with_its_terminal(tmp_path):
    ignoring = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh", *STUB)
    with serving(write_config(tmp_path), ignoring) as (address, process):
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert is_served(int(address.rpartition(":")[2]), "127.0.0.1")
