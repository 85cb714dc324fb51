"""What vehicles at a station usually do: for whoever does not say when they leave and what they need.

Asking is much better: nobody can guess who leaves early today. So the guess is careful. The past stays like this one
say when a vehicle may leave: it is taken to go at the time of day at which one of them ended, and those that are over
already tell nothing any more. One that stays longer than any of them charges at once. The plan says what waiting for
the sun is worth, and the vehicle waits as long as that is more than what is likely lost if it leaves before: with
nothing to be had from the sun it does not wait at all. It charges until it is full; what others took says how long that
takes.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from noonward.core.remembered import Stayed
from noonward.core.timers import DAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.berth import Berth
    from noonward.core.remembered import StationState
    from noonward.core.words import Instant

KEPT = 20
"""Stays that are remembered of each station."""

ENOUGH = 5
"""Fewer than this tell nothing."""

STAY_S = 300.0
"""A vehicle that is gone sooner was plugged in anew, or at another station. [s]"""

ALIKE_H = 2.0
"""Stays that began within so many hours of the same time of day are alike, those on the same kind of day before others.
[h]"""

SHORT_S = 4 * 3600.0
"""A stay that was shorter would have lasted as long at another time of day; a longer one would have ended then. [s]"""

LIKELY = 0.3
"""Share of stays that end before the departure that is planned for."""

MOST_TOOK = 0.8
"""Share of stays that took less than what is reckoned with."""

_STILL_ASLEEP = frozenset({"asleep", "waking", "needs-driver"})
"""A vehicle that left in one of these may have been full."""

MORE = 1.05
"""A vehicle that draws so many times what others settled at is none like them."""

LEAST_WH = 1000.0
"""A vehicle that is not full needs this much at least. [Wh]"""

WORTHLESS = 0.05
"""A plan that covers less of what it takes is not worth waiting for. [0…1]"""

UNPLANNED = 0.3
"""What waiting is taken to be worth where there is no plan. [0…1]"""

SATURDAY = 5
"""First day of the weekend, as Python counts."""


class Usual(NamedTuple):
    """What a vehicle that says nothing will likely do.

    Attributes:
        missing_wh: What it likely still needs. [Wh]
        departure: When it likely leaves; None: any moment.
        early: By when it must be charged in case it leaves early; now or before: at once.
        until: When the next stay like this one would be over, and this is no longer true; None: time tells nothing.
    """

    missing_wh: float
    departure: Instant | None
    early: Instant
    until: Instant | None


class _Habit(NamedTuple):
    departures: tuple[Instant, ...]
    took_wh: tuple[float, ...]


class _Drew(NamedTuple):
    """How vehicles drew: the most at which they settled below their limit, the most at all, whether any slept."""

    takes_w: float
    drew_w: float
    slept: bool


class _Same:
    """Past stays as a key: the same object, not an equal one, which would have to be read through in every step."""

    __slots__ = ("stays",)

    def __init__(self, stays: tuple[Stayed, ...]) -> None:
        self.stays = stays

    def __hash__(self) -> int:
        return id(self.stays)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.stays is other.stays


def usual(
    stays: tuple[Stayed, ...], came: Instant, timezone: str, *, now: Instant, drew_wh: float, coverage: float | None
) -> Usual | None:
    """Return what a vehicle will likely do; None where too few stays are known to tell.

    Args:
        stays: Past ones at its station.
        came: When it was plugged in.
        timezone: In which weekdays and hours are read.
        now: The moment.
        drew_wh: What it has drawn. [Wh]
        coverage: What its plan says that waiting is worth; None: there is no plan. [0…1]
    """
    if len(stays) < ENOUGH:
        return None
    habit = _habit(_Same(stays), came, timezone)
    more_wh = habit.took_wh[bisect_right(habit.took_wh, drew_wh) :]
    missing_wh = max(LEAST_WH, _quantile(more_wh, MOST_TOOK) - drew_wh) if more_wh else LEAST_WH
    to_come = habit.departures[bisect_right(habit.departures, now) :]
    if not to_come:
        return Usual(missing_wh, None, now, None)
    worth = UNPLANNED if coverage is None else coverage
    early = now if worth < WORTHLESS else _quantile(to_come, worth / (1.0 + worth))
    return Usual(missing_wh, _quantile(to_come, LIKELY), early, to_come[0])


@lru_cache(maxsize=64)
def _habit(same: _Same, came: Instant, timezone: str) -> _Habit:
    """Return when stays like this one would end, and what they took; sorted."""
    zone, stays = ZoneInfo(timezone), same.stays
    around = [stay for stay in stays if _apart_h(stay, came, zone) <= ALIKE_H]
    alike = [stay for stay in around if _weekend(stay.plugged_at, zone) == _weekend(came, zone)]
    counted = next((some for some in (alike, around) if len(some) >= ENOUGH), stays)
    full = [stay.drew_wh for stay in counted if stay.full]
    return _Habit(
        tuple(sorted(_departure(stay, came) for stay in counted)),
        tuple(sorted(full if len(full) >= ENOUGH else [stay.drew_wh for stay in counted])),
    )


def _departure(stay: Stayed, came: Instant) -> Instant:
    """Return when a vehicle that came then would leave if it did as that one."""
    lasted_s = stay.unplugged_at - stay.plugged_at
    if lasted_s < SHORT_S:
        return came + lasted_s
    return stay.unplugged_at + round((came - stay.plugged_at) / DAY_S) * DAY_S


def _apart_h(stay: Stayed, came: Instant, zone: ZoneInfo) -> float:
    then, now = datetime.fromtimestamp(stay.plugged_at, zone), datetime.fromtimestamp(came, zone)
    apart_h = abs((then.hour - now.hour) + (then.minute - now.minute) / 60.0)
    return min(apart_h, 24.0 - apart_h)


def _weekend(t: Instant, zone: ZoneInfo) -> bool:
    return datetime.fromtimestamp(t, zone).weekday() >= SATURDAY


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the sorted ones does not exceed, between two of them in proportion."""
    place = share * (len(values) - 1)
    k = int(place)
    return values[k] + (place - k) * (values[min(k + 1, len(values) - 1)] - values[k])


