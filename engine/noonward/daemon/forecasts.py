"""What somebody else expects of the sun (``PUT /api/v1/forecast``): durable before answered, in force until it ends."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from noonward.core.timers import DAY_S
from noonward.daemon import log
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from noonward.core.model import Forecast, Instant, Site

STEP_MIN_S, STEP_MAX_S = 60.0, DAY_S / 4
"""Intervals that say something about the quarters of an hour that are planned in. [s]"""

INTERVALS_MAX = 1500
"""Two weeks of quarters of an hour, and some."""

AHEAD_S = 14 * DAY_S
"""A forecast that begins later than this is of another year. [s]"""

TIMES_PEAK = 1.5
"""More than so many times the array's peak is another array, or another unit."""

POWER_MAX_W = 10e6
"""Where no peak is declared. [W]"""


class Forecasts:
    """The one that is kept; a new one replaces it.

    Attributes:
        given: As it was given, over or not.
    """

    def __init__(self, save: Callable[[Forecast | None], Awaitable[None]]) -> None:
        self.given: Forecast | None = None
        self._save = save

    def at(self, now: Instant) -> Forecast | None:
        """Return the one in force; None where there is none, or its last interval is over."""
        return self.given if self.given is not None and now < ends(self.given) else None

    async def give(self, site: Site, forecast: Forecast, by: str) -> None:
        """Put a forecast in force, durably before this returns.

        Raises:
            UsageError: It cannot be one of this site's production.
            StateError: It is not durable, and not in force.
        """
        check(site, forecast)
        await self._save(forecast)
        self.given = forecast
        hours = forecast.step_s * len(forecast.pv_w) / 3600
        log.say("forecast", f"a forecast of {hours:g} h is in force, given by {by}", by=by, hours=hours)

    async def clear(self, by: str) -> None:
        """Go back to the site's own past; fine where there is no forecast.

        Raises:
            StateError: It is not durable, and not cleared.
        """
        if self.given is None:
            return
        await self._save(None)
        self.given = None
        log.say("forecast", f"the forecast is taken back by {by}; the site's own past counts", by=by)


def ends(forecast: Forecast) -> Instant:
    """Return the end of its last interval."""
    return forecast.start + forecast.step_s * len(forecast.pv_w)


def check(site: Site, forecast: Forecast) -> None:
    """Let pass what can be a forecast of a site's production, given now.

    Raises:
        UsageError: It cannot; what is wrong, where, and what to do.
    """
    start, step_s, powers = forecast.start, forecast.step_s, forecast.pv_w
    if not STEP_MIN_S <= step_s <= STEP_MAX_S:
        raise UsageError(f"step_s must be from {STEP_MIN_S:g} (a minute) to {STEP_MAX_S:g} (six hours), not {step_s:g}")
    if not 1 <= len(powers) <= INTERVALS_MAX:
        raise UsageError(f"a forecast has 1 to {INTERVALS_MAX} intervals, not {len(powers)}; leave out the far end")
    if not forecast.at - INTERVALS_MAX * step_s < start <= forecast.at + AHEAD_S:
        raise UsageError("a forecast begins within two weeks from now; see whether its year and its offset are right")
    if ends(forecast) <= forecast.at:
        raise UsageError("the last interval of the forecast is over already; give one that reaches into the future")
    most_w = POWER_MAX_W if site.pv_peak_w is None else TIMES_PEAK * site.pv_peak_w
    for k, power_w in enumerate(powers):
        if not (isfinite(power_w) and 0.0 <= power_w <= most_w):
            beside = "" if site.pv_peak_w is None else f", and pv.peak in site.yaml is {site.pv_peak_w:g} W"
            raise UsageError(
                f"interval {k + 1} expects {power_w:g} W: production is 0 W or more{beside}; give the mean power of "
                "the site's own array in watts"
            )
