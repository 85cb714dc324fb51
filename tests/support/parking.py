"""A building with a sun, a meter, relays and cars at stations, second by second, for tests of whole zones.

Stations take every limit after ``answer_s`` and cars follow at once, unless told to misbehave. Every second in which
something new is seen, or that was announced by ``wake_at``, is a step; and every step is checked: a second one at once
changes nothing, and time alone changes nothing that was not announced.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - fields of a dataclass are looked at by people
from dataclasses import dataclass, field, replace

from noonward.core.calm import Steps
from noonward.core.model import (
    Appliance,
    Command,
    Grid,
    Inputs,
    LimitSeen,
    Mode,
    Observation,
    Outcome,
    Reading,
    RelayState,
    Sample,
    SetLimit,
    SetRelay,
    Site,
    Stage,
    State,
    Station,
    StationInfo,
    Zone,
)
from noonward.core.step import step

T0 = 1_000_000.0
VOLTAGE_V = 230.0


@dataclass
class Car:
    """A car at a station: comes and goes, needs so much, follows its limit or does not."""

    arrives: float = 0.0
    leaves: float = 1e12
    phases: int = 3
    lines: tuple[int, ...] = ()
    min_a: float = 6.0
    max_a: float = 16.0
    needs_wh: float = 1e12
    start_a: float = 0.0
    asleep: bool = False
    id_tag: str | None = None
    ignores: bool = False
    extra_a: float = 0.0
    """Draws so much more than it is offered, within its maximum."""
    meter: str = "currents"
    answer_s: float = 0.0
    offline: tuple[float, float] = (1e12, 1e12)
    boots: float = 1e12
    """Restarts then, and forgets its limit."""
    drawn_wh: float = 0.0
    limit_a: float | None = None
    before_a: float = 6.0
    """What it is limited to before it is told anything: the safe default."""
    running: bool = False

    def plugged(self, t: float) -> bool:
        return self.arrives <= t < self.leaves

    def online(self, t: float) -> bool:
        return not self.offline[0] <= t < self.offline[1]

    def current_a(self, t: float) -> float:
        """What it draws at this second. [A]."""
        if not self.plugged(t) or self.asleep or self.drawn_wh >= self.needs_wh:
            self.running = False
            return 0.0
        limit = self.before_a if self.limit_a is None else self.limit_a
        if self.ignores:
            limit = self.max_a
        self.running = limit >= (self.min_a if self.running else max(self.min_a, self.start_a))
        return min(self.max_a, limit + self.extra_a) if self.running else 0.0


@dataclass
class Garage:
    """A site with one zone, and perhaps appliances, that can be watched."""

    cars: dict[str, Car]
    sun: Callable[[float], float] = lambda _: 0.0
    base_w: float = 300.0
    zone: dict = field(default_factory=dict)
    info: StationInfo = field(default_factory=StationInfo)
    grid: Grid = field(default_factory=Grid)
    appliances: tuple[Appliance, ...] = ()
    inputs: Callable[[float], dict[str, Inputs]] = lambda _: {}
    meter_dead: tuple[float, float] = (1e12, 1e12)
    more: dict = field(default_factory=dict)
    per_phase: bool = False
    lag_s: int = 0
    """How much later than the truth the meter reports."""
    ramp_s: float = 0.0
    """How long a car takes to follow a higher limit."""
    dim: Callable[[float], bool] = lambda _: False

    def __post_init__(self):
        shape = {
            "name": "garage",
            "mode": Mode.AUTO_SOLAR,
            "stations": tuple(self.cars),
            "phases": None,
            "max_power_w": 22_080.0,
            "min_current_a": 6.0,
            "min_on_s": 600.0,
        }
        self.site = Site(
            zones=(Zone(**(shape | self.zone)),),
            appliances=self.appliances,
            stations=dict.fromkeys(self.cars, self.info),
            grid=self.grid,
            relays={},
            **self.more,
        )
        self.state = State()
        self.t = 0
        self.samples: dict[str, Sample] = {}
        self.accepted: dict[str, LimitSeen] = {}
        self.pending: list[tuple[float, str, SetLimit]] = []
        self.reading: Reading | None = None
        self.phases_a: tuple[Reading | None, ...] = ()
        self.relays: dict[str, RelayState] = {}
        self.wake_at: float | None = 0.0
        self.outcome = None
        self.log: list[tuple[int, Command]] = []
        self.seen_before = None
        self.draws: dict[str, float] = {}
        self.truths: list[tuple[float, list[float]]] = []
        self.short = Steps(self.site)
        self.shortcuts = 0
        self.restless = 0
        self.power_back_at: float | None = None
        self.steps = 0

    # -- what there is ---------------------------------------------------------------------------------------------

    def power_w(self) -> float:
        """What all cars draw."""
        return sum(self.draws[name] * car.phases * VOLTAGE_V for name, car in self.cars.items())

    def decision(self, policy: str = "garage"):
        return next(d for d in self.outcome.decisions if d.policy == policy)

    def station(self, name: str):
        return next(s for s in self.decision().stations if s.station == name)

    def limits(self) -> dict[str, float]:
        return {s.station: s.limit_a for s in self.decision().stations}

    def sent(self, name: str) -> list[tuple[int, float]]:
        """Every limit that was sent to a station: second and amperes."""
        return [(t, c.limit_a) for t, c in self.log if isinstance(c, SetLimit) and c.station == name]

    def relay_w(self) -> float:
        return sum(
            stage.power_w
            for a in self.appliances
            for stage in a.stages[:1]
            if (seen := self.relays.get(a.relays[0])) is not None and seen.closed
        )

    # -- time ------------------------------------------------------------------------------------------------------

    def run(self, until: int, check: Callable[[Garage], None] | None = None) -> Garage:
        """Play until this second."""
        while self.t < until:
            self._second()
            if check is not None:
                check(self)
            self.t += 1
        return self

    def _second(self) -> None:
        t, now, news = self.t, T0 + self.t, False
        for due, name, command in [p for p in self.pending if p[0] <= t]:
            car = self.cars[name]
            if car.online(t):
                car.limit_a = command.limit_a
                self.accepted[name] = LimitSeen(current_a=command.limit_a, at=command.at)
                news = True
            self.pending.remove((due, name, command))
        for name, car in self.cars.items():
            if not car.plugged(t) or t == car.boots:
                car.limit_a = None
            amperes = car.current_a(t)
            if self.ramp_s:
                amperes = min(amperes, self.draws.get(name, 0.0) + 32.0 / self.ramp_s)
            self.draws[name] = amperes
            car.drawn_wh += amperes * car.phases * VOLTAGE_V / 3600.0
            if t % 10 == 3 and car.online(t):
                self.samples[name] = _sample(car, amperes, now)
                news = True
            news = news or t in {car.arrives, car.leaves, car.boots, *car.offline}
        if t % 5 == 0 and not self.meter_dead[0] <= t < self.meter_dead[1]:
            rest_w = self.base_w + self.relay_w() - self.sun(t)
            self.truths.append((rest_w + self.power_w(), self._lines(rest_w)))
            total_w, lines_a = self.truths[max(0, len(self.truths) - 1 - self.lag_s // 5)]
            self.reading = Reading(total_w, now)
            if self.per_phase:
                self.phases_a = tuple(Reading(a, now) for a in lines_a)
            news = True
        seen = Observation(
            grid_w=self.reading,
            grid_a=self.phases_a,
            stations={name: self._station(name, car) for name, car in self.cars.items()},
            inputs=self.inputs(t),
            relays=dict(self.relays),
            dim=self.dim(t),
            power_back_at=self.power_back_at,
        )
        news = news or (self.seen_before is not None and seen.inputs != self.seen_before.inputs) or t == 0
        news = news or (self.seen_before is not None and seen.dim != self.seen_before.dim)
        news = news or any(state.at >= now - 1 for state in self.relays.values())
        self.seen_before = seen
        due = self.wake_at is not None and now >= self.wake_at
        self._step(seen, now, announced=news or due)

    def _step(self, seen: Observation, now: float, *, announced: bool) -> None:
        outcome = step(self.site, self.state, seen, now)
        short = self.short(self.state, seen, now)
        same = replace(short.state, past=outcome.state.past)  # what a calm step would have counted follows
        assert same == outcome.state, (self.t, "the shortcut", differences(outcome.state, same))
        assert short.commands == outcome.commands
        assert [d.code for d in short.decisions] == [d.code for d in outcome.decisions], self.t
        self.shortcuts += not isinstance(getattr(short.decisions, "verdicts", ()), list)
        if not announced:
            assert _but_delays(outcome.state) == _but_delays(self.state), (
                self.t,
                "not announced",
                differences(self.state, outcome.state),
            )
            assert not outcome.commands, f"{self.t}: time alone brought {outcome.commands}, and nobody was told"
            return
        restless = self.restless
        if not any(isinstance(c, SetRelay) for c in outcome.commands):  # who is above hears of a lower start now
            self._again(outcome, seen, now)
        self.steps += 1
        self.state, self.outcome = outcome.state, outcome
        self.wake_at = now if self.restless > restless else outcome.wake_at
        for command in outcome.commands:
            self.log.append((self.t, command))
            if isinstance(command, SetLimit):
                self.pending.append((self.t + 1 + self.cars[command.station].answer_s, command.station, command))
            else:
                self.relays[command.relay] = RelayState(command.closed, now)

    def _again(self, outcome: Outcome, seen: Observation, now: float) -> None:
        """Hold a step to being done: once more changes nothing, or where it did, twice more.

        A turn or a wake-up that begins in a step may move one leftover ampere from another vehicle in the next.
        """
        again = step(self.site, outcome.state, seen, now)
        if again.commands or _but_delays(again.state) != _but_delays(outcome.state):
            self.restless += 1
            outcome, again = again, step(self.site, again.state, seen, now)
        assert not again.commands, f"{self.t}: a third step at once commanded {again.commands}"
        assert _but_delays(again.state) == _but_delays(outcome.state), (
            self.t,
            differences(outcome.state, again.state),
        )

    def _station(self, name: str, car: Car) -> Station:
        plugged = car.plugged(self.t)
        return Station(
            plugged=plugged,
            plugged_at=T0 + car.arrives if plugged else None,
            online=car.online(self.t),
            id_tag=car.id_tag,
            sample=self.samples.get(name),
            accepted=self.accepted.get(name),
            booted_at=T0 + car.boots if self.t >= car.boots else None,
        )

    def _lines(self, rest_w: float) -> list[float]:
        lines = [rest_w / 3 / VOLTAGE_V] * 3
        for name, car in self.cars.items():
            for line in car.lines or range(1, car.phases + 1):
                lines[line - 1] += self.draws[name]
        return lines


def _but_delays(state: State) -> tuple[object, ...]:
    """Return what must not change; a delay of a higher policy may begin or end with what a lower one has begun."""
    machines = {name: replace(m, enough_since=None, short_since=None) for name, m in state.machines.items()}
    return machines, state.leases, state.zones, state.stations


def _sample(car: Car, amperes: float, now: float) -> Sample:
    power = amperes * car.phases * VOLTAGE_V
    used = car.lines or tuple(range(1, car.phases + 1))
    currents = {f"L{line}": amperes if line in used else 0.0 for line in (1, 2, 3)}
    if car.meter == "power":
        return Sample(at=now, power_w=power, energy_wh=car.drawn_wh)
    if car.meter == "energy":
        return Sample(at=now, energy_wh=round(car.drawn_wh))
    return Sample(at=now, power_w=power, current_a=currents, energy_wh=car.drawn_wh)


def boiler(name: str = "boiler", power_w: float = 3000.0, **more) -> Appliance:
    """An appliance of one relay in auto-solar."""
    shape = {
        "mode": Mode.AUTO_SOLAR,
        "stages": (Stage(power_w=power_w, relays=frozenset({f"{name}/relay"})),),
        "relays": (f"{name}/relay",),
        "on_above_w": (power_w,),
        "off_below_w": (power_w / 2,),
        "min_on_s": 300.0,
    }
    return Appliance(name=name, **(shape | more))


def differences(a, b, path: str = "") -> list[str]:
    """Name the fields in which two records differ, for messages."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(a) and type(a) is type(b):
        return [d for f in fields(a) for d in differences(getattr(a, f.name), getattr(b, f.name), f"{path}.{f.name}")]
    if isinstance(a, dict) and isinstance(b, dict):
        return [d for k in a | b for d in differences(a.get(k), b.get(k), f"{path}[{k}]")]
    return [] if a == b else [f"{path}: {a} -> {b}"]
