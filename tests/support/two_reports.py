"""A small corpus that grows by a report, what an index of it consists of, and what is said of a damaged one."""

from __future__ import annotations

import pytest

from retrieval.errors import SnapshotError
from retrieval.index.local.lexical import LEGS
from retrieval.index.local.snapshot import load_snapshot

FIRST = {
    "一.txt": "抗疫纪实\n\n2022年3月12日\n\n社区的志愿者给老人送菜。\n\n▲志愿者在送菜。\n\n灯还亮着。\n",
    "二.md": "# 通知\n\n明天封闭。\n",
}
SECOND = FIRST | {"三.txt": "株洲的医生在医院做手术。\n"}
POSTINGS = ["frequencies.npy", "lengths.npy", "rows.npy", "starts.npy", "terms.json", "weights.npy"]
FILES = sorted(
    [
        "documents.jsonl",
        "manifest.json",
        "passages.npy",
        "relations.json",
        *(f"{leg}.{part}" for leg in LEGS for part in POSTINGS),
        "tokens.000.npy",
        "tokens.rows.npy",
        "vectors.faiss",
    ]
)
REMEDY = "run `wenbao index --rebuild`"


def refused(index):
    """Return the error that loading an unusable index raises."""
    with pytest.raises(SnapshotError) as caught:
        load_snapshot(index)
    return caught.value
