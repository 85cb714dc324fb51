"""A daemon without devices: the real core stepped over observations that a test writes."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from noonward.core.model import (
    NO_INPUTS,
    Appliance,
    ChargeNow,
    Decision,
    Forecast,
    Mode,
    Need,
    Observation,
    Override,
    Reason,
    ReasonCode,
    RelayState,
    SetRelay,
    Site,
    Stage,
    State,
    StationDecision,
    Zone,
)
from noonward.core.step import step
from noonward.daemon.engine import TEST_MAX_S, UNPLUGGED, ModeConflict, NotAsleep, UnknownStation
from noonward.daemon.forecasts import check
from noonward.errors import Unavailable, UsageError
from noonward.history import rows, sessions
from noonward.history.calendar import Calendar
from noonward.history.reading import Past
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


def garage(name="garage", mode=Mode.AUTO_SOLAR, stations=("cp-01", "cp-02"), **more):
    return Zone(**{
        "name": name, "mode": mode, "stations": stations, "phases": None, "max_power_w": 22e3, "min_current_a": 6.0
    } | more)  # fmt: skip


def told(station, state, limit_a=0.0, code=ReasonCode.SURPLUS, phases=None, **facts):
    """What a zone decided for one of its stations."""
    return StationDecision(station, state, limit_a, phases, code, lambda: Reason(code, facts))


def decided(zone, wanted, *stations, code=ReasonCode.SURPLUS, power_w=0.0, **facts):
    """What was decided for a zone."""
    because = (Reason(code, facts),)
    return Decision(zone, wanted, power_w, code, because=lambda: because, stations=stations)


class FakeEngine:
    """Fulfils ``noonward.daemon.engine.Engine``; ``see`` takes a step, and relays obey at once.

    Attributes:
        says: Zone to the decision that stands in place of the core's.
    """

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
        self.logs = {}
        self.sent_to = []
        self.problems = ()
        self.inputs = {}
        self.tests = {}
        self.revision = None
        self.forecast = None
        self.records = []
        self.said = []
        self.publishers = []
        self.says = {}
        self._history = None

    @property
    def history(self):
        """An empty history, to be written to."""
        if self._history is None:
            db = sqlite3.connect(":memory:", isolation_level=None)
            db.executescript(rows.TABLES + sessions.TABLES)
            self._history = Past(db, rows.Rows(db), Calendar(self.loaded.site.timezone))
        return self._history

    async def past(self, question):
        return question(self.history)

    def see(self, *, after_s=0.0, **seen):
        """Let time pass, change what is seen, and step; a second step notes that the relays obeyed."""
        self.clock.at += after_s
        self.observation = replace(self.observation, inputs=dict(self.inputs), forecast=self.forecast, **seen)
        for _ in range(2):
            self._step()
        return self

    def _step(self):
        now = self.clock.now()
        before = {one.policy: (one.wanted, one.code) for one in self.outcome.decisions} if self.outcome else {}
        site = self.loaded.site
        if self.says:
            site = replace(site, zones=tuple(zone for zone in site.zones if zone.name not in self.says))
        self.outcome, kept = step(site, self.state, self.observation, now), self.state
        self.state, self.stepped_at = self.outcome.state, now
        if self.says:
            self.state = replace(self.state, stations=kept.stations, zones=kept.zones)
            self.outcome = replace(self.outcome, decisions=(*self.outcome.decisions, *self.says.values()))
        relays = [command for command in self.outcome.commands if isinstance(command, SetRelay)]
        obeyed = {command.relay: RelayState(command.closed, now) for command in relays}
        self.observation = replace(self.observation, relays={**self.observation.relays, **obeyed})
        changed = [one.policy for one in self.outcome.decisions if before.get(one.policy) != (one.wanted, one.code)]
        self.publish({"event": "step", "at": now, "changed": changed})

    def publish(self, event):
        for publisher in tuple(self.publishers):
            publisher.publish(event)

    async def decisions(self, policy=None, limit=100, before=None):
        found = [one for one in self.records if policy in {None, one.policy} and (before is None or one.id < before)]
        return tuple(found[:limit])

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

    async def set_test(self, policy, *, on, for_s, by):
        self._one(policy)
        if not 0 <= for_s <= TEST_MAX_S:
            raise UsageError("a test lasts from 0 s to 5 min")
        mode = Mode.ALWAYS_ON if on else Mode.ALWAYS_OFF
        test = Override(mode=mode, until=self.clock.now() + for_s, by=by, reason="test") if for_s else None
        self.tests = {name: one for name, one in {**self.tests, policy: test}.items() if one}
        return self._set(policy, by, override=test)

    async def set_wake(self, station, by):
        zone = self._zone(station)
        memory = self.state.stations.get(station)
        if memory is None or memory.session.state not in {"asleep", "needs-driver"}:
            raise NotAsleep(f"no vehicle sleeps at {station}")
        return self._set_at(zone, by, "wakes", station, self.clock.now())

    async def set_charge_now(self, station, *, until, energy_wh, by):
        zone, now = self._allowing(station), self.clock.now()
        if until is None and energy_wh is None:
            until = None if zone.charge_now_s is None else now + zone.charge_now_s
            energy_wh = zone.charge_now_wh
        wish = ChargeNow(at=now, until=None if until == UNPLUGGED else until, energy_wh=energy_wh, by=by)
        return self._set_at(zone, by, "charge_now", station, wish)

    async def clear_charge_now(self, station):
        return self._set_at(self._zone(station), "", "charge_now", station, None)

    async def set_need(self, station, *, energy_wh, departure, by):
        need = Need(at=self.clock.now(), energy_wh=energy_wh, departure=departure, by=by)
        return self._set_at(self._allowing(station), by, "needs", station, need)

    async def clear_need(self, station):
        return self._set_at(self._zone(station), "", "needs", station, None)

    async def set_forecast(self, *, start, step_s, pv_w, by):
        given = Forecast(at=self.clock.now(), start=start, step_s=step_s, pv_w=tuple(pv_w))
        check(self.loaded.site, given)
        self.forecast = given
        self.said.append(("forecast", by, given))
        return given

    async def clear_forecast(self, by):
        self.forecast = None

    async def diagnostics(self, station, url):
        self._zone(station)
        if station not in self.logs:
            raise Unavailable(f"{station} is not connected")
        self.sent_to.append((station, url))
        return self.logs[station]

    def _allowing(self, station):
        zone = self._zone(station)
        inputs = self.inputs.get(zone.name, NO_INPUTS)
        mode = inputs.mode(zone.mode, self.clock.now())
        if mode is Mode.ALWAYS_OFF or not zone.charge_now or (mode is Mode.MANUAL and not inputs.switch_on):
            raise ModeConflict(f"{zone.name} does not allow it", mode)
        return zone

    def _zone(self, station):
        for zone in self.loaded.site.zones:
            if station in zone.stations:
                return zone
        raise UnknownStation(f"no station {station!r}")

    def _set_at(self, zone, by, what, station, wish):
        kept = {**getattr(self.inputs.get(zone.name, NO_INPUTS), what), station: wish}
        return self._set(zone.name, by, **{what: {name: one for name, one in kept.items() if one is not None}})

    def _one(self, name):
        return next(one for one in self.loaded.site.policies if one.name == name)

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
