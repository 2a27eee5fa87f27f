"""The pinned packages are what pyproject.toml asks for, without those that only compiling and judging need."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

from packaging.requirements import Requirement
from pinned import SERVING, left_out, normal, pins
from places import ROOT

LINE = re.compile(
    r"""\s*[#].*
    | (?P<pin>[A-Za-z0-9._-]+(\[[a-z,]+\])?==[A-Za-z0-9.+!-]+([ ];[ ][^\\]+)?[ ]\\)
    | [ ]{4}--hash=sha256:[0-9a-f]{64}([ ]\\)?""",
    re.VERBOSE,
)


def asked_for() -> dict[str, Requirement]:
    """Return the project's dependencies by normalised name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {normal(found.name): found for found in map(Requirement, project["dependencies"])}


def test_every_dependency_is_pinned_or_left_out_and_none_is_both():
    assert left_out() - set(asked_for()) == set()
    assert set(asked_for()) - left_out() - set(pins()) == set(), "run `make requirements`"
    assert left_out() & set(pins()) == set()


def test_the_pins_are_versions_that_the_project_takes():
    unfit = {
        name: pins()[name]
        for name, wanted in asked_for().items()
        if name in pins() and not wanted.specifier.contains(pins()[name])
    }
    assert unfit == {}, "run `make requirements`"


def test_what_the_pinned_packages_need_is_pinned_too():
    """By what the packages say that are installed here, as far as they are of the pinned versions."""
    pinned, unpinned = pins(), set()
    for name, version in pinned.items():
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # another system's
        if found.version == version:
            needed = [Requirement(one) for one in found.requires or ()]
            unpinned |= {normal(one.name) for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})}
    assert unpinned - set(pinned) == set()


def test_every_line_is_a_pin_a_hash_or_a_remark_and_every_pin_has_a_hash():
    lines = SERVING.read_text("utf-8").splitlines()
    kinds = [(line, LINE.fullmatch(line)) for line in lines]
    assert [line for line, found in kinds if found is None] == []
    after = [following for (_, found), following in zip(kinds, lines[1:], strict=False) if found["pin"]]
    named = {normal(Requirement(found["pin"].rstrip("\\ ")).name) for _, found in kinds if found["pin"]}
    assert named == set(pins())
    assert [line for line in after if not line.startswith("    --hash=sha256:")] == []
