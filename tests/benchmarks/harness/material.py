"""What is measured with: the development sets, their passages and indexes, and texts made up for large indexes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.harness.scale import LARGE_SET, ROOT, SEEDS, SETS, Bench
from bot.service.opening import Opener, update_index
from bot.settings import Settings, load_settings
from retrieval.answer.answerer import Answerer
from retrieval.corpus import read_corpus
from retrieval.corpus.passages import split_document
from retrieval.encoder.protocol import Encoded, Encoder
from retrieval.encoder.sentence_encoder import SentenceEncoder
from retrieval.evaluation import QuestionSet, choose, read_sets
from retrieval.evaluation.beir import anchored, document_id_of, write_corpus
from retrieval.evaluation.judged import Judged, Place
from retrieval.index.build import build_index
from retrieval.index.local.snapshot import load_snapshot
from retrieval.text.sentences import sentences_of
from retrieval.types import Passage, Progress, no_progress

SEED = 11


# The development sets


@dataclass(frozen=True, slots=True)
class Material:
    """A development set: a folder of reports, its passages as Wenbao's splitter makes them, answerable questions."""

    name: str
    corpus: Path
    documents: int
    passages: tuple[Passage, ...]
    questions: tuple[Judged, ...]

    def place(self, row: int) -> Place:
        """Return where a passage stands."""
        passage = self.passages[row]
        return Place(passage.document_id, passage.start, passage.end, passage.text)

    def known(self, judged: Judged) -> list[Place]:
        """Return all places in the documents that hold a question's evidence."""
        documents = judged.documents
        return [self.place(row) for row, one in enumerate(self.passages) if one.document_id in documents]


def set_path(bench: Bench, name: str) -> Path:
    """Return where a development set is."""
    questions = bench.shared / "questions" / f"{name}.jsonl"
    return questions if questions.exists() else bench.shared / "benchmarks" / name


def sets_there(bench: Bench) -> list[str]:
    """Return the names of those development sets that can be read."""
    return [name for name in SETS if set_path(bench, name).exists()]


def read_material(bench: Bench, name: str) -> Material:
    """Read a set: at most ``scale.questions`` questions, and ``scale.entries`` documents, first those that answer."""
    (one,) = read_sets([set_path(bench, name)])
    answerable = replace(one, questions=tuple(judged for judged in one.questions if judged.answerable))
    (chosen,) = choose([answerable], [], bench.scale.questions)
    if chosen.entries:
        chosen = _fewer_entries(chosen, bench.scale.entries)
        corpus = write_corpus(chosen.entries, bench.work / "sets", name)
    else:
        corpus = SEEDS
    documents = read_corpus([corpus]).documents
    passages = tuple(passage for document in documents for passage in split_document(document))
    by_id = {document.document_id: document for document in documents}
    questions = anchored(chosen, by_id) if chosen.spans else chosen.questions
    return Material(name, corpus, len(documents), passages, questions)


def _fewer_entries(one: QuestionSet, most: int) -> QuestionSet:
    """Keep the entries that answer the questions, and others up to ``most`` (0: all)."""
    if not most:
        return one
    wanted = {document_id for judged in one.questions for document_id in judged.documents}
    first = [entry for entry in one.entries if document_id_of(entry.entry_id) in wanted]
    others = [entry for entry in one.entries if document_id_of(entry.entry_id) not in wanted]
    return replace(one, entries=(*first, *others[: max(0, most - len(first))]))


