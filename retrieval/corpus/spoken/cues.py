"""Cues of SubRip and WebVTT -> what is said in them, and their numbers, times and marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from retrieval.corpus.lines import Line
from retrieval.corpus.spoken.speech import Said

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,:]\d{1,3})?"
ARROW = re.compile(rf"^(?P<start>{_TIME})\s{{0,3}}-{{1,2}}>\s{{0,3}}(?P<end>{_TIME})(?:\s.{{0,120}})?$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,40})?\s{1,3}(?P<name>[^<>]{1,60})>")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,80}>|<[\d:.]{5,14}>|\{\\[^{}]{0,80}\}")
_SPEAKER = re.compile(r"^(?P<name>[^\s:：，。！？,.!?；;、]{1,12})(?P<colon>[:：])\s{0,3}(?=\S)")
_NOTE = re.compile(r"^(?:NOTE|STYLE|REGION)(?:\s|$)")


def cues_of(lines: Sequence[Line]) -> tuple[list[Line], list[Said], list[str]]:
    """Return the lines above the first cue, what is said in the cues, and the rest."""
    above: list[Line] = []
    said: list[Said] = []
    furniture: list[str] = []
    noted = ""
    speakers = _speakers(lines)
    last = ""
    for index, line in enumerate(lines):
        arrow = _arrow(line)
        if arrow:
            noted = ""
            furniture.append(line.text)
            said.append(Said("", "", [], _seconds(arrow["start"]), _seconds(arrow["end"]), line.page))
        elif _is_label(lines, index, bool(said or furniture)):
            furniture.append(line.text)
        elif line.text.startswith("WEBVTT") and not said:
            noted = "WEBVTT"
            furniture.append(line.text)
        elif line.gap and _NOTE.match(line.text):
            noted = "NOTE"
            furniture.append(line.text)
        elif noted and not line.gap:
            furniture.append(line.text)
        elif not said:
            noted = ""
            above.append(line)
        else:
            noted = ""
            text = _say(said, line, speakers, furniture)
            if text == last and said[-1].pieces:  # rolling captions show a line twice
                furniture.append(said[-1].pieces.pop())
            last = text
    return above, said, furniture


def _arrow(line: Line) -> re.Match[str] | None:
    return ARROW.match(line.text) if len(line.text) <= 160 else None


def _seconds(time: str) -> float:
    parts = [float(part) for part in re.split("[:]", time.replace(",", "."))]
    total = 0.0
    for part in parts:
        total = 60 * total + part
    return total


def _is_label(lines: Sequence[Line], index: int, begun: bool) -> bool:
    """Whether the line is a cue's number, or what WebVTT calls its identifier, right above the arrow."""
    if index + 1 >= len(lines) or not _arrow(lines[index + 1]) or lines[index + 1].gap > 0:
        return False
    line = lines[index]
    alone = bool(line.gap) or index == 0
    spoken = index > 0 and _arrow(lines[index - 1])
    return not spoken and (line.text.isdigit() or (begun and alone and len(line.text) <= 80))


def _speakers(lines: Sequence[Line]) -> set[str]:
    """Names with a colon that begin several cues; what stands once before a colon may be any word."""
    counted = Counter(match["name"] for line in lines if (match := _SPEAKER.match(line.text[:40])))
    named = [name for name, times in counted.items() if times > 1]
    return set(counted) if sum(counted[name] for name in named) >= 2 else set()


def _say(said: list[Said], line: Line, speakers: set[str], furniture: list[str]) -> str:
    """Add a line to the cue that was begun last, or begin what another person says in it; return its words."""
    voice = _VOICE.search(line.text[:160])
    text = line.text
    name = colon = ""
    if voice:
        name, before = voice["name"].strip(), text[: voice.start()]
        furniture += [voice[0][: voice.start("name") - voice.start()].strip(), ">"]
        text = before + text[voice.end() :]
    furniture += _TAG.findall(text)
    text = _TAG.sub("", text).strip()
    match = _SPEAKER.match(text[:40])
    if not name and match and match["name"] in speakers:
        name, colon, text = match["name"], match["colon"], text[match.end() :]
    if not text and not name:
        return ""
    cue = said[-1]
    if (name or text[:1] in "-–—") and cue.pieces:
        said.append(cue := Said("", "", [], cue.start, cue.end, cue.page))
    cue.name, cue.colon = name or cue.name, colon or cue.colon
    if text:
        cue.pieces.append(text)
    return text
