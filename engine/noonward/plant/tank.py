"""A hot water tank: well mixed, with losses, draw-off and a thermostat.

Source: the one-node model of R. Diao et al., "Electric water heater modeling and control strategies for demand
response", IEEE PES General Meeting 2012, which GridLAB-D's ``waterheater`` uses too::

    C · dT/dt = P − UA · (T − T_room) − Q_draw

with P, Q_draw constant over a step, so that a step of any length is exact (an exponential), never an Euler sum. Two
things differ: draw-off is given as heat, so that every controller meets the same need, and a tap that wants 40 °C gets
nothing useful from a tank below that; what it misses is counted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant

WATER_WH_PER_L_K = 1.163
"""Heat capacity of water, 4187 J/(kg K) at 1 kg/l. [Wh/(l K)]"""


def loss_w_per_k(volume_l: float) -> float:
    """Return a standing loss typical of a tank of this size.

    Upper edge of energy class C of Regulation (EU) 812/2013, 16.66 + 8.33 · V^0.4 watts at 45 K above the room. [W/K]
    """
    loss_w: float = 16.66 + 8.33 * volume_l**0.4
    return loss_w / 45.0


def tap_wh(litres: float, *, tap_c: float = 40.0, cold_c: float = 10.0) -> float:
    """Return the heat in water taken at a tap. [Wh]"""
    return litres * WATER_WH_PER_L_K * (tap_c - cold_c)


class Tank:
    """Heats while its relay is closed and its thermostat calls; satisfied it draws 0 behind a closed relay.

    Attributes:
        temperature_c: Of the water. [°C]
        target_c: Where the thermostat opens; the tank is never heated above it. [°C]
        hysteresis_k: How far below the target it calls again. [K]
        calling: Whether the thermostat calls for heat.
        unserved_wh: Heat that a tap wanted and the tank was too cold to give. [Wh]
    """

    __slots__ = (
        "_capacity_wh_k",
        "_draw_w",
        "_loss_w_k",
        "calling",
        "hysteresis_k",
        "room_c",
        "target_c",
        "temperature_c",
        "unserved_wh",
        "useful_c",
    )

    def __init__(
        self,
        *,
        volume_l: float,
        target_c: float = 60.0,
        hysteresis_k: float = 5.0,
        temperature_c: float | None = None,
        loss_w_k: float | None = None,
        room_c: float = 18.0,
        useful_c: float = 40.0,
        draw_w: Callable[[Instant, float], float] | None = None,
    ) -> None:
        """Fill the tank.

        Args:
            volume_l: Its content. [l]
            target_c: Thermostat. [°C]
            hysteresis_k: Of the thermostat. [K]
            temperature_c: At the start; None: at the target. [°C]
            loss_w_k: Standing loss; None: typical of the size, :func:`loss_w_per_k`. [W/K]
            room_c: Around the tank. [°C]
            useful_c: Below this the tap gets nothing useful. [°C]
            draw_w: Mean heat drawn over [t, t + dt_s), asked with (t, dt_s); None: nobody draws. [W]
        """
        if not (volume_l > 0 and hysteresis_k > 0 and target_c > room_c):
            raise ValueError("a tank needs a volume and a hysteresis above 0 and a target above the room's temperature")
        self._capacity_wh_k = volume_l * WATER_WH_PER_L_K
        self._loss_w_k = loss_w_per_k(volume_l) if loss_w_k is None else loss_w_k
        self._draw_w = draw_w
        self.target_c = target_c
        self.hysteresis_k = hysteresis_k
        self.room_c = room_c
        self.useful_c = useful_c
        self.temperature_c = target_c if temperature_c is None else temperature_c
        self.unserved_wh = 0.0
        self.calling = self.temperature_c <= target_c - hysteresis_k

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return nominal power while the thermostat calls, less in the step that reaches the target, else 0. [W]"""
        if on_power_w <= 0.0 or not self.calling:
            return 0.0
        most_w = self._wanted_w(t, dt_s) + self._net_w(self.target_c, dt_s)
        return min(on_power_w, max(most_w, 0.0))

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Let losses, draw-off and heating act for ``dt_s``, then the thermostat decide."""
        wanted_w = self._wanted_w(t, dt_s)
        served_w = min(wanted_w, max(power_w - self._net_w(self.useful_c, dt_s), 0.0)) if wanted_w else 0.0
        self.unserved_wh += (wanted_w - served_w) * dt_s / 3600.0
        self.temperature_c = self._after_c(power_w - served_w, dt_s)
        if self.temperature_c >= self.target_c - 1e-6:
            self.calling = False
        elif self.temperature_c <= self.target_c - self.hysteresis_k:
            self.calling = True

    def _wanted_w(self, t: Instant, dt_s: float) -> float:
        return self._draw_w(t, dt_s) if self._draw_w else 0.0

    def _after_c(self, net_w: float, dt_s: float) -> float:
        """Temperature after ``dt_s`` with net heat ``net_w`` (losses apart). [°C]"""
        if not self._loss_w_k:
            return self.temperature_c + net_w * dt_s / 3600.0 / self._capacity_wh_k
        end_c = self.room_c + net_w / self._loss_w_k
        return end_c + (self.temperature_c - end_c) * self._decay(dt_s)

    def _net_w(self, then_c: float, dt_s: float) -> float:
        """Net heat that leads to ``then_c`` in ``dt_s``: the inverse of ``_after_c``. [W]"""
        if not self._loss_w_k:
            return (then_c - self.temperature_c) * self._capacity_wh_k * 3600.0 / dt_s
        decay = self._decay(dt_s)
        end_c = (then_c - self.temperature_c * decay) / (1.0 - decay)
        return (end_c - self.room_c) * self._loss_w_k

    def _decay(self, dt_s: float) -> float:
        return math.exp(-self._loss_w_k * dt_s / 3600.0 / self._capacity_wh_k)