def many_questions(bench: Bench, most: int) -> list[str]:
    """Return distinct questions, two in Chinese to one in another language; shuffled, the same every time."""
    names = [*sets_there(bench), *(["xquad-r-zh-sent"] if set_path(bench, "xquad-r-zh-sent").exists() else [])]
    chinese: list[str] = []
    foreign: list[str] = []
    for one in read_sets([set_path(bench, name) for name in names]):
        for judged in one.questions:
            (chinese if judged.lang.startswith("zh") else foreign).append(judged.question)
    if not names:
        chinese = sentences([passage.text for passage in seed_passages()])
    chance = random.Random(SEED)
    chance.shuffle(foreign)
    mixed = list(dict.fromkeys([*chinese, *foreign[: len(chinese) // 2]]))
    chance.shuffle(mixed)
    return mixed[:most]


def questions_to_ten_thousand(bench: Bench, most: int) -> list[str]:
    """Return distinct questions, half of them about the reports of ``open_ten_thousand`` if these are real."""
    theirs = []
    if set_path(bench, LARGE_SET).exists():
        (one,) = choose(read_sets([set_path(bench, LARGE_SET)]), [], most // 2)
        theirs = [judged.question for judged in one.questions]
    both = list(dict.fromkeys([*theirs, *many_questions(bench, 2 * most)]))[:most]
    random.Random(SEED).shuffle(both)
    return both


def many_passages(bench: Bench, most: int) -> list[str]:
    """Return distinct real passages, as the splitter makes them."""
    few = replace(bench, scale=replace(bench.scale, questions=1, entries=0))
    names = [name for name in sets_there(bench) if name != LARGE_SET]
    texts = [passage.text for name in names for passage in read_material(few, name).passages]
    distinct = list(dict.fromkeys([*texts, *(passage.text for passage in seed_passages())]))
    random.Random(SEED).shuffle(distinct)
    return distinct[:most]


def seed_passages() -> list[Passage]:
    """Return the passages of the seed reports."""
    return [passage for document in read_corpus([SEEDS]).documents for passage in split_document(document)]


# Indexes


def settings_for(corpus: Path, index: Path) -> Settings:
    """Return the project's settings for another corpus and index; the environment still counts."""
    settings = load_settings(ROOT / "config.yaml")
    sections: dict[str, Any] = {
        "corpus": settings.corpus.model_copy(update={"paths": (corpus,), "watch": False}),
        "index": settings.index.model_copy(update={"path": index, "keep": 1}),
    }
    return settings.model_copy(update=sections)


def default_encoder() -> SentenceEncoder:
    """Return the configured encoder."""
    encoder = Opener().encoder(load_settings(ROOT / "config.yaml"))
    assert isinstance(encoder, SentenceEncoder)
    return encoder


def index_of(bench: Bench, name: str) -> Path:
    """Return where the index of a set is kept from one part to the next."""
    return bench.work / "indexes" / name


def open_ten_thousand(bench: Bench, encoder: SentenceEncoder) -> Answerer:
    """Open the index of the set of about 10,000 passages, made first if it is not there; made up without the set."""
    index = index_of(bench, LARGE_SET)
    if set_path(bench, LARGE_SET).exists():
        settings = settings_for(read_material(bench, LARGE_SET).corpus, index)
        update_index(settings, encoder)
        return Opener().open(settings, encoder)
    reports = bench.work / "ten-thousand"
    recombined = Recombined(encoder, pieces(bench), tokens=128)
    write_reports(reports, recombined.pieces, 1_000 if bench.quick else 10_000)
    build_index([reports], index, recombined)
    return Answerer(load_snapshot(index), encoder)


# Texts made up


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌宇浩凯秋珍莉荣梅红春冬雪晨曦思远子轩雨桐嘉怡"
    "志鹏海波晓东振宁立新庆丰永康德胜光耀继昌启明瑞芝若兰"
)
PLACES = (
    "北京",
    "上海",
    "武汉",
    "株洲",
    "西安",
    "成都",
    "杭州",
    "南京",
    "郑州",
    "长沙",
    "合肥",
    "济南",
    "福州",
    "昆明",
)
PER_REPORT = 200
MOST_CHARACTERS = 380
"""Of a made-up paragraph, so that it is one passage."""


def sentences(passages: Sequence[str]) -> list[str]:
    """Return the distinct sentences of passages that are neither very short nor long."""
    every = dict.fromkeys(text[start:end] for text in passages for start, end in sentences_of(text))
    return [text for text in every if 8 <= len(text) <= 110]


def pieces(bench: Bench) -> list[str]:
    """Return real sentences to make passages of: of the development sets, so that their questions are about them."""
    return sentences(many_passages(bench, bench.scale.pieces))[: bench.scale.pieces]


def lead(chance: random.Random) -> str:
    """Return the beginning of a made-up passage: names and numbers, so that its vocabulary grows as a real one does."""
    name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2))))
    day = f"{chance.randint(1990, 2029)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
    return f"{day}{chance.choice(PLACES)}的{name}在第{chance.randint(1, 999_999)}号通报中说："


