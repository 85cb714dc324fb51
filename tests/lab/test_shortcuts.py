"""What is passed over would have changed nothing: a run is the same to the digit when every step is taken in full."""

from functools import partial

import pytest

from noonward.core import past
from noonward.core.calm import Steps
from noonward.core.model import Grid, Mode, Pace, Requirement
from noonward.core.step import step
from noonward.lab import simulate
from noonward.lab.game import new_game
from noonward.lab.scenario import HeatPumpSpec, MeterSpec, QuotaSpec, Scenario, TankSpec
from noonward.lab.tape import Tape
from noonward.plant.house import House
from noonward.policy import cron
from support.games import MIDNIGHT, game, job, load, quota, shipped, stay, tape, with_cars, zone

DAYS = 4
USER = Requirement(from_user=True)


def house(days=DAYS):
    """Days of the example house at one minute, clouds and all."""
    roof = House(name="shortcuts", peak_w=9000.0)
    minutes = [MIDNIGHT + 60.0 * i for i in range(days * 1440)]
    return tape([roof.pv_w(t) for t in minutes], [roof.base_w(t) for t in minutes])


def in_full(site):
    return partial(step, site)


def outcome(run):
    return [(load.name, load.spans, load.draw_w, load.forced, load.short_runs) for load in run.loads]


def daily(hour, kwh=6.0):
    return Requirement(energy_wh=kwh * 1000.0, by=cron.parse(f"0 {hour} * * *"))


def planned(pace, days=DAYS):
    loads = [
        load("heat-pump", 3000.0, 20, need=daily(22), plan=pace),
        load("heater", 2000.0, 30, min_on_s=300.0, need=daily(20), plan=pace),
    ]
    site = job(house(days)).site
    site = type(site)(name="made", appliances=tuple(loads))
    needs = {
        "heater": QuotaSpec(energy_wh=6000.0, by=cron.parse("0 20 * * *")),
        "heat-pump": QuotaSpec(energy_wh=6000.0, by=cron.parse("0 22 * * *")),
    }
    return new_game(site, Scenario(tape=None, plants=needs), house(days))


def hot(spec, **changes):
    """A heater on the surplus, and a heat pump whose buffer cools by itself."""
    loads = [load("heater", 2000.0, 10, min_on_s=300.0), load("heat-pump", 3000.0, 20, **changes)]
    return game(house(), loads, {"heater": TankSpec(volume_l=200.0), "heat-pump": spec})


BOILER = load("boiler", 4000.0, 30, mode=Mode.ALWAYS_ON)


def fused(*loads, **limits):
    """Loads of one and of three phases, behind a fuse that is close."""
    loads = loads or (load("heater", 2000.0, 10, min_on_s=300.0, phases=(1,)), load("heat-pump", 3000.0, 20), BOILER)
    plants = {a.name: quota(60 if a is BOILER else 6) for a in loads}
    return game(house(), loads, plants, grid=Grid(**limits))


CARS = [stay(600, 1300, 12), stay(1440 + 900, 2880 + 420, 18), stay(2880 + 480, 2880 + 1000, 5)]
HURRIED = [stay(1300, 1440 + 60, 30), stay(1440 + 900, 1440 + 1100, 40), stay(2880 + 480, 2880 + 600, 12)]
SILENT = [
    stay(1440 * day + came, 1440 * (day + 1) + left, kwh, requested_wh=0.0)
    for day, (came, left, kwh) in enumerate(
        [
            (1035, 736, 7),
            (948, 567, 14),
            (1128, 792, 6),
            (918, 793, 13),
            (1061, 791, 17),
            (985, 670, 11),
            (987, 597, 12),
            (912, 675, 12),
        ]
    )
]
"""Vehicles over night whose drivers say nothing; once five are known it is guessed what the next one needs."""
GREEDY = {"default": {"excess_a": 0.4, "max_current_a": 32.0}}

