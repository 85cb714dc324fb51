"""Cases from the field that a zone must get right, each by itself."""

import pytest

from noonward.core.model import Grid, Mode, SetLimit, SetRelay, StationInfo
from noonward.core.model import ReasonCode as R
from support.parking import T0, VOLTAGE_V, Car, Garage, boiler

WIRED = {3: StationInfo(lines=(1, 2, 3)), 1: StationInfo(phases=1, lines=(1,))}


class Lopsided(Garage):
    """A house whose other loads are on two phases: 16 A on L2 and on L3."""

    def _lines(self, rest_w):
        l1, l2, l3 = super()._lines(rest_w)
        return [l1, l2 + 16.0, l3 + 16.0]


@pytest.mark.parametrize(("phases", "amperes"), [(3, 0.0), (1, 16.0)])
def test_what_the_fuse_stops_on_three_phases_may_charge_on_one(phases, amperes):
    """Edge case 86: where the policy says that vehicles charge on one; the engine itself switches no phases."""
    garage = Lopsided(
        {"cp": Car(phases=phases, lines=() if phases == 3 else (1,), max_a=16.0)},
        zone={"mode": Mode.ALWAYS_ON, "phases": phases},
        info=WIRED[phases],
        grid=Grid(fuse_a=20.0),
        per_phase=True,
    ).run(120)
    assert garage.draws == {"cp": amperes}
    assert garage.station("cp").why.code is (R.FUSE if phases == 3 else R.ALWAYS_ON)
    assert {c.phases for _, c in garage.log if isinstance(c, SetLimit)} <= {phases, None}


def test_another_vehicle_is_another_session_though_nobody_saw_the_first_one_leave():
    """Edge case 82: between two looks a vehicle went and another came; when the status changed tells, not what it is."""
    garage = Garage({"cp": Car(phases=1, lines=(1,))}, zone={"mode": Mode.ALWAYS_ON}).run(300)
    before = garage.state.stations["cp"]
    assert before.session.drew_wh == pytest.approx(garage.cars["cp"].drawn_wh, rel=0.1)
    assert before.session.drew_wh > 100.0
    car = garage.cars["cp"] = Car(arrives=garage.t - 2.0, phases=3)
    del garage.samples["cp"]  # a driver forgets the measurements of a vehicle that went
    garage.run(garage.t + 3)
    after = garage.state.stations["cp"]
    assert after.session.drew_wh < 20.0
    assert after.session.starts <= 1
    assert garage.station("cp").state == "detecting"
    garage.run(garage.t + 120)
    assert garage.station("cp").phases == 3
    assert car.drawn_wh * 3600.0 > 60.0 * 3 * 8.0 * VOLTAGE_V


@pytest.mark.parametrize(("phases", "draws_a"), [(1, 16.0), (3, 0.0)])
def test_between_one_phase_at_most_and_three_at_least_lies_a_gap(phases, draws_a):
    """Edge case 13: with 3.9 kW one phase is at its end, 3.68 kW, and three have not begun, 4.14 kW."""
    garage = Garage(
        {"cp": Car(phases=phases, max_a=16.0)},
        sun=lambda _: 3900.0 + 300.0,
        zone={"phases": phases},
    ).run(600)
    assert garage.draws == {"cp": draws_a}
    assert len({limit for _, limit in garage.sent("cp") if limit}) < 16  # it settles


@pytest.mark.parametrize("meter", ["currents", "power", "energy"])
@pytest.mark.parametrize("second", [0, 2, 5, 9])
def test_a_pause_is_proven_whatever_the_meter_and_whenever_it_speaks(meter, second):
    """Edge case 37: the first sample after a pause may come too soon to prove it, and those that follow repeat it."""
    garage = Garage(
        {
            "first": Car(phases=1, arrives=second, meter=meter),
            "other": Car(phases=1, arrives=second + 2, meter=meter),
        },
        sun=lambda t: 0.0 if t < 400 else 9000.0,
        zone={"phases": None, "max_power_w": 4200.0},
    ).run(400)
    held = {name: memory.promise.outstanding_a(garage.t + T0) for name, memory in garage.state.stations.items()}
    assert held == {"first": 0.0, "other": 0.0}, "what is paused keeps no power from others"
    garage.run(900)
    assert all(garage.draws.values())


def test_what_a_zone_is_still_to_rise_by_is_not_left_to_a_lower_policy():
    """Edge case 15: a car climbs step by step, and the boiler below it does not start on what it is about to take."""
    lower = boiler(power_w=2000.0, on_above_w=(2000.0,), off_below_w=(1000.0,), on_delay_s=60.0, priority=30)
    zone = {"priority": 10, "phases": 3}
    garage = Garage({"cp": Car(max_a=16.0)}, sun=lambda _: 9300.0, zone=zone, appliances=(lower,)).run(900)
    assert not [t for t, c in garage.log if isinstance(c, SetRelay) and c.closed]
    assert garage.draws == {"cp": 13.0}


def test_a_satisfied_vehicle_takes_nothing_of_the_sun_from_the_others():
    cars = {"full": Car(phases=1, needs_wh=300.0, max_a=32.0), "cp": Car(arrives=900, max_a=16.0)}
    garage = Garage(cars, sun=lambda _: 9300.0, zone={"phases": None}).run(2400)
    assert garage.station("full").state == "satisfied"
    assert garage.draws["cp"] == 13.0, garage.limits()
