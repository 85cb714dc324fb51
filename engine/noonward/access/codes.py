"""One-time codes: how the first owner, and everyone who is invited, comes to a password.

Whoever reads the log of the gateway has it in their hands already; so the code that makes an owner stands there, and
nobody becomes one by being the first to open the page.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from noonward.access.store import digest

if TYPE_CHECKING:
    import sqlite3

    from noonward.access.model import Instant

SETUP_S = 15 * 60.0
"""How long the code for the first owner is good. [s]"""
INVITED_S = 3 * 86_400.0
"""How long an invitation is good. [s]"""
SETUP = ""
"""Stands for whom the code is that makes an owner: nobody yet."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_GROUPS, _GROUP = 4, 4
_MISREAD = str.maketrans("ILO", "110", " -")


def make(db: sqlite3.Connection, name: str, *, now: Instant, lasts_s: float) -> tuple[str, Instant]:
    """Return a new code of 80 random bits for somebody, and when it is over; one from before is void.

    Args:
        db: The tables.
        name: For whom; ``SETUP``: for who becomes an owner with it.
        now: It is.
        lasts_s: How long it is good. [s]
    """
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    db.execute("INSERT OR REPLACE INTO codes VALUES (?, ?, ?)", (name, digest(_bare(code)), now + lasts_s))
    return code, now + lasts_s


def find(db: sqlite3.Connection, code: str, now: Instant) -> str | None:
    """Return for whom a code is; None: it is over, used, or never was."""
    wanted = digest(_bare(code))
    for name, kept, expires_at in db.execute("SELECT name, digest, expires_at FROM codes"):
        if hmac.compare_digest(kept, wanted) and now < expires_at:
            return str(name)
    return None


def use(db: sqlite3.Connection, name: str) -> None:
    """Make the code of somebody void."""
    db.execute("DELETE FROM codes WHERE name = ?", (name,))


def open_until(db: sqlite3.Connection, name: str, now: Instant) -> Instant | None:
    """Return until when somebody has a code that is good; None: they have none."""
    row = db.execute("SELECT expires_at FROM codes WHERE name = ? AND expires_at > ?", (name, now)).fetchone()
    return row and float(row[0])


def _bare(code: str) -> str:
    """Return a code as it was meant: people type small letters, leave hyphens out, and read 0 as O."""
    return code.upper().translate(_MISREAD).strip()
