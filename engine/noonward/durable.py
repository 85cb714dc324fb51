"""SQLite files that must survive a power cut: opened only where they are whole, moved aside where they are not."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def prepare(db: sqlite3.Connection, tables: str, schema: int) -> None:
    """Make a file durable to every commit and give it its tables, if it is whole and this program's.

    Args:
        db: Just connected.
        tables: A script that creates what is missing.
        schema: Version of the tables; a file of a later one is not touched.

    Raises:
        sqlite3.DatabaseError: It is damaged, or a newer program's.
    """
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    (verdict,) = db.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > schema:
        raise sqlite3.DatabaseError(f"written by a newer Noonward (schema {version}, this one knows {schema})")
    db.executescript(tables)
    db.execute(f"PRAGMA user_version={schema}")


def aside(path: Path, mark: str) -> Path:
    """Return where a file goes that is moved aside under a mark."""
    return path.with_name(f"{path.name}.aside-{mark}")


def move_aside(path: Path, mark: str) -> Path:
    """Move a file with what belongs to it aside; return where it is now."""
    place = aside(path, mark)
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(place.with_name(place.name + suffix))
    return place
