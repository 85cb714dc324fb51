"""What hangs on the relays of an emulated site: the scenario's plants, else plain loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.emulate.world import Load
from noonward.lab.scenario import HeatPumpSpec, QuotaSpec, TankSpec
from noonward.plant.heatpump import HeatPump
from noonward.plant.quota import Quota, midnights
from noonward.plant.resistor import Resistor
from noonward.plant.tank import Tank

if TYPE_CHECKING:
    from noonward.core.model import Appliance, Instant
    from noonward.lab.scenario import PlantSpec
    from noonward.plant import Plant

COOLED_K: Final = 12.0
"""How far below its target a tank is at the start. [K]"""


def load(policy: Appliance, spec: PlantSpec | None, begun: Instant, timezone: str, speed: float) -> Load:
    """Return what hangs on a policy's relays.

    Args:
        policy: Its stages say what the loads draw.
        spec: The scenario's plant; None: a plain load.
        begun: The world's time at the start.
        timezone: Of the site; a quota begins anew at its midnight.
        speed: How many times faster than the clock the world goes: needs are smaller by as much.
    """
    if isinstance(spec, HeatPumpSpec):
        return Load(policy=policy, plant=_pump(spec, policy, speed))
    return Load(policy=policy, plant=_plant(spec, begun, timezone, speed))


def _pump(spec: HeatPumpSpec, policy: Appliance, speed: float) -> HeatPump:
    return HeatPump(
        power_w=policy.stages[-1].power_w,
        buffer_l=spec.buffer_l / speed,
        normal_c=spec.normal_c,
        raised_c=spec.raised_c,
        forced_c=spec.forced_c,
        cop=spec.cop,
        ramp_s=spec.start_up_s,
        min_run_s=spec.min_run_s,
        pause_s=spec.lockout_s,
        heat_w=lambda _t, _dt_s: spec.heat_w,
    )


def _plant(spec: PlantSpec | None, begun: Instant, timezone: str, speed: float) -> Plant:
    if isinstance(spec, QuotaSpec):
        return Quota(energy_wh=spec.energy_wh / speed, t=begun, next_period=midnights(timezone))
    if isinstance(spec, TankSpec):
        return Tank(volume_l=spec.volume_l / speed, target_c=spec.target_c, temperature_c=spec.target_c - COOLED_K)
    return Resistor()
