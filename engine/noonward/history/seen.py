"""What the loop sees in one step, as levels of channels: measured where there is a meter, else as the engine counts it.

The base load is what is left of grid, production and battery beside the controlled loads. The sun's part of a draw is
worked out as in every score: what the site would export without the controlled loads, shared among them by their draw.
"""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING

from noonward.core.berth import Berth
from noonward.core.model import MachineState, Station, StationInfo, StationState, Zone
from noonward.core.surplus import fresh_s, seen
from noonward.core.vehicle import LOW_W
from noonward.history.sampler import Level
from noonward.policy.outlook import stage_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Appliance, Instant, Observation, Reading, Site, State, StationId
    from noonward.policy.loaded import Loaded

    Levels = dict[str, Level]

HOLD_S = 120.0
"""Longer than this nothing is taken to go on as it was while nobody looks: the machine slept. [s]"""

STALE_AFTER_S = 120.0
"""Where no policy says otherwise; the default of ``fail_safe.stale_after``. [s]"""

_OFF = MachineState()
_AWAY = Station(online=False)
_NEW = StationState()
_PLAIN = StationInfo()


def levels(loaded: Loaded, state: State, observation: Observation, now: Instant) -> Levels:
    """Return every channel that is known now, and until when it is.

    Args:
        loaded: What runs.
        state: What the engine remembers after the step.
        observation: What the step saw.
        now: The moment of the step.
    """
    return _Look(loaded, state, observation, now).all()


