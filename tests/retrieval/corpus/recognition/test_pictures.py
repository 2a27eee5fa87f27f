"""A page of a file as a picture: the way up that the camera held, no larger than needed, and nothing hostile."""

from __future__ import annotations

import io
import struct
import zlib

import docx
import pdf_files
import pytest
from PIL import Image
from scans import blank, page, pdf_of, saved

from retrieval.corpus.recognition import worker
from retrieval.corpus.recognition.drawing import LIMITS, TASKS
from retrieval.corpus.recognition.engine import _strips
from retrieval.corpus.recognition.pictures import MOST_SIDE, page_count, picture_of
from retrieval.corpus.sandbox import Sandbox
from retrieval.errors import ReportUnreadable


def reason(suffix, data, number=1):
    with pytest.raises(ReportUnreadable) as caught:
        picture_of(suffix, data, number)
    return str(caught.value)


def test_a_photograph_is_turned_the_way_its_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right
    picture = picture_of(".jpg", saved(blank(60, 80), "JPEG", exif=exif), 1)
    assert (picture.size, picture.mode) == ((80, 60), "RGB")


def test_what_shows_through_is_white():
    picture = picture_of(".png", saved(Image.new("RGBA", (2, 2), (0, 0, 0, 0))), 1)
    assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_read_as_eight():
    grey = Image.new("I;16", (4, 4), 20_000)
    grey.putpixel((0, 0), 40_000)
    picture = picture_of(".tiff", saved(grey, "TIFF"), 1)
    assert [picture.getpixel(place) for place in ((0, 0), (1, 1))] == [(255, 255, 255), (127, 127, 127)]


def test_a_large_picture_is_made_smaller_and_a_long_screenshot_keeps_its_width():
    assert max(picture_of(".png", saved(blank(3000, 4000)), 1).size) == MOST_SIDE
    assert picture_of(".png", saved(blank(600, 9000)), 1).size == (600, 9000)


def test_a_page_of_a_pdf_is_drawn_and_a_page_that_is_not_there_is_named():
    data = pdf_of(blank(), blank())
    assert max(picture_of(".pdf", data, 2).size) == MOST_SIDE
    assert reason(".pdf", data, 3) == reason(".png", saved(blank()), 2) == "it has no picture of that page"


def test_pages_of_a_tiff_are_counted_and_those_of_a_moving_picture_are_not():
    more = {"save_all": True, "append_images": [blank(), blank()]}
    assert page_count(saved(blank(), "TIFF", **more)) == 3
    assert page_count(saved(blank(), "WEBP", **more)) == 1


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n", saved(blank())[:40], b"\x89PNG\r\n\x1a\n"]
)
def test_a_damaged_or_foreign_picture_is_named(data):
    assert reason(".png", data) == "the picture is damaged: save it again"


def test_a_picture_of_too_many_pixels_is_refused():
    data = bytearray(saved(blank()))
    data[16:24] = struct.pack(">II", 30_000, 30_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    assert reason(".png", bytes(data)) == "it has too many pixels: make it smaller"


def test_a_long_screenshot_is_cut_where_it_is_empty():
    picture = Image.new("RGB", (100, 700), "white")
    for top in range(0, 700, 30):  # lines of 20 pixels, 10 apart
        for y in range(top, min(top + 20, 700)):
            picture.putpixel((50, y), (0, 0, 0))
    strips = list(_strips(picture))
    assert [strips[0][0], strips[-1][1]] == [0, 700]
    assert all(before[1] == after[0] for before, after in zip(strips, strips[1:], strict=False))
    assert len(strips) == 4
    assert all(bottom % 30 >= 20 for _, bottom in strips[:-1])


def test_a_page_is_not_cut():
    assert list(_strips(Image.new("RGB", (1000, 1414)))) == [(0, 1414)]


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".png", ".tiff"])
def test_a_page_is_drawn_in_a_worker_as_it_is_outside(suffix):
    """A worker has no rights left but to read fonts; the PDF names one that it does not hold."""
    document = docx.Document()
    document.add_picture(io.BytesIO(saved(page((40, 60, 30, "灯还亮着")))))
    file = io.BytesIO()
    document.save(file)
    data = {
        ".pdf": pdf_files.pdf([(72, 700, 24, "社区的志愿者 VOLUNTEERS")]),
        ".docx": file.getvalue(),
        ".png": saved(page((40, 60, 30, "灯还亮着"))),
        ".tiff": saved(page((40, 60, 30, "灯还亮着")), "TIFF"),
    }[suffix]
    with Sandbox(LIMITS, TASKS) as sandbox:
        assert sandbox.run("draw", data, suffix, 1) == worker.draw_page(data, suffix, 1)
