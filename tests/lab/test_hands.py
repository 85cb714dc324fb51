"""Stations as a policy test describes them, and zones in a trial."""

import pytest

from noonward.core.model import LimitSeen, Mode, SetLimit, Site, StationInfo, Status
from noonward.lab import trial as module
from noonward.lab.hands import Stations
from noonward.lab.trial import Touched, Trial
from noonward.policy.moment import instant
from support.games import zone
from support.testfiles import ZURICH, site

START = instant("2026-06-01 11:00", ZURICH)
TOLD = SetLimit(station="cp-01", limit_a=10.0, at=START, safe_a=6.0, window_s=600.0)


def stations(info=None, **grid):
    where = site(**grid)
    return Stations(zone(phases=None), Site(grid=where.grid, stations={"cp-01": info or StationInfo()}))


def given(hands, **vehicle):
    hands.give({"cp-01": vehicle}, START)
    return hands


@pytest.mark.parametrize(
    ("vehicle", "drawn_w"),
    [
        ({"plugged": True}, 6900.0),
        ({"plugged": False}, 0.0),
        ({"plugged": True, "phases": 1}, 2300.0),
        ({"plugged": True, "draws": 0.0}, 0.0),
        ({"plugged": True, "draws": 3600.0}, 3600.0),
        ({"plugged": True, "draws": 36_000.0}, 6900.0),
        ({"plugged": True, "min_current": 10.0}, 6900.0),
        ({"plugged": True, "min_current": 11.0}, 0.0),
        ({"plugged": True, "asleep": True}, 0.0),
    ],
)
def test_what_a_vehicle_draws_of_ten_amperes(vehicle, drawn_w):
    hands = given(stations(), **vehicle)
    hands.obey(TOLD, START)
    assert sum(hands.power_w()) == pytest.approx(drawn_w)
    assert hands.running() is (drawn_w > 0)


@pytest.mark.parametrize(
    ("info", "grid_phases", "lines"),
    [
        (StationInfo(), 3, [2300.0, 2300.0, 0.0]),
        (StationInfo(lines=(3, 1, 2)), 3, [2300.0, 0.0, 2300.0]),
        (StationInfo(phases=1, lines=(2,)), 3, [0.0, 2300.0, 0.0]),
        (StationInfo(phases=1), 1, [2300.0]),
    ],
)
def test_where_it_draws(info, grid_phases, lines):
    hands = given(stations(info, phases=grid_phases), plugged=True, phases=2)
    hands.obey(TOLD, START)
    assert list(hands.power_w()) == pytest.approx(lines)


def test_a_plug_begins_at_the_safe_current_and_forgets_the_last_limit():
    hands = given(stations(), plugged=True)
    assert sum(hands.power_w()) == 4140.0
    hands.obey(TOLD, START)
    seen = hands.seen(0.0, START)["stations"]["cp-01"]
    assert (seen.plugged_at, seen.accepted) == (START, LimitSeen(current_a=10.0, at=START))
    given(hands, plugged=True, phases=1)
    assert hands.stands["cp-01"].limit_a == 10.0  # the same vehicle
    given(hands, plugged=False)
    given(hands, plugged=True)
    seen = hands.seen(0.0, START)["stations"]["cp-01"]
    assert (hands.stands["cp-01"].limit_a, seen.accepted, seen.status) == (6.0, None, Status.PREPARING)


def test_it_reports_once_an_instant_and_after_each_change():
    hands = stations()
    assert hands.report(START)
    assert not hands.report(START)
    assert not hands.report(START + 1)  # empty, and was before
    given(hands, plugged=True)
    assert [hands.next_report(START + s) - START for s in (0, 9, 10, 19)] == [10, 10, 20, 20]
    assert hands.next_report(START + 20) == float("inf")
    hands.obey(TOLD, START + 15)
    assert hands.next_report(START + 15) == START + 25
    hands.pass_time(36.0)
    assert hands.report(START + 51)
    sample = hands.seen(0.0, START)["stations"]["cp-01"].sample
    assert (sample.at, sample.power_w, sample.energy_wh) == (START + 51, 6900.0, 69.0)
    assert sample.current_a == {"L1": 10.0, "L2": 10.0, "L3": 10.0}


def play(policy, *steps, where=None):
    world = Trial(policy, where or site(), START, Touched())
    for end, world_is in steps:
        world.give(world_is)
        world.play(START + end)
    return world


