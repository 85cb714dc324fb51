"""A home battery with an inverter of its own, faster than any controller here.

It follows the meter of the connection within a second: what would be exported charges it, what would be imported it
covers, as far as power and content allow. Nobody tells it anything. Charging and discharging each lose the square root
of the round trip's losses. Its own consumption is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryKind:
    """What a battery is like.

    Attributes:
        capacity_wh: Content between empty and full. [Wh]
        charge_w: Most that it takes, at the connection. [W]
        discharge_w: Most that it gives. [W]
        efficiency: Of charging and discharging together, above 0. [0…1]
        min_soc: It gives nothing below this. [0…1]
        soc: At the start. [0…1]
    """

    capacity_wh: float
    charge_w: float
    discharge_w: float
    efficiency: float = 0.9
    min_soc: float = 0.1
    soc: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ValueError: A number is out of its range.
        """
        if not (self.capacity_wh > 0.0 and self.charge_w >= 0.0 and self.discharge_w >= 0.0):
            raise ValueError("a battery needs a capacity above 0 and powers of 0 or more")
        if not (0.0 < self.efficiency <= 1.0 and 0.0 <= self.min_soc <= 1.0 and 0.0 <= self.soc <= 1.0):
            raise ValueError("a battery's efficiency lies in (0, 1], its states of charge in [0, 1]")


class Battery:
    """A battery at work.

    Attributes:
        kind: What it is like.
        content_wh: What is in it. [Wh]
    """

    __slots__ = ("_each_way", "content_wh", "kind")

    def __init__(self, kind: BatteryKind) -> None:
        self.kind = kind
        self.content_wh = kind.soc * kind.capacity_wh
        self._each_way = sqrt(kind.efficiency)

    @property
    def soc(self) -> float:
        """State of charge. [0…1]."""
        return self.content_wh / self.kind.capacity_wh

    def power_w(self, grid_w: float, dt_s: float) -> float:
        """Return what it does about a grid power that would last for ``dt_s`` without it.

        Where it gets full or empty on the way, it spreads what it still can over the whole stretch, so that the energy
        is exact.

        Args:
            grid_w: Import +, export −, without it. [W]
            dt_s: Length of the stretch, above 0. [s]

        Returns:
            Its power, charging +. [W]
        """
        kind, hours = self.kind, dt_s / 3600.0
        if grid_w < 0.0:
            room_wh = max(kind.capacity_wh - self.content_wh, 0.0) / self._each_way
            return min(-grid_w, kind.charge_w, room_wh / hours)
        left_wh = max(self.content_wh - kind.min_soc * kind.capacity_wh, 0.0) * self._each_way
        return -min(grid_w, kind.discharge_w, left_wh / hours)

    def advance(self, power_w: float, dt_s: float) -> None:
        """Let ``dt_s`` pass at a power that :meth:`power_w` gave."""
        way = self._each_way if power_w > 0.0 else 1.0 / self._each_way
        content_wh = self.content_wh + power_w * way * dt_s / 3600.0
        self.content_wh = min(max(content_wh, 0.0), self.kind.capacity_wh)  # dust of rounding at either end
