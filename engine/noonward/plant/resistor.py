"""A load without a thermostat."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noonward.core.model import Instant


class Resistor:
    """Draws its nominal power whenever it is on."""

    __slots__ = ()

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:  # noqa: ARG002 - the Plant protocol
        """Return the nominal power. [W]"""
        return on_power_w

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Remember nothing."""
