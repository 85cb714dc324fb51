"""What one look at the site becomes, as a table."""

from dataclasses import replace

import pytest

from noonward.core.model import (
    Appliance,
    MachineState,
    Mode,
    Observation,
    Reading,
    Sample,
    Session,
    Site,
    Stage,
    State,
    Station,
    StationState,
    Zone,
)
from noonward.core.outstanding import Promise
from noonward.core.timers import Timer, Windows
from noonward.history.seen import levels
from noonward.policy.cron import parse
from noonward.policy.loaded import Loaded, Signal
from noonward.policy.prices import Prices, Window

NOW = 1_780_315_200.0
BOILER = Appliance(
    name="boiler",
    mode=Mode.AUTO_SOLAR,
    stages=(Stage(power_w=1000.0, relays=frozenset({"a/1"})), Stage(power_w=3000.0, relays=frozenset({"a/1", "a/2"}))),
    relays=("a/1", "a/2"),
    on_above_w=(1000.0, 3000.0),
    off_below_w=(500.0, 2000.0),
)
METERED = replace(BOILER, name="pump", stages=BOILER.stages[:1], meter="b/m", on_above_w=(1.0,), off_below_w=(0.0,))
OUTSIDE = replace(METERED, name="shed", behind_meter=False)
ZONE = Zone(
    name="garage", mode=Mode.AUTO_SOLAR, stations=("cp-1", "cp-2"), phases=3, max_power_w=22_000.0, min_current_a=6.0
)
SIGNALS = {role: Signal(channel=f"{role}/m") for role in ("grid", "pv", "battery")}
ON = MachineState(state="on", changed_at=NOW - 900, on_since=NOW - 900, off_since=None)
STAGE_2 = replace(ON, state="stage-2", before_w=1000.0)
CHARGING = StationState(
    session=Session(state="charging", since=NOW - 900, drawn_w=4140.0),
    promise=Promise(granted_a=6.0, holds_a=6.0),
)


def reading(value, age_s=1.0):
    return None if value is None else Reading(value, NOW - age_s)


def look(*policies, signals=("grid", "pv"), state=None, prices=None, dim_cap_w=None, **seen):
    appliances = tuple(p for p in policies if isinstance(p, Appliance))
    zones = tuple(p for p in policies if isinstance(p, Zone))
    loaded = Loaded(
        site=Site(appliances=appliances, zones=zones, dim_cap_w=dim_cap_w),
        signals={role: SIGNALS[role] for role in signals},
        load_meters={p.name: Signal(channel=p.meter) for p in appliances if p.meter},
        prices=prices,
    )
    found = levels(loaded, state or State(), Observation(**seen), NOW)
    return {channel: round(level.value, 6) for channel, level in found.items()}, found


def shown(found, *channels):
    return {name: found.get(name) for name in channels}


@pytest.mark.parametrize(
    ("grid", "pv", "expected"),
    [
        (500.0, 2000.0, {"pv_w": 2000, "import_w": 500, "export_w": 0, "base_load_w": 2500}),
        (-500.0, 2000.0, {"pv_w": 2000, "import_w": 0, "export_w": 500, "base_load_w": 1500}),
        (500.0, -12.0, {"pv_w": 0, "import_w": 500, "export_w": 0, "base_load_w": 500}),
        (500.0, None, {"pv_w": None, "import_w": 500, "export_w": 0, "base_load_w": None}),
        (None, 2000.0, {"pv_w": 2000, "import_w": None, "export_w": None, "base_load_w": None}),
        (float("nan"), 2000.0, {"pv_w": 2000, "import_w": None, "export_w": None, "base_load_w": None}),
    ],
)
def test_grid_and_sun(grid, pv, expected):
    found, _ = look(grid_w=reading(grid), pv_w=reading(pv))
    assert shown(found, *expected) == expected


def test_a_site_without_pv_has_a_base_load_all_the_same():
    found, _ = look(signals=("grid",), grid_w=reading(-300.0))
    assert shown(found, "base_load_w", "pv_w") == {"base_load_w": -300.0, "pv_w": None}


