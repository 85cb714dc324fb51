"""Quarters, hours and days, added up from minutes: their sums are those of the minutes, exactly.

A row is added up when it is over, and again when a clock that was set back writes it anew. What is not over yet is
added up for whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.history.calendar import DAYS, FINER, MINUTES, QUARTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Instant
    from noonward.history.calendar import Calendar, Grain
    from noonward.history.rows import Cell, Columns, Rows
    from noonward.history.sampler import Minute


def put(rows: Rows, calendar: Calendar, minutes: Iterable[Minute]) -> None:
    """Write finished minutes, and every coarser row that is over with them."""
    cells = {minute.number: {name: (value, 1) for name, value in minute.values.items()} for minute in minutes}
    if not cells:
        return
    if rows.note("timezone") != calendar.timezone:
        rows.prune(DAYS, 10**9)
        rows.set_note("timezone", calendar.timezone)
        if (known := rows.ends(QUARTERS)) is not None:
            rows.set_note(DAYS.name, calendar.number(DAYS, known[0] * QUARTERS.step_s))
    rows.put(MINUTES, cells)
    for grain in FINER:
        _roll(rows, calendar, grain, min(cells), max(cells) + 1)


def settle(rows: Rows, calendar: Calendar, now: Instant) -> None:
    """Write every coarser row that is over by now, though nothing came after it; before any finer one is deleted."""
    for grain in FINER:
        if isinstance(over := rows.note(grain.name), int):
            _roll(rows, calendar, grain, int(calendar.start(grain, over) // MINUTES.step_s), int(now // MINUTES.step_s))


def get(rows: Rows, calendar: Calendar, grain: Grain, lo: int, hi: int, names: Iterable[str]) -> Columns:
    """Return sums and counts of the rows [lo, hi), those included that are not over yet."""
    names = list(names)
    if grain is MINUTES:
        return rows.get(grain, lo, hi, names)
    over = rows.note(grain.name)
    assert not isinstance(over, str)  # noqa: S101 - written below
    out = rows.get(grain, lo, hi, names)
    if over is not None and over < hi:
        for number, cells in added(rows, calendar, grain, max(lo, over), hi, names).items():
            for name, (total, count) in cells.items():
                sums, counts = out[name]
                sums[number - lo], counts[number - lo] = total, count  # type: ignore[index]  # arrays, made just now
    return out


def added(
    rows: Rows, calendar: Calendar, grain: Grain, lo: int, hi: int, names: Iterable[str]
) -> dict[int, Mapping[str, Cell]]:
    """Add up rows [lo, hi) from the finer ones; return those of which anything is known."""
    finer, names = FINER[grain], list(names)
    out: dict[int, Mapping[str, Cell]] = {}
    for number in _there(rows, calendar, grain, lo, hi):
        a, b = (calendar.number(finer, calendar.start(grain, one)) for one in (number, number + 1))
        columns = get(rows, calendar, finer, a, b, names)
        cells = {name: (sum(sums), sum(counts)) for name, (sums, counts) in columns.items()}
        known = {name: cell for name, cell in cells.items() if cell[1]}
        if known:
            out[number] = known
    return out


def _there(rows: Rows, calendar: Calendar, grain: Grain, lo: int, hi: int) -> list[int]:
    """Return the rows of [lo, hi) for which there may be anything: of years in which nothing ran there are none."""
    found: set[int] = set()
    for grade in {FINER[grain], MINUTES}:  # the quarter that runs is nowhere but in its minutes
        a, b = (calendar.number(grade, calendar.start(grain, one)) for one in (lo, hi))
        for first in rows.blocks(grade, a, b):
            ends = (calendar.number(grain, float(row * grade.step_s)) for row in (first, first + grade.rows - 1))
            one, other = ends
            found.update(range(max(one, lo), min(other + 1, hi)))
    return sorted(found)


def _roll(rows: Rows, calendar: Calendar, grain: Grain, first_minute: int, next_minute: int) -> None:
    over = rows.note(grain.name)
    assert not isinstance(over, str)  # noqa: S101 - written below
    first = calendar.number(grain, float(first_minute * MINUTES.step_s))
    lo = first if over is None else min(first, over)
    hi = calendar.number(grain, float(next_minute * MINUTES.step_s))
    if lo >= hi == over:
        return
    for start in range(lo, hi, grain.rows):
        rows.put(grain, added(rows, calendar, grain, start, min(start + grain.rows, hi), rows.channels()))
    rows.set_note(grain.name, hi)
