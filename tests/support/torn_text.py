"""Three paragraphs as people write them, torn as files tear them, and what is made of a text."""

from __future__ import annotations

from retrieval.corpus.documents import make_document
from retrieval.corpus.draft import Block
from retrieval.corpus.layout import read_plain_text

FIRST = "四月的第一个星期里，社区的志愿者们每天清晨六点钟就到小区门口集合，把蔬菜和药品一户一户地送到居民手中。"
SECOND = "到了傍晚，他们又挨家挨户地登记第二天需要的物品，常常忙到夜里十一点多钟才能回家休息，第二天照样早起。"
THIRD = "居委会主任说，这些年轻人从来没有喊过一声累，整栋楼的老人都记得他们的名字，也记得他们敲门的声音。"


def wrapped(text, width):
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


def paragraphs(*texts):
    return tuple(Block("paragraph", text) for text in texts)


def document_of(text):
    return make_document(read_plain_text(text), "report", "report.txt", text.encode())
