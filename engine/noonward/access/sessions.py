"""Sessions: a random name that a browser keeps, and the gateway only the digest of."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.access.people import get
from noonward.access.store import TOUCH_S, digest, fresh_secret

if TYPE_CHECKING:
    import sqlite3

    from noonward.access.model import Instant
    from noonward.access.people import Person

IDLE_S = 7 * 86_400.0
"""A session that nobody used for so long is over. [s]"""
LASTS_S = 30 * 86_400.0
"""No session lasts longer, used or not. [s]"""
EACH_MAX = 20
"""A person has no more; the one that was used longest ago ends."""
AGENT_MAX = 120

_COLUMNS = "key, name, began_at, used_at, address, agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that somebody signed in with.

    Attributes:
        key: Names it in lists; says nothing of the secret.
        name: Whose it is.
        began_at: When they signed in.
        used_at: When it was last used, to ten minutes.
        address: Where they signed in from.
        agent: What the browser calls itself.
    """

    key: str
    name: str
    began_at: Instant
    used_at: Instant
    address: str
    agent: str

    @property
    def until(self) -> Instant:
        """When it is over if it is not used again."""
        return min(self.used_at + IDLE_S, self.began_at + LASTS_S)


def begin(db: sqlite3.Connection, name: str, *, address: str, agent: str, now: Instant) -> tuple[str, Session]:
    """Return a new session and its secret, which is told to the browser and kept nowhere.

    It always has a secret of its own, whatever the browser came with: a session cannot be foisted on anyone.
    """
    secret = fresh_secret()
    made = Session(
        key=secrets.token_hex(6), name=name, began_at=now, used_at=now, address=address, agent=agent[:AGENT_MAX]
    )
    db.execute("DELETE FROM sessions WHERE used_at <= ? OR began_at <= ?", (now - IDLE_S, now - LASTS_S))
    db.execute(
        "DELETE FROM sessions WHERE digest IN (SELECT digest FROM sessions WHERE name = ? ORDER BY used_at DESC "
        "LIMIT -1 OFFSET ?)",
        (name, EACH_MAX - 1),
    )
    db.execute(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (digest(secret), made.key, name, now, now, address, made.agent),
    )
    return secret, made


def find(db: sqlite3.Connection, secret: str, now: Instant) -> tuple[Session, Person] | None:
    """Return the session of a secret and whose it is; None: it is over, ended, or never was."""
    row = db.execute(f"SELECT {_COLUMNS} FROM sessions WHERE digest = ?", (digest(secret),)).fetchone()  # noqa: S608 - our own
    if row is None:
        return None
    found = _session(row)
    if now >= found.until:
        db.execute("DELETE FROM sessions WHERE key = ?", (found.key,))
        return None
    if now < found.began_at - LASTS_S:  # a clock that was never set: it will know better
        return None
    person = get(db, found.name)
    if person.locked:
        return None
    if now - found.used_at >= TOUCH_S:
        db.execute("UPDATE sessions SET used_at = ? WHERE key = ?", (now, found.key))
    return found, person


def live(db: sqlite3.Connection, now: Instant) -> list[Session]:
    """Return everyone's sessions that are not over, newest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM sessions ORDER BY began_at DESC")  # noqa: S608 - our own
    return [one for one in map(_session, rows) if now < one.until]


def end(db: sqlite3.Connection, key: str) -> Session | None:
    """End a session; return the one that was, None where there was none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM sessions WHERE key = ?", (key,)).fetchone()  # noqa: S608 - our own
    db.execute("DELETE FROM sessions WHERE key = ?", (key,))
    return row and _session(row)


def _session(row: tuple[str, str, float, float, str, str]) -> Session:
    key, name, began_at, used_at, address, agent = row
    return Session(key=key, name=name, began_at=began_at, used_at=used_at, address=address, agent=agent)
