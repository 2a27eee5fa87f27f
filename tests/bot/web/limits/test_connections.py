"""Connections of a real server: heads, bodies and answers in bounded time, and none that keeps others out."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest
from counting_app import GET, LARGE, QUICK, bounded
from limited_server import answer, connect, everything, is_ended, limited_server, seconds_until_ended

from bot.web.limits.amounts import MAX_BODY_BYTES


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with limited_server(bounded(QUICK), QUICK) as port:
        yield port


def told(connection: socket.socket) -> tuple[int, str]:
    """Return status and detail of a refusal, which has to end the connection and carry the headers of every answer."""
    status, headers, body = answer(connection)
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["connection"] == "close"
    assert is_ended(connection, 1)
    return status, json.loads(body)["detail"]


def test_requests_on_one_connection_are_answered_one_after_another(port):
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert answer(connection)[::2] == (200, b"/name 0")
        connection.sendall(b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET)
        assert answer(connection)[::2] == (200, b"/a 3")
        assert answer(connection)[::2] == (200, b"/name 0")


def test_a_connection_that_says_nothing_is_ended(port):
    with connect(port) as connection:
        assert 0.3 < seconds_until_ended(connection) < 1.5


@pytest.mark.parametrize("line", [b"G", b"GET / HT", b"GET / HTTP/1.1\r\nHost: ", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_is_not_complete_in_time_is_refused(port, line):
    with connect(port) as connection:
        connection.sendall(line)
        assert told(connection) == (408, "the request's head was not complete after 0.4 seconds: send it at once")


def test_a_head_that_comes_byte_by_byte_has_no_more_time(port):
    with connect(port) as connection:
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            for byte in b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 100:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        assert 0.3 < time.monotonic() - started < 2


@pytest.mark.parametrize("begun", [b"\r\n", b"GET / HT"])
def test_on_a_connection_that_is_kept_alive_the_time_for_a_head_begins_with_its_first_byte(port, begun):
    with connect(port) as connection:
        connection.sendall(GET)
        answer(connection)
        time.sleep(0.7)  # longer than a head may take
        connection.sendall(begun)
        started = time.monotonic()
        assert told(connection)[0] == 408
        assert 0.3 < time.monotonic() - started < 1.5


def test_a_kept_connection_on_which_nothing_comes_is_ended():
    with limited_server(bounded(QUICK), QUICK, keep_alive=1) as port, connect(port) as connection:
        connection.sendall(GET)
        answer(connection)
        assert 0.8 < seconds_until_ended(connection) < 3


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", id="a long address"),
        pytest.param(b"GET /" + b"a" * 40_000, id="a long address without an end"),
        pytest.param(b"GET / HTTP/1.1\r\na: " + b"a" * 40_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET / HTTP/1.1\r\na: " + b"a" * 40_000, id="a long header without an end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 6000 + b"\r\n", id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 6000, id="many headers without an end"),
        pytest.param(b"POST / HTTP/1.1\r\nContent-Length: 9\r\na: " + b"a" * 40_000 + b"\r\n\r\nx", id="with a body"),
    ],
)
@pytest.mark.parametrize("first", [b"", GET], ids=["first", "second"])
def test_a_head_that_is_too_large_is_refused(port, head, first):
    with connect(port) as connection:
        if first:
            connection.sendall(first)
            answer(connection)
        connection.sendall(head)
        assert told(connection) == (431, "the request's head has more than 32,768 bytes: send at most that")


def test_a_large_head_that_is_allowed_and_a_body_behind_it_are_taken(port):
    with connect(port) as connection:
        body = b"x" * MAX_BODY_BYTES
        length = b"Content-Length: %d\r\n" % len(body)
        connection.sendall(b"POST /a HTTP/1.1\r\n" + length + b"a: " + b"a" * 32_000 + b"\r\n\r\n" + body)
        assert answer(connection)[::2] == (200, b"/a 262144")
        connection.sendall(b"POST /b HTTP/1.1\r\n" + length + b"\r\n" + body + GET[:9])
        assert answer(connection)[::2] == (200, b"/b 262144")
        connection.sendall(GET[9:])
        assert answer(connection)[::2] == (200, b"/name 0")


def test_a_head_without_end_behind_a_request_that_is_being_answered_is_not_kept(port):
    with connect(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\n\r\n")
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            connection.sendall(b"GET / HTTP/1.1\r\na: " + b"a" * 2**26)
        assert time.monotonic() - started < 0.7


def test_what_is_no_http_is_refused(port):
    with connect(port) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert told(connection) == (400, "this is no HTTP request")


def test_a_refusal_is_seen_by_who_is_still_sending(port):
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\na: " + b"a" * 4 * 2**20)
        assert told(connection)[0] == 431


LYING = [
    pytest.param(b"Transfer-Encoding: chunked", b"10000\r\n" + b"x" * 2**16 + b"\r\n", id="chunked"),
    pytest.param(b"Content-Length: 629145600", b"x" * 2**16, id="a length"),
]


@pytest.mark.parametrize(("header", "piece"), LYING)
def test_an_endless_body_is_refused_as_soon_as_it_is_too_large(port, header, piece):
    sent = 0
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + header + b"\r\n\r\n")
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            while sent < 600 * 2**20:
                connection.sendall(piece)
                sent += len(piece)
        status, headers, _ = answer(connection)
        assert (status, headers["connection"]) == (413, "close")
    assert sent < 64 * 2**20  # what is drained, and what the system buffers


def test_more_than_the_length_says_is_another_request(port):
    with connect(port) as connection:
        connection.sendall(b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        assert answer(connection)[::2] == (200, b"/a 3")
        connection.sendall(b"defghij\r\n\r\n")
        assert told(connection) == (400, "this is no HTTP request")


def test_a_length_and_chunks_at_once_are_refused(port):
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        assert told(connection)[0] == 400


@pytest.mark.parametrize("header", [b"Content-Length: 20", b"Transfer-Encoding: chunked"])
def test_a_body_that_stops_arriving_is_refused_and_the_connection_ended(port, header):
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\n" + header + b"\r\n\r\n5\r\n")
        status, headers, body = answer(connection)
        assert (status, headers["connection"]) == (408, "close")
        assert json.loads(body)["detail"].startswith("no more of the request's body came for 0.4 seconds")
        assert is_ended(connection, 1)


def test_who_does_not_read_is_cut_off_and_who_reads_slowly_is_not(port):
    with connect(port) as deaf, connect(port) as slow:
        for one in (deaf, slow):
            one.sendall(b"GET /large HTTP/1.1\r\n\r\n")
        received, ends = 0, time.monotonic() + 1.5
        while piece := slow.recv(2**17):
            received += len(piece)
            if received >= LARGE:
                break
            if time.monotonic() < ends:
                time.sleep(0.02)
        assert received >= LARGE
        assert len(everything(deaf)) < LARGE


def test_who_reads_none_of_many_small_answers_is_cut_off(port):
    with connect(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on who is faster
            while True:
                connection.sendall(GET * 50)


def test_too_many_requests_at_once_on_one_connection_are_cut_off(port):
    with connect(port) as connection:
        connection.sendall(b"GET /slow HTTP/1.1\r\n\r\n" + GET * 2000)
        started = time.monotonic()
        assert everything(connection) == b""
        assert time.monotonic() - started < 0.7
