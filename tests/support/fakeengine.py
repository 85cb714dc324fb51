"""A daemon without devices: the real core stepped over observations that a test writes."""

from __future__ import annotations

from dataclasses import replace

from noonward.core.model import NO_INPUTS, Appliance, Mode, Observation, RelayState, Site, Stage, State
from noonward.core.step import step
from noonward.daemon.engine import ModeConflict
from noonward.policy.loaded import Loaded, Signal

NOON = 1_780_308_000.0  # Monday 2026-06-01 12:00 in Zurich


class FakeClock:
    def __init__(self, now=NOON):
        self.at = now

    def now(self):
        return self.at

    def monotonic(self):
        return self.at

    async def sleep(self, seconds):
        self.at += seconds


def appliance(name="boiler", mode=Mode.AUTO_SOLAR, power_w=3000.0, **more):
    return Appliance(
        name=name,
        mode=mode,
        stages=(Stage(power_w=power_w, relays=frozenset({f"cellar/{name}"})),),
        relays=(f"cellar/{name}",),
        on_above_w=(power_w,),
        off_below_w=(power_w / 2,),
        **more,
    )


class FakeEngine:
    """Fulfils ``noonward.daemon.engine.Engine``; ``see`` takes a step, and relays obey at once."""

    def __init__(self, *appliances, site=None, signals=None, zones=()):
        appliances = tuple(sorted(appliances, key=lambda one: (one.priority, one.name)))
        plan = site or Site(name="house-12", timezone="Europe/Zurich", appliances=appliances, zones=tuple(zones))
        signals = {"grid": Signal(channel="grid/meter")} if signals is None else signals
        self.loaded = Loaded(site=plan, signals=signals)
        self.clock = FakeClock()
        self.started_at = self.clock.now() - 3600
        self.observation = Observation()
        self.state = State()
        self.outcome = None
        self.stepped_at = None
        self.fault = None
        self.devices = ()
        self.problems = ()
        self.inputs = {}
        self.records = []
        self.said = []
        self.publishers = []

    def see(self, *, after_s=0.0, **seen):
        """Let time pass, change what is seen, and step; a second step notes that the relays obeyed."""
        self.clock.at += after_s
        self.observation = replace(self.observation, inputs=dict(self.inputs), **seen)
        for _ in range(2):
            self._step()
        return self

    def _step(self):
        now = self.clock.now()
        before = {one.policy: (one.wanted, one.code) for one in self.outcome.decisions} if self.outcome else {}
        self.outcome = step(self.loaded.site, self.state, self.observation, now)
        self.state, self.stepped_at = self.outcome.state, now
        told = {command.relay: RelayState(command.closed, now) for command in self.outcome.commands}
        self.observation = replace(self.observation, relays={**self.observation.relays, **told})
        changed = [one.policy for one in self.outcome.decisions if before.get(one.policy) != (one.wanted, one.code)]
        self.publish({"event": "step", "at": now, "changed": changed})

    def publish(self, event):
        for publisher in tuple(self.publishers):
            publisher.publish(event)

    async def decisions(self, policy=None, limit=100):
        return tuple(one for one in self.records if policy in {None, one.policy})[:limit]

    async def set_switch(self, policy, on, by):
        one = self._one(policy)
        if one.mode is not Mode.MANUAL:
            raise ModeConflict(f"the switch of {policy} counts in mode manual only; its mode is {one.mode}", one.mode)
        return self._set(policy, by, switch_on=on)

    async def set_boost(self, policy, for_s, by):
        one = self._one(policy)
        if one.mode is Mode.ALWAYS_OFF:
            raise ModeConflict(f"{policy} is always-off", one.mode)
        return self._set(policy, by, boost_until=self.clock.now() + for_s if for_s else None)

    async def set_override(self, policy, override):
        return self._set(policy, override.by, override=override)

    async def clear_override(self, policy):
        return self._set(policy, "", override=None)

    def _one(self, name):
        return next(one for one in self.loaded.site.appliances if one.name == name)

    def _set(self, policy, by, **change):
        self.inputs = {**self.inputs, policy: replace(self.inputs.get(policy, NO_INPUTS), **change)}
        self.said.append((policy, by, change))
        self.publish({"event": "inputs", "at": self.clock.now(), "policy": policy})
        if self.outcome:
            self.see()
        return self.inputs[policy]

    def subscribe(self, publisher):
        self.publishers.append(publisher)
        return lambda: self.publishers.remove(publisher)
