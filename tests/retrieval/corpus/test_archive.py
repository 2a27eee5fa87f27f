"""Zip archives: every member is a report of its own, and nothing in an archive harms what is beside it."""

from __future__ import annotations

import io
import zipfile

import pytest
from stub_encoder import StubEncoder

from bot.service.reports import CorpusUnwritable, remove_reports
from bot.settings import Settings
from retrieval.corpus import check_file, read_corpus, read_report
from retrieval.corpus.archive import Member, list_members
from retrieval.corpus.formats.registry import SUFFIXES
from retrieval.errors import ReportUnreadable
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.types import Skipped

TEXT = "社区的志愿者每天给老人送菜。"


class Unflagged(zipfile.ZipInfo):
    """A member whose name is in a code page and does not say so, as Chinese Windows and old tools write it."""

    encoding = "gbk"

    def _encodeFilenameFlags(self):
        return self.filename.encode(self.encoding), self.flag_bits & ~0x800


def entry(name: str, **attributes: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info


def zipped(members: dict[str | zipfile.ZipInfo, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content, method)
    return file.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(ReportUnreadable) as caught:
        list_members(data)
    return str(caught.value)


def test_every_member_is_a_document_with_the_archive_in_its_id(corpus_of):
    data = zipped(
        {"a.txt": TEXT, "四月/通知.md": f"# 通知\n\n{TEXT}", "四月/": "", ".DS_Store": "x", "__MACOSX/._a.txt": "x"}
    )
    corpus = read_corpus([corpus_of({"b.txt": TEXT, "2022/reports.zip": data})])
    assert [(d.document_id, d.path, d.text) for d in corpus.documents] == [
        ("2022/reports/a", "2022/reports.zip/a.txt", TEXT),
        ("2022/reports/四月/通知", "2022/reports.zip/四月/通知.md", TEXT),
        ("b", "b.txt", TEXT),
    ]
    assert corpus.skipped == ()


def test_a_bad_member_is_named_and_the_rest_is_read(corpus_of):
    data = zipped(
        {
            "../../x.txt": TEXT,
            "/etc/x.txt": TEXT,
            "C:/x.txt": TEXT,
            "..\\x.txt": TEXT,
            "a.txt": TEXT,
            "big.txt": "".join(chr(0x4E00 + 7919 * (n % 8000) % 20_000) for n in range(2**19)),
            "bomb.txt": b" " * 2**21,
            "data.pptx": "x",
            "empty.txt": "",
            "inner.zip": zipped({"a.txt": TEXT}),
            "torn.pdf": "x",
            entry("link.txt", external_attr=0o120777 << 16, create_system=3): "/etc/passwd",
            "z.txt": TEXT,
        }
    )
    folder = corpus_of({"r.zip": data})
    corpus = read_corpus([folder], max_bytes=2**20)
    assert [d.document_id for d in corpus.documents] == ["r/a", "r/z"]
    unsafe = "an unsafe name, which leads out of the archive"
    assert corpus.skipped == tuple(
        Skipped(f"{folder}/r.zip/{name}", reason)
        for name, reason in [
            ("../../x.txt", unsafe),
            ("/etc/x.txt", unsafe),
            ("C:/x.txt", unsafe),
            ("../x.txt", unsafe),
            ("big.txt", "1.5 MiB is over the limit of 1 MiB (corpus.max_file_mib)"),
            ("bomb.txt", "it would unpack to more than 200 times its size: refused"),
            ("data.pptx", f"no reader for .pptx; known are {SUFFIXES}"),
            ("empty.txt", "the file is empty"),
            ("inner.zip", "an archive in an archive: unpack it first"),
            ("torn.pdf", "the PDF is damaged: save or print it anew"),
            ("link.txt", "a link, not a file"),
        ]
    )


def test_where_a_members_stem_is_taken_the_suffix_joins_the_id(corpus_of):
    folder = corpus_of({"r.zip": zipped({"a.md": TEXT, "a.txt": TEXT}), "r/a.txt": TEXT})
    corpus = read_corpus([folder])
    assert {d.document_id: d.path for d in corpus.documents} == {"r/a": "r.zip/a.md", "r/a.txt": "r.zip/a.txt"}
    assert corpus.skipped == (Skipped(f"{folder}/r/a.txt", "its id r/a is taken by r.zip/a.md: rename one of them"),)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "big5"])
def test_names_in_a_code_page_are_decoded(encoding):
    info = Unflagged("四月/社區的報告.txt" if encoding == "big5" else "四月/社区的报告.txt")
    info.encoding = encoding
    assert list_members(zipped({info: TEXT})) == [Member(0, info.filename, len(TEXT.encode()))]


