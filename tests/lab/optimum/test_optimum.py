import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.model import Stage
from noonward.errors import UsageError
from noonward.lab import baselines, optimum, simulate
from noonward.lab.optimum.jobs import jobs_of
from noonward.lab.scenario import ResistorSpec
from noonward.lab.score import score
from noonward.plant.battery import BatteryKind
from support.foresight import Car, Relay, least_import
from support.games import MIDNIGHT, game, garage, job, load, quota, shipped, stay, tape, with_cars, zone

POWER = st.sampled_from([0.0, 1999.0, 2000.0, 3000.0, 5000.0, 8000.0, 12_000.0])
STRETCH = st.tuples(st.integers(1, 24), POWER, st.sampled_from([0.0, 300.0, 1500.0]))
STAY = st.tuples(st.integers(0, 30), st.integers(1, 60), st.sampled_from([0.5, 3.0, 40.0]))


def afresh(played):
    """Play the optimum without asking the cache."""
    todo = jobs_of(played)
    return optimum.play(played, todo, optimum.plan(played, todo))


def cost_kwh(run):
    found = score(run)
    return found["import_kwh"] + found["unmet_kwh"]


@settings(max_examples=20)
@given(
    st.lists(STRETCH, min_size=6, max_size=20),
    st.lists(STAY, max_size=5),
    st.sampled_from([60.0, 300.0, 900.0]),
    st.sampled_from([0.3, 1, 6]),
)
def test_nobody_imports_less(stretches, comings, step_s, kwh):
    pv = [power * 1.5 for count, power, _ in stretches for _ in range(count)]
    base = [power for count, _, power in stretches for _ in range(count)]
    recording = tape(pv, base, step_s, MIDNIGHT + 3600 * 17)
    played = job(recording, kwh=kwh)
    stays, at = [], 0
    for gap, steps, need in comings:
        first, at = at + gap, at + gap + steps
        if at <= len(recording):
            stays.append(stay(1020 + first * step_s / 60, 1020 + at * step_s / 60, need))
    if stays:
        played = with_cars(played, zone(), stays)
    run = afresh(played)
    best = cost_kwh(run)
    for name in ("uncontrolled", "threshold", "delays"):
        assert best <= cost_kwh(baselines.play(name, played)) + 0.002, name
    policies = simulate.play(played)
    assert best <= cost_kwh(policies) + 0.002
    assert obeys(run, played)


@pytest.mark.parametrize("pv_scale", [0.5, 2.0])
def test_stages_are_used(pv_scale):
    """A boiler with two stages; the policies use both, and what they can do the optimum can."""
    stages = tuple(Stage(power_w=3000.0 * k, relays=frozenset(f"board/b{i}" for i in range(k))) for k in (1, 2))
    boiler = {"stages": stages, "relays": ("board/b0", "board/b1"), "on_above_w": (3000.0, 6000.0)}
    boiler |= {"off_below_w": (1500.0, 4500.0)}
    played = game(shipped(8, pv_scale), [load("boiler", 6000.0, **boiler)], {"boiler": quota(8)})
    run = afresh(played)
    assert ({3000.0, 6000.0} if pv_scale > 1.0 else {3000.0}) <= set(run.loads[0].draw_w)
    assert cost_kwh(run) <= cost_kwh(simulate.play(played))
    assert run.loads[0].unmet_wh == pytest.approx(0.0, abs=1e-6)
    highest = replace(played.site.appliances[0], stages=stages[1:], on_above_w=(6000.0,), off_below_w=(4500.0,))
    alone = replace(played, site=replace(played.site, appliances=(highest,)))
    assert cost_kwh(run) < cost_kwh(afresh(alone))


def obeys(run, played):
    """Min-on, deadlines and limits hold, and nothing is drawn that nobody needs."""
    step_s = played.tape.step_s
    for one in run.loads:
        if one.bay is None:
            spans = [(span.start, min(span.stop, played.tape.end)) for span in one.spans]
            assert all(stop - start >= min(one.policy.min_on_s, played.tape.end - start) for start, stop in spans)
            assert all(a[1] < b[0] for a, b in pairwise(spans))
            assert set(one.draw_w) - {0.0, one.power_w} <= {draw for draw in one.draw_w if 0 < draw < one.power_w}
        else:
            for visit in one.bay.visits:
                lo, hi = (round((t - played.tape.start) / step_s) for t in (visit.start, visit.end))
                on = [draw for draw in one.draw_w[lo:hi] if draw > 1e-6]
                assert all(4140 - 1e-3 <= draw <= 11_040 + 1e-3 for draw in on[:-1])
                assert sum(on) * step_s / 3600 <= visit.need_wh + 1e-3
    return True


RELAYS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 3)), min_size=1, max_size=2)


@settings(max_examples=60)
@given(st.lists(st.integers(-9, 4), min_size=3, max_size=8), RELAYS, st.booleans())
def test_tiny_games_are_solved(net, relays, with_car):
    """Beside a program that tries everything; hours and kilowatts. Two relays and a car could still stay in a hollow."""
    n = len(net)
    start = MIDNIGHT + (24 - n) * 3600
    recording = tape([max(0, -w) * 1380.0 for w in net], [max(0, w) * 1380.0 for w in net], 3600.0, start)
    loads = [load(f"r{k}", power * 1380.0, k, min_on_s=hold * 3600.0) for k, (power, _, hold) in enumerate(relays)]
    plants = {f"r{k}": quota(need * 1.38) for k, (_, need, _) in enumerate(relays)}
    played = game(recording, loads, plants)
    car = None
    if with_car and len(relays) == 1:
        car = Car(5, 0, n, 3, 5)
        kind = {"phases": 1, "min_current_a": 18.0, "max_current_a": 30.0}
        played = with_cars(played, zone(), [stay((24 - n) * 60, 1440, 6.9)], vehicles={"default": kind})
    best = least_import(net, [Relay(power, need, n, hold) for power, need, hold in relays], car)
    assert score(afresh(played))["import_kwh"] == pytest.approx(best * 1.38, abs=0.002)


