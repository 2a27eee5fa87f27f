"""Strangers read what is wrong, but no names of folders or files of this machine."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from guarded_app import bearer, running
from http_client import client_of_app
from stub_opener import StubOpener

from bot.service.service import Service
from bot.service.shelf import bare_name
from bot.settings import CorpusSettings, EncoderSettings, IndexSettings, Settings
from bot.web.app import create_app
from bot.web.redaction import without_path, without_paths
from retrieval.errors import SnapshotDamaged

SETTINGS = Settings(
    corpus=CorpusSettings(paths=(Path("/data/我的 报道"), Path("/srv/news"))),
    index=IndexSettings(path=Path("/data/我的 索引")),
    encoder=EncoderSettings(model="/opt/my models/小 模型", cache=Path("/big disk/cache")),
)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("/data/我的 索引/current is missing: run `wenbao index`", "… is missing: run `wenbao index`"),
        ("/data/我的 索引: no index", "…: no index"),
        ("the file /data/我的 报道/二 月/第 一 篇.txt: is empty", "the file …: is empty"),
        ("/data/我的 报道 is no folder; /srv/news is no folder", "… is no folder; … is no folder"),
        ("/srv/newspapers/x is out of reach (EIO)", "… is out of reach (EIO)"),
        ("[Errno 13] Permission denied: '/data/别的 地方/甲 乙.txt'", "[Errno 13] Permission denied: '…'"),
        ("/opt/my models/小 模型 cannot be compiled", "… cannot be compiled"),
        ("no room in /big disk/cache/x-1", "no room in …"),
        ("(/var/lib/文件夹/a.npy)", "(…)"),
        ("C:\\Users\\某人\\a.txt: gone", "…: gone"),
        ("see http://127.0.0.1:8000/docs and 3/4 of 1/2", "see http://127.0.0.1:8000/docs and 3/4 of 1/2"),
        ("the index is busy", "the index is busy"),
    ],
)
def test_no_path_is_left_in_what_strangers_read(said, shown):
    assert without_path(said, SETTINGS) == shown


def test_files_that_were_skipped_are_only_counted():
    problems = ["skipped 二 月/秘密.txt: it is empty", "the index is old", "skipped x: y"]
    assert without_paths(problems, SETTINGS) == ("the index is old", "2 file(s) could not be indexed")


def test_an_encoder_of_one_s_own_goes_by_the_name_of_its_folder():
    assert [bare_name(name) for name in ("/opt/my models/小 模型", "someone/a-model")] == ["小 模型", "someone/a-model"]


def test_status_tells_paths_to_administrators_alone(own_settings, monkeypatch):
    monkeypatch.setenv("WENBAO_ADMIN_TOKEN", "open sesame, please")
    (own_settings.index.path / "current").unlink(missing_ok=True)
    with running(own_settings) as client:
        client.app.state.service.generations.problem = f"{own_settings.index.path}/current is damaged"
        found = [client.get("/status", headers=one).json() for one in ({}, bearer("open sesame, please"))]
    told = [" ".join(one["problems"]) for one in found]
    assert [str(own_settings.index.path) in one for one in told] == [False, True]
    assert "… is damaged" in told[0]


def test_no_refusal_for_want_of_an_index_names_a_path(own_settings, caplog):
    caplog.set_level(logging.CRITICAL)

    def damaged(settings):
        raise SnapshotDamaged(f"{settings.index.path}/000001 is damaged: run `wenbao index --rebuild`")

    service = Service(own_settings, StubOpener(damaged))
    with client_of_app(create_app(service)) as client:
        answers = [
            client.get("/readyz"),
            client.get("/documents"),
            client.post("/ask", json={"question": "温海波站了几个小时？"}),
        ]
    assert {one.status_code for one in answers} == {503}
    assert [one.text for one in answers if str(own_settings.index.path) in one.text] == []