def stayed(before: StationState | None, after: StationState) -> Stayed | None:
    """Return the stay that ended between two looks at a station; None: none did, or it was none worth the name."""
    if before is None or before.plugged_at is None or after.unplugged_at == before.unplugged_at:
        return None
    if after.unplugged_at < before.plugged_at + STAY_S:
        return None
    return Stayed(
        plugged_at=before.plugged_at,
        unplugged_at=after.unplugged_at,
        drew_wh=before.session.drew_wh,
        drew_w=before.drew_w,
        takes_w=before.takes_w,
        full=before.session.state == "satisfied",
        slept=before.session.attempts > 0 and before.session.state not in _STILL_ASLEEP,
    )


def most_w(berth: Berth, station_w: float) -> float:
    """Return what its vehicle draws at most: as it was seen to, as others before it, else what the station gives.

    What settled below its limit tells that only until more is drawn: by the same vehicle, or by others than it.
    """
    memory = berth.memory
    if memory.takes_w is not None:
        return min(station_w, memory.takes_w)
    takes_w, drew_w, _ = _drew(_Same(berth.stays))
    more = max(drew_w, memory.drew_w) > takes_w * MORE
    return station_w if more or not takes_w else min(station_w, takes_w)


def slept(berth: Berth) -> bool:
    """Tell whether its vehicle had to be woken, or others before it."""
    return berth.session.attempts > 0 or _drew(_Same(berth.stays)).slept


@lru_cache(maxsize=64)
def _drew(same: _Same) -> _Drew:
    stays = same.stays
    return _Drew(
        max([stay.takes_w or 0.0 for stay in stays], default=0.0),
        max([stay.drew_w for stay in stays], default=0.0),
        any(stay.slept for stay in stays),
    )
