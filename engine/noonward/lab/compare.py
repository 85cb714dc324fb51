"""One game under every controller: what the policies are worth, between doing nothing and perfect foresight.

Where a zone asks its drivers (``need: {from: user}``), the policies are played once more with nobody saying anything:
what an unknown departure costs is in the difference of the two rows.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from noonward.lab import baselines, simulate
from noonward.lab.score import score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.lab.game import Game
    from noonward.lab.run import Progress, Run

VERSION = 1

POLICIES, UNKNOWN, OPTIMUM = "policies", "policies, departure unknown", "optimum"

_COSTS = ("import_kwh", "unmet_kwh", "captured")


def controllers(game: Game) -> Iterator[tuple[str, Callable[[Progress | None], Run]]]:
    """Yield who can play a game, by the name of its row, in the order of the table."""
    for name in ("uncontrolled", "threshold", "delays"):
        if name != "uncontrolled" or game.natural():
            yield name, partial(baselines.play, name, game)
    yield POLICIES, partial(simulate.play, game)
    if asks(game):
        yield UNKNOWN, partial(simulate.play, untold(game))
    if game.comparable() and find_spec("noonward.lab.optimum"):
        from noonward.lab.optimum import optimum  # noqa: PLC0415 - only here

        yield OPTIMUM, partial(optimum, game)


def compare(game: Game, watched: Callable[[str], Progress | None] = lambda _: None) -> dict[str, Any]:
    """Play a game under every controller and return the scores.

    Args:
        game: What is played.
        watched: Returns who is told how far the controller of this name has come.

    Returns:
        ``compare --json``: the frame of the game, ``controllers`` (row to score) and ``departure_unknown``, what not
        knowing costs; None where no zone asks.
    """
    runs = {name: play(watched(name)) for name, play in controllers(game)}
    scores = {name: score(run, runs.get("uncontrolled"), runs.get(OPTIMUM)) for name, run in runs.items()}
    told = scores[POLICIES]
    return {
        "version": VERSION,
        **{key: told[key] for key in ("from", "to", "step_s", "unknown_h", "ignored")},
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
