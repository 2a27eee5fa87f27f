"""How much text a report may hold."""

from __future__ import annotations

LARGE_TEXT = 128 * 2**10
"""Bytes above which a text is read in isolation too: what is slow for it is bounded there."""
MAX_CHARACTERS = 5_000_000
"""What a report may hold in a format that is packed, so that its size says little."""
