"""What stations may still be drawing: no increase is granted from amperes that are not known to be free.

A station holds what it was granted until it took something lower *and* its meter shows it. Nothing else counts as
proof: stations accept limits and ignore them. So a lower limit goes out at once, a higher one only while everything
outstanding, this increase included, fits into the limits in force at that moment. Outstanding is

* of a station that answers: the highest limit since the last one that was proven;
* of one that is away, or whose dead-man window has run out: that or its safe limit, whichever is more; of one that is
  away and whose window has run out, its safe limit;
* of one that rebooted: the most it can draw, until a limit sent since then is proven;
* of one that does not follow: what its meter shows, or the most it can draw while the meter is old.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from noonward.core.records import replace
from noonward.core.units import MIN_CURRENT_A, round_down_a

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.stations import StationId
    from noonward.core.words import Instant

FOLLOW_S = 5.0
"""A vehicle follows a lower limit within this time (IEC 61851-1, A.5.3); a sample taken later proves it. [s]"""

JUDGE_S = 10.0
"""A sample taken this much after a limit was accepted counts against a station that exceeds it. [s]"""

TOLERANCE_A = 0.5
"""A vehicle at 6.1 A on a limit of 6 A follows it. [A]"""

MISSES = 3
"""So many samples in a row above the limit, and a station is not believed any more."""

ANSWER_S = 10.0
"""A limit that was not accepted by then is sent again. [s]"""

WRITE_S = 30.0
"""Least time between an increase and the limit before it: a profile may be a write to flash. [s]"""

METER_OLD_S = 60.0
"""A sample older than this says nothing of a station that does not follow. [s]"""

_SLACK = 1e-6
_NONE: Mapping[StationId, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one station was granted and may hold.

    Attributes:
        max_a: Most that the station can draw, whatever it is told. [A]
        safe_a: What it falls back to by itself. [A]
        offline_a: What it may fall to once its link is lost, where that is something else. [A]
        window_s: How long a limit stands before it does. [s]
        granted_a: The newest limit sent; None where none was sent since it started. [A]
        sent_at: When.
        accepted_at: When the station accepted just that limit; None while it has not.
        until: When the window of the newest limit that it accepted ends; None where it accepted none since it started.
        holds_a: Highest limit that it may follow. [A]
        online: Whether it is connected.
        misses: Samples in a row above its limit.
        drawn_a: By its newest sample. [A]
        drawn_at: When that was measured.
    """

    max_a: float = 32.0
    safe_a: float = MIN_CURRENT_A
    offline_a: float | None = None
    window_s: float = 600.0
    granted_a: float | None = None
    sent_at: Instant = 0.0
    accepted_at: Instant | None = None
    until: Instant | None = None
    holds_a: float = 0.0
    online: bool = True
    misses: int = 0
    drawn_a: float = 0.0
    drawn_at: Instant = 0.0

    @property
    def told_a(self) -> float:
        """What it goes by: the newest limit, or what it holds where it was told nothing since it started. [A]."""
        return self.holds_a if self.granted_a is None else self.granted_a

    @property
    def left_alone_a(self) -> float:
        """What it may draw once its link is lost and its window over. [A]."""
        return self.safe_a if self.offline_a is None else self.offline_a

    def disbelieved(self) -> bool:
        """Tell whether it has exceeded its limit too often to be taken at its word."""
        return self.misses >= MISSES

    def outstanding_a(self, now: Instant) -> float:
        """Return the most that it may draw now, as far as anyone can know. [A]."""
        if self.disbelieved():
            metered = self.drawn_a if now < self.drawn_at + METER_OLD_S else self.max_a
            return max(metered, self.holds_a)
        if self.lapsed(now):
            return self.left_alone_a
        if not self.online:
            return max(self.holds_a, self.left_alone_a)
        return max(self.holds_a, self.safe_a) if self.fallen(now) else self.holds_a

    def lapsed(self, now: Instant) -> bool:
        """Tell whether it is away and every window that it may have is over."""
        return self.until is not None and not self.online and now >= self.sent_at + self.window_s

    def fallen(self, now: Instant) -> bool:
        """Tell whether it may be at its safe limit by now: a newer limit may never have arrived."""
        return self.until is not None and now >= self.until


def sent(p: Promise, limit_a: float, now: Instant) -> Promise:
    """Note that a limit goes out: whether it arrives is not known, so the highest of all is held."""
    holds = max(p.holds_a, limit_a, p.safe_a if p.fallen(now) else 0.0)
    return replace(p, granted_a=limit_a, sent_at=now, accepted_at=None, holds_a=holds)


def accepted(p: Promise, sent_at: Instant, now: Instant) -> Promise:
    """Note that the station accepted the limit that went out then; a late answer to an older one proves nothing."""
    if p.granted_a is None or p.sent_at != sent_at or p.accepted_at is not None:
        return p
    return replace(p, accepted_at=now, until=sent_at + p.window_s)


