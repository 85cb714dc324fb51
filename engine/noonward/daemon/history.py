"""``history.db``: changes of decision, minutes and their sums, charging sessions; nothing that the engine needs.

Apart from ``state.db``, with ``synchronous=NORMAL``: a power cut may take the last minutes of it. A file that cannot be
read is moved aside, never deleted, and a new one begun; where none can be had, the engine runs on without.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from noonward.daemon import log
from noonward.daemon.engine import DecisionRecord
from noonward.durable import aside, move_aside
from noonward.errors import StateError
from noonward.history import rollup, rows, sessions
from noonward.history.calendar import HOURS, MINUTES, QUARTERS, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from noonward.core.model import Instant, PolicyName
    from noonward.daemon.recorder import Batch
    from noonward.policy.loaded import Keep

KEEP = 200_000
"""Newest changes of decision that are kept: about 40 MB, a year of 500 changes a day."""

_DECISIONS = """
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, policy TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    code TEXT NOT NULL, limited_by TEXT, facts TEXT NOT NULL, place TEXT NOT NULL, revision TEXT, engine TEXT NOT NULL,
    station TEXT);
CREATE INDEX IF NOT EXISTS decisions_of_policy ON decisions (policy, id);
"""
_COLUMNS = (
    "at", "policy", "before", "after", "code", "limited_by", "facts", "place", "revision", "engine", "station",
)  # fmt: skip

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
"""Errors that say that the file itself is of no use any more."""

_RENAMED = ("policy", "solar", "policy-cost", "on", "stage")
"""Kinds of channels that carry a policy's name."""


class History:
    """The file. One thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._wanted = False

    def open(self) -> None:
        """Open the file; one that cannot be had now is tried again with everything that is to be written.

        Raises:
            StateError: It cannot be had.
        """
        self._wanted = True
        try:
            self._db = _connected(self.path)
        except sqlite3.DatabaseError as error:
            if not _damaged(error):
                raise StateError(f"{self.path}: {error}") from error
            self._begin_anew(error)

    def add(self, records: Sequence[DecisionRecord]) -> None:
        """Append changes of decision.

        Raises:
            StateError: They are lost.
        """
        values = [
            (
                r.at, r.policy, r.before, r.after, r.code, r.limited_by, json.dumps(dict(r.facts)), r.where,
                r.revision, r.engine, r.station,
            )
            for r in records
        ]  # fmt: skip
        with self._commit() as db:
            db.executemany(
                f"INSERT INTO decisions ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",  # noqa: S608
                values,
            )

    def record(self, batch: Batch) -> None:
        """Write minutes that are over and sessions that ended.

        Raises:
            StateError: They are lost.
        """
        calendar = Calendar(batch.loaded.site.timezone)
        with self._commit() as db:
            table = rows.Rows(db)
            if batch.loaded.prices is not None and table.note("currency") != batch.loaded.prices.currency:
                table.set_note("currency", batch.loaded.prices.currency)
            rollup.put(table, calendar, batch.minutes)
            sessions.add(db, table, calendar, batch.sessions, batch.loaded.badges)

    def rename(self, names: Iterable[tuple[PolicyName, PolicyName]]) -> None:
        """Let the past of policies go on under another name.

        Args:
            names: Before and after.

        Raises:
            StateError: It stays under the old one for now.
        """
        with self._commit() as db:
            table = rows.Rows(db)
            for before, after in names:
                for kind in _RENAMED:
                    table.rename(f"{kind}/{before}", f"{kind}/{after}")
                db.execute("UPDATE sessions SET zone = ? WHERE zone = ?", (after, before))

    def newest(self, policy: PolicyName | None, limit: int, before: int | None = None) -> tuple[DecisionRecord, ...]:
        """Return changes of decision, newest first; of one policy, or of all.

        Args:
            policy: None: all.
            limit: So many at most.
            before: Only those with a smaller ``id``: where the last page ended.
        """
        found = self._opened().execute(
            f"SELECT id, {', '.join(_COLUMNS)} FROM decisions"  # noqa: S608 - our own names
            " WHERE policy = coalesce(?, policy) AND id < coalesce(?, 9223372036854775807) ORDER BY id DESC LIMIT ?",
            (policy, before, max(limit, 0)),
        )
        return tuple(
            DecisionRecord(
                id=number,
                at=at,
                policy=name,
                before=was,
                after=after,
                code=code,
                limited_by=limited_by,
                facts=json.loads(facts),
                where=place,
                revision=revision,
                engine=engine,
                station=station,
            )
            for number, at, name, was, after, code, limited_by, facts, place, revision, engine, station in found
        )

    def prune(self, keep: Keep, timezone: str, now: Instant) -> None:
        """Delete what is too old to keep.

        Raises:
            StateError: It stays for now.
        """
        with self._commit() as db:
            db.execute("DELETE FROM decisions WHERE id <= (SELECT max(id) FROM decisions) - ?", (KEEP,))
            table = rows.Rows(db)
            rollup.settle(table, Calendar(timezone), now)
            for grain, kept_s in ((MINUTES, keep.minutes_s), (QUARTERS, keep.quarters_s), (HOURS, keep.hours_s)):
                table.prune(grain, int((now - kept_s) // grain.step_s))
            sessions.prune(db, now - keep.sessions_s)

    def close(self) -> None:
        """Let go of the file."""
        self._wanted = False
        if self._db is not None:
            self._db.close()
            self._db = None

    def _opened(self) -> sqlite3.Connection:
        if self._db is None and self._wanted:
            self.open()
        if self._db is None:
            raise StateError(f"{self.path} is not open")
        return self._db

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        db = self._opened()
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if _damaged(error):
                self._begin_anew(error)
            raise StateError(f"{self.path}: {error}") from error

    def _begin_anew(self, error: Exception) -> None:
        """Move a damaged file aside and open a new one.

        Raises:
            StateError: None can be had.
        """
        if self._db is not None:
            self._db.close()
            self._db = None
        try:
            place = move_aside(self.path, _free(self.path))
            self._db = _connected(self.path)
        except (OSError, sqlite3.DatabaseError) as again:
            raise StateError(f"{self.path}: {again}") from again
        log.alarm("history-lost", f"{self.path} is damaged and begins anew: {error}; what it was is kept as {place}")


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_DECISIONS + rows.TABLES + sessions.TABLES)
        if "station" not in {name for _, name, *_ in db.execute("PRAGMA table_info(decisions)")}:
            db.execute("ALTER TABLE decisions ADD COLUMN station TEXT")  # made before there were zones
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _damaged(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(_DAMAGED)


def _free(path: Path) -> str:
    """Return the first mark under which nothing was moved aside yet."""
    number = 1
    while aside(path, str(number)).exists():
        number += 1
    return str(number)
