"""From what holds between two steps to means of minutes: exact sums of value times time.

A minute counts for a channel where at least half of it is known; the mean of what is known then stands for the whole.
So the minute in which the daemon is restarted is kept once, whoever knows more of it, and no sum is ever too high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.history.channels import scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import Instant

MINUTE_S = 60.0
ENOUGH_S = 30.0
"""So much of a minute must be known. [s]"""


class Level(NamedTuple):
    """What a channel is from now on.

    Attributes:
        value: In the channel's unit.
        until: From then on it is not known any more, whether somebody looks or not.
    """

    value: float
    until: Instant


class Minute(NamedTuple):
    """A finished minute.

    Attributes:
        number: Minutes since 1970-01-01 00:00 UTC.
        values: Mean of each channel that is known, in the whole numbers that are kept.
    """

    number: int
    values: dict[str, int]


class Sampler:
    """Adds up the minute that runs."""

    def __init__(self) -> None:
        self._levels: Mapping[str, Level] = {}
        self._at: Instant | None = None
        self._minute = 0
        self._sums: dict[str, list[float]] = {}

    def step(self, now: Instant, levels: Mapping[str, Level]) -> list[Minute]:
        """Count what held until now; from now on these levels hold. Return the minutes that are over."""
        over = [] if self._at is None else list(self._count(self._at, now))
        self._levels = levels
        if self._at is None:
            self._minute = int(now // MINUTE_S)
        if self._at is None or now > self._at:  # a clock that was set back a little stands still until it is made up
            self._at = now
        return over

    def shift(self, by_s: float) -> None:
        """Move along with a wall clock that was set: the time that passed meanwhile is that of a steady clock. [s]"""
        if self._at is not None:
            self._at += by_s
            self._levels = {name: Level(value, until + by_s) for name, (value, until) in self._levels.items()}

    def end(self) -> list[Minute]:
        """Return the minute that runs, as far as it is known; nothing holds any more."""
        over = [] if self._at is None else self._close()
        self._at, self._levels = None, {}
        return over

    def _count(self, lo: Instant, hi: Instant) -> Iterator[Minute]:
        while lo < hi:
            minute = int(lo // MINUTE_S)
            if minute != self._minute:
                yield from self._close()
                self._minute = minute
            if minute * MINUTE_S + MINUTE_S < hi and not self._sums and not self._known_after(lo):
                lo = hi // MINUTE_S * MINUTE_S  # hours in which nobody looked need no walk through their minutes
                continue
            end = min(hi, (minute + 1) * MINUTE_S)
            self._add(lo, end)
            lo = end
        if int(hi // MINUTE_S) != self._minute:
            yield from self._close()
            self._minute = int(hi // MINUTE_S)

    def _known_after(self, lo: Instant) -> bool:
        return any(level.until > lo for level in self._levels.values())

    def _add(self, lo: Instant, hi: Instant) -> None:
        sums = self._sums
        for name, (value, until) in self._levels.items():
            dt_s = (hi if hi < until else until) - lo
            if dt_s > 0.0:
                known = sums.get(name)
                if known is None:
                    sums[name] = [value * dt_s, dt_s]
                else:
                    known[0] += value * dt_s
                    known[1] += dt_s

    def _close(self) -> list[Minute]:
        sums, self._sums = self._sums, {}
        values = {
            name: round(total / known_s / scale(name)) for name, (total, known_s) in sums.items() if known_s >= ENOUGH_S
        }
        return [Minute(self._minute, values)] if values else []
