"""Pure models of what is controlled; the lab, the memory driver and the emulator use the same ones.

Power is constant between two events, so a plant is asked in two halves: :meth:`Plant.power_w` says what it would draw
until the next event and changes nothing that matters, :meth:`Plant.advance` lets the time pass that really passed.
An event in the middle of a step therefore needs no going back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from noonward.core.model import Instant


class Plant(Protocol):
    """A load as its relay and its meter see it."""

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return what it draws, constant over [t, t + dt_s), if nothing is switched meanwhile.

        Asking twice gives the same answer. A plant that is satisfied before the interval ends spreads what it still
        takes over the whole interval, so that the energy is exact.

        Args:
            on_power_w: Nominal power of the stage that the relays select, 0 where they are open. [W]
            t: Start of the interval.
            dt_s: Its length, above 0. [s]

        Returns:
            Its draw, 0 … on_power_w for a plain heater. [W]
        """

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Let ``dt_s`` pass from ``t`` on while it draws ``power_w`` (an answer of :meth:`power_w`, or 0)."""
