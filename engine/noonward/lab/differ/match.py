"""The same game for two versions of a site, whose policies need not have the same names, or be the same at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.lab import sessions
from noonward.lab.differ.structure import acts
from noonward.lab.game import new_game
from noonward.lab.played import sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import PolicyName, Site, StationId
    from noonward.lab.game import Game
    from noonward.lab.scenario import Scenario
    from noonward.lab.tape import Tape


def games(
    old: Site, new: Site, scenario: Scenario, tape: Tape, renamed: Mapping[PolicyName, PolicyName]
) -> tuple[Game, Game]:
    """Return the game of each version.

    A plant belongs to its policy under its old and its new name. What only the other version has a policy or a zone for
    is not played; what neither has is refused, as everywhere.

    Args:
        old: The old version.
        new: The new one.
        scenario: What is played.
        tape: Already cut and scaled.
        renamed: Old name to new.

    Raises:
        UsageError: The scenario fits neither.
    """
    back = {name: was for was, name in renamed.items()}
    there = sessions_at(scenario)
    return (
        new_game(old, _fitted(scenario, old, new, back, there), tape),
        new_game(new, _fitted(scenario, new, old, renamed, there), tape),
    )


def sessions_at(scenario: Scenario) -> frozenset[StationId]:
    """Return the stations at which a scenario's sessions are."""
    spec = scenario.sessions
    if spec is None:
        return frozenset()
    return frozenset(sessions.stations(sessions.load(spec.file, spec.station or "")))


def _fitted(
    scenario: Scenario, site: Site, other: Site, called: Mapping[PolicyName, PolicyName], there: frozenset[StationId]
) -> Scenario:
    """Return a scenario for one version: names as it has them, and without what only the other one has."""
    names, others = ({appliance.name for appliance in one.appliances} for one in (site, other))
    plants = scenario.plants
    if plants is not None:
        mine = {called.get(name, name): spec for name, spec in plants.items()}
        plants = {name: spec for name, spec in mine.items() if name in names or name not in others}
    own, theirs = (_stations(one) for one in (site, other))
    vehicles = {name: what for name, what in scenario.vehicles.items() if name in own or name not in theirs}
    plays = not there or "" in there or bool(there & own) or not there & theirs
    return replace(scenario, plants=plants, vehicles=vehicles, sessions=scenario.sessions if plays else None)


def _stations(site: Site) -> frozenset[StationId]:
    return frozenset(station for zone in site.zones for station in zone.stations)


def same_play(old: Game, new: Game, renamed: Mapping[PolicyName, PolicyName]) -> bool:
    """Tell whether both versions must do the same in this game, so that nothing needs to be played to know it."""
    before, after = sites(old)[1], sites(new)[1]
    return acts(before, renamed) == acts(after, {}) and same_loads(old, new, renamed)


def same_loads(old: Game, new: Game, renamed: Mapping[PolicyName, PolicyName]) -> bool:
    """Tell whether both games have the same loads: what they do uncontrolled is then the same too."""

    def loads(game: Game, names: Mapping[PolicyName, PolicyName]) -> object:
        power_w = {appliance.name: appliance.stages[-1].power_w for appliance in game.site.appliances}
        return (
            [(names.get(name, name), spec, power_w[name]) for name, spec in game.plants.items()],
            {names.get(name, name): stations for name, stations in game.zones.items()},
            {station: game.site.stations.get(station) for zone in game.zones.values() for station in zone},
            game.site.timezone,
        )

    return loads(old, renamed) == loads(new, {})
