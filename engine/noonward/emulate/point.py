"""A charge point on its websocket: calls one at a time, answers at once, and comes back after a link loss."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.calls import Calls
from noonward.emulate.faults import Faults
from noonward.emulate.station import Starts, Station
from noonward.emulate.v16 import V16
from noonward.emulate.v201 import V201
from noonward.plant.vehicle import Vehicle, VehicleKind

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from websockets.asyncio.client import ClientConnection

    from noonward.emulate.dialect import Dialect
    from noonward.ports import Clock

DIALECTS: Final[Mapping[str, Callable[[], Dialect]]] = {"1.6": V16, "2.0.1": V201}


class ChargePoint:
    """An emulated charging station with its vehicle, for trying a gateway and for tests.

    ::

        cp = ChargePoint("cp-01", version="1.6", faults=Faults(floor_a=6.0), clock=SystemClock())
        await cp.connect("ws://127.0.0.1:8887/ocpp/")  # returns once the link is there; boots by itself
        cp.plug(VehicleKind(phases=1), energy_wh=20_000.0)  # a station of starts="plug" begins a transaction at once
        cp.currents_a()  # metered (L1, L2, L3) at this instant, online or not
        await cp.cut()  # link loss without a goodbye; comes back after reconnect_s
        cp.unplug()
        await cp.close()

    It lives by its clock alone, so a test may move time by hand: with any clock whose ``sleep`` waits (a leaping clock,
    a fast one) it lives by itself; with ``live=False`` it lives only in :meth:`live`, :meth:`plug`, :meth:`currents_a`
    and when it is asked something, each time up to the clock's present and with true timestamps in between, however
    far the clock has gone. :attr:`asked` is everything that it was asked, :attr:`said` everything that it said.

    Attributes:
        station: The station behind the socket.
        refused: Status of the last handshake that was refused, None where none was.
    """

    def __init__(
        self,
        ident: str,
        *,
        clock: Clock,
        version: str = "1.6",
        faults: Faults | None = None,
        phases: int = 3,
        max_current_a: float = 16.0,
        connectors: int = 1,
        starts: Starts = "plug",
        key: str | bytes | None = None,
        tls: ssl.SSLContext | None = None,
        reconnect_s: float | None = 5.0,
        live: bool = True,
    ) -> None:
        """Set it up, unplugged and offline.

        Args:
            ident: Its identity, the last part of the address that it connects to.
            clock: The only time it knows.
            version: "1.6" or "2.0.1".
            faults: What it gets wrong; None: nothing.
            phases: How many it is wired to.
            max_current_a: Most that it offers. [A]
            connectors: How many it has.
            starts: What begins a transaction: "plug", "badge" or "remote".
            key: Password of basic authentication (security profiles 1 and 2).
            tls: For ``wss`` (security profiles 2 and 3).
            reconnect_s: How long after a link loss it comes back; None: not by itself. [s]
            live: Whether it lives by itself; see above.
        """
        self._clock = clock
        self.station = Station(
            id=ident,
            dialect=DIALECTS[version](),
            faults=faults or Faults(),
            phases=phases,
            max_a=max_current_a,
            starts=starts,
            count=connectors,
            now=clock.now(),
        )
        self.refused: int | None = None
        self._key, self._tls = key, tls
        self._reconnect_s, self._lives = reconnect_s, live
        self._url: str | None = None
        self._socket: ClientConnection | None = None
        self._calls: Calls | None = None
        self._former: list[Calls] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}

    # -- the vehicle --------------------------------------------------------------------------------------------------

    def plug(
        self, vehicle: VehicleKind | Vehicle | None = None, *, energy_wh: float = float("inf"), connector: int = 1
    ) -> Vehicle:
        """Plug a vehicle in and return it.

        Args:
            vehicle: A vehicle, or its kind; None: the plainest.
            energy_wh: What it wants, where only its kind is given. [Wh]
            connector: Where.
        """
        if not isinstance(vehicle, Vehicle):
            vehicle = Vehicle(vehicle or VehicleKind(), energy_wh=energy_wh)
        self.live()
        self.station.plug(vehicle, connector)
        self._nudge()
        return vehicle

    def unplug(self, connector: int = 1) -> None:
        """Pull the plug."""
        self.live()
        self.station.unplug(connector)
        self._nudge()

    def badge(self, tag: str, connector: int = 1) -> None:
        """Hold a badge to the station."""
        self.live()
        self.station.badge(tag, connector)
        self._nudge()

    def offer_a(self, connector: int = 1) -> float:
        """Return what it offers its vehicle on each phase now. [A]."""
        self.live()
        return self.station.connectors[connector - 1].offer_a(self.station.t, online=self.station.online)

    def currents_a(self, connector: int = 1) -> tuple[float, float, float]:
        """Return what really flows on L1, L2 and L3 now, whatever the station says. [A]."""
        self.live()
        return self.station.connectors[connector - 1].currents_a(self.station.t, online=self.station.online)

    def power_w(self, connector: int = 1) -> float:
        """Return what its vehicle really draws now. [W]."""
        self.live()
        return self.station.connectors[connector - 1].draw_w(self.station.t, online=self.station.online)

    def energy_wh(self, connector: int = 1) -> float:
        """Return the connector's register now. [Wh]."""
        self.live()
        return self.station.connectors[connector - 1].register_wh

    def status(self, connector: int = 1) -> str:
        """Return the connector's status in the words of OCPP 1.6, as it really is."""
        self.live()
        return self.station.connectors[connector - 1].state(self.station.t, online=self.station.online)

    def vehicle(self, connector: int = 1) -> Vehicle | None:
        """Return the vehicle that is plugged in, None where there is none."""
        return self.station.connectors[connector - 1].vehicle

    def transaction(self, connector: int = 1) -> str | None:
        """Return the id of the connector's transaction, None where none runs or it has none yet."""
        running = self.station.connectors[connector - 1].transaction
        return None if running is None else running.id

    @property
    def asked(self) -> list[tuple[float, str, dict[str, Any]]]:
        """Every request that it got: moment, action, payload."""
        return self.station.asked

    @property
    def said(self) -> list[tuple[float, str, dict[str, Any]]]:
        """Every request that it sent: moment, action, payload."""
        return [one for calls in self._former for one in calls.said]

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """Every request of its own that was answered with an error: action, code, description."""
        return [one for calls in self._former for one in calls.errors]

    @property
    def online(self) -> bool:
        """Whether the link is there."""
        return self._socket is not None

    def live(self) -> None:
        """Live until the clock's present."""
        self.station.live(self._clock.now())
        self._nudge()

    # -- the link -----------------------------------------------------------------------------------------------------

    async def connect(self, url: str) -> None:
        """Connect to ``url`` + its identity, and stay connected until :meth:`close`.

        Raises:
            OSError: Nobody listens there.
            websockets.exceptions.InvalidStatus: It was refused; ``refused`` has the status.
        """
        self._url = url if url.endswith(f"/{self.station.id}") else f"{url.rstrip('/')}/{self.station.id}"
        await self._open()
        if self._lives and "life" not in self._tasks:
            self._spawn("life", self._live_on())

    def call(self, url: str) -> None:
        """Live from now on, and connect to ``url`` + its identity as soon as somebody listens there."""
        self._url = f"{url.rstrip('/')}/{self.station.id}"
        self._spawn("life", self._live_on())
        self._spawn("return", self._come_back(0.0))

    async def cut(self) -> None:
        """Lose the link as when a cable is pulled: nobody says goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()
            await self._settle("reader")

    async def reboot(self, reason: str = "PowerLoss") -> None:
        """Restart it: the link goes, and it boots again when it is back."""
        self.live()
        self.station.restart(reason)
        await self.cut()

    async def close(self) -> None:
        """Take it off the net for good."""
        self._reconnect_s = None
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def idle(self) -> None:
        """Return once it has said everything that it had to say, or lost its link."""
        while self._calls is not None and (self.station.outbox or self._calls.under_way):
            sender = self._tasks.get("sender")
            if sender is None or sender.done():
                return
            await asyncio.wait([sender], timeout=0.005)

    async def _open(self) -> None:
        from websockets.asyncio.client import connect  # noqa: PLC0415 - a site without stations does not pay
        from websockets.exceptions import InvalidStatus  # noqa: PLC0415 - as above
        from websockets.typing import Subprotocol  # noqa: PLC0415 - as above

        faults = self.station.faults
        headers = {}
        if self._key is not None:
            secret = self._key.encode() if isinstance(self._key, str) else self._key
            headers["Authorization"] = "Basic " + base64.b64encode(self.station.id.encode() + b":" + secret).decode()
        again = self.station.booted
        try:
            self._socket = await connect(
                self._url or "",
                subprotocols=None if faults.no_subprotocol else [Subprotocol(self.station.dialect.subprotocol)],
                additional_headers=headers,
                ssl=self._tls,
                compression=None,
                ping_interval=None,
                max_size=1 << 20,
            )
        except InvalidStatus as error:
            self.refused = error.response.status_code
            raise
        self.refused = None
        self.station.restarting = False
        self.station.connected(self._clock.now())
        mute_until = self._clock.monotonic() + (faults.mute_s if again else 0.0)
        self._calls = Calls(self._socket, self.station, self._clock, mute_until)
        self._former.append(self._calls)
        self._spawn("reader", self._read(self._calls))
        self._spawn("sender", self._calls.send())

    def _spawn(self, name: str, work: Any) -> None:
        self._tasks[name] = asyncio.create_task(work, name=f"{self.station.id} {name}")

    async def _settle(self, name: str) -> None:
        task = self._tasks.get(name)
        if task is not None and task is not asyncio.current_task():
            await asyncio.wait([task])

    async def _read(self, calls: Calls) -> None:
        try:
            await calls.read()
        finally:
            self._lost()

    def _nudge(self) -> None:
        if self._calls is not None:
            self._calls.news.set()

    def _lost(self) -> None:
        """Note that the link is gone, and come back later."""
        self._socket = self._calls = None
        sender = self._tasks.get("sender")
        if sender is not None:
            sender.cancel()
        self.station.disconnected(self._clock.now())
        if self._reconnect_s is not None:
            self._spawn("return", self._come_back(self._reconnect_s))

    async def _come_back(self, after_s: float) -> None:
        from websockets.exceptions import WebSocketException  # noqa: PLC0415 - as in _open

        while self._reconnect_s is not None:
            await self._clock.sleep(after_s)
            with contextlib.suppress(OSError, WebSocketException):
                await self._open()
                return
            after_s = self._reconnect_s

    async def _live_on(self) -> None:
        while True:
            self.live()
            await self._clock.sleep(min(max(self.station.next_in(), 0.05), 5.0))
