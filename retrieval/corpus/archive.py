"""Zip archives of reports: what is in them, checked before anything is unpacked."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.corpus.encoding import PLAUSIBLE, plausibility
from retrieval.errors import ReportUnreadable

MAX_MEMBERS = 10_000
MAX_UNPACKED = 500 * 2**20
"""Bytes that all members together may unpack to."""
MAX_RATIO = 200
SMALL = 2**20
"""A member that unpacks to no more is not refused for its ratio: a few blank lines shrink to nothing."""
NAMED_IN_UTF8 = 0x800
ENCRYPTED = 0x1
KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its place there, its path, its size unpacked, and why it is not read (None: it is)."""

    index: int
    path: str
    size: int
    problem: str | None = None


def list_members(data: bytes) -> list[Member]:
    """Return the archive's files in its order; ReportUnreadable if it is damaged or too much to unpack.

    Folders, hidden files and what macOS adds are left out, as hidden files of a corpus folder are.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise ReportUnreadable("the archive is damaged: pack it again") from error
    refuse_bomb(entries)
    return list(_members(entries))


def refuse_bomb(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Raise ReportUnreadable if the entries are too many or would unpack to too much.

    An entry never unpacks to more than it declares: zipfile reads no further, and the checksum then fails.
    """
    if len(entries) > MAX_MEMBERS:
        raise ReportUnreadable(f"it holds {len(entries):,} files, more than {MAX_MEMBERS:,}: refused")
    size = sum(entry.file_size for entry in entries)
    if size > MAX_UNPACKED:
        raise ReportUnreadable(
            f"it would unpack to {size / 2**20:,.0f} MiB, more than {MAX_UNPACKED // 2**20}: refused"
        )


def _members(entries: Sequence[zipfile.ZipInfo]) -> Iterator[Member]:
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        path = name_of(entry)
        if path.endswith("/") or _is_hidden(path):
            continue
        problem = _problem(entry, path) or ("a second file of this name" if path in seen else None)
        seen.add(path)
        yield Member(index, _CONTROL.sub("\ufffd", path), entry.file_size, problem)


def _is_hidden(path: str) -> bool:
    parts = path.split("/")
    return any(part.startswith(".") and part not in (".", "..") or part == "__MACOSX" for part in parts)


def _problem(entry: zipfile.ZipInfo, path: str) -> str | None:
    if path.startswith("/") or _DRIVE.match(path) or _CONTROL.search(path) or {"", ".", ".."} & set(path.split("/")):
        return "an unsafe name, which leads out of the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "a link, not a file"
    if entry.flag_bits & ENCRYPTED:
        return "protected by a password"
    if entry.compress_type not in KNOWN_METHODS:
        return "packed by a method other than deflate: pack it again"
    if path.lower().endswith(".zip"):
        return "an archive in an archive: unpack it first"
    if entry.file_size > SMALL and entry.file_size > MAX_RATIO * entry.compress_size:
        return f"it would unpack to more than {MAX_RATIO} times its size: refused"
    return None


def name_of(entry: zipfile.ZipInfo) -> str:
    """Return an entry's path with ``/`` between folders.

    Names without the flag for UTF-8 are in whatever the packing system used: zipfile takes them for its code page 437,
    Chinese Windows wrote GBK, others UTF-8 without saying so.
    """
    name = entry.orig_filename
    if not entry.flag_bits & NAMED_IN_UTF8:
        name = _decoded(name)
    return name.replace("\\", "/")


def _decoded(name: str) -> str:
    raw = name.encode("cp437")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        texts = [raw.decode(encoding, "replace") for encoding in ("gb18030", "big5")]
        best = max(texts, key=plausibility)
        return best if plausibility(best) >= PLAUSIBLE and "\ufffd" not in best else name


def unpack(data: bytes, members: Sequence[Member]) -> Iterator[tuple[Member, bytes]]:
    """Yield the archive's members and their bytes, none where a member has a problem or turns out to have one."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        for member in members:
            try:
                yield member, b"" if member.problem else archive.read(entries[member.index])
            except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError):
                yield replace(member, problem="damaged in the archive: pack it again"), b""
