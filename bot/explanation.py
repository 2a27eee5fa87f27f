"""How an answer was found, as lines of text for the terminal and for Telegram; the web page lays out the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.texts import Language, text, texts

MOST_PAIRS = 5
INDENT = "    "


def explanation_lines(explanation: Mapping[str, Any], language: Language) -> list[str]:
    """Return the lines for ``Answer.explanation``; what it does not hold is not spoken of."""
    lines = []
    if "question" in explanation:
        lines.append(text(language, "why_understood", question=explanation["question"]))
    if explanation.get("words"):
        lines.append(text(language, "why_words", words=" ".join(explanation["words"])))
    if explanation.get("weights"):
        named = {leg_name(leg, language): weight for leg, weight in explanation["weights"].items()}
        lines.append(text(language, "why_weights", values=_numbers(named)))
    if explanation.get("signals"):
        named = {signal_name(signal, language): value for signal, value in explanation["signals"].items()}
        lines.append(text(language, "why_signals", values=_numbers(named)))
    if "confidence" in explanation:
        lines.append(text(language, "confidence", percent=round(explanation["confidence"] * 100)))
    for number, hit in enumerate(explanation.get("hits", ()), start=1):
        lines += ["", *_hit_lines(number, hit, language)]
    return lines


def leg_name(leg: str, language: Language) -> str:
    """Return what a leg is called, in words if there are any for it."""
    return texts()[language].get(f"leg_{leg}", leg)


def signal_name(signal: str, language: Language) -> str:
    """Return what a signal of the confidence is called, in words if there are any for it."""
    return texts()[language].get(f"signal_{signal}", signal)


def _hit_lines(number: int, hit: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield f"[{number}] {hit.get('document_id', '')} ¶{hit.get('paragraph', '')} · {hit.get('score', 0):.2f}"
    legs = [
        text(language, "why_leg", leg=leg_name(leg, language), rank=found["rank"], score=f"{found['score']:.2f}")
        for leg, found in hit.get("legs", {}).items()
    ]
    if legs:
        yield INDENT + " · ".join(legs)
    if hit.get("words"):
        yield INDENT + text(language, "why_shared_words", words=" ".join(hit["words"]))
    if hit.get("pairs"):
        pairs = [f"{p['question']} ↔ {p['passage']} {p['similarity']:.2f}" for p in hit["pairs"][:MOST_PAIRS]]
        yield INDENT + text(language, "why_pairs", pairs=" · ".join(pairs))


def _numbers(values: Mapping[str, float]) -> str:
    """Return numbers with their names; what is 0 says nothing and is left out."""
    return " · ".join(f"{name} {value:.3g}" for name, value in values.items() if value)
