"""The HTML pages: templates filled in, in the visitor's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.texts import Language, texts
from retrieval.types import MAX_QUESTION_CHARACTERS


@cache
def _templates() -> Environment:
    folder = Path(__file__).with_name("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def filled(template: str, language: Language, code: int = 200, **values: object) -> HTMLResponse:
    """Return a page in a language, with these values in it."""
    html = _templates().get_template(template).render(lang=language, t=texts()[language], **values)
    return HTMLResponse(html, code, headers={"Vary": "Accept, Accept-Language"})


def chat_page(examples: dict[str, Any], language: Language, *, feedback: bool, is_signed_in: bool) -> HTMLResponse:
    """Return the chat page, with buttons to vote on answers if ``feedback`` is kept."""
    return filled(
        "page.html",
        language,
        texts=texts(),
        examples=examples,
        max_question_chars=MAX_QUESTION_CHARACTERS,
        feedback=feedback,
        is_signed_in=is_signed_in,
    )
