"""Statements in, rows out, over one connection that nobody else uses meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymysql import err

from retrieval.index.oceanbase.failures import failure_of
from retrieval.index.oceanbase.link import HEADER, Link
from retrieval.index.oceanbase.url import Address

MOST_ROWS = 500
MOST_BYTES = 4 * 2**20
"""How many rows, and bytes of them, one INSERT has; a quarter of what a server takes unless it is told otherwise."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    """The rows of each statement, and how many the last one changed."""

    rows: list[list[Row]]
    changed: int


class Session:
    """One connection, for one thread, as long as it is lent.

    Values stand as ``%s`` in a statement, so that a ``%`` of its own is written twice. Bytes travel as hexadecimal
    literals. Every method raises StoreUnreachable (ConnectionLost where it broke), StoreUnusable, or StatementFailed
    for what the server refuses.
    """

    def __init__(self, link: Link, address: Address) -> None:
        self.trips = 0
        self.sent = 0
        self._link = link
        self._address = address
        self._before = link.received
        self._whole = True

    @property
    def received(self) -> int:
        """Bytes that came over the connection since it was lent, before any encryption."""
        return self._link.received - self._before

    @property
    def sound(self) -> bool:
        """Whether the next statement can be sent: the last answer was read to its end, and the connection stands."""
        return self._whole and self._link.open

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a statement, in one round trip."""
        return self._asked(self._text(statement, values)).rows[0]

    def all(self, statements: Sequence[tuple[str, Sequence[object]]]) -> list[list[Row]]:
        """Return the rows of each of the statements, in one round trip; those after one that fails are not run."""
        texts = [self._text(statement, values) for statement, values in statements]
        return self._asked(b";\n".join(texts)).rows if texts else []

    def change(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run a statement and return how many rows it changed: not those that were as they should be."""
        return self._asked(self._text(statement, values)).changed

    def insert(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        replace: bool = False,
        ignore: bool = False,
    ) -> int:
        """Send rows and return how many; a round trip for each few megabytes.

        Where a key is there already the row takes its place (``replace``), is passed over (``ignore``), or the
        statement fails.
        """
        names = ", ".join(f"`{name}`" for name in columns)
        verb = "REPLACE" if replace else "INSERT IGNORE" if ignore else "INSERT"
        head = f"{verb} INTO `{table}` ({names}) VALUES ".encode()
        count = 0
        for batch in _batches(f"({','.join(map(self._literal, row))})".encode() for row in rows):
            self._asked(head + b",".join(batch))
            count += len(batch)
        return count

    def _text(self, statement: str, values: Sequence[object]) -> bytes:
        return (statement % tuple(map(self._literal, values))).encode()

    def _literal(self, value: object) -> str:
        return f"X'{value.hex()}'" if isinstance(value, bytes) else self._link.escape(value)

    def _asked(self, text: bytes) -> _Answer:
        """Send what may be several statements, and read all that comes."""
        self.trips += 1
        self.sent += HEADER + 1 + len(text)
        self._whole = False
        cursor: Any = self._link.cursor()
        try:
            cursor.execute(text)
            rows = [list(cursor.fetchall())]
            while cursor.nextset():
                rows.append(list(cursor.fetchall()))
        except err.Error as error:
            self._whole = True
            raise failure_of(error, self._address) from error
        self._whole = True
        return _Answer(rows, cursor.rowcount)


def _batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for row in rows:
        if batch and (len(batch) == MOST_ROWS or size + len(row) > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += len(row)
    if batch:
        yield batch
