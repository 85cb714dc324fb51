from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.calm import Steps
from noonward.core.model import Grid, Mode, ReasonCode, Stage
from noonward.core.step import step
from noonward.core.timers import Timer, Windows
from noonward.lab import metering, simulate
from noonward.lab.scenario import MeterSpec, ResistorSpec, TankSpec
from noonward.lab.score import score
from noonward.policy import cron
from support.games import DEFAULT_METER, MIDNIGHT, game, job, load, quota, shipped, tape

HEATER = {"heater": quota(6, by=20)}
ANY = {"heater": ResistorSpec()}
CLOUDS = [w for i in range(200) for w in [(0, 2100, 3300, 700, 5200, 2600, 1200, 6000)[i * 7919 % 8]] * (1 + i % 5)]


def minutes(run, k=0):
    """Runs of a load, in minutes from midnight."""
    return [((span.start - MIDNIGHT) / 60, (span.stop - MIDNIGHT) / 60) for span in run.loads[k].spans]


def play(pv, base, *, loads=None, plants=None, **more):
    loads = loads or [load("heater", 2000.0)]
    return simulate.play(game(tape(pv, base), loads, plants or ANY, **more))


@pytest.mark.parametrize(
    ("pv", "runs"),
    [
        ([1999] * 60, []),
        ([0, 0] + [2000] * 58, [(4, float("inf"))]),  # from minute 2, seen at 3, on_delay until 4
        ([2000] * 60, [(1, float("inf"))]),  # at the start the first interval is seen at once
        ([2000] * 5 + [1000] * 55, [(1, float("inf"))]),  # half covered carries it
        ([2000] * 5 + [999] * 55, [(1, 16)]),  # short from 6 on, off_delay until 7, min_on until 16
        ([2000] * 30 + [999] * 30, [(1, 32)]),  # seen at 31, off_delay until 32
    ],
)
def test_the_engine_sees_the_interval_before_and_confirms_at_once(pv, runs):
    """Edge case 75: min-on counts from the confirmed start."""
    assert minutes(play(pv, [0.0] * 60)) == runs


def test_min_on_starts_in_the_instant_of_the_command():
    run = play([2000] * 5 + [0] * 55, [0.0] * 60, loads=[load("heater", 2000.0, min_on_s=130.0)])
    assert minutes(run) == [(1, 7)]
    run = play([2000] * 3 + [0] * 57, [0.0] * 60, loads=[load("heater", 2000.0, min_on_s=310.0, off_delay_s=0.0)])
    (start, stop) = minutes(run)[0]
    assert (stop - start) * 60 == 310.0  # between two boundaries of the tape


def test_power_between_boundaries_is_integrated_exactly():
    pv = [2000] * 3 + [0] * 57
    run = play(pv, [100.0] * 60, loads=[load("heater", 1800.0, min_on_s=310.0, off_delay_s=0.0)])
    result = score(run)
    (start, stop) = minutes(run)[0]
    assert result["controlled_kwh"] == pytest.approx(1.8 * (stop - start) / 60, abs=1e-3)
    assert list(run.split) == [6]
    assert [(round(dt), draws) for dt, draws in run.split[6]] == [(10, [1800.0]), (50, [0.0])]
    # 2 min with 2000 W of sun, then from the grid: 1900 W for 4 min and 10 s; before and after 100 W
    wanted = (100 * 57 * 60 + 1800 * (stop - 3) * 60) / 3.6e6
    assert result["import_kwh"] == pytest.approx(wanted, abs=1e-3)


def test_a_quota_that_is_met_draws_nothing_more_behind_a_closed_contact():
    """Edge case 44."""
    run = play([5000] * 300, [0.0] * 300, plants={"heater": quota(2, by=20)})
    result = score(run)["policies"]["heater"]
    assert result["energy_kwh"] == 2.0
    assert result["on_h"] == pytest.approx(299 / 60, abs=1e-3)


def test_what_overshoots_is_spread_over_the_step():
    run = simulate.play(
        game(tape([5000] * 8, [0] * 8, 900.0), [load("heater", 2000.0, on_delay_s=0.0)], {"heater": quota(1.25, by=20)})
    )
    assert run.loads[0].draw_w == [2000.0, 2000.0, 1000.0, 0, 0, 0, 0, 0]


def test_the_higher_policy_is_served_first_and_takes_from_the_lower():
    """Edge case 15."""
    loads = [load("heater", 2000.0, 30, min_on_s=120.0), load("pump", 3000.0, 20)]
    run = play(
        [2500] * 20 + [3500] * 40, [0.0] * 60, loads=loads, plants={"heater": ResistorSpec(), "pump": ResistorSpec()}
    )
    pump, heater = minutes(run, 0), minutes(run, 1)
    assert heater[0][0] == 1
    assert heater[0][1] == 22  # enough for the pump is seen at 21, its delay is over at 22
    assert pump[0][0] == 22  # the heater's contact is confirmed open in that instant
    assert len(pump) == len(heater) == 1


