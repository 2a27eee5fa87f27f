"""OceanBase's real server, as the wheel of seekdb has it, in a network of its own that nothing else can reach.

It listens on every address it finds and begins with an empty password, and it would report to its makers; in the
network of its own there is nobody to hear it. Tests speak to it over a Unix socket.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from retrieval.errors import StoreUnreachable
from retrieval.index.oceanbase.database import Database

NETWORK = """
ip link set lo up
{ ip link add wenbao0 type dummy || ip link add wenbao0 type bridge; } 2>/dev/null
ip addr add 10.213.0.1/24 dev wenbao0 && ip link set wenbao0 up || exit 9
"""
"""The server does not start where there is only a loopback; kernels without the one kind of device have the other."""
HELD = """
"$@" >/dev/null 2>&1 &
cat >/dev/null
kill -9 $! 2>/dev/null
wait
"""
"""Runs the server until standard input ends, as it does with whoever started it, however that ends."""
PARAMETERS = {
    "datafile_size": "128M",
    "datafile_next": "128M",
    "datafile_maxsize": "8G",
    "log_disk_size": "2G",
    "memory_limit": "2G",
    "cpu_count": "2",
}
"""The least with which it starts, and room to grow."""
SECONDS = 120.0


class SeekdbServer:
    """One server, with its data in a folder; ``start`` and ``kill`` it at will, and ``remove`` it at last."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="seekdb-", dir="/tmp"))  # a socket's path has a hundred characters
        self.password = secrets.token_hex(16)
        self._held: subprocess.Popen[bytes] | None = None
        self._prepared = False

    @property
    def url(self) -> str:
        """The database ``wenbao``, as root."""
        return self.url_of("wenbao")

    @property
    def pid(self) -> int:
        """The server's process."""
        return int((self.folder / "run" / "seekdb.pid").read_text())

    def url_of(self, database: str, user: str = "root") -> str:
        """Return the URL of a database on this server."""
        return f"oceanbase://{user}@/{database}?unix_socket={self.folder}/run/sql.sock"

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers."""
        if self._held:
            return
        options = [option for name, value in PARAMETERS.items() for option in ("--parameter", f"{name}={value}")]
        server = (str(binary()), "--nodaemon", "-P", "2881", "--base-dir", str(self.folder), "--log-level", "ERROR")
        command = isolated(HELD, *server, *options)
        self._held = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        if not self._prepared:
            self._prepare()
        with closing(Database(self.url, self.password)) as database:
            self._wait(database)

    def kill(self) -> None:
        """End it at once, as `kill -9` does; what it has acknowledged is on the disk."""
        if self._held:
            self._held.communicate()
            self._held = None

    def remove(self) -> None:
        """End it, and remove its data."""
        self.kill()
        shutil.rmtree(self.folder)

    def _prepare(self) -> None:
        with closing(Database(self.url_of("mysql"))) as database:
            self._wait(database)
            with database.session() as session:
                session.change("CREATE DATABASE wenbao CHARACTER SET utf8mb4")
                session.change("ALTER USER root IDENTIFIED BY %s", [self.password])
        self._prepared = True

    def _wait(self, database: Database) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                with database.session() as session:
                    session.rows("SELECT 1")
                return
            except StoreUnreachable:
                assert self._held and self._held.poll() is None, "seekdb ended"
                assert time.monotonic() < deadline, "seekdb was not ready in time"
            time.sleep(0.05)


def binary() -> Path:
    """Return the server's file; the package is not imported, because that would load the engine into this process."""
    spec = importlib.util.find_spec("pylibseekdb")
    assert spec and spec.origin, "pylibseekdb is not installed"
    return Path(spec.origin).with_name("seekdb")


def isolated(script: str, *arguments: str) -> Sequence[str]:
    """Return a command that runs a shell script in a network of its own."""
    as_root = () if os.geteuid() == 0 else ("--map-root-user",)
    return ("unshare", *as_root, "--net", "sh", "-c", NETWORK + script, "sh", *arguments)


def why_not() -> str | None:
    """Return why no server can be started on this machine; None where it can."""
    if not importlib.util.find_spec("pylibseekdb"):
        return "no wheel of pylibseekdb for this system"
    if wanting := [name for name in ("unshare", "ip") if not shutil.which(name)]:
        return f"no {wanting[0]} to give seekdb a network of its own: install util-linux and iproute2"
    tried = subprocess.run(isolated("exit 0"), capture_output=True, text=True, check=False)
    return f"seekdb may have no network of its own here: {tried.stderr.strip()}" if tried.returncode else None


@contextmanager
def seekdb_running() -> Iterator[SeekdbServer]:
    """Yield a running server; where there can be none the test is skipped, but under CI it fails."""
    reason = why_not()
    if reason and not os.environ.get("CI"):
        pytest.skip(reason)
    assert reason is None, reason
    server = SeekdbServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@contextmanager
def fresh_database(server: SeekdbServer) -> Iterator[Database]:
    """Yield a new, empty database on a server; it is dropped afterwards."""
    name = f"t{secrets.token_hex(6)}"
    _as_root(server, f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    with closing(Database(server.url_of(name), server.password)) as database:
        yield database
    _as_root(server, f"DROP DATABASE {name}")


def _as_root(server: SeekdbServer, statement: str) -> None:
    server.start()  # a test may have left it killed
    with closing(Database(server.url, server.password)) as database, database.session() as session:
        session.change(statement)
