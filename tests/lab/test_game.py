from dataclasses import replace

import pytest

from noonward.core.model import Mode, Zone
from noonward.errors import UsageError
from noonward.lab.game import new_game
from noonward.lab.scenario import Scenario, TankSpec
from support.games import MIDNIGHT, game, job, load, quota, shipped, tape

DAY = tape([0] * 24, [0] * 24, 3600.0)


def hours(flags):
    return [i for i, flag in enumerate(flags) if flag]


@pytest.mark.parametrize(
    ("spec", "on"),
    [
        (quota(6, uncontrolled_from=5), range(5, 24)),
        (quota(6, uncontrolled_from=0), range(24)),
        (quota(6, period=6, uncontrolled_from=22), [*range(6), *range(22, 24)]),  # yesterday's start goes on until six
        (quota(6, period=6, uncontrolled_from=6), range(24)),
    ],
)
def test_from_when_an_uncontrolled_load_runs(spec, on):
    (one,) = game(DAY, [load("heater", 2000.0)], {"heater": spec}).loads()
    assert hours(one.uncontrolled) == list(on)


def test_without_a_start_of_its_own_it_runs_from_the_start_of_the_period():
    (one,) = game(DAY, [load("heater", 2000.0)], {"heater": quota(6)}).loads()
    assert one.uncontrolled is None


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


def test_only_needs_can_be_compared():
    tank = TankSpec(volume_l=300.0)
    loads = [load("heater", 2000.0), load("tank", 2000.0)]
    assert game(DAY, loads, {"heater": quota(6)}).comparable()
    assert not game(DAY, loads, {"heater": quota(6), "tank": tank}).comparable()
    assert not game(DAY, loads, {}).comparable()
    assert game(DAY, loads, {"heater": quota(6), "tank": tank}).natural()


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
