"""One connector as the engine sees it: what its station says becomes a :class:`noonward.core.model.Station`."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward.core.model import Sample, Station, Status
from noonward_drivers.ocpp.transactions import Book, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from noonward.core.model import Instant, SetLimit
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.facade import ChargingState, ConnectorStatus, MeterSample
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.seam import Limiter

PLUGGED: Final[Mapping[ConnectorStatus, bool]] = MappingProxyType(
    {
        "available": False,
        "reserved": False,
        "preparing": True,
        "charging": True,
        "suspended-ev": True,
        "suspended-evse": True,
        "occupied": True,
    }
)
"""What a status says of the cable. "Faulted" and "unavailable" say nothing of it, "finishing" that it was there."""

TELLING: Final[tuple[ConnectorStatus, ...]] = ("occupied", "faulted", "reserved", "unavailable", "available")
"""Statuses of 2.0.1, the most telling first, where a connector has several sockets or cables."""

PLUGS: Final = 8
"""So many of them are kept apart."""

STATES: Final[Mapping[ChargingState, Status]] = MappingProxyType(
    {
        "charging": Status.CHARGING,
        "ev-connected": Status.PREPARING,
        "suspended-ev": Status.SUSPENDED_EV,
        "suspended-evse": Status.SUSPENDED_EVSE,
        "idle": Status.PREPARING,
    }
)
"""What the charging state of a transaction is in the words of 1.6 (2.0.1 says "occupied" of the connector)."""

FIELDS: Final = ("power_w", "current_a", "energy_wh")

CARRIED_S: Final = 60.0
"""A register that comes alone is put to the power measured so shortly before, instead of taking its place. [s]"""


class Connector:
    """A ``ports.ChargingStation``; stays while its station comes and goes.

    Attributes:
        name: What zones call it.
        number: From 1, as the station counts.
        book: Its transactions.
        address: Where its station has to connect; "" before that is known.
    """

    def __init__(
        self,
        name: str,
        number: int,
        *,
        entry: StationEntry,
        kept: Kept,
        limiter: Callable[[Callable[[], None]], Limiter],
    ) -> None:
        self.name = name
        self.number = number
        self.book = Book(kept.get("book"))
        self.address = ""
        self.limiter = limiter(self.tell)
        self._kept = kept
        self._phases = entry.phases
        plug = kept.get("plug", {})
        self._plugged: bool | None = plug.get("plugged")
        self._plugged_at: Instant | None = plug.get("at")
        self._badge: str | None = plug.get("badge")
        self._served = bool(plug.get("served"))
        self._status: ConnectorStatus | None = None
        self._plugs: dict[int, ConnectorStatus] = {}
        self._state: ChargingState | None = None
        self._free_at: Instant | None = None
        self._sample: Sample | None = None
        self._online = False
        self._booted_at: Instant | None = None
        self._watchers: list[Callable[[], None]] = []
        self._told: tuple[Station, str | None] | None = None
        self._limiter_told: tuple[tuple[str | None, str | None], bool | None] = ((None, None), None)
        self._brief()

    # -- ports.ChargingStation --------------------------------------------------------------------------------------

    def seen(self) -> Station:
        """Return what is known of it now."""
        return Station(
            plugged=self._plugged,
            plugged_at=self._plugged_at,
            status=self._shown(),
            online=self._online,
            id_tag=self._badge,
            sample=self._sample,
            accepted=self.limiter.accepted,
            booted_at=self._booted_at,
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` whenever :meth:`seen` would answer differently."""
        self._watchers.append(changed)

    @property
    def trouble(self) -> str | None:
        """What is wrong with how its station obeys, in a sentence; None while nothing is."""
        return self.limiter.trouble

    async def limit(self, command: SetLimit) -> None:
        """Take a limit.

        Raises:
            DriverError: The station did not take it.
        """
        await self.limiter.limit(command)

    # -- what its station says ---------------------------------------------------------------------------------------

    def online(self, online: bool) -> None:
        """Take that its station came or went."""
        self._online = online
        self.tell()

    def booted(self, now: Instant) -> None:
        """Take that its station started anew."""
        self._booted_at = now
        self.limiter.booted()
        self.tell()

    def status(self, status: ConnectorStatus, written: Instant | None, now: Instant, plug: int = 1) -> None:
        """Take a status.

        Args:
            status: As the station says it.
            written: Since when, by the station's clock.
            now: When it came.
            plug: Of which socket or cable; what one of them says of a vehicle stands above what the others do not.
        """
        if plug in self._plugs or len(self._plugs) < PLUGS:
            self._plugs[plug] = status
        status = next((one for one in TELLING if one in self._plugs.values()), status)
        self._status = status
        if status in {"available", "reserved"}:
            self._free_at = written
            self.book.shut(now)
        plugged = PLUGGED.get(status)
        if status == "finishing" and self._plugged is None:
            plugged = True
        self._plug(plugged, now)

    def charging_state(self, state: ChargingState | None, now: Instant) -> None:
        """Take the charging state of the running transaction (2.0.1); None: left out."""
        if state is None:
            return
        self._state = state
        if state != "idle":
            self._plug(True, now)
            if self._status in {None, "available"}:
                self._status = "occupied"
        elif self._status != "occupied":
            self._plug(False, now)

    def begun(
        self, transaction: Transaction, written: Instant | None, now: Instant, *, plugged: bool | None = True
    ) -> None:
        """Take a transaction that began.

        One that began before the connector was last free is news of the past, by the station's own clock: it comes out
        of a backlog, and its end will follow.
        """
        if written is not None and self._free_at is not None and written < self._free_at:
            self.book.past(transaction)
            return
        self._run(transaction, now, plugged=plugged)

    def found(self, ident: str, now: Instant, *, draws: bool, written: Instant | None = None) -> bool:
        """Take that the station measures for a transaction; False where that one is over (``Book.over``)."""
        if self.book.over(ident, now, alive=draws or bool(self._plugged), written=written):
            return False
        if self.book.running is None or self.book.running.id != ident:
            self._run(Transaction(id=ident), now, plugged=True)
        return True

    def badge(self, badge: str | None) -> None:
        """Take who charges, where that was shown after the start."""
        self._badge = badge or self._badge
        self.book.change(badge=self._badge)

    def ended(self, ident: str, written: Instant | None, now: Instant, *, unplugged: bool) -> None:
        """Take the end of a transaction; ``unplugged``: because the cable was pulled."""
        if not self.book.end(ident, written):
            return
        self._served, self._state = True, None
        if unplugged:
            self._plug(False, now)

    def measured(self, samples: Iterable[tuple[Instant, MeterSample]], now: Instant) -> None:
        """Take samples with the time when they were measured; no backlog."""
        if self._sample is not None and self._sample.at > now:
            self._sample = None  # our own clock was set back
        for at, measured in sorted(samples, key=lambda pair: pair[0]):
            sample = self._merged(self._sample_of(at, measured))
            if sample is not None:
                self._sample = sample
                self.limiter.sampled(sample)

    # -- what becomes of it -------------------------------------------------------------------------------------------

    async def commit(self) -> None:
        """Make it durable, then tell everyone. What the station said may be answered once this returned.

        Raises:
            StateError: It is not durable.
        """
        plug = {"plugged": self._plugged, "at": self._plugged_at, "badge": self._badge, "served": self._served}
        await self._kept.save({"plug": plug, "book": self.book.written()})
        self._brief()
        self.tell()

    def tell(self) -> None:
        """Call those who watch, if anything changed."""
        seen = (self.seen(), self.limiter.trouble)
        if seen != self._told:
            self._told = seen
            for changed in self._watchers:
                changed()

    def _brief(self) -> None:
        """Tell the limiter what it has to know."""
        running = self.book.running
        now = (None, None) if running is None else (running.id, running.start)
        before, plugged = self._limiter_told
        self._limiter_told = now, self._plugged
        if now != before:
            if now[0] == before[0]:
                self.limiter.transaction(None)  # another one of the same name: what was told is gone
            self.limiter.transaction(now[0])
        if self._plugged != plugged:
            self.limiter.plugged(self._plugged)

    def _run(self, transaction: Transaction, now: Instant, *, plugged: bool | None) -> None:
        self.book.begin(transaction)
        self._state = None
        self._plug(plugged, now)
        self._badge = transaction.badge or self._badge

    def _plug(self, plugged: bool | None, now: Instant) -> None:
        """Take what is known of the cable; a vehicle that was not seen to come has come at an unknown moment."""
        if plugged is None or plugged == self._plugged:
            return
        self._plugged_at = now if plugged and self._plugged is False else None
        self._plugged = plugged
        if not plugged:
            self._badge, self._sample, self._served, self._state = None, None, False, None

    def _shown(self) -> Status | None:
        """Return the status in the words of 1.6."""
        if self._status not in {None, "occupied"}:
            return Status(self._status)
        if self.book.running is not None and self._state is not None:
            return STATES[self._state]
        if self._status is None:
            return None
        return Status.FINISHING if self._served and self.book.running is None else Status.PREPARING

    def _sample_of(self, at: Instant, measured: MeterSample) -> Sample:
        """Return a sample as the engine knows it; a current without a phase tells only where there is one phase."""
        current_a = {f"L{n}": value for n, value in enumerate(measured.current_a, 1) if value is not None}
        if measured.on_n and "L1" in current_a:
            current_a = {"N": current_a["L1"]}
        elif not current_a and measured.current_lone_a is not None and self._phases == 1:
            current_a = {"L1": measured.current_lone_a}
        return Sample(at=at, power_w=measured.power_w, current_a=current_a, energy_wh=measured.energy_wh)

    def _merged(self, sample: Sample) -> Sample | None:
        """Return what is known with this sample; None where it is no newer or says nothing.

        Stations hand in one moment in several parts, and a register by the clock between two samples of power.
        """
        says: dict[str, Any] = {name: value for name in FIELDS if (value := getattr(sample, name)) not in (None, {})}
        older = self._sample
        if not says or (older is not None and sample.at < older.at):
            return None
        if older is None:
            return sample
        if sample.at == older.at:
            return replace(older, **says)
        alone = set(says) == {"energy_wh"} and (older.power_w is not None or bool(older.current_a))
        return replace(older, **says) if alone and sample.at - older.at < CARRIED_S else sample
