"""A plan for every load, played by the same plants as under any other controller."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from noonward.lab.run import Floor, Run, mean_w
from noonward.plant.vehicle import VehicleKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.game import Game
    from noonward.lab.optimum.jobs import Job


def play(game: Game, jobs: Sequence[Job], draws_w: Sequence[Sequence[float]]) -> Run:
    """Play a plan.

    Args:
        game: What is played.
        jobs: Its jobs.
        draws_w: What each job is to draw in each step of its window. [W]
    """
    run = Run(controller="optimum", game=game, loads=_ideal(game).loads())
    tape, floor = game.tape, Floor(run.loads)
    offers = [[0.0] * len(tape) for _ in run.loads]
    for job, draws in zip(jobs, draws_w, strict=True):
        own = job.offers_w(draws)
        offers[job.k][job.lo : job.lo + len(own)] = own
    for i in sorted({i for own in offers for i, w in enumerate(own) if w > 0.0}):
        t = tape.begins(i)
        if t >= floor.edge:
            floor.turn(t)
        means = mean_w(floor.pass_time([own[i] for own in offers], t, t + tape.step_s))
        for load, draw_w in zip(run.loads, means, strict=True):
            load.draw_w[i] = draw_w
    floor.turn(tape.end)
    for load, own in zip(run.loads, offers, strict=True):
        for i, (was, w) in enumerate(pairwise([0.0, *own])):
            if (w > 0.0) is not (was > 0.0):
                load.go(w > 0.0, tape.begins(i), "")
    return run


def _ideal(game: Game) -> Game:
    """Return the game with vehicles that do what they are told at once: no start delay, no ramp, taper or sleep."""
    zones = {
        name: {
            station: tuple(replace(visit, kind=_plain(visit.kind)) for visit in coming)
            for station, coming in stations.items()
        }
        for name, stations in game.zones.items()
    }
    return replace(game, zones=zones)


def _plain(kind: VehicleKind) -> VehicleKind:
    return VehicleKind(
        phases=kind.phases, lines=kind.lines, min_current_a=kind.min_current_a, max_current_a=kind.max_current_a
    )
