"""The pieces of a vocabulary that is small enough to be written down, as the default model's file holds them."""

from __future__ import annotations

PIECES = (
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query",
    "▁passage",
    ":",
    "志愿者",
    "志愿",
    "者",
    "送",
    "菜",
    "a",
    "b",
    "▁a",
)
