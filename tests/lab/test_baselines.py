import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.errors import UsageError
from noonward.lab import baselines
from noonward.lab.game import new_game
from noonward.lab.scenario import Scenario
from noonward.lab.score import score
from support import independent
from support.games import MIDNIGHT, game, job, load, quota, shipped, tape

RULES = ("uncontrolled", "threshold", "delays")


def ours(recording, rule, heater_first=True, kwh=6):
    return score(baselines.play(rule, job(recording, heater_first, kwh=kwh)))


def theirs(recording, rule, heater_first=True, kwh=6):
    n, step_s, first_s = len(recording), recording.step_s, recording.start % 86400
    heater = {"name": "heater", "power_w": 2000.0, "min_w": 2000.0, "car": False}
    pump = {"name": "heat-pump", "power_w": 3000.0, "min_w": 3000.0, "car": False}
    heater["jobs"] = independent.days(n, step_s, first_s, kwh * 1000.0, 20 * 3600, 5 * 3600)
    pump["jobs"] = independent.days(n, step_s, first_s, kwh * 1000.0, 22 * 3600, 6 * 3600)
    loads = [heater, pump] if heater_first else [pump, heater]
    return independent.play(rule, recording.pv_w, recording.base_load_w, step_s, loads)


def compare(recording, rule, heater_first=True, within=0.01, kwh=6):
    got, wanted = ours(recording, rule, heater_first, kwh), theirs(recording, rule, heater_first, kwh)
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
