"""One charging station over all its connections: what it says is booked, made durable, and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward_drivers.ocpp import facade
from noonward_drivers.ocpp.arrival import Arrival
from noonward_drivers.ocpp.badges import GATEWAY, name
from noonward_drivers.ocpp.facade import Reply
from noonward_drivers.ocpp.stationclock import StationClock
from noonward_drivers.ocpp.transactions import Transaction
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

STRANGERS: Final = 8
"""So many connectors that nobody declared are told of; a station may name any number."""

DRAWS_W: Final = 100.0
DRAWS_A: Final = 1.0
"""More than the noise of a station's meter. [W] [A]"""

UNPLUGGED: Final = "EVDisconnected"
"""Reason of an end (OCPP 1.6, 7.36; 2.0.1, ReasonEnumType) that says that the cable was pulled."""


class Charger:
    """A station.

    Attributes:
        connectors: By number.
        entry: What the site has declared.
        arrival: Its comings and goings.
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
    ) -> None:
        self.connectors = connectors
        self.entry = declared.entry
        self._id = declared.entry.id
        self._remote_start = declared.entry.remote_start
        self._badges = badges
        self._numbers = numbers
        self._clock = clock
        self._kept = kept
        self._time = StationClock(kept.get("clock_error_s", 0.0))
        self._strange: set[int] = set()
        self.arrival = Arrival(
            self._id,
            connectors,
            preparer,
            profile=declared.profile,
            badges=badges,
            time=self._time,
            clock=clock,
            kept=kept,
        )

    async def hear(self, link: Link, event: Event) -> Reply:
        """Return what is answered, once it is durable."""
        now = self._clock.now()
        if not isinstance(event, facade.Booted):
            self.arrival.spoke()
        match event:
            case facade.Booted():
                await self.arrival.booted(link, event, now)
            case facade.AuthorizeAsked():
                await self.arrival.hold()
                return Reply(at=self._clock.now(), verdict=self._verdict(event.token))
            case facade.StatusChanged():
                await self._status(event, now)
            case facade.TransactionStarted():
                await self.arrival.hold()
                return await self._started(event, self._clock.now())
            case facade.TransactionUpdated():
                if event.token is not None:
                    await self.arrival.hold()
                await self._updated(event, self._clock.now())
                return Reply(at=now, verdict=self._verdict(event.token))
            case facade.TransactionEnded():
                await self._ended(event, now)
                return Reply(at=now, verdict=self._verdict(event.token))
            case facade.MeterSamples():
                await self._metered(event, now)
        return Reply(at=now)

    async def _status(self, event: facade.StatusChanged, now: Instant) -> None:
        connector = self._at(event.connector) if event.connector else None  # 0 is the station itself
        if connector is not None:
            connector.status(event.status, event.at, now, plug=event.plug)
            await connector.commit()

    async def _started(self, event: facade.TransactionStarted, now: Instant) -> Reply:
        verdict = self._verdict(event.token)
        connector = self._at(event.connector)
        if connector is None:
            LOG.warning("%s charges at connector %d, which is not declared", self._id, event.connector)
            return Reply(at=now, verdict="Invalid", transaction=event.transaction or self._numbers.next(now))
        parts = (event.transaction or (event.token and name(event.token)), event.at, event.meter_wh)
        start = None if event.at is None else "|".join(str(part) for part in parts)
        ident = event.transaction or (start and connector.book.known(start)) or self._numbers.next(now)
        transaction = Transaction(
            id=ident,
            badge=self._badge(event.token),
            started_at=self._time.at(event.at, now),
            meter_wh=event.meter_wh,
            start=start,
            seq=event.seq,
        )
        if not connector.book.repeated(transaction, event.at):
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
        live = not event.offline and self._time.live(event.at, now)
        running = connector.book.running
        known = running is not None and running.id == event.transaction
        if not known and not (
            live and connector.found(event.transaction, now, draws=event.state == "charging", written=event.at)
        ):
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
        connector.ended(event.transaction, event.at, now, unplugged=event.reason == UNPLUGGED)
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
            if not known and (not live or not connector.found(transaction, now, draws=_draw(live))):
                return
        connector.measured(live, now)

    # -- small questions -----------------------------------------------------------------------------------------------

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
        if number not in self.connectors and number not in self._strange and len(self._strange) < STRANGERS:
            self._strange.add(number)
            if number:
                LOG.warning("%s has a connector %d: write connectors: %d in its entry", self._id, number, number)
        return self.connectors.get(number)

    def _of(self, transaction: str, number: int | None) -> Connector | None:
        """Return the connector of a transaction: the one that the station says, else the one that knows it."""
        if number is not None:
            return self._at(number)
        runs = (one for one in self.connectors.values() if one.book.running and one.book.running.id == transaction)
        knows = (one for one in self.connectors.values() if transaction in one.book.ids())
        return next(runs, None) or next(knows, None) or self._at(0)

    @staticmethod
    def _heard(connector: Connector, transaction: str, seq: int | None) -> bool:
        """Tell whether an event of the running transaction is a repetition, or older than what is known (2.0.1)."""
        running = connector.book.running
        if running is None or running.id != transaction or seq is None or running.seq is None:
            return False
        return seq <= running.seq


def _draw(samples: Iterable[tuple[Instant, MeterSample]]) -> bool:
    """Tell whether a sample shows a vehicle that draws, and not the noise of a meter."""
    return any((one.power_w or 0.0) > DRAWS_W or any((a or 0.0) > DRAWS_A for a in one.current_a) for _, one in samples)
