"""One game under every controller: what the policies are worth, between doing nothing and perfect foresight.

Where a zone asks its drivers (``need: {from: user}``), the policies are played once more with nobody saying anything:
what an unknown departure costs is in the difference of the two rows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from noonward.lab import baselines, simulate
from noonward.lab.aside import LONG, Aside, known
from noonward.lab.optimum import optimum
from noonward.lab.score import alone, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.lab.changes import Changes
    from noonward.lab.game import Game
    from noonward.lab.run import Progress, Run

VERSION = 1

POLICIES, UNKNOWN, OPTIMUM = "policies", "policies, departure unknown", "optimum"

_COSTS = ("import_kwh", "unmet_kwh", "captured")


def controllers(game: Game, changes: Changes | None = None) -> Iterator[tuple[str, Callable[[Progress | None], Run]]]:
    """Yield who can play a game, by the name of its row, in the order of the table.

    Args:
        game: What is played.
        changes: Hears what the policies say.
    """
    for name in ("uncontrolled", "threshold", "delays"):
        if name != "uncontrolled" or game.natural():
            yield name, partial(baselines.play, name, game)
    yield POLICIES, partial(simulate.play, game, engine=None if changes is None else changes.engine)
    if asks(game):
        yield UNKNOWN, partial(simulate.play, untold(game))
    if game.comparable():
        yield OPTIMUM, partial(optimum, game)


def play(
    game: Game, watched: Callable[[str], Progress | None] = lambda _: None, changes: Changes | None = None
) -> dict[str, Run]:
    """Play a game under every controller, half of them in a process of its own where that helps.

    Args:
        game: What is played.
        watched: Returns who is told how far the controller of this name has come, where it is played in this process.
        changes: Hears what the policies say.
    """
    todo = dict(controllers(game, changes))
    elsewhere = {POLICIES, OPTIMUM} & todo.keys() if UNKNOWN in todo else {POLICIES}  # about half of the time

    def work() -> tuple[dict[str, Run], Changes | None]:
        return {name: todo[name](None) for name in elsewhere}, None if changes is None else changes.over()

    aside = Aside(work, known(game), enough=len(game.tape) >= LONG)
    if not aside.apart:
        return {name: play(watched(name)) for name, play in todo.items()}
    found = {name: play(watched(name)) for name, play in todo.items() if name not in elsewhere}
    there, said = aside.result()
    found |= there
    if changes is not None and said is not None:
        changes.policies, changes.stations = said.policies, said.stations
    return {name: found[name] for name in todo}


def compare(runs: Mapping[str, Run], bound_kwh: float | None = None) -> dict[str, Any]:
    """Return ``compare --json``: the frame of the game, and the score of every run by the name of its row.

    Args:
        runs: What :func:`play` returned.
        bound_kwh: What nobody's import and unmet need can be below together; None where nobody asked. [kWh]

    Returns:
        Beside ``controllers`` there is ``departure_unknown``, what not knowing costs; None where no zone asks.
    """
    within = frame(runs.get("uncontrolled"), runs.get(OPTIMUM))
    scores = {name: alone(run).within(within, bound_kwh) for name, run in runs.items()}
    told = scores[POLICIES]
    return {
        "version": VERSION,
        **{key: told[key] for key in ("from", "to", "step_s", "unknown_h", "ignored")},
        "import_bound_kwh": told["import_bound_kwh"],
        "controllers": scores,
        "departure_unknown": _cost(told, scores[UNKNOWN]) if UNKNOWN in scores else None,
    }


def asks(game: Game) -> bool:
    """Tell whether any zone that is played asks its drivers what they need."""
    return any(zone.need is not None and zone.need.from_user for zone in game.site.zones if zone.name in game.zones)


def untold(game: Game) -> Game:
    """Return the same game with drivers who say nothing."""
    zones = {
        name: {station: tuple(replace(visit, said_wh=0.0) for visit in coming) for station, coming in stations.items()}
        for name, stations in game.zones.items()
    }
    return replace(game, zones=zones)


def _cost(told: Mapping[str, Any], untold: Mapping[str, Any]) -> dict[str, float | None]:
    """Return how much more of each key there is when nobody says anything."""
    return {
        key: None if told[key] is None or untold[key] is None else round(untold[key] - told[key], 4) for key in _COSTS
    }
