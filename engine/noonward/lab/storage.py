"""The home battery in one run: it follows the meter faster than anyone here decides, so nobody commands it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.plant.battery import Battery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.run import Piece
    from noonward.plant.battery import BatteryKind


class Storage:
    """A battery and what it did.

    Attributes:
        battery: Where it stands now.
        mean_w: Its mean power in each interval of the tape, charging +; 0 where the tape is unknown. [W]
        soc: Its state of charge at the end of each interval. [0…1]
        split: Intervals within which the power of the loads changed: its power piece by piece. [W]
        power_w: What it does now. [W]
    """

    __slots__ = ("battery", "mean_w", "power_w", "soc", "split")

    def __init__(self, kind: BatteryKind, intervals: int) -> None:
        self.battery = Battery(kind)
        self.mean_w = [0.0] * intervals
        self.soc = [kind.soc] * intervals
        self.split: dict[int, list[float]] = {}
        self.power_w = 0.0

    def meets(self, grid_w: float | None, dt_s: float) -> float:
        """Return what it does about a grid power without it, and do that from now on. [W]."""
        self.power_w = 0.0 if grid_w is None else self.battery.power_w(grid_w, dt_s)
        return self.power_w

    def follow(self, net_w: float | None, pieces: Sequence[Piece]) -> list[float]:
        """Live through stretches of constant power; return its own in each. [W]

        Args:
            net_w: Base load less PV; None: unknown, and it rests. [W]
            pieces: What the loads draw.
        """
        powers = []
        for dt_s, draws in pieces:
            power_w = self.meets(None if net_w is None else net_w + sum(draws), dt_s)
            self.battery.advance(power_w, dt_s)
            powers.append(power_w)
        return powers

    def note(self, i: int, pieces: Sequence[Piece], powers: list[float]) -> None:
        """Note what it did in an interval."""
        self.soc[i] = self.battery.soc
        if len(powers) == 1:
            self.mean_w[i] = powers[0]
            return
        whole_s = sum(dt_s for dt_s, _ in pieces)
        self.mean_w[i] = sum(dt_s * power_w for (dt_s, _), power_w in zip(pieces, powers, strict=True)) / whole_s
        self.split[i] = powers

    def parts(self, i: int) -> Sequence[float]:
        """Return its power in an interval, piece by piece as the loads' is kept. [W]"""
        return self.split.get(i) or (self.mean_w[i],)