class _Look:
    """One step's look."""

    def __init__(self, loaded: Loaded, state: State, observation: Observation, now: Instant) -> None:
        self.loaded = loaded
        self.site: Site = loaded.site
        self.state = state
        self.observation = observation
        self.now = now
        self.out: Levels = {}
        self.stale_s = min((policy.stale_after_s for policy in self.site.policies), default=STALE_AFTER_S)

    def all(self) -> Levels:
        """Return the levels."""
        grid = self._measured("grid", self.observation.grid_w)
        battery = self._measured("battery", self.observation.battery_w)
        pv = self._measured("pv", self.observation.pv_w)
        if pv is not None:
            pv = self._set("pv_w", max(pv.value, 0.0), pv.until)  # what an inverter takes at night is base load
        self._signed(grid, "import_w", "export_w")
        self._signed(battery, "charge_w", "discharge_w")
        soc = self._measured("battery", self.observation.battery_soc)
        if soc is not None:
            self._set("battery_soc", soc.value, soc.until)
        if self.observation.dim and self.site.dim_cap_w is not None:
            self._set("dim_w", self.site.dim_cap_w)
        draws, behind_w, whole_until = self._draws()
        sources = [grid, *([battery] if "battery" in self.loaded.signals else [])]
        if whole_until is not None and grid is not None and all(source is not None for source in sources):
            until = min([whole_until, *(source.until for source in sources if source is not None)])
            left_w = behind_w + (battery.value if battery is not None else 0.0) - grid.value
            share = min(max(left_w, 0.0), behind_w) / behind_w if behind_w > 0.0 else 0.0
            self._solar(draws, share, until)
            if pv is not None:
                self._set("base_load_w", pv.value - left_w, min(until, pv.until))
            elif "pv" not in self.loaded.signals:
                self._set("base_load_w", -left_w, until)
        self._money()
        return self.out

    def _set(self, channel: str, value: float, until: Instant = inf) -> Level:
        level = self.out[channel] = Level(value, min(until, self.now + HOLD_S))
        return level

    def _measured(self, role: str, reading: Reading | None) -> Level | None:
        """Return a reading of a signal that the site has, until it is stale; None where it is or never was."""
        signal = self.loaded.signals.get(role)
        if signal is None or reading is None or not isfinite(reading.value):
            return None
        until = reading.at + max(self.stale_s, fresh_s(signal.every_s))
        return Level(reading.value, until) if self.now < until else None

    def _signed(self, level: Level | None, above: str, below: str) -> None:
        if level is not None:
            self._set(above, max(level.value, 0.0), level.until)
            self._set(below, max(-level.value, 0.0), level.until)

    # --- loads -----------------------------------------------------------------------------------------------------

    def _draws(self) -> tuple[Mapping[str, Level], float, Instant | None]:
        """Note every load's draw and state.

        Returns:
            The draws of those that the grid meter sees, by channel of what the sun covers of them; their sum, a zone
            counted once; until when all are known, None where one is not.
        """
        found: dict[str, Level] = {}
        total_w, until = 0.0, self.now + HOLD_S
        unknown = False
        for policy in self.site.policies:
            draw = self._zone(policy, found) if isinstance(policy, Zone) else self._appliance(policy)
            if isinstance(policy, Zone) or policy.behind_meter:
                if draw is None:
                    unknown = True
                    continue
                found[f"solar/{policy.name}"] = draw
                total_w += draw.value
                until = min(until, draw.until)
            elif draw is not None:
                self._set(f"solar/{policy.name}", 0.0, draw.until)
        return found, total_w, None if unknown else until

    def _appliance(self, a: Appliance) -> Level | None:
        machine = self.state.machines.get(a.name, _OFF)
        stage = stage_of(a, machine)
        self._set(f"on/{a.name}", float(machine.on_since is not None if stage else machine.off_since is None))
        if len(a.stages) > 1:
            self._set(f"stage/{a.name}", float(stage))
        if a.meter is not None:
            reading = self.observation.draws_w.get(a.name)
            if reading is None or self.now >= (until := reading.at + max(self.stale_s, fresh_s(self._every_s(a)))):
                return None
            return self._set(f"policy/{a.name}", max(reading.value, 0.0), until)
        nominal_w = a.stages[stage - 1].power_w if stage else 0.0
        return self._set(f"policy/{a.name}", nominal_w if self._shown(a, machine, stage) else machine.before_w)

    def _every_s(self, a: Appliance) -> float:
        signal = self.loaded.load_meters.get(a.name)
        return self.site.grid.every_s if signal is None else signal.every_s

    def _shown(self, a: Appliance, machine: MachineState, stage: int) -> bool:
        """Tell whether a load without a meter draws what is nominal: from when the grid reading shows it."""
        grid = self.observation.grid_w
        if grid is not None and self.now < grid.at + fresh_s(self.site.grid.every_s):
            return seen(a, machine, stage, grid.at, self.site.grid.lag_s)
        return (machine.on_since if stage else machine.off_since) is not None

    def _zone(self, zone: Zone, found: dict[str, Level]) -> Level | None:
        """Note the stations of a zone and return what they draw together; None where that is not known of one."""
        total_w, charging, unknown = 0.0, False, False
        for name in zone.stations:
            drawn_w = self._station(zone, name)
            if drawn_w is None:
                unknown = True
            else:
                found[f"station-solar/{name}"] = self._set(f"station/{name}", drawn_w)
                total_w += drawn_w
                charging = charging or drawn_w >= LOW_W
        if unknown:
            return None
        self._set(f"on/{zone.name}", float(charging))
        return self._set(f"policy/{zone.name}", total_w)

    def _station(self, zone: Zone, name: StationId) -> float | None:
        """Note a station and return what it draws; None where its vehicle cannot be asked. [W]"""
        told = self.observation.stations.get(name, _AWAY)
        memory = self.state.stations.get(name, _NEW)
        berth = Berth(zone, name, self.site.stations.get(name, _PLAIN), told, memory, self.now)
        if told.plugged is not None and told.online:
            self._set(f"plugged/{name}", float(told.plugged))
        if berth.promise.granted_a is not None:
            self._set(f"limit/{name}", berth.told_a)
        if berth.plugged() and not told.online:
            return None
        return berth.drawn_w(self.site.grid.voltage_v)

    # --- shares ----------------------------------------------------------------------------------------------------

    def _solar(self, draws: Mapping[str, Level], share: float, until: Instant) -> None:
        for channel, draw in draws.items():
            self._set(channel, draw.value * share, min(until, draw.until))

    def _money(self) -> None:
        """Note what all of it costs now: grid power at what it costs, the sun's part at what it would have earned."""
        if self.loaded.prices is None:
            return
        price = self.loaded.prices.at(self.now)
        until = inf if price.until is None else price.until
        cost, earns = price.import_kwh / 1000.0, (price.export_kwh or 0.0) / 1000.0
        self._set("price_import", price.import_kwh, until)
        if price.export_kwh is not None:
            self._set("price_export", price.export_kwh, until)
        for money, power, each in (("cost", "import_w", cost), ("earned", "export_w", earns)):
            if (level := self.out.get(power)) is not None:
                self._set(money, level.value * each, min(until, level.until))
        for power, solar, money in _BILLED:
            for channel in [name for name in self.out if name.startswith(power)]:
                name, draw = channel.removeprefix(power), self.out[channel]
                if (sun := self.out.get(f"{solar}{name}")) is not None:
                    rest_w = draw.value - sun.value
                    self._set(f"{money}{name}", rest_w * cost + sun.value * earns, min(until, sun.until, draw.until))


_BILLED = (("policy/", "solar/", "policy-cost/"), ("station/", "station-solar/", "station-cost/"))
"""Prefixes of a draw, of what the sun covers of it, and of what it costs."""