def write_reports(folder: Path, pieces: Sequence[str], passages: int) -> None:
    """Write reports of ``PER_REPORT`` paragraphs, each a lead and two or three sentences by chance."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    for number in range(max(1, passages // PER_REPORT)):
        paragraphs = (made_up(chance, pieces) for _ in range(min(PER_REPORT, passages)))
        (folder / f"r{number:06d}.txt").write_text(f"第{number}份汇编\n\n" + "\n".join(paragraphs), encoding="utf-8")


def made_up(chance: random.Random, pieces: Sequence[str]) -> str:
    """Return a paragraph."""
    text = lead(chance) + "".join(chance.choices(pieces, k=chance.choice((2, 3))))
    return f"{text[:MOST_CHARACTERS].rstrip('。')}。"


class Recombined:
    """An encoder of made-up passages: the vector of the first sentence, and noise that varies as real vectors do.

    So the vectors lie as real ones do, in clusters and all in a narrow cone, and a real question has near passages
    among them; uniformly random ones would be searched as nothing real is. A passage keeps ``tokens`` of its sentences'
    token vectors, because all of them would take too much of the disk. Questions go to the real encoder.
    """

    NOISE = 0.6
    """Standard deviation of the noise, as a share of the real vectors' own."""

    def __init__(self, encoder: Encoder, pieces: Sequence[str], tokens: int) -> None:
        self._encoder = encoder
        self._tokens = tokens
        self.pieces = pieces
        encoded = encoder.encode_passages(pieces)
        self._vectors, self._pieces_tokens = encoded.vectors, encoded.tokens
        self._known = {text: row for row, text in enumerate(pieces)}
        self._shape = _covariance_root(encoded.vectors) * np.float32(self.NOISE)
        self._random = np.random.default_rng(SEED)
        self.name = "recombined"
        self.fingerprint = f"recombined-{tokens}-{encoder.fingerprint}"

    def load(self) -> None:
        """Load the real encoder."""
        self._encoder.load()

    def encode_queries(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Encode questions with the real encoder."""
        return self._encoder.encode_queries(texts, progress)

    def encode_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Encoded:
        """Make up vectors and tokens, at some ten thousand passages a second."""
        rows = [list(self._rows(text)) or [0] for text in texts]
        noise = self._random.standard_normal((len(texts), len(self._shape)), dtype=np.float32) @ self._shape.T
        vectors = self._vectors[[some[0] for some in rows]] + noise
        unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        tokens = tuple(self._some_tokens(some) for some in rows)
        progress("embed", len(texts), len(texts))
        return Encoded(unit, tokens)

    def _some_tokens(self, rows: Sequence[int]) -> Any:  # noqa: ANN401 - a record array
        records = np.concatenate([self._pieces_tokens[row] for row in rows])
        if len(records) <= self._tokens:
            return records
        return records[:: len(records) // self._tokens][: self._tokens]

    def _rows(self, text: str) -> Iterator[int]:
        """Yield which sentences a made-up passage consists of."""
        body = text.partition("：")[2]
        for start, end in sentences_of(body):
            row = self._known.get(body[start:end])
            if row is not None:
                yield row


def _covariance_root(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the ``(d, d)`` matrix that makes normal noise vary as ``(n, d)`` vectors do."""
    values, directions = np.linalg.eigh(np.cov(vectors, rowvar=False))
    return np.asarray(directions * np.sqrt(np.maximum(values, 0)), dtype=np.float32)
