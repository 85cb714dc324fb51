"""A history without a daemon: rows in a file, or in memory, that a test writes."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager

from noonward.history import rollup, rows, sessions
from noonward.history.calendar import Calendar
from noonward.history.reading import Past
from noonward.history.sampler import Minute

NOON = 1_780_315_200.0  # 2026-06-01 12:00 UTC


@contextmanager
def past(timezone="UTC", path=":memory:"):
    """An empty one, open for a block."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(rows.TABLES + sessions.TABLES)
    try:
        yield Past(db, rows.Rows(db), Calendar(timezone))
    finally:
        db.close()


def put(made, start, values, step_min=1):
    """Write ``values`` from an instant on: dictionaries of channel to what is kept, or None for a minute unknown."""
    first = int(start // 60)
    found = [(first + k * step_min, one) for k, one in enumerate(values)]
    rollup.put(made.rows, made.calendar, [Minute(number, one) for number, one in found if one is not None])