def test_a_car_charges_on_the_sun_from_the_instant_of_the_command():
    """Edge case 75: min-on counts from the confirmed current."""
    garage = zone(on_delay_s=0.0, min_on_s=600.0)
    world = play(garage, (0, {"surplus": 9000.0}), (60, {"stations": {"cp-01": {"plugged": True}}}))
    memory = world.state.stations["cp-01"].session
    assert memory.state == "charging"
    assert memory.current_since - START == pytest.approx(60.0 - world.ran_s)
    began = START + 60.0 - world.ran_s
    world.give({"surplus": -3000.0})
    world.play(began + 599.0)
    assert world.limit_a("cp-01") == 6.0
    world.play(began + 600.0)
    assert world.limit_a("cp-01") == 0.0
    assert world.ran_s == pytest.approx(600.0)


def test_charge_now_is_for_the_vehicle_that_is_there():
    garage = zone(charge_now=True)
    asked = {"stations": {"cp-01": {"plugged": True}}, "charge_now": "cp-01"}
    world = play(garage, (60, asked))
    assert world.limit_a("cp-01") == 32.0
    assert world.inputs.charge_now["cp-01"].at == START
    world.give({"charge_now": None})
    world.play(START + 1200.0)
    assert (world.limit_a("cp-01"), world.inputs.charge_now) == (0.0, {})
    world.give({"charge_now": "cp-01"})
    world.play(START + 1260.0)
    assert world.limit_a("cp-01") == 32.0
    world.give({"stations": {"cp-01": {"plugged": False}}})
    world.play(START + 1300.0)
    world.give({"stations": {"cp-01": {"plugged": True}}})
    world.play(START + 1400.0)
    assert world.limit_a("cp-01") == 0.0  # another vehicle


def test_the_meter_shows_what_vehicles_draw_on_their_phases(monkeypatch):
    seen = []
    step = module.step
    monkeypatch.setattr(module, "step", lambda *args: seen.append(args[2]) or step(*args))
    where = Site(timezone=ZURICH, stations={"cp-01": StationInfo(lines=(2, 3, 1))})
    garage = zone(mode=Mode.ALWAYS_ON, phases=1)
    play(garage, (60, {"surplus": 300.0, "stations": {"cp-01": {"plugged": True, "phases": 1}}}), where=where)
    last = seen[-1]
    assert last.grid_w.value == pytest.approx(32 * 230 - 300)
    assert [round(a.value, 3) for a in last.grid_a] == [round(x - 300 / 690, 3) for x in (0.0, 32.0, 0.0)]
    assert last.stations["cp-01"].sample.current_a["L1"] == 32.0


def test_starts_and_time_of_a_zone():
    garage = zone(on_delay_s=0.0, off_delay_s=0.0, min_on_s=0.0)
    world = play(
        garage,
        (300, {"surplus": 9000.0, "stations": {"cp-01": {"plugged": True}}}),
        (600, {"surplus": 0.0}),
        (900, {"surplus": 9000.0}),
    )
    assert world.starts == 2
    assert 500 < world.ran_s < 600
    assert world.decision.power_w == 13 * 690.0
    assert world.station_state("cp-01") == "charging"


def test_only_this_zone_is_on_the_site():
    other = zone("cp-09", name="other")
    world = Trial(zone(), Site(zones=(zone(), other)), START, Touched())
    assert [one.name for one in world.site.zones] == ["garage"]
    assert not world.site.appliances
    assert not world.is_closed("cellar/relay-1")


@pytest.mark.parametrize(
    ("vehicle", "limit_a", "status"),
    [
        ({"plugged": True}, 10.0, Status.CHARGING),
        ({"plugged": True, "draws": 0.0}, 10.0, Status.SUSPENDED_EV),
        ({"plugged": True, "asleep": True}, 10.0, Status.SUSPENDED_EV),
        ({"plugged": True}, 0.0, Status.SUSPENDED_EVSE),
    ],
)
def test_what_a_station_says_of_itself(vehicle, limit_a, status):
    hands = given(stations(), **vehicle)
    hands.obey(SetLimit(station="cp-01", limit_a=limit_a, at=START, safe_a=6.0, window_s=600.0), START)
    hands.report(START)
    assert hands.seen(0.0, START)["stations"]["cp-01"].status is status
