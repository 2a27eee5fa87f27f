"""What travels: JSON as the Bot API speaks it."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]
