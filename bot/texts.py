"""Every text that users see, in Chinese and English: ``texts.toml``, by language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def texts() -> dict[Language, dict[str, str]]:
    """Return language -> key -> text; ``{name}`` in a text stands for a value."""
    table = tomllib.loads(files("bot").joinpath("texts.toml").read_text(encoding="utf-8"))
    return {language: {key: entry[language] for key, entry in table.items()} for language in LANGUAGES}


def text(language: Language, key: str, **values: object) -> str:
    """Return one text with its values filled in."""
    return texts()[language][key].format(**values)


def negotiate(wanted: str | None, accept_language: str) -> Language:
    """Choose the language ``wanted`` by name, or the best one of an Accept-Language header that is spoken here.

    Without a header it is Chinese; where the header names no language that is spoken here, English.
    """
    if wanted in LANGUAGES:
        return wanted
    weighted = []
    for part in accept_language.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighted.append((float(quality or 1), tag.split("-")[0].strip()))
        except ValueError:
            continue
    for _, tag in sorted(weighted, key=lambda pair: -pair[0]):
        if tag in LANGUAGES:
            return tag
    return "zh" if not accept_language.strip() else "en"
