"""Asking for meter values where none come: a control loop that sees nothing has to assume the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp.facade import Trigger
from noonward_drivers.ocpp.faults import Disconnected, TimedOut

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant
    from noonward.ports import Clock
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

INTERVAL_S: Final = 10
"""How often a station is asked to measure, unless its model is known to do it at other times. [s]"""

MISSED: Final = 3
"""So many intervals without a sample, and it is asked."""


def interval_s(profile: StationProfile) -> int:
    """Return how often a station measures. [s]."""
    return profile.meter_interval_s or INTERVAL_S


class Poller:
    """The watchdog of one connector's meter.

    Attributes:
        heard_at: When the newest sample came; None before the first.
    """

    def __init__(self, connector: int, profile: StationProfile, clock: Clock) -> None:
        self.heard_at: Instant | None = None
        self._connector = connector
        self._interval_s = interval_s(profile)
        self._patience_s = self._interval_s * (1 if profile.poll_meter else MISSED)
        self._never = "meter-values" in profile.never_trigger
        self._clock = clock

    async def run(self, link: Link, charging: Callable[[], bool], answer_s: float) -> None:
        """Ask whenever nothing has come for too long while ``charging``; ends when it is no use.

        Args:
            link: To the station.
            charging: Whether there is something to measure.
            answer_s: How long it may take to answer. [s]
        """
        since = self._clock.monotonic()
        while not self._never:
            await self._clock.sleep(self._interval_s)
            if not charging():
                since = self._clock.monotonic()
                continue
            heard = since if self.heard_at is None else max(since, self.heard_at)
            if self._clock.monotonic() - heard < self._patience_s:
                continue
            try:
                await link.do(Trigger(topic="meter-values", connector=self._connector), answer_s)
            except (Rejected, Unsupported, Disconnected, TimedOut):
                return
            except DriverError:
                continue

    def heard(self) -> None:
        """Note that a sample came."""
        self.heard_at = self._clock.monotonic()