def metered(p: Promise, drawn_a: float, at: Instant) -> Promise:
    """Note a sample by the time it was taken (corrected by how wrong the station's clock is); an older one is dropped.

    What a station draws it may hold, whoever told it.
    """
    if at <= p.drawn_at:
        return p
    holds, misses = drawn_a if drawn_a > p.holds_a + TOLERANCE_A else p.holds_a, p.misses
    if p.granted_a is not None and p.accepted_at is not None and at >= p.accepted_at + FOLLOW_S:
        if drawn_a <= p.granted_a + TOLERANCE_A:
            holds, misses = p.granted_a, 0
        elif at >= p.accepted_at + JUDGE_S:
            misses += 1
    return replace(p, drawn_a=drawn_a, drawn_at=at, holds_a=holds, misses=misses)


def rebooted(p: Promise) -> Promise:
    """Note that the station has started anew: what it was told may be gone, and no profile at all is full power."""
    return replace(p, granted_a=None, accepted_at=None, until=None, holds_a=p.max_a)


def unplugged(p: Promise) -> Promise:
    """Note that no vehicle is connected: nothing is drawn, and the next one begins at the safe limit at most."""
    return replace(p, granted_a=None, accepted_at=None, until=None, holds_a=0.0, misses=0)


def plugged(p: Promise) -> Promise:
    """Note that a vehicle was connected; until it is told otherwise it may draw the safe limit."""
    return replace(p, holds_a=max(p.holds_a, p.safe_a))


def connected(p: Promise, now: Instant, *, online: bool) -> Promise:
    """Note that the station came or went. What it was told stands until its window is over, then its safe limit."""
    if p.online == online:
        return p
    if online and p.lapsed(now):
        return replace(p, online=True, granted_a=None, accepted_at=None, until=None, holds_a=p.left_alone_a)
    return replace(p, online=online)


def silent(p: Promise, limit_a: float, now: Instant) -> bool:
    """Tell whether there is nothing to tell a station: it is away, or goes by this limit and not for too long yet."""
    if not p.online:
        return True
    return limit_a == p.granted_a and now < _due_at(p)


def limits_to_send(
    promises: Mapping[StationId, Promise],
    wanted_a: Mapping[StationId, float],
    weights: Mapping[StationId, Sequence[float]],
    limits: Sequence[float],
    now: Instant,
    least_a: Mapping[StationId, float] = _NONE,
    step_a: float = 1.0,
) -> dict[StationId, float]:
    """Return the limits that may go out now: every decrease, and increases as far as free amperes are known to be.

    Args:
        promises: Of every station of the zone.
        wanted_a: What sharing gave each; a station that is missing is paused. [A]
        weights: Per station, what one ampere uses of each limit (watts, and 1 on each phase that it loads).
        limits: In force now, in the same order.
        now: The moment.
        least_a: Least that the vehicle of a station may be offered, default 6 A; one that does not modulate: all. [A]
        step_a: Increases that only partly fit are cut to a multiple of this, or not made where that is too little. [A]

    Returns:
        Decreases first, in the order of names; a limit that was not accepted in time, or whose window is half over, is
        among them again.
    """
    free = list(limits)
    for station, p in promises.items():
        use(free, weights[station], p.outstanding_a(now))
    out, up = {}, {}
    for station in sorted(promises):
        p, limit = promises[station], wanted_a.get(station, 0.0)
        if not p.online:
            continue
        word = _free_of_cost(p, limit, now, step_a, least_a.get(station, MIN_CURRENT_A))
        if word is not None:
            out[station] = word
        if limit > p.told_a + _SLACK and not p.disbelieved() and (p.granted_a is None or now >= p.sent_at + WRITE_S):
            up[station] = limit
    for station, limit in up.items():
        p = promises[station]
        if any(left < -_SLACK for left in free):
            break
        held = p.outstanding_a(now)
        room = min((left / w for left, w in zip(free, weights[station], strict=True) if w), default=limit)
        given = limit if limit <= held + room + _SLACK else round_down_a(held + room, step_a)
        if given >= least_a.get(station, MIN_CURRENT_A) and given > p.told_a + _SLACK:
            out.pop(station, None)
            out[station] = given
            use(free, weights[station], max(0.0, given - held))
    return out


def _free_of_cost(p: Promise, limit_a: float, now: Instant, step_a: float, least_a: float) -> float | None:
    """Return what to tell a station that uses up nothing: a decrease, a renewal, the first word; None: nothing."""
    if limit_a < p.told_a - _SLACK:
        return limit_a
    if p.granted_a is None:
        known = round_down_a(p.told_a, step_a)
        return known if known >= least_a else 0.0 if p.told_a else None
    return p.granted_a if now >= _due_at(p) else None


def _due_at(p: Promise) -> Instant:
    """Return when the newest limit is sent again."""
    return p.sent_at + (ANSWER_S if p.accepted_at is None else p.window_s / 2)


def use(free: list[float], weights: Sequence[float], amperes: float) -> None:
    """Take what so many amperes use up from what is free of each limit."""
    for k, weight in enumerate(weights):
        free[k] -= weight * amperes
