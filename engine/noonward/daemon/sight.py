"""From what devices answer to what the core sees.

A value that cannot be true is no value: the reading before it stays and grows old, exactly as if the meter had not
answered, and the core's own rules for held and stale readings do the rest. Three things make a value untrue: it is no
number that a building can have; it repeats to the digit for longer than a living meter does; or more is exported than
is produced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING

from noonward.core.model import Observation, Reading, RelayState
from noonward.daemon import log
from noonward.daemon.health import FAILURES

if TYPE_CHECKING:
    from noonward.core.model import Forecast, Inputs, Instant, PolicyName, RelayId, Station, StationId
    from noonward.daemon.health import Troubles
    from noonward.policy.loaded import Loaded

Values = Mapping[str, float | None]

NO_STATIONS: Mapping[StationId, Station] = MappingProxyType({})

POWER_MAX_W = 10e6
"""Beyond what any low-voltage connection carries: a scale or byte-order slip. [W]"""

EXPORT_SLACK_W = 300.0
EXPORT_SLACK = 0.1
"""How much more than the production the export may be: meters differ and are not read in the same instant."""

EXPORT_FOR_S = 20.0
"""So long, and the meter's lag, the export must exceed the production before the sign is doubted. [s]"""


class Watch:
    """Since when a value repeats to the digit."""

    def __init__(self, frozen_after_s: float | None) -> None:
        self.frozen_after_s = frozen_after_s
        self.value: float | None = None
        self.changed_at: Instant = 0.0

    def frozen(self, value: float, at: Instant) -> bool:
        """Note a value; return True where it has been the same for too long."""
        if value != self.value:
            self.value, self.changed_at = value, at
        return self.frozen_after_s is not None and at - self.changed_at > self.frozen_after_s


