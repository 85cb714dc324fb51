"""The smallest world a policy can be tried in, driven by the engine's own ``wake_at``, never by polling.

One policy on its site, nothing else running. A command is confirmed at once. A closed relay draws its nominal power
from the same instant, a vehicle what it is offered (``hands``). The grid meter answers whenever the engine looks:
``surplus: S`` means grid = own draw − S, spread evenly over the phases but for the own draw, which is where it is. What
happens at the end of a step has happened when the step is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

from noonward.core.model import Appliance, ChargeNow, Inputs, Mode, Need, Observation, Override, Reading, State
from noonward.core.step import step
from noonward.core.surplus import fresh_s
from noonward.core.timers import Windows
from noonward.core.units import current_a
from noonward.lab import lastdays
from noonward.lab.hands import Relays, Stations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Decision, Instant, MachineState, RelayId, Site, StationId, Zone
    from noonward.lab.hands import Hands, LineW
    from noonward.plant.house import Sky

SETTLING_STEPS = 20
"""Steps at one instant, each with the last one's commands confirmed, before the engine counts as running in circles."""

KEPT_DRAWS = 50
"""Changes of the own draw that are remembered, for meters that lag."""


@dataclass(slots=True, kw_only=True)
class Touched:
    """What the cases of a policy have reached.

    Attributes:
        rows: Mode in force and row number.
        timers: Positions in the file's list of timers.
    """

    rows: set[tuple[Mode, int]] = field(default_factory=set)
    timers: set[int] = field(default_factory=set)


