"""``wenbao`` with the stub encoder in place of the model; everything else is the real command, and starts fast."""

from __future__ import annotations

from stub_opener import StubOpener

from bot.cli import main

if __name__ == "__main__":
    main(StubOpener())
