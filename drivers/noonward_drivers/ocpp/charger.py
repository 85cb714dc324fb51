"""One charging station over all its connections: it comes in, is prepared, says things, and goes.

**Coming in.** A station that has started introduces itself (BootNotification) and then waits to be told things; one
that only lost its connection mostly says nothing at all, and goes on as if it had not been away. So a station is
prepared as soon as it has said anything; where it says nothing for a while it is asked to introduce itself, and one
that answers although it does not is prepared as the one that it was.

**Before the first charge.** A station without a profile charges at full power. What would let it begin, a badge or the
start of a transaction, is therefore held until its safe default limit stands, for ``HOLD_S`` at most. It is held and
not refused, as a driver whose badge was refused walks away; and it is answered in the end, since a charge that has
begun goes on whether it is answered or not, and some stations listen to nothing while they wait for an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp import facade, locallist
from noonward_drivers.ocpp.badges import GATEWAY, name
from noonward_drivers.ocpp.facade import Reply, Trigger
from noonward_drivers.ocpp.stationclock import StationClock
from noonward_drivers.ocpp.transactions import Transaction
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping

    from noonward.core.model import Instant
    from noonward.ports import Clock
    from noonward_drivers.ocpp.badges import Badges
    from noonward_drivers.ocpp.connector import Connector
    from noonward_drivers.ocpp.declared import Declared
    from noonward_drivers.ocpp.facade import Event, MeterSample, Token
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.seam import Preparer
    from noonward_drivers.ocpp.transactions import Numbers

HOLD_S: Final = 15.0
"""How long a charge may be kept from beginning; stations wait about 30 s for an answer. [s]"""

UNPLUGGED: Final = "EVDisconnected"
"""Reason of an end (OCPP 1.6, 7.36; 2.0.1, ReasonEnumType) that says that the cable was pulled."""


class Charger:
    """A station.

    Attributes:
        connectors: By number.
        identity: As it last introduced itself; empty where it never did.
    """

    def __init__(
        self,
        declared: Declared,
        connectors: Mapping[int, Connector],
        preparer: Preparer,
        *,
        badges: Badges,
        numbers: Numbers,
        clock: Clock,
        kept: Kept,
        hold_s: float = HOLD_S,
    ) -> None:
        self.connectors = connectors
        self.identity: Mapping[str, Any] = kept.get("identity", {})
        self._id = declared.entry.id
        self._remote_start = declared.entry.remote_start
        self._profile = declared.profile
        self._preparer = preparer
        self._badges = badges
        self._numbers = numbers
        self._clock = clock
        self._kept = kept
        self._hold_s = hold_s
        self._time = StationClock(kept.get("clock_error_s", 0.0))
        self._link: Link | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._said_something = asyncio.Event()
        self._introduced = asyncio.Event()
        self._guarded = asyncio.Event()
        self._asked = False
        self._strange: set[int] = set()

    # -- coming and going ----------------------------------------------------------------------------------------------

    def connected(self, link: Link) -> None:
        """Take a station that came, or came again."""
        if self._link is not None:
            self.disconnected()
        self._link, self._asked = link, False
        for event in (self._said_something, self._introduced, self._guarded):
            event.clear()
        for connector in self.connectors.values():
            connector.online(True)
        self._begin(self._introduce(link))
        self._begin(self._come_in(link))

    def disconnected(self) -> None:
        """Let the station go."""
        self._link = None
        self._cancel()
        for connector in self.connectors.values():
            connector.limiter.disconnected()
            connector.online(False)

    async def close(self) -> None:
        """End every task."""
        tasks = tuple(self._tasks)
        self._cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connector in self.connectors.values():
            await connector.limiter.close()

    async def _introduce(self, link: Link) -> None:
        """Ask a station that does not introduce itself to do so."""
        if await self._within(self._profile.boot_trigger_after_s, self._introduced):
            return
        if "boot" not in self._profile.never_trigger:
            self._asked = await self._ask(link)
            if self._asked and not self.identity:
                await self._within(self._profile.boot_timeout_s, self._introduced)
        self._introduced.set()
        self._said_something.set()

    async def _come_in(self, link: Link) -> None:
        """Prepare a station once it listens."""
        await self._said_something.wait()
        try:
            await self._preparer.run(link, lambda: self._guard(link))
        except Exception:  # noqa: BLE001 - a bug of ours; a station that is limited badly is better than one that is not
            LOG.exception("%s: it was not prepared to its end", self._id)
        self._guard(link)
        if self._badges.local_list:
            await locallist.sync(link, self._badges.listed())

    def _guard(self, link: Link) -> None:
        """Take that the safe default limit stands: from here on a charge may begin and is limited."""
        if self._guarded.is_set() or link is not self._link:
            return
        self._guarded.set()
        for connector in self.connectors.values():
            connector.limiter.clock_error(self._time.error_s)
            connector.limiter.connected(link)

    async def _ask(self, link: Link) -> bool:
        """Return whether it will introduce itself."""
        try:
            await link.do(Trigger(topic="boot"))
        except DriverError as error:
            LOG.info("%s does not introduce itself when asked: %s", self._id, error)
            return False
        return True

    async def _within(self, seconds: float, event: asyncio.Event) -> bool:
        """Return whether something happened within a time."""
        tasks = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return event.is_set()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("%s: coming in failed", self._id, exc_info=error)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    # -- what it says --------------------------------------------------------------------------------------------------

    async def hear(self, link: Link, event: Event) -> Reply:
        """Return what is answered, once it is durable."""
        now = self._clock.now()
        if not isinstance(event, facade.Booted):
            self._said_something.set()
        match event:
            case facade.Booted():
                await self._booted(link, event, now)
            case facade.AuthorizeAsked():
                await self._hold()
                return Reply(at=self._clock.now(), verdict=self._verdict(event.token))
            case facade.StatusChanged():
                await self._status(event, now)
            case facade.TransactionStarted():
                await self._hold()
                return await self._started(event, self._clock.now())
            case facade.TransactionUpdated():
                await self._updated(event, now)
                return Reply(at=now, verdict=self._verdict(event.token))
            case facade.TransactionEnded():
                await self._ended(event, now)
                return Reply(at=now, verdict=self._verdict(event.token))
            case facade.MeterSamples():
                await self._metered(event, now)
        return Reply(at=now)

    async def _booted(self, link: Link, event: facade.Booted, now: Instant) -> None:
        """Take an introduction. Unless we asked for it, the station has started, and may have forgotten everything.

        Some introduce themselves after every reconnect; nobody can tell, so they are prepared and limited anew.
        """
        started = not self._asked or event.reason not in {None, "Triggered"}
        identity = asdict(event)
        del identity["reason"]
        news = identity != self.identity
        await self._kept.hint({"identity": identity})
        if news:
            LOG.info("%s is a %s %s, firmware %s", self._id, event.vendor, event.model, event.firmware or "unknown")
        self.identity = identity
        self._introduced.set()
        self._said_something.set()
        if not started or link is not self._link:
            return
        self._cancel()
        self._guarded.clear()
        for connector in self.connectors.values():
            connector.booted(now)
        self._begin(self._come_in(link))

    async def _status(self, event: facade.StatusChanged, now: Instant) -> None:
        connector = self._at(event.connector) if event.connector else None  # 0 is the station itself
        if connector is not None:
            connector.status(event.status, event.at, now)
            await connector.commit()

    async def _started(self, event: facade.TransactionStarted, now: Instant) -> Reply:
        verdict = self._verdict(event.token)
        connector = self._at(event.connector)
        if connector is None:
            LOG.warning("%s charges at connector %d, which is not declared", self._id, event.connector)
            return Reply(at=now, verdict="Invalid", transaction=event.transaction or self._numbers.next(now))
        start = "|".join(str(part) for part in (event.token and name(event.token), event.at, event.meter_wh))
        if event.transaction is None:
            ident, again = connector.book.known(start), True
            if ident is None:
                ident, again = self._numbers.next(now), False
        else:
            ident, again = event.transaction, self._heard(connector, event.transaction, event.seq)
        if not again:
            transaction = Transaction(
                id=ident,
                badge=self._badge(event.token),
                started_at=self._time.at(event.at, now),
                meter_wh=event.meter_wh,
                start=start if event.transaction is None else None,
                seq=event.seq,
            )
            connector.begun(transaction, event.at, now, plugged=True if event.transaction is None else None)
            if connector.book.running is transaction:
                connector.charging_state(event.state, now)
            await self._take(connector, event.samples, now)
        await connector.commit()
        return Reply(at=now, verdict=verdict, transaction=ident)

    async def _updated(self, event: facade.TransactionUpdated, now: Instant) -> None:
        connector = self._of(event.transaction, event.connector)
        if connector is None or self._heard(connector, event.transaction, event.seq):
            return
        if event.token is not None:
            await self._hold()
        live = not event.offline and self._time.live(event.at, now)
        running = connector.book.running
        known = running is not None and running.id == event.transaction
        if not known and not (live and connector.found(event.transaction, now)):
            return
        connector.book.change(seq=event.seq)
        if event.token is not None:
            connector.badge(self._badge(event.token))
        connector.charging_state(event.state, now)
        await self._take(connector, event.samples, now)
        await connector.commit()

    async def _ended(self, event: facade.TransactionEnded, now: Instant) -> None:
        connector = self._of(event.transaction, event.connector)
        if connector is None:
            LOG.info("%s ended a transaction that nobody knew", self._id)
            return
        running = connector.book.running
        if running is not None and running.id == event.transaction:
            await self._take(connector, event.samples, now)
        connector.ended(event.transaction, unplugged=event.reason == UNPLUGGED, now=now)
        await connector.commit()

    async def _metered(self, event: facade.MeterSamples, now: Instant) -> None:
        connector = self._at(event.connector)
        if connector is not None:
            await self._take(connector, event.samples, now, event.transaction)
            await connector.commit()

    async def _take(
        self, connector: Connector, samples: Iterable[MeterSample], now: Instant, transaction: str | None = None
    ) -> None:
        """Take samples, but neither a backlog nor what comes late of a transaction that has ended."""
        believed_s = self._time.error_s
        timed = [(self._time.measured(sample.at, now), sample) for sample in samples]
        if self._time.error_s != believed_s:
            LOG.warning("%s: its clock is %+.0f s wrong", self._id, self._time.error_s)
            await self._kept.hint({"clock_error_s": self._time.error_s})
            for one in self.connectors.values():
                one.limiter.clock_error(self._time.error_s)
        live = [(at, sample) for at, sample in timed if at is not None]
        if transaction is not None and int(transaction) > 0:
            running = connector.book.running
            known = running is not None and running.id == transaction
            if not known and (not live or not connector.found(transaction, now)):
                return
        connector.measured(live)

    # -- small questions -----------------------------------------------------------------------------------------------

    async def _hold(self) -> None:
        """Return once the safe default limit stands, or after a while."""
        if self._guarded.is_set():
            return
        try:
            async with asyncio.timeout(self._hold_s):
                await self._guarded.wait()
        except TimeoutError:
            LOG.warning("%s: a charge may begin before its safe limit stands", self._id)

    def _verdict(self, token: Token | None) -> facade.Verdict:
        return self._badges.verdict(token, remote_start=self._remote_start)

    def _badge(self, token: Token | None) -> str | None:
        """Return whose badge it is; None for ours, for none, and for one that may not charge."""
        if token is None or name(token) in {"", GATEWAY} or self._verdict(token) != "Accepted":
            return None
        return name(token)

    def _at(self, number: int) -> Connector | None:
        """Return a connector; 0 is the one where there is only one. None, told once, where it is not declared."""
        if number == 0 and len(self.connectors) == 1:
            return next(iter(self.connectors.values()))
        if number not in self.connectors and number not in self._strange:
            self._strange.add(number)
            if number:
                LOG.warning("%s has a connector %d: write connectors: %d in its entry", self._id, number, number)
        return self.connectors.get(number)

    def _of(self, transaction: str, number: int | None) -> Connector | None:
        """Return the connector of a transaction, by what runs, else by what the station says."""
        for connector in self.connectors.values():
            if transaction in connector.book.ids():
                return connector
        return self._at(0 if number is None else number)

    @staticmethod
    def _heard(connector: Connector, transaction: str, seq: int | None) -> bool:
        """Tell whether an event of 2.0.1 is a repetition, or older than what is known."""
        running = connector.book.running
        if running is not None and running.id == transaction:
            return seq is not None and running.seq is not None and seq <= running.seq
        return transaction in connector.book.ids()
