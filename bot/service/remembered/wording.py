"""Records as the texts of notes: JSON with a version, which a program that knows another one does not read."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import TypeAdapter

Record = TypeVar("Record")


class Wording(Generic[Record]):
    """Writes and reads one kind of dataclass; raise ``version`` where a field gets another meaning."""

    def __init__(self, kind: type[Record], version: int) -> None:
        self._kind = kind
        self._version = version

    @cached_property
    def _adapter(self) -> TypeAdapter[Record]:
        return TypeAdapter(self._kind)

    def text_of(self, record: Record) -> str:
        """Return a record as text that any store can keep."""
        fields = self._adapter.dump_python(record, mode="json", exclude_defaults=True)
        told = {"version": self._version, "record": fields}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        is_whole = text.isascii() or text.encode("utf-8", "replace").decode("utf-8") == text
        return text if is_whole else json.dumps(told)  # half a surrogate is written as its number

    def record_in(self, text: str | None) -> Record | None:
        """Return the record of a text; None where it holds none that this program knows."""
        try:
            told = json.loads(text or "")
            if told["version"] != self._version:
                return None
            return self._adapter.validate_python(told["record"])
        except (ValueError, TypeError, KeyError):  # pydantic's ValidationError is a ValueError
            return None
