"""Which browser the tests take, and what they say where there is none."""

from __future__ import annotations

import stat

import pytest
from browsing import REMEDY, VARIABLE, BrowserMissing, find


@pytest.fixture
def program(tmp_path):
    """Make a program of this name in a folder of its own."""

    def make(name):
        path = tmp_path / name / name
        path.parent.mkdir()
        path.write_text("#!/bin/sh\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def test_the_browser_that_the_environment_names_is_taken_before_all_others(program, tmp_path):
    named, other = program("mine"), program("chromium")
    variables = {VARIABLE: str(named), "PATH": str(other.parent)}
    assert find(lambda: tmp_path / "own", pytest.fail, variables) == named


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_a_browser_on_the_path_is_taken_before_playwrights_own(program, name):
    found, own = program(name), program("own")
    assert find(lambda: own, pytest.fail, {"PATH": str(found.parent)}) == found


def test_playwrights_own_is_taken_where_it_is_and_fetched_once_where_it_is_not(tmp_path, program):
    own = program("own")
    assert find(lambda: own, pytest.fail, {"PATH": str(tmp_path)}) == own
    later = tmp_path / "later"
    assert find(lambda: later, later.touch, {"PATH": str(tmp_path)}) == later


def test_where_there_is_none_and_none_can_be_fetched_one_line_says_what_to_install(tmp_path):
    fetched = []
    with pytest.raises(BrowserMissing) as caught:
        find(lambda: tmp_path / "own", lambda: fetched.append("once"), {"PATH": str(tmp_path)})
    assert (fetched, str(caught.value)) == (["once"], f"no Chromium or Chrome is here: {REMEDY}")
    with pytest.raises(BrowserMissing, match=f"{VARIABLE} is 'nowhere', which is no program: "):
        find(lambda: tmp_path / "own", pytest.fail, {VARIABLE: "nowhere", "PATH": str(tmp_path)})
