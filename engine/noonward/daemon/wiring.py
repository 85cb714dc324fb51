"""From a site's device entries to opened devices that are read on time.

Meters and inputs are read each by a task of its own at their own pace, the relays of a device by one task, so that a
device that is away delays nobody else. Every answer wakes the loop; nothing is decided here.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from noonward.daemon import log
from noonward.daemon.actuate import Actuators, Lane, asked
from noonward.errors import DriverError, Unavailable, Unsupported, UsageError
from noonward.ports import Diagnosable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from noonward.daemon.clock import MachineClock
    from noonward.daemon.health import Health
    from noonward.daemon.sight import Sight
    from noonward.daemon.stations import Stations
    from noonward.policy.loaded import DeviceEntry, Loaded, Signal
    from noonward.ports import ChannelKind, Device, Driver, Memory

CONTACTS_EVERY_S = 10.0
"""How often relays are read when nothing is commanded: a module that restarted must not go unseen. [s]"""

CLOSE_S = 5.0
"""A device that has not let go of its sockets by then is left to itself: systemd waits for us, not for it. [s]"""

GROUP = "noonward.drivers"


def find_driver(name: str) -> Driver:
    """Return the driver that an entry point of the group ``noonward.drivers`` names.

    Raises:
        UsageError: None has that name.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise UsageError(f"there is no driver {name!r}; installed: {', '.join(sorted(found)) or 'none'}")
    driver: Driver = found[name].load()
    return driver