@pytest.mark.parametrize(("age_s", "known"), [(1.0, True), (119.0, True), (120.0, False)])
def test_a_reading_counts_until_it_is_stale_and_says_when_that_is(age_s, known):
    found, whole = look(grid_w=reading(100.0, age_s), pv_w=reading(1.0))
    assert ("import_w" in found) == ("base_load_w" in found) == known
    if known:
        assert whole["import_w"].until == whole["base_load_w"].until == NOW - age_s + 120.0


def test_the_strictest_policy_says_what_is_stale():
    strict = replace(METERED, stale_after_s=30.0)
    found, _ = look(strict, grid_w=reading(1.0, 31.0), draws_w={"pump": reading(5.0, 31.0)})
    assert shown(found, "import_w", "policy/pump") == {"import_w": None, "policy/pump": None}


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (MachineState(), {"policy/boiler": 0, "on/boiler": 0, "stage/boiler": 0, "base_load_w": 5000}),
        (STAGE_2, {"policy/boiler": 3000, "on/boiler": 1, "stage/boiler": 2, "base_load_w": 2000}),
        # commanded, not confirmed: the reading shows what was before
        (replace(STAGE_2, on_since=None), {"policy/boiler": 1000, "on/boiler": 0, "base_load_w": 4000}),
        (
            MachineState(changed_at=NOW - 1, before_w=3000.0, off_since=None),
            {"policy/boiler": 3000, "on/boiler": 1, "base_load_w": 2000},
        ),
    ],
)
def test_a_load_without_a_meter_draws_what_the_reading_can_contain(machine, expected):
    found, _ = look(BOILER, state=State(machines={"boiler": machine}), grid_w=reading(1000.0), pv_w=reading(4000.0))
    assert shown(found, *expected) == expected


def test_a_load_with_a_meter_draws_what_that_says_and_is_unknown_without():
    state = State(machines={"pump": ON})
    seen = {"grid_w": reading(1000.0), "pv_w": reading(0.0)}
    found, _ = look(METERED, state=state, draws_w={"pump": reading(740.0)}, **seen)
    assert shown(found, "policy/pump", "on/pump", "base_load_w") == {
        "policy/pump": 740, "on/pump": 1, "base_load_w": 260,
    }  # fmt: skip
    found, _ = look(METERED, state=state, **seen)
    assert shown(found, "policy/pump", "on/pump", "base_load_w", "solar/pump", "import_w") == {
        "policy/pump": None, "on/pump": 1, "base_load_w": None, "solar/pump": None, "import_w": 1000,
    }  # fmt: skip


def test_a_load_that_the_grid_meter_does_not_see_is_no_part_of_the_house():
    draws = {"shed": reading(700.0)}
    found, _ = look(
        OUTSIDE, state=State(machines={"shed": ON}), draws_w=draws, grid_w=reading(-50.0), pv_w=reading(60.0)
    )
    assert shown(found, "policy/shed", "solar/shed", "base_load_w") == {
        "policy/shed": 700, "solar/shed": 0, "base_load_w": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("grid", "battery", "boiler", "pump"),
    [
        (-100.0, None, 3000.0, 1000.0),  # all of it from the sun
        (2000.0, None, 1500.0, 500.0),  # half of it, by draw
        (4000.0, None, 0.0, 0.0),
        (9000.0, None, 0.0, 0.0),
        (1000.0, -1000.0, 1500.0, 500.0),  # a battery's power is not the sun's
        (0.0, 2000.0, 3000.0, 1000.0),  # who charges the battery could have fed the loads
    ],
)
def test_the_suns_part_is_shared_by_draw(grid, battery, boiler, pump):
    signals = ("grid", "pv", *(("battery",) if battery is not None else ()))
    state = State(machines={"boiler": STAGE_2, "pump": ON})
    found, _ = look(
        BOILER, METERED, state=state, signals=signals, grid_w=reading(grid), pv_w=reading(5000.0),
        battery_w=reading(battery), draws_w={"pump": reading(1000.0)},
    )  # fmt: skip
    assert shown(found, "solar/boiler", "solar/pump") == {"solar/boiler": boiler, "solar/pump": pump}


