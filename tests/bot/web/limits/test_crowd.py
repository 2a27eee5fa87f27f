"""Who has to go when too many are connected."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bot.web.limits.amounts import Limits, limits_of
from bot.web.limits.crowd import Crowd, address_of

SMALL = Limits(connections=6, per_address=3, trusted=(ip_network("10.0.0.0/8"), ip_network("fd00::/16")))


class Room:
    """A crowd of connections that are known by their names; ``dropped`` are those that had to go."""

    def __init__(self, limits: Limits = SMALL) -> None:
        self.crowd = Crowd(limits)
        self.dropped: list[str] = []
        self.by_name: dict[str, Guest] = {}

    def enter(self, host: str, *names: str) -> None:
        for name in names:
            self.by_name[name] = Guest(name, self)
            self.crowd.enter(self.by_name[name], host)


class Guest:
    def __init__(self, name: str, room: Room) -> None:
        self.name, self.room = name, room

    def drop(self) -> None:
        self.room.dropped.append(self.name)


def test_over_the_limit_of_an_address_its_own_oldest_that_waits_has_to_go():
    room = Room()
    room.enter("1.1.1.1", "a")
    room.enter("2.2.2.2", "b", "c", "d", "e", "f")
    assert (room.dropped, len(room.crowd)) == (["b", "c"], 4)


def test_over_the_limit_in_all_the_oldest_that_waits_has_to_go():
    room = Room()
    for number, names in enumerate(("ab", "cd", "ef", "g", "h")):
        room.enter(f"1.1.1.{number}", *names)
    assert (room.dropped, len(room.crowd)) == (["a", "b"], 6)


def test_who_asks_stays_and_a_new_one_has_to_go_where_all_ask():
    room = Room()
    for number, names in enumerate(("ab", "cd", "ef")):
        room.enter(f"1.1.1.{number}", *names)
        for name in names:
            room.crowd.ask(room.by_name[name])
    room.enter("1.1.1.9", "g")
    assert room.dropped == ["g"]
    room.crowd.wait(room.by_name["c"])
    room.enter("1.1.1.9", "h")
    assert room.dropped == ["g", "c"]


def test_who_was_answered_waits_from_then_on():
    room = Room()
    room.enter("1.1.1.1", "a", "b", "c")
    room.crowd.ask(room.by_name["a"])
    room.crowd.wait(room.by_name["a"])
    room.enter("1.1.1.1", "d", "e", "f")
    assert room.dropped == ["b", "c", "a"]


def test_whoever_left_or_was_dropped_is_forgotten_whatever_is_said_of_it_later():
    room = Room()
    room.enter("1.1.1.1", "a", "b", "c", "d")
    for name in "aabb":
        room.crowd.leave(room.by_name[name])
        room.crowd.ask(room.by_name[name])
        room.crowd.wait(room.by_name[name])
    assert (len(room.crowd), room.dropped) == (2, ["a"])
    room.enter("1.1.1.1", "e", "f")
    assert room.dropped == ["a", "c"]


def test_trusted_proxies_have_no_limit_of_their_own():
    room = Room()
    room.enter("10.1.2.3", *"abcdef")
    room.enter("fd00:1::1", "g")
    assert room.dropped == ["a"]  # the limit in all holds for them too
    room.enter("1.1.1.1", *"hijk")
    assert room.dropped == ["a", "b", "c", "d", "h"]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_address(host, address):
    assert address_of(host) == address


@pytest.mark.parametrize(
    ("open_files", "connections", "per_address"),
    [(2**20, 1000, 250), (1200, 1000, 250), (1024, 824, 206), (256, 128, 32), (2, 1, 1)],
)
def test_connections_leave_open_files_for_the_rest_of_the_process(open_files, connections, per_address):
    limits = limits_of(open_files)
    assert (limits.connections, limits.per_address, limits.trusted) == (connections, per_address, ())
