"""Small games for the lab: tapes from lists, loads by a few numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from noonward.core.model import Appliance, FailSafe, Grid, Mode, Site, Stage, StationInfo, Zone
from noonward.lab.bay import visits
from noonward.lab.game import new_game
from noonward.lab.scenario import MeterSpec, QuotaSpec, Scenario
from noonward.lab.sessions import Stay
from noonward.lab.tape import Tape, load_tape
from noonward.policy import cron

MIDNIGHT = 1_590_969_600.0
"""2020-06-01T00:00Z."""
SHIPPED = Path(__file__).parents[2] / "policies/scenarios/tapes/kingston-june-2020.csv.gz"
DEFAULT_METER = MeterSpec()


def shipped(days=30, pv_scale=2.0, start=MIDNIGHT + 86400):
    """The June that comes with the example site, from a midnight on."""
    return load_tape(SHIPPED).between(start, start + days * 86400).scaled(pv_scale)


def tape(pv_w, base_load_w, step_s=60.0, start=MIDNIGHT, dimmed=()):
    return Tape(name="made", start=start, step_s=step_s, pv_w=list(pv_w), base_load_w=list(base_load_w), dimmed=dimmed)


def load(name, power_w, priority=100, *, min_on_s=900.0, off_below=0.5, on_delay_s=60.0, off_delay_s=60.0, **more):
    relay = f"board/{name}"
    defaults = {
        "mode": Mode.AUTO_SOLAR,
        "stages": (Stage(power_w=power_w, relays=frozenset({relay})),),
        "relays": (relay,),
        "on_above_w": (power_w,),
        "off_below_w": (power_w * off_below,),
        "then": FailSafe.RELEASE,
    }
    return Appliance(
        name=name,
        priority=priority,
        min_on_s=min_on_s,
        on_delay_s=on_delay_s,
        off_delay_s=off_delay_s,
        **(defaults | more),
    )


def quota(kwh, by=None, uncontrolled_from=None, period=None):
    """A need with its times as hours of the day."""

    def at(hour):
        return None if hour is None else cron.parse(f"0 {hour} * * *")

    return QuotaSpec(energy_wh=kwh * 1000.0, by=at(by), uncontrolled_from=at(uncontrolled_from), period=at(period))


def game(recording, loads, plants, *, meter=DEFAULT_METER, timezone="UTC", grid=None):
    site = Site(
        name="made",
        timezone=timezone,
        grid=grid or Grid(),
        appliances=tuple(sorted(loads, key=lambda a: (a.priority, a.name))),
        dim_cap_w=1000.0,
    )
    return new_game(site, Scenario(tape=Path("made"), meter=meter, plants=plants), recording)


def job(recording, heater_first=True, timezone="UTC", kwh=6):
    """A water heater of 2 kW and a heat pump of 3 kW, as many kWh a day each."""
    first, second = (1, 2) if heater_first else (2, 1)
    loads = [load("heater", 2000.0, first, min_on_s=300.0), load("heat-pump", 3000.0, second)]
    plants = {"heater": quota(kwh, by=20, uncontrolled_from=5), "heat-pump": quota(kwh, by=22, uncontrolled_from=6)}
    return game(recording, loads, plants, timezone=timezone)


def zone(*stations, priority=10, **changes):
    """A garage of three-phase stations, whose cars' phases are declared."""
    given = {
        "name": "garage",
        "mode": Mode.AUTO_SOLAR,
        "priority": priority,
        "stations": stations or ("cp-01",),
        "phases": 3,
        "max_power_w": 22_080.0,
        "min_current_a": 6.0,
        "min_on_s": 600.0,
    }
    return Zone(**(given | changes))


def stay(first, last, kwh, station="cp-01", **more):
    """A session from minute ``first`` to minute ``last`` of the tapes made here."""
    start, end = MIDNIGHT + first * 60, MIDNIGHT + last * 60
    return Stay(station=station, arrival=start, departure=end, energy_wh=kwh * 1000.0, **more)


def with_cars(game, garage, stays, *, vehicles=None, info=None):
    """The same game with an EV zone."""
    infos = {station: info or StationInfo() for station in garage.stations}
    coming = {
        station: visits([s for s in stays if s.station == station], game.tape, infos[station], vehicles or {})
        for station in garage.stations
    }
    site = replace(game.site, zones=(*game.site.zones, garage), stations={**game.site.stations, **infos})
    return replace(game, site=site, zones={**game.zones, garage.name: coming})


def garage(recording, stays, *, grid=None, meter=DEFAULT_METER, vehicles=None, info=None, **changes):
    """A game with cars alone."""
    stations = tuple(dict.fromkeys(s.station for s in stays))
    return with_cars(
        game(recording, [], {}, grid=grid, meter=meter), zone(*stations, **changes), stays, vehicles=vehicles, info=info
    )
