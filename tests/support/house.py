"""A house for daemon tests: devices that a test breaks at will, a folder of policies, and the daemon on virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from noonward.core.model import LimitSeen, Sample, Station, Status
from noonward.core.step import step as core_step
from noonward.daemon.notify import Notifier
from noonward.daemon.running import Running
from noonward.errors import Rejected, Unavailable
from noonward.policy.load import load
from noonward.ports import Device
from support.clock import Inline, LeapClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from noonward.core.model import SetLimit
    from noonward.ports import Memory

SITE = """\
kind: site/v1
name: test-house
timezone: UTC
grid: {meter: grid-meter, every: 5 s, frozen_after: 10 min}
pv: {peak: 8 kWp, meter: inverter, every: 5 s}
stagger: 0 s
devices:
  grid-meter: {driver: memory, meter: grid}
  inverter: {driver: memory, meter: pv, peak: 8 kWp}
  cellar: {driver: memory, dead_man: 2 min, relays: {relay-1: {power: 3 kW}, relay-2: {power: 1 kW}}}
  attic: {driver: memory, dead_man: 0 s, relays: {relay-1: {power: 1 kW}}}
"""

BOILER = """\
kind: appliance/v1
name: boiler
mode: auto-solar
load: {power: 3 kW, min_on: 20 min}
relays: [cellar/relay-1]
surplus: {on_delay: 60 s, off_delay: 60 s}
"""

PUMP = """\
kind: appliance/v1
name: pump
mode: manual
load: {power: 1 kW, min_on: 1 min}
relays: [attic/relay-1]
"""

GARAGE_SITE = (
    SITE
    + """\
  garage: {driver: memory, stations: {cp-01: {}, cp-02: {}, cp-03: {}}}
"""
)

GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
stations: [cp-01, cp-02]
limits: {max_power: 22 kW}
"""


@dataclass
class FakeStation:
    """A charging station that obeys at once, unless it is told to hang or to refuse; a test says what it tells.

    A vehicle at it draws what it is offered on each of ``phases``, up to ``takes_a``, from 6 A up; ``untold_a`` before
    it was told anything, the safe current when nobody renews what it was told.
    """

    house: House
    name: str
    told: Station = field(default_factory=lambda: Station(online=False))
    trouble: str | None = None
    hangs: bool = False
    refuses: str | None = None
    limits: list[tuple[float, SetLimit]] = field(default_factory=list)
    answered: list[SetLimit] = field(default_factory=list)
    phases: int = 0
    takes_a: float = 16.0
    untold_a: float = 0.0
    renewed_s: float = 0.0
    energy_wh: float = 0.0
    changed: Callable[[], None] = lambda: None

    def seen(self) -> Station:
        return self.told

    def watch(self, changed: Callable[[], None]) -> None:
        self.changed = changed

    def says(self, **changes: Any) -> None:
        self.told = replace(self.told, **{"online": True, **changes})
        self.changed()

    def plug(self, phases: int = 1, **changes: Any) -> None:
        """A vehicle comes; it draws nothing before the station is told a limit."""
        now = self.house.clock.now()
        self.phases, self.answered = phases, []
        self.says(**{"plugged": True, "plugged_at": now, "status": Status.SUSPENDED_EVSE, **changes})

    def unplug(self) -> None:
        """It leaves."""
        self.phases = 0
        self.says(plugged=False, status=Status.AVAILABLE)

    def drawn_a(self) -> float:
        """Return what each of its phases draws."""
        limit_a = self.answered[-1].limit_a if self.answered else self.untold_a
        if self.answered and self.house.clock.monotonic() >= self.renewed_s + self.answered[-1].window_s:
            limit_a = self.answered[-1].safe_a
        if not self.phases:
            return 0.0
        return min(limit_a, self.takes_a) if limit_a >= 6.0 else 0.0

    def measure(self, passed_s: float = 0.0) -> None:
        """Tell what the vehicle draws, after it drew that for so long."""
        now, drawn_a = self.house.clock.now(), self.drawn_a()
        power_w = 230.0 * drawn_a * self.phases
        self.energy_wh += power_w * passed_s / 3600
        currents = {f"L{k}": drawn_a if k <= self.phases else 0.0 for k in (1, 2, 3)}
        sample = Sample(at=now, power_w=power_w, current_a=currents, energy_wh=self.energy_wh)
        status = Status.CHARGING if drawn_a else Status.SUSPENDED_EVSE
        self.says(sample=sample, **({"status": status} if self.phases else {}))

    async def limit(self, command: SetLimit) -> None:
        self.house.on_limit(self, command)
        self.limits.append((self.house.clock.now(), command))
        while self.hangs:
            await self.house.clock.sleep(1.0)
        if self.refuses:
            raise Rejected(self.refuses)
        self.answered.append(command)
        self.renewed_s = self.house.clock.monotonic()
        self.says(accepted=LimitSeen(current_a=command.limit_a, at=command.at))


@dataclass
class FakeRelay:
    """Obeys unless it is told not to; remembers every movement."""

    house: House
    name: str
    closed: bool = False
    away: bool = False
    stuck: bool = False
    sets: list[tuple[float, bool, float | None]] = field(default_factory=list)
    clicks: list[tuple[float, bool]] = field(default_factory=list)

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        self.house.on_set(self, closed)
        if self.away:
            raise Unavailable("no answer")
        self.sets.append((self.house.clock.now(), closed, valid_for_s))
        if closed != self.closed and not self.stuck:
            self.closed = closed
            self.clicks.append((self.house.clock.now(), closed))

    async def read(self) -> bool | None:
        if self.away:
            raise Unavailable("no answer")
        return self.closed


