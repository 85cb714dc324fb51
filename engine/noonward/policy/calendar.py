"""When the timers of a policy are open, and when the clock on the wall changes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.timers import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from noonward.core.model import Instant

DAY_S = 86_400.0


class Opening(NamedTuple):
    """A time in which a window is open; windows that touch or overlap are the one that they are.

    Attributes:
        names: Of its timers.
        opens: Its beginning, or that of the time looked at.
        closes: Its end, or that of the time looked at.
        before: It was open before already.
        after: It stays open afterwards.
    """

    names: tuple[str, ...]
    opens: Instant
    closes: Instant
    before: bool
    after: bool


class ClockChange(NamedTuple):
    """A night in which the clock on the wall changes.

    Attributes:
        at: When.
        by_s: By how much it is put forward; back is negative. [s]
    """

    at: Instant
    by_s: float


def openings(windows: Windows, lo: Instant, hi: Instant) -> Iterator[Opening]:
    """Yield when windows are open from ``lo`` to ``hi``."""
    edges = windows.edges(lo, hi)
    each = [(timer.name, Windows((timer,), windows.timezone)) for timer in windows.timers]
    for opens, closes in zip(edges[::2], edges[1::2], strict=True):
        names = tuple(name for name, own in each if own.edges(opens, closes))
        before, after = opens == lo and windows.is_open(lo - 1), closes == hi and windows.is_open(hi)
        yield Opening(names, opens, closes, before, after)


def clock_changes(zone: ZoneInfo, lo: Instant, hi: Instant) -> Iterator[ClockChange]:
    """Yield the moments between ``lo`` and ``hi`` at which the clock changes."""
    t = lo
    while t < hi:
        after = min(t + DAY_S, hi)
        if offset(zone, t) != offset(zone, after):
            low, high = t, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == offset(zone, t) else (low, middle)
            yield ClockChange(high, (offset(zone, after) - offset(zone, t)).total_seconds())
        t = after


def offset(zone: ZoneInfo, t: Instant) -> timedelta:
    """Return how far the clock on the wall is ahead of UTC."""
    return datetime.fromtimestamp(t, zone).utcoffset() or timedelta()
