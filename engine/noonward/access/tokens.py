"""Tokens: what programs show instead of signing in. Shown once; the gateway keeps the digest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from noonward.access import grants, people
from noonward.access.store import TOUCH_S, digest, fresh_secret
from noonward.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

    from noonward.access.model import Grant, Instant

PREFIX = "nw_"
"""So that scanners of public repositories and people find one that leaked."""
LASTS_MAX_S = 366 * 86_400.0
"""A token that is to last longer is made anew. [s]"""
NAME_MAX = 64
EACH_MAX = 50

_COLUMNS = "key, name, owner, role, scope, modes, created_at, expires_at, used_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What one program may.

    Attributes:
        key: Names it in lists; says nothing of the secret.
        name: What it is for.
        owner: Whose it is, and with whom it ends; None: it was made on the gateway itself.
        grant: What it may, never more than its owner.
        created_at: When it was made.
        expires_at: When it is over.
        used_at: When it was last used, to ten minutes; None: never.
    """

    key: str
    name: str
    owner: str | None
    grant: Grant
    created_at: Instant
    expires_at: Instant
    used_at: Instant | None = None

    @property
    def called(self) -> str:
        """Its name as it stands in the audit log."""
        return f"{self.owner}/{self.name}" if self.owner else self.name


def make(
    db: sqlite3.Connection, *, name: str, owner: str | None, grant: Grant, now: Instant, lasts_s: float
) -> tuple[str, Token]:
    """Return a new token and its secret, which is shown now and never again.

    Raises:
        UsageError: It has no name, would last too long, or there are too many.
    """
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise UsageError(f"A token needs a name that says what it is for, of at most {NAME_MAX} characters.")
    if not 0 < lasts_s <= LASTS_MAX_S:
        raise UsageError("A token lasts a year at most; make a new one then.")
    db.execute("DELETE FROM tokens WHERE expires_at <= ?", (now,))
    (count,) = db.execute("SELECT count(*) FROM tokens WHERE owner IS ?", (owner,)).fetchone()
    if count >= EACH_MAX:
        raise UsageError(f"There are {EACH_MAX} tokens already; delete those that nothing uses.")
    secret = PREFIX + fresh_secret()
    made = Token(
        key=secrets.token_hex(6), name=name, owner=owner, grant=grant, created_at=now, expires_at=now + lasts_s
    )
    db.execute(
        f"INSERT INTO tokens (digest, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",  # noqa: S608 - our own
        (digest(secret), made.key, name, owner, *grants.row(grant), now, made.expires_at),
    )
    return secret, made


def find(db: sqlite3.Connection, secret: str, now: Instant) -> Token | None:
    """Return the token of a secret; None: it is over, deleted, not its owner's any more, or never was."""
    row = db.execute(f"SELECT {_COLUMNS} FROM tokens WHERE digest = ?", (digest(secret),)).fetchone()  # noqa: S608 - our own
    if row is None:
        return None
    found = _token(row)
    if now >= found.expires_at or now < found.created_at - LASTS_MAX_S:
        return None
    if found.owner is not None:
        owner = people.find(db, found.owner)
        if owner is None or owner.locked or not grants.covers(owner.grant, found.grant):
            return None
    if found.used_at is None or now - found.used_at >= TOUCH_S:
        db.execute("UPDATE tokens SET used_at = ? WHERE key = ?", (now, found.key))
    return found


def live(db: sqlite3.Connection, now: Instant) -> list[Token]:
    """Return everyone's tokens that are not over, newest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY created_at DESC")  # noqa: S608 - our own
    return [one for one in map(_token, rows) if now < one.expires_at]


def end(db: sqlite3.Connection, key: str) -> Token | None:
    """Delete a token; return the one that was, None where there was none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM tokens WHERE key = ?", (key,)).fetchone()  # noqa: S608 - our own
    db.execute("DELETE FROM tokens WHERE key = ?", (key,))
    return row and _token(row)


def _token(row: tuple[Any, ...]) -> Token:
    key, name, owner, role, scope, modes, created_at, expires_at, used_at = row
    return Token(
        key=key,
        name=name,
        owner=owner,
        grant=grants.of_row(role, scope, modes),
        created_at=created_at,
        expires_at=expires_at,
        used_at=used_at,
    )
