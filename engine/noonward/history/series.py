"""Curves: means of signals over a span, in steps that a screen can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.errors import UsageError
from noonward.history import rollup
from noonward.history.calendar import DAYS, HOURS, MINUTES, QUARTERS
from noonward.history.channels import DIFFERENCES, parts, scale

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.core.model import Instant
    from noonward.history.calendar import Calendar, Grain
    from noonward.history.rows import Columns, Rows

POINTS = 1500
"""So many points at most, where nobody names a step: more than a screen is wide."""

POINTS_MAX = 50_000
"""A step that would give more is refused."""

DAY_S = 86_400
STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, DAY_S, 7 * DAY_S, 28 * DAY_S)
"""Steps that are chosen from. From a day on they are local days. [s]"""

DIGITS = 5


class Series(NamedTuple):
    """Curves on one time axis.

    Attributes:
        start: Of the first step.
        end: Of the last one.
        step_s: Length of a step; of local days nominally. [s]
        time: When each step begins.
        signals: Name to the mean in each step; None where nothing is known.
    """

    start: Instant
    end: Instant
    step_s: int
    time: list[Instant]
    signals: dict[str, list[float | None]]


def step_for(seconds: float) -> int:
    """Return the shortest step that gives no more points than a screen can show. [s]"""
    return next((step for step in STEPS if seconds <= step * POINTS), STEPS[-1])


def query(
    rows: Rows, calendar: Calendar, signals: Iterable[str], lo: Instant, hi: Instant, every_s: int | None = None
) -> Series:
    """Return curves of [lo, hi), in whole steps.

    Args:
        rows: Of the open file.
        calendar: Of the site.
        signals: Names; of one that was never kept nothing is known.
        lo: Begin.
        hi: End.
        every_s: Step; None: the shortest that a screen can show. [s]

    Raises:
        UsageError: The end is not after the begin, or the step is not one that can be had.
    """
    if hi <= lo:
        raise UsageError("the end of the span must be after its begin")
    step_s = step_for(hi - lo) if every_s is None else every_s
    grain = _grain(step_s)
    if (hi - lo) / step_s > POINTS_MAX:
        raise UsageError(f"a step of {step_s} s gives more than {POINTS_MAX} points; choose a longer one")
    if every_s is None:
        grain, step_s = _kept(rows, grain, step_s, lo)
    each = step_s // grain.step_s
    first, last = calendar.reach(grain, lo, hi)
    first -= first % each if grain is not DAYS else 0
    last = first + -(-(last - first) // each) * each
    names = dict.fromkeys(signals)
    columns = rollup.get(rows, calendar, grain, first, last, {part for name in names for part in parts(name)})
    starts = range(first, last, each)
    return Series(
        start=calendar.start(grain, first),
        end=calendar.start(grain, last),
        step_s=step_s,
        time=[calendar.start(grain, number) for number in starts],
        signals={name: _means(columns, name, len(starts), each) for name in names},
    )


def _grain(step_s: int) -> Grain:
    for grain in (DAYS, HOURS, QUARTERS, MINUTES):
        if step_s > 0 and step_s % grain.step_s == 0:
            return grain
    raise UsageError("the step must be whole minutes")


def _kept(rows: Rows, grain: Grain, step_s: int, lo: Instant) -> tuple[Grain, int]:
    """Return a grain that still holds the begin of the span: the finest are deleted first."""
    coarser = {MINUTES: QUARTERS, QUARTERS: HOURS, HOURS: DAYS}
    while grain in coarser and ((ends := rows.ends(grain)) is None or lo < ends[0] * grain.step_s):
        older = coarser[grain]
        there, finer = rows.ends(older), rows.ends(grain)
        if older is DAYS or there is None or finer is None or there[0] * older.step_s >= finer[0] * grain.step_s:
            break
        grain, step_s = older, max(step_s, older.step_s)
    return grain, step_s


def _means(columns: Columns, signal: str, points: int, each: int) -> list[float | None]:
    one = _mean(columns, parts(signal)[0], points, each)
    if signal not in DIFFERENCES:
        return one
    other = _mean(columns, parts(signal)[1], points, each)
    return [None if a is None or b is None else round(a - b, DIGITS) for a, b in zip(one, other, strict=True)]


def _mean(columns: Columns, channel: str, points: int, each: int) -> list[float | None]:
    if channel not in columns:
        return [None] * points
    sums, counts = columns[channel]
    if each > 1:
        sums, counts = _every(sums, each), _every(counts, each)
    unit = scale(channel)
    return [round(total / count * unit, DIGITS) if count else None for total, count in zip(sums, counts, strict=True)]


def _every(values: Sequence[int], each: int) -> list[int]:
    return [sum(values[k : k + each]) for k in range(0, len(values), each)]
