"""From a limit that was granted to a profile that the station takes: snapped, in the right form, for a purpose.

The profile holds its own end: a second period, or the end of the schedule, after which the station falls to its safe
limit by itself (the dead-man). Which purpose and form a station takes is found once and remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp import forms
from noonward_drivers.ocpp.abilities import Abilities
from noonward_drivers.ocpp.facade import ClearLimits, Limit, SetLimit
from noonward_drivers.ocpp.forms import counted, unit
from noonward_drivers.ocpp.resting import WHERE
from noonward_drivers.ocpp.schedule import round_down

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward_drivers.ocpp.compliance import Step
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.facade import Purpose
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

PURPOSE: Final = "limit-purpose"
FORM: Final = "limit-form"

STACK_LEVEL: Final = 1
"""Of limits, where neither model nor station says more: above the default."""

CLIMB_EVERY_S: Final = 3600.0
"""A station that takes no form of limit is not asked through all of them again so soon. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A limit to be written.

    Attributes:
        limit_a: As snapped. [A]
        safe_a: What follows. [A]
        window_s: When. [s]
        phases: How many the vehicle uses; None: not known.
        transaction: It is for; None only for a start.
        since: When that began, by the station's clock.
        at: The moment of deciding, by the station's clock.
    """

    limit_a: float
    safe_a: float
    window_s: float
    phases: int | None
    transaction: str | None
    since: Instant
    at: Instant


class Writer:
    """Writes the limits of one connector.

    Attributes:
        connector: Its number.
        abilities: What the station says of itself.
        purpose: What the last limit that was taken was for; None before the first.
        writes: How many profiles were sent.
    """

    def __init__(self, connector: int, entry: StationEntry, profile: StationProfile, kept: Kept) -> None:
        self.abilities = Abilities()
        self.purpose: Purpose | None = None
        self.writes = 0
        self.connector = connector
        self._entry = entry
        self._profile = profile
        self._kept = kept
        self._climbed_at: Instant | None = None

    def snapped_a(self, limit_a: float) -> float:
        """Return a limit as the station can hold it: never above what was granted."""
        limit_a = round_down(min(limit_a, self._entry.max_a))
        if not self._profile.steps_a:
            return limit_a
        return max((step for step in self._profile.steps_a if step <= limit_a), default=0.0)

    def purposes(self) -> tuple[Purpose, ...]:
        """Return what a limit may be for, best first, the one that worked first of all.

        A limit for the whole station is none for one connector of several.
        """
        every = tuple(
            one for one in self._profile.purposes if one != "ChargePointMaxProfile" or self._entry.connectors == 1
        )
        known = self._kept.get(PURPOSE)
        return tuple(sorted(every, key=lambda one: one != known))

    def form(self) -> forms.Form:
        """Return the form that worked, or else is wanted first."""
        level = self._profile.stack_level
        if level is None:
            level = STACK_LEVEL if self.abilities.stack_max is None else self.abilities.stack_max
        return forms.read(self._kept.get(FORM)) or forms.Form(
            stack_level=level,
            unit=unit(self._profile, self.abilities),
            relative=self._profile.profile_kind == "Relative",
            one_period=self.abilities.periods_max == 1,
        )

    def counted(self, phases: int | None) -> int | None:
        """Return for how many phases a limit is written; None in amperes, which are each phase's."""
        return counted(phases or self._entry.phases, self.form().unit)

    async def write(self, link: Link, order: Order, *, climb: bool = True) -> None:
        """Have the station take a limit.

        Args:
            link: To the station.
            order: The limit.
            climb: Whether other forms and purposes are tried where the first is refused; once an hour at most.

        Raises:
            Rejected, Unsupported: It takes none.
            TimedOut, Disconnected, BadAnswer: Nobody knows.
        """
        climb = climb and (self._climbed_at is None or not 0 <= order.at - self._climbed_at < CLIMB_EVERY_S)
        first = self.form()
        every = forms.ladder(first, self.abilities.stack_max) if climb else [first]
        refusal: DriverError = Rejected("there is no purpose to write it for")
        for purpose in self.purposes() if climb else self.purposes()[:1]:
            try:
                form = await self._take(link, order, purpose, every)
            except (Rejected, Unsupported) as error:
                refusal = error
            else:
                self.purpose = purpose
                await self._kept.hint({PURPOSE: purpose, FORM: form.kept()})
                return
        if climb:
            self._climbed_at = order.at
        raise refusal

    def steps(self) -> frozenset[Step]:
        """Return how a station that does not obey can be told otherwise."""
        steps: set[Step] = {"resend", "clear"}
        if len(self.purposes()) > 1:
            steps.add("purpose")
        if self._profile.stack_level is None:
            steps.add("level")
        return frozenset(steps)

    async def insist(self, link: Link, step: Step) -> None:
        """Prepare the next limit to be told otherwise."""
        if step in {"clear", "purpose"}:
            await self.clear(link)
        if step == "purpose":
            purposes = self.purposes()
            ahead = self._profile.purposes.index(purposes[0]) + 1
            following = self._profile.purposes[ahead:] + self._profile.purposes[:ahead]
            await self._kept.hint({PURPOSE: next(one for one in following if one in purposes)})
        if step == "level":
            form = self.form()
            level = 0 if form.stack_level else (self.abilities.stack_max or STACK_LEVEL)
            await self._kept.hint({FORM: replace(form, stack_level=level).kept()})

    def for_start(self, order: Order) -> SetLimit | None:
        """Return the limit that a start carries; None where it cannot: no other purpose is a transaction's."""
        purpose = self.purposes()[0]
        return self.command(order, self.form(), purpose) if purpose == "TxProfile" else None

    async def clear(self, link: Link) -> None:
        """Have the station forget its limit; the default stands meanwhile."""
        purpose = self.purposes()[0]
        try:
            await link.do(ClearLimits(connector=self._where(purpose), purpose=purpose))
        except (Rejected, Unsupported):
            return

    def command(self, order: Order, form: forms.Form, purpose: Purpose) -> SetLimit:
        """Return how a limit is told."""
        phases = counted(order.phases or self._entry.phases, form.unit)
        return SetLimit(
            connector=self._where(purpose),
            transaction=order.transaction if purpose == "TxProfile" else None,
            limit=Limit(current_a=order.limit_a, phases=phases),
            safe=Limit(current_a=order.safe_a, phases=phases),
            window_s=max(1, int(order.window_s)),
            at=order.at,
            stack_level=form.stack_level,
            purpose=purpose,
            since=order.since if form.relative else None,
            one_period=form.one_period,
            unit=form.unit,
        )

    async def _take(self, link: Link, order: Order, purpose: Purpose, every: list[forms.Form]) -> forms.Form:
        if self._profile.clear_first:
            await self.clear(link)
        self.writes += 1
        return await forms.climb(link, every, lambda form: self.command(order, form, purpose))

    def _where(self, purpose: Purpose) -> int:
        """Return the connector: 0, the whole station, where it takes its default limit nowhere else either."""
        whole = purpose == "ChargePointMaxProfile" or (
            purpose == "TxDefaultProfile" and self._entry.connectors == 1 and self._kept.get(WHERE) == 0
        )
        return 0 if whole else self.connector
