"""What the engine sees of the truth while a tape is played.

By default the meters report the means of the interval that has just ended, as the rules of the game have it. Where the
scenario gives a lag or a period, they are samplers instead, and the engine is stepped at every new sample.

A charging station says itself what is drawn, up to the moment. With means, the grid reading holds just that too, in
place of the station's mean: else it would be of another moment than the station's own word, and what is left for others
would come out wrong by the difference.

A tape knows one sum for all phases: base load and PV are spread evenly over the phases of the connection.
"""

from __future__ import annotations

from math import floor, inf, isnan, nan
from operator import mul
from typing import TYPE_CHECKING, Any, Protocol

from noonward.core.model import Reading
from noonward.lab.spells import spells
from noonward.plant.chance import bell
from noonward.plant.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, PolicyName
    from noonward.lab.game import Game, Load
    from noonward.lab.storage import Storage


_NONE: Mapping[PolicyName, Reading] = {}


class Metering(Protocol):
    """The meters of a site, as the engine reads them.

    Attributes:
        sampled: Whether they show something new within an interval of the tape.
        grid_w: Of the connection; where the meter is silent, the last reading. [W]
        pv_w: Production, of the same instant; None where the tape does not know it. [W]
        battery_w: Of the home battery, charging +, of the same instant; None: there is none. [W]
        battery_soc: Its state of charge. [0…1]
        draws_w: Of each load. One that has been off for longer than the lag is left out: that is known without. [W]
        grid_a: Of each phase, where the site declares a fuse. [A]
        silent: Whether the meters have stopped answering.
        still: Whether all that they show anew is what the tape says of grid and PV, while all draw what they drew, but
            that they leave out a load that has been off for longer than the lag.
    """

    sampled: bool
    grid_w: Reading | None
    pv_w: Reading | None
    battery_w: Reading | None
    battery_soc: Reading | None
    draws_w: Mapping[PolicyName, Reading]
    grid_a: tuple[Reading | None, ...]
    silent: bool
    still: bool

    def begin(self, i: int, t: Instant, draws: list[float]) -> None:
        """Note that interval ``i`` begins, and what the loads drew in the mean of the one before. [W]"""

    def feed(self, t: Instant, draws: list[float]) -> None:
        """Note what the loads draw from ``t`` on. [W]"""

    def switched(self, k: int, on: bool, t: Instant) -> None:
        """Note that the contact of a load has moved."""

    def look(self, t: Instant, stations_w: Mapping[int, float]) -> None:
        """Read every meter at ``t``; stations, by their place among the loads, say that they draw this much. [W]"""

    def next_change(self, t: Instant) -> Instant:
        """Return when the meters next show something new after ``t``, inf where only the next interval will."""


class Phases:
    """How power spreads over the phases of the connection.

    Attributes:
        watched: Whether the site declares a fuse for each of several phases, so that they matter.
    """

    __slots__ = ("_loads", "_shares", "_volts", "count", "watched")

    def __init__(self, game: Game, loads: list[Load]) -> None:
        grid = game.site.grid
        self.count = grid.phases
        self.watched = grid.fuse_a is not None
        self._volts = grid.voltage_v
        self._loads = loads
        self.turn()

    def turn(self) -> None:
        """Look again which phases each load draws on: another vehicle may use fewer."""
        every = tuple(range(1, self.count + 1))
        on = [load.phases or every for load in self._loads]
        on = [own if self.count > 1 else every for own in on]
        self._shares = [[1.0 / len(own) if phase in own else 0.0 for own in on] for phase in every]

    def currents_a(self, net_w: float, draws: list[float]) -> list[float]:
        """Return the current of each phase, import positive. [A]"""
        base_a = net_w / self.count / self._volts
        return [base_a + own_a for own_a in self._own_a(draws)]

    def net_w(self, phase: int, current_a: float, draws: list[float]) -> float:
        """Return base load less PV with which a phase, counted from 1, carries this current. [W]"""
        return (current_a - self._own_a(draws)[phase - 1]) * self._volts * self.count

    def within_w(self, most_a: float, draws: list[float]) -> float:
        """Return base load less PV up to which no phase on which a load draws carries more. [W]"""
        own_a = [a for shares, a in zip(self._shares, self._own_a(draws), strict=True) if _loaded(shares, draws)]
        return (most_a - max(own_a, default=-inf)) * self._volts * self.count

    def _own_a(self, draws: list[float]) -> list[float]:
        """Return the current of the loads on each phase. [A]"""
        return [sum(map(mul, shares, draws)) / self._volts for shares in self._shares]


