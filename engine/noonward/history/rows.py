"""The file's rows: blocks of consecutive minutes, quarters, hours or days, column after column, compressed.

Of each channel a row keeps a sum and how many minutes are in it: a minute's own value and 1, or 0 and 0 where it is not
known. So sums of sums are the sums of the minutes, to the last digit. The block that is still filling is written anew
with every commit: that is a page or two, as many as a row a minute would take, in a small part of the room. Blocks know
channels by number, so that new ones change nothing that is there and a new name is one row.
"""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING, TypeAlias

from noonward.history.calendar import GRAINS, MINUTES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from noonward.history.calendar import Grain

    Cell: TypeAlias = tuple[int, int]
    Columns: TypeAlias = dict[str, tuple[Sequence[int], Sequence[int]]]

TABLES = (
    "".join(
        f"CREATE TABLE IF NOT EXISTS {grain.name} (block INTEGER PRIMARY KEY, data BLOB NOT NULL);\n"
        for grain in GRAINS
    )
    + """
CREATE TABLE IF NOT EXISTS channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
"""
)

_IDS, _SUMS, _COUNTS = "I", "q", "H"
_HEAD = array(_IDS).itemsize
_SUM, _COUNT = array(_SUMS).itemsize, array(_COUNTS).itemsize


class _Block:
    """One block, taken apart."""

    __slots__ = ("columns", "grain")

    def __init__(self, grain: Grain) -> None:
        self.grain = grain
        self.columns: dict[int, tuple[array[int], array[int]]] = {}

    def put(self, channel: int, row: int, cell: Cell) -> None:
        """Set one cell."""
        if channel not in self.columns:
            self.columns[channel] = _empty(self.grain.rows)
        sums, counts = self.columns[channel]
        sums[row], counts[row] = cell

    def clear(self, row: int) -> None:
        """Forget one row."""
        for sums, counts in self.columns.values():
            sums[row] = counts[row] = 0

    def packed(self) -> bytes:
        """Return it as it is kept: how many channels, their numbers, then of each its sums and its counts."""
        ids = array(_IDS, [len(self.columns), *self.columns])
        return zlib.compress(
            b"".join([ids.tobytes(), *(part.tobytes() for column in self.columns.values() for part in column)])
        )


def _empty(rows: int) -> tuple[array[int], array[int]]:
    return array(_SUMS, bytes(_SUM * rows)), array(_COUNTS, bytes(_COUNT * rows))


def _unpacked(grain: Grain, data: bytes, wanted: Iterable[int] | None = None) -> _Block:
    """Return a block with all of its columns, or those wanted; of one that flash has damaged nothing is known."""
    try:
        raw = memoryview(zlib.decompress(data))
    except zlib.error:
        return _Block(grain)
    count = array(_IDS, raw[:_HEAD].tobytes())[0]
    ids = array(_IDS, raw[_HEAD : _HEAD * (count + 1)].tobytes())
    block, width = _Block(grain), (_SUM + _COUNT) * grain.rows
    wanted = None if wanted is None else set(wanted)
    for place, channel in enumerate(ids):
        if wanted is None or channel in wanted:
            at = _HEAD * (count + 1) + place * width
            middle, end = at + _SUM * grain.rows, at + width
            block.columns[channel] = array(_SUMS, raw[at:middle].tobytes()), array(_COUNTS, raw[middle:end].tobytes())
    return block


