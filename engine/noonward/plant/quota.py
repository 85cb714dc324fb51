"""A need for energy: so much in every period, before a deadline, and how it is met is all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from noonward.core.model import Instant

NextEdge: TypeAlias = Callable[[Instant], Instant | None]
"""The first edge after an instant; None where there is none any more."""

_NEVER = float("inf")
_DUST_WH = 1e-9
"""What rounding leaves of a need that is met. [Wh]"""


def midnights(timezone: str) -> Callable[[Instant], Instant]:
    """Return the function "next local midnight after", for periods of a day.

    A day is 23 or 25 hours long where the clock changes; a midnight that the spring gap swallows is its first instant.

    Args:
        timezone: IANA name.
    """
    return partial(_next_midnight, ZoneInfo(timezone))


def _next_midnight(zone: ZoneInfo, t: Instant) -> Instant:
    tomorrow = datetime.fromtimestamp(t, zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).timestamp()


class Quota:
    """Needs ``energy_wh`` in each period; while on it draws its nominal power until that is met, then nothing.

    In a step that would overshoot it draws what is left as constant power over the whole step. What is missing at the
    deadline is *unmet*, once; it may still be drawn until the period ends.

    A step must not run across the end of a period or a deadline: cut it at :attr:`edge`.

    Attributes:
        energy_wh: The need of one period. [Wh]
        missing_wh: What is still to be drawn in this period. [Wh]
        unmet_wh: Sum of what was missing at the deadlines that have passed. [Wh]
        by: The present period's deadline, None once it has passed or where the period has none.
        edge: Next instant at which the plant changes by time alone: a deadline or the end of the period.
    """

    __slots__ = ("_ends", "_next_by", "_next_period", "by", "edge", "energy_wh", "missing_wh", "unmet_wh")

    by: Instant | None
    edge: Instant
    missing_wh: float

    def __init__(self, *, energy_wh: float, t: Instant, next_period: NextEdge, next_by: NextEdge | None = None) -> None:
        """Begin a period at ``t`` (the rest of one, if ``t`` is not where one begins; its need is whole all the same).

        Args:
            energy_wh: Need of each period, above 0. [Wh]
            t: Where the story begins.
            next_period: The first instant after a given one at which a period begins, :func:`midnights` for days.
            next_by: The first deadline after a given instant; None: what is missing when the period ends is unmet.
        """
        if not energy_wh > 0:
            raise ValueError(f"a quota needs an energy above 0 Wh, not {energy_wh}")
        self.energy_wh = energy_wh
        self.unmet_wh = 0.0
        self._next_period = next_period
        self._next_by = next_by
        self._begin(t)

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return nominal power while something is missing, the rest spread over the step that completes it. [W]"""
        if t >= self.edge:
            self._turn(t)
        if on_power_w <= 0.0:
            return 0.0
        most_w = self.missing_wh * 3600.0 / dt_s
        return on_power_w if on_power_w < most_w else most_w  # min() costs twice the time

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Book what was drawn in [t, t + dt_s)."""
        if t >= self.edge:
            self._turn(t)
        if power_w:
            missing_wh = self.missing_wh - power_w * dt_s / 3600.0
            self.missing_wh = missing_wh if missing_wh > _DUST_WH else 0.0

    def settle(self, t: Instant) -> None:
        """Let every deadline and period end up to and including ``t`` pass, for the end of a story."""
        if t >= self.edge:
            self._turn(t)

    def _begin(self, t: Instant) -> None:
        end = self._next_period(t)
        self._ends = _NEVER if end is None else end
        self.missing_wh = self.energy_wh
        by = self._next_by(t) if self._next_by else end
        self.by = by if by is not None and by <= self._ends else None
        self.edge = self._ends if self.by is None else self.by

    def _turn(self, t: Instant) -> None:
        while t >= self.edge:
            if self.by is not None:
                self.unmet_wh += self.missing_wh
                self.by = None
                self.edge = self._ends
            else:
                self._begin(self._ends)
