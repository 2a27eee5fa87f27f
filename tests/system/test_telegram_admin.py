"""Administrators hand in, remove and index reports in a private chat with the real bot process."""

import datetime as dt

import pytest
from scans import page, saved
from stub_encoder import StubEncoder
from telegram_room import room

from bot.texts import text

CHIEF, ANN = 9, 1


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    (folder / "reports").mkdir()
    (folder / "reports" / "first.txt").write_text("通告\n\n孙蕴华在四月接听了近四百通求助电话。", encoding="utf-8")
    corpus = {"paths": [str(folder / "reports")], "watch": False}
    with room(folder, StubEncoder(), folder / "reports", telegram={"admins": [CHIEF]}, corpus=corpus) as running:
        yield running


def receipt(**values):
    lists = {"added": "–", "changed": "–", "removed": "–", "skipped": "–"}
    return text("zh", "tg_admin_receipt", **{**lists, **values})


def test_a_report_sent_as_a_file_is_indexed_and_removed_again(desk):
    server, chief = desk.server, desk.server.user(CHIEF, "主编")
    sent = server.send_document(chief, "second.txt", "简报\n\n千金药房在春节期间开了三百家门店。".encode())
    working, done = server.wait_for_messages(chief, 2, after=sent, timeout=30)
    assert working.text == text("zh", "tg_admin_working")
    assert done.text == receipt(added="second", embedded=1, reused=1, documents=2)
    assert desk.ask(chief, "千金药房在春节期间开了三百家门店").text.startswith("千金药房在春节期间开了三百家门店。")
    removed = desk.ask(chief, "/remove second")
    assert removed.text == receipt(removed="second", embedded=0, reused=1, documents=1)


def test_an_unknown_id_and_an_unreadable_file_are_told_with_their_reasons(desk):
    chief = desk.server.user(CHIEF, "主编")
    assert desk.ask(chief, "/remove nowhere").text == text(
        "zh", "tg_admin_failed", reason="no report has the id 'nowhere': `wenbao documents` lists them"
    )
    assert desk.ask(chief, "/remove").text == text("zh", "tg_admin_remove_usage")
    sent = desk.server.send_document(chief, "empty.txt", b"")
    done = desk.server.wait_for_messages(chief, 2, after=sent, timeout=30)[1]
    assert done.text == receipt(skipped="empty.txt: the file is empty", embedded=0, reused=1, documents=1)


def test_reindexing_finds_what_was_dropped_into_the_folder(desk):
    chief = desk.server.user(CHIEF, "主编")
    (desk.bot.folder / "reports" / "third.txt").write_text("第三号\n\n灯还亮着。", encoding="utf-8")
    said = desk.server.say(chief, "/reindex")
    done = desk.server.wait_for_messages(chief, 2, after=said, timeout=30)[1]
    assert done.text == receipt(added="third", embedded=1, reused=1, documents=2)


def test_a_photograph_is_a_report_like_any_other_in_its_largest_size(desk):
    chief = desk.server.user(CHIEF, "主编")
    lines = "因线路检修，十五日八点到十点停电。", "请居民提前做好准备，联系电话5682210。"
    picture = page(*((130, 280 + 60 * place, 36, line) for place, line in enumerate(lines)))
    sent = desk.server.send_photo(chief, saved(picture, "JPEG"), "停电 通知\n明天看")
    done = desk.server.wait_for_messages(chief, 2, after=sent, timeout=120)[1]
    name = f"停电-通知-{today(sent)}-{sent.id}"
    assert done.text == receipt(added=name, embedded=2, reused=2, documents=3)
    assert desk.ask(chief, lines[1]).text.endswith("识别文字，第 1 页")
    assert desk.ask(chief, f"/remove {name}").text == receipt(removed=name, embedded=0, reused=2, documents=2)


def test_a_photograph_that_cannot_be_read_is_told_with_its_reason(desk):
    chief = desk.server.user(CHIEF, "主编")
    sent = desk.server.send_photo(chief, b"no picture")
    done = desk.server.wait_for_messages(chief, 2, after=sent, timeout=30)[1]
    reason = f"照片-{today(sent)}-{sent.id}.jpg: the picture is damaged: save it again"
    assert done.text == receipt(skipped=reason, embedded=0, reused=2, documents=2)


def today(message):
    return dt.datetime.fromtimestamp(message.raw["date"], dt.UTC).date()


def test_nobody_else_can_change_the_reports(desk):
    ann = desk.server.user(ANN, "安")
    assert desk.ask(ann, "/remove first").text == text("zh", "tg_unknown_command")
    sent = desk.server.send_document(ann, "mine.txt", "标题\n\n正文。".encode())
    assert desk.next_message(ann, sent).text == text("zh", "tg_not_text")
    assert not (desk.bot.folder / "reports" / "mine.txt").exists()
