"""Laws of a whole site with an EV zone: random cars, sun, appliances, wishes and faults, second by second.

Every step of every run is also held to two laws of ``step`` (in ``support.parking``): a second step at once changes
nothing, and time alone changes nothing that ``wake_at`` did not announce.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from noonward.core.model import ChargeNow, FailSafe, Grid, Inputs, Mode, Need, Override, SetLimit, StationInfo
from noonward.core.outstanding import WRITE_S
from support.parking import T0, Car, Garage, boiler

SECONDS = 1200


def a_car(dice):
    phases = dice.choice((1, 3, 3, 2))
    least = dice.choice((6.0, 6.0, 6.0, 7.0))
    return Car(
        arrives=dice.choice((0, 0, 0, 40, 300, 10_000)),
        leaves=dice.choice((1e12, 1e12, 700, 320)),
        phases=phases,
        lines=tuple(range(1, phases + 1)),
        min_a=least,
        max_a=dice.choice((16.0, 32.0, 10.0)),
        needs_wh=dice.choice((1e12, 1e12, 400.0)),
        asleep=dice.choice((False, False, False, True)),
        meter=dice.choice(("currents", "currents", "power", "energy")),
        answer_s=dice.choice((0.0, 0.0, 4.0)),
        extra_a=dice.choice((0.0, 0.0, 0.3)),
        ignores=dice.choice((False,) * 7 + (True,)),
        offline=dice.choice(((1e12, 1e12), (1e12, 1e12), (400, 520))),
        boots=dice.choice((1e12, 1e12, 1e12, 500)),
    )


def steps(parts):
    """Turn (seconds, watts) parts into a function of time."""
    edges, at = [], 0
    for seconds, watts in parts:
        edges.append((at, watts))
        at += seconds
    return lambda t: [watts for since, watts in edges if since <= t][-1]


SUNS_W = (0.0, 1600.0, 4600.0, 7000.0, 12_000.0)


def a_garage(dice):
    parked = {f"cp-{k}": a_car(dice) for k in range(dice.randint(1, 3))}
    asks = dice.choice((None, None, "now", "need", "off", "boost"))
    at = T0 + 200

    def inputs(t):
        if asks is None or t < 200:
            return {}
        wish = {
            "now": Inputs(charge_now={"cp-0": ChargeNow(at=at, energy_wh=300.0 if len(parked) > 1 else None)}),
            "need": Inputs(needs={"cp-0": Need(at=at, energy_wh=1500.0, departure=T0 + 1100)}),
            "off": Inputs(override=Override(mode=Mode.ALWAYS_OFF, until=T0 + 600)),
            "boost": Inputs(boost_until=T0 + 500),
        }
        return {"garage": wish[asks]}

    return Garage(
        parked,
        sun=steps([(dice.choice((60, 130, 400, 900)), dice.choice(SUNS_W)) for _ in range(dice.randint(1, 6))]),
        zone={
            "mode": dice.choice((Mode.AUTO_SOLAR, Mode.AUTO_SOLAR, Mode.ALWAYS_ON)),
            "phases": dice.choice((None, None, 3)),
            "max_power_w": dice.choice((22_080.0, 11_040.0, 5000.0)),
            "priority": dice.choice((10, 50)),
            "min_on_s": dice.choice((0.0, 120.0, 600.0)),
            "on_delay_s": dice.choice((0.0, 60.0)),
            "then": dice.choice(tuple(FailSafe)),
            "modulates": dice.choice((True, True, True, False)),
        },
        info=StationInfo(max_a=32.0, window_s=dice.choice((120.0, 600.0)), lines=(1, 2, 3)),
        grid=dice.choice((Grid(), Grid(fuse_a=35.0), Grid(import_cap_w=9000.0), Grid(unbalance_a=20.0))),
        per_phase=True,
        appliances=dice.choice(((), (boiler(priority=20),), (boiler(priority=20), boiler("b2", 2000.0)))),
        inputs=inputs,
        meter_dead=dice.choice(((1e12, 1e12), (300, 900))),
    )


def check(g, reached, raised, told):
    """Hold one second of a garage to the laws."""
    for t, command in g.log:
        if t != g.t or not isinstance(command, SetLimit):
            continue
        name, limit = command.station, command.limit_a
        least = 6.0 if g.site.zones[0].modulates else 32.0
        assert limit == 0.0 or limit >= least, "nothing between a pause and the minimum"
        assert limit <= 32.0
        assert g.cars[name].plugged(t), "no station is told anything without a vehicle"
        if limit > told.get(name, 0.0):
            assert t - raised.get(name, -1e9) >= WRITE_S or t == g.cars[name].boots, (
                "a station that forgot is told again"
            )
        raised[name], told[name] = t, limit
    for s in g.decision().stations:
        reached[s.state] += 1
        reached[s.why.code.value] += 1
    reached[g.decision().wanted] += 1
    if all(not c.ignores and not c.extra_a and c.boots > SECONDS and c.offline[0] > SECONDS for c in g.cars.values()):
        most = g.site.zones[0].max_power_w
        arrived = sum(c.arrives > g.t - 15 for c in g.cars.values() if c.plugged(g.t))
        reached["full zone"] += g.power_w() > 0.9 * most
        assert g.power_w() <= most + arrived * 6 * 690.0 + 1.0


def play(seeds):
    reached = Counter()
    for seed in seeds:
        raised: dict[str, float] = {}
        told: dict[str, float] = {}
        garage = a_garage(Random(seed))
        try:
            garage.run(SECONDS, lambda g, raised=raised, told=told: check(g, reached, raised, told))
        except AssertionError as error:
            raise AssertionError(f"garage of seed {seed}: {error}") from error
        assert garage.restless <= 1, f"garage of seed {seed}"
        reached["restless"] += garage.restless
    return reached


def test_a_site_with_cars_keeps_every_law():
    """Edge cases 9, 10, 12, 15, 24, 34, 60, 71, 72, 83; acceptance tests 14 and 15."""
    reached = play(range(25))
    states = {"off", "solar", "minimum", "full", "charging", "paused", "detecting", "asleep", "waking", "satisfied"}
    whys = {"charge-now", "need-forced", "min-on", "too-little-surplus", "zone-full", "meter-stale", "not-answering"}
    assert {*states, *whys} <= {key for key, seconds in reached.items() if seconds > 20}, reached


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_thousand_sites_with_cars_keep_every_law():
    reached = play(range(25, 1025))
    assert reached["full zone"] > 1000
    assert reached["restless"] <= 10, "a step is done in one"