class Sight:
    """Everything that is seen at present."""

    def __init__(self, troubles: Troubles, started_at: Instant) -> None:
        self._troubles = troubles
        self._started_at = started_at
        self.power_back_at: Instant | None = None
        self._roles: dict[str, list[str]] = {}
        self._draws: dict[str, list[PolicyName]] = {}
        self._dim_input: str | None = None
        self._watches: dict[str, Watch] = {}
        self._phases = 3
        self._voltage_v = 230.0
        self._export_since: Instant | None = None
        self._export_for_s = EXPORT_FOR_S
        self.readings: dict[str, Reading] = {}
        self.grid_a: tuple[Reading | None, ...] = ()
        self.draws_w: dict[PolicyName, Reading] = {}
        self.relays: dict[RelayId, RelayState] = {}
        self.dim: bool | None = None
        self._dimming_said = False
        self._useless: dict[str, int] = {}

    def look_at(self, loaded: Loaded) -> None:
        """See what this site has; what was seen before stays where it still belongs."""
        grid = loaded.site.grid
        self._phases, self._voltage_v = grid.phases, grid.voltage_v
        self._export_for_s = EXPORT_FOR_S + grid.lag_s
        meters = {role: signal for role, signal in loaded.signals.items() if role != "dim"}
        self._roles, self._draws = {}, {}
        for role, signal in meters.items():
            self._roles.setdefault(signal.channel, []).append(role)
            if (watch := self._watches.get(role)) is None or watch.frozen_after_s != signal.frozen_after_s:
                self._watches[role] = Watch(signal.frozen_after_s)
        for policy, signal in loaded.load_meters.items():
            self._draws.setdefault(signal.channel, []).append(policy)
        dim = loaded.signals.get("dim")
        if dim is None or dim.channel != self._dim_input:
            self._dim_input = None if dim is None else dim.channel
            self.dim = None
        for role in ("grid", "pv", "battery"):
            if role not in meters:
                self.readings = {k: v for k, v in self.readings.items() if not k.startswith(role)}
                self._troubles.drop([f"{role} signal"])
        if "grid" not in meters:
            self.grid_a = ()
        self.draws_w = {policy: draw for policy, draw in self.draws_w.items() if policy in loaded.load_meters}
        self.relays = {relay: seen for relay, seen in self.relays.items() if relay in loaded.site.relays}

    def observation(
        self,
        inputs: Mapping[PolicyName, Inputs],
        stations: Mapping[StationId, Station] = NO_STATIONS,
        forecast: Forecast | None = None,
        *,
        clock_trusted: bool,
    ) -> Observation:
        """Return what the core is to see now."""
        return Observation(
            grid_w=self.readings.get("grid_w"),
            pv_w=self.readings.get("pv_w"),
            battery_w=self.readings.get("battery_w"),
            battery_soc=self.readings.get("battery_soc"),
            grid_a=self.grid_a,
            draws_w=dict(self.draws_w),
            relays=dict(self.relays),
            stations=stations,
            inputs=inputs,
            forecast=forecast,
            dim=self._dim_input is not None and self.dim is not False,
            clock_trusted=clock_trusted,
            power_back_at=self.power_back_at,
            started_at=self._started_at,
        )

    def measured(self, channel: str, values: Values, at: Instant) -> None:
        """Take a meter's answer; ``at`` is when it was asked."""
        for role in self._roles.get(channel, ()):
            self._signal(role, values, at)
        for policy in self._draws.get(channel, ()):
            if (power := plausible(values.get("power_w"))) is not None:
                self.draws_w[policy] = Reading(power, at)

    def contact(self, relay: RelayId, closed: bool | None, at: Instant) -> None:
        """Take a relay's read-back; one that was asked for before the last one is passed over."""
        before = self.relays.get(relay)
        if before is None or at >= before.at:
            self.relays[relay] = RelayState(closed, at)

    def input(self, channel: str, closed: bool | None) -> None:
        """Take the dimming contact, None where it cannot be read: that counts as closed."""
        if channel != self._dim_input:
            return
        self.dim = closed
        dimmed = closed is not False
        if dimmed != self._dimming_said:
            self._dimming_said = dimmed
            grid = self.readings.get("grid_w")
            state = "begins" if dimmed else "ends"
            why = "its input cannot be read" if closed is None else f"its input is {'closed' if closed else 'open'}"
            # Grid operators ask for this as evidence: when, why, and what the house drew at that moment.
            facts = {"state": state, "why": why, "grid_w": None if grid is None else grid.value}
            log.warn("dimmed", f"dimming {state}: {why}", **facts)

    def shift(self, by_s: float) -> None:
        """Move every moment along with the wall clock that has just jumped, so that ages stay what they were."""
        self.readings = {name: _later(reading, by_s) for name, reading in self.readings.items()}
        self.grid_a = tuple(None if phase is None else _later(phase, by_s) for phase in self.grid_a)
        self.draws_w = {policy: _later(draw, by_s) for policy, draw in self.draws_w.items()}
        self.relays = {relay: replace(seen, at=seen.at + by_s) for relay, seen in self.relays.items()}
        for watch in self._watches.values():
            watch.changed_at += by_s
        self._started_at += by_s
        if self.power_back_at is not None:
            self.power_back_at += by_s
        if self._export_since is not None:
            self._export_since += by_s

    def _signal(self, role: str, values: Values, at: Instant) -> None:
        name = f"{role} signal"
        power = plausible(values.get("power_w"))
        if power is None:
            self._useless[role] = self._useless.get(role, 0) + 1
            if self._useless[role] >= FAILURES:  # one alone is numbers that were read while they changed
                said = values.get("power_w")
                what = "no power, or numbers that do not agree" if said is None else f"{said} W, which is no reading"
                self._troubles.begin(name, at, f"the meter says {what}")
            return
        self._useless.pop(role, None)
        watch = self._watches[role]
        if watch.frozen(power, at):
            minutes = (at - watch.changed_at) / 60
            self._troubles.begin(name, at, f"the meter has repeated {power} W to the digit for {minutes:.0f} min")
            return
        if role == "grid" and self._exports_too_much(power, at):
            pv = self.readings["pv_w"].value
            self._troubles.begin(
                name,
                at,
                f"{-power:.0f} W are exported while only {pv:.0f} W are produced: the meter's sign is wrong, or "
                "something produces that nobody measures",
            )
            return
        self._troubles.end(name, at)
        self.readings[f"{role}_w"] = Reading(power, at)
        if role == "grid":
            self.grid_a = phase_currents(values, power, at, phases=self._phases, voltage_v=self._voltage_v)
        elif role == "battery" and (soc := values.get("soc")) is not None and 0.0 <= soc <= 1.0:
            self.readings["battery_soc"] = Reading(soc, at)

    def _exports_too_much(self, grid_w: float, at: Instant) -> bool:
        """Return True where the export has exceeded what PV and battery can give for long enough to be no accident."""
        pv, battery = self.readings.get("pv_w"), self.readings.get("battery_w")
        if pv is None or at - pv.at > self._export_for_s:
            self._export_since = None
            return False
        given = max(pv.value, 0.0) + (max(-battery.value, 0.0) if battery is not None else 0.0)
        if -grid_w <= given * (1 + EXPORT_SLACK) + EXPORT_SLACK_W:
            self._export_since = None
            return False
        if self._export_since is None:
            self._export_since = at
        return at - self._export_since >= self._export_for_s


def plausible(power_w: float | None) -> float | None:
    """Return a power that some building could have, None for anything else. [W]"""
    return power_w if power_w is not None and isfinite(power_w) and abs(power_w) <= POWER_MAX_W else None


def phase_currents(
    values: Values, power_w: float, at: Instant, *, phases: int, voltage_v: float
) -> tuple[Reading | None, ...]:
    """Return the current of each phase, import positive; () where the meter says nothing about phases. [A]

    Most meters report currents without a sign; it is that of the phase's power, and import where that is unknown.
    Without a current the power makes one, and without that a single-phase connection still has its total.
    """
    out: list[Reading | None] = []
    for k in range(1, phases + 1):
        power = plausible(values.get(f"power_l{k}_w"))
        if power is None and phases == 1:
            power = power_w
        current = values.get(f"current_l{k}_a")
        if current is not None and isfinite(current):
            amps: float | None = -abs(current) if power is not None and power < 0 else current
        else:
            amps = None if power is None else power / voltage_v
        out.append(None if amps is None else Reading(amps, at))
    return tuple(out) if any(out) else ()


def _later(reading: Reading, by_s: float) -> Reading:
    return replace(reading, at=reading.at + by_s)
