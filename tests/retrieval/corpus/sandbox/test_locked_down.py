"""Without its rights a worker reads a file of every kind as it would with them, also as the first it ever reads."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict

import docx
import openpyxl
import pdf_files
import pytest
import scans
from kernel import needs_all
from PIL import Image
from places import ROOT, SUPPORT

from retrieval.corpus.archive import list_members
from retrieval.corpus.draft import draft_json
from retrieval.corpus.formats.registry import ARCHIVE, READERS, SUFFIXES
from retrieval.errors import ReportUnreadable

HAN = "社区的志愿者每天给老人送菜，一直忙到天明，风雨无阻，从未间断。"
PAGES = {
    "gb18030": HAN,
    "gb2312": HAN,
    "big5": "社區的志工每天給老人送菜，一直忙到天明，風雨無阻，從未間斷。",
    "utf-16": HAN,
    "shift_jis": "ボランティアは毎日お年寄りに野菜を届け、夜が明けるまで働いた。",
    "euc-jp": "ボランティアは毎日お年寄りに野菜を届け、夜が明けるまで働いた。",
    "iso-2022-jp": "ボランティアは毎日お年寄りに野菜を届け、夜が明けるまで働いた。",
    "euc-kr": "자원봉사자들은 매일 어르신들께 채소를 전달하고 밤을 새웠다.",
    "windows-1251": "Волонтёры каждый день носили овощи пожилым людям до рассвета.",
    "koi8-r": "Волонтёры каждый день носили овощи пожилым людям до рассвета.",
    "windows-1252": "Les bénévoles ont livré des légumes aux aînés chaque jour.",
}


def word():
    file, document = io.BytesIO(), docx.Document()
    document.add_paragraph(HAN)
    document.add_table(1, 2).cell(0, 0).text = "甲"
    document.save(file)
    return file.getvalue()


def sheet():
    file, book = io.BytesIO(), openpyxl.Workbook()
    for row in (["日期", "人数"], ["2020-02-01", 12]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("报告/一.txt", HAN)
    return file.getvalue()


def pictures():
    """Pictures of every format, in modes that make Pillow load more."""
    plain = scans.blank()
    yield from ((f"a.{kind}", scans.saved(plain, name)) for kind, name in [
        ("png", "PNG"), ("jpg", "JPEG"), ("jpeg", "MPO"), ("webp", "WEBP"), ("tif", "TIFF"), ("tiff", "TIFF"),
    ])  # fmt: skip
    yield "indexed.png", scans.saved(plain.convert("P"), "PNG")
    yield "pressed.tif", scans.saved(plain, "TIFF", compression="jpeg")
    yield "none.png", b"no picture"
    yield "other.png", scans.saved(plain, "BMP")
    yield "two.tiff", scans.saved(plain, "TIFF", save_all=True, append_images=[Image.new("L", (9, 9))])


def samples():
    """Files of every kind, by name."""
    for encoding, text in PAGES.items():
        yield f"{encoding}.html", f"<meta charset={encoding}><title>{text[:4]}</title><p>{text}".encode(encoding)
        yield f"{encoding}.txt", text.encode(encoding)
        yield f"{encoding}.csv", f"日期,{text[:9]}\n1,2\n".encode(encoding, "replace")
    yield "links.htm", b"<body>" + b"".join(b'<div><a href="/%d">menu</a> x</div>' % n for n in range(30))
    yield "dated.html", "<p>発表 2020年2月1日</p><time>1 février 2020</time><p>Feb 3rd, 2020".encode() + HAN.encode()
    yield "a.md", f"# 题\n\n{HAN}\n\n* [一](a)".encode()
    yield "a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{HAN}\n".encode()
    yield "a.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{HAN}\n".encode()
    yield "a.tsv", "甲\t乙\n1\t2\n".encode()
    yield "a.pdf", pdf_files.pdf([(72, 700, 12, HAN), (72, 600, 12, "VOLUNTEERS 2020")])
    yield "none.pdf", b"%PDF-1.4 no more"
    yield "a.docx", word()
    yield "a.xlsx", sheet()
    yield "a.zip", archive()
    yield from pictures()


def found_with_all_rights(suffix, data):
    if suffix == ARCHIVE:
        return {"found": [asdict(member) for member in list_members(data)]}
    try:
        return {"found": json.loads(json.dumps(draft_json(READERS[suffix](data))))}
    except ReportUnreadable as error:
        return {"problem": str(error)}


@pytest.fixture(scope="module")
def files():
    return dict(samples())


def test_there_is_a_sample_of_every_kind(files):
    assert {f".{name.rpartition('.')[2]}" for name in files} == set(SUFFIXES.split(", "))


@needs_all
def test_every_kind_of_file_is_read_without_rights_as_with_them(files, tmp_path):
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-P", SUPPORT / "locked_down.py", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    expected = {name: found_with_all_rights(f".{name.rpartition('.')[2]}", data) for name, data in files.items()}
    assert json.loads(done.stdout) == expected