@dataclass
class FakeMeter:
    """Says what the house draws, or whatever else a test wants."""

    house: House
    name: str
    away: bool = False
    says: float | str | None = "truth"
    reads: int = 0

    async def read(self) -> dict[str, float | None]:
        self.reads += 1
        if self.away:
            raise Unavailable("no answer within 1 s")
        if self.says != "truth":
            return {"power_w": self.says}
        return {"power_w": self.house.pv_w if self.name == "inverter" else self.house.grid_w()}


@dataclass
class FakeInput:
    """A contact."""

    closed: bool = False
    away: bool = False

    async def read(self) -> bool:
        if self.away:
            raise Unavailable("no answer")
        return self.closed


@dataclass
class House:
    """Sun, loads and devices; a closed relay draws what its entry says."""

    clock: LeapClock = field(default_factory=LeapClock)
    pv_w: float = 0.0
    base_w: float = 400.0
    relays: dict[str, FakeRelay] = field(default_factory=dict)
    meters: dict[str, FakeMeter] = field(default_factory=dict)
    inputs: dict[str, FakeInput] = field(default_factory=dict)
    stations: dict[str, FakeStation] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    power_w: dict[str, float] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    opens: type[Device] | None = None
    exclusive: bool = False
    garages: set[str] = field(default_factory=set)
    name = "memory"
    wobble: int = 0

    def grid_w(self) -> float:
        """A living meter: its last digit never rests."""
        self.wobble += 1
        drawn = sum(self.power_w[name] for name, relay in self.relays.items() if relay.closed)
        drawn += sum(230.0 * station.drawn_a() * station.phases for station in self.stations.values())
        return self.base_w + drawn - self.pv_w + math.sin(self.wobble) / 10

    async def drive(self, seconds: float, every_s: float = 10.0) -> None:
        """Let time pass, with every station that is connected reporting what its vehicle draws."""
        for _ in range(round(seconds / every_s)):
            await self.clock.run(every_s)
            for station in self.stations.values():
                if station.told.online:
                    station.measure(every_s)
        await self.clock.run(0.5)

    def on_set(self, relay: FakeRelay, closed: bool) -> None:
        """For tests to hook into."""

    def on_limit(self, station: FakeStation, command: SetLimit) -> None:
        """For tests to hook into."""

    def find(self, _driver: str) -> House:
        return self

    async def open(self, name: str, config: dict[str, Any], _clock: object, memory: Memory) -> Device:
        if name in self.refuses:
            raise ValueError("bad wiring")
        open_now = [one for one in self.opened if self.opened.count(one) > self.opened.count(f"-{one}")]
        if self.exclusive and "stations" in config and any(one in self.garages for one in open_now):
            raise OSError("address in use")
        self.opened.append(name)
        if "stations" in config:
            self.garages.add(name)
        self.memories[name] = memory
        relays, meters, inputs = {}, {}, {}
        for channel, spec in config.get("relays", {}).items():
            ident = f"{name}/{channel}"
            relays[channel] = self.relays.setdefault(ident, FakeRelay(self, ident))
            number, unit = spec["power"].split()
            self.power_w[ident] = float(number) * (1000 if unit == "kW" else 1)
        if "meter" in config:
            meters["meter"] = self.meters.setdefault(name, FakeMeter(self, name))
        for channel in config.get("inputs", {}):
            inputs[channel] = self.inputs.setdefault(f"{name}/{channel}", FakeInput())
        stations = {
            ident: self.stations.setdefault(ident, FakeStation(self, ident)) for ident in config.get("stations", {})
        }
        house = self

        class Opened(Device):
            async def close(self) -> None:
                house.opened.append(f"-{name}")

        return (self.opens or Opened)(relays=relays, meters=meters, inputs=inputs, stations=stations)


def write(folder: Path, **files: str) -> Path:
    """Write a folder of policies; ``site`` and one keyword a policy."""
    folder.mkdir(exist_ok=True)
    for name, text in ({"site": SITE, "boiler": BOILER, "pump": PUMP} | files).items():
        if text:
            (folder / f"{name}.yaml").write_text(text)
    return folder


def build(house: House, folder: Path, state: Path, *, step=core_step, environ=None) -> Running:
    """A daemon on virtual time, not started."""

    async def loader(place: Path):
        return load(place)

    return Running(
        folder,
        load(folder),
        state=state,
        clock=house.clock,
        executor=Inline(),
        notifier=Notifier(house.clock, environ or {}, 1),
        version="0",
        load=loader,
        find=house.find,
        step=step,
    )


@contextlib.asynccontextmanager
async def running(
    house: House, folder: Path, state: Path, *, for_good: bool = False, start: bool = True, **options: Any
) -> AsyncIterator[Running]:
    """A daemon on virtual time, stopped at the end of the block as for a restart."""
    daemon = build(house, folder, state, **options)
    if start:
        await advance(house.clock, daemon.start())
    try:
        yield daemon
    finally:
        await advance(house.clock, daemon.stop(for_good=for_good))


async def advance(clock: LeapClock, coroutine) -> Any:
    """Run a coroutine that sleeps on the clock; leap as far as it needs."""
    task = asyncio.ensure_future(coroutine)
    for _ in range(100):
        await clock.settle()
        if task.done():
            return task.result()
        await clock.run(1.0)
    task.cancel()
    raise TimeoutError("100 s of virtual time were not enough")
