"""The site as the engine meets it in a game.

Two sites are handed to ``step``. While the meters answer, they are taken as read once per tape step and never to go
stale: that they are read more often changes nothing but the times at which the engine looks whether they still are.
Once they are silent, the site's own numbers count, and the engine finds out as it would in the building.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from noonward.core.model import Appliance, RelayInfo, StationInfo, Zone
from noonward.core.surplus import FRESH_PERIODS

P = TypeVar("P", Appliance, Zone)

if TYPE_CHECKING:
    from noonward.core.model import Site
    from noonward.lab.game import Game

FOR_EVER_S = 1e9
"""How long a limit stands: stations here never lose their gateway, so there is no dead-man to renew. [s]"""


def sites(game: Game) -> tuple[Site, Site]:
    """Return the site with the played policies alone: while its meters answer, and while they are silent."""
    site = game.site
    means = game.meter.lag_s is None
    lag_s = game.tape.step_s if game.meter.lag_s is None else game.meter.lag_s
    read_s = game.tape.step_s if means else game.meter.every_s or site.grid.every_s
    played = tuple(_met(a, read_s, means=means) for a in site.appliances if a.name in game.plants)
    zones = tuple(_unhurried(zone, read_s) for zone in site.zones if zone.name in game.zones)
    silent = replace(
        site,
        appliances=played,
        zones=zones,
        relays={relay: RelayInfo() for appliance in played for relay in appliance.relays},
        stations={
            station: replace(site.stations.get(station, StationInfo()), window_s=FOR_EVER_S)
            for zone in zones
            for station in zone.stations
        },
        grid=replace(site.grid, lag_s=lag_s, every_s=game.meter.every_s or site.grid.every_s),
    )
    every_s = max(silent.grid.every_s, game.tape.step_s)
    stale_s = FRESH_PERIODS * every_s
    live = replace(
        silent,
        appliances=tuple(replace(a, stale_after_s=max(a.stale_after_s, stale_s)) for a in played),
        zones=tuple(replace(z, stale_after_s=max(z.stale_after_s, stale_s)) for z in zones),
        grid=replace(silent.grid, every_s=every_s),
    )
    return live, silent


def _met(appliance: Appliance, read_s: float, *, means: bool) -> Appliance:
    """Return an appliance as it is in a game: plants draw from the instant of the command on, and means show just that.

    Args:
        appliance: As configured.
        read_s: How often its surplus is read. [s]
        means: Whether the meters report means of the interval before.
    """
    return replace(_unhurried(appliance, read_s), settle_s=0.0 if means else appliance.settle_s)


def _unhurried(policy: P, read_s: float) -> P:
    """Return a policy without delays shorter than the time between two readings: waiting so long brings no news."""
    return replace(
        policy,
        on_delay_s=policy.on_delay_s if policy.on_delay_s >= read_s else 0.0,
        off_delay_s=policy.off_delay_s if policy.off_delay_s >= read_s else 0.0,
    )
