"""What a timer does in the long run, so that a rule can speak of "the" window without asking what day it is.

Lengths and gaps are looked at on a clock that never changes (UTC), over a stretch that holds every case: two weeks for
schedules that repeat weekly, two years with a 29 February for the others. The nights on which clocks change are looked
at separately, in the site's own time zone. The stretch is fixed, so that the same files give the same findings always.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.core.needs import Term
from noonward.core.timers import DAY_S, Cron, Timer, Windows, fires

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.model import Instant
    from noonward.core.needs import Requirement

_MONDAY = datetime(2029, 1, 1, tzinfo=UTC).timestamp()
_WEEKS = (_MONDAY, _MONDAY + 15 * DAY_S)
_YEARS = (datetime(2027, 7, 1, tzinfo=UTC).timestamp(), datetime(2029, 7, 1, tzinfo=UTC).timestamp())
_CHANGES_FROM, _CHANGES_TO = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2028, 2029))
_WHOLE_YEAR = tuple(range(1, 13))
_UTC = ZoneInfo("UTC")
_MIDNIGHT = Cron(
    minutes=(0,), hours=(0,), doms=tuple(range(1, 32)), months=_WHOLE_YEAR, dows=tuple(range(7)),
    hour_star=False, dom_star=True, dow_star=True,
)  # fmt: skip

MAX_A_DAY = 96
"""A schedule that does not repeat weekly is looked at only if it fires at most this often on a day."""
MAX_LENGTH_S = 366.0 * DAY_S
"""Longest `for` of a window. [s]"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows of some timers, merged where they touch.

    Attributes:
        lengths: Of every window, in order of time. [s]
        gaps: Between one window and the next, in order of time. [s]
        ever: Whether it ever opens.
        always: Whether it never closes.
    """

    lengths: tuple[float, ...] = ()
    gaps: tuple[float, ...] = ()
    ever: bool = True
    always: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A night on which the clocks change.

    Attributes:
        at: When.
        forward_s: By how much they go forward; negative: back. [s]
    """

    at: Instant
    forward_s: float


UNKNOWN = Calendar()
"""Nothing is claimed of timers that would take too long to look at."""


def calendar(*timers: Timer) -> Calendar:
    """Return the windows of these timers together."""
    return _calendar(tuple(_anonymous(timer) for timer in timers), _stretch(timers))


def overlapping(timer: Timer) -> bool:
    """Tell whether a timer starts again before its own window has closed."""
    if timer.for_s is None or _too_much(timer):
        return False
    starts = _firings(timer.start, _stretch((timer,)))
    return any(later - earlier < timer.for_s for earlier, later in pairwise(starts))


def overlaps(timers: tuple[Timer, ...]) -> list[tuple[int, int]]:
    """Return, for each timer that is open while an earlier one is, its index behind the other's."""
    stretch = _stretch(timers)
    windows = sorted(
        (*window, index)
        for index, timer in enumerate(timers)
        if not _too_much(timer)
        for window in _windows(_anonymous(timer), stretch)
    )
    found: dict[int, int] = {}
    last_end, last = -inf, -1
    for opens, closes, index in windows:
        if opens < last_end and index != last:
            found.setdefault(max(index, last), min(index, last))
        if closes > last_end:
            last_end, last = closes, index
    return sorted((earlier, later) for later, earlier in found.items())


def on_clock_changes(timer: Timer, timezone: str) -> tuple[tuple[Change, float], ...]:
    """Return the nights of a year on which a window's length differs from every usual one, and that length. [s]."""
    return () if _too_much(timer) else _on_clock_changes(_anonymous(timer), timezone)


def terms(need: Requirement) -> tuple[Term, ...]:
    """Return the periods of an appliance's need, each with its deadline; none where that would take too long."""
    crons = [cron for cron in (need.by, need.period) if cron is not None]
    if any(_often(cron) for cron in crons):
        return ()
    stretch = _stretch_of(crons)
    dues = () if need.by is None else _firings(need.by, stretch)
    found = []
    for start, end in pairwise(_firings(need.period or _MIDNIGHT, stretch)):
        at = bisect_right(dues, start)
        due = end if need.by is None else dues[at] if at < len(dues) else inf
        found.append(Term(start, due if due <= end else None, end))
    return tuple(found)


