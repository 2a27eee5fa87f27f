"""A picture -> the lines of text on it, by PP-OCR models that RapidOCR's wheel carries."""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.cores import usable_cores
from retrieval.corpus.documents import CONTROLS
from retrieval.corpus.recognition.seen import SeenLine, SeenPage

if TYPE_CHECKING:
    from PIL.Image import Image

DOUBTFUL = 0.85
"""A picture whose lines are less sure than this on average may stand on its head, and is tried so."""
TALL = 1.5
"""Times its width from which the engine reads a line from top to bottom, as on a page that lies on its side."""
STRIP = 2.0
"""Times its width that a piece of a long screenshot is high; the engine makes a longer picture too small to read."""
SEARCHED = 0.25
"""Share of a strip in which the emptiest place to cut it off is looked for."""


@cache
def _engine() -> Any:  # noqa: ANN401 - RapidOCR's own type would be imported
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # it turns long lines upside down that stand right
            "Global.text_score": 0.0,  # what is too unsure is kept beside the text, not dropped unseen
            "EngineConfig.onnxruntime.intra_op_num_threads": usable_cores(),
        }
    )


def load_engine() -> None:
    """Have the engine import what it needs, which it does only when it recognises, and end the threads it started.

    What fails here fails again with the first page, and is reported with it.
    """
    with contextlib.suppress(Exception):
        import cv2
        from PIL import Image, ImageDraw

        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)  # it would keep its threads
        picture = Image.new("RGB", (200, 60), "white")
        ImageDraw.Draw(picture).text((5, 5), "2020", fill="black", font_size=40)
        recognise(picture)
        _engine.cache_clear()
        gc.collect()
        cv2.setNumThreads(threads)


def recognise(picture: Image) -> SeenPage:
    """Recognise a picture in mode RGB, the right way up, on its side or on its head."""
    lines = [line for top, bottom in _strips(picture) for line in _lines(picture, top, bottom)]
    if lines and _surety(lines) < DOUBTFUL:
        turned = picture.rotate(180)
        others = [line for top, bottom in _strips(turned) for line in _lines(turned, top, bottom)]
        if _surety(others) > _surety(lines):
            lines = [_turned(line) for line in others]
    return SeenPage(picture.height / picture.width, tuple(lines))


def _surety(lines: list[SeenLine]) -> float:
    """Return how sure the lines are on average, a long one counting more; 0 without any."""
    characters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / characters if characters else 0.0


def _lines(picture: Image, top: int, bottom: int) -> Iterator[SeenLine]:
    strip = picture.crop((0, top, picture.width, bottom))
    found = _engine()(np.ascontiguousarray(np.asarray(strip)[:, :, ::-1]))
    if found.boxes is None or found.txts is None:
        return
    for box, text, confidence in zip(found.boxes, found.txts, found.scores, strict=True):
        bare = " ".join(CONTROLS.sub("", text).split())
        if bare:
            places = [(float(x) / picture.width, (float(y) + top) / picture.height) for x, y in _upright(box)]
            yield SeenLine(bare, round(float(confidence), 4), tuple(round(v, 4) for place in places for v in place))


def _upright(box: Any) -> list[Any]:  # noqa: ANN401 - (4, 2) float
    """Return the corners from the text's own upper left one: a tall line is read downwards, its top on the right."""
    across, down = math.dist(box[0], box[1]), math.dist(box[0], box[3])
    return [*box[1:], box[0]] if down >= TALL * across else [*box]


def _turned(line: SeenLine) -> SeenLine:
    return SeenLine(line.text, line.confidence, tuple(round(1 - place, 4) for place in line.corners))


def _strips(picture: Image) -> Iterator[tuple[int, int]]:
    """Cut a picture that is much higher than wide into strips, where it is emptiest."""
    high, top = round(STRIP * picture.width), 0
    ink = np.asarray(picture.convert("L")).std(axis=1) if picture.height > 1.5 * high else np.zeros(0)
    while len(ink) and picture.height - top > 1.25 * high:
        first = top + round((1 - SEARCHED) * high)
        cut = first + int(ink[first : top + high].argmin())
        yield top, cut
        top = cut
    yield top, picture.height
