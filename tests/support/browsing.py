"""A Chromium for tests: any that is installed, or one that Playwright fetches; without one the tests are skipped.

Where ``CI`` is set, a missing browser is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

VARIABLE = "WENBAO_TEST_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REMEDY = f"install Debian's chromium, run `playwright install chromium`, or set {VARIABLE} to a Chromium or Chrome"
FETCH_SECONDS = 300


class BrowserMissing(Exception):
    """There is no browser, and none could be fetched."""


def find(
    own: Callable[[], Path], fetch: Callable[[], object], variables: dict[str, str] | os._Environ[str] = os.environ
) -> Path:
    """Return a browser: the one named in the environment, one on the PATH, or Playwright's ``own``, fetched if need be.

    Raises BrowserMissing.
    """
    if named := variables.get(VARIABLE):
        found = shutil.which(named)
        if found is None:
            raise BrowserMissing(f"{VARIABLE} is {named!r}, which is no program: {REMEDY}")
        return Path(found)
    for name in NAMES:
        if found := shutil.which(name, path=variables.get("PATH")):
            return Path(found)
    path = own()
    if not path.exists():
        fetch()
    if not path.exists():
        raise BrowserMissing(f"no Chromium or Chrome is here: {REMEDY}")
    return path


@cache
def browser_here() -> Path:
    """Return the browser of this machine; BrowserMissing if there is none."""
    return find(_own, _fetch)


def _own() -> Path:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def _fetch() -> None:
    """Let Playwright fetch its own Chromium; where that fails, nothing is there afterwards."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=FETCH_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return


def skip_without_browser(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that want a browser as skipped where there is none; under CI they fail instead."""
    wanting = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if not wanting or os.environ.get("CI"):
        return
    try:
        browser_here()
    except BrowserMissing as missing:
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=str(missing)))


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a running browser; BrowserMissing if there is none."""
    path = browser_here()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
