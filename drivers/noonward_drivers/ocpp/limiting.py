"""The newest limit that was granted, and what the station holds of it.

One limit at a time is on its way, and the newest that waits is the only one that goes next: what came between is never
sent. What the station holds already is not written again (:mod:`held`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from noonward.core.model import LimitSeen
from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp.facade import RemoteStart, RemoteStop
from noonward_drivers.ocpp.faults import Disconnected, Superseded
from noonward_drivers.ocpp.held import Held
from noonward_drivers.ocpp.starting import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant, SetLimit
    from noonward.ports import Clock
    from noonward_drivers.ocpp.compliance import Compliance
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile
    from noonward_drivers.ocpp.resting import Resting
    from noonward_drivers.ocpp.situation import Situation
    from noonward_drivers.ocpp.starting import Starter
    from noonward_drivers.ocpp.writing import Writer

BEGUN_S: Final = 10.0
SETTLED_S: Final = 2.0
"""A limit that is rejected so soon after its transaction began is sent again, as it was, after the second. [s]"""

RESUMED_S: Final = 5.0
"""A limit that ends a pause is sent again after this, to stations that ignore the first. [s]"""

ZERO: Final = "takes-zero"


class Limiting:
    """Limits of one connector, in their turn.

    Attributes:
        turn: Held by who tells the station something.
        wanted: The newest limit that was granted to the vehicle that is there.
        held: What the station accepted; None where nobody knows.
        accepted: The newest limit that it took.
        trouble: What people have to know; None while nothing is wrong.
    """

    def __init__(
        self,
        situation: Situation,
        entry: StationEntry,
        profile: StationProfile,
        clock: Clock,
        kept: Kept,
        *,
        writer: Writer,
        resting: Resting,
        starter: Starter,
        compliance: Compliance,
        changed: Callable[[], None],
    ) -> None:
        self.turn = asyncio.Lock()
        self.wanted: SetLimit | None = None
        self.held: Held | None = None
        self.accepted: LimitSeen | None = None
        self.trouble: str | None = None
        self._now = situation
        self._entry = entry
        self._profile = profile
        self._clock = clock
        self._kept = kept
        self._writer = writer
        self._resting = resting
        self._starter = starter
        self._compliance = compliance
        self._changed = changed

    def forget(self) -> None:
        """Count on no limit any more."""
        self.held = None
        self._compliance.rests()

    def due(self) -> SetLimit | None:
        """Return the limit that the station should be told unasked: the newest, while its window lasts."""
        wanted = self.wanted
        if wanted is None or self._now.link is None or self._now.transaction is None:
            return None
        return wanted if self._clock.now() < wanted.at + wanted.window_s else None

    async def obey(self, command: SetLimit) -> None:
        """Have the station hold a limit, when it is its turn and nothing newer is wanted.

        Raises:
            DriverError: It does not, or something newer is wanted.
        """
        async with self.turn:
            if self.wanted is not command:
                raise Superseded("a newer limit took the place of this one")
            link, now = self._now.link, self._clock.now()
            if link is None:
                raise Disconnected(f"{self._entry.id} is not connected")
            limit_a, phases = self._writer.snapped_a(command.limit_a), self._writer.counted(command.phases)
            if self._now.transaction is None:
                await self._start(link, command, limit_a, now)
            elif self.held is not None and self.held.covers(limit_a, command.safe_a, now, phases):
                self._took(command)
            elif self.held is not None and self.held.too_soon(limit_a, now, phases):
                return
            elif limit_a == 0 and not (self._profile.zero_limit and self._kept.get(ZERO, True)):
                await self._pause_otherwise(link, command, now)
            else:
                await self.write(link, command)

    async def write(self, link: Link, command: SetLimit) -> None:
        """Have the station take a limit now; who calls it has the turn.

        Raises:
            DriverError: It does not, or nobody knows.
        """
        now, limit_a = self._clock.now(), self._writer.snapped_a(command.limit_a)
        transaction, before = self._now.transaction, self.held
        refusing_zero = limit_a == 0 and before is not None and before.limit_a > 0
        try:
            await self._tell(link, command, limit_a, climb=not refusing_zero)
        except (Rejected, Unsupported) as error:
            if refusing_zero:
                await self._kept.hint({ZERO: False})
                await self._pause_otherwise(link, command, now)
                return
            self.trouble = f"takes no limit: {error}"
            self._changed()
            raise
        except DriverError:
            self.forget()  # nobody knows which limit it holds
            raise
        if self._now.transaction == transaction:
            self._holds(command, limit_a)
            self._took(command)

    async def again(self, link: Link) -> None:
        """Send the limit once more that has just ended a pause."""
        held = self.held
        await self._clock.sleep(RESUMED_S)
        async with self.turn:
            if held is not None and self.held is held and self.wanted is not None:
                await self._writer.write(link, self._now.order(self.wanted, held.limit_a), climb=False)

    def resumes(self, before: Held | None) -> bool:
        """Tell whether what is held now ended a pause, on a station that has to be told twice."""
        paused = before is not None and before.limit_a == 0
        return self._profile.resend_after_resume and paused and self.held is not None and self.held.limit_a > 0

    async def _tell(self, link: Link, command: SetLimit, limit_a: float, *, climb: bool) -> None:
        """Tell the station, once more where it may not have known its own transaction yet."""
        order = self._now.order(command, limit_a)
        if self.held is None and 0 <= self._clock.now() - self._now.since < BEGUN_S:
            try:
                await self._writer.write(link, order, climb=False)
            except Rejected:
                await self._clock.sleep(SETTLED_S)
            else:
                return
        await self._writer.write(link, order, climb=climb)

    async def _pause_otherwise(self, link: Link, command: SetLimit, now: Instant) -> None:
        """Pause a station that does not take 0 A: end the transaction where it can be begun again, else hold it low."""
        transaction = self._now.transaction
        if self._starter.may_restart() and transaction is not None:
            await link.do(RemoteStop(transaction=transaction))
            self._starter.stopped()
            self._took(command)
            return
        least_a = self._writer.snapped_a(self._profile.min_current_a)
        if self.held is None or self.held.limit_a > least_a or not self.held.fresh(now):
            await self._writer.write(link, self._now.order(command, least_a), climb=False)
            self._holds(command, least_a)
        self.trouble = (
            f"cannot pause: it refuses a limit of 0 A, and its session cannot be begun again from here; it is "
            f"held at {least_a:g} A"
        )
        self._changed()
        raise Rejected(self.trouble)

    async def _start(self, link: Link, command: SetLimit, limit_a: float, now: Instant) -> None:
        """Begin a transaction where that is the gateway's to do; else the limit waits for one."""
        before = self._starter.trouble
        due = self._starter.due(limit_a, now, plugged=self._now.plugged is True)
        if self._starter.trouble != before:
            self._changed()
        if not due:
            return
        if not self._resting.stands:
            await self._resting.stand(link, now, self._now.theirs(now))
        self._starter.tried(now)
        start = RemoteStart(
            connector=self._writer.connector,
            token=TOKEN,
            remote_start=int(now) % 2**31,
            limit=self._writer.for_start(self._now.order(command, limit_a)),
        )
        try:
            await link.do(start)
        except DriverError as error:
            self._starter.refused(error)
            self._changed()
            raise

    def _took(self, command: SetLimit) -> None:
        self.trouble = None
        self.accepted = LimitSeen(current_a=command.limit_a, at=command.at)
        self._changed()

    def _holds(self, command: SetLimit, limit_a: float) -> None:
        now = self._clock.now()
        self.held = Held(
            limit_a=limit_a,
            safe_a=command.safe_a,
            window_s=command.window_s,
            at=command.at,
            written_at=now,
            phases=self._writer.counted(command.phases),
        )
        self._compliance.told(limit_a, command.phases or self._entry.phases, now, command.window_s)