@pytest.mark.parametrize("gap", [1, 2, 5, 30])
def test_a_gap_on_the_tape_is_a_silent_meter(gap):
    """Edge case 5."""
    pv = [2500.0] * 30 + [None] * gap + [2500.0] * 30
    run = play(pv, [0.0] * len(pv))
    runs = minutes(run)
    # Minute 30 is the first unknown one and would have been reported at 31. The meter was last read 5 s before.
    silent_from = 31 * 60 - 5
    stale = (silent_from + 120) / 60
    assert runs[0] == ((1, stale) if gap > 1 else (1, float("inf")))
    if gap > 1:
        assert runs[1][0] >= 31 + gap + 1  # back, on_delay
    result = score(run)
    assert result["unknown_h"] == pytest.approx(gap / 60, abs=1e-3)
    assert result["pv_kwh"] == pytest.approx(2.5, abs=1e-3)  # the hour that is known
    known = [draw for draw, value in zip(run.loads[0].draw_w, pv, strict=True) if value is not None]
    assert result["controlled_kwh"] == pytest.approx(sum(known) / 60000, abs=1e-3)


def test_a_held_meter_starts_nothing():
    pv = [0.0] * 10 + [2500.0, None] + [2500.0] * 20
    # The surplus of minute 10 is seen at 11, minute 11 never: at 12:30 on_delay is over, but the reading is held.
    slow = [load("heater", 2000.0, on_delay_s=90.0)]
    assert minutes(play(pv, [0.0] * len(pv), loads=slow)) == [(13, float("inf"))]
    pv[11] = 2500.0
    assert minutes(play(pv, [0.0] * len(pv), loads=slow)) == [(12.5, float("inf"))]


def test_before_the_first_reading_nothing_is_known():
    pv = [None] * 10 + [2500.0] * 20
    assert minutes(play(pv, [0.0] * 30))[0][0] == 12  # minute 10 is seen at 11


def test_timers_open_between_boundaries():
    windows = Windows((Timer("noon", cron.parse("7 0 * * *"), None, 330.0, 1),), "UTC")
    one = load("heater", 2000.0, min_on_s=0.0, mode=Mode.TIMER, windows=windows)
    run = simulate.play(game(tape([0] * 4, [0] * 4, 900.0), [one], ANY))
    assert minutes(run) == [(7, 12.5)]
    assert run.loads[0].draw_w[0] == pytest.approx(2000 * 330 / 900)
    assert run.loads[0].spans[0].why == "timer"


def test_stages_follow_the_surplus_one_relay_at_a_time():
    """Edge case 26."""
    stages = (
        Stage(power_w=3000.0, relays=frozenset({"board/a"})),
        Stage(power_w=6000.0, relays=frozenset({"board/a", "board/b"})),
    )
    one = load(
        "heater",
        6000.0,
        stages=stages,
        relays=("board/a", "board/b"),
        on_above_w=(3000.0, 6000.0),
        off_below_w=(1500.0, 4500.0),
    )
    run = play([0] * 3 + [3500] * 20 + [6500] * 20 + [3500] * 20, [0.0] * 63, loads=[one])
    levels = [draw for i, draw in enumerate(run.loads[0].draw_w) if not i or draw != run.loads[0].draw_w[i - 1]]
    assert levels == [0.0, 3000.0, 6000.0, 3000.0]
    assert len(run.loads[0].spans) == 1


def test_an_sg_ready_pump_is_offered_and_let_go():
    pump = load("pump", 2000.0, sg_ready=True, min_on_s=600.0, min_off_s=600.0)
    run = play([0] * 5 + [2500] * 60 + [0] * 60, [0.0] * 125, loads=[pump], plants={"pump": ResistorSpec()})
    assert len(minutes(run)) == 1
    assert score(run)["violations"]["min_on"] == 0


def test_dimming_comes_from_the_tape():
    recording = tape([5000] * 60, [0.0] * 60, dimmed=(False,) * 30 + (True,) * 30)
    run = simulate.play(game(recording, [load("heater", 2000.0, min_on_s=3600.0)], ANY))
    assert minutes(run) == [(1, 30)]
    assert score(run)["violations"]["min_on"] == 0  # the envelope may end it early


def put_in_place_of_the_engine(monkeypatch, decide):
    """Let ``decide(site, state, observation, now)`` stand where the lab asks the engine."""

    class Decided(Steps):
        def __call__(self, state, observation, now):
            return decide(self.site, state, observation, now)

    monkeypatch.setattr(simulate, "Steps", Decided)


