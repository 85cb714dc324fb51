"""A heat pump behind SG-Ready contacts, with a buffer tank and a demand of its own.

The contacts do not switch it: they offer. The four states are those of the regulation for the SG-Ready label of
Bundesverband Wärmepumpe e. V.: *normal*, where it heats its buffer by its own thermostat; *recommended*, where the
target is raised, so that it starts if there is room in the buffer; *forced*, where it heats up to its highest
temperature; and *locked*, where it stands still. What it does then is bound by its compressor: it runs up slowly, runs
for a while once it runs (locked or at its highest temperature it stops all the same), and rests before it starts again.
An offer that it does not take draws nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from noonward.plant.tank import Tank

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.model import Instant

_TAKES_K = 0.5
"""An offer is taken if the buffer is so much colder than the raised target. [K]"""

_SAME_K = 1e-6


class SgReady(Enum):
    """The label's states, by their contacts (K1, K2)."""

    NORMAL = (False, False)
    RECOMMENDED = (False, True)
    FORCED = (True, True)
    LOCKED = (True, False)


def wired(closed: Sequence[bool]) -> SgReady:
    """Return the state of contacts: of one, which is K2, or of two, K1 and K2."""
    return SgReady((len(closed) > 1 and closed[0], closed[-1]))


class _Thermostat(NamedTuple):
    """What the pump's own control wants: to reach ``target_c`` while ``calling``."""

    target_c: float
    calling: bool


class HeatPump:
    """A compressor with a buffer tank; its power is its own while it runs, whatever contact asked for it.

    Attributes:
        buffer: The water that it heats.
        state: As its contacts are wired; None: the power that it is offered says it, normal or recommended.
        running: Whether the compressor runs.
    """

    __slots__ = (
        "_asked", "_cop", "_lockout_s", "_min_run_s", "_power_w", "_ramp_s", "_since", "_targets_c", "_thermostat",
        "buffer", "running", "state",
    )  # fmt: skip

    def __init__(
        self,
        *,
        power_w: float,
        buffer_l: float = 200.0,
        normal_c: float = 40.0,
        raised_c: float = 50.0,
        forced_c: float = 55.0,
        cop: float = 3.5,
        ramp_s: float = 60.0,
        min_run_s: float = 0.0,
        pause_s: float = 600.0,
        buffer_c: float | None = None,
        heat_w: Callable[[Instant, float], float] | None = None,
    ) -> None:
        """Build a pump at rest.

        Args:
            power_w: Electrical power when it runs. [W]
            buffer_l: Content of the buffer. [l]
            normal_c: Target without an offer. [°C]
            raised_c: Target while it is recommended to run. [°C]
            forced_c: Target while it is forced, and the highest that it ever heats to. [°C]
            cop: Heat for electricity; taken as constant.
            ramp_s: From start to full power, linear. [s]
            min_run_s: Shortest run of the compressor. [s]
            pause_s: Lockout of the compressor after a run; the SG-Ready label's 10 min. [s]
            buffer_c: Of the buffer at the start; None: at the normal target. [°C]
            heat_w: What the house takes from the buffer, asked with (t, dt_s). [W]
        """
        if not normal_c <= raised_c <= forced_c:
            raise ValueError("a heat pump's targets rise from normal to raised to forced")
        self._power_w = power_w
        self._targets_c = {SgReady.NORMAL: normal_c, SgReady.RECOMMENDED: raised_c, SgReady.FORCED: forced_c}
        self._cop = cop
        self._ramp_s = ramp_s
        self._min_run_s = min_run_s
        self._lockout_s = pause_s
        self._since: Instant | None = None
        self._thermostat = self._asked = _Thermostat(normal_c, calling=False)
        self.state: SgReady | None = None
        self.running = False
        self.buffer = Tank(
            volume_l=buffer_l, target_c=normal_c, temperature_c=buffer_c, draw_w=heat_w, useful_c=28.0, cold_c=25.0
        )

    @property
    def unserved_wh(self) -> float:
        """Electricity for the heat that the house wanted and the buffer was too cold to give. [Wh]."""
        return self.buffer.unserved_wh / self._cop

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return the compressor's draw; without a wired state, ``on_power_w`` above 0 recommends it to run. [W]"""
        state = self.state or (SgReady.RECOMMENDED if on_power_w > 0.0 else SgReady.NORMAL)
        self._asked = asked = self._wants(state)
        if state is SgReady.LOCKED or not self._may_run(t, calling=asked.calling):
            return 0.0
        target_c = asked.target_c if asked.calling else self._targets_c[SgReady.FORCED]
        room_w = self.buffer.room_w(target_c, t, dt_s) / self._cop
        return min(room_w, self._power_w * self._ramp(t, dt_s))

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:
        """Let the buffer warm or cool and remember when the compressor started or stopped."""
        if (power_w > 0.0) != self.running:
            self.running = power_w > 0.0
            self._since = t
        self._thermostat = self._asked
        self.buffer.advance(power_w * self._cop, t, dt_s)

    def _wants(self, state: SgReady) -> _Thermostat:
        """Return what its thermostat wants now; a target that has just been raised calls at once if there is room."""
        was, sensor_c = self._thermostat, self.buffer.sensor_c
        target_c = self._targets_c.get(state, was.target_c)
        if target_c > was.target_c:
            return _Thermostat(target_c, sensor_c < target_c - _TAKES_K)
        calling = was.calling if target_c == was.target_c else sensor_c <= target_c - self.buffer.hysteresis_k
        if sensor_c >= target_c - _SAME_K:
            calling = False
        elif sensor_c <= target_c - self.buffer.hysteresis_k:
            calling = True
        return _Thermostat(target_c, calling)

    def _may_run(self, t: Instant, *, calling: bool) -> bool:
        """Tell whether the compressor runs on, or may start."""
        if self._since is None:
            return calling
        if self.running:
            return calling or t - self._since < self._min_run_s
        return calling and t - self._since >= self._lockout_s

    def _ramp(self, t: Instant, dt_s: float) -> float:
        """Mean share of full power over [t, t + dt_s)."""
        if not self._ramp_s:
            return 1.0
        begun = t if not self.running or self._since is None else self._since
        lo, hi = (min((x - begun) / self._ramp_s, 1.0) for x in (t, t + dt_s))
        ramping_s = (hi - lo) * self._ramp_s
        return (ramping_s * (lo + hi) / 2.0 + (dt_s - ramping_s)) / dt_s