def _loaded(shares: list[float], draws: list[float]) -> bool:
    """Return True if a controlled load draws on the phase of which these are their shares."""
    return any(share * draw > 0.0 for share, draw in zip(shares, draws, strict=True))


class Means:
    """Meters that report the means of the interval that has just ended; at the start, the first one without loads."""

    __slots__ = (
        "_battery_w", "_drawn_w", "_draws", "_every_s", "_faulty", "_freezes", "_frozen", "_gaps", "_linger_s",
        "_lingers_until", "_metered", "_names", "_net_w", "_noise_w", "_phases", "_pv_w", "_seen_pv_w", "_seen_w",
        "_selfwilled", "_storage", "battery_soc", "battery_w", "draws_w", "grid_a", "grid_w", "pv_w", "sampled",
        "silent", "still",
    )  # fmt: skip

    def __init__(self, game: Game, loads: list[Load], phases: Phases, storage: Storage | None) -> None:
        self._net_w = game.net_w
        self._pv_w = game.tape.pv_w
        self._noise_w = game.meter.noise_w
        self._every_s = game.site.grid.every_s
        self._names = [load.name for load in loads]
        self._phases = phases
        self._draws = [0.0] * len(loads)
        self._drawn_w = 0.0
        self._seen_w: float | None = None
        self._seen_pv_w: float | None = None
        self._storage = storage
        self._battery_w = 0.0
        self._gaps = spells(game.meter.gaps, game.tape, "gaps")
        self._freezes = spells(game.meter.freezes, game.tape, "freezes")
        self._faulty = bool(self._noise_w or self._gaps or self._freezes) or storage is not None
        self._frozen = False
        self._selfwilled = {k for k, load in enumerate(loads) if load.selfwilled}
        self._metered = dict.fromkeys(self._selfwilled, inf)  # place of a load to when its reading means nothing more
        self._lingers_until = inf  # no such reading before this
        self._linger_s = 2 * game.tape.step_s + max((load.settle_s for load in loads), default=0.0)
        self.sampled = False
        self.grid_w: Reading | None = None
        self.pv_w: Reading | None = None
        self.battery_w: Reading | None = None
        self.battery_soc: Reading | None = None
        self.draws_w: Mapping[PolicyName, Reading] = {}
        self.grid_a: tuple[Reading | None, ...] = ()
        self.silent = False
        self.still = not self._faulty

    def begin(self, i: int, t: Instant, draws: list[float]) -> None:
        """Take the means of the interval before; a meter that falls silent was last read one period ago."""
        before = i - 1 if i else 0
        seen, self._seen_pv_w = self._net_w[before], self._pv_w[before]
        if draws is not self._draws:
            self._draws, self._drawn_w = draws, sum(draws)
        if self._gaps and self._gaps.hold(t):
            seen = self._seen_pv_w = None
        if seen is None:
            if not self.silent:
                self._set_back(t - self._every_s)
        elif self._noise_w:
            seen += self._noise_w * bell("grid", t)
        if self._faulty:
            self._frozen = self.grid_w is not None and bool(self._freezes) and self._freezes.hold(t)
            if self._storage is not None and i:
                self._battery_w = self._storage.mean_w[i - 1]
        self._seen_w = seen
        self.silent = seen is None
        self.still = not (self._faulty or self.silent)
        if t >= self._lingers_until:
            self._metered = {k: until for k, until in self._metered.items() if t < until}
            self._lingers_until = min(self._metered.values(), default=inf)

    def feed(self, t: Instant, draws: list[float]) -> None:
        """Need nothing before the interval has ended."""

    def switched(self, k: int, on: bool, t: Instant) -> None:
        """Read a load's meter while it is on, and until its last draw has come through."""
        self._metered[k] = until = inf if on or k in self._selfwilled else t + self._linger_s
        self._lingers_until = min(self._lingers_until, until)

    def look(self, t: Instant, stations_w: Mapping[int, float]) -> None:
        """Answer afresh, with the same means all through the interval."""
        seen, pv = self._seen_w, self._seen_pv_w
        self.pv_w = None if pv is None else Reading(pv, t)
        if seen is None:
            return
        if self._storage is not None:
            self.battery_w = Reading(self._battery_w, t)
            self.battery_soc = Reading(self._storage.battery.soc, t)
            seen += self._battery_w
        names, draws, drawn_w = self._names, self._draws, self._drawn_w
        for k, w in stations_w.items():
            if draws[k] != w:
                if draws is self._draws:
                    draws = draws.copy()
                draws[k] = w
        if draws is not self._draws:
            drawn_w = sum(draws)
        self.draws_w = {names[k]: Reading(draws[k], t) for k in self._metered} if self._metered else _NONE
        if self._frozen:
            self._set_grid(t)
            return
        self.grid_w = Reading(seen + drawn_w, t)
        if self._phases.watched:
            self.grid_a = tuple([Reading(a, t) for a in self._phases.currents_a(seen, draws)])

    def _set_back(self, t: Instant) -> None:
        """Date the last readings."""
        self._set_grid(t)
        self.draws_w = {name: Reading(reading.value, t) for name, reading in self.draws_w.items()}
        if self.battery_w is not None and self.battery_soc is not None:
            self.battery_w = Reading(self.battery_w.value, t)
            self.battery_soc = Reading(self.battery_soc.value, t)

    def _set_grid(self, t: Instant) -> None:
        """Date what the grid meter said last."""
        if self.grid_w is not None:
            self.grid_w = Reading(self.grid_w.value, t)
        self.grid_a = tuple([None if reading is None else Reading(reading.value, t) for reading in self.grid_a])

    def next_change(self, t: Instant) -> Instant:  # noqa: ARG002 - the Metering protocol
        """Show nothing new before the next interval."""
        return inf


