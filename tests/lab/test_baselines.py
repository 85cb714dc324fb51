import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.errors import UsageError
from noonward.lab import baselines
from noonward.lab.game import new_game
from noonward.lab.scenario import Scenario
from noonward.lab.score import score
from support import independent
from support.games import MIDNIGHT, game, garage, job, load, quota, shipped, stay, tape, with_cars, zone

RULES = ("uncontrolled", "threshold", "delays")


def ours(recording, rule, heater_first=True, kwh=6, stays=(), car_first=True):
    played = job(recording, heater_first, kwh=kwh)
    if stays:
        played = with_cars(played, zone(priority=0 if car_first else 50), stays)
    return score(baselines.play(rule, played))


def theirs(recording, rule, heater_first=True, kwh=6, stays=(), car_first=True):
    n, step_s, first_s = len(recording), recording.step_s, recording.start % 86400
    heater = {"name": "heater", "power_w": 2000.0, "min_w": 2000.0, "car": False}
    pump = {"name": "heat-pump", "power_w": 3000.0, "min_w": 3000.0, "car": False}
    heater["jobs"] = independent.days(n, step_s, first_s, kwh * 1000.0, 20 * 3600, 5 * 3600)
    pump["jobs"] = independent.days(n, step_s, first_s, kwh * 1000.0, 22 * 3600, 6 * 3600)
    loads = [heater, pump] if heater_first else [pump, heater]
    if stays:
        car = {"name": "garage", "power_w": 11_040.0, "min_w": 4140.0, "car": True, "jobs": []}
        for one in stays:  # on whole steps, one after the other, by the tests below
            lo, hi = (round((t - recording.start) / step_s) for t in (one.arrival, one.departure))
            wh = min(one.energy_wh, 0.98 * 11_040.0 * (hi - lo) * step_s / 3600)
            car["jobs"].append({"lo": lo, "hi": hi, "wh": wh, "by": hi, "from": lo})
        loads = [car, *loads] if car_first else [*loads, car]
    return independent.play(rule, recording.pv_w, recording.base_load_w, step_s, loads)


def compare(recording, rule, heater_first=True, within=0.01, kwh=6, stays=(), car_first=True):
    arguments = (recording, rule, heater_first, kwh, stays, car_first)
    got, wanted = ours(*arguments), theirs(*arguments)
    for key in ("import_kwh", "export_kwh", "controlled_kwh", "unmet_kwh"):
        assert got[key] == pytest.approx(wanted[key], rel=within, abs=0.002), key
    assert {name: own["starts"] for name, own in got["policies"].items()} == wanted["starts"]
    return got


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("heater_first", [True, False])
@pytest.mark.parametrize("pv_scale", [2.0, 0.8])
def test_an_independent_program_finds_the_same_on_the_shipped_tape(rule, heater_first, pv_scale):
    got = compare(shipped(29, pv_scale), rule, heater_first, within=0.001)
    assert got["controlled_kwh"] == 29 * 12
    assert got["violations"]["min_on"] == 0 or rule == "uncontrolled"


def a_month_of_cars(recording, every=1):
    """Somebody comes every evening, and stays over noon on some days; needs up to what can be had."""
    start = (recording.start - MIDNIGHT) / 60
    return [
        stay(
            start + day * 1440 + 1020,
            start + day * 1440 + 1020 + (900, 1320, 420)[day % 3],
            (3.3, 11.0, 40.0, 77.0)[day % 4],
        )
        for day in range(0, 28, every)
    ]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("car_first", [True, False])
@pytest.mark.parametrize("pv_scale", [4.0, 0.8])
def test_with_cars_an_independent_program_finds_the_same(rule, car_first, pv_scale):
    recording = shipped(29, pv_scale)
    got = compare(recording, rule, within=0.001, stays=a_month_of_cars(recording), car_first=car_first)
    assert got["policies"]["garage"]["stations"]["cp-01"]["sessions"] == 28
    assert got["controlled_kwh"] > 29 * 12 + 500
    assert not got["unmet_kwh"]


def test_the_controllers_differ_on_the_shipped_tape():
    imports = [ours(shipped(29), rule)["import_kwh"] for rule in RULES]
    assert imports[0] > imports[1] > imports[2]


