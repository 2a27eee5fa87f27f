"""Where things are in this repository."""

from __future__ import annotations

from pathlib import Path

SUPPORT = Path(__file__).parent
ROOT = SUPPORT.parent.parent
SEEDS = ROOT / "seeds"
