"""Many connections to a real server: those that say nothing keep nobody out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from counting_app import GET, QUICK, bounded
from limited_server import answer, connect, is_ended, limited_server

PATIENT = 0.25
"""Less than anybody is given, in seconds."""


def served(port: int, source: str) -> bool:
    with connect(port, source) as connection:
        connection.sendall(GET)
        return answer(connection)[0] == 200


@pytest.fixture
def patient_port() -> Iterator[int]:
    """A server that waits long for heads, so that only the crowd decides."""
    limits = replace(QUICK, head_seconds=30, piece_seconds=30, trusted=(ip_network("127.0.0.9/32"),))
    with limited_server(bounded(limits), limits) as port:
        yield port


def test_silent_connections_of_one_address_keep_nobody_out(patient_port):
    silent = [connect(patient_port) for _ in range(60)]
    assert served(patient_port, "127.0.0.2")
    assert served(patient_port, "127.0.0.1")
    assert [is_ended(one, PATIENT) for one in silent[:51] + silent[-9:]] == [True] * 51 + [False] * 9
    for one in silent:
        one.close()


def test_silent_connections_of_many_addresses_keep_nobody_out(patient_port):
    silent = [connect(patient_port, f"127.0.1.{number % 10}") for number in range(100)]
    assert served(patient_port, "127.0.0.2")
    for one in silent:
        one.close()


def test_whose_request_is_complete_is_never_cut_off_for_another(patient_port):
    with connect(patient_port) as asking:
        asking.sendall(b"GET /slow HTTP/1.1\r\n\r\n")
        silent = [connect(patient_port) for _ in range(30)]
        assert answer(asking)[::2] == (200, b"/slow 0")
    for one in silent:
        one.close()


def test_where_an_address_has_its_fill_of_requests_its_next_connection_is_ended_and_others_are_served(patient_port):
    begun = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"
    asking = [connect(patient_port) for _ in range(10)]
    for one in asking:
        one.sendall(begun)
    time.sleep(0.2)
    with connect(patient_port) as late:
        assert is_ended(late, 2)
    assert served(patient_port, "127.0.0.2")
    for one in asking:
        one.sendall(b"12345")
        assert answer(one)[::2] == (200, b"/ 5")
        one.close()


def test_a_trusted_proxy_may_have_more_connections_than_an_address_has(patient_port):
    proxied = [connect(patient_port, "127.0.0.9") for _ in range(30)]
    for one in proxied:
        one.sendall(GET)
    assert [answer(one)[0] for one in proxied] == [200] * 30
    for one in proxied:
        one.close()
