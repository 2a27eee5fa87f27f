"""The tables of the state, in OceanBase's SQL, and what is done with them.

The names of users and notes are hashes. Texts compare byte by byte.
"""

from __future__ import annotations

from bot.state.rows import COLUMNS

SCHEMA = 1
"""The version in ``wenbao_state``; raise it when the tables change."""
_LIKE = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_SAID = """
    number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    recorded VARCHAR(40) NOT NULL,
    face VARCHAR(16) NOT NULL,
    user VARCHAR(64) NOT NULL,
    request_id VARCHAR(255) NOT NULL,
    question TEXT NOT NULL,
    generation VARCHAR(64) NOT NULL,
    status VARCHAR(16) NOT NULL,
    confidence DOUBLE NOT NULL,
    answer MEDIUMTEXT NOT NULL,
    citations MEDIUMTEXT NOT NULL,
    subject VARCHAR(64) NOT NULL
"""
TABLES = (
    f"""CREATE TABLE IF NOT EXISTS wenbao_votes ({_SAID},
        kind VARCHAR(8) NOT NULL,
        UNIQUE KEY one_each (subject, user),
        KEY voter (user)
    ) {_LIKE}""",
    f"""CREATE TABLE IF NOT EXISTS wenbao_unanswered ({_SAID},
        times BIGINT NOT NULL,
        UNIQUE KEY one_each (subject),
        KEY asker (user)
    ) {_LIKE}""",
    f"""CREATE TABLE IF NOT EXISTS wenbao_keys (
        name VARCHAR(64) NOT NULL PRIMARY KEY,
        scope VARCHAR(16) NOT NULL,
        documents VARCHAR(500),
        created VARCHAR(40) NOT NULL,
        expires VARCHAR(40),
        prefix VARCHAR(8) NOT NULL,
        verifier VARCHAR(255) NOT NULL,
        UNIQUE KEY begins (prefix)
    ) {_LIKE}""",
    f"""CREATE TABLE IF NOT EXISTS wenbao_notes (
        kind VARCHAR(16) NOT NULL,
        name VARBINARY(32) NOT NULL,
        ends DOUBLE NOT NULL,
        text MEDIUMTEXT NOT NULL,
        PRIMARY KEY (kind, name),
        KEY ending (kind, ends)
    ) {_LIKE}""",
    f"""CREATE TABLE IF NOT EXISTS wenbao_audit (
        number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
        `when` VARCHAR(40) NOT NULL,
        face VARCHAR(16) NOT NULL,
        who VARCHAR(255) NOT NULL,
        what TEXT NOT NULL,
        result TEXT NOT NULL,
        about MEDIUMTEXT NOT NULL
    ) {_LIKE}""",
    f"""CREATE TABLE IF NOT EXISTS wenbao_state (
        one TINYINT NOT NULL PRIMARY KEY,
        version INT NOT NULL,
        salt VARBINARY(32) NOT NULL
    ) {_LIKE}""",
)
"""In the order in which they are made: whoever finds the row of the last finds all."""
BEGIN = "INSERT IGNORE INTO wenbao_state (one, version, salt) VALUES (1, %s, %s)"
BEGUN = "SELECT version, salt FROM wenbao_state"
ALONE = "SELECT one FROM wenbao_state FOR UPDATE"

VOTE = f"REPLACE INTO wenbao_votes ({COLUMNS}, kind) VALUES ({', '.join(['%s'] * 12)})"
TAKE_BACK = "DELETE FROM wenbao_votes WHERE subject = %s AND user = %s"
UNANSWERED = f"""
INSERT INTO wenbao_unanswered ({COLUMNS}, times) VALUES ({", ".join(["%s"] * 12)})
ON DUPLICATE KEY UPDATE times = times + VALUES(times), recorded = VALUES(recorded), face = VALUES(face),
    user = VALUES(user), request_id = VALUES(request_id), question = VALUES(question),
    generation = VALUES(generation), status = VALUES(status), confidence = VALUES(confidence),
    answer = VALUES(answer), citations = VALUES(citations)
"""
FEEDBACK_COLUMNS = (*COLUMNS.split(", "), "kind", "times", "number")
FEEDBACK = f"""
SELECT {COLUMNS}, kind, 1 AS times, number FROM wenbao_votes
UNION ALL SELECT {COLUMNS}, 'unanswered', times, number FROM wenbao_unanswered
ORDER BY recorded, number
"""

KEY_COLUMNS = ("name", "scope", "documents", "created", "expires", "prefix", "verifier")
ADD_KEY = f"INSERT INTO wenbao_keys ({', '.join(KEY_COLUMNS)}) VALUES ({', '.join(['%s'] * 7)})"
KEY = f"SELECT {', '.join(KEY_COLUMNS)} FROM wenbao_keys WHERE prefix = %s"
KEYS = f"SELECT {', '.join(KEY_COLUMNS)} FROM wenbao_keys ORDER BY name"
REMOVE_KEY = "DELETE FROM wenbao_keys WHERE name = %s"

REMEMBER = "REPLACE INTO wenbao_notes (kind, name, ends, text) VALUES "
RECALL = "SELECT text FROM wenbao_notes WHERE kind = %s AND name = %s AND ends > %s"
EXPIRE = "DELETE FROM wenbao_notes WHERE kind = %s AND ends <= %s"
COUNT_NOTES = "SELECT count(*) FROM wenbao_notes WHERE kind = %s"
DROP_NOTES = "DELETE FROM wenbao_notes WHERE kind = %s ORDER BY ends LIMIT %s"

AUDIT_COLUMNS = ("when", "face", "who", "what", "result", "about")
WRITE_DOWN = f"INSERT INTO wenbao_audit (`{'`, `'.join(AUDIT_COLUMNS)}`) VALUES ({', '.join(['%s'] * 6)})"
COUNT_AUDIT = "SELECT count(*) FROM wenbao_audit"
DROP_AUDIT = "DELETE FROM wenbao_audit ORDER BY number LIMIT %s"
