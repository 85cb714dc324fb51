"""What a policy must have by when, again and again (``need:``): so much energy in each period, before a deadline."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from math import inf
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from noonward.core.timers import DAY_S, fires

if TYPE_CHECKING:
    from noonward.core.timers import Cron
    from noonward.core.words import Instant

AHEAD_S = 8 * DAY_S
"""Deadlines and periods are expanded in blocks of so long, … [s]"""

AROUND_S = 400 * DAY_S
"""… and looked for so far around, since they may be a season apart. [s]"""

KEEP = 256
"""Deadlines remembered per object; more are forgotten all at once."""


class Term(NamedTuple):
    """One period of a need.

    Attributes:
        start: When it begins; its need is then whole again.
        by: Its deadline; None: it has none, or nobody knows yet.
        end: When the next one begins.
    """

    start: Instant
    by: Instant | None
    end: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a policy must have by when.

    Of an appliance a period lasts from local midnight to midnight unless ``period`` says otherwise. Of a zone it is the
    stay of a vehicle: from its plug-in to the first ``by`` after it.

    Attributes:
        energy_wh: To be drawn in each period; None: what the driver says. [Wh]
        by: Deadlines; None: the end of the period, and of a zone what the driver says.
        period: When periods begin; None: at local midnight.
        from_user: Of a zone: what its driver says goes first.
        timezone: IANA name, in which all of these are read.
        terms: Periods, remembered by :meth:`term`.
        last: The period that was asked for last.
        deadlines: Remembered by :meth:`deadline`.
    """

    energy_wh: float | None = None
    by: Cron | None = None
    period: Cron | None = None
    from_user: bool = False
    timezone: str = "UTC"
    terms: dict[int, tuple[Term, ...]] = field(default_factory=dict, compare=False, repr=False)
    last: list[Term] = field(default_factory=list, compare=False, repr=False)
    deadlines: dict[Instant, Instant | None] = field(default_factory=dict, compare=False, repr=False)

    def term(self, t: Instant) -> Term:
        """Return the period that holds ``t``."""
        for term in self.last:
            if term.start <= t < term.end:
                return term
        block = int(t // AHEAD_S)
        found = self.terms.get(block)
        if found is None:
            self.terms.clear()
            found = self.terms[block] = self._expand(block * AHEAD_S, (block + 1) * AHEAD_S)
        self.last[:] = [found[bisect_right(found, t, key=lambda term: term.start) - 1]]
        return self.last[0]

    def deadline(self, t: Instant) -> Instant | None:
        """Return the first deadline after ``t``; None where there is none within a year."""
        if t not in self.deadlines:
            if len(self.deadlines) >= KEEP:
                self.deadlines.clear()
            self.deadlines[t] = self._deadline(t)
        return self.deadlines[t]

    def _deadline(self, t: Instant) -> Instant | None:
        if self.by is None:
            return None
        zone = ZoneInfo(self.timezone)
        for far_s in (AHEAD_S, AROUND_S):
            for at in fires(self.by, zone, t, t + far_s):
                if at > t:
                    return at
        return None

    def _expand(self, lo: Instant, hi: Instant) -> tuple[Term, ...]:
        starts = self._starts(lo, hi)
        terms = []
        for start, end in zip(starts, [*starts[1:], inf], strict=True):
            by = end if self.by is None else self.deadline(start)
            terms.append(Term(start, by if by is not None and by <= end and by < inf else None, end))
        return tuple(terms)

    def _starts(self, lo: Instant, hi: Instant) -> list[Instant]:
        """Return when periods begin: the last before ``lo``, all within, the first from ``hi`` on."""
        zone = ZoneInfo(self.timezone)
        if self.period is None:
            day = datetime.fromtimestamp(lo, zone).date()
            found: list[Instant] = []
            while not found or found[-1] < hi:
                found.append(datetime.combine(day, time(), zone).timestamp())
                day += timedelta(days=1)
            return found
        before = fires(self.period, zone, lo - AROUND_S, lo + 1.0)
        after = fires(self.period, zone, lo + 1.0, hi + AROUND_S)
        first = [t for t in after if t >= hi][:1]
        return [before[-1] if before else -inf, *(t for t in after if t < hi), *first]
