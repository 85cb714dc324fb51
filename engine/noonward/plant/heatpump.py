"""A heat pump behind an SG-Ready contact.

The contact does not switch it: it offers. In *normal* the pump heats its buffer by its own thermostat; *recommended*
raises the target ("increased operation", regulation for the SG-Ready label of Bundesverband Wärmepumpe e. V.), so that
it starts if there is room in the buffer, after a pause of its own and with the compressor running up. An offer that it
does not take draws nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.plant.tank import Tank

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant


class HeatPump:
    """A compressor with a buffer tank; its power is its own while it runs, whatever contact asked for it.

    Attributes:
        buffer: The water that it heats; its thermostat is moved by the offer.
        running: Whether the compressor runs.
    """

    __slots__ = ("_cop", "_normal_c", "_pause_s", "_power_w", "_raised_c", "_ramp_s", "_since", "buffer", "running")

    def __init__(
        self,
        *,
        power_w: float,
        buffer_l: float = 200.0,
        normal_c: float = 40.0,
        raised_c: float = 50.0,
        cop: float = 3.5,
        ramp_s: float = 60.0,
        pause_s: float = 600.0,
        heat_w: Callable[[Instant, float], float] | None = None,
    ) -> None:
        """Build a pump at rest with its buffer at the normal target.

        Args:
            power_w: Electrical power when it runs. [W]
            buffer_l: Content of the buffer. [l]
            normal_c: Target without an offer. [°C]
            raised_c: Target with one. [°C]
            cop: Heat for electricity; taken as constant.
            ramp_s: From start to full power, linear. [s]
            pause_s: Shortest rest of the compressor; the SG-Ready label's 10 min. [s]
            heat_w: What the house takes from the buffer, asked with (t, dt_s). [W]
        """
        self._power_w = power_w
        self._normal_c = normal_c
        self._raised_c = raised_c
        self._cop = cop
        self._ramp_s = ramp_s
        self._pause_s = pause_s
        self._since: Instant | None = None
        self.running = False
        self.buffer = Tank(volume_l=buffer_l, target_c=normal_c, draw_w=heat_w, useful_c=25.0)

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return the compressor's draw; ``on_power_w`` above 0 is an offer. [W]"""
        self._offer(on_power_w > 0.0)
        heat_w = self.buffer.power_w(self._power_w * self._cop, t, dt_s)
        rested = self.running or self._since is None or t - self._since >= self._pause_s
        if not heat_w or not rested:
            return 0.0
        return min(heat_w / self._cop, self._power_w * self._ramp(t, dt_s))

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Let the buffer warm or cool and remember when the compressor started or stopped."""
        if (power_w > 0.0) != self.running:
            self.running = power_w > 0.0
            self._since = t
        self.buffer.advance(power_w * self._cop, t, dt_s)

    def _offer(self, offered: bool) -> None:
        """Move the thermostat; a raised target makes it call at once if the buffer has room."""
        target_c = self._raised_c if offered else self._normal_c
        buffer = self.buffer
        if target_c != buffer.target_c:
            buffer.target_c = target_c
            buffer.calling = buffer.temperature_c < target_c - (0.5 if offered else buffer.hysteresis_k)

    def _ramp(self, t: Instant, dt_s: float) -> float:
        """Mean share of full power over [t, t + dt_s)."""
        if not self._ramp_s:
            return 1.0
        begun = t if not self.running or self._since is None else self._since
        lo, hi = (min((x - begun) / self._ramp_s, 1.0) for x in (t, t + dt_s))
        ramping_s = (hi - lo) * self._ramp_s
        return (ramping_s * (lo + hi) / 2.0 + (dt_s - ramping_s)) / dt_s
