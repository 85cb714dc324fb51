"""``access.db``: people, their sessions, tokens and one-time codes, and what has been done.

SQLite in WAL mode with ``synchronous=FULL``: who was let in, and what they did, survives a power cut. Secrets are kept
as digests only. A file that cannot be read is moved aside, never repaired and never deleted: then nobody can sign in
until a new one-time code from the gateway's own log makes an owner, so a broken file never opens the gate.

Everything here runs in the daemon's one store thread; nothing waits for flash in the event loop.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from noonward.durable import move_aside, prepare
from noonward.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from noonward.access.model import Instant

SCHEMA = 1
"""Raised whenever an older engine could no longer read the tables."""
OWNER_ONLY = 0o600
TOUCH_S = 600.0
"""That a session or a token is used is noted no more often than this, to spare the flash. [s]"""
SECRET_BYTES = 32

_NOT_ITS_FAULT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_READONLY", "SQLITE_PERM")
"""Errors that say nothing against what is in the file."""

_TABLES = """
CREATE TABLE IF NOT EXISTS people (name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, scope TEXT,
    modes INTEGER NOT NULL, locked INTEGER NOT NULL, password TEXT, created_at REAL NOT NULL, created_by TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (digest BLOB PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    began_at REAL NOT NULL, used_at REAL NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tokens (digest BLOB PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    owner TEXT, role TEXT NOT NULL, scope TEXT, modes INTEGER NOT NULL, created_at REAL NOT NULL,
    expires_at REAL NOT NULL, used_at REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS codes (name TEXT PRIMARY KEY COLLATE NOCASE, digest BLOB NOT NULL, expires_at REAL NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, entry TEXT NOT NULL,
    prev BLOB NOT NULL, hash BLOB NOT NULL);
"""


class AccessStore:
    """The file. Not for sharing: one thread, and one process a folder.

    Args:
        path: Where it is; None: in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        if path is None:
            self._connect()

    def open(self, now: Instant) -> str | None:
        """Open the file, or make it; move it aside if it cannot be read.

        Args:
            now: Goes into the name of a file moved aside.

        Returns:
            Why it was moved aside and where to; None normally.

        Raises:
            StateError: Nothing can be kept in that folder at all.
        """
        try:
            self._connect()
        except OSError as error:
            raise StateError(f"{self.path}: {error.strerror}") from None
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "").startswith(_NOT_ITS_FAULT):
                raise StateError(f"{self.path}: {error}; check its owner and the free space") from None
            place = move_aside(self.path, f"{now:.0f}") if self.path else "nothing"
            self._connect()
            return f"{error}; kept as {place}"
        return None

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    @contextmanager
    def commit(self) -> Iterator[sqlite3.Connection]:
        """Yield the tables; what is changed is durable afterwards, whole, or not at all.

        Raises:
            StateError: It is not durable, or the file is not open.
        """
        if self._db is None:
            raise StateError(f"{self.path or 'the access file'} is not open")
        try:
            self._db.execute("BEGIN")  # takes the lock with the first write: reading costs no flash
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StateError(f"{self.path}: {error}") from error
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _connect(self) -> None:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(OWNER_ONLY)
        db = sqlite3.connect(self.path or ":memory:", isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA secure_delete=ON")
            prepare(db, _TABLES, SCHEMA)
        except BaseException:
            db.close()
            raise
        self._db = db


def fresh_secret() -> str:
    """Return a new secret of 256 random bits, as it is shown once."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> bytes:
    """Return what is kept of a secret of 128 random bits and more: it needs no salt, and no slow hash."""
    return sha256(secret.encode()).digest()