POWER = st.sampled_from([0.0, 1999.0, 2000.0, 2999.0, 3000.0, 5000.0, 5001.0, 8000.0])
STRETCH = st.tuples(st.integers(1, 40), POWER, st.sampled_from([0.0, 1.0, 300.0, 1500.0]))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(STRETCH, min_size=20, max_size=60),
    st.sampled_from([60.0, 300.0, 900.0]),
    st.sampled_from(RULES),
    st.booleans(),
    st.sampled_from([0.3, 1, 6]),
)
def test_an_independent_program_finds_the_same_on_any_tape(stretches, step_s, rule, heater_first, kwh):
    pv = [power for count, power, _ in stretches for _ in range(count)]
    base = [power for count, _, power in stretches for _ in range(count)]
    compare(tape(pv, base, step_s, MIDNIGHT + 3600 * 7), rule, heater_first, kwh=kwh)


STAY = st.tuples(st.integers(0, 30), st.integers(1, 60), st.sampled_from([0.0, 0.5, 3.0, 40.0]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(STRETCH, min_size=10, max_size=40),
    st.lists(STAY, min_size=1, max_size=8),
    st.sampled_from([60.0, 300.0, 900.0]),
    st.sampled_from(RULES),
    st.booleans(),
)
def test_with_any_cars_an_independent_program_finds_the_same(stretches, comings, step_s, rule, car_first):
    pv = [power * 3 for count, power, _ in stretches for _ in range(count)]
    base = [power for count, _, power in stretches for _ in range(count)]
    recording = tape(pv, base, step_s, MIDNIGHT + 3600 * 7)
    stays, at = [], 0
    for gap, steps, kwh in comings:
        first, at = at + gap, at + gap + steps
        if at <= len(recording):
            stays.append(stay(420 + first * step_s / 60, 420 + at * step_s / 60, kwh))
    compare(recording, rule, kwh=0.3, stays=stays, car_first=car_first)


def car(rule, surplus, stays, step_s=60.0, **changes):
    """What each car draws by rule, in amperes on three phases; a long dark afternoon follows."""
    padded = [*surplus, *[0.0] * 400]
    run = baselines.play(rule, garage(tape(padded, [0.0] * len(padded), step_s), stays, **changes))
    return [[round(draw / 690, 3) for draw in one.draw_w[: len(surplus)]] for one in run.loads], run


def test_a_threshold_follows_the_surplus_in_whole_amperes():
    (amperes,), _ = car("threshold", [0, 4139, 4140, 4829, 4830, 20_000, 4000, 0, 0], [stay(0, 600, 20)])
    assert amperes == [0, 0, 0, 6, 6, 7, 16, 0, 0]


def test_delays_hold_a_car_at_its_minimum_until_they_are_over():
    (amperes,), _ = car("delays", [7000] * 5 + [3000] * 9, [stay(0, 600, 20)])
    assert amperes == [0, *[10] * 5, 6, 6, 6, 0, 0, 0, 0, 0]  # on at the second, off at the fourth; no min-on


@pytest.mark.parametrize("rule", ["threshold", "delays"])
def test_a_car_that_must_charges_at_its_maximum(rule):
    """From the latest step on that still meets its need, whatever the surplus would give it."""
    (amperes,), run = car(rule, [4900.0] * 8, [stay(0, 120, 11.04)], step_s=900.0)
    # 7 A give 1207.5 Wh a quarter; after six, 3795 Wh are missing, more than one quarter at 16 A gives
    assert amperes == [7, 7, 7, 7, 7, 7, 16, 6]
    assert run.loads[0].forced[:8] == [False] * 6 + [True] * 2
    assert run.loads[0].unmet_wh == pytest.approx(0.0, abs=1e-6)


def test_uncontrolled_cars_charge_on_arrival():
    (amperes,), run = car("uncontrolled", [0.0] * 60, [stay(10, 60, 1.84)])
    assert amperes == [0] * 10 + [16] * 10 + [0] * 40
    assert [(span.start - MIDNIGHT) / 60 for span in run.loads[0].spans] == [10]


def test_cars_of_one_zone_stand_in_line():
    """Each is a load of its own in the order of the file; the second gets what the first leaves."""
    both = [stay(0, 600, 20), stay(0, 600, 20, station="cp-02")]
    (first, second), run = car("delays", [12_000.0] * 20, both)
    assert (first[5], second[5]) == (16, 0)
    assert [one.name for one in run.loads] == ["cp-01", "cp-02"]
    (first, second), _ = car("delays", [16_000.0] * 20, both)
    assert (first[5], second[5]) == (16, 7)
    own = score(run)["policies"]["garage"]
    assert set(own["stations"]) == {"cp-01", "cp-02"}
    assert own["energy_kwh"] == pytest.approx(sum(one["energy_kwh"] for one in own["stations"].values()), abs=0.002)


def test_a_car_on_one_phase_takes_amperes_of_its_own():
    (amperes,), _ = car(
        "threshold", [1379.0, 1380.0, 4000.0, 0.0], [stay(0, 600, 20)], vehicles={"default": {"phases": 1}}
    )
    assert [round(a * 3) for a in amperes] == [0, 0, 6, 16]  # of 230 W; at most 16


def test_a_missing_observation_leaves_a_car_as_it_is():
    (amperes,), _ = car("threshold", [7000.0, 7000.0, None, None, 0.0, 0.0], [stay(0, 600, 20)])
    assert amperes == [10, 10, 10, 10, 10, 0]


def test_a_load_that_has_enough_reserves_nothing_though_it_is_held():
    """Within its 15 minutes a heater is met; what it no longer draws is the pump's at once."""
    sunny = tape([3500.0] * 30, [0.0] * 30)
    got = compare(sunny, "delays", heater_first=True, within=1e-6, kwh=0.1)
    assert got["policies"]["heat-pump"]["energy_kwh"] == 0.1
    first, second = (
        span.start for one in baselines.play("delays", job(sunny, kwh=0.1)).loads for span in one.spans[:1]
    )
    assert second - first == 240.0  # met after 3 minutes at 2 kW, and the second observation of that


def test_a_threshold_holds_quarter_of_an_hour_and_sees_the_interval_before():
    surplus = [0, 0, 2500] + [0] * 40
    run = baselines.play(
        "threshold", game(tape(surplus, [0] * 43), [load("heater", 2000.0, min_on_s=0)], {"heater": quota(6, by=20)})
    )
    (span,) = run.loads[0].spans
    assert (span.start - MIDNIGHT, span.stop - span.start) == (180.0, 900.0)


def test_delays_start_at_the_second_and_stop_at_the_fourth_observation():
    surplus = [0, 0, *[2500] * 30, *[1999] * 20]
    run = baselines.play(
        "delays", game(tape(surplus, [0] * 52), [load("heater", 2000.0, min_on_s=0)], {"heater": quota(6, by=20)})
    )
    (span,) = run.loads[0].spans
    assert span.start - MIDNIGHT == 60.0 * 4  # surplus from minute 2 on, seen at 3 and 4
    assert span.stop - MIDNIGHT == 60.0 * (32 + 4)  # short from 32 on, seen at 33, 34, 35, 36


def test_a_need_is_forced_at_the_last_step_that_meets_it():
    night = tape([0] * 96, [100] * 96, 900.0)
    for rule in ("threshold", "delays"):
        result = score(baselines.play(rule, job(night)))
        assert (result["controlled_kwh"], result["unmet_kwh"], result["forced_kwh"]) == (12.0, 0.0, 12.0)
        assert {n: p["on_h"] for n, p in result["policies"].items()} == {"heater": 3.0, "heat-pump": 2.0}


def test_what_cannot_be_met_is_unmet_once():
    late = tape([0] * 12, [0] * 12, 900.0, MIDNIGHT + 19 * 3600)  # 19:00 to 22:00
    result = score(baselines.play("threshold", job(late)))
    assert result["policies"]["heater"]["unmet_kwh"] == 4.0  # one hour at 2 kW before 20:00
    assert result["policies"]["heat-pump"]["unmet_kwh"] == 0.0


def test_a_missing_observation_starts_and_stops_nothing():
    """Edge case 5."""
    sunny = [3000.0] * 30 + [None] * 30 + [0.0] * 30
    known = [100.0] * 90
    one = {"heater": quota(6, by=20)}
    run = baselines.play("threshold", game(tape(sunny, known), [load("heater", 2000.0)], one))
    (span,) = run.loads[0].spans
    assert (span.start - MIDNIGHT, span.stop - MIDNIGHT) == (0.0, 61 * 60.0)
    run = baselines.play("threshold", game(tape([0.0] * 10 + [None] * 30, [0.0] * 40), [load("heater", 2000.0)], one))
    assert not run.loads[0].spans


def test_uncontrolled_needs_plants_that_say_what_they_do():
    alone = new_game(job(shipped(1)).site, Scenario(tape=None, plants=None), shipped(1))
    with pytest.raises(UsageError, match="a tape alone does not know it"):
        baselines.play("uncontrolled", alone)
    assert baselines.play("threshold", alone).loads[0].spans
