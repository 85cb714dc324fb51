"""A hot water tank in two layers: hot water above, cold water that came in below, a thermostat and losses.

Source: the two-node model of R. Diao et al., "Electric water heater modeling and control strategies for demand
response", IEEE PES General Meeting 2012, which GridLAB-D's ``waterheater`` uses too. Each layer is well mixed, and the
boundary between them moves: what a tap takes leaves at the top, and as much cold water enters at the bottom. The heater
sits at the bottom: it warms the lower layer until both are equally warm, then the whole tank. Two things differ: the
lower layer has a temperature of its own, not always that of the mains, and draw-off is given as heat, so that every
controller meets the same need. A tap that wants 40 °C gets nothing useful from water below that; what it misses is
counted. Heat that passes between the layers by itself is left out.

Over a step draw-off comes first, then losses (an exponential, exact for any step, the same in both layers), then heat.
No energy is lost or made, however long the step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant

WATER_WH_PER_L_K = 1.163
"""Heat capacity of water, 4187 J/(kg K) at 1 kg/l. [Wh/(l K)]"""

SENSOR = 0.3
"""Height of the thermostat's sensor as a share of the tank's."""

_SAME_K = 1e-6
"""A target that is missed by less is reached. [K]"""

_DUST_WH = 1e-12


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
        upper_c: Of the hot water above. [°C]
        lower_c: Of what came in below; never above ``upper_c``. [°C]
        upper_l: Volume of the upper layer. [l]
        target_c: Where the thermostat opens; the tank is never heated above it. [°C]
        hysteresis_k: How far below the target it calls again. [K]
        calling: Whether the thermostat calls for heat.
        unserved_wh: Heat that a tap wanted and the tank was too cold to give. [Wh]
    """

    __slots__ = (
        "_cold_c", "_draw_w", "_loss_w_k", "_room_c", "_useful_c", "_volume_l",
        "calling", "hysteresis_k", "lower_c", "target_c", "unserved_wh", "upper_c", "upper_l",
    )  # fmt: skip

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
        cold_c: float = 10.0,
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
            cold_c: Of the water that comes in. [°C]
            draw_w: Mean heat drawn over [t, t + dt_s), above ``cold_c``, asked with (t, dt_s); None: nobody draws. [W]
        """
        if not (volume_l > 0 and hysteresis_k > 0 and target_c > room_c):
            raise ValueError("a tank needs a volume and a hysteresis above 0 and a target above the room's temperature")
        if not useful_c > cold_c:
            raise ValueError("what comes into a tank must be colder than what is useful")
        self._volume_l = volume_l
        self._loss_w_k = loss_w_per_k(volume_l) if loss_w_k is None else loss_w_k
        self._room_c = room_c
        self._useful_c = useful_c
        self._cold_c = cold_c
        self._draw_w = draw_w
        self.target_c = target_c
        self.hysteresis_k = hysteresis_k
        self.upper_c = self.lower_c = target_c if temperature_c is None else temperature_c
        self.upper_l = volume_l
        self.unserved_wh = 0.0
        self.calling = self.sensor_c <= target_c - hysteresis_k

    @property
    def temperature_c(self) -> float:
        """Mean of the whole tank. [°C]."""
        return self.lower_c + (self.upper_c - self.lower_c) * self.upper_l / self._volume_l

    @property
    def sensor_c(self) -> float:
        """What the thermostat feels. [°C]."""
        return self.lower_c if self._volume_l - self.upper_l > SENSOR * self._volume_l else self.upper_c

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return nominal power while the thermostat calls, less in the step that reaches the target, else 0. [W]"""
        if on_power_w <= 0.0 or not self.calling:
            return 0.0
        return min(on_power_w, self.room_w(self.target_c, t, dt_s))

    def room_w(self, target_c: float, t: Instant, dt_s: float) -> float:
        """Return the heat that makes the whole tank at least so warm by the end of [t, t + dt_s), or 0. [W]"""
        upper_l, upper_c, lower_c, _ = self._drained(self._wanted_wh(t, dt_s))
        keeps = self._keeps(dt_s)
        missing_k_l = 0.0
        for litres, layer_c in ((upper_l, upper_c), (self._volume_l - upper_l, lower_c)):
            missing_k_l += litres * max(target_c - self._cooled(layer_c, keeps), 0.0)
        return missing_k_l * WATER_WH_PER_L_K * 3600.0 / dt_s

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Let draw-off, losses and heating act for ``dt_s``, then the thermostat decide."""
        self.upper_l, upper_c, lower_c, unserved_wh = self._drained(self._wanted_wh(t, dt_s))
        keeps = self._keeps(dt_s)
        self.upper_c, self.lower_c = self._cooled(upper_c, keeps), self._cooled(lower_c, keeps)
        self.unserved_wh += unserved_wh
        if power_w:
            self._heat(power_w * dt_s / 3600.0 / WATER_WH_PER_L_K)
        sensor_c = self.sensor_c
        if sensor_c >= self.target_c - _SAME_K:
            self.calling = False
        elif sensor_c <= self.target_c - self.hysteresis_k:
            self.calling = True

    def _wanted_wh(self, t: Instant, dt_s: float) -> float:
        return self._draw_w(t, dt_s) * dt_s / 3600.0 if self._draw_w else 0.0

    def _drained(self, wanted_wh: float) -> tuple[float, float, float, float]:
        """Return the layers after so much heat was taken at the top, and what was missing.

        Returns:
            Litres of the upper layer, its temperature, that of the lower one, and the heat that nobody got. [Wh]
        """
        upper_l, upper_c, lower_c = self.upper_l, self.upper_c, self.lower_c
        while wanted_wh > _DUST_WH and upper_c >= self._useful_c:
            wh_per_l = WATER_WH_PER_L_K * (upper_c - self._cold_c)
            taken_l = min(wanted_wh / wh_per_l, upper_l)
            lower_l = self._volume_l - upper_l
            lower_c = (lower_c * lower_l + self._cold_c * taken_l) / (lower_l + taken_l)
            wanted_wh -= taken_l * wh_per_l
            upper_l -= taken_l
            if upper_l > 0.0:
                return upper_l, upper_c, lower_c, 0.0
            upper_l, upper_c = self._volume_l, lower_c  # nothing hot is left: what is there is one layer again
        return upper_l, upper_c, lower_c, max(wanted_wh, 0.0)

    def _heat(self, k_l: float) -> None:
        """Add heat at the bottom. [K l]."""
        lower_l = self._volume_l - self.upper_l
        if lower_l > 0.0:
            gap_k_l = (self.upper_c - self.lower_c) * lower_l
            if k_l < gap_k_l:
                self.lower_c += k_l / lower_l
                return
            k_l -= gap_k_l
        self.upper_c += k_l / self._volume_l
        self.lower_c, self.upper_l = self.upper_c, self._volume_l

    def _keeps(self, dt_s: float) -> float:
        """Share of its excess over the room that water keeps."""
        return math.exp(-self._loss_w_k * dt_s / 3600.0 / (self._volume_l * WATER_WH_PER_L_K))

    def _cooled(self, layer_c: float, keeps: float) -> float:
        return self._room_c + (layer_c - self._room_c) * keeps
