"""How far a station's clock is wrong, learnt from what it measures, so that a backlog is told from a slow clock.

A station hands in what it measured while it was away, with the time of then; and there are stations whose clock is
hours wrong. Both look old. What tells them apart is that a backlog comes at once and gets younger with every sample,
while a slow clock stays as slow as it is. So nothing is believed on one sample: the error changes once several in a
row, some time apart, were late by the same amount.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from noonward.core.model import Instant

LIVE_S: Final = 30.0
"""What was measured longer ago is a backlog, for counting and not for control. [s]"""

EARLY_S: Final = 10.0
"""No station measures in the future; so much passes for rounding. [s]"""

TOLERATED_S: Final = 10.0
"""A smaller error is left alone: the network and the station take their time too. [s]"""

STEADY_S: Final = 3.0
"""Samples that are late by the same amount agree to this. [s]"""

SAMPLES: Final = 3
SPAN_S: Final = 15.0
"""How many must agree, and over how long at least. [s]"""


class StationClock:
    """The clock of one station.

    Attributes:
        error_s: How far it is ahead of the gateway's; 0 until something else is shown. [s]
    """

    def __init__(self, error_s: float = 0.0) -> None:
        self.error_s = error_s
        self._agreed: list[tuple[Instant, float]] = []

    def measured(self, written: Instant | None, now: Instant) -> Instant | None:
        """Return when a sample was measured by our clock; None where it is a backlog, or nobody knows yet.

        Args:
            written: Its timestamp; None, an unreadable one, is now.
            now: When it arrived.
        """
        if written is None:
            return now
        ahead_s = written - now
        if self._fits(ahead_s):
            self._agreed.clear()
        else:
            self._watch(now, ahead_s)
        return min(written - self.error_s, now) if self._fits(ahead_s) else None

    def live(self, written: Instant | None, now: Instant) -> bool:
        """Tell whether something can just have happened, by the error that is believed in."""
        return written is None or self._fits(written - now)

    def at(self, written: Instant | None, now: Instant) -> Instant:
        """Return when something happened by our clock, never later than now."""
        return now if written is None else min(written - self.error_s, now)

    def _fits(self, ahead_s: float) -> bool:
        """Tell whether a sample can just have been measured, by the error that is believed in."""
        return -LIVE_S <= ahead_s - self.error_s <= EARLY_S

    def _watch(self, now: Instant, ahead_s: float) -> None:
        self._agreed = [(at, other) for at, other in self._agreed if abs(other - ahead_s) <= STEADY_S]
        self._agreed.append((now, ahead_s))
        if len(self._agreed) >= SAMPLES and now - self._agreed[0][0] >= SPAN_S:
            self._believe(ahead_s)

    def _believe(self, ahead_s: float) -> None:
        self.error_s = ahead_s if abs(ahead_s) > TOLERATED_S else 0.0
        self._agreed.clear()
