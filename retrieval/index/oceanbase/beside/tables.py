"""The tables of what is kept of reports beside generations.

    wenbao_originals   the files that reports were read from, in pieces; ``uploaded`` where none is in a folder
    wenbao_versions    a row for each text that was replaced or removed, as the file of the local store has it

``named`` is the key of what is named beside it, because names are too long to be looked up by themselves.
"""

from __future__ import annotations

from retrieval.index.oceanbase.database import Database

ORIGINALS, VERSIONS = "wenbao_originals", "wenbao_versions"

_TABLES = (
    f"""CREATE TABLE IF NOT EXISTS {ORIGINALS} (
        named BINARY(16) NOT NULL,
        digest CHAR(64) NOT NULL,
        part INT NOT NULL,
        uploaded TINYINT NOT NULL,
        bytes LONGBLOB NOT NULL,
        PRIMARY KEY (named, digest, part)
    )""",
    f"""CREATE TABLE IF NOT EXISTS {VERSIONS} (
        number BIGINT PRIMARY KEY AUTO_INCREMENT,
        named BINARY(16) NOT NULL,
        document_id VARCHAR(1024) NOT NULL,
        version CHAR(12) NOT NULL,
        until VARCHAR(40) NOT NULL,
        digest CHAR(64) NOT NULL,
        content LONGBLOB NOT NULL,
        KEY names (named)
    )""",
)


def create_tables(database: Database) -> None:
    """Make the tables, unless they are there."""
    with database.session() as session:
        for statement in _TABLES:
            session.change(statement)
