"""The page's program: ES modules without a build step, each of them announced by the page that needs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from http_client import client_of_app
from stub_opener import StubOpener

import bot.web
from bot.service.service import Service
from bot.web.app import create_app

JS = Path(bot.web.__file__).parent / "static" / "js"
IMPORT = re.compile(r'^(?:import|export) [^;]*?from "\./([\w-]+\.js)";', re.MULTILINE)


def imports_of(name):
    return IMPORT.findall((JS / name).read_text(encoding="utf-8"))


def needed_by(name):
    """Return a module and all that it needs."""
    needed, left = {name}, [name]
    while left:
        new = set(imports_of(left.pop())) - needed
        needed |= new
        left += new
    return needed


@pytest.fixture(scope="module")
def pages(stub_settings):
    with client_of_app(create_app(Service(stub_settings, StubOpener()))) as client:
        while client.get("/readyz").status_code != 200:
            pass
        return [client.get(path).text for path in ("/", "/documents/004_2ce852fb66e9e90e/view")]


def test_each_page_announces_the_modules_that_its_program_needs_and_no_others(pages):
    for page in pages:
        (program,) = re.findall(r'<script type="module" src="/static/js/([\w-]+\.js)"', page)
        announced = re.findall(r'<link rel="modulepreload" href="/static/js/([\w-]+\.js)"', page)
        assert sorted(announced) == sorted(needed_by(program) - {program})


def test_every_module_is_needed_by_some_page(pages):
    programs = [re.search(r'src="/static/js/([\w-]+\.js)"', page)[1] for page in pages]
    assert set.union(*map(needed_by, programs)) == {path.name for path in JS.glob("*.js")}


def test_no_modules_import_each_other_in_a_circle():
    left = {path.name: set(imports_of(path.name)) for path in JS.glob("*.js")}
    free = True
    while free:
        free = [name for name, wanted in left.items() if not wanted & set(left)]
        left = {name: wanted for name, wanted in left.items() if name not in free}
    assert left == {}
