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
exec 3<&0 2>/dev/null
"$@" >/dev/null 2>&1 3<&- &
server=$!
{ cat <&3; kill -9 $server; } >/dev/null &
wait $server
"""
"""Runs the server until it ends, or standard input does, as that does with whoever started it, however they end."""
PARAMETERS = {
    "datafile_size": "128M",
    "datafile_next": "128M",
    "datafile_maxsize": "8G",
    "log_disk_size": "2G",
    "memory_limit": "2G",
    "cpu_count": "2",
}
"""The least with which it starts, and room to grow."""
FOLLOWING = (
    *("--role", "STANDBY", "-P", "2891", "--parameter", "rpc_port=2892"),
    *("--parameter", "log_restore_source=10.213.0.1:2882"),
)
SECONDS = 120.0


class SeekdbEnded(Exception):
    """The server ended before it answered."""


class SeekdbServer:
    """One server, with its data in a folder; ``start`` and ``kill`` it at will, and ``remove`` it at last.

    With ``primary``, a standby that follows that one, in the same network, and has its databases and its password.
    """

    def __init__(self, primary: SeekdbServer | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="seekdb-", dir="/tmp"))  # a socket's path has a hundred characters
        self.password = primary.password if primary else secrets.token_hex(16)
        self.primary = primary
        self._held: subprocess.Popen[bytes] | None = None
        self._prepared = primary is not None

    @property
    def url(self) -> str:
        """The database ``wenbao``, as root."""
        return self.url_of("wenbao")

    @property
    def pid(self) -> int:
        """The server's process."""
        return int((self.folder / "run" / "seekdb.pid").read_text())

    @property
    def process(self) -> int | None:
        """The process that holds the server and its network; None where it does not run."""
        return self._held.pid if self._held and self._held.poll() is None else None

    def url_of(self, database: str, user: str = "root") -> str:
        """Return the URL of a database on this server."""
        return f"oceanbase://{user}@/{database}?unix_socket={self.folder}/run/sql.sock"

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers; SeekdbEnded if it does not come to that."""
        if self.process:
            return
        self.kill()
        options = [option for name, value in PARAMETERS.items() for option in ("--parameter", f"{name}={value}")]
        server = (str(binary()), "--nodaemon", "--base-dir", str(self.folder), "--log-level", "ERROR", *options)
        following = FOLLOWING if self.primary else ()
        network = self.primary.process if self.primary else None
        command = isolated(HELD, *server, *following, beside=network)
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
                if not self.process:
                    raise SeekdbEnded from None
                assert time.monotonic() < deadline, "seekdb was not ready in time"
            time.sleep(0.05)


def binary() -> Path:
    """Return the server's file; the package is not imported, because that would load the engine into this process."""
    spec = importlib.util.find_spec("pylibseekdb")
    assert spec and spec.origin, "pylibseekdb is not installed"
    return Path(spec.origin).with_name("seekdb")


def isolated(script: str, *arguments: str, beside: int | None = None) -> Sequence[str]:
    """Return a command that runs a shell script in a network of its own, or in that of a process."""
    root = os.geteuid() == 0
    if beside:
        as_root = () if root else ("--user", "--preserve-credentials")
        return ("nsenter", "--target", str(beside), *as_root, "--net", "sh", "-c", script, "sh", *arguments)
    as_root = () if root else ("--map-root-user",)
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
def standby_of(primary: SeekdbServer) -> Iterator[SeekdbServer]:
    """Yield a standby of a server that has no tables yet; in its first half minute a server turns standbys away."""
    _as_root(primary, "ALTER SYSTEM SET enable_rpc_service = True")
    deadline = time.monotonic() + SECONDS
    while True:
        standby = SeekdbServer(primary)
        try:
            standby.start()
            yield standby
            return
        except SeekdbEnded:
            assert time.monotonic() < deadline, "no standby could be started"
        finally:
            standby.remove()


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