def test_a_zone_never_draws_more_than_its_maximum():
    sunny = tape([20_000.0] * 8 + [0.0] * 16, [0.0] * 24, 3600.0)
    both = [stay(0, 1440, 40), stay(0, 720, 40, station="cp-02")]
    run = afresh(garage(sunny, both, max_power_w=11_040.0))
    together = [sum(draws) for draws in zip(*(one.draw_w for one in run.loads), strict=True)]
    assert max(together) <= 11_040.0 + 1e-6
    assert sum(one.unmet_wh for one in run.loads) == pytest.approx(0.0, abs=1e-6)
    assert score(run)["import_kwh"] == 0.0
    assert score(run)["violations"]["zone_max"] == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 8), st.integers(1, 4)), min_size=2, max_size=6))
def test_who_shares_a_zone_gets_what_one_after_the_other_could(comings):
    """Each could charge alone at the zone's maximum in hours of its own, and is there for some hours more."""
    stays, free = [], 0
    for k, (gap, hours, more) in enumerate(comings):
        first, free = free + gap, free + gap + hours
        stays.append(stay(max(0, first - more) * 60, (free + more) * 60, 11.0 * hours * 0.98, station=f"cp-{k}"))
    n = free + 8
    run = afresh(garage(tape([4000.0, 9000.0] * n, [0.0] * (2 * n), 3600.0), stays, max_power_w=11_040.0))
    assert sum(one.unmet_wh for one in run.loads) == pytest.approx(0.0, abs=1e-3)


def test_what_cannot_be_met_is_drawn_as_far_as_it_can_be():
    late = tape([0] * 12, [0] * 12, 900.0, MIDNIGHT + 19 * 3600)  # 19:00 to 22:00
    result = score(afresh(job(late)))
    assert result["policies"]["heater"]["unmet_kwh"] == 4.0  # one hour at 2 kW before 20:00
    assert result["policies"]["heat-pump"]["unmet_kwh"] == 0.0


def test_a_deadline_at_the_end_of_the_tape_counts():
    late = tape([0] * 4, [0] * 4, 900.0, MIDNIGHT + 23 * 3600)
    result = score(afresh(game(late, [load("heater", 2000.0)], {"heater": quota(6)})))
    assert (result["unmet_kwh"], result["controlled_kwh"]) == (4.0, 2.0)


def test_a_deadline_behind_the_tape_asks_for_nothing():
    result = score(afresh(job(tape([0] * 12, [0] * 12, 3600.0))))
    assert result["controlled_kwh"] == 0.0


def test_what_nobody_knows_is_used_as_nobody_counts_it():
    gap = tape([0.0] * 12 + [None] * 3 + [0.0] * 9, [100.0] * 24, 3600.0)
    result = score(afresh(game(gap, [load("heater", 2000.0)], {"heater": quota(6, by=20)})))
    assert result["import_kwh"] == 2.1


def test_a_vehicle_is_taken_to_do_what_it_is_told():
    """Whatever slows it down makes the others worse, not what is possible."""
    slow = {"default": {"start_delay_s": 600.0, "ramp_s": 300.0, "sleeps_after_s": 60.0}}
    sunny = tape([5000.0] * 60, [0.0] * 60)
    for vehicles in ({}, slow):
        result = score(afresh(garage(sunny, [stay(0, 60, 4.0)], vehicles=vehicles)))
        assert (result["import_kwh"], result["unmet_kwh"], result["controlled_kwh"]) == (0.0, 0.0, 4.0)


@pytest.mark.parametrize(
    ("plants", "message"),
    [
        ({"heater": ResistorSpec()}, "heater has no need in the scenario that must be met by a deadline"),
        ({}, "nothing is played"),
    ],
)
def test_where_it_cannot_be_computed(plants, message):
    played = game(shipped(1), [load("heater", 2000.0)], plants)
    with pytest.raises(UsageError, match=message):
        optimum.optimum(played)
    with pytest.raises(UsageError, match=message):
        optimum.bound_kwh(played)


def test_beside_a_battery_it_cannot_be_computed():
    with pytest.raises(UsageError, match="a battery stores energy beside the loads"):
        optimum.optimum(
            replace(job(shipped(1)), battery=BatteryKind(capacity_wh=5000.0, charge_w=2000.0, discharge_w=2000.0))
        )


def test_who_does_not_ask_for_the_bound_needs_no_solver():
    """Nor a gateway numpy: a command that plays loads neither."""
    code = "import sys, noonward.cli.simulate, noonward.cli.compare; print({'numpy', 'highspy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_it_tells_how_far_it_has_come():
    told = []
    played = job(shipped(5))
    optimum.plan(played, jobs_of(played), told.append)
    assert told == sorted(told)
    assert told[-1] == len(played.tape)
