"""A building's own past as a tape: what ``noonward simulate --tape`` and ``--sessions`` read as it is.

Minutes of which nothing is known are left out, single values that are not known are empty: to the lab both are unknown.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from noonward.errors import UsageError
from noonward.history.calendar import MINUTES
from noonward.history.channels import DIFFERENCES, parts, scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from noonward.core.model import Instant
    from noonward.history.rows import Rows
    from noonward.history.sessions import ChargingSession

Line: TypeAlias = "tuple[str | float | None, ...]"

COLUMNS = (
    "pv_w", "base_load_w", "grid_w", "battery_w", "price_import", "price_export", "dim_w",
)  # fmt: skip
"""What a tape can hold, in its order; a column that was never kept is left out."""

SESSIONS = (
    "station", "arrival", "departure", "energy_kwh", "user", "phases", "requested_kwh", "estimated_departure",
)  # fmt: skip

DIGITS = 5


class NothingRecorded(UsageError):
    """There is nothing of that span (HTTP 404)."""


def span(rows: Rows, lo: Instant | None, hi: Instant | None) -> tuple[Instant, Instant]:
    """Return the part of [lo, hi) for which there may be minutes.

    Raises:
        NothingRecorded: There are none.
    """
    ends = rows.ends(MINUTES)
    if ends is None:
        raise NothingRecorded("nothing is recorded yet: the first minute is kept when it is over")
    first, last = (row * MINUTES.step_s for row in ends)
    begin = float(first) if lo is None else max(float(first), lo)
    end = float(last) if hi is None else min(float(last), hi)
    if end <= begin:
        raise NothingRecorded(f"nothing is recorded in that span; it runs from {iso(first)} to {iso(last)}")
    return begin, end


def columns(rows: Rows) -> tuple[str, ...]:
    """Return the columns of this file's tape.

    Raises:
        UsageError: It has no base load: there is no grid meter.
    """
    kept = rows.channels()
    there = tuple(name for name in COLUMNS if all(part in kept for part in parts(name)))
    if "base_load_w" not in there:
        raise UsageError(
            "no base load is recorded, and no tape is one without it: that takes a grid meter (grid.meter in site.yaml)"
        )
    return there


def lines(rows: Rows, names: tuple[str, ...], lo: Instant, hi: Instant) -> Iterator[Line]:
    """Yield the minutes of [lo, hi) that are known, block by block: time, then the columns."""
    first, last = -(-int(lo) // MINUTES.step_s), int(hi // MINUTES.step_s)
    channels = {part for name in names for part in parts(name)}
    for block in rows.blocks(MINUTES, first, last):
        a, b = max(block, first), min(block + MINUTES.rows, last)
        found = rows.get(MINUTES, a, b, channels)
        values = {
            name: [total * scale(name) if count else None for total, count in zip(*column, strict=True)]
            for name, column in found.items()
        }
        for k in range(b - a):
            line = [_value(values, name, k) for name in names]
            if any(value is not None for value in line):
                yield iso((a + k) * MINUTES.step_s), *line


def csv_line(line: Line) -> str:
    """Return a line as CSV. Nothing in a tape needs quotes; a station's or a user's name may."""
    return ",".join(_field(value) for value in line) + "\n"


class Packing:
    """Text on its way into a file: as it is, or compressed where its name ends in ".gz"."""

    def __init__(self, name: str) -> None:
        self._packs = zlib.compressobj(wbits=zlib.MAX_WBITS | 16) if name.endswith(".gz") else None

    def take(self, text: str) -> bytes:
        """Return what of it can be written now."""
        return text.encode() if self._packs is None else self._packs.compress(text.encode())

    def end(self) -> bytes:
        """Return the rest."""
        return b"" if self._packs is None else self._packs.flush()


def packed(name: str, header: Line, found: Iterable[Line]) -> Iterator[bytes]:
    """Yield a whole file piece by piece."""
    packs = Packing(name)
    yield packs.take(csv_line(header))
    for line in found:
        yield packs.take(csv_line(line))
    yield packs.end()


def session_lines(sessions: Iterable[ChargingSession]) -> Iterator[Line]:
    """Yield the sessions in which something was charged, by arrival."""
    for one in sorted(sessions, key=lambda one: (one.arrival, one.departure)):
        if one.energy_wh > 0.0:
            yield (
                one.station,
                iso(one.arrival),
                iso(one.departure),
                round(one.energy_wh / 1000.0, 3),
                one.user,
                one.phases,
                None if one.requested_wh is None else round(one.requested_wh / 1000.0, 3),
                None if one.estimated_departure is None else iso(one.estimated_departure),
            )


def iso(t: Instant) -> str:
    """Return an instant in UTC, to the second."""
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _value(values: dict[str, list[float | None]], name: str, k: int) -> float | None:
    if name not in DIFFERENCES:
        return values[name][k]
    one, other = (values[part][k] for part in DIFFERENCES[name])
    return None if one is None or other is None else one - other


def _field(value: str | float | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"{round(value, DIGITS):.10g}"
    return '"' + value.replace('"', '""') + '"' if any(c in value for c in ',"\r\n') else value
