"""The smallest world a policy can be tried in, driven by the engine's own ``wake_at``, never by polling.

One policy on its site, nothing else running. A command is confirmed at once. A closed relay draws its nominal power
from the same instant. The grid meter answers whenever the engine looks: ``surplus: S`` means grid = own draw − S,
spread evenly over the phases but for the own draw, which is on the policy's. What happens at the end of a step has
happened when the step is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

from noonward.core.model import Inputs, Mode, Observation, Override, Reading, RelayState, State
from noonward.core.step import step
from noonward.core.surplus import fresh_s
from noonward.core.timers import Windows
from noonward.core.units import current_a

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import Appliance, Decision, Instant, MachineState, RelayId, Site

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
        now: How far it has been played.
        decision: The last one.
        ran_s: For how long any contact has been closed. [s]
        steps: How often the engine was stepped.
    """

    def __init__(self, appliance: Appliance, site: Site, start: Instant, touched: Touched) -> None:
        self.appliance = appliance
        self.site = replace(site, appliances=(appliance,), zones=())
        self.touched = touched
        self.given: dict[str, Any] = {"surplus": 0.0, "meter": "fresh"}
        self.relays: dict[RelayId, RelayState] = {relay: RelayState(False, 0.0) for relay in appliance.relays}
        self.reading: Reading | None = None
        self.currents: tuple[Reading, ...] = ()
        self.state = State()
        self.now = start
        self.draws_w: list[tuple[Instant, float]] = [(-inf, 0.0)]
        self.ran_s = 0.0
        self.steps = 0
        self.decision: Decision

    def give(self, given: Mapping[str, Any]) -> None:
        """Change the world: keys of a test's ``given``, powers in W, "none" as None."""
        if given.keys() & {"surplus", "grid"}:
            self.given.pop("surplus", None)
            self.given.pop("grid", None)
        self.given.update(given)
        self.site = replace(self.site, dim_cap_w=self.given.get("dim"))

    def play(self, end: Instant) -> None:
        """Let the engine run to this instant, which is included."""
        self._note_timers(end)
        while (wake := self._settle()) is not None and wake <= end:
            self._pass(wake)
        if end > self.now:
            self._pass(end)
            self._settle()

    @property
    def machine(self) -> MachineState:
        """What the engine remembers of the policy."""
        return self.state.machines[self.appliance.name]

    @property
    def inputs(self) -> Inputs:
        """What people have set."""
        mode = self.given.get("mode")
        override = Override(mode=Mode(mode), by="test") if mode else None
        return Inputs(switch_on=self.given.get("switch", False), override=override)

    def is_closed(self, relay: RelayId) -> bool:
        """Tell whether a contact is closed."""
        return bool(self.relays[relay].closed)

    def _pass(self, until: Instant) -> None:
        if self._closed():
            self.ran_s += until - self.now
        self.now = until

    def _settle(self) -> Instant | None:
        """Step at this instant until nothing more is commanded, and return when to step next."""
        for _ in range(SETTLING_STEPS):
            outcome = step(self.site, self.state, self._observe(), self.now)
            self.steps += 1
            self.state, self.decision = outcome.state, outcome.decisions[0]
            self.touched.rows.add((self.mode, self.decision.row))
            if not outcome.commands:
                break
            for command in outcome.commands:
                self.relays[command.relay] = RelayState(command.closed, self.now)
            self.draws_w = [*self.draws_w[-KEPT_DRAWS:], (self.now, self._nominal_w())]
        else:
            raise RuntimeError(f"{self.appliance.name} commands without end at {self.now}")
        wake = outcome.wake_at
        if wake is not None and wake <= self.now:
            raise RuntimeError(f"{self.appliance.name} asks at {self.now} to be woken at {wake}")
        return wake

    def _observe(self) -> Observation:
        own_w = self._metered_w()
        self._read_meter(own_w)
        return Observation(
            grid_w=self.reading,
            grid_a=self.currents,
            draws_w={self.appliance.name: Reading(own_w, self.now)} if self.appliance.meter else {},
            relays=self.relays,
            inputs={self.appliance.name: self.inputs},
            dim=self.given.get("dim") is not None,
        )

    def _read_meter(self, own_w: float) -> None:
        """Take a reading where the meter answers; a held one keeps its value and its age, a silent one keeps both."""
        meter = self.given["meter"]
        if meter == "silent":
            return
        base_w = -self.given["surplus"] if "surplus" in self.given else self.given["grid"] - own_w
        at = self.now
        if meter == "held":
            at -= (fresh_s(self.site.grid.every_s) + self.appliance.stale_after_s) / 2
            if self.reading is not None:
                self.reading = Reading(self.reading.value, at)
                self.currents = tuple(Reading(current.value, at) for current in self.currents)
                return
        self.reading = Reading(base_w + own_w, at)
        self.currents = tuple(Reading(ampere, at) for ampere in self._currents_a(base_w, own_w))

    def _currents_a(self, base_w: float, own_w: float) -> Iterator[float]:
        """Yield the current of each phase: the base evenly, the own draw on the policy's phases or evenly."""
        grid = self.site.grid
        own = self.appliance.phases or tuple(range(1, grid.phases + 1))
        for phase in range(1, grid.phases + 1):
            power_w = base_w / grid.phases + (own_w / len(own) if phase in own else 0.0)
            yield current_a(power_w, 1, grid.voltage_v)

    def _closed(self) -> frozenset[RelayId]:
        return frozenset(relay for relay, seen in self.relays.items() if seen.closed)

    def _nominal_w(self) -> float:
        """Return the nominal power of the contacts that are closed; between two stages, of the lower one. [W]."""
        closed = self._closed()
        return max((stage.power_w for stage in self.appliance.stages if stage.relays <= closed), default=0.0)

    def _metered_w(self) -> float:
        """Return what meters show of the own draw: it began with the contact, so they show it just after. [W]."""
        seen = self.now - self.site.grid.lag_s
        return next(power_w for since, power_w in reversed(self.draws_w) if since < seen)

    @property
    def mode(self) -> Mode:
        """The mode in force."""
        return Mode(self.given.get("mode", self.appliance.mode))

    def _note_timers(self, end: Instant) -> None:
        windows = self.appliance.windows
        for number, timer in enumerate(windows.timers if windows else ()):
            if number not in self.touched.timers and Windows((timer,), self.site.timezone).edges(self.now, end):
                self.touched.timers.add(number)
