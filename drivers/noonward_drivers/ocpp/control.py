"""Making one connector obey: the newest limit that was granted is what its station holds, and does.

The parts each have one idea: :mod:`writing` turns a limit into a profile that the station takes, :mod:`resting` keeps
the safe default under it, :mod:`starting` begins transactions where the model needs that, :mod:`compliance` compares
with the meter, :mod:`polling` asks for it. Here is when which of them acts.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from noonward.core.model import LimitSeen, SetLimit
from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp.compliance import Compliance
from noonward_drivers.ocpp.facade import RemoteStart, RemoteStop, Restart
from noonward_drivers.ocpp.faults import Disconnected, Superseded, TimedOut
from noonward_drivers.ocpp.held import Held
from noonward_drivers.ocpp.polling import Poller
from noonward_drivers.ocpp.resting import Resting
from noonward_drivers.ocpp.starting import TOKEN, Starter
from noonward_drivers.ocpp.wirelog import LOG
from noonward_drivers.ocpp.writing import Order, Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from noonward.core.model import Instant, Sample
    from noonward.ports import Clock
    from noonward_drivers.ocpp.abilities import Abilities
    from noonward_drivers.ocpp.compliance import Step
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

RESUMED_S: Final = 5.0
"""A limit that ends a pause is sent again after this, to stations that ignore the first. [s]"""

BEGUN_S: Final = 10.0
SETTLED_S: Final = 2.0
"""A limit that is rejected so soon after its transaction began is sent again, as it was, after the second. [s]"""

CLOCK_MOVED_S: Final = 30.0
"""A station whose clock is found to differ so much more is told everything again, by its own time. [s]"""

ZERO: Final = "takes-zero"


class Controller:
    """Limits one connector; see :class:`seam.Limiter` for who calls what.

    Attributes:
        connector: Its number, from 1.
        kept: What is remembered of it.
        resting: The default limit of the connector.
        writer: How its limits are written.
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
        self.resting = Resting(connector, entry, profile, kept)
        self.writer = Writer(connector, entry, profile, kept)
        self.connector = connector
        self._entry = entry
        self._profile = profile
        self._clock = clock
        self.kept = kept
        self._changed = changed
        self._starter = Starter(entry, profile)
        self._compliance = Compliance(voltage_v=entry.meaning.voltage_v)
        self._poller = Poller(connector, profile, clock)
        self._link: Link | None = None
        self._transaction: str | None = None
        self._since: Instant = 0.0
        self._plugged: bool | None = None
        self._clock_error_s = 0.0
        self._wanted: SetLimit | None = None
        self._held: Held | None = None
        self._accepted: LimitSeen | None = None
        self._station_trouble: str | None = None
        self._limit_trouble: str | None = None
        self._restart_due = False
        self._sample: Sample | None = None
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passing: set[asyncio.Task[None]] = set()

    # -- what is seen of it -----------------------------------------------------------------------------------------

    @property
    def accepted(self) -> LimitSeen | None:
        """The newest limit that the station took."""
        return self._accepted

    @property
    def trouble(self) -> str | None:
        """What is wrong with how it obeys, in a sentence; None while nothing is."""
        every = (
            self._limit_trouble,
            self._compliance.trouble,
            self._starter.trouble,
            self.resting.trouble,
            self._station_trouble,
        )
        return "; ".join(one for one in every if one) or None

    @property
    def transaction_id(self) -> str | None:
        """The transaction that runs."""
        return self._transaction

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
            await self.resting.stand(link, now, self._theirs(now))
            self._changed()

    def connected(self, link: Link) -> None:
        """Take a link, and tell what is due."""
        self._link = link
        self._pass(self._poller.run(link, lambda: self._transaction is not None, self._entry.aside_s))
        self._catch_up()
        if not self.resting.recent(self._clock.now()):
            self._spawn(self.rest(link))

    def disconnected(self) -> None:
        """Let the link go; some models let every limit go with it."""
        self._link = None
        if self._profile.offline_unsafe:
            self.resting.lost()
            self._forget()
        for task in self._passing:
            task.cancel()

    def booted(self) -> None:
        """Count nothing as held that the station was told before."""
        self.disconnected()
        self.resting.lost()
        self._forget()
        self._accepted = None
        self._changed()

    def transaction(self, transaction: str | None) -> None:
        """Limit what begins at once; put the default back where the limit took its place."""
        if transaction == self._transaction:
            return
        ended = self._transaction is not None
        self._transaction = transaction
        self._forget()
        if transaction is not None:
            self._since = self._clock.now()
            self._starter.began()
            self._catch_up()
        elif ended and self._link is not None:
            self._spawn(self._end(self._link))
        self._changed()

    def plugged(self, plugged: bool | None) -> None:
        """Forget what the vehicle that left was granted."""
        if plugged is not None and plugged != self._plugged:
            self._starter.plugged_in()
            if self._transaction is not None:
                self._starter.began()
            if not plugged:
                self._wanted = None
                self._limit_trouble = None
            self._changed()
        if plugged is not None:
            self._plugged = plugged

    def sampled(self, sample: Sample) -> None:
        """Hold the station to what it was told."""
        self._sample = sample
        self._poller.heard()
        before = self._compliance.trouble
        step = self._compliance.sampled(sample, self._steps())
        if not self._compliance.misses and self._compliance.trouble is None:
            self._restart_due = False
        if step is not None:
            LOG.warning("%s %s", self._entry.id, self._compliance.trouble)
            self._spawn(self._escalate(step))
        if self._compliance.trouble != before:
            self._changed()

    def clock_error(self, error_s: float) -> None:
        """Speak to the station in its own time."""
        moved = abs(error_s - self._clock_error_s) > CLOCK_MOVED_S
        self._clock_error_s = error_s
        if moved:
            self.resting.lost()
            self._held = None
            if self._link is not None:
                self._spawn(self._again(self._link))

    async def close(self) -> None:
        """End every task of its own."""
        self._link = None
        tasks = (*self._tasks, *self._passing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- limits -----------------------------------------------------------------------------------------------------

    async def limit(self, command: SetLimit) -> None:
        """Take a limit; see :class:`noonward.ports.ChargingStation`.

        One that may not be written yet (:mod:`held`) is noted as well: the core says it again.
        """
        self._wanted = command
        if self._link is None:
            raise Disconnected(f"{self._entry.id} is not connected")
        task = self._spawn(self._obey(command))
        try:
            async with asyncio.timeout(self._entry.timeout_s):
                await asyncio.shield(task)
        except TimeoutError:
            raise TimedOut(f"{self._entry.id} did not take a limit within {self._entry.timeout_s:g} s") from None
        except asyncio.CancelledError:
            if task.cancelled():
                raise Disconnected(f"{self._entry.id} is let go") from None
            raise

    async def _obey(self, command: SetLimit) -> None:
        """Have the station hold a limit, when it is its turn and nothing newer is wanted."""
        async with self._turn:
            link = self._link
            if self._wanted is not command:
                raise Superseded("a newer limit took the place of this one")
            if link is None:
                raise Disconnected(f"{self._entry.id} is not connected")
            now = self._clock.now()
            limit_a = self.writer.snapped_a(command.limit_a)
            if self._transaction is None:
                await self._start(link, command, limit_a, now)
                return
            if self._held is not None:
                phases = self.writer.counted(command.phases)
                if self._held.covers(limit_a, command.safe_a, now, phases):
                    self._took(command)
                    return
                if self._held.too_soon(limit_a, now, phases):
                    return
            if limit_a == 0 and not self._takes_zero():
                await self._pause_otherwise(link, command, now)
                return
            await self._write(link, command, limit_a, now)

    async def _write(self, link: Link, command: SetLimit, limit_a: float, now: Instant) -> None:
        """Have the station take a profile."""
        transaction, before = self._transaction, self._held
        refusing_zero = limit_a == 0 and before is not None and before.limit_a > 0
        try:
            await self._told(link, self._order(command, limit_a), now, climb=not refusing_zero)
        except (Rejected, Unsupported) as error:
            if refusing_zero:
                await self.kept.hint({ZERO: False})
                await self._pause_otherwise(link, command, now)
                return
            self._limit_trouble = f"takes no limit: {error}"
            self._changed()
            raise
        except DriverError:
            self._forget()  # nobody knows which limit it holds
            raise
        if self._transaction != transaction:
            return
        self._holds(command, limit_a)
        self._took(command)
        if self._profile.resend_after_resume and before is not None and before.limit_a == 0 < limit_a:
            self._pass(self._resend_later(link))

    async def _told(self, link: Link, order: Order, now: Instant, *, climb: bool) -> None:
        """Tell the station, once more where it may not have known its own transaction yet."""
        if self._held is None and 0 <= now - self._since < BEGUN_S:
            try:
                await self.writer.write(link, order, climb=False)
            except Rejected:
                await self._clock.sleep(SETTLED_S)
            else:
                return
        await self.writer.write(link, order, climb=climb)

    def _took(self, command: SetLimit) -> None:
        self._limit_trouble = None
        self._accepted = LimitSeen(current_a=command.limit_a, at=command.at)
        self._changed()

    def _holds(self, command: SetLimit, limit_a: float) -> None:
        now = self._clock.now()
        self._held = Held(
            limit_a=limit_a,
            safe_a=command.safe_a,
            window_s=command.window_s,
            at=command.at,
            written_at=now,
            phases=self.writer.counted(command.phases),
        )
        self._compliance.told(limit_a, command.phases or self._entry.phases, now)

    async def _pause_otherwise(self, link: Link, command: SetLimit, now: Instant) -> None:
        """Pause a station that does not take 0 A: end the transaction where it can be begun again, else hold it low."""
        transaction = self._transaction
        if self._starter.may_restart() and transaction is not None:
            await link.do(RemoteStop(transaction=transaction))
            self._starter.stopped()
            self._took(command)
            return
        least_a = self.writer.snapped_a(self._profile.min_current_a)
        if self._held is None or self._held.limit_a > least_a or not self._held.fresh(now):
            await self.writer.write(link, self._order(command, least_a), climb=False)
            self._holds(command, least_a)
        self._limit_trouble = (
            f"cannot pause: it refuses a limit of 0 A, and its session cannot be begun again from here; it is "
            f"held at {least_a:g} A"
        )
        self._changed()
        raise Rejected(self._limit_trouble)

    async def _start(self, link: Link, command: SetLimit, limit_a: float, now: Instant) -> None:
        """Begin a transaction where that is the gateway's to do."""
        before = self._starter.trouble
        due = self._starter.due(limit_a, now, plugged=self._plugged is True)
        if self._starter.trouble != before:
            self._changed()
        if not due:
            return
        if not self.resting.stands:
            await self.rest(link)
        self._starter.tried(now)
        purpose = self.writer.purposes()[0]
        inside = self.writer.command(self._order(command, limit_a), self.writer.form(), purpose)
        try:
            await link.do(
                RemoteStart(
                    connector=self.connector,
                    token=TOKEN,
                    remote_start=int(now) % 2**31,
                    limit=inside if purpose == "TxProfile" else None,
                )
            )
        except DriverError as error:
            self._starter.refused(error)
            self._changed()
            raise

    # -- a rehearsal ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[None]:
        """Keep the connector from being limited; afterwards nothing counts as held, and what is wanted is told."""
        async with self._turn:
            self._forget()
            try:
                yield
            finally:
                self.resting.lost()
                self._forget()
        if self._link is not None:
            await self.rest(self._link)
        self._catch_up()

    @property
    def link(self) -> Link | None:
        """The link that it may speak over."""
        return self._link

    @property
    def sample(self) -> Sample | None:
        """The newest measurement."""
        return self._sample

    def order(self, limit_a: float, safe_a: float, window_s: float) -> Order:
        """Return a limit of one's own, from now."""
        now = self._clock.now()
        command = SetLimit(station=self._entry.id, limit_a=limit_a, at=now, safe_a=safe_a, window_s=window_s)
        return self._order(command, self.writer.snapped_a(limit_a))

    # -- what is said without being asked ------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Tell the station the newest limit, where it has a transaction and the limit still stands."""
        wanted = self._wanted
        if self._link is None or self._transaction is None or wanted is None:
            return
        if self._clock.now() < wanted.at + wanted.window_s:
            self._spawn(self._obey(wanted))

    async def _again(self, link: Link) -> None:
        await self.rest(link)
        self._catch_up()

    async def _end(self, link: Link) -> None:
        """Do what waited for the end of a transaction."""
        if self.writer.purpose == "TxDefaultProfile":
            self.resting.lost()
            await self.rest(link)
        if self._restart_due and self._transaction is None:
            self._restart_due = False
            await link.do(Restart())

    async def _resend_later(self, link: Link) -> None:
        held = self._held
        await self._clock.sleep(RESUMED_S)
        async with self._turn:
            if held is not None and self._held is held and self._wanted is not None:
                await self.writer.write(link, self._order(self._wanted, held.limit_a), climb=False)

    def _steps(self) -> frozenset[Step]:
        """Return what may be tried on a station that does not obey; a restart is everybody's who is connected to it."""
        steps: set[Step] = {"resend", "clear"}
        if len(self.writer.purposes()) > 1:
            steps.add("purpose")
        if self._profile.stack_level is None:
            steps.add("level")
        if self._entry.connectors == 1:
            steps.add("restart")
        return frozenset(steps)

    async def _escalate(self, step: Step) -> None:
        """Tell a station again that does not obey."""
        async with self._turn:
            link, held, wanted = self._link, self._held, self._wanted
            if link is None or held is None or wanted is None or self._transaction is None:
                return
            if step == "restart":
                self._restart_due = True
                return
            if step == "resend":  # it may have forgotten everything
                self.resting.lost()
                await self.rest(link)
            if step in {"clear", "purpose"}:
                await self.writer.clear(link)
            if step == "purpose":
                await self.writer.other_purpose()
            if step == "level":
                await self.writer.other_level()
            await self._write(link, wanted, self.writer.snapped_a(wanted.limit_a), self._clock.now())

    # -- small things -----------------------------------------------------------------------------------------------

    def _order(self, command: SetLimit, limit_a: float) -> Order:
        return Order(
            limit_a=limit_a,
            safe_a=command.safe_a,
            window_s=command.window_s,
            phases=command.phases,
            transaction=self._transaction,
            since=self._theirs(self._since if self._transaction is not None else command.at),
            at=self._theirs(command.at),
        )

    def _theirs(self, at: Instant) -> Instant:
        """Return an instant by the station's clock."""
        return at + self._clock_error_s

    def _takes_zero(self) -> bool:
        return self._profile.zero_limit and self.kept.get(ZERO, True) is True

    def _forget(self) -> None:
        """Count on no limit any more."""
        self._held = None
        self._compliance.rests()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something of its own accord; a station that does not take it is noted where that is done."""
        return self._run(work, self._tasks)

    def _pass(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """The same, for as long as the link lasts."""
        return self._run(work, self._passing)

    def _run(self, work: Coroutine[None, None, None], among: set[asyncio.Task[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(lambda done: self._ran(done, among))
        return task

    def _ran(self, task: asyncio.Task[None], among: set[asyncio.Task[None]]) -> None:
        among.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DriverError):
            LOG.debug("%s: %s", self._entry.id, error)
        elif error is not None:
            LOG.error("%s: a task failed", self._entry.id, exc_info=error)
