from dataclasses import replace

import pytest

from noonward.core.model import Mode, Zone
from noonward.errors import UsageError
from noonward.lab.game import new_game
from noonward.lab.scenario import HeatPumpSpec, Scenario, SessionsSpec, TankSpec
from noonward.plant.battery import BatteryKind
from support.games import MIDNIGHT, game, job, load, quota, shipped, tape, zone

DAY = tape([0] * 24, [0] * 24, 3600.0)


def test_days_and_deadlines_are_those_of_the_site():
    (one,) = game(DAY, [load("heater", 2000.0)], {"heater": quota(6, by=20)}, timezone="Europe/Zurich").loads()
    assert one.need.by == MIDNIGHT + 18 * 3600
    one.need.settle(MIDNIGHT + 22 * 3600)
    assert one.need.by == MIDNIGHT + (18 + 24) * 3600
    assert one.need.unmet_wh == 6000.0


def test_policies_are_played_in_order_of_priority():
    assert list(job(shipped(1), heater_first=True).plants) == ["heater", "heat-pump"]
    assert list(job(shipped(1), heater_first=False).plants) == ["heat-pump", "heater"]


def test_a_plant_without_a_policy_is_refused():
    with pytest.raises(UsageError, match="no appliance policy has that name; did you mean 'heater'"):
        game(DAY, [load("heater", 2000.0)], {"haeter": quota(6)})
    with pytest.raises(UsageError, match="the policies are: heater"):
        game(DAY, [load("heater", 2000.0)], {"wallbox": quota(6)})


def test_what_has_no_plant_is_ignored_cars_too():
    site = game(DAY, [load("heater", 2000.0), load("pump", 400.0)], {}).site
    zone = Zone(
        name="garage", mode=Mode.AUTO_SOLAR, stations=("cp-01",), phases=3, max_power_w=11000.0, min_current_a=6.0
    )
    played = new_game(replace(site, zones=(zone,)), Scenario(tape=None, plants={"heater": quota(6)}), DAY)
    assert played.ignored == ("pump", "garage")


SESSIONS = "station,user,arrival,departure,energy_kwh\ncp-02,anna,2020-06-01T01:00Z,2020-06-01T05:00Z,5\n"


def with_sessions(tmp_path, text=SESSIONS, *zones, station=None, vehicles=None):
    path = tmp_path / "sessions.csv"
    path.write_text(text)
    site = replace(game(DAY, [load("heater", 2000.0, 20)], {}).site, zones=zones or (zone("cp-01", "cp-02"),))
    spec = SessionsSpec(file=path, station=station)
    return new_game(site, Scenario(tape=None, plants={"heater": quota(6)}, sessions=spec, vehicles=vehicles or {}), DAY)


def test_a_zone_with_sessions_is_played_every_station_as_a_load(tmp_path):
    played = with_sessions(tmp_path, SESSIONS, zone("cp-01", "cp-02"), zone("cp-09", name="yard", priority=5))
    assert {name: [len(coming) for coming in own.values()] for name, own in played.zones.items()} == {"garage": [0, 1]}
    assert played.ignored == ("yard",)
    loads = played.loads()
    assert [one.name for one in loads] == ["cp-01", "cp-02", "heater"]  # the garage has priority 10
    assert [one.policy.name for one in loads] == ["garage", "garage", "heater"]
    assert played.comparable()
    assert played.natural()
    assert loads[1].bay is not played.loads()[1].bay  # afresh for each run


def test_sessions_of_other_stations_are_said(tmp_path):
    more = SESSIONS + "hotel,,2020-06-01T01:00Z,2020-06-01T05:00Z,5\n"
    assert with_sessions(tmp_path, more).strangers == ("hotel",)
    with pytest.raises(UsageError, match="no session is at a station of an EV zone; its stations are cp-02, those of"):
        with_sessions(tmp_path, SESSIONS, zone("cp-1"))


def test_a_file_that_names_no_station_is_of_the_only_one(tmp_path):
    text = "arrival,departure,energy_kwh\n2020-06-01T01:00Z,2020-06-01T05:00Z,5\n"
    assert len(with_sessions(tmp_path, text, zone("cp-01")).zones["garage"]["cp-01"]) == 1
    assert len(with_sessions(tmp_path, text, station="cp-02").zones["garage"]["cp-02"]) == 1
    with pytest.raises(UsageError, match="no column station"):
        with_sessions(tmp_path, text)


