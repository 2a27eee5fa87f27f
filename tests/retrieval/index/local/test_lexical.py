"""What passages are looked up by, made by one process or by several, from nothing or from an older index."""

from __future__ import annotations

import subprocess
import sys
import time

from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.local.lexical import LEGS, Lexical, Sharing

REPORTS = [f"志愿者{number}号在小区送菜,孙蕴华接听了{number % 7}个电话。" for number in range(40)]


def files(lexical, folder):
    folder.mkdir()
    lexical.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


SHARED = Sharing(block=7, shared_from=10, cores=2)


def test_several_processes_make_the_index_that_one_makes(tmp_path):
    alone = files(Lexical.build(REPORTS), tmp_path / "alone")
    steps = []
    together = Lexical.build(REPORTS, lambda *step: steps.append(step), SHARED)
    assert files(together, tmp_path / "together") == alone
    assert steps == [("words", done, 40) for done in (7, 14, 21, 28, 35, 40)]


def test_an_index_of_old_and_new_passages_is_the_one_built_from_nothing(tmp_path):
    old = Lexical.build(REPORTS[:20], sharing=SHARED)
    kept = [None if row % 3 else row for row in range(20)] + [None] * 20
    new = [text for text, row in zip(REPORTS, kept, strict=True) if row is None]
    updated = files(old.updated(kept, new, sharing=SHARED), tmp_path / "updated")
    assert updated == files(Lexical.build(REPORTS), tmp_path / "built")
    assert files(old.updated([], []), tmp_path / "none") == files(Lexical.build([]), tmp_path / "nothing")


def test_all_legs_are_read_back(tmp_path):
    built = Lexical.build(REPORTS)
    before = files(built, tmp_path / "one")
    assert files(Lexical.load(tmp_path / "one"), tmp_path / "two") == before
    assert {name.split(".")[0] for name in before} == set(LEGS)


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    code = (
        "import os, signal, sys, threading, time\n"
        "from retrieval.index.local.lexical import Lexical, Sharing\n"
        "def kill(stage, done, total):\n"
        "    children = open(f'/proc/self/task/{os.getpid()}/children').read()\n"
        "    sys.stdout.write(children); sys.stdout.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
        "if __name__ == '__main__':\n"
        "    Lexical.build([f'志愿者{n}号' for n in range(20000)], kill, Sharing(50, 10, 2))\n"
    )
    (tmp_path / "killed.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, tmp_path / "killed.py"], capture_output=True, text=True, timeout=60)
    workers = [int(number) for number in done.stdout.split()]
    assert workers
    deadline = time.monotonic() + 20
    while any(is_running(number) for number in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [number for number in workers if is_running(number)] == []


def is_running(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


CHARACTERS = "社区志愿者孙蕴华株洲医院送菜3月12日 mask,。"
TEXTS = st.lists(st.text(st.sampled_from(CHARACTERS), max_size=12), max_size=6)


@given(TEXTS, TEXTS, st.data())
def test_an_updated_lexical_index_is_the_one_built_from_nothing(tmp_path_factory, old, new, data):
    reused = data.draw(st.lists(st.sampled_from(range(len(old))), max_size=6) if old else st.just([]))
    kept = data.draw(st.permutations([*reused, *[None] * len(new)]))
    rest = iter(new)
    folder = tmp_path_factory.mktemp("lexical")
    for name, lexical in (
        ("updated", Lexical.build(old).updated(kept, new)),
        ("built", Lexical.build([next(rest) if row is None else old[row] for row in kept])),
    ):
        (folder / name).mkdir()
        lexical.save(folder / name)
        assert len(Lexical.load(folder / name)) == len(kept)
    names = sorted(path.name for path in (folder / "built").iterdir())
    assert len(names) == 24
    assert {name: (folder / "updated" / name).read_bytes() for name in names} == {
        name: (folder / "built" / name).read_bytes() for name in names
    }
