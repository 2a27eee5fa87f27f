"""API keys: only their hashes are kept, and only whoever made one ever sees it.

wb_<8 hexadecimal digits>_<secret>      the digits find the row, scrypt tells whether the secret is its own
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
import threading

from cachetools import TTLCache

from bot.access.caller import ADMIN, SCOPES
from bot.state import ApiKey, Scope, State
from retrieval.errors import WenbaoError

N, R, P = 2**14, 8, 1
"""scrypt's cost: 16 MiB and some 40 ms (RFC 7914, section 2)."""
SECRET_BYTES = 24
KNOWN_SECONDS = 2.0
"""How long a key that was looked up is taken as it was, so that one taken back elsewhere is refused soon."""
_TOKEN = re.compile(r"wb_([0-9a-f]{8})_[A-Za-z0-9_-]{20,64}")
_PREFIX = re.compile(r"[0-9a-f]{8}")
_NAME = re.compile(r"[\w.-]{1,64}")
_DURATION = re.compile(r"([0-9]{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


class KeyInvalid(WenbaoError):
    """A key that cannot be made or taken back as it was asked for."""


class KeyTaken(KeyInvalid):
    """A key under the name of another one."""


class Keys:
    """The keys in a store. They may be used from several threads."""

    def __init__(self, state: State, *, known_seconds: float = KNOWN_SECONDS) -> None:
        self._state = state
        self._rows: TTLCache[str, ApiKey | None] = TTLCache(10_000, known_seconds)
        self._proven: TTLCache[bytes, str] = TTLCache(10_000, 3600)
        self._lock = threading.Lock()
        self._proving = threading.Lock()

    def add(
        self, name: str, scope: str, documents: str | None = None, expires: str | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key; return it and the token that its holder sends, which is kept nowhere.

        KeyInvalid for a name, scope, pattern or duration that cannot be; StateUnusable where it cannot be kept.
        """
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        prefix = secrets.token_hex(4)
        token = f"wb_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        ends = now + duration(expires) if expires else None
        key = ApiKey(_name(name), _scope(scope), _pattern(documents, scope), now, ends, prefix, _verifier(token))
        if not self._state.add_key(key):
            raise KeyTaken(f"there is a key called {name} already: take it back first, or choose another name")
        return key, token

    @staticmethod
    def unkept(name: str, scope: Scope, verifier: str) -> ApiKey:
        """Return what stands for a secret that no store holds as if it were a key; its name is its prefix."""
        return ApiKey(name, scope, None, dt.datetime.min.replace(tzinfo=dt.UTC), None, name, verifier)

    def all(self) -> list[ApiKey]:
        """Return all keys, by name."""
        return self._state.keys()

    def revoke(self, name: str) -> ApiKey:
        """Take a key back, and return it; KeyInvalid if there is none of that name."""
        found = next((key for key in self.all() if key.name == name), None)
        if found is None or not self._state.remove_key(name):
            raise KeyInvalid(f"there is no key called {name}: `wenbao keys` lists them")
        with self._lock:
            self._rows.clear()
        return found

    def find(self, token: str) -> ApiKey | None:
        """Return the key whose token this is, unless it has expired; None for any other token."""
        match = _TOKEN.fullmatch(token)
        key = self.by_prefix(match[1]) if match else None
        if key is None:
            return None
        proof = hashlib.sha256(token.encode()).digest()
        if not self._is_proven(proof, key):
            with self._proving:  # one at a time, so that many wrong tokens take neither all cores nor much memory
                if not self._is_proven(proof, key) and not _proves(token, key.verifier):
                    return None
            with self._lock:
                self._proven[proof] = key.verifier
        return key

    def _is_proven(self, proof: bytes, key: ApiKey) -> bool:
        """Whether a token was found to be a key's not long ago, so that its holder waits for nobody's wrong ones."""
        with self._lock:
            return self._proven.get(proof) == key.verifier

    def by_prefix(self, prefix: str) -> ApiKey | None:
        """Return the key with this prefix, unless it has expired; None for what is the prefix of no key."""
        if not _PREFIX.fullmatch(prefix):
            return None
        with self._lock:
            if prefix not in self._rows:
                self._rows[prefix] = self._state.key(prefix)
            key = self._rows[prefix]
        return key if key and not key.has_expired(dt.datetime.now(dt.UTC)) else None


def duration(text: str) -> dt.timedelta:
    """Return how long "90d", "12h" or "4w" is; KeyInvalid for anything else."""
    match = _DURATION.fullmatch(text)
    if not match or int(match[1]) == 0:
        raise KeyInvalid(f"{text!r} is no duration: write hours, days or weeks, such as 12h, 90d or 4w")
    return dt.timedelta(hours=int(match[1]) * _HOURS[match[2]])


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or not name.strip(".") or name.casefold() == ADMIN:
        raise KeyInvalid(
            f"{name!r} cannot name a key: use 1 to 64 letters, digits, '.', '-' and '_', but not {ADMIN!r}"
        )
    return name


def _scope(scope: str) -> Scope:
    for known in SCOPES:
        if scope == known:
            return known
    raise KeyInvalid(f"{scope!r} is no scope: use {', '.join(SCOPES)}")


def _pattern(documents: str | None, scope: str) -> str | None:
    if documents is None:
        return None
    if not documents.strip() or len(documents) > 500:
        raise KeyInvalid("the pattern of documents is empty or too long: write ids with * and ?, such as news/*")
    if scope == ADMIN:
        raise KeyInvalid(
            "a key with the scope admin sees all documents: leave the pattern out, or choose another scope"
        )
    return documents


def _verifier(token: str) -> str:
    salt = secrets.token_bytes(16)
    return f"scrypt${N}${R}${P}${salt.hex()}${_scrypt(token, salt, N, R, P).hex()}"


def _proves(token: str, verifier: str) -> bool:
    _, n, r, p, salt, expected = verifier.split("$")
    return hmac.compare_digest(_scrypt(token, bytes.fromhex(salt), int(n), int(r), int(p)).hex(), expected)


def _scrypt(token: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(token.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=32)
