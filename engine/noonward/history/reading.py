"""Opens ``history.db`` to read it, also while the daemon writes: whoever reads holds nobody up."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from noonward.errors import StateError, UsageError
from noonward.history.calendar import Calendar
from noonward.history.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "history.db"
WAIT_S = 5.0


class Unreadable(StateError):
    """The file is there and cannot be read (HTTP 503)."""


class Past(NamedTuple):
    """An open file.

    Attributes:
        db: Its connection; nothing can be written by it.
        rows: Its rows.
        calendar: Of the site whose file it is.
    """

    db: sqlite3.Connection
    rows: Rows
    calendar: Calendar


@contextmanager
def opened(path: Path, timezone: str = "UTC") -> Iterator[Past]:
    """Open the file for a ``with`` block.

    Args:
        path: The file.
        timezone: Of the site, for a file that has no minute yet, and does not know itself.

    Raises:
        UsageError: There is none, or it was never meant to hold minutes.
        Unreadable: It cannot be read.
    """
    if not path.is_file():
        raise UsageError(f"there is no {path}: the daemon makes it in its state folder (--state)")
    try:
        db = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=WAIT_S)
        try:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone() is None:
                raise UsageError(
                    f"{path} has no minutes in it yet; this version of the daemon adds them when it starts"
                )
            rows = Rows(db)
            yield Past(db, rows, Calendar(str(rows.note("timezone") or timezone)))
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