def test_a_battery_that_does_not_answer_leaves_base_and_sun_unknown():
    found, _ = look(BOILER, signals=("grid", "pv", "battery"), grid_w=reading(0.0), pv_w=reading(0.0))
    assert shown(found, "base_load_w", "solar/boiler", "charge_w") == dict.fromkeys(
        ("base_load_w", "solar/boiler", "charge_w")
    )
    found, _ = look(
        signals=("grid", "pv", "battery"), grid_w=reading(0.0), pv_w=reading(0.0),
        battery_w=reading(-400.0), battery_soc=reading(0.75),
    )  # fmt: skip
    assert shown(found, "charge_w", "discharge_w", "battery_soc", "base_load_w") == {
        "charge_w": 0, "discharge_w": 400, "battery_soc": 0.75, "base_load_w": 400,
    }  # fmt: skip


def charger(**changes):
    return Station(**{"plugged": True, "sample": Sample(at=NOW - 5, power_w=4140.0), **changes})


def test_a_zone_is_its_stations():
    stations = {"cp-1": charger(), "cp-2": Station(plugged=False)}
    state = State(stations={"cp-1": CHARGING, "cp-2": StationState()})
    found, _ = look(ZONE, state=state, stations=stations, grid_w=reading(-1.0), pv_w=reading(6000.0))
    expected = {
        "station/cp-1": 4140, "station/cp-2": 0, "policy/garage": 4140, "on/garage": 1, "limit/cp-1": 6,
        "limit/cp-2": None, "plugged/cp-1": 1, "plugged/cp-2": 0, "station-solar/cp-1": 4140, "solar/garage": 4140,
        "base_load_w": 1859,
    }  # fmt: skip
    assert shown(found, *expected) == expected


def test_a_station_that_is_away_with_a_vehicle_leaves_its_zone_and_the_base_load_unknown():
    stations = {"cp-1": charger(online=False), "cp-2": Station(plugged=False)}
    found, _ = look(
        ZONE, state=State(stations={"cp-1": CHARGING}), stations=stations, grid_w=reading(1.0), pv_w=reading(1.0)
    )
    expected = {
        "station/cp-1": None,
        "plugged/cp-1": None,
        "policy/garage": None,
        "base_load_w": None,
        "station/cp-2": 0,
    }
    assert shown(found, *expected) == expected


def test_dimming_is_what_is_allowed_and_known_only_while_it_lasts():
    assert shown(look(dim_cap_w=4200.0, dim=True)[0], "dim_w") == {"dim_w": 4200}
    assert shown(look(dim_cap_w=4200.0, dim=False)[0], "dim_w") == {"dim_w": None}


def test_money_is_what_the_grid_part_costs_and_the_suns_would_have_earned():
    prices = Prices(currency="CHF", import_kwh=0.30, export_kwh=0.10)
    found, _ = look(
        BOILER, state=State(machines={"boiler": STAGE_2}), prices=prices, grid_w=reading(1000.0), pv_w=reading(2500.0)
    )
    expected = {
        "price_import": 0.3, "price_export": 0.1, "cost": 0.3, "earned": 0.0, "solar/boiler": 2000,
        "policy-cost/boiler": 0.5,
    }  # fmt: skip
    assert shown(found, *expected) == expected
    assert not [name for name in look(grid_w=reading(1.0))[0] if "cost" in name or "price" in name]


def test_money_is_not_known_past_the_next_change_of_price():
    """A step that is late by some seconds must not bill them at the old price."""
    low = Window(windows=Windows((Timer("low", parse("1 12 * * *"), None, 3600.0, 0),), "UTC"), import_kwh=0.1)
    prices = Prices(currency="CHF", import_kwh=0.30, windows=(low,))
    _, found = look(prices=prices, grid_w=reading(1000.0), pv_w=reading(0.0))
    assert {found[name].until for name in ("price_import", "cost", "earned")} == {NOW + 60.0}
    assert found["import_w"].until > NOW + 60.0
