"""What readers import or read only when a file asks for it, loaded before: a worker opens no file later.

A reader that imports lazily names it here, and tests read a file of every kind in a worker of its own.
"""

from __future__ import annotations

import codecs
import contextlib
import encodings
import importlib
import pkgutil
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from retrieval.corpus.recognition.pictures import load_pillow
from retrieval.text.characters import normalise

PARSERS = ("html", "pdf", "docx", "picture", "sheets")
"""Modules beside this one that the registry imports with the first file of their format."""
FONTS = tuple(
    map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF"))
)
"""Where PDFium looks for a font that a PDF names and does not hold; they are too many to be loaded before."""
STOPLISTS = "stoplists"
"""jusText's word lists, which trafilatura reads where a page's body is hard to find. They take 0.1 s and 18 MB to load,
and few pages need them."""


def load_readers() -> tuple[Path, ...]:
    """Load what any reader needs, and return the folders that must stay readable."""
    load_modules(f"{__package__}.{name}" for name in PARSERS)
    load_encodings()
    load_pillow()
    normalise("")  # loads the tables of OpenCC
    return (*FONTS, *(place / STOPLISTS for place in places_of("justext")))


def load_modules(names: Iterable[str]) -> None:
    """Import modules; one that cannot be imported fails again with the file that needs it, and is reported with it."""
    for name in names:
        with contextlib.suppress(Exception):  # a broken library may raise anything, and texts need none
            importlib.import_module(name)


def load_encodings() -> None:
    """Load all that a text may be declared to be in."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError, ImportError):  # some are there on Windows only
            codecs.lookup(module.name)


def places_of(package: str) -> tuple[Path, ...]:
    """Return the folder of an installed package; nothing where it is not installed."""
    found = find_spec(package)
    return tuple(map(Path, found.submodule_search_locations or ())) if found else ()
