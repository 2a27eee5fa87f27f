"""A Chromium for tests: any that is installed, or one that Playwright fetches; without one the tests are skipped.

Where ``CI`` is set, a missing browser is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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


def find(own: Path, fetch: Callable[[], object], variables: dict[str, str] | os._Environ[str] = os.environ) -> Path:
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
    if not own.exists():
        fetch()
    if not own.exists():
        raise BrowserMissing(f"no Chromium or Chrome is here: {REMEDY}")
    return own


@cache
def fetch() -> None:
    """Let Playwright fetch its own Chromium, once; where that fails, nothing is there afterwards."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=FETCH_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return


@contextmanager
def launched() -> Iterator[Browser]:
    """Yield a running browser; skip the test where there is none, and fail it under CI."""
    with sync_playwright() as playwright:
        try:
            path = find(Path(playwright.chromium.executable_path), fetch)
        except BrowserMissing as missing:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(missing))
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