def test_a_run_cut_short_without_a_reason_is_a_violation(monkeypatch):
    def hasty(site, *seen):
        hurried = tuple(replace(a, min_on_s=0.0) for a in site.appliances)
        return step(replace(site, appliances=hurried), *seen)

    put_in_place_of_the_engine(monkeypatch, hasty)
    assert score(play([2000] * 5 + [0] * 55, [0.0] * 60))["violations"]["min_on"] == 1


def test_a_fuse_that_is_passed_by_what_was_seen_is_a_violation(monkeypatch):
    """Edge case 20."""
    grid = Grid(phases=1, fuse_a=16.0)
    pv, base = [2500] * 10 + [0] * 50, [0] * 10 + [2500] * 50
    loads = [load("heater", 2000.0, min_on_s=3600.0)]
    run = play(pv, base, loads=loads, grid=grid)
    assert minutes(run) == [(1, 11)]  # 4500 W are more than 16 A: shed once it is seen, min-on or not
    assert score(run)["violations"] == {"min_on": 0, "below_minimum": 0, "zone_max": 0, "fuse": 0}
    careless = replace(grid, fuse_a=None)
    put_in_place_of_the_engine(monkeypatch, lambda site, *seen: step(replace(site, grid=careless), *seen))
    assert score(play(pv, base, loads=loads, grid=grid))["violations"]["fuse"] > 40


def test_three_phases_are_measured_where_a_fuse_is_declared():
    grid = Grid(phases=3, fuse_a=16.0)
    heavy = [load("heater", 3000.0, phases=(1,), min_on_s=3600.0)]
    assert minutes(play([9000] * 30, [0] * 30, loads=heavy, grid=grid))  # 3 kW on L1, 3 kW of sun on each
    pushed = play([9000] * 10 + [0] * 20, [0] * 10 + [3000] * 20, loads=heavy, grid=grid)
    assert minutes(pushed) == [(1, 11)]  # (1000 + 3000) W on L1 are 17.4 A


@pytest.mark.parametrize(
    ("meter", "start"),
    [
        (DEFAULT_METER, 4.0),  # surplus from minute 2, seen at 3, on_delay 60 s
        (MeterSpec(lag_s=0.0), 3.0),
        (MeterSpec(lag_s=10.0), 3 + 10 / 60),
        (MeterSpec(lag_s=10.0, every_s=15.0), 3 + 10 / 60),
        (MeterSpec(lag_s=70.0), 4 + 10 / 60),
        (MeterSpec(every_s=25.0), 4 + 5 / 60),  # samples at 125 s, shown 60 s later
    ],
)
def test_lag_and_period_of_the_meter(meter, start):
    """Edge case 9."""
    assert minutes(play([0, 0] + [2500] * 28, [0.0] * 30, meter=meter))[0][0] == pytest.approx(start)


@pytest.mark.parametrize("meter", [MeterSpec(lag_s=0.0), MeterSpec(lag_s=10.0, every_s=10.0), DEFAULT_METER])
def test_what_the_first_load_draws_is_gone_for_the_second(meter):
    """Edge case 2."""
    loads = [load("heater", 2000.0, 10), load("pump", 2000.0, 20)]
    run = play(
        [2500.0] * 30, [0.0] * 30, loads=loads, plants=dict.fromkeys(("heater", "pump"), ResistorSpec()), meter=meter
    )
    assert [len(one.spans) for one in run.loads] == [1, 0]


def test_a_sampled_meter_is_silent_where_the_tape_is():
    pv = [2500.0] * 20 + [None] * 10 + [2500.0] * 20
    run = play(pv, [0.0] * 50, meter=MeterSpec(lag_s=10.0, every_s=10.0))
    assert minutes(run)[0][1] == pytest.approx(20 + 120 / 60, abs=0.2)  # last answer at 20:00, stale two minutes later


def test_noise_is_repeatable_and_seen():
    noisy = MeterSpec(noise_w=300.0)
    pv = [2000] * 600
    assert minutes(play(pv, [0.0] * 600, meter=noisy)) == minutes(play(pv, [0.0] * 600, meter=noisy))
    assert minutes(play(pv, [0.0] * 600, meter=noisy)) != minutes(play(pv, [0.0] * 600))
    sampled = MeterSpec(lag_s=0.0, every_s=30.0, noise_w=300.0)
    assert minutes(play(pv, [0.0] * 600, meter=sampled)) != minutes(play(pv, [0.0] * 600))


