"""Timers: parsed cron fields become windows, and windows become sorted UTC edges.

A timer is a ``start`` with either a ``stop`` (wall clock: what a tariff means) or a length (elapsed time: what an
appliance needs). Everything is half-open: a window holds its opening instant and not its closing one. Windows of one
policy that touch or overlap are one window. Where start and stop fall on the same instant nothing changes.

Twice a year the wall clock is not what it seems. Zurich in spring has no 02:00…02:59, in autumn it has them twice. ::

    spring, 2026-03-29       01:59 | 03:00            ("|" is where the clock jumps)
      "30 2 * * *"                   ^                fixed hour: the first existing minute after the gap, 03:00
      "*/15 * * * *"         01:45 ^ | ^ 03:00        hour "*": the skipped minutes are dropped
      22:00 until 06:00      22:00 [=====|=====) 06:00     7 h instead of 8
      22:00 for 8 h          22:00 [=====|=======) 07:00   8 h, and ends later on the wall
      02:15 until 02:45              ^                both become 03:00: the same instant, so no window

    autumn, 2026-10-25       02:00 … 02:59 | 02:00 … 02:59
      "30 2 * * *"               ^                    fixed hour: the first occurrence, for starts and for stops
      "30 * * * *"               ^               ^    hour "*": both
      22:00 until 06:00      22:00 [=====|=======) 06:00   9 h
      22:00 for 8 h          22:00 [=====|=====) 05:00     8 h, and ends earlier on the wall

The fields are expanded day by day, in blocks of eight days that begin at fixed instants, so that what is remembered
never depends on what was asked before.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from noonward.core.model import Instant

DAY_S = 86_400
BLOCK_S = 8 * DAY_S
AHEAD = 50
"""Blocks that ``next_edge`` looks into: 400 days, so that a season's window is found."""
BACK_BLOCKS = 400
"""Blocks that are searched for the last start or stop: 29 February may be eight years away."""
KEEP = 200
"""Blocks remembered per object; more are forgotten all at once."""

