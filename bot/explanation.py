"""How an answer was found, as lines of text for the terminal and for Telegram; the web page lays out the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.texts import Language, text, texts
from retrieval.explained import ExplainedHit, Explanation

MOST_PAIRS = 5
INDENT = "    "


def explanation_lines(explanation: Explanation, language: Language) -> list[str]:
    """Return the lines for ``Answer.explanation``; empty parts get no line."""
    lines = [text(language, "why_understood", question=explanation.question)]
    if explanation.words:
        lines.append(text(language, "why_words", words=" ".join(explanation.words)))
    if explanation.names:
        same = " · ".join(f"{name.asked} = {name.called}" for name in explanation.names)
        lines.append(text(language, "why_names", names=same))
    if explanation.weights:
        named = {leg_name(leg, language): weight for leg, weight in explanation.weights.items()}
        lines.append(text(language, "why_weights", values=_numbers(named)))
    if explanation.signals:
        named = {signal_name(signal, language): value for signal, value in explanation.signals.items()}
        lines.append(text(language, "why_signals", values=_numbers(named)))
    lines.append(text(language, "confidence", percent=round(explanation.confidence * 100)))
    for number, hit in enumerate(explanation.hits, start=1):
        lines += ["", *_hit_lines(number, hit, language)]
    return lines


def leg_name(leg: str, language: Language) -> str:
    """Return the words for a leg; the leg itself if there are none."""
    return texts()[language].get(f"leg_{leg}", leg)


def signal_name(signal: str, language: Language) -> str:
    """Return the words for a signal of the confidence; the signal itself if there are none."""
    return texts()[language].get(f"signal_{signal}", signal)


def _hit_lines(number: int, hit: ExplainedHit, language: Language) -> Iterator[str]:
    yield f"[{number}] {hit.document_id} ¶{hit.paragraph} · {hit.score:.2f}"
    legs = [
        text(language, "why_leg", leg=leg_name(leg, language), rank=found.rank, score=f"{found.score:.2f}")
        for leg, found in hit.legs.items()
    ]
    if legs:
        yield INDENT + " · ".join(legs)
    if hit.words:
        yield INDENT + text(language, "why_shared_words", words=" ".join(hit.words))
    if hit.pairs:
        pairs = [f"{pair.question} ↔ {pair.passage} {pair.similarity:.2f}" for pair in hit.pairs[:MOST_PAIRS]]
        yield INDENT + text(language, "why_pairs", pairs=" · ".join(pairs))


def _numbers(values: Mapping[str, float]) -> str:
    """Return numbers with their names; a 0 says nothing and is left out."""
    return " · ".join(f"{name} {value:.3g}" for name, value in values.items() if value)
