"""What is known of every report without opening it."""

from __future__ import annotations

import datetime as dt
from typing import Protocol


class Listing(Protocol):
    """A report as far as it is known without being opened; a ``Document`` is one too."""

    @property
    def document_id(self) -> str:
        """Its id."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def date(self) -> dt.date | None:
        """Its date."""

    @property
    def title_derived(self) -> bool:
        """Whether the title was made up."""

    @property
    def source(self) -> str | None:
        """Who published it."""

    @property
    def paragraph_count(self) -> int:
        """How many paragraphs it has."""

    @property
    def characters(self) -> int:
        """How many code points its text has."""

    @property
    def version(self) -> str:
        """What identifies this state of it."""