_EPOCH = date(1970, 1, 1).toordinal()
_ONE_DAY = timedelta(days=1)

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cron:
    """A five-field cron expression, parsed: what each field allows, in ascending order.

    Attributes:
        minutes: 0…59.
        hours: 0…23.
        doms: Days of the month, 1…31.
        months: 1…12.
        dows: Days of the week, 0…6, Sunday is 0.
        hour_star: The hour was written "*": it follows the clock through a change instead of naming an hour.
        dom_star: The day of the month was written "*".
        dow_star: The day of the week was written "*". Where neither day field is a star, either one suffices.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    doms: tuple[int, ...]
    months: tuple[int, ...]
    dows: tuple[int, ...]
    hour_star: bool
    dom_star: bool
    dow_star: bool

    def on_day(self, day: date) -> bool:
        """Return True if the date fields allow this day."""
        if day.month not in self.months:
            return False
        dom, dow = day.day in self.doms, day.isoweekday() % 7 in self.dows
        return (dom and dow) if self.dom_star or self.dow_star else (dom or dow)


@dataclass(frozen=True, slots=True)
class Timer:
    """One entry of ``timers:``; exactly one of ``stop`` and ``for_s`` is given.

    Attributes:
        name: As people call it.
        start: When it opens.
        stop: When it closes, on the wall clock.
        for_s: How long it stays open, in elapsed time. [s]
        line: Line of the entry in the policy's file.
    """

    name: str
    start: Cron
    stop: Cron | None
    for_s: float | None
    line: int

    def __post_init__(self) -> None:
        if (self.stop is None) == (self.for_s is None):
            raise ValueError(f"timer {self.name!r} needs exactly one of stop and for_s")


def fires(cron: Cron, zone: ZoneInfo, lo: Instant, hi: Instant) -> list[Instant]:
    """Return every instant in [lo, hi) at which ``cron`` fires, ascending, each once."""
    found: set[Instant] = set()
    day, last = _local_date(lo, zone) - _ONE_DAY, _local_date(hi, zone)  # a gap may push a firing over midnight
    while day <= last:
        found.update(_fires_on(cron, zone, day))
        day += _ONE_DAY
    return sorted(t for t in found if lo <= t < hi)


def _fires_on(cron: Cron, zone: ZoneInfo, day: date) -> Iterable[Instant]:
    """Return the instants at which ``cron`` fires because of this local day."""
    if not cron.on_day(day):
        return ()
    before, after = _midnight_offset(day, zone), _midnight_offset(day + _ONE_DAY, zone)
    if before != after:
        return _fires_on_changing_day(cron, zone, day)
    base = (day.toordinal() - _EPOCH) * float(DAY_S) - before
    return [base + hour * 3600 + minute * 60 for hour in cron.hours for minute in cron.minutes]


def _fires_on_changing_day(cron: Cron, zone: ZoneInfo, day: date) -> Iterator[Instant]:
    for hour in cron.hours:
        for minute in cron.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            first, second = wall.timestamp(), wall.replace(fold=1).timestamp()
            if first <= second:  # it exists once, or twice in autumn
                yield first
                if cron.hour_star:
                    yield second
            elif not cron.hour_star:
                yield _end_of_gap(zone, second, first)


def _end_of_gap(zone: ZoneInfo, lo: Instant, hi: Instant) -> Instant:
    """Return the first instant with the new offset; ``lo`` has the old one, ``hi`` the new."""
    old = _offset(zone, lo)
    while hi - lo > 1:
        middle = (lo + hi) // 2
        lo, hi = (middle, hi) if _offset(zone, middle) == old else (lo, middle)
    return hi


def _offset(zone: ZoneInfo, t: Instant) -> timedelta | None:
    return datetime.fromtimestamp(t, zone).utcoffset()


def _midnight_offset(day: date, zone: ZoneInfo) -> float:
    offset = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _local_date(t: Instant, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(t, UTC).astimezone(zone).date()


def _open_before(timer: Timer, stop: Cron, zone: ZoneInfo, t: Instant) -> bool:
    """Return True if the last start or stop before ``t``, of those that stand alone, was a start."""
    if timer.start == stop:
        return False
    for blocks in range(BACK_BLOCKS):
        hi = t - blocks * BLOCK_S
        starts, stops = set(fires(timer.start, zone, hi - BLOCK_S, hi)), set(fires(stop, zone, hi - BLOCK_S, hi))
        if alone := starts ^ stops:
            return max(alone) in starts
    return False


def _intervals(timer: Timer, zone: ZoneInfo, lo: Instant, hi: Instant, is_open: bool | None) -> list[Interval]:
    """Return the timer's windows that touch [lo, hi); an end outside may be replaced by -inf or inf.

    Args:
        timer: With a length, or with a stop.
        zone: Of the site.
        lo: Beginning.
        hi: End.
        is_open: Whether a timer with a stop is open just before ``lo``; None: look back for it.
    """
    if timer.for_s is not None:
        return [(t, t + timer.for_s) for t in fires(timer.start, zone, lo - timer.for_s, hi)]
    assert timer.stop is not None  # noqa: S101 - Timer holds one of the two
    starts, stops = set(fires(timer.start, zone, lo, hi)), set(fires(timer.stop, zone, lo, hi))
    found: list[Interval] = []
    if is_open is None:
        is_open = _open_before(timer, timer.stop, zone, lo)
    opened = -inf if is_open else None
    for t in sorted(starts ^ stops):
        if t in starts:
            opened = t if opened is None else opened
        elif opened is not None:
            found.append((opened, t))
            opened = None
    if opened is not None:
        found.append((opened, inf))
    return found


def _merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the union: windows that touch or overlap become one."""
    merged: list[Interval] = []
    for lo, hi in sorted(intervals):
        if merged and lo <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], hi))
        else:
            merged.append((lo, hi))
    return merged


@dataclass(frozen=True, slots=True)
class _Block:
    """Eight days, expanded.

    Attributes:
        open_before: Whether a window was open just before the block.
        edges: Every opening and closing within the block.
        named: Each timer's own windows, in the order of the file.
    """

    open_before: bool
    edges: tuple[Instant, ...]
    named: tuple[tuple[str, tuple[Interval, ...]], ...]


