"""A game as jobs for the optimum: one for each period of each appliance, one for each stay of each vehicle.

A job is left out where nothing is missed without it: its deadline is behind the end of the tape.
"""

from __future__ import annotations

from math import ceil, floor, isinf
from typing import TYPE_CHECKING, TypeAlias

from noonward.core.model import Appliance
from noonward.core.units import VOLTAGE_V
from noonward.errors import UsageError
from noonward.lab.optimum.car import CarJob
from noonward.lab.optimum.relay import SLACK, RelayJob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Instant
    from noonward.lab.game import Game, Load
    from noonward.lab.tape import Tape

Job: TypeAlias = "RelayJob | CarJob"


def jobs_of(game: Game) -> list[Job]:
    """Return everything that has to be placed.

    Raises:
        UsageError: A load has no need, so nobody can say what the least is.
    """
    if not game.comparable():
        raise UsageError(f"the optimum cannot be computed: {_why_not(game)}")
    zones = list(game.zones)
    found: list[Job] = []
    for k, load in enumerate(game.loads()):
        if load.bay is None:
            found += _periods(k, load, game.tape)
        else:
            found += _stays(k, load, game.tape, zones.index(load.policy.name))
    return found


def limits_w(game: Game) -> list[float]:
    """Return the most that the vehicles of each zone may draw together. [W]"""
    most_w = {zone.name: zone.max_power_w for zone in game.site.zones}
    return [most_w[name] for name in game.zones]


def _why_not(game: Game) -> str:
    needless = [load.name for load in game.loads() if load.need is None]
    if needless:
        return (
            f"{', '.join(needless)} {'has' if len(needless) == 1 else 'have'} no need in the scenario that must be met "
            "by a deadline; give model: quota, or leave it out"
        )
    if not (game.plants or game.zones):
        return "nothing is played"
    return "a battery stores energy beside the loads; leave it out of the scenario"


def _periods(k: int, load: Load, tape: Tape) -> Iterator[Job]:
    """Yield one job for each deadline of a quota that is on the tape."""
    stages_w = tuple(stage.power_w for stage in load.policy.stages) if isinstance(load.policy, Appliance) else ()
    for begin, by, end in _needs(load, tape):
        lo, hi = ceil((begin - tape.start) / tape.step_s - SLACK), floor((by - tape.start) / tape.step_s + SLACK)
        if hi <= lo:
            continue
        energy_wh = load.need.missing_wh if load.need is not None else 0.0
        yield RelayJob(
            k=k,
            lo=lo,
            hi=hi,
            end=len(tape) if isinf(end) else min(len(tape), floor((end - tape.start) / tape.step_s + SLACK)),
            stages_w=stages_w,
            need_w=min(energy_wh * 3600.0 / tape.step_s, stages_w[-1] * (hi - lo)),
            hold=max(1, ceil(load.policy.min_on_s / tape.step_s - SLACK)),
        )


def _needs(load: Load, tape: Tape) -> Iterator[tuple[Instant, Instant, Instant]]:
    """Yield start, deadline and end of each period whose deadline is on the tape."""
    need, begin = load.need, tape.start
    while need is not None and not isinf(need.edge) and begin < tape.end:
        by, edge = need.by, need.edge
        need.settle(edge)
        if by is None:
            begin = edge
            continue
        end = edge if need.by is not None else need.edge
        if by <= tape.end:
            yield begin, by, end
        begin = by
        if need.by is None and not isinf(end):
            need.settle(end)
            begin = end


def _stays(k: int, load: Load, tape: Tape, zone: int) -> Iterator[Job]:
    """Yield one job for each vehicle."""
    for visit in load.bay.visits if load.bay is not None else ():
        kind = visit.kind
        watts_per_a = len(kind.conductors()) * VOLTAGE_V
        most_w = kind.max_current_a * watts_per_a
        yield CarJob(
            k=k,
            lo=round((visit.start - tape.start) / tape.step_s),
            hi=round((visit.end - tape.start) / tape.step_s),
            need_w=visit.need_wh * 3600.0 / tape.step_s,
            least_w=most_w if not kind.modulates else min(kind.min_current_a * watts_per_a, most_w),
            most_w=most_w,
            zone=zone,
        )
