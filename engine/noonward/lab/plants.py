"""What a scenario's plants are on a tape: the models of ``noonward.plant``, with their times and recordings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.core.timers import fires
from noonward.errors import UsageError
from noonward.lab import recording
from noonward.lab.scenario import HeatPumpSpec, QuotaSpec, TankSpec
from noonward.plant.heatpump import HeatPump
from noonward.plant.quota import NextEdge, Quota, midnights
from noonward.plant.resistor import Resistor
from noonward.plant.tank import Tank, tap_wh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from noonward.core.model import Appliance, Instant
    from noonward.core.timers import Cron
    from noonward.lab.scenario import PlantSpec
    from noonward.lab.tape import Tape
    from noonward.plant import Plant

AROUND_S = 366 * 86400.0
"""How far before and behind the tape a period, a start or a deadline is looked for. [s]"""


def plant(spec: PlantSpec, policy: Appliance, tape: Tape, timezone: str) -> Plant:
    """Build what a policy controls.

    Args:
        spec: What the scenario says.
        policy: Its load's power is that of the plant.
        tape: Begins and ends it.
        timezone: IANA name, for periods and deadlines.

    Raises:
        UsageError: A recording that it needs cannot be read, or there is no such plant.
    """
    try:
        return _plant(spec, policy, tape, timezone)
    except ValueError as error:
        raise UsageError(f"the scenario's plant {policy.name}: {error}") from error


def _plant(spec: PlantSpec, policy: Appliance, tape: Tape, timezone: str) -> Plant:
    if isinstance(spec, QuotaSpec):
        return Quota(
            energy_wh=spec.energy_wh,
            t=tape.start,
            next_period=_next_period(spec, tape, timezone),
            next_by=_next(spec.by, tape, timezone) if spec.by else None,
        )
    if isinstance(spec, TankSpec):
        draw_w = None if spec.draw is None else _recorded(spec.draw, "litres", _LITRES, tap_wh)
        return Tank(volume_l=spec.volume_l, target_c=spec.target_c, draw_w=draw_w)
    if isinstance(spec, HeatPumpSpec):
        return heat_pump(spec, policy, _heat(spec), spec.buffer_l)
    return Resistor()


def heat_pump(
    spec: HeatPumpSpec, policy: Appliance, heat_w: Callable[[Instant, float], float], buffer_l: float
) -> HeatPump:
    """Return the heat pump of a policy.

    Args:
        spec: As the scenario says.
        policy: For its power.
        heat_w: Mean heat that the house takes in an interval, from its start and length. [W]
        buffer_l: Water that holds the heat. [l]
    """
    return HeatPump(
        power_w=policy.stages[-1].power_w,
        buffer_l=buffer_l,
        normal_c=spec.normal_c,
        raised_c=spec.raised_c,
        forced_c=spec.forced_c,
        cop=spec.cop,
        ramp_s=spec.start_up_s,
        min_run_s=spec.min_run_s,
        pause_s=spec.lockout_s,
        heat_w=heat_w,
    )


_LITRES = "warm water of 40 °C drawn in the interval"
_HEAT = "mean heat that the house takes, in W"


def _heat(spec: HeatPumpSpec) -> Callable[[Instant, float], float]:
    if spec.draw is not None:
        return _recorded(spec.draw, "heat_w", _HEAT, None)
    return partial(_always, spec.heat_w)


def _always(heat_w: float, _t: Instant, _dt_s: float) -> float:
    return heat_w


def _recorded(
    path: Path, column: str, meaning: str, wh: Callable[[float], float] | None
) -> Callable[[Instant, float], float]:
    """Return the heat that a file says is drawn, 0 beside it, as a function of time. [W]

    Args:
        path: The file.
        column: What to read in it.
        meaning: What that is, for messages.
        wh: What a number is in heat over its interval [Wh]; None: it is a power already.
    """
    file = recording.load(path, {column: meaning})
    if None in file.series[column]:
        raise UsageError(f"{file.name}: {column} must be known in every interval; write 0 where nothing is drawn")
    start, step_s = file.start, file.step_s
    drawn_w = [(x or 0.0) if wh is None else wh(x or 0.0) * 3600.0 / step_s for x in file.series[column]]
    return partial(_drawn, start, step_s, drawn_w)


def _drawn(start: Instant, step_s: float, drawn_w: Sequence[float], t: Instant, dt_s: float) -> float:
    i = int((t + dt_s / 2 - start) // step_s)
    return drawn_w[i] if 0 <= i < len(drawn_w) else 0.0


def uncontrolled(spec: PlantSpec, tape: Tape, timezone: str) -> list[bool] | None:
    """Return for each step whether an uncontrolled load's hour has come in its period; None: that is always."""
    if not isinstance(spec, QuotaSpec) or spec.uncontrolled_from is None:
        return None
    next_period = _next_period(spec, tape, timezone)
    events = [(t, True) for t in _firings(spec.uncontrolled_from, tape, timezone) if t < tape.end]
    turn = next_period(tape.start - AROUND_S)
    while turn is not None and turn < tape.end:
        events.append((turn, False))
        turn = next_period(turn)
    events.sort()  # at one instant the period turns first
    found: list[bool] = []
    running = False
    for t, begins in events:
        first = 0 if t <= tape.start else bisect_left(range(len(tape)), t, key=tape.begins)
        found += [running] * (first - len(found))
        running = begins
    return found + [running] * (len(tape) - len(found))


def _next_period(spec: QuotaSpec, tape: Tape, timezone: str) -> NextEdge:
    return _next(spec.period, tape, timezone) if spec.period else midnights(timezone)


def _next(cron: Cron, tape: Tape, timezone: str) -> NextEdge:
    """Return the function "first firing after"."""
    return partial(_after, _firings(cron, tape, timezone))


def _after(found: Sequence[Instant], t: Instant) -> Instant | None:
    k = bisect_right(found, t)
    return found[k] if k < len(found) else None


def _firings(cron: Cron, tape: Tape, timezone: str) -> Sequence[Instant]:
    return _fired(cron, timezone, tape.start - AROUND_S, tape.end + AROUND_S)


@lru_cache(maxsize=64)
def _fired(cron: Cron, timezone: str, lo: Instant, hi: Instant) -> Sequence[Instant]:
    """Return when a cron fires; every controller of a game asks for the same."""
    return tuple(fires(cron, ZoneInfo(timezone), lo, hi))
