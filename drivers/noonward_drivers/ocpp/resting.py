"""The limit that stands in a station while nobody speaks to it: a default for every transaction that begins.

No profile at all is full power, on every station that was measured. So this one is written to the connector itself,
before anything may begin to charge; a default for the whole station (connector 0) is the last resort, for there are
stations that accept it and charge at full power all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp import forms
from noonward_drivers.ocpp.abilities import Abilities
from noonward_drivers.ocpp.facade import ClearLimits, Limit, SetDefaultLimit
from noonward_drivers.ocpp.faults import Disconnected, TimedOut
from noonward_drivers.ocpp.forms import Form, counted, unit
from noonward_drivers.ocpp.outcome import seen_to_heed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.model import Instant
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

FORM: Final = "rest-form"
WHERE: Final = "rest-connector"
LONG_AGO_S: Final = 86400.0
"""It holds since then: no end depends on it, and a station whose clock is hours behind heeds it all the same. [s]"""

AGAIN_S: Final = 3600.0
"""A default that stands is not written again so soon after a mere reconnect: each one may be a write to flash. [s]"""


class Resting:
    """The default limit of one connector.

    Attributes:
        stands: Whether the station has accepted it since it last may have forgotten it.
        trouble: What people have to know; None while nothing is wrong.
    """

    def __init__(self, connector: int, entry: StationEntry, profile: StationProfile, kept: Kept) -> None:
        self.stands = False
        self.trouble: str | None = None
        self.abilities = Abilities()
        self._connector = connector
        self._entry = entry
        self._profile = profile
        self._kept = kept
        self._settled_at: Instant | None = None

    def lost(self) -> None:
        """Note that the station may have forgotten it."""
        self.stands = False
        self._settled_at = None

    def recent(self, now: Instant) -> bool:
        """Tell whether it was written lately, or was refused in every form."""
        return self._settled_at is not None and 0 <= now - self._settled_at < AGAIN_S

    async def stand(self, link: Link, now: Instant, at: Instant, *, limit_a: float | None = None) -> None:
        """Write it, in the form that worked before or else in the first that the station takes.

        Args:
            link: To the station.
            now: The moment.
            at: The same by the station's clock.
            limit_a: Instead of the safe limit, to see whether it is heeded. [A]

        Raises:
            Disconnected, TimedOut: Nobody knows whether it stands. That it is refused is trouble, not an exception.
        """
        at_all = [self._entry.safe_a if limit_a is None else limit_a]
        if at_all == [0.0]:
            at_all.append(self._profile.min_current_a)
        try:
            where, stands_a = await self._one_of(link, at, at_all)
        except (Disconnected, TimedOut):
            raise
        except DriverError as error:
            self.stands, self._settled_at = False, now
            self.trouble = (
                f"takes no default limit ({error}): while the gateway is away it charges at full power; "
                f"limit it at the station itself"
            )
            return
        self.stands, self._settled_at = True, now
        self.trouble = None
        if stands_a > at_all[0]:
            self.trouble = (
                f"refuses a default limit of 0 A: while the gateway is away a session begins at {stands_a:g} A; "
                f"write safe_current: {stands_a:g} A, so that it is counted with"
            )
        elif where == 0 and not self._profile.default_on_connector_0 and not seen_to_heed(self._kept):
            self.trouble = (
                "takes its default limit for the whole station only, and there are stations that do not heed "
                "it: test what it does while the gateway is away"
            )

    async def _one_of(self, link: Link, at: Instant, limits_a: Sequence[float]) -> tuple[int, float]:
        """Return the connector on which a default was taken, and which: the first that is taken at all."""
        refusal: DriverError = Rejected("it was not asked")
        for limit_a in limits_a:
            try:
                return await self._anywhere(link, at, limit_a), limit_a
            except Rejected as error:
                refusal = error
        raise refusal

    async def _anywhere(self, link: Link, at: Instant, limit_a: float) -> int:
        """Return the connector on which the default was taken."""
        first = forms.read(self._kept.get(FORM)) or Form(
            stack_level=self._profile.stack_level or 0,
            unit=unit(self._profile, self.abilities),
            relative=self._profile.profile_kind == "Relative",
        )
        every = forms.ladder(first, self.abilities.stack_max, ends=False)
        tries: list[tuple[int, list[Form], bool]] = [
            (self._connector, every, self._profile.clear_first),
            (self._connector, [first], True),
            (0, [first], False),
        ]
        if self._kept.get(WHERE) == 0:
            tries.insert(0, (0, [first], False))
        refusal: DriverError = Rejected("it was not asked")
        for where, some, clear in tries:
            try:
                if clear:
                    await _clear(link, where)
                form = await forms.climb(link, some, self._command(where, at, limit_a))
            except (Rejected, Unsupported) as error:
                refusal = error
            else:
                await self._kept.hint({FORM: form.kept(), WHERE: where})
                return where
        raise refusal

    def _command(self, where: int, at: Instant, limit_a: float) -> Callable[[Form], SetDefaultLimit]:
        return lambda form: SetDefaultLimit(
            connector=where,
            limit=Limit(current_a=limit_a, phases=counted(self._entry.phases, form.unit)),
            at=at - LONG_AGO_S,
            stack_level=form.stack_level,
            relative=form.relative,
            unit=form.unit,
        )


async def _clear(link: Link, connector: int) -> None:
    try:
        await link.do(ClearLimits(connector=connector, purpose="TxDefaultProfile"))
    except (Rejected, Unsupported):
        return
