"""A tiny world for core tests: relays that obey at once, loads that draw what is nominal, a meter that is always right.

Not the lab: this one has no tape and no plants, and lets a test break each of its promises.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from noonward.core.model import (
    Appliance,
    Decision,
    Inputs,
    Lease,
    MachineState,
    Mode,
    Observation,
    Outcome,
    Reading,
    RelayState,
    SetRelay,
    Site,
    Stage,
    State,
)
from noonward.core.sgready import state_names
from noonward.core.step import step

if TYPE_CHECKING:
    from collections.abc import Mapping


def appliance(name: str = "boiler", power_w: float = 3000.0, **changes) -> Appliance:
    """Build an appliance policy with one relay, or with ``stages=(3000.0, 6000.0)`` on as many."""
    on_above, off_below = changes.pop("on_above", 1.0), changes.pop("off_below", 0.5)
    powers = changes.pop("stages", (power_w,))
    relays = tuple(f"{name}/relay-{k + 1}" for k in range(len(powers)))
    closed = [frozenset(relays[: k + 1]) for k in range(len(powers))]
    if changes.get("sg_ready") and len(powers) == 2:
        closed = [frozenset(relays[1:]), frozenset(relays)]
    below = (0.0, *powers)
    values = {
        "mode": Mode.AUTO_SOLAR,
        "stages": tuple(Stage(power_w=p, relays=c) for p, c in zip(powers, closed, strict=True)),
        "relays": relays,
        "on_above_w": tuple(b + on_above * (p - b) for p, b in zip(powers, below, strict=False)),
        "off_below_w": tuple(b + off_below * (p - b) for p, b in zip(powers, below, strict=False)),
    }
    return Appliance(name=name, **{**values, **changes})


def site(*appliances: Appliance, **changes) -> Site:
    """Build a site; policies are put in order as the loader does."""
    return Site(appliances=tuple(sorted(appliances, key=lambda a: (a.priority, a.name))), **changes)


@dataclass
class World:
    """Steps a site through time. ``surplus_w`` is what the site exports while nothing controlled runs."""

    site: Site
    now: float = 1_780_000_000.0
    surplus_w: float = 0.0
    state: State = field(default_factory=State)
    closed: dict[str, bool] = field(default_factory=dict)
    inputs: dict[str, Inputs] = field(default_factory=dict)
    draws: dict[str, float] = field(default_factory=dict)
    meter_silent_since: float | None = None
    dead: set[str] = field(default_factory=set)
    fixed: dict = field(default_factory=dict)
    sent: list[tuple[float, SetRelay]] = field(default_factory=list)
    history: list[tuple[float, Outcome]] = field(default_factory=list)
    outcome: Outcome | None = None
    last_observation: Observation | None = None

    def __post_init__(self):
        for a in self.site.appliances:
            for relay in a.relays:
                self.closed.setdefault(relay, False)

    def level(self, a: Appliance) -> int:
        closed = frozenset(r for r in a.relays if self.closed[r])
        return next((k + 1 for k, stage in enumerate(a.stages) if stage.relays == closed), 0)

    def draw_w(self, a: Appliance) -> float:
        level = self.level(a)
        return 0.0 if not level else self.draws.get(a.name, a.stages[level - 1].power_w)

    def observe(self) -> Observation:
        at = self.now if self.meter_silent_since is None else self.meter_silent_since
        seen = sum(self.draw_w(a) for a in self.site.appliances if a.behind_meter)
        grid = self.last_observation.grid_w if self.meter_silent_since is not None and self.last_observation else None
        if self.meter_silent_since is None:
            grid = Reading(seen - self.surplus_w, at)
        return Observation(
            **{
                "grid_w": grid,
                "draws_w": {a.name: Reading(self.draw_w(a), self.now) for a in self.site.appliances},
                "relays": {r: RelayState(c, self.now) for r, c in self.closed.items() if r not in self.dead},
                "inputs": dict(self.inputs),
                **self.fixed,
            }
        )

    def once(self) -> Outcome:
        """One instant: step, obey, step again until nothing is commanded."""
        for _ in range(20):
            self.last_observation = self.observe()
            self.outcome = step(self.site, self.state, self.last_observation, self.now)
            self.state = self.outcome.state
            self.history.append((self.now, self.outcome))
            for command in self.outcome.commands:
                self.sent.append((self.now, command))
                if command.relay not in self.dead:
                    self.closed[command.relay] = command.closed
            if not self.outcome.commands:
                return self.outcome
        raise AssertionError("the engine commands for ever in one instant")

    def run(self, seconds: float, **given) -> Outcome:
        """Let time pass, stepping at every wake-up and at the end."""
        for key, value in given.items():
            setattr(self, key, value)
        end = self.now + seconds
        outcome = self.once()
        while outcome.wake_at is not None and outcome.wake_at < end:
            assert outcome.wake_at > self.now, "wake_at does not move on"
            self.now = outcome.wake_at
            outcome = self.once()
        self.now = end
        return self.once()

    def decision(self, name: str = "boiler") -> Decision:
        return next(d for d in self.outcome.decisions if d.policy == name)

    def why(self, name: str = "boiler") -> str:
        return self.decision(name).code.value

    def on(self, name: str = "boiler") -> bool:
        return self.closed[f"{name}/relay-1"]

    def set(self, name: str = "boiler", **changes) -> None:
        self.inputs[name] = replace(self.inputs.get(name, Inputs()), **changes)

    def switchings(self, relay: str) -> list[tuple[float, bool]]:
        out, last = [], None
        for at, command in self.sent:
            if command.relay == relay and command.closed != last:
                out.append((at, command.closed))
                last = command.closed
        return out


def at_rest(the_site: Site, now: float, **changes) -> tuple[State, dict[str, RelayState]]:
    """Return a state, and what the relays report, in which these stages were reached an hour ago and confirmed.

    ``boiler=2`` is stage 2; ``boiler={"level": 1, "cause": …}`` also sets fields of its machine. The others are off.
    """
    machines, leases, relays = {}, {}, {}
    for a in the_site.appliances:
        what = changes.pop(a.name, 0)
        fields = dict(what) if isinstance(what, dict) else {"level": what}
        level = fields.pop("level", 0)
        closed = a.stages[level - 1].relays if level else frozenset()
        then = now - 3600.0
        since = {"on_since": then if level else None, "off_since": None if level else then}
        machines[a.name] = MachineState(state=state_names(a)[level], **{"changed_at": then, **since, **fields})
        leases |= {r: Lease(closed=r in closed, at=then) for r in a.relays}
        relays |= {r: RelayState(r in closed, now) for r in a.relays}
    assert not changes, f"no such policy: {list(changes)}"
    return State(machines=machines, leases=leases), relays


def decide(the_site: Site, now: float, *, running: Mapping | None = None, **seen) -> Outcome:
    """Take one step from a state at rest; ``running`` goes to :func:`at_rest`, ``seen`` into the observation."""
    state, relays = at_rest(the_site, now, **(running or {}))
    return step(the_site, state, Observation(**{"relays": relays, **seen}), now)