def test_a_tank_follows_its_thermostat_under_every_controller():
    plants = {"heater": TankSpec(volume_l=100.0, target_c=60.0)}
    result = score(play([3000] * 2880, [0.0] * 2880, plants=plants))
    losses = result["policies"]["heater"]["energy_kwh"]
    assert 1.0 < losses < 5.0  # two days of standing losses
    assert result["captured"] is None


def test_policies_cannot_be_told_from_what_is_ignored():
    loads = [load("heater", 2000.0), load("other", 1000.0)]
    with_other = score(play([2500] * 60, [0.0] * 60, loads=loads))
    assert with_other["ignored"] == 1
    assert with_other["policies"] == score(play([2500] * 60, [0.0] * 60))["policies"]


STRETCH = st.tuples(
    st.integers(1, 30),
    st.sampled_from([0.0, 1000.0, 2000.0, 3000.0, 5000.0, 7000.0, None]),
    st.sampled_from([0.0, 500.0, 2500.0]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STRETCH, min_size=10, max_size=30), st.sampled_from([60.0, 300.0]))
def test_energy_balances_and_min_on_is_kept_on_any_tape(stretches, step_s):
    pv = [power for count, power, _ in stretches for _ in range(count)]
    base = [power for count, _, power in stretches for _ in range(count)]
    run = simulate.play(job(tape(pv, base, step_s, MIDNIGHT + 3600 * 7)))
    result = score(run)
    assert result["import_kwh"] - result["export_kwh"] == pytest.approx(
        result["base_load_kwh"] + result["controlled_kwh"] - result["pv_kwh"], abs=0.005
    )
    assert result["violations"] == {"min_on": 0, "below_minimum": 0, "zone_max": 0, "fuse": 0}
    for one in run.loads:
        assert all(span.stop - span.start >= one.policy.min_on_s - 1e-6 for span in one.spans)


def test_the_shipped_june_switches_and_serves():
    result = score(simulate.play(job(shipped(29))))
    assert result["violations"]["min_on"] == 0
    assert all(own["starts"] > 20 for own in result["policies"].values())
    assert result["solar_share"] > 0.8


@pytest.mark.parametrize("step_s", [60.0, 300.0, 900.0])
def test_leaving_out_meters_of_loads_long_off_changes_nothing(monkeypatch, step_s):
    recording = shipped(10) if step_s == 900.0 else tape(CLOUDS, [150.0] * len(CLOUDS), step_s, MIDNIGHT + 3600 * 6)
    wanted = simulate.play(job(recording))
    built = metering.Means.__init__

    def all_metered(self, *args):
        built(self, *args)
        self._metered = dict.fromkeys(range(2), float("inf"))

    monkeypatch.setattr(metering.Means, "__init__", all_metered)
    monkeypatch.setattr(metering.Means, "switched", lambda *_: None)
    everything = simulate.play(job(recording))
    assert [one.spans for one in everything.loads] == [one.spans for one in wanted.loads]
    assert sum(len(one.spans) for one in wanted.loads) > 5


@pytest.mark.parametrize("step_s", [60.0, 300.0, 900.0])
def test_leaving_out_looks_at_a_living_meter_changes_nothing(monkeypatch, step_s):
    """The engine stepped four times as often sees the same and does the same."""
    recording = tape(CLOUDS, [150.0] * len(CLOUDS), step_s, MIDNIGHT + 3600 * 6)
    wanted = simulate.play(job(recording))
    monkeypatch.setattr(simulate, "sites", lambda g, honest=simulate.sites: (honest(g)[1],) * 2)
    steps = []
    put_in_place_of_the_engine(monkeypatch, lambda *seen: steps.append(seen[3]) or step(*seen))
    eager = simulate.play(job(recording))
    assert len(steps) > 1.5 * len(CLOUDS)
    assert [one.spans for one in eager.loads] == [one.spans for one in wanted.loads]
    assert sum(len(one.spans) for one in wanted.loads) > 5


def test_a_bug_that_never_settles_is_not_hidden(monkeypatch):
    put_in_place_of_the_engine(monkeypatch, lambda *seen: replace(step(*seen), wake_at=seen[3]))
    with pytest.raises(AssertionError, match="which is not after"):
        play([0] * 3, [0] * 3)


def test_progress_is_told_now_and_then():
    told = []
    simulate.play(game(tape([0] * 5000, [0] * 5000), [load("heater", 2000.0)], HEATER), told.append)
    assert told == sorted(told)
    assert 2 <= len(told) <= 3
    assert told[0] >= 2048
    assert told[-1] <= 5000


def test_reasons_that_may_end_a_run_early_are_the_documented_ones():
    assert ReasonCode.METER_STALE not in simulate.MAY_END_MIN_ON
    assert ReasonCode.PREEMPTED not in simulate.MAY_END_MIN_ON
