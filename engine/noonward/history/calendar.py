"""Grains of history, from minutes to local days, and the numbers that rows of each have."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from noonward.core.model import Instant


class Grain(NamedTuple):
    """Rows of one length.

    Attributes:
        name: Of its table.
        step_s: Length of a row; that of a day only nominally. [s]
        rows: So many are kept in one block.
    """

    name: str
    step_s: int
    rows: int


MINUTES = Grain("minutes", 60, 60)
QUARTERS = Grain("quarters", 900, 96)
HOURS = Grain("hours", 3600, 168)
DAYS = Grain("days", 86_400, 366)
GRAINS = (MINUTES, QUARTERS, HOURS, DAYS)

FINER = {QUARTERS: MINUTES, HOURS: QUARTERS, DAYS: QUARTERS}
"""What a grain is added up from. In some time zones a day begins at a quarter to, so it is not made of hours."""


class Calendar:
    """Numbers of rows: of a local day its ordinal, of the others counted from 1970-01-01 00:00 UTC."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        self._zone = ZoneInfo(timezone)

    def number(self, grain: Grain, t: Instant) -> int:
        """Return the number of the row that holds an instant."""
        return self.day(t).toordinal() if grain is DAYS else int(t // grain.step_s)

    def start(self, grain: Grain, number: int) -> Instant:
        """Return when a row begins."""
        return self.midnight(date.fromordinal(number)) if grain is DAYS else float(number * grain.step_s)

    def reach(self, grain: Grain, lo: Instant, hi: Instant) -> tuple[int, int]:
        """Return the first row that holds anything of [lo, hi), and the one after the last."""
        first, last = self.number(grain, lo), self.number(grain, hi)
        return first, last + (self.start(grain, last) < hi)

    def day(self, t: Instant) -> date:
        """Return the local day."""
        return datetime.fromtimestamp(t, self._zone).date()

    def midnight(self, day: date) -> Instant:
        """Return when a local day begins; where it has no midnight, at its first instant."""
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp()
