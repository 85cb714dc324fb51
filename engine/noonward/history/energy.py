"""Energy and money of days, weeks, months and years, as they are on the wall calendar of the site."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from noonward.history import rollup
from noonward.history.calendar import DAYS
from noonward.history.channels import scale, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from noonward.core.model import Instant
    from noonward.history.calendar import Calendar
    from noonward.history.rows import Rows


class By(StrEnum):
    """Length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


MINUTES_A_HOUR = 60.0
_FIRST: Mapping[By, Callable[[date], date]] = {
    By.DAY: lambda day: day,
    By.WEEK: lambda day: day - timedelta(days=day.weekday()),
    By.MONTH: lambda day: day.replace(day=1),
    By.YEAR: lambda day: day.replace(month=1, day=1),
}
_LONGEST_DAYS: Mapping[By, int] = {By.DAY: 1, By.WEEK: 7, By.MONTH: 31, By.YEAR: 366}


class Period(NamedTuple):
    """What one period held.

    Attributes:
        start: Its first midnight.
        end: The midnight after it.
        totals: Channel to the sum of value times hours: Wh of a power, h of a share, money of a money.
        known_h: Channel to how many hours that covers. [h]
    """

    start: Instant
    end: Instant
    totals: dict[str, float]
    known_h: dict[str, float]

    def kwh(self, channel: str) -> float | None:
        """Return a power's energy, None where nothing is known of it. [kWh]"""
        total = self.totals.get(channel)
        return None if total is None else total / 1000.0

    def names(self, kind: str) -> list[str]:
        """Return whose channels of a kind have anything to tell in this period."""
        return sorted(name for of, name in map(split, self.totals) if of == kind and name)


def periods(
    rows: Rows, calendar: Calendar, by: By, lo: Instant, hi: Instant, channels: Iterable[str] | None = None
) -> list[Period]:
    """Return every period that holds anything of [lo, hi), whole; of these channels, or of all."""
    spans = list(_spans(calendar, by, lo, hi))
    if not spans:
        return []
    first, last = spans[0][0].toordinal(), spans[-1][1].toordinal()
    columns = rollup.get(rows, calendar, DAYS, first, last, rows.channels() if channels is None else channels)
    out = []
    for begin, end in spans:
        a, b = begin.toordinal() - first, end.toordinal() - first
        cells = {name: (sum(sums[a:b]), sum(counts[a:b])) for name, (sums, counts) in columns.items()}
        out.append(
            Period(
                start=calendar.midnight(begin),
                end=calendar.midnight(end),
                totals={name: total * scale(name) / MINUTES_A_HOUR for name, (total, count) in cells.items() if count},
                known_h={name: count / MINUTES_A_HOUR for name, (_, count) in cells.items() if count},
            )
        )
    return out


def _spans(calendar: Calendar, by: By, lo: Instant, hi: Instant) -> Iterator[tuple[date, date]]:
    begin = _FIRST[by](calendar.day(lo))
    while calendar.midnight(begin) < hi:
        end = _FIRST[by](begin + timedelta(days=_LONGEST_DAYS[by]))
        yield begin, end
        begin = end
