"""Two Telegram bots for all tests of this folder: the real ``wenbao``, over HTTP, against a strict Bot API server.

One has the real encoder; the other has the stub encoder in its place, and starts in a second.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import SEEDS
from stub_encoder import StubEncoder
from telegram_room import LONG_REPORT, NASTY_REPORT, Room, room

from retrieval.encoder.sentence_encoder import SentenceEncoder


@pytest.fixture(scope="session")
def real(real_encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A bot with the real encoder on the seed reports."""
    with room(tmp_path_factory.mktemp("real"), real_encoder) as running:
        yield running


@pytest.fixture(scope="session")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A bot with the stub encoder on more reports, that answers everybody as often as they like."""
    reports = tmp_path_factory.mktemp("corpus")
    _write_reports(reports)
    telegram = {"questions_per_minute": 1000}
    with room(tmp_path_factory.mktemp("stub"), StubEncoder(), reports, telegram=telegram) as running:
        yield running


def _write_reports(folder: Path) -> None:
    """Write the seed reports, twenty small ones, one with an endless paragraph, and one full of markup."""
    for seed in SEEDS.glob("*.txt"):
        shutil.copy(seed, folder)
    for number in range(20):
        (folder / f"小{number:02}.md").write_text(f"# 第{number}号简报\n\n第{number}号简报说一切正常。\n", "utf-8")
    long = "大坝的水位每个小时都有人记录下来。" * 500
    (folder / f"{LONG_REPORT}.md").write_text(f"# 大坝日志\n\n{long}\n\n大坝日志到此为止。\n", "utf-8")
    nasty = "公式写作 a<b && c>d，标签写作 <b>粗体</a> 与 &lt;i&gt;，\u202e倒过来\u200f。"
    (folder / f"{NASTY_REPORT}.txt").write_text(f"标签 <b>&amp; 公式\n\n{nasty}\n\n第二段写着 </b>。\n", "utf-8")
