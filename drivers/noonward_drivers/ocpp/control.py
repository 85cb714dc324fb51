"""Making one connector obey: what happens to it, and which of its parts has to act.

The parts each have one idea: :mod:`limiting` sees to it that the station holds the newest limit, :mod:`writing` turns
a limit into a profile that it takes, :mod:`resting` keeps the safe default under it, :mod:`starting` begins
transactions where the model needs that, :mod:`compliance` compares with the meter, :mod:`polling` asks for it.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from noonward.core.model import SetLimit
from noonward_drivers.ocpp.compliance import Compliance
from noonward_drivers.ocpp.facade import Restart
from noonward_drivers.ocpp.faults import Disconnected, TimedOut
from noonward_drivers.ocpp.limiting import Limiting
from noonward_drivers.ocpp.polling import Poller
from noonward_drivers.ocpp.resting import Resting
from noonward_drivers.ocpp.situation import Situation
from noonward_drivers.ocpp.starting import Starter
from noonward_drivers.ocpp.tasks import Tasks
from noonward_drivers.ocpp.wirelog import LOG
from noonward_drivers.ocpp.writing import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from noonward.core.model import LimitSeen, Sample
    from noonward.ports import Clock
    from noonward_drivers.ocpp.abilities import Abilities
    from noonward_drivers.ocpp.compliance import Step
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile
    from noonward_drivers.ocpp.writing import Order

CLOCK_MOVED_S: Final = 30.0
"""A station whose clock is found to differ so much more is told everything again, by its own time. [s]"""


class Controller:
    """Limits one connector; see :class:`seam.Limiter` for who calls what.

    Attributes:
        connector: Its number, from 1.
        kept: What is remembered of it.
        resting: The default limit of the connector.
        writer: How its limits are written.
        sample: The newest measurement.
    """

    def __init__(
        self,
        connector: int,
        entry: StationEntry,
        profile: StationProfile,
        clock: Clock,
        kept: Kept,
        changed: Callable[[], None],
    ) -> None:
        self.connector = connector
        self.kept = kept
        self.resting = Resting(connector, entry, profile, kept)
        self.writer = Writer(connector, entry, profile, kept)
        self.sample: Sample | None = None
        self._entry = entry
        self._profile = profile
        self._clock = clock
        self._changed = changed
        self._situation = Situation()
        self._starter = Starter(entry, profile)
        self._compliance = Compliance(voltage_v=entry.meaning.voltage_v)
        self._poller = Poller(connector, profile, clock)
        self._limits = Limiting(
            self._situation,
            entry,
            profile,
            clock,
            kept,
            writer=self.writer,
            resting=self.resting,
            starter=self._starter,
            compliance=self._compliance,
            changed=changed,
        )
        self._station_trouble: str | None = None
        self._restart_due = False
        self._tasks = Tasks(entry.id)
        self._while_linked = Tasks(entry.id)

    # -- what is seen of it -----------------------------------------------------------------------------------------

    @property
    def accepted(self) -> LimitSeen | None:
        """The newest limit that the station took."""
        return self._limits.accepted

    @property
    def trouble(self) -> str | None:
        """What is wrong with how it obeys, in a sentence; None while nothing is."""
        every = (
            self._limits.trouble,
            self._compliance.trouble,
            self._starter.trouble,
            self.resting.trouble,
            self._station_trouble,
        )
        return "; ".join(one for one in every if one) or None

    @property
    def link(self) -> Link | None:
        """The link that it may speak over."""
        return self._situation.link

    @property
    def transaction_id(self) -> str | None:
        """The transaction that runs."""
        return self._situation.transaction

    # -- what happens to it -----------------------------------------------------------------------------------------

    def found(self, abilities: Abilities, trouble: str | None) -> None:
        """Take what the station says of itself, and what people have to know about that."""
        self.resting.abilities = self.writer.abilities = abilities
        self._station_trouble = trouble
        self._changed()

    async def rest(self, link: Link) -> None:
        """Have the default limit stand, unless it was written lately and the station has not started anew since.

        Raises:
            Disconnected, TimedOut: Nobody knows whether it does.
        """
        now = self._clock.now()
        if not self.resting.recent(now):
            await self.resting.stand(link, now, self._situation.theirs(now))
            self._changed()

    def connected(self, link: Link) -> None:
        """Take a link, and tell what is due."""
        self._situation.link = link
        self._while_linked.begin(self._poller.run(link, self._charging, self._entry.aside_s))
        self._catch_up()
        if not self.resting.recent(self._clock.now()):
            self._tasks.begin(self.rest(link))

    def disconnected(self) -> None:
        """Let the link go; some models let every limit go with it."""
        self._situation.link = None
        if self._profile.offline_unsafe:
            self.resting.lost()
            self._limits.forget()
        self._while_linked.cancel()

    def booted(self) -> None:
        """Count nothing as held that the station was told before."""
        self.disconnected()
        self.resting.lost()
        self._limits.forget()
        self._limits.accepted = None
        self._changed()

    def transaction(self, transaction: str | None) -> None:
        """Limit what begins at once; do what waited for the end."""
        before, self._situation.transaction = self._situation.transaction, transaction
        if transaction == before:
            return
        self._limits.forget()
        if transaction is not None:
            self._situation.since = self._clock.now()
            self._starter.began()
            self._catch_up()
        elif self.link is not None:
            self._tasks.begin(self._end(self.link))
        self._changed()

    def plugged(self, plugged: bool | None) -> None:
        """Forget what the vehicle that left was granted."""
        if plugged is None or plugged == self._situation.plugged:
            return
        self._situation.plugged = plugged
        self._starter.plugged_in()
        if self.transaction_id is not None:
            self._starter.began()
        if not plugged:
            self._limits.wanted = self._limits.trouble = None
        self._changed()

    def sampled(self, sample: Sample) -> None:
        """Hold the station to what it was told."""
        self.sample = sample
        self._poller.heard()
        before = self._compliance.trouble
        step = self._compliance.sampled(sample, self._steps())
        if self._compliance.trouble is None:
            self._restart_due = False
        if step is not None:
            LOG.warning("%s %s", self._entry.id, self._compliance.trouble)
            self._tasks.begin(self._escalate(step))
        if self._compliance.trouble != before:
            self._changed()

    def clock_error(self, error_s: float) -> None:
        """Speak to the station in its own time."""
        moved = abs(error_s - self._situation.clock_error_s) > CLOCK_MOVED_S
        self._situation.clock_error_s = error_s
        if moved:
            self.resting.lost()
            self._limits.forget()
            if self.link is not None:
                self._tasks.begin(self._everything(self.link))

    async def limit(self, command: SetLimit) -> None:
        """Take a limit; see :class:`noonward.ports.ChargingStation`.

        One that may not be written yet (:mod:`held`) is noted as well: the core says it again.
        """
        self._limits.wanted = command
        if self.link is None:
            raise Disconnected(f"{self._entry.id} is not connected")
        task = self._tasks.begin(self._obey(command))
        try:
            async with asyncio.timeout(self._entry.timeout_s):
                await asyncio.shield(task)
        except TimeoutError:
            raise TimedOut(f"{self._entry.id} did not take a limit within {self._entry.timeout_s:g} s") from None
        except asyncio.CancelledError:
            if task.cancelled():
                raise Disconnected(f"{self._entry.id} is let go") from None
            raise

    async def close(self) -> None:
        """End every task of its own."""
        self._situation.link = None
        await self._tasks.close()
        await self._while_linked.close()

    # -- what is done about it --------------------------------------------------------------------------------------

    def _charging(self) -> bool:
        return self.transaction_id is not None

    async def _obey(self, command: SetLimit) -> None:
        link, before = self.link, self._limits.held
        await self._limits.obey(command)
        if link is not None and self._limits.resumes(before):
            self._while_linked.begin(self._limits.again(link))

    def _catch_up(self) -> None:
        """Tell the station the newest limit, where it has a transaction and the limit still stands."""
        due = self._limits.due()
        if due is not None:
            self._tasks.begin(self._obey(due))

    async def _everything(self, link: Link) -> None:
        await self.rest(link)
        self._catch_up()

    async def _end(self, link: Link) -> None:
        """Put the default back where the limit took its place, and restart a station that did not obey."""
        if self.writer.purpose == "TxDefaultProfile":
            self.resting.lost()
            await self.rest(link)
        if self._restart_due and self.transaction_id is None:
            self._restart_due = False
            await link.do(Restart())

    def _steps(self) -> frozenset[Step]:
        """Return what may be tried on a station that does not obey; a restart is everybody's who is connected to it."""
        alone: frozenset[Step] = frozenset({"restart"}) if self._entry.connectors == 1 else frozenset()
        return self.writer.steps() | alone

    async def _escalate(self, step: Step) -> None:
        """Tell a station again that does not obey."""
        if step == "restart":
            self._restart_due = True
            return
        async with self._limits.turn:
            link, wanted = self.link, self._limits.wanted
            if link is None or wanted is None or self._limits.held is None:
                return
            if step == "resend":  # it may have forgotten everything
                self.resting.lost()
                await self.rest(link)
            await self.writer.insist(link, step)
            await self._limits.write(link, wanted)

    # -- a rehearsal ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[None]:
        """Keep the connector from being limited; afterwards nothing counts as held, and what is wanted is told."""
        async with self._limits.turn:
            self._limits.forget()
            try:
                yield
            finally:
                self.resting.lost()
                self._limits.forget()
        if self.link is not None:
            await self._everything(self.link)

    def order(self, limit_a: float, safe_a: float, window_s: float) -> Order:
        """Return a limit of one's own, from now."""
        now = self._clock.now()
        command = SetLimit(station=self._entry.id, limit_a=limit_a, at=now, safe_a=safe_a, window_s=window_s)
        return self._situation.order(command, self.writer.snapped_a(limit_a))
