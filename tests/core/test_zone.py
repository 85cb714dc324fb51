"""EV zones, seen from outside: cars, sun and people come and go, and the zone does what its mode says."""

from dataclasses import replace
from itertools import pairwise

import pytest

from noonward.core.model import (
    ChargeNow,
    FailSafe,
    Grid,
    Inputs,
    Mode,
    Need,
    Override,
    SetLimit,
    StationInfo,
)
from noonward.core.model import ReasonCode as R
from noonward.core.timers import Cron, Timer, Windows
from noonward.core.zone import STATES, table_for
from support.parking import T0, Car, Garage, boiler

SUNNY = 8000.0
KNOWN = {"phases": 3}
"""A zone whose phases are declared: no test charge, which keeps a test short."""

AT = T0 + 1.0


def day_and_night(*edges):
    """A sun of so many watts from each second on."""
    return lambda t: [watts for since, watts in edges if since <= t][-1]


def window(opens_s, closes_s):
    """A timer that is open between two seconds of the test, on whole minutes."""
    lo, hi = (int(T0 + s) // 60 for s in (opens_s, closes_s))

    def cron(minute):
        return Cron(
            minutes=(minute % 60,),
            hours=(minute // 60 % 24,),
            doms=tuple(range(1, 32)),
            months=tuple(range(1, 13)),
            dows=tuple(range(7)),
            hour_star=False,
            dom_star=True,
            dow_star=True,
        )

    return Windows((Timer(name="w", start=cron(lo), stop=cron(hi), for_s=None, line=1),), "UTC")


# -- the six modes ------------------------------------------------------------------------------------------------------

MODES = (
    # mode, sun, switch, in a window -> state of the zone, its reason, amperes of the one car after 200 s
    (Mode.AUTO_SOLAR, 0.0, False, "off", R.TOO_LITTLE_SURPLUS, 0.0),
    (Mode.AUTO_SOLAR, SUNNY, False, "solar", R.SURPLUS, 11.0),
    (Mode.AUTO_TIMER, 0.0, False, "full", R.TIMER, 32.0),
    (Mode.TIMER, 0.0, False, "full", R.TIMER, 32.0),
    (Mode.ALWAYS_ON, 0.0, False, "full", R.ALWAYS_ON, 32.0),
    (Mode.ALWAYS_OFF, SUNNY, False, "off", R.ALWAYS_OFF, 0.0),
    (Mode.MANUAL, SUNNY, False, "off", R.SWITCH_OFF, 0.0),
    (Mode.MANUAL, 0.0, True, "full", R.SWITCH_ON, 32.0),
)


@pytest.mark.parametrize(("mode", "sun", "switch", "state", "why", "amperes"), MODES)
def test_each_mode_does_what_it_says(mode, sun, switch, state, why, amperes):
    timers = {"windows": window(0, 600)} if mode in {Mode.TIMER, Mode.AUTO_TIMER} else {}
    garage = Garage(
        {"cp": Car(max_a=32.0)},
        sun=lambda _: sun,
        zone={"mode": mode, **KNOWN, **timers},
        inputs=lambda _: {"garage": Inputs(switch_on=switch)},
    ).run(240)
    decision = garage.decision()
    assert (decision.wanted, decision.code) == (state, why)
    assert garage.limits() == {"cp": amperes}
    assert garage.station("cp").state == ("charging" if amperes else "paused")
    assert decision.because[0].code is why


@pytest.mark.parametrize("mode", [Mode.TIMER, Mode.AUTO_TIMER])
def test_when_a_window_ends_the_limit_falls_to_the_sun_in_the_same_step(mode):
    """The window's run has no hysteresis: with half the minimum of sun it does not go on."""
    for sun, left in ((0.0, 0.0), (2500.0, 0.0), (6000.0, 8.0 if mode is Mode.AUTO_TIMER else 0.0)):
        garage = Garage(
            {"cp": Car(max_a=32.0)},
            sun=lambda _, sun=sun: sun,
            zone={"mode": mode, "min_on_s": 0.0, "windows": window(0, 360), **KNOWN},
        )
        closes = int(garage.site.zones[0].windows.next_edge(T0 + 60) - T0)
        garage.run(closes)
        assert garage.limits() == {"cp": 32.0}
        garage.run(closes + 1)
        assert garage.limits() == {"cp": left}


def test_min_on_keeps_the_minimum_and_nothing_more():
    """Edge cases 14 and 75: counted from the first confirmed current, not from the command."""
    garage = Garage({"cp": Car()}, sun=day_and_night((0, SUNNY), (200, 0.0)), zone=KNOWN).run(200)
    since = garage.state.stations["cp"].session.current_since - T0
    assert 60 < since < 90, "on_delay, the command, and the first sample that shows current"
    garage.run(300)
    assert garage.limits() == {"cp": 6.0}
    assert garage.decision().code is R.MIN_ON
    assert garage.station("cp").why.facts["until"] == pytest.approx(T0 + since + 600)
    garage.run(int(since) + 600)
    assert garage.limits() == {"cp": 6.0}
    garage.run(int(since) + 602)
    assert garage.limits() == {"cp": 0.0}
    assert garage.decision().code is R.TOO_LITTLE_SURPLUS


@pytest.mark.parametrize(
    "wish",
    [
        Inputs(override=Override(mode=Mode.ALWAYS_OFF)),
        Inputs(override=Override(mode=Mode.MANUAL)),
    ],
    ids=["always-off", "manual off"],
)
def test_always_off_and_a_manual_off_end_min_on_and_charge_now(wish):
    """Edge case 46: the transaction stays, its limit is 0."""
    asked = {"cp": ChargeNow(at=AT)}
    garage = Garage(
        {"cp": Car(max_a=32.0)},
        sun=lambda _: SUNNY,
        zone=KNOWN,
        inputs=lambda t: {"garage": replace(wish, charge_now=asked) if t >= 200 else Inputs(charge_now=asked)},
    ).run(200)
    assert garage.limits() == {"cp": 32.0}
    garage.run(201)
    assert garage.limits() == {"cp": 0.0}
    assert garage.decision().wanted == "off"


# -- the meter ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "state", "amperes"),
    [(FailSafe.RELEASE, "minimum", 6.0), (FailSafe.KEEP, "solar", 11.0), (FailSafe.FORCE, "minimum", 6.0)],
)
def test_a_meter_that_falls_silent(then, state, amperes):
    """Held: nothing starts and nothing stops. Stale: what ``then`` says, and release waits for min-on."""
    garage = Garage(
        {"cp": Car(), "late": Car(arrives=315)},
        sun=lambda _: SUNNY,
        zone={"then": then, **KNOWN},
        meter_dead=(300, 5000),
    ).run(330)
    assert garage.decision().code is R.METER_HELD
    assert garage.limits() == {"cp": 11.0, "late": 0.0}
    garage.run(440)
    assert garage.decision().wanted == state
    late = {FailSafe.FORCE: 6.0}.get(then, 0.0)
    assert garage.limits() == {"cp": amperes, "late": late}
    garage.run(800)
    assert sum(garage.limits().values()) == {FailSafe.RELEASE: 0.0, FailSafe.KEEP: 11.0, FailSafe.FORCE: 12.0}[then]


# -- modulation ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phases", [1, 2, 3])
@pytest.mark.parametrize("lag_s", [0.0, 10.0, 60.0])
def test_the_loop_is_stable_for_every_phase_count_and_lag(phases, lag_s):
    """Edge cases 9, 10, 11 and 73: noise of ±100 W and a lagging meter make no limit cycle."""
    noise = (0.0, 90.0, -70.0, 100.0, -100.0, 20.0)
    garage = Garage(
        {"cp": Car(phases=phases, lines=tuple(range(1, phases + 1)), max_a=32.0)},
        sun=lambda t: 7300.0 + noise[t // 5 % 6],
        grid=Grid(lag_s=lag_s),
    ).run(900)
    settled = [limit for t, limit in garage.sent("cp") if t > 600]
    assert len(set(settled)) <= 1, garage.sent("cp")
    power = garage.limits()["cp"] * phases * 230.0
    assert 6900.0 - phases * 230.0 * 1.5 - 250.0 <= power <= 7100.0 or garage.limits()["cp"] == 32.0


def test_with_sun_to_spare_a_vehicle_gets_all_that_it_takes():
    """The last step up may be smaller than the dead band."""
    garage = Garage({"cp": Car()}, sun=lambda _: 30_000.0, zone=KNOWN, info=StationInfo(max_a=16.0)).run(700)
    assert garage.limits() == {"cp": 16.0}


@pytest.mark.parametrize(("step_a", "amperes"), [(1.0, 9.0), (0.1, 9.7)])
def test_limits_go_by_the_step_of_the_station(step_a, amperes):
    """Edge case 11: whole or tenth amperes, rounded down."""
    garage = Garage({"cp": Car()}, sun=lambda _: 7000.0, zone=KNOWN, info=StationInfo(step_a=step_a)).run(600)
    assert garage.limits()["cp"] == pytest.approx(amperes, abs=0.11 * step_a)
    assert garage.power_w() <= 6700.0


def test_down_at_once_and_up_slowly():
    sun = day_and_night((0, SUNNY), (400, 5500.0), (500, SUNNY))
    garage = Garage({"cp": Car()}, sun=sun, zone=KNOWN).run(401)
    assert garage.limits() == {"cp": 7.0}
    garage.run(700)
    ups = [t for t, limit in garage.sent("cp") if t >= 500]
    assert len(ups) > 1
    assert all(b - a >= 30 for a, b in pairwise(ups))
    assert garage.limits()["cp"] >= 10.0


def test_a_vehicle_that_cannot_modulate_is_on_or_off():
    """Edge case 30; acceptance test 13."""
    sun = day_and_night((0, 6000.0), (400, 7700.0))
    garage = Garage(
        {"cp": Car(min_a=10.0, max_a=10.0)},
        sun=sun,
        zone={"modulates": False, "min_on_s": 0.0, **KNOWN},
        info=StationInfo(max_a=10.0),
    ).run(400)
    assert {limit for _, limit in garage.sent("cp")} == {0.0}
    garage.run(500)
    assert garage.limits() == {"cp": 10.0}
    assert {limit for _, limit in garage.sent("cp")} == {0.0, 10.0}


def test_starting_may_need_more_than_holding():
    """Edge case 74: it starts at 7 A and is held at 6 A."""
    sun = day_and_night((0, 5200.0), (300, 4500.0))
    garage = Garage({"cp": Car(start_a=7.0)}, sun=sun, zone={"start_current_a": 7.0, **KNOWN}).run(200)
    assert garage.limits() == {"cp": 7.0}
    garage.run(400)
    assert garage.limits() == {"cp": 6.0}
    assert garage.power_w() == pytest.approx(4140.0)


def test_a_vehicle_that_takes_a_little_more_than_it_is_offered_is_no_import_for_ever():
    """Edge case 28: 6.1 A at 6 A is followed, not fought."""
    garage = Garage({"cp": Car(extra_a=0.1)}, sun=lambda _: 4600.0, zone=KNOWN).run(900)
    assert garage.limits() == {"cp": 6.0}
    assert garage.station("cp").state == "charging"
    assert garage.state.stations["cp"].promise.misses == 0


def test_what_a_vehicle_leaves_goes_to_the_other():
    """Edge case 29: a full battery tapers at 8 A, its session goes on, and the rest is shared anew."""
    garage = Garage(
        {"taper": Car(max_a=8.0), "other": Car(max_a=32.0)},
        zone={"mode": Mode.ALWAYS_ON, "max_power_w": 22_080.0, **KNOWN},
    ).run(60)
    assert garage.limits() == {"taper": 16.0, "other": 16.0}
    garage.run(300)
    assert garage.limits() == {"taper": 9.0, "other": 23.0}


# -- phases -------------------------------------------------------------------------------------------------------------

FOUND = (
    # meter, phases, the phases it loads -> phases found
    ("currents", 1, (1,), 1),
    ("currents", 1, (3,), 1),
    ("currents", 2, (1, 2), 2),
    ("currents", 3, (1, 2, 3), 3),
    ("power", 1, (1,), 1),
    ("power", 2, (1, 2), 2),
    ("power", 3, (1, 2, 3), 3),
    ("energy", 1, (1,), 1),
    ("energy", 3, (1, 2, 3), 3),
)


@pytest.mark.parametrize(("meter", "phases", "lines", "found"), FOUND)
def test_phases_are_found_at_plug_in_without_any_sun(meter, phases, lines, found):
    """Edge case 31; acceptance tests 11 and 12."""
    garage = Garage({"cp": Car(arrives=5, phases=phases, lines=lines, meter=meter)}).run(8)
    assert garage.station("cp").state == "detecting"
    assert garage.station("cp").why.code is R.DETECTING_PHASES
    garage.run(90)
    assert garage.state.stations["cp"].found.phases == found
    assert garage.station("cp").phases == found
    assert garage.limits() == {"cp": 0.0}, "and then it waits for the sun"


@pytest.mark.parametrize(
    ("zone", "inputs"),
    [
        ({"mode": Mode.ALWAYS_OFF}, Inputs()),
        ({"mode": Mode.MANUAL}, Inputs()),
        ({"mode": Mode.TIMER, "windows": window(6000, 7200)}, Inputs()),
    ],
    ids=["always-off", "manual off", "outside a window"],
)
def test_there_is_no_test_charge_where_nothing_may_charge(zone, inputs):
    garage = Garage({"cp": Car(arrives=5)}, zone=zone, inputs=lambda _: {"garage": inputs}).run(120)
    assert {limit for _, limit in garage.sent("cp")} == {0.0}


def test_a_test_charge_takes_nothing_from_a_vehicle_in_the_middle_of_min_on():
    zone = {"mode": Mode.ALWAYS_ON, "max_power_w": 11_040.0}
    garage = Garage({"first": Car(), "b": Car(arrives=100), "c": Car(arrives=100)}, zone=zone).run(100)
    garage.run(200, check=lambda g: _at_least_its_minimum(g, "first"))


def _at_least_its_minimum(garage, name):
    assert garage.limits()[name] >= 6.0, garage.t


def test_a_test_charge_ends_with_its_vehicle():
    """Edge case 40: unplugged at second 20; the next vehicle is tested anew."""
    garage = Garage({"cp": Car(arrives=5, leaves=25)}).run(30)
    assert garage.station("cp").state == "absent"
    assert garage.state.stations["cp"].found is None
    assert garage.state.stations["cp"].test is None


def test_a_vehicle_whose_phases_nobody_knows_begins_at_the_least_that_it_may_need():
    """It slept through its test: 1380 W start it, its limit is set aside on three phases, and its draw tells."""
    car = Car(phases=1, lines=(1,), asleep=True)
    garage = Garage({"cp": car}, sun=day_and_night((0, 0.0), (100, 2000.0))).run(80)
    assert garage.state.stations["cp"].found.phases is None
    garage.run(170)
    assert garage.limits() == {"cp": 6.0}
    car.asleep = False
    garage.run(260)
    assert garage.station("cp").phases == 1


def test_a_vehicle_that_uses_more_phases_than_declared_counts_with_what_it_uses():
    """Edge case 69."""
    zone = {"mode": Mode.ALWAYS_ON, "phases": 1, "max_power_w": 7360.0}
    garage = Garage({"cp": Car(max_a=32.0)}, zone=zone).run(120)
    assert garage.station("cp").phases == 3
    assert garage.limits() == {"cp": 10.0}, "7360 W on three phases"


def test_a_station_of_one_phase_needs_no_test():
    """Edge case 40: a station wired to L1 only."""
    info = StationInfo(phases=1, lines=(1,))
    garage = Garage({"cp": Car(phases=1, lines=(1,))}, sun=lambda _: 2000.0, info=info).run(120)
    assert garage.station("cp").phases == 1
    assert garage.limits() == {"cp": 7.0}, "1380 W are enough to start"


# -- sharing, limits, priorities ----------------------------------------------------------------------------------------


def test_a_zone_below_one_minimum_charges_nobody_and_says_so():
    """Edge case 24."""
    garage = Garage({"cp": Car()}, zone={"mode": Mode.ALWAYS_ON, "max_power_w": 3000.0, **KNOWN}).run(60)
    assert garage.limits() == {"cp": 0.0}
    assert garage.decision().code is R.BELOW_MINIMUM
    assert len({limit for _, limit in garage.sent("cp")}) == 1, "and does not toggle"


def test_where_not_all_minimums_fit_vehicles_take_turns():
    """Edge cases 25 and 34: room for one; each has an hour, so that turns do not use up its ten starts."""
    garage = Garage(
        {name: Car() for name in ("a", "b")},
        zone={"mode": Mode.ALWAYS_ON, "max_power_w": 5000.0, "min_on_s": 300.0, **KNOWN},
    ).run(4000, check=_one_at_most)
    assert {name for name, car in garage.cars.items() if car.drawn_wh > 400.0} == {"a", "b"}
    assert {memory.session.starts for memory in garage.state.stations.values()} == {1}
    assert R.ZONE_FULL in {s.why.code for s in garage.decision().stations}


def _one_at_most(garage):
    assert garage.power_w() <= 5000.0 or garage.t < 15


def test_a_fuse_takes_amperes_back_and_gives_them_again():
    """Edge cases 20 and 23: base load on every phase comes and goes."""
    garage = Garage(
        {"cp": Car(max_a=32.0)},
        sun=day_and_night((0, 0.0), (200, -9000.0), (400, 0.0)),
        zone={"mode": Mode.ALWAYS_ON, **KNOWN},
        grid=Grid(fuse_a=35.0),
        per_phase=True,
    ).run(200)
    assert garage.limits() == {"cp": 32.0}
    garage.run(400)
    assert [limit for t, limit in garage.sent("cp") if t >= 200] == [21.0]
    assert garage.decision().wanted == "full"
    garage.run(500)
    assert garage.limits() == {"cp": 32.0}


@pytest.mark.parametrize("lag_s", [0, 10, 30])
def test_a_vehicle_that_ramps_up_behind_a_meter_that_lags_does_not_pass_the_fuse(lag_s):
    """Edge case 9: an old reading and a newer draw must not be taken for less base load."""
    garage = Garage(
        {"cp": Car(max_a=32.0)},
        base_w=2000.0,
        zone={"mode": Mode.ALWAYS_ON, **KNOWN},
        grid=Grid(fuse_a=16.0, lag_s=float(lag_s)),
        per_phase=True,
        lag_s=lag_s,
        ramp_s=50.0,
    )
    garage.run(600, check=lambda g: _within(g, 16.0))
    assert garage.limits()["cp"] >= 10.0


def _within(garage, fuse_a):
    drawn_a = garage.power_w() / 690.0 + 2000.0 / 690.0
    assert drawn_a <= fuse_a + 0.1, (garage.t, drawn_a)


def test_single_phase_vehicles_do_not_load_one_phase_too_much():
    """Edge case 20: 4.6 kVA are 20 A, and three-phase vehicles do not count."""
    garage = Garage(
        {name: Car(phases=1, lines=(1,), max_a=32.0) for name in ("a", "b")} | {"three": Car(max_a=16.0)},
        zone={"mode": Mode.ALWAYS_ON, "max_power_w": 40_000.0},
        info=StationInfo(lines=(1, 2, 3)),
        grid=Grid(unbalance_a=20.0),
    ).run(400)
    assert garage.limits() == {"a": 10.0, "b": 10.0, "three": 17.0}, "one ampere above what it takes"


@pytest.mark.parametrize(("dimmed", "amperes", "why"), [(4200.0, 6.0, R.ALWAYS_ON), (2000.0, 0.0, R.DIMMED)])
def test_the_grid_operator_dims_a_zone(dimmed, amperes, why):
    """Edge case 39: charge-now too; it shows as blocked."""
    garage = Garage(
        {"cp": Car()},
        zone={"mode": Mode.ALWAYS_ON, **KNOWN},
        more={"dim_cap_w": dimmed},
        dim=lambda t: t >= 100,
        inputs=lambda _: {"garage": Inputs(charge_now={"cp": ChargeNow(at=AT)})},
    ).run(120)
    assert garage.limits() == {"cp": amperes}
    assert garage.decision().code is why
    if not amperes:
        assert garage.station("cp").why.code is R.DIMMED


def test_a_higher_appliance_takes_what_a_zone_has_above_its_minimum_and_all_after_min_on():
    """Edge case 15."""
    sun = day_and_night((0, 7600.0), (600, 8400.0))
    garage = Garage(
        {"cp": Car()},
        sun=sun,
        zone={"priority": 50, "min_on_s": 900.0, **KNOWN},
        appliances=(boiler(priority=10, on_above_w=(3000.0,), on_delay_s=200.0),),
    ).run(199)
    assert garage.limits()["cp"] > 6.0
    garage.run(420)
    assert garage.relay_w() == 3000.0, "7300 W carry the boiler and the car's minimum"
    assert garage.limits() == {"cp": 6.0}
    assert garage.station("cp").state == "charging"


def test_a_zone_takes_a_lower_appliance_that_is_past_its_min_on():
    garage = Garage(
        {"cp": Car(arrives=400)},
        sun=lambda _: 7000.0,
        zone={"priority": 10, **KNOWN},
        appliances=(boiler(priority=50),),
    ).run(470)
    assert garage.relay_w() == 3000.0
    garage.run(490)
    assert garage.relay_w() == 0.0
    assert garage.limits() == {"cp": 6.0}
    starts = [t for t, c in garage.log if not isinstance(c, SetLimit) and c.closed]
    garage.run(900)
    assert garage.limits() == {"cp": 9.0}
    assert [t for t, c in garage.log if not isinstance(c, SetLimit) and c.closed] == starts


# -- people -------------------------------------------------------------------------------------------------------------


def asked(**more):
    return lambda t: {"garage": Inputs(charge_now={"cp": ChargeNow(at=T0 + 100, **more)})} if t >= 100 else {}


ENDS = (
    # how it was asked for, the car -> until about when it charges
    ({}, {"leaves": 700}, 700),
    ({"until": T0 + 400}, {}, 400),
    ({"energy_wh": 2000.0}, {}, 430),
)


@pytest.mark.parametrize(("wish", "car", "until"), ENDS, ids=["unplugged", "time", "energy"])
def test_charge_now_ends_by_unplug_time_or_energy(wish, car, until):
    """Edge case 38; acceptance test 16."""
    garage = Garage({"cp": Car(max_a=32.0, **car), "b": Car()}, zone={"min_on_s": 0.0, **KNOWN}, inputs=asked(**wish))
    garage.run(140)
    assert garage.limits() == {"cp": 32.0, "b": 0.0}
    assert garage.station("cp").why.code is R.CHARGE_NOW
    garage.run(until - 10 if "energy_wh" not in wish else 300)
    assert garage.power_w() == pytest.approx(22_080.0)
    garage.run(until + 30)
    assert garage.power_w() == 0.0
    assert garage.decision().wanted == "off"


def test_charge_now_is_for_the_vehicle_it_was_asked_for():
    """Set before it comes, it holds for that vehicle and not for the next one."""
    car = Car(arrives=200, leaves=300)
    garage = Garage({"cp": car}, zone=KNOWN, inputs=asked()).run(250)
    assert garage.limits() == {"cp": 32.0}
    garage.run(310)
    car.arrives, car.leaves = 320, 900
    garage.run(400)
    assert garage.limits() == {"cp": 0.0}
    assert garage.decision().code is R.TOO_LITTLE_SURPLUS


def test_a_standing_wish_starts_its_users_car_whenever_it_comes():
    garage = Garage(
        {"cp": Car(id_tag="badge-04a1"), "b": Car(id_tag="other")}, zone={"always": ("BADGE-04A1",), **KNOWN}
    )
    garage.run(60)
    assert garage.limits() == {"cp": 32.0, "b": 0.0}


def test_a_vehicle_that_was_charged_now_keeps_its_min_on_when_the_wish_is_taken_back():
    def wish(t):
        return {"garage": Inputs(charge_now={"cp": ChargeNow(at=AT)})} if t < 200 else {}

    garage = Garage({"cp": Car()}, zone=KNOWN, inputs=wish).run(210)
    assert (garage.decision().wanted, garage.decision().code) == ("minimum", R.MIN_ON)
    assert garage.limits() == {"cp": 6.0}
    garage.run(700)
    assert garage.decision().code is R.TOO_LITTLE_SURPLUS


def test_charge_now_where_the_zone_forbids_it_is_not_heard():
    garage = Garage({"cp": Car()}, zone={"charge_now": False, **KNOWN}, inputs=asked()).run(200)
    assert garage.limits() == {"cp": 0.0}


def test_a_need_is_forced_at_the_latest_start_that_still_meets_it():
    need = {"cp": Need(at=AT, energy_wh=2000.0, departure=T0 + 1500)}
    car = Car(max_a=16.0)
    garage = Garage(
        {"cp": car},
        zone={"min_on_s": 0.0, **KNOWN},
        info=StationInfo(max_a=16.0),
        inputs=lambda _: {"garage": Inputs(needs=need)},
    ).run(600)
    assert car.drawn_wh < 10.0
    garage.run(900)
    assert garage.station("cp").why.code is R.NEED_FORCED
    garage.run(1500)
    assert car.drawn_wh >= 2000.0
    assert garage.limits() == {"cp": 0.0}, "and no more than that"


# -- stations that misbehave --------------------------------------------------------------------------------------------


def test_a_station_that_ignores_its_limit_is_found_out_and_its_draw_set_aside():
    """Edge case 36; acceptance test 7: in three samples, and the other gets what is left."""
    garage = Garage(
        {"liar": Car(ignores=True, max_a=16.0), "b": Car()},
        zone={"mode": Mode.ALWAYS_ON, "max_power_w": 16_000.0, **KNOWN},
        info=StationInfo(max_a=16.0),
    ).run(120)
    assert garage.state.stations["liar"].promise.disbelieved()
    assert garage.station("liar").why.code is R.NOT_ANSWERING
    assert garage.limits()["b"] == 7.0, "16 kW less the 11 kW that the liar draws"


def test_a_station_that_is_away_keeps_what_it_may_hold():
    """Edge case 84: its last limit, or its safe limit once its window is over; never more than the zone together."""
    garage = Garage(
        {"gone": Car(offline=(200, 3000)), "b": Car(arrives=400, max_a=32.0)},
        zone={"mode": Mode.ALWAYS_ON, "max_power_w": 16_560.0, **KNOWN},
        info=StationInfo(max_a=16.0, window_s=600.0),
    ).run(450)
    assert garage.station("gone").why.code is R.NOT_ANSWERING
    assert garage.limits()["gone"] == 16.0
    assert garage.limits()["b"] == 8.0, "24 A less the 16 A that it was told"
    garage.run(900)
    assert garage.limits()["b"] == 16.0, "24 A less its safe 6 A, up to the station's 16 A"


def test_a_faulted_station_is_left_out_and_what_it_may_hold_is_set_aside():
    """Edge case 35."""
    from noonward.core.berth import Berth
    from noonward.core.model import Status

    garage = Garage({"cp": Car()}, zone={"mode": Mode.ALWAYS_ON, **KNOWN}).run(60)
    seen = garage.seen_before.stations["cp"]
    for status, there in ((Status.CHARGING, True), (Status.FAULTED, False), (Status.UNAVAILABLE, False)):
        memory = garage.state.stations["cp"]
        berth = Berth(garage.site.zones[0], "cp", StationInfo(), replace(seen, status=status), memory, T0 + 60)
        assert berth.obeys() is there


def test_a_station_that_restarts_is_told_again():
    """Edge case 36: it may have forgotten everything, and holds the most that it can until it shows otherwise."""
    garage = Garage(
        {"cp": Car(boots=200), "b": Car()}, zone={"mode": Mode.ALWAYS_ON, "max_power_w": 11_040.0, **KNOWN}
    ).run(199)
    before = garage.limits()
    garage.run(201)
    assert [t for t, _ in garage.sent("cp")][-1] == 200
    garage.run(300)
    assert garage.limits() == before


def test_runs_of_a_session_are_bounded():
    """Edge case 34: vehicles lock after about ten interruptions."""
    sun = lambda t: SUNNY if t % 120 < 60 else 0.0  # noqa: E731 - clouds
    garage = Garage(
        {"cp": Car()},
        sun=sun,
        zone={"min_on_s": 0.0, "on_delay_s": 0.0, "off_delay_s": 0.0, **KNOWN},
    ).run(3000)
    assert garage.state.stations["cp"].session.starts == 10
    assert garage.station("cp").why.code is R.STARTS_EXHAUSTED


def test_a_vehicle_that_sleeps_is_woken_three_times_and_then_left_to_its_driver():
    """Edge cases 32, 33, 79 and 81; acceptance test 17."""
    garage = Garage({"cp": Car(asleep=True)}, zone={"mode": Mode.ALWAYS_ON, **KNOWN}).run(3000)
    assert garage.station("cp").state == "needs-driver"
    assert garage.station("cp").why.code is R.ASLEEP
    assert garage.station("cp").why.facts["attempts"] == 3.0
    pauses = [t for t, limit in garage.sent("cp") if limit == 0.0]
    assert len(pauses) == 3


def test_a_vehicle_that_sleeps_is_woken_by_charge_now_whatever_the_sun_gives():
    garage = Garage({"cp": Car(asleep=True)}, zone={"mode": Mode.AUTO_SOLAR, **KNOWN}, inputs=asked()).run(3000)
    assert [limit for _, limit in garage.sent("cp") if limit not in {0.0, 32.0}] == [10.0, 16.0, 16.0]


def test_no_station_is_told_anything_without_a_vehicle():
    """Edge case 76."""
    garage = Garage({"cp": Car(arrives=1e9)}, sun=lambda _: SUNNY, zone={"mode": Mode.ALWAYS_ON}).run(200)
    assert not garage.log
    assert garage.decision().code is R.NO_VEHICLE


def test_after_a_power_cut_a_zone_waits_its_turn():
    """Edge case 27."""
    garage = Garage({"cp": Car()}, zone={"mode": Mode.ALWAYS_ON, **KNOWN})
    garage.power_back_at = T0
    garage.run(5)
    assert garage.decision().code is R.DARK_START
    assert garage.limits() == {"cp": 0.0}
    garage.run(70)
    assert garage.limits()["cp"] > 6.0


# -- the table ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("then", FailSafe)
def test_every_state_has_a_row_that_always_holds(mode, then):
    zone = replace(Garage({"cp": Car()}).site.zones[0], mode=mode, then=then, tables={})
    table = table_for(zone)
    assert table.states == STATES
    for state in STATES:
        last = [row for row in table.rows if row.source == state][-1]
        assert last.guards == (), f"{state} has a hole"
    assert table_for(zone) is table
