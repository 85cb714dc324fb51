"""The audit log: who did what, from where, what it was before and after, and what was refused.

Each entry carries the digest of the one before it: what is changed or taken out in between breaks the chain, and is
seen. Who can write the file can also make a whole new chain; the number of every entry also stands in the log.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from noonward.access.model import Instant

KEPT_S = 400 * 86_400.0
"""Older entries go: a year, and the month in which somebody looks. [s]"""
KEPT_MAX = 100_000
"""Entries; about 40 MB."""
PRUNED_EVERY = 500
LOOKED_AT = 5000
"""Entries at a start; of the others each page that somebody looks at tells."""
TEXT_MAX = 400
VALUE_MAX = 4000
DONE, REFUSED = "done", "refused"
_FIRST = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that somebody did, or tried.

    Attributes:
        at: When.
        who: Their name, or that of a token.
        how: By what they proved it (``How``).
        address: Where the request came from; "" on the gateway itself.
        what: "switch", "sign-in", "override cleared" …
        subject: To what: "policies/boiler", "people/anna".
        before: What it was, as JSON; None where it was nothing.
        after: What it is.
        result: "done", or "refused".
        detail: Why it was refused; what else is worth knowing.
        times: How often it happened since it was last told.
    """

    at: Instant
    who: str
    how: str
    address: str
    what: str
    subject: str
    before: Any = None
    after: Any = None
    result: str = DONE
    detail: str = ""
    times: int = 1


def append(db: sqlite3.Connection, entry: Entry) -> int:
    """Write an entry and return its number."""
    row = db.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    prev = row[0] if row else _FIRST
    text = json.dumps(_printable(asdict(entry)), ensure_ascii=False, sort_keys=True)
    made = db.execute(
        "INSERT INTO audit (at, entry, prev, hash) VALUES (?, ?, ?, ?)", (entry.at, text, prev, _hash(prev, text))
    )
    number = int(made.lastrowid or 0)
    if number % PRUNED_EVERY == 0:
        db.execute("DELETE FROM audit WHERE at < ? OR id <= ?", (entry.at - KEPT_S, number - KEPT_MAX))
    return number


def newest(db: sqlite3.Connection, limit: int, before: int | None = None) -> list[tuple[int, Entry]]:
    """Return entries and their numbers, newest first.

    Args:
        db: The tables.
        limit: So many at most.
        before: Only those with a smaller number.
    """
    rows = db.execute(
        "SELECT id, entry FROM audit WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?", (before, before, limit)
    )
    return [(number, Entry(**json.loads(text))) for number, text in rows]


def broken(db: sqlite3.Connection, first: int = 0, last: int | None = None) -> int | None:
    """Return the number of the first entry that is not as it was written, or whose predecessor is missing.

    Args:
        db: The tables.
        first: Looked at are the entries from this number on,
        last: to this one; None: to the newest.
    """
    expected: bytes | None = None
    rows = db.execute(
        "SELECT id, entry, prev, hash FROM audit WHERE id >= ? AND (? IS NULL OR id <= ?) ORDER BY id",
        (first, last, last),
    )
    for number, text, prev, kept in rows:
        if (expected is not None and prev != expected) or _hash(prev, text) != kept:
            return int(number)
        expected = kept
    return None


def broken_lately(db: sqlite3.Connection) -> int | None:
    """Return as ``broken`` does, of so many of the newest entries that a start does not wait for it."""
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()
    return broken(db, last - LOOKED_AT)


def visible(text: str, most: int = TEXT_MAX) -> str:
    """Return a text with every control and direction character as its code, so that it cannot forge what is around."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _printable(value: Any) -> Any:
    match value:
        case str():
            return visible(value)
        case dict():
            shown = {visible(str(key)): _printable(one) for key, one in value.items()}
            too_long = len(json.dumps(shown)) > VALUE_MAX
            return {"left_out": f"{len(shown)} keys, too long to keep"} if too_long else shown
        case list() | tuple():
            return [_printable(one) for one in value]
        case _:
            return value


def _hash(prev: bytes, text: str) -> bytes:
    return sha256(prev + text.encode("utf-8", "surrogatepass")).digest()
