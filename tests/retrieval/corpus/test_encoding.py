"""Bytes become text in the encoding they were written in, or a reason why not."""

from __future__ import annotations

import codecs
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.corpus import read_report
from retrieval.corpus.encoding import decode
from retrieval.errors import ReportUnreadable

SIMPLIFIED = (
    "社区的志愿者们每天清晨六点钟就到小区门口集合，把蔬菜和药品一户一户地送到居民手中。\n他们从来没有喊过一声累。\n"
)
TRADITIONAL = (
    "社區的志願者們每天清晨六點鐘就到門口集合，把蔬菜和藥品一戶一戶地送到居民手中。\n他們從來沒有喊過一聲累。\n"
)
NO_ASCII = SIMPLIFIED.replace("\n", "")
MARKED = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
ENCODINGS = ["utf-8", "gb18030", "utf-16-le", "utf-16-be"]


def reason(data):
    with pytest.raises(ReportUnreadable) as caught:
        decode(data)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, NO_ASCII, "Volunteers brought food.\n" + SIMPLIFIED])
def test_chinese_text_is_read_in_every_encoding(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", MARKED)
def test_a_byte_order_mark_is_obeyed_and_is_no_part_of_the_text(encoding):
    assert decode(MARKED[encoding] + SIMPLIFIED.encode(encoding)) == SIMPLIFIED


def test_traditional_text_in_big5_is_read():
    assert decode(TRADITIONAL.encode("big5")) == TRADITIONAL


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_latin_text_is_read(encoding):
    assert decode("Volunteers brought food to the old people.\n".encode(encoding)) == (
        "Volunteers brought food to the old people.\n"
    )


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1))
def test_whatever_is_written_in_utf_8_is_read_back(text):
    whole = "社" + text
    assert decode(whole.encode()) == decode(codecs.BOM_UTF8 + whole.encode()) == whole


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "utf-16"])
def test_a_seed_is_the_same_report_in_every_encoding(encoding, seeds, seeds_folder, tmp_path):
    for document in seeds.documents:
        path = tmp_path / document.path
        path.write_bytes((seeds_folder / document.path).read_text(encoding="utf-8").encode(encoding))
        again = read_report(tmp_path, path)
        assert again.digest != document.digest
        assert dataclasses.replace(again, digest=document.digest) == document


def test_damaged_utf_8_is_refused_and_the_byte_is_named():
    good = SIMPLIFIED.encode() * 4
    assert reason(good + b"\xff" + good) == f"damaged UTF-8 at byte {len(good)}: save it again as UTF-8"


def test_the_byte_is_counted_from_the_start_of_a_file_with_a_mark():
    good = codecs.BOM_UTF8 + SIMPLIFIED.encode() * 4
    assert reason(good + b"\xff" + good[3:]) == f"damaged UTF-8 at byte {len(good)}: save it again as UTF-8"


def test_utf_8_cut_inside_its_last_character_is_refused():
    assert reason((SIMPLIFIED * 4 + "末").encode()[:-1]).startswith("damaged UTF-8 at byte ")


def test_damaged_utf_16_is_refused():
    assert reason(codecs.BOM_UTF16_LE + SIMPLIFIED.encode("utf-16-le") + b"\x4e").startswith("damaged UTF-16 at byte ")


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
        b"PK\x03\x04\x14\0\x08\0" + b"\0\x01\x02" * 99,
    ],
    ids=["every byte", "a picture", "an archive"],
)
def test_binary_data_is_refused(data):
    assert reason(data).split(":")[0] in {
        "not a text file (it holds binary data)",
        "no text in UTF-8, UTF-16 or GB18030",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n \t\r\n",
        codecs.BOM_UTF8,
        codecs.BOM_UTF16_LE,
        codecs.BOM_UTF16_BE + "\n\n".encode("utf-16-be"),
        "\u3000\u3000\n".encode(),
        "\u200b\ufeff\xa0".encode(),
        "\u2003\u2028\x85".encode(),
        b"\0\0\0\0",
    ],
)
def test_a_file_without_a_visible_character_is_empty(data):
    assert reason(data) == "the file is empty"
