"""The tables of the index. Rows are never changed but for the generation from which on they no longer hold.

    wenbao_store          one row: which generation is published, the last number that a report was given, who is
                          writing, and until when that is believed
    wenbao_generations    what each generation says of itself, and how its reports are related
    wenbao_reports        reports, each of the generations ``born`` to ``died`` - 1; ``content`` is all of it as JSON,
                          ``cut`` identifies how it was cut into passages
    wenbao_passages       where passages stand; row ``(report << ROW_BITS) + i`` is passage i of its report
    wenbao_texts_SPACE    the texts of passages, each once: coded terms, vector, token vectors
    wenbao_terms_SPACE    how many passages hold each term, of the generations ``born`` to ``died`` - 1
    wenbao_work_SPACE     texts that are not embedded yet, each claimed by one indexer until its lease ends

A generation's ``manifest`` is JSON: that of any store under "manifest", and "space", "dimension" of the vectors,
"token_dimension" of a token's codes, and "lengths", how many terms all passages have together, by leg;
"measured" is how many passages there were when the recall was. One without a manifest is being written.

A space has the texts of one encoder and one way of cutting words; vectors of two are never compared. A passage belongs
to its report, and holds as long as that. Its ``own`` text is there only where it is found by other words, as the rows
of tables are; an aside's ``paragraph`` is its number, negative. A text is there as long as any kept generation has a
passage of it; whoever finds one whose passages are of other generations passes it over.
"""

from __future__ import annotations

import hashlib

from retrieval.index.oceanbase.session import Session
from retrieval.types import LegName

SCHEMA = 1
"""Raise it when older tables can no longer be read."""
FOREVER = 2**31 - 1
"""``died`` of what holds still."""
ROW_BITS = 20
"""A report has fewer passages than two to this power."""
EF_SEARCH = 200
"""How much of the graph a search for the nearest vectors looks at; the server's own 64 finds too few."""
LEGS: tuple[LegName, ...] = ("words", "bigrams", "pinyin", "dictionary")
"""The columns of coded terms; their places are the ``leg`` of a term."""

STORE, GENERATIONS, REPORTS, PASSAGES = "wenbao_store", "wenbao_generations", "wenbao_reports", "wenbao_passages"
TEXTS, TERMS, WORK = "wenbao_texts_{space}", "wenbao_terms_{space}", "wenbao_work_{space}"

_PARSED = "WITH PARSER space PARSER_PROPERTIES=(min_token_size=1, max_token_size=64)"
_TABLES = (
    f"""CREATE TABLE IF NOT EXISTS {STORE} (
        id TINYINT PRIMARY KEY,
        version INT NOT NULL,
        published INT NOT NULL,
        reports BIGINT NOT NULL DEFAULT 0,
        writer VARCHAR(200),
        until DATETIME(6)
    )""",
    f"""CREATE TABLE IF NOT EXISTS {GENERATIONS} (
        number INT PRIMARY KEY,
        manifest LONGTEXT NOT NULL,
        relations LONGBLOB NOT NULL
    )""",
    f"""CREATE TABLE IF NOT EXISTS {REPORTS} (
        report BIGINT PRIMARY KEY,
        born INT NOT NULL,
        died INT NOT NULL,
        document_id VARCHAR(1024) NOT NULL,
        path VARCHAR(1024) NOT NULL,
        digest CHAR(64) NOT NULL,
        title TEXT NOT NULL,
        title_derived TINYINT NOT NULL,
        date DATE,
        source TEXT,
        paragraphs INT NOT NULL,
        characters INT NOT NULL,
        version CHAR(12) NOT NULL,
        cut CHAR(12) NOT NULL,
        passages INT NOT NULL,
        asides LONGTEXT NOT NULL,
        content LONGBLOB NOT NULL,
        KEY lifetime (died, born)
    )""",
    f"""CREATE TABLE IF NOT EXISTS {PASSAGES} (
        passage BIGINT PRIMARY KEY,
        text BINARY(16) NOT NULL,
        paragraph INT NOT NULL,
        start INT NOT NULL,
        end INT NOT NULL,
        own LONGTEXT,
        KEY texts (text)
    )""",
    f"INSERT IGNORE INTO {STORE} (id, version, published, reports) VALUES (1, {SCHEMA}, 0, 0)",
)
_SPACE = (
    f"""CREATE TABLE IF NOT EXISTS {TEXTS} (
        text BINARY(16) PRIMARY KEY,
        matched LONGTEXT NOT NULL,
        words LONGTEXT NOT NULL,
        bigrams LONGTEXT NOT NULL,
        pinyin LONGTEXT NOT NULL,
        dictionary LONGTEXT NOT NULL,
        vector VECTOR({{dimension}}) NOT NULL,
        tokens LONGBLOB NOT NULL,
        {", ".join(f"FULLTEXT INDEX {leg}_of ({leg}) {_PARSED}" for leg in LEGS)},
        VECTOR INDEX nearest (vector) WITH (distance=inner_product, type=hnsw, lib=vsag)
    ) ORGANIZATION = HEAP""",
    f"""CREATE TABLE IF NOT EXISTS {TERMS} (
        leg TINYINT NOT NULL,
        code BINARY(5) NOT NULL,
        born INT NOT NULL,
        died INT NOT NULL,
        passages INT NOT NULL,
        PRIMARY KEY (leg, code, born),
        KEY lifetime (died)
    )""",
    f"""CREATE TABLE IF NOT EXISTS {WORK} (
        text BINARY(16) PRIMARY KEY,
        place INT NOT NULL,
        matched LONGTEXT NOT NULL,
        claimed VARCHAR(200),
        until DATETIME(6),
        KEY places (place)
    )""",
)


def create_tables(session: Session) -> None:
    """Make what every index has, unless it is there; StatementFailed where the user may not."""
    for statement in _TABLES:
        session.change(statement)


def create_space(session: Session, space: str, dimension: int) -> None:
    """Make the tables of a space for vectors of this dimension, unless they are there."""
    for statement in _SPACE:
        session.change(statement.format(space=space, dimension=dimension))


def spaces_in(session: Session) -> list[str]:
    """Return the spaces whose tables are there."""
    head = TEXTS.format(space="")
    return sorted(name.removeprefix(head) for (name,) in session.rows("SHOW TABLES") if name.startswith(head))


def space_of(encoder_fingerprint: str, analysis_fingerprint: str) -> str:
    """Return what the names of all spaces of an encoder and a way of cutting words begin with; the first is this."""
    return hashlib.sha256(f"{encoder_fingerprint}\n{analysis_fingerprint}".encode()).hexdigest()[:12]


def key_of(matched: str) -> bytes:
    """Return the key of a text: the first 16 bytes of its SHA-256."""
    return hashlib.sha256(matched.encode("utf-8", "surrogatepass")).digest()[:16]
