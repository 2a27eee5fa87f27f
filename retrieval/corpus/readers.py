"""One reader per format: a function from a file's bytes to a Draft.

A new format is one function and one line in ``READERS``. A reader raises ReportUnreadable, with the reason, for a
file it cannot make sense of, and never guesses: a date or a source is what the file says.
"""

from __future__ import annotations

from collections.abc import Callable

from retrieval.corpus.encoding import decode
from retrieval.corpus.layout import read_plain_text
from retrieval.corpus.markdown import read_markdown
from retrieval.types import Draft

Reader = Callable[[bytes], Draft]

READERS: dict[str, Reader] = {
    ".txt": lambda data: read_plain_text(decode(data)),
    ".md": lambda data: read_markdown(decode(data)),
}
"""Suffix in lower case -> reader."""