class Wiring:
    """The opened devices of the running site, and the tasks that read them."""

    def __init__(
        self,
        *,
        clock: MachineClock,
        sight: Sight,
        stations: Stations,
        health: Health,
        wake: Callable[[], None],
        deciding: Callable[[], bool],
        memory: Callable[[str], Memory],
        find: Callable[[str], Driver] = find_driver,
    ) -> None:
        self._clock = clock
        self._sight = sight
        self._stations = stations
        self._health = health
        self._wake = wake
        self._deciding = deciding
        self._memory = memory
        self._find = find
        self._entries: dict[str, DeviceEntry] = {}
        self._devices: dict[str, Device] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._asked: list[asyncio.Event] = []
        self.actuators = Actuators(stations)

    async def prepare(self, loaded: Loaded) -> None:
        """Open the devices that are new in ``loaded``, beside those that are open.

        One that cannot be opened while another of its driver is still open, which is to leave, may have to wait for
        that: two names for one port, for example. :meth:`connect` tries it again.

        Raises:
            UsageError: One cannot be opened; none is then open that was not before.
        """
        leaving = {entry.driver for entry in self._leaving(loaded)}
        opened: list[str] = []
        for entry in loaded.devices:
            if entry.name in self._entries:
                continue
            try:
                await self._open(entry)
                opened.append(entry.name)
            except UsageError:
                if entry.driver in leaving:
                    continue
                for name in opened:
                    await self._close(name)
                raise

    async def connect(self, loaded: Loaded) -> None:
        """Make the devices those of ``loaded``: an entry that did not change stays open, the rest is closed or opened.

        Raises:
            UsageError: A device cannot be opened; those that were open before are open again.
        """
        await self.prepare(loaded)
        late = [entry for entry in loaded.devices if self._entries.get(entry.name) != entry]
        in_the_way = [self._entries[entry.name] for entry in late if entry.name in self._entries]
        if len(in_the_way) < len(late):
            in_the_way += self._leaving(loaded)
        for old in in_the_way:
            await self._close(old.name)
        opened: list[str] = []
        try:
            for entry in late:
                await self._open(entry)
                opened.append(entry.name)
        except UsageError:
            for name in opened:
                await self._close(name)
            for old in in_the_way:
                await self._open(old)
            raise
        await self._stop_reading()
        for old in self._leaving(loaded):
            await self._close(old.name)
        self._watch(loaded)

    async def asked_once(self) -> None:
        """Return when every channel has been asked once, whatever came of it."""
        await asyncio.gather(*(event.wait() for event in self._asked))

    async def close(self) -> None:
        """Let go of every device without switching anything."""
        await self._stop_reading()
        for name in list(self._entries):
            await self._close(name)
        await self.actuators.close()
        await self._stations.close()

    async def diagnostics(self, station: str, url: str) -> str | None:
        """Have a station send its log to an address.

        Raises:
            DriverError: It cannot, or does not.
        """
        for device in self._devices.values():
            if station in device.stations and isinstance(device, Diagnosable):
                return await asked(device.diagnostics(station, url))
        raise Unsupported(f"{station} keeps no log that could be fetched")

    def _leaving(self, loaded: Loaded) -> list[DeviceEntry]:
        wanted = {entry.name for entry in loaded.devices}
        return [entry for entry in self._entries.values() if entry.name not in wanted]

    async def _open(self, entry: DeviceEntry) -> None:
        try:
            driver = self._find(entry.driver)
            device = await driver.open(entry.name, entry.config, self._clock, self._memory(entry.name))
        except (DriverError, OSError, ValueError, KeyError) as error:
            raise UsageError(f"device {entry.name!r} cannot be opened: {error}") from error
        self._stations.add(entry.name, device.stations)
        self._entries[entry.name], self._devices[entry.name] = entry, device
        self.actuators.lanes[entry.name] = Lane(
            device.relays, clock=self._clock, sight=self._sight, health=self._health, wake=self._wake
        )

    async def _close(self, name: str) -> None:
        del self._entries[name]
        await self.actuators.lanes.pop(name).close()
        device = self._devices.pop(name)
        self._stations.remove(name)
        try:
            async with asyncio.timeout(CLOSE_S):
                await device.close()
        except TimeoutError:
            log.warn("device", f"{name} does not let go within {CLOSE_S:g} s; it is left to itself", device=name)
        except Exception as error:  # noqa: BLE001 - the others must be let go all the same
            log.alarm("driver-bug", f"{name} cannot be closed: {error!r}", error, device=name)

    async def _stop_reading(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._asked.clear()

    def _watch(self, loaded: Loaded) -> None:
        """Begin to read every channel that the site uses."""
        dim = loaded.signals.get("dim")
        meters: dict[str, float] = {}
        for signal in _meters(loaded):
            meters[signal.channel] = min(meters.get(signal.channel, signal.every_s), signal.every_s)
        relays: dict[str, list[str]] = {}
        for relay in loaded.site.relays:
            relays.setdefault(relay.partition("/")[0], []).append(relay)
        kinds: dict[str, ChannelKind] = {
            **dict.fromkeys(meters, "meter"),
            **dict.fromkeys(loaded.site.relays, "relay"),
            **({dim.channel: "input"} if dim is not None else {}),
            **{
                channel: "station"
                for station, channel in self._stations.channels().items()
                if station in loaded.site.stations
            },
        }
        self._health.forget(self._health.channels.keys() - kinds.keys())
        for channel, kind in kinds.items():
            self._health.watch(channel, kind, self._stations.address(channel))
        for channel, every_s in meters.items():
            self._begin(self._read_meter, [channel], every_s)
        for channels in relays.values():
            self._begin(self._read_relay, channels, CONTACTS_EVERY_S)
        if dim is not None:
            self._begin(self._read_input, [dim.channel], dim.every_s)

    def _begin(self, read: Callable[[str], Awaitable[None]], channels: Iterable[str], every_s: float) -> None:
        once = asyncio.Event()
        self._asked.append(once)
        self._tasks.append(asyncio.create_task(self._repeat(read, list(channels), every_s, once)))

    async def _repeat(
        self, read: Callable[[str], Awaitable[None]], channels: list[str], every_s: float, once: asyncio.Event
    ) -> None:
        """Read on the beat of ``every_s``; a beat that is missed is left out, not made up for.

        Nothing is read while nobody decides: many a board takes any request for a sign of life, and must be left alone
        to let go of its loads.
        """
        due = self._clock.monotonic()
        while True:
            for channel in channels if self._deciding() else ():
                try:
                    await read(channel)
                except Exception as error:  # noqa: BLE001 - a value nobody foresaw must not end the reading
                    self._health.failed(channel, self._clock.now(), error)
            once.set()
            self._wake()
            late = self._clock.monotonic() - due
            due += every_s * (1 + max(late, 0.0) // every_s)
            await self._clock.sleep(due - self._clock.monotonic())

    async def _read_meter(self, channel: str) -> None:
        at = self._clock.now()
        try:
            values = await asked(_found(self._devices, channel, "meters").read())
        except DriverError as error:
            self._health.failed(channel, at, error)
        else:
            self._health.answered(channel, at)
            self._sight.measured(channel, values, at)

    async def _read_relay(self, channel: str) -> None:
        at = self._clock.now()
        try:
            closed = await asked(_found(self._devices, channel, "relays").read())
        except DriverError as error:
            self._health.failed(channel, at, error)
        else:
            self._health.answered(channel, at)
            self._sight.contact(channel, closed, at)

    async def _read_input(self, channel: str) -> None:
        at = self._clock.now()
        try:
            closed: bool | None = await asked(_found(self._devices, channel, "inputs").read())
        except DriverError as error:
            self._health.failed(channel, at, error)
            if self._health.away(channel):
                self._sight.input(channel, None)
        else:
            self._health.answered(channel, at)
            self._sight.input(channel, closed)


def _meters(loaded: Loaded) -> Iterable[Signal]:
    yield from (signal for role, signal in loaded.signals.items() if role != "dim")
    yield from loaded.load_meters.values()


def _found(devices: Mapping[str, Device], channel: str, kind: str) -> Any:
    """Return the channel's object.

    Raises:
        Unavailable: The device does not have it: its driver promised more at load time than it opened.
    """
    name, _, local = channel.partition("/")
    device = devices.get(name)
    thing = None if device is None else getattr(device, kind).get(local)
    if thing is None:
        raise Unavailable(f"the device has no {local}" if device else "the device is not open")
    return thing
