"""An index with everything that a backup keeps, beside reports of every kind that the index run meets."""

from __future__ import annotations

import io
import os
import sqlite3
import time
import zipfile
from contextlib import closing
from pathlib import Path

from stub_encoder import StubEncoder

from bot.settings import Settings, load_settings
from retrieval.disk import write_json
from retrieval.index.build import build_index
from retrieval.types import Receipt

FIRST = "抗疫纪实\n\n2022年3月12日\n\n社区的志愿者给老人送菜。\n"
LATER = "抗疫纪实\n\n2022年3月12日\n\n社区的志愿者给老人送药。\n"


def archive_of(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.txt", text)
    return packed.getvalue()


def settings_in(folder: Path, corpus: str = "[reports]", more: str = "") -> Settings:
    """Write a configuration into a folder, which is made, and return its settings; nothing is served to watchers."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(f"corpus: {{paths: {corpus}, watch: false}}\n{more}", encoding="utf-8")
    return load_settings(folder / "config.yaml")


def indexed(settings: Settings) -> Receipt:
    return build_index(settings.corpus.paths, settings.index.path, StubEncoder())


def votes(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [vote for (vote,) in connection.execute("SELECT vote FROM votes ORDER BY rowid")]


def vote(file: Path, *given: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS votes (vote TEXT)")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executemany("INSERT INTO votes VALUES (?)", [(one,) for one in given])


def full_index(folder: Path) -> Settings:
    """Make an index of four reports, two of them in an archive, and one file that is skipped, with all its state."""
    settings = settings_in(folder)
    reports, index = folder / "reports", folder / ".wenbao"
    (reports / "下").mkdir(parents=True)
    (reports / "一.txt").write_text(FIRST, encoding="utf-8")
    (reports / "下" / "二.md").write_text("# 通知\n\n明天封闭。\n", encoding="utf-8")
    (reports / "包.zip").write_bytes(archive_of(three="株洲的医生做手术。\n", four="学校在下午开学。\n"))
    (reports / "影片.mp4").write_bytes(bytes(range(256)) * 50)
    indexed(settings)
    (reports / "一.txt").write_text(LATER, encoding="utf-8")  # the earlier text goes to the history
    age(reports)
    indexed(settings)
    vote(index / "state.sqlite", "up", "down")
    write_json(index / "calibration.json", {"threshold": 0.5})
    (index / "recognised" / "v1" / "d1").mkdir(parents=True)
    write_json(index / "recognised" / "v1" / "d1" / "1.json", {"lines": []})
    for debris in ("runs", "pending"):
        (index / debris).mkdir()
        write_json(index / debris / "a.json", {})
    (index / "feedback.lock").touch()
    (index / ".readings.json-x1").mkdir()
    (index / ".readings.json-x1" / "readings.json").touch()
    return settings


def age(folder: Path) -> None:
    """Make files an hour older, so that the index run may remember what it made of them."""
    then = time.time() - 3600
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, but locks: they are taken also where nothing is done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