def most_within(by: Cron | None, periods: Iterable[Term]) -> int:
    """Return how many deadlines fall into one of these periods at most."""
    if by is None:
        return 1
    dues = _firings(by, _stretch_of([by]))
    return max((bisect_right(dues, term.end) - bisect_right(dues, term.start) for term in periods), default=0)


def longest_gap_s(cron: Cron | None) -> float:
    """Return the longest time between two firings; infinity where there is none. [s]."""
    if cron is None or _often(cron):
        return inf
    fired = _firings(cron, _stretch_of([cron]))
    return max((later - earlier for earlier, later in pairwise(fired)), default=inf)


def _anonymous(timer: Timer) -> Timer:
    """Return the timer without its name and line, so that policies which share a schedule share the work."""
    return Timer(name="", start=timer.start, stop=timer.stop, for_s=timer.for_s, line=0)


def _stretch(timers: Iterable[Timer]) -> tuple[Instant, Instant]:
    return _stretch_of(cron for timer in timers for cron in _crons(timer))


def _stretch_of(crons: Iterable[Cron]) -> tuple[Instant, Instant]:
    return _WEEKS if all(map(_weekly, crons)) else _YEARS


def _crons(timer: Timer) -> tuple[Cron, ...]:
    return (timer.start,) if timer.stop is None else (timer.start, timer.stop)


def _weekly(cron: Cron) -> bool:
    """Tell whether a schedule is the same every week."""
    return cron.dom_star and cron.months == _WHOLE_YEAR


def _often(cron: Cron) -> bool:
    """Tell a schedule that fires so often, over years, that looking at it would take seconds."""
    return len(cron.minutes) * len(cron.hours) > MAX_A_DAY and not _weekly(cron)


def _too_much(timer: Timer) -> bool:
    """Tell a timer that fires so often, over years, or stays open so long, that looking at it would take seconds."""
    crons = _crons(timer)
    often = any(len(cron.minutes) * len(cron.hours) > MAX_A_DAY for cron in crons)
    return (often and not all(map(_weekly, crons))) or (timer.for_s is not None and timer.for_s > MAX_LENGTH_S)


@lru_cache(maxsize=4096)
def _firings(cron: Cron, stretch: tuple[Instant, Instant]) -> tuple[Instant, ...]:
    return tuple(fires(cron, _UTC, *stretch))


@lru_cache(maxsize=4096)
def _windows(timer: Timer, stretch: tuple[Instant, Instant]) -> tuple[tuple[Instant, Instant], ...]:
    """Return a timer's windows that open in the stretch; one that never closes ends at infinity."""
    starts = _firings(timer.start, stretch)
    if timer.stop is None:
        return tuple((t, t + (timer.for_s or 0.0)) for t in starts)
    once = set(starts)
    alone = once.symmetric_difference(_firings(timer.stop, stretch))
    found: list[tuple[Instant, Instant]] = []
    opened: Instant | None = None
    for t in sorted(alone):
        if t in once:
            opened = t if opened is None else opened
        elif opened is not None:
            found.append((opened, t))
            opened = None
    if opened is not None and not found:
        found.append((opened, inf))
    return tuple(found)


@lru_cache(maxsize=4096)
def _calendar(timers: tuple[Timer, ...], stretch: tuple[Instant, Instant]) -> Calendar:
    if any(map(_too_much, timers)):
        return UNKNOWN
    merged: list[tuple[Instant, Instant]] = []
    for opens, closes in sorted(window for timer in timers for window in _windows(timer, stretch)):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    always = bool(merged) and len(merged) == 1 and merged[0][1] >= stretch[1]
    return Calendar(
        lengths=() if always else tuple(closes - opens for opens, closes in merged if closes <= stretch[1]),
        gaps=tuple(later - closes for (_, closes), (later, _) in pairwise(merged)),
        ever=bool(merged),
        always=always,
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
