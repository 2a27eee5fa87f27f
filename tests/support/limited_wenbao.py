"""The real server with the stub encoder under limits that are given as JSON, so that a test takes seconds."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from stub_opener import StubOpener

from bot.serving import prepare, run_server
from bot.settings import load_settings
from bot.web.limits.amounts import limits_of, raise_open_files

if __name__ == "__main__":
    given, _, _, config = sys.argv[1:]  # "serve" and "--config", as the command takes them
    settings = load_settings(Path(config))
    limits = limits_of(raise_open_files(), settings.server.trusted_proxies)
    prepare(settings, StubOpener())
    run_server(settings, StubOpener(), limits=replace(limits, **json.loads(given)))