class Samples:
    """Meters that sample every so often and report with a lag. What is unknown on the tape they do not answer."""

    __slots__ = (
        "_battery", "_changes", "_draws", "_every_s", "_gaps", "_grid", "_i", "_lag_s", "_lines", "_loads", "_metered",
        "_names", "_net_w", "_phases", "_pv", "_pv_w", "_soc", "_step_s", "_storage",
        "battery_soc", "battery_w", "draws_w", "grid_a", "grid_w", "pv_w", "sampled", "silent", "still",
    )  # fmt: skip

    def __init__(self, game: Game, loads: list[Load], phases: Phases, storage: Storage | None) -> None:
        self.still = False
        spec = game.meter
        self.sampled = True
        self._lag_s = game.tape.step_s if spec.lag_s is None else spec.lag_s
        self._every_s = spec.every_s or 0.0
        self._net_w = game.net_w
        self._pv_w = game.tape.pv_w
        self._names = [load.name for load in loads]
        self._metered = {load.name for load in loads if load.bay is None}  # a station says itself what it draws
        self._step_s = game.tape.step_s
        self._storage = storage
        self._gaps = spells(spec.gaps, game.tape, "gaps")
        frozen = spells(spec.freezes, game.tape, "freezes").spans

        def meter(name: str, **more: Any) -> Meter:
            return Meter(name=name, every_s=self._every_s, lag_s=self._lag_s, **more)

        self._grid = meter("grid", noise_w=spec.noise_w, frozen=frozen)
        self._pv, self._battery, self._soc = meter("pv"), meter("battery"), meter("soc")
        self._loads = [meter(name) for name in self._names]
        self._phases = phases
        count = phases.count if phases.watched else 0
        self._lines = [meter(f"L{k + 1}", frozen=frozen) for k in range(count)]
        self._draws = [0.0] * len(loads)
        self._changes: list[Instant] = []
        self.grid_w: Reading | None = None
        self.pv_w: Reading | None = None
        self.battery_w: Reading | None = None
        self.battery_soc: Reading | None = None
        self.draws_w: Mapping[PolicyName, Reading] = {}
        self.grid_a: tuple[Reading | None, ...] = ()
        self.silent = False
        self._i = 0
        self.feed(game.tape.start - self._lag_s - self._every_s, self._draws)  # before the start: the first interval

    def begin(self, i: int, t: Instant, draws: list[float]) -> None:  # noqa: ARG002 - the Metering protocol
        """Let the new interval's truth be measured from now on."""
        self._i = i
        if self._storage is not None:
            net_w = self._net_w[i]
            self._storage.meets(None if net_w is None else net_w + sum(self._draws), self._step_s)
        self.feed(t, self._draws)

    def switched(self, k: int, on: bool, t: Instant) -> None:
        """Read every load's meter all the time."""

    def feed(self, t: Instant, draws: list[float]) -> None:
        """Tell every meter the truth."""
        net_w = self._net_w[self._i]
        self._draws = draws
        truth = nan if net_w is None else net_w
        if self._storage is not None:
            truth += self._storage.power_w
            self._battery.feed(t, self._storage.power_w)
            self._soc.feed(t, self._storage.battery.soc)
        self._grid.feed(t, truth + sum(draws))
        pv_w = self._pv_w[self._i]
        self._pv.feed(t, nan if pv_w is None else pv_w)
        for meter, draw in zip(self._loads, draws, strict=True):
            meter.feed(t, draw if net_w is not None else nan)
        if self._lines:
            for meter, a in zip(self._lines, self._phases.currents_a(truth, draws), strict=True):
                meter.feed(t, a)
        if not self._every_s:
            self._changes.append(t + self._lag_s)

    def look(self, t: Instant, stations_w: Mapping[int, float]) -> None:  # noqa: ARG002 - the Metering protocol
        """Read every meter; one that is silent leaves its last reading."""
        grid = None if self._gaps and self._gaps.hold(t) else self._shown(self._grid, t)
        self.silent = grid is None
        self.pv_w = self._shown(self._pv, t)
        draws = [self._shown(meter, t) for meter in self._loads]
        lines = [self._shown(meter, t) for meter in self._lines]
        if grid is None:
            self.pv_w = None
            return
        self.grid_w = grid
        if self._storage is not None:
            self.battery_w, self.battery_soc = self._shown(self._battery, t), self._shown(self._soc, t)
        named = zip(self._names, draws, strict=True)
        self.draws_w = {name: draw for name, draw in named if draw is not None and name in self._metered}
        self.grid_a = tuple(lines)

    def _shown(self, meter: Meter, t: Instant) -> Reading | None:
        """Return a reading with the moment at which it was first shown, as a driver would note it."""
        reading = meter.read(t)
        if reading is None or isnan(reading.value):
            return None
        return Reading(reading.value, reading.at + self._lag_s)

    def next_change(self, t: Instant) -> Instant:
        """Return the next sample, or without a period the next change that comes through the lag."""
        if self._every_s:
            return (floor((t - self._lag_s) / self._every_s) + 1) * self._every_s + self._lag_s
        self._changes = [at for at in self._changes if at > t]
        return min(self._gaps.next_edge(t), *self._changes, inf)


def metering(game: Game, loads: list[Load], phases: Phases, storage: Storage | None = None) -> Metering:
    """Return the meters that the scenario asks for."""
    sampled = game.meter.lag_s is not None or game.meter.every_s is not None
    return Samples(game, loads, phases, storage) if sampled else Means(game, loads, phases, storage)
