"""A configuration file as text: its values, the line of each, and what is wrong with one, in words."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import yaml
from pydantic_core import ErrorDetails

from retrieval.errors import StoreUnusable, WenbaoError
from retrieval.index.oceanbase.url import address_of

ENVIRONMENT_PREFIX = "WENBAO_"
MERGE = "tag:yaml.org,2002:merge"
Location = tuple[str | int, ...]


class ConfigurationError(WenbaoError):
    """The configuration file or an environment variable is not as it should be."""


def parse(path: Path, text: str) -> tuple[dict[str, Any], dict[Location, int]]:
    """Return the file's values and the line of every key; a key given twice is an error, as YAML says."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines_of(node)) if node else {}
        values = yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}, line {line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # such as a date that no calendar has
        raise ConfigurationError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}, line 1: sections are expected, such as `server:`")
    return values, lines


def _lines_of(node: yaml.Node, location: Location = ()) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in ("tag:yaml.org,2002:str", MERGE):
                raise yaml.MarkedYAMLError(problem="a key is a word", problem_mark=key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value} stands here twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
            yield (*location, key.value), key.start_mark.line + 1
            yield from _lines_of(value, (*location, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*location, index), value.start_mark.line + 1
            yield from _lines_of(value, (*location, index))


def explain(path: Path, lines: dict[Location, int], error: ErrorDetails) -> str:
    """Say which key of the file, on which line, or which environment variable is wrong, and how."""
    location: Location = tuple(error["loc"])
    key = ".".join(map(str, location))
    problem = _problem(error)
    variable = _variable(location)
    if variable:
        return f"environment variable {variable}: {problem}"
    while location and location not in lines:
        location = location[:-1]
    return f"{path}, line {lines.get(location, 1)}: {key}: {problem}"


def _problem(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key"
    if error["type"] in ("model_type", "model_attributes_type"):
        return "keys are expected below it; leave it out where there are none"
    if error["type"] == "tuple_type":
        return "a list is expected, such as [a, b]"
    message = re.sub("^Value error, ", "", error["msg"])
    return message[:1].lower() + message[1:]


def _variable(location: Location) -> str | None:
    """Return the environment variable that a value came from, None if it came from the file."""
    known = {name.upper(): value for name, value in os.environ.items()}
    for length in range(len(location), 0, -1):
        name = ENVIRONMENT_PREFIX + "__".join(map(str, location[:length])).upper()
        deeper = next((one for one in known if one.startswith(f"{name}__")), None)
        if length == len(location) > 1 and deeper:
            return deeper
        if name in known and (length > 1 or _holds(known[name], location[1:])):
            return name
    return None


def _holds(value: str, location: Location) -> bool:
    """Whether a variable for a whole section says something of a key."""
    found = json.loads(value) if is_json(value) else None
    return not location or isinstance(found, dict) and location[0] in found


def is_json(value: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def host_name(value: str) -> str:
    """Return the name of a host as it is; ValueError if it is something else."""
    if not re.fullmatch(r"[A-Za-z0-9.-]+", value):
        raise ValueError("write the name of a host alone, such as ask.example.org (other scripts as xn--…)")
    return value


def usable_url(value: str) -> str:
    """Return an address of a server as it is; ValueError if it is none."""
    if _split(value) is None:
        raise ValueError("write an address such as https://ask.example.org")
    return value


def usable_origin(value: str) -> str:
    """Return a scheme and a host as they are; ValueError if there is more, or something else."""
    found = _split(value)
    if found is None or found.path or found.query or found.fragment or value.endswith(("?", "#")) or "@" in value:
        raise ValueError("write the scheme and the host alone, such as https://intranet.example.org")
    return value


def store_url(value: str) -> str:
    """Return the address of a database as it is; ValueError if it is none, or holds a password."""
    try:
        address_of(value)
    except StoreUnusable as error:
        raise ValueError(str(error).removeprefix("index.url ")) from None
    return value


def _split(value: str) -> SplitResult | None:
    try:
        found = urlsplit(value)
        is_port = found.port != 0  # ValueError where it is no number, or too large
    except ValueError:
        return None
    is_usable = is_port and found.scheme in ("http", "https") and bool(found.hostname) and not re.search(r"\s", value)
    return found if is_usable else None
