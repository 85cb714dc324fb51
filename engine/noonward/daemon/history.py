"""``history.db``: every change of decision, for people and tools; nothing that the engine needs to go on.

Apart from ``state.db``, with ``synchronous=NORMAL``: a power cut may take the last seconds of it.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from noonward.daemon.engine import DecisionRecord
from noonward.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from noonward.core.model import PolicyName

KEEP = 200_000
"""Newest rows that are kept: about 40 MB, a year of 500 changes a day."""

_TABLE = """
CREATE TABLE IF NOT EXISTS decisions (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, policy TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    code TEXT NOT NULL, limited_by TEXT, facts TEXT NOT NULL, place TEXT NOT NULL, revision TEXT, engine TEXT NOT NULL,
    station TEXT);
CREATE INDEX IF NOT EXISTS decisions_of_policy ON decisions (policy, id);
"""


class History:
    """The file. One thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file, in place of one that cannot be read a new one: it holds nothing that decides.

        Raises:
            StateError: Nothing can be kept in that folder.
        """
        for last_try in (False, True):
            db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=NORMAL")
                db.executescript(_TABLE)
                if "station" not in {name for _, name, *_ in db.execute("PRAGMA table_info(decisions)")}:
                    db.execute("ALTER TABLE decisions ADD COLUMN station TEXT")  # made before there were zones
            except sqlite3.DatabaseError as error:
                db.close()
                if last_try:
                    raise StateError(f"{self.path}: {error}") from error
                for part in self.path.parent.glob(self.path.name + "*"):
                    part.unlink()
            else:
                self._db = db
                return

    def add(self, records: Sequence[DecisionRecord]) -> None:
        """Append changes of decision.

        Raises:
            StateError: They are lost.
        """
        rows = [
            (
                r.at,
                r.policy,
                r.before,
                r.after,
                r.code,
                r.limited_by,
                json.dumps(dict(r.facts)),
                r.where,
                r.revision,
                r.engine,
                r.station,
            )
            for r in records
        ]
        try:
            self._opened.execute("BEGIN")
            self._opened.executemany(
                "INSERT INTO decisions (at, policy, before, after, code, limited_by, facts, place, revision, engine,"
                " station) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._opened.execute("COMMIT")
        except sqlite3.Error as error:
            if self._opened.in_transaction:
                self._opened.execute("ROLLBACK")
            raise StateError(f"{self.path}: {error}") from error

    def newest(self, policy: PolicyName | None, limit: int) -> tuple[DecisionRecord, ...]:
        """Return changes of decision, newest first; of one policy, or of all."""
        rows = self._opened.execute(
            "SELECT at, policy, before, after, code, limited_by, facts, place, revision, engine, station FROM decisions"
            " WHERE policy = coalesce(?, policy) ORDER BY id DESC LIMIT ?",
            (policy, max(limit, 0)),
        )
        return tuple(
            DecisionRecord(
                at=at,
                policy=name,
                before=before,
                after=after,
                code=code,
                limited_by=limited_by,
                facts=json.loads(facts),
                where=place,
                revision=revision,
                engine=engine,
                station=station,
            )
            for at, name, before, after, code, limited_by, facts, place, revision, engine, station in rows
        )

    def prune(self) -> None:
        """Delete the oldest rows beyond what is kept.

        Raises:
            StateError: They stay for now.
        """
        try:
            self._opened.execute("DELETE FROM decisions WHERE id <= (SELECT max(id) FROM decisions) - ?", (KEEP,))
        except sqlite3.Error as error:
            raise StateError(f"{self.path}: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    @property
    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            raise StateError(f"{self.path} is not open")
        return self._db