def _expand(timers: tuple[Timer, ...], zone: ZoneInfo, lo: Instant, hi: Instant, before: _Block | None) -> _Block:
    """Expand [lo, hi); the block before it, where there is one, saves looking back."""
    known = before.named if before is not None else ((timer.name, None) for timer in timers)
    named = tuple(
        (timer.name, tuple(_merge(_intervals(timer, zone, lo, hi, None if own is None else _left_open(own)))))
        for timer, (_, own) in zip(timers, known, strict=True)
    )
    merged = _merge(interval for _, own in named for interval in own)
    return _Block(
        open_before=any(a < lo <= b for a, b in merged),
        edges=tuple(edge for interval in merged for edge in interval if lo <= edge < hi),
        named=named,
    )


def _left_open(intervals: tuple[Interval, ...]) -> bool:
    return bool(intervals) and intervals[-1][1] == inf


class Windows:
    """All timers of one policy in one time zone.

    ``is_open`` and ``next_edge`` remember the stretch between two edges that was asked for last, and cost next to
    nothing inside it. Two objects with the same timers and time zone are equal, whatever they remember.

    Attributes:
        timers: In the order of the file.
        timezone: IANA name.
    """

    __slots__ = ("_blocks", "_span", "_zone", "timers", "timezone")

    def __init__(self, timers: Iterable[Timer], timezone: str) -> None:
        self.timers = tuple(timers)
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._blocks: dict[int, _Block] = {}
        self._span: tuple[Instant, Instant, bool, Instant | None] = (inf, -inf, False, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Windows):
            return NotImplemented
        return self.timers == other.timers and self.timezone == other.timezone

    def __hash__(self) -> int:
        return hash((self.timers, self.timezone))

    def __repr__(self) -> str:
        return f"Windows({', '.join(timer.name for timer in self.timers)}; {self.timezone})"

    def is_open(self, t: Instant) -> bool:
        """Return True if any timer's window holds this instant."""
        lo, hi, is_open, _ = self._span
        return is_open if lo <= t < hi else self._seek(t)[2]

    def next_edge(self, t: Instant) -> Instant | None:
        """Return the next opening or closing after ``t``, None where the next 400 days bring none."""
        lo, hi, _, edge = self._span
        return edge if lo <= t < hi else self._seek(t)[3]

    def which(self, t: Instant) -> str | None:
        """Return the name of the open timer, of several the first in the file, None where all are closed."""
        for name, intervals in self._block(int(t // BLOCK_S)).named:
            if any(lo <= t < hi for lo, hi in intervals):
                return name
        return None

    def edges(self, lo: Instant, hi: Instant) -> tuple[Instant, ...]:
        """Return open, close, open, close … of the windows within [lo, hi]; windows that reach beyond are cut."""
        first, last = int(lo // BLOCK_S), int(hi // BLOCK_S)
        found = [edge for k in range(first, last + 1) for edge in self._block(k).edges if lo < edge < hi]
        if self.is_open(lo):
            found.insert(0, lo)
        if len(found) % 2:
            found.append(hi)
        return tuple(found) if hi > lo else ()

    def _seek(self, t: Instant) -> tuple[Instant, Instant, bool, Instant | None]:
        k = int(t // BLOCK_S)
        block = self._block(k)
        i = bisect_right(block.edges, t)
        lo = block.edges[i - 1] if i else float(k * BLOCK_S)
        edge = block.edges[i] if i < len(block.edges) else self._first_edge_from(k + 1)
        hi = float((k + 1) * BLOCK_S) if edge is None else min(edge, float((k + 1) * BLOCK_S))
        self._span = span = (lo, hi, block.open_before != bool(i % 2), edge)
        return span

    def _first_edge_from(self, k: int) -> Instant | None:
        for block in map(self._block, range(k, k + AHEAD)):
            if block.edges:
                return block.edges[0]
        return None

    def _block(self, k: int) -> _Block:
        block = self._blocks.get(k)
        if block is None:
            if len(self._blocks) >= KEEP:
                self._blocks.clear()
            block = _expand(
                self.timers, self._zone, float(k * BLOCK_S), float((k + 1) * BLOCK_S), self._blocks.get(k - 1)
            )
            self._blocks[k] = block
        return block