class Trial:
    """The world, the engine's state, and what has been seen of both.

    Attributes:
        policy: Under test.
        now: How far it has been played.
        decision: The last one.
        ran_s: For how long any contact has been closed, or any vehicle has charged. [s]
        steps: How often the engine was stepped.
    """

    def __init__(
        self, policy: Appliance | Zone, site: Site, start: Instant, touched: Touched, past: Sky | None = None
    ) -> None:
        self.policy = policy
        self.touched = touched
        self.given: dict[str, Any] = {"surplus": 0.0, "meter": "fresh"}
        self.reading: Reading | None = None
        self.currents: tuple[Reading, ...] = ()
        self._house = None if past is None else lastdays.house(past, site.pv_peak_w)
        self.state = State() if self._house is None else State(past=lastdays.remembered(self._house, start))
        self.now = start
        self.ran_s = 0.0
        self.steps = 0
        self.decision: Decision
        self._relays: Relays | None = None
        self._stations: Stations | None = None
        self._charge_now: dict[StationId, ChargeNow] = {}
        self._needs: dict[StationId, Need] = {}
        self._hands: Hands
        if isinstance(policy, Appliance):
            self.site = replace(site, appliances=(policy,), zones=())
            self._hands = self._relays = Relays(policy, site.grid)
        else:
            self.site = replace(site, appliances=(), zones=(policy,))
            self._hands = self._stations = Stations(policy, site)
        self._draws_w: list[tuple[Instant, LineW]] = [(-inf, self._hands.power_w())]

    def give(self, given: Mapping[str, Any]) -> None:
        """Change the world: keys of a test's ``given``, powers in W, "none" as None."""
        if given.keys() & {"surplus", "grid"}:
            self.given.pop("surplus", None)
            self.given.pop("grid", None)
        if "charge_now" in given:
            station = given["charge_now"]
            self._charge_now = {} if station is None else {station: ChargeNow(at=self.now, by="test")}
        if "draws" in given and self._relays is not None:
            self._relays.most_w = given["draws"]
        self._hands.give(self._told(given.get("stations", {})), self.now)
        self.given.update(given)
        self.site = replace(self.site, dim_cap_w=self.given.get("dim"))
        self._note_draw()

    def _told(self, stations: Mapping[StationId, Mapping[str, Any]]) -> Mapping[StationId, Mapping[str, Any]]:
        """Keep what drivers say they need, and return what else is different at the stations."""
        for name, given in stations.items():
            if "need" in given:
                self._needs.pop(name, None)
                if given["need"] is not None:
                    self._needs[name] = Need(at=self.now, by="test", **given["need"])
        return {name: {key: one for key, one in given.items() if key != "need"} for name, given in stations.items()}

    def play(self, end: Instant) -> None:
        """Let the engine run to this instant, which is included."""
        self._note_timers(end)
        while (wake := self._settle()) <= end:
            self._pass(wake)
        if end > self.now:
            self._pass(end)
            self._settle()

    @property
    def machine(self) -> MachineState:
        """What the engine remembers of an appliance."""
        return self.state.machines[self.policy.name]

    @property
    def starts(self) -> int:
        """How often the policy left off."""
        memories = self.state.machines if self._relays is not None else self.state.zones
        return memories[self.policy.name].starts

    @property
    def inputs(self) -> Inputs:
        """What people have set."""
        mode = self.given.get("mode")
        override = Override(mode=Mode(mode), by="test") if mode else None
        switch_on = self.given.get("switch", False)
        return Inputs(switch_on=switch_on, override=override, charge_now=self._charge_now, needs=self._needs)

    def is_closed(self, relay: RelayId) -> bool:
        """Tell whether a contact is closed."""
        return self._relays is not None and bool(self._relays.relays[relay].closed)

    def limit_a(self, station: StationId) -> float:
        """Return the limit that a station holds. [A]"""
        return 0.0 if self._stations is None else self._stations.stands[station].limit_a

    def station_state(self, station: StationId) -> str:
        """Return the state of a station's vehicle, as decided."""
        return next(one.state for one in self.decision.stations if one.station == station)

    def _pass(self, until: Instant) -> None:
        if self._hands.running():
            self.ran_s += until - self.now
        self._hands.pass_time(until - self.now)
        self.now = until

    def _settle(self) -> Instant:
        """Step at this instant until nothing more is commanded, and return when to step next, inf for never."""
        for _ in range(SETTLING_STEPS):
            outcome = step(self.site, self.state, self._observe(), self.now)
            self.steps += 1
            self.state, self.decision = outcome.state, outcome.decisions[0]
            self.touched.rows.add((self.mode, self.decision.row))
            for command in outcome.commands:
                self._hands.obey(command, self.now)
            if outcome.commands:
                self._note_draw()
            if not self._hands.report(self.now) and not outcome.commands:
                break
        else:
            raise RuntimeError(f"{self.policy.name} commands without end at {self.now}")
        wake = outcome.wake_at
        if wake is not None and wake <= self.now:
            raise RuntimeError(f"{self.policy.name} asks at {self.now} to be woken at {wake}")
        return min(self._hands.next_report(self.now), inf if wake is None else wake)

    def _note_draw(self) -> None:
        self._draws_w = [*self._draws_w[-KEPT_DRAWS:], (self.now, self._hands.power_w())]

    def _observe(self) -> Observation:
        own_w = self._metered_w()
        self._read_meter(own_w)
        return Observation(
            grid_w=self.reading,
            grid_a=self.currents,
            pv_w=self._pv(),
            inputs={self.policy.name: self.inputs},
            dim=self.given.get("dim") is not None,
            **self._hands.seen(sum(own_w), self.now),
        )

    def _read_meter(self, own_w: LineW) -> None:
        """Take a reading where the meter answers; a held one keeps its value and its age, a silent one keeps both."""
        meter = self.given["meter"]
        if meter == "silent":
            return
        base_w = -self.given["surplus"] if "surplus" in self.given else self.given["grid"] - sum(own_w)
        at = self.now
        if meter == "held":
            at -= (fresh_s(self.site.grid.every_s) + self.policy.stale_after_s) / 2
            if self.reading is not None:
                self.reading = Reading(self.reading.value, at)
                self.currents = tuple(Reading(current.value, at) for current in self.currents)
                return
        grid = self.site.grid
        self.reading = Reading(base_w + sum(own_w), at)
        self.currents = tuple(Reading(current_a(base_w / grid.phases + w, 1, grid.voltage_v), at) for w in own_w)

    def _pv(self) -> Reading | None:
        """Return what the array produces: what is left beside an ordinary household, where there is one."""
        if self._house is None or self.reading is None:
            return None
        left_w = sum(self._metered_w()) - self.reading.value
        return Reading(max(0.0, left_w + self._house.base_w(self.reading.at)), self.reading.at)

    def _metered_w(self) -> LineW:
        """Return what meters show of the own draw: it began with the command, so they show it just after. [W]"""
        seen = self.now - self.site.grid.lag_s
        return next(power_w for since, power_w in reversed(self._draws_w) if since < seen)

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return Mode(self.given.get("mode", self.policy.mode))

    def _note_timers(self, end: Instant) -> None:
        windows = self.policy.windows
        for number, timer in enumerate(windows.timers if windows else ()):
            if number not in self.touched.timers and Windows((timer,), self.site.timezone).edges(self.now, end):
                self.touched.timers.add(number)