def test_latin_names_of_old_tools_stay():
    info = Unflagged("résumé.txt")
    info.encoding = "cp437"
    assert list_members(zipped({info: "x"})) == [Member(0, "résumé.txt", 1)]


def test_a_bomb_of_a_few_kilobytes_is_refused(corpus_of):
    layer = zipped({"a.txt": bytes(16 * 2**20)})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"{number}.zip", layer * 200)
    assert {member.problem for member in list_members(file.getvalue())} == {"an archive in an archive: unpack it first"}


def test_an_archive_that_unpacks_to_too_much_is_refused_and_the_rest_is_read(corpus_of):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.txt", "w") as member:
        for _ in range(600):
            member.write(bytes(2**20))
    folder = corpus_of({"a.txt": TEXT, "bomb.zip": file.getvalue()})
    corpus = read_corpus([folder])
    assert [d.document_id for d in corpus.documents] == ["a"]
    assert corpus.skipped == (Skipped(f"{folder}/bomb.zip", "it would unpack to 600 MiB, more than 500: refused"),)


def test_members_that_share_their_bytes_are_counted_each():
    data = bytearray(zipped({"a.txt": bytes(2**20)}))
    start = data.rfind(b"PK\1\2")
    directory, end = bytes(data[start : data.rfind(b"PK\5\6")]), bytearray(data[data.rfind(b"PK\5\6") :])
    end[8:12] = (600).to_bytes(2, "little") * 2
    end[12:16] = (600 * len(directory)).to_bytes(4, "little")
    assert (
        reason(bytes(data[:start]) + directory * 600 + bytes(end))
        == "it would unpack to 600 MiB, more than 500: refused"
    )


def test_too_many_members_are_refused():
    data = zipped({f"{number}.txt": "" for number in range(10_001)}, zipfile.ZIP_STORED)
    assert reason(data) == "it holds 10,001 files, more than 10,000: refused"


def test_a_member_that_is_longer_than_it_declares_is_refused(corpus_of):
    data = bytearray(zipped({"a.txt": TEXT * 99, "b.txt": TEXT}))
    size = data.find(b"PK\1\2") + 24
    data[size : size + 4] = (10).to_bytes(4, "little")
    folder = corpus_of({"r.zip": bytes(data)})
    corpus = read_corpus([folder])
    assert [d.document_id for d in corpus.documents] == ["r/b"]
    assert corpus.skipped == (Skipped(f"{folder}/r.zip/a.txt", "damaged in the archive: pack it again"),)


def test_members_behind_a_password_or_packed_unusually_are_named():
    data = bytearray(zipped({"a.txt": TEXT}))
    data[data.find(b"PK\1\2") + 8] |= 1
    assert [member.problem for member in list_members(bytes(data))] == ["protected by a password"]
    packed = list_members(zipped({"a.txt": TEXT}, zipfile.ZIP_LZMA))
    assert [member.problem for member in packed] == ["packed by a method other than deflate: pack it again"]


@pytest.mark.parametrize("data", [b"", b"x" * 99, zipped({"a.txt": TEXT})[:-9]], ids=["nothing", "text", "cut short"])
def test_a_damaged_archive_is_named(data):
    assert reason(data) == "the archive is damaged: pack it again"


def test_an_empty_archive_is_named(corpus_of):
    folder = corpus_of({"r.zip": zipped({".hidden": "x"})})
    assert read_corpus([folder]).skipped == (Skipped(f"{folder}/r.zip", "the archive is empty"),)


def test_an_archive_is_worth_adding_if_one_member_can_be_read(corpus_of):
    folder = corpus_of({"r.zip": zipped({"b.pptx": "x", "a.txt": TEXT}), "s.zip": zipped({"b.pptx": "x"})})
    assert check_file(folder, folder / "r.zip").document_id == "r/a"
    with pytest.raises(ReportUnreadable, match=r"^no reader for \.pptx; known are "):
        check_file(folder, folder / "s.zip")
    with pytest.raises(ReportUnreadable, match=r"^an archive: it may hold many reports$"):
        read_report(folder, folder / "r.zip")


def test_a_report_in_an_archive_is_not_deleted_alone(corpus_of, tmp_path):
    folder = corpus_of({"r.zip": zipped({"a.txt": TEXT, "b.txt": TEXT})})
    build_index([folder], tmp_path / "index", StubEncoder())
    settings = Settings(corpus={"paths": [folder]})
    with pytest.raises(CorpusUnwritable) as caught:
        remove_reports(settings, load_snapshot(tmp_path / "index"), ["r/a"])
    assert str(caught.value) == f"r/a stands in the archive {folder}/r.zip: pack it again without it, or delete it"
    assert (folder / "r.zip").exists()