GAMES = {
    "two relays": lambda: job(house()),
    "two relays, dimmed now and then": lambda: job(
        tape(house().pv_w, house().base_load_w, dimmed=tuple((i // 400) % 5 == 4 for i in range(DAYS * 1440)))
    ),
    "two relays, unknown now and then": lambda: job(
        tape([None if i % 997 < 5 else w for i, w in enumerate(house().pv_w)], house().base_load_w)
    ),
    "coarse": lambda: job(shipped(days=8)),
    "with cars": lambda: with_cars(job(house()), zone(need=USER), CARS),
    "with cars in a hurry": lambda: with_cars(job(house()), zone(need=USER), HURRIED, vehicles=GREEDY),
    "with a fuse on three phases": lambda: fused(phases=3, fuse_a=11.0),
    "with a fuse and no sun": lambda: fused(BOILER, phases=3, fuse_a=8.0),
    "with a fuse on one phase, and a cap": lambda: fused(phases=1, fuse_a=30.0, import_cap_w=2500.0),
    "with cars and a fuse": lambda: with_cars(fused(phases=3, fuse_a=20.0), zone(need=USER), CARS),
    "with a tank and a buffer": lambda: hot(HeatPumpSpec(heat_w=900.0)),
    "with contacts that settle": lambda: hot(TankSpec(volume_l=500.0), settle_s=300.0),
    "with plans": lambda: planned(Pace.NORMAL),
    "with plans and cars that say nothing": lambda: with_cars(
        planned(Pace.CALM, days=9), zone(need=USER, plan=Pace.CALM), SILENT
    ),
    "with plans and cars": lambda: with_cars(planned(Pace.CALM), zone(need=USER, plan=Pace.CALM), CARS),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_run_is_the_same_when_every_step_is_taken_in_full(name):
    quick, slow = simulate.play(GAMES[name]()), simulate.play(GAMES[name](), engine=in_full)
    for one, other in zip(outcome(quick), outcome(slow), strict=True):
        assert one == other
    assert (quick.split, quick.fuse, quick.zone_max) == (slow.split, slow.fuse, slow.zone_max)


def test_most_of_a_night_and_of_a_charge_is_passed_over(monkeypatch):
    taken = []
    real = Steps.__call__

    def noting(self, state, observation, now):
        taken.append(now)
        return real(self, state, observation, now)

    monkeypatch.setattr(Steps, "__call__", noting)
    simulate.play(job(house(days=2)))
    assert len(taken) < 0.25 * 2 * 1440
    taken.clear()
    simulate.play(with_cars(job(house(days=2), kwh=20), zone(need=USER), CARS[:1]))
    assert len(taken) < 0.25 * 2 * 1440
    taken.clear()
    simulate.play(fused(phases=3, fuse_a=35.0))
    assert len(taken) < 0.25 * DAYS * 1440
    taken.clear()
    noisy = job(house(days=2))
    simulate.play(type(noisy)(**{f: getattr(noisy, f) for f in noisy.__slots__} | {"meter": MeterSpec(noise_w=0.1)}))
    assert len(taken) >= 2 * 1440  # a meter with noise shows something new at every step


@pytest.mark.parametrize("cut", [0, 1, 700, 2000])
def test_counting_many_readings_at_once_is_counting_one_after_the_other(cut):
    jumps = [60.0] * 40 + [0.0, -5.0, 900.0, 3600.0, 3601.0, 7200.0, 86_400.0, 1.5e6]
    at, readings = MIDNIGHT, []
    for i in range(2000):
        at += jumps[(i * 7919) % len(jumps)]
        readings.append((at, (i * 31.7) % 5000.0, (i * 17.3) % 900.0))
    one = past.Past()
    for reading in readings:
        one = past.count(one, *reading)
    assert past.count_all(past.count_all(past.Past(), readings[:cut]), readings[cut:]) == one
    assert one.days > 0.0


def test_a_tape_of_which_nothing_is_known_is_played_to_its_end():
    unknown = Tape(name="made", start=MIDNIGHT, step_s=60.0, pv_w=[None] * 300, base_load_w=[1.0] * 300)
    assert sum(simulate.play(job(unknown)).loads[0].draw_w) == 0.0
