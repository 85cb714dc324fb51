"""What hangs on the relays of an emulated site: the scenario's plants, else plain loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.emulate.world import Load
from noonward.lab.plants import heat_pump
from noonward.lab.scenario import HeatPumpSpec, QuotaSpec, TankSpec
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
        return Load(policy=policy, plant=heat_pump(spec, policy, lambda _t, _dt_s: spec.heat_w, spec.buffer_l / speed))
    return Load(policy=policy, plant=_plant(spec, begun, timezone, speed))


def _plant(spec: PlantSpec | None, begun: Instant, timezone: str, speed: float) -> Plant:
    if isinstance(spec, QuotaSpec):
        return Quota(energy_wh=spec.energy_wh / speed, t=begun, next_period=midnights(timezone))
    if isinstance(spec, TankSpec):
        return Tank(volume_l=spec.volume_l / speed, target_c=spec.target_c, temperature_c=spec.target_c - COOLED_K)
    return Resistor()
