"""What a timer does in the long run, so that a rule can speak of "the" window without asking what day it is.

Lengths and gaps are looked at on a clock that never changes (UTC), over a stretch that holds every case: two weeks for
schedules that repeat weekly, two years with a 29 February for the others. The nights on which clocks change are looked
at separately, in the site's own time zone. The stretch is fixed, so that the same files give the same findings always.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.core.timers import DAY_S, Timer, Windows, fires

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.core.timers import Cron

_MONDAY = datetime(2029, 1, 1, tzinfo=UTC).timestamp()
_WEEKS = (_MONDAY, _MONDAY + 15 * DAY_S)
_YEARS = (datetime(2027, 7, 1, tzinfo=UTC).timestamp(), datetime(2029, 7, 1, tzinfo=UTC).timestamp())
_CHANGES_FROM, _CHANGES_TO = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2028, 2029))
_WHOLE_YEAR = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows of some timers, merged where they touch.

    Attributes:
        lengths: Of every window, in order of time. [s]
        gaps: Between one window and the next, in order of time. [s]
        open_s: All of them together, over the stretch that was looked at. [s]
        always: Whether it never closes.
    """

    lengths: tuple[float, ...]
    gaps: tuple[float, ...]
    open_s: float
    always: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A night on which the clocks change.

    Attributes:
        at: When.
        forward_s: By how much they go forward; negative: back. [s]
    """

    at: Instant
    forward_s: float


def calendar(*timers: Timer) -> Calendar:
    """Return the windows of these timers together."""
    return _calendar(tuple(_anonymous(timer) for timer in timers), _stretch(*timers))


def overlapping(timer: Timer) -> bool:
    """Tell whether a timer starts again before its own window has closed."""
    if timer.for_s is None:
        return False
    starts = _firings(timer.start)
    return any(later - earlier < timer.for_s for earlier, later in pairwise(starts))


def overlap(one: Timer, other: Timer) -> bool:
    """Tell whether two timers are ever open at the same time."""
    stretch = _stretch(one, other)
    alone = [_calendar((_anonymous(timer),), stretch).open_s for timer in (one, other)]
    return _calendar((_anonymous(one), _anonymous(other)), stretch).open_s < sum(alone)


def on_clock_changes(timer: Timer, timezone: str) -> tuple[tuple[Change, float], ...]:
    """Return the nights of a year on which a window's length differs from every usual one, and that length. [s]."""
    return _on_clock_changes(_anonymous(timer), timezone)


def _anonymous(timer: Timer) -> Timer:
    """Return the timer without its name and line, so that policies which share a schedule share the work."""
    return Timer(name="", start=timer.start, stop=timer.stop, for_s=timer.for_s, line=0)


def _stretch(*timers: Timer) -> tuple[Instant, Instant]:
    weekly = all(_weekly(timer.start) and (timer.stop is None or _weekly(timer.stop)) for timer in timers)
    return _WEEKS if weekly else _YEARS


def _weekly(cron: Cron) -> bool:
    return cron.dom_star and cron.months == _WHOLE_YEAR


@lru_cache(maxsize=4096)
def _firings(cron: Cron) -> tuple[Instant, ...]:
    return tuple(fires(cron, ZoneInfo("UTC"), *(_WEEKS if _weekly(cron) else _YEARS)))


@lru_cache(maxsize=4096)
def _calendar(timers: tuple[Timer, ...], stretch: tuple[Instant, Instant]) -> Calendar:
    lo, hi = stretch
    edges = Windows(timers, "UTC").edges(lo, hi)
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    return Calendar(
        lengths=tuple(b - a for a, b in pairs if lo < a and b < hi),
        gaps=tuple(later - b for (_, b), (later, _) in pairwise(pairs)),
        open_s=sum(b - a for a, b in pairs),
        always=pairs == [(lo, hi)],
    )


@lru_cache(maxsize=1024)
def _on_clock_changes(timer: Timer, timezone: str) -> tuple[tuple[Change, float], ...]:
    usual = {round(length) for length in calendar(timer).lengths}
    if timer.stop is None or not usual:
        return ()
    windows = Windows((timer,), timezone)
    found = []
    for change in clock_changes(timezone):
        edges = windows.edges(change.at - 3 * DAY_S, change.at + 3 * DAY_S)
        for opens, closes in zip(edges[::2], edges[1::2], strict=True):
            near = opens - DAY_S < change.at < closes + DAY_S
            cut = opens == change.at - 3 * DAY_S or closes == change.at + 3 * DAY_S
            if near and not cut and round(closes - opens) not in usual:
                found.append((change, closes - opens))
    return tuple(found)


@lru_cache(maxsize=64)
def clock_changes(timezone: str) -> tuple[Change, ...]:
    """Return the clock changes of a year in a time zone, in order of time."""
    zone = ZoneInfo(timezone)
    found = []
    t = _CHANGES_FROM
    while t < _CHANGES_TO:
        before, after = _offset_s(zone, t), _offset_s(zone, t + DAY_S)
        if before != after:
            lo, hi = t, t + DAY_S
            while hi - lo > 1:
                middle = (lo + hi) // 2
                lo, hi = (middle, hi) if _offset_s(zone, middle) == before else (lo, middle)
            found.append(Change(at=hi, forward_s=after - before))
        t += DAY_S
    return tuple(found)


def _offset_s(zone: ZoneInfo, t: Instant) -> float:
    offset = datetime.fromtimestamp(t, zone).utcoffset()
    return offset.total_seconds() if offset else 0.0