def test_vehicles_are_known_by_station_and_user(tmp_path):
    played = with_sessions(tmp_path, vehicles={"default": {"phases": 1}, "anna": {"phases": 2}, "cp-01": {}})
    assert played.zones["garage"]["cp-02"][0].kind.phases == 2
    with pytest.raises(UsageError, match="a vehicle for 'cp-3', which is no station and no user; did you mean 'cp-0"):
        with_sessions(tmp_path, vehicles={"cp-3": {}})


def test_only_needs_can_be_compared():
    tank = TankSpec(volume_l=300.0)
    loads = [load("heater", 2000.0), load("tank", 2000.0)]
    assert game(DAY, loads, {"heater": quota(6)}).comparable()
    assert not game(DAY, loads, {"heater": quota(6), "tank": tank}).comparable()
    assert not game(DAY, loads, {}).comparable()
    assert game(DAY, loads, {"heater": quota(6), "tank": tank}).natural()


def test_where_a_battery_stores_energy_nothing_is_compared():
    kind = BatteryKind(capacity_wh=5000.0, charge_w=1000.0, discharge_w=1000.0)
    played = replace(game(DAY, [load("heater", 2000.0)], {"heater": quota(6)}), battery=kind)
    assert not played.comparable()
    assert played.storage() is not played.storage()


def test_a_heat_pump_has_its_policy_s_power_and_its_file_s_demand(tmp_path):
    path = tmp_path / "heat.csv"
    path.write_text("time,heat_w\n2020-06-01T00:00Z,0\n2020-06-01T01:00Z,4000\n2020-06-01T02:00Z,0\n")
    spec = HeatPumpSpec(draw=path, buffer_l=1000.0, start_up_s=0.0)
    (one,) = game(DAY, [load("pump", 2000.0)], {"pump": spec}).loads()
    assert one.selfwilled
    warm_c = one.plant.buffer.temperature_c
    for hour in range(3):
        one.plant.buffer.advance(0.0, MIDNIGHT + 3600 * hour, 3600.0)
    assert warm_c - one.plant.buffer.temperature_c == pytest.approx(4000 / 1163, abs=0.5)
    assert HeatPumpSpec(heat_w=1.0) != spec
    assert one.plant.power_w(2000.0, MIDNIGHT, 60.0) == 2000.0
    path.write_text("time,heat_w\n2020-06-01T00:00Z,0\n2020-06-01T01:00Z,\n")
    with pytest.raises(UsageError, match="heat_w must be known in every interval"):
        game(DAY, [load("pump", 2000.0)], {"pump": spec}).loads()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (HeatPumpSpec(heat_w=1.0, raised_c=30.0), "plant heater: .* targets rise"),
        (TankSpec(volume_l=200.0, target_c=5.0), "plant heater: a tank needs"),
    ],
)
def test_a_plant_that_cannot_be_is_refused(spec, message):
    with pytest.raises(UsageError, match=message):
        game(DAY, [load("heater", 2000.0)], {"heater": spec}).loads()


def test_a_tank_is_drawn_from_as_its_file_says(tmp_path):
    path = tmp_path / "draw.csv"
    path.write_text("time,litres\n2020-06-01T00:00Z,0\n2020-06-01T01:00Z,100\n2020-06-01T02:00Z,0\n")
    (one,) = game(DAY, [load("tank", 2000.0)], {"tank": TankSpec(volume_l=200.0, target_c=60.0, draw=path)}).loads()
    for hour in range(4):
        one.plant.advance(0.0, MIDNIGHT + 3600 * hour, 3600.0)
    # 100 l at 40 °C from 10 °C water out of 200 l: 15 K, and a little standing loss
    assert one.plant.temperature_c == pytest.approx(60 - 15, abs=2.0)
    path.write_text("time,litres\n2020-06-01T00:00Z,0\n2020-06-01T01:00Z,\n")
    with pytest.raises(UsageError, match="litres must be known in every interval"):
        game(DAY, [load("tank", 2000.0)], {"tank": TankSpec(volume_l=200.0, draw=path)}).loads()
