"""What a site remembers of its own days: production, and load beside the controlled loads, in quarters of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.core.words import Instant

SLOT_S = 900.0
"""A slot: a quarter of an hour. Slots are numbered from 1970-01-01 00:00 UTC. [s]"""

SLOTS = 96
"""Slots of a day."""

DAYS = 14
"""Days that are remembered, …"""

KEPT = (DAYS + 1) * SLOTS
"""… and slots, at most: of those days and of today."""

NEIGHBOUR = 0.9
"""Of the best in a neighbouring slot, a clear sky brings at least this share."""

GAP_S = 3600.0
"""Between two readings further apart than this nothing is known. [s]"""


class Running(NamedTuple):
    """The slot that is not over yet.

    Attributes:
        slot: Its number.
        at: Up to when it is counted.
        pv_ws: Counted of production. [W s]
        load_ws: Counted of load. [W s]
        known_s: Of how much time that is. [s]
    """

    slot: int
    at: Instant
    pv_ws: float = 0.0
    load_ws: float = 0.0
    known_s: float = 0.0


_NEVER = Running(0, -inf)
"""Nothing was counted yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The last days of a site.

    Attributes:
        end: Number of the slot after the last one remembered.
        pv_w: Mean production in each slot, oldest first; None: not known. The oldest are forgotten with a new day. [W]
        load_w: Mean load beside the controlled loads; negative where something unknown feeds in. [W]
        clear_w: What each slot of a day (from 00:00 UTC) brought at best in the days remembered, neighbours considered:
            the site's own clear sky, shadows and all. Renewed once a day; empty before the first. [W]
        running: The slot that is not over yet.
    """

    end: int = 0
    pv_w: tuple[float | None, ...] = ()
    load_w: tuple[float | None, ...] = ()
    clear_w: tuple[float, ...] = ()
    running: Running | None = None

    @property
    def days(self) -> float:
        """How many of the last days are known."""
        return sum(w is not None for w in self.pv_w[-DAYS * SLOTS :]) / SLOTS


class Lately(NamedTuple):
    """What the sun left lately beside the uncontrolled load, against what it leaves now: the last quarter of an hour.

    Attributes:
        before_w: In the last slot, more than now. [W]
        since_w: Since then, more than now. [W]
        passed: How much of a slot that is.
        counts: Weight of all this in what is compared.
    """

    before_w: float = 0.0
    since_w: float = 0.0
    passed: float = 0.0
    counts: float = 1.0

    def more_w(self) -> float:
        """Return what the mean of the last quarter of an hour adds to what is left now. [W]."""
        return self.counts * (self.before_w * (1.0 - self.passed) + self.since_w * self.passed)

    def range_w(self) -> tuple[float, ...]:
        """Return between what that mean lies, however much of the slot passes. [W]."""
        return (self.before_w, self.since_w) if self.passed else (self.before_w,)


def lately(past: Past, left_w: float, counts: float = 1.0) -> Lately:
    """Return what the sun left lately, where that is known.

    Args:
        past: The last reading counted.
        left_w: What it leaves now. [W]
        counts: Weight of what it left before.
    """
    running = past.running
    if running is None or not past.pv_w or past.pv_w[-1] is None or past.load_w[-1] is None or running.slot != past.end:
        return Lately(counts=counts)
    before_w = past.pv_w[-1] - past.load_w[-1] - left_w
    if not running.known_s:
        return Lately(before_w, counts=counts)
    since_w = (running.pv_ws - running.load_ws) / running.known_s - left_w
    return Lately(before_w, since_w, min(1.0, running.known_s / SLOT_S), counts)


def count(past: Past, at: Instant, pv_w: float, load_w: float) -> Past:
    """Count a reading: it stands for the time since the one before.

    Args:
        past: So far.
        at: When it was measured; one that is not newer than the last changes nothing.
        pv_w: Production. [W]
        load_w: Load beside the controlled loads. [W]
    """
    if past.running is not None:
        slot, t, pv_ws, load_ws, known_s = past.running
        dt_s = at - t
        if 0.0 < dt_s <= GAP_S and at < (slot + 1) * SLOT_S:
            running = Running(slot, at, pv_ws + pv_w * dt_s, load_ws + load_w * dt_s, known_s + dt_s)
            return replace(past, running=running)
    return count_all(past, ((at, pv_w, load_w),))


def count_all(past: Past, readings: Iterable[tuple[Instant, float, float]]) -> Past:
    """Count one reading after the other, to the digit as :func:`count` does; quicker, since sums are kept in between.

    Args:
        past: So far.
        readings: Of each its instant, production and load. [W]
    """
    slot, t, pv_ws, load_ws, known_s = past.running or _NEVER
    ends = (slot + 1) * SLOT_S
    over: list[tuple[float | None, float | None]] = []
    for at, pv_w, load_w in readings:
        dt_s = at - t
        if at < ends and 0.0 < dt_s <= GAP_S:
            t, pv_ws, load_ws, known_s = at, pv_ws + pv_w * dt_s, load_ws + load_w * dt_s, known_s + dt_s
            continue
        if dt_s > DAYS * SLOTS * SLOT_S:
            slot, t, pv_ws, load_ws, known_s = Running(int(at // SLOT_S), at)
            past, over, ends = Past(end=slot), [], (slot + 1) * SLOT_S
            continue
        while t < at:
            stop = min(at, ends)
            if dt_s <= GAP_S:
                pv_ws, load_ws, known_s = pv_ws + pv_w * (stop - t), load_ws + load_w * (stop - t), known_s + stop - t
            t = stop
            if t >= ends:
                enough = known_s >= SLOT_S / 2
                over.append((pv_ws / known_s, load_ws / known_s) if enough else (None, None))
                slot, pv_ws, load_ws, known_s = slot + 1, 0.0, 0.0, 0.0
                ends = (slot + 1) * SLOT_S
        if over and (not past.clear_w or past.end // SLOTS != slot // SLOTS):
            past, over = _renewed(_ended(past, over, slot)), []
    if over:
        past = _ended(past, over, slot)
    running = Running(slot, t, pv_ws, load_ws, known_s)
    return past if running in (past.running, _NEVER) else replace(past, running=running)


def _ended(past: Past, over: Sequence[tuple[float | None, float | None]], end: int) -> Past:
    """Return the past with more slots that are over, the last of them before slot ``end``."""
    pv_w, load_w = zip(*over, strict=True)
    return replace(past, end=end, pv_w=past.pv_w + pv_w, load_w=past.load_w + load_w)


def _renewed(past: Past) -> Past:
    """Return the past on a new day: with what the clear sky brings by now, and without what is too old."""
    if len(past.pv_w) < SLOTS:
        return past
    pv_w, load_w = past.pv_w[-DAYS * SLOTS :], past.load_w[-DAYS * SLOTS :]
    return replace(past, pv_w=pv_w, load_w=load_w, clear_w=_clear_w(pv_w, past.end))


def renewed_at(past: Past) -> Instant:
    """Return when the clear sky is next made anew: with the next day."""
    return (past.end // SLOTS + 1) * SLOTS * SLOT_S


def _clear_w(pv_w: tuple[float | None, ...], end: int) -> tuple[float, ...]:
    """Return the best of each slot of a day; a slot that was never clear is not far below its neighbours. [W]."""
    best = [0.0] * SLOTS
    first = end - len(pv_w)
    for k in range(SLOTS):
        seen = [w for w in pv_w[(k - first) % SLOTS :: SLOTS] if w is not None]
        best[k] = max(seen, default=0.0)
    return tuple(max(1.0, w, NEIGHBOUR * best[k - 1], NEIGHBOUR * best[(k + 1) % SLOTS]) for k, w in enumerate(best))