class Rows:
    """The rows of one open file; whoever writes commits."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def channels(self) -> dict[str, int]:
        """Return every channel that was ever kept, and its number in blocks."""
        return dict(self._db.execute("SELECT name, id FROM channels"))

    def rename(self, before: str, after: str) -> bool:
        """Let a channel go on under another name; return False where there is none, or the other is there already."""
        try:
            return (
                self._db.execute("UPDATE OR ABORT channels SET name = ? WHERE name = ?", (after, before)).rowcount > 0
            )
        except self._db.IntegrityError:
            return False

    def put(self, grain: Grain, cells: Mapping[int, Mapping[str, Cell]]) -> None:
        """Write rows, each in place of whatever was kept of it.

        Args:
            grain: Of the rows.
            cells: Number of each row to what is known of it.
        """
        known = self.channels()
        blocks: dict[int, list[int]] = {}
        for number in cells:
            blocks.setdefault(number // grain.rows, []).append(number)
        for place, numbers in blocks.items():
            data = self._data(grain, place)
            block = _Block(grain) if data is None else _unpacked(grain, data)
            for number in numbers:
                block.clear(number % grain.rows)
                for name, cell in cells[number].items():
                    if name not in known:
                        known[name] = self._new(name)
                    block.put(known[name], number % grain.rows, cell)
            self._db.execute(f"INSERT OR REPLACE INTO {grain.name} VALUES (?, ?)", (place, block.packed()))  # noqa: S608

    def get(self, grain: Grain, lo: int, hi: int, names: Iterable[str]) -> Columns:
        """Return sums and counts of the rows [lo, hi); a channel that was never kept is left out."""
        known = self.channels()
        wanted = {known[name]: name for name in names if name in known}
        out = {name: _empty(max(hi - lo, 0)) for name in wanted.values()}
        if hi <= lo or not wanted:
            return dict(out)
        found = self._db.execute(
            f"SELECT block, data FROM {grain.name} WHERE block BETWEEN ? AND ?",  # noqa: S608 - names of GRAINS
            (lo // grain.rows, (hi - 1) // grain.rows),
        )
        for place, data in found:
            first = place * grain.rows
            a, b = max(lo, first), min(hi, first + grain.rows)
            for channel, (sums, counts) in _unpacked(grain, data, wanted).columns.items():
                into = out[wanted[channel]]
                into[0][a - lo : b - lo], into[1][a - lo : b - lo] = (
                    sums[a - first : b - first],
                    counts[a - first : b - first],
                )
        return dict(out)

    def blocks(self, grain: Grain, lo: int, hi: int) -> list[int]:
        """Return the first rows of the blocks that hold any of [lo, hi)."""
        found = self._db.execute(
            f"SELECT block FROM {grain.name} WHERE block BETWEEN ? AND ? ORDER BY block",  # noqa: S608
            (lo // grain.rows, (hi - 1) // grain.rows),
        )
        return [place * grain.rows for (place,) in found]

    def ends(self, grain: Grain) -> tuple[int, int] | None:
        """Return the first row of the oldest block, and the one after the last of the newest; None: there is none."""
        lo, hi = self._db.execute(f"SELECT min(block), max(block) FROM {grain.name}").fetchone()  # noqa: S608
        return None if lo is None else (lo * grain.rows, (hi + 1) * grain.rows)

    def written(self) -> float | None:
        """Return the end of the newest hour that holds a minute; None: there is none."""
        ends = self.ends(MINUTES)
        return None if ends is None else float(ends[1] * MINUTES.step_s)

    def prune(self, grain: Grain, before: int) -> None:
        """Delete the blocks that end before a row."""
        self._db.execute(f"DELETE FROM {grain.name} WHERE block < ?", (before // grain.rows,))  # noqa: S608

    def note(self, name: str) -> int | str | None:
        """Return what was noted under a name."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def set_note(self, name: str, value: int | str) -> None:
        """Note something under a name."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def _data(self, grain: Grain, place: int) -> bytes | None:
        row = self._db.execute(f"SELECT data FROM {grain.name} WHERE block = ?", (place,)).fetchone()  # noqa: S608
        return None if row is None else row[0]

    def _new(self, name: str) -> int:
        number = self._db.execute("INSERT INTO channels (name) VALUES (?)", (name,)).lastrowid
        assert number is not None  # noqa: S101 - an insert has one
        return number
