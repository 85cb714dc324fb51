"""Stations in the closed loop: what the engine sees of them, how they obey, and what is counted."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.model import (
    NO_INPUTS,
    Decision,
    Grid,
    LimitSeen,
    Mode,
    Outcome,
    ReasonCode,
    Requirement,
    SetLimit,
    StationDecision,
    StationInfo,
    Status,
)
from noonward.lab import simulate
from noonward.lab.scenario import MeterSpec
from noonward.lab.score import score
from support.games import MIDNIGHT, garage, job, shipped, stay, tape, with_cars, zone

SUN = [0.0] * 5 + [9000.0] * 55
DARK = [0.0] * 60


def play(pv, stays, **more):
    return simulate.play(garage(tape(pv, [0.0] * len(pv), more.pop("step_s", 60.0)), stays, **more))


def amperes(run, k=0):
    return [round(draw / 690, 2) for draw in run.loads[k].draw_w]


@pytest.fixture
def script(monkeypatch):
    """Replace the engine by one that commands what a test says, and remember what it was shown."""
    seen, inputs = [], []
    told = {}
    state = "charging"

    def step(steps, memory, observation, now):
        minute = (now - MIDNIGHT) / 60
        seen.append((minute, observation.stations))
        inputs.append((minute, observation.inputs))
        commands, decisions = (), ()
        for (at, station), (limit_a, said, why) in told.items():
            seen_limit = observation.stations[station].accepted
            if at == minute and (seen_limit is None or seen_limit.at != now):
                commands += (SetLimit(station=station, limit_a=limit_a, at=now, safe_a=6.0, window_s=600.0),)
                one = StationDecision(station, said, limit_a, None, why)
                decisions += (Decision("garage", "solar", 0.0, why, stations=(one,)),)
        return Outcome(state=memory, commands=commands, decisions=decisions, wake_at=None)

    monkeypatch.setattr(simulate.Steps, "__call__", step)

    def at(minute, limit_a, state=state, why=ReasonCode.SURPLUS, station="cp-01"):
        told[minute, station] = (limit_a, state, why)

    at.seen, at.inputs = seen, inputs
    return at


def test_limits_are_obeyed_and_confirmed_in_the_same_instant(script):
    script(2, 10.0)
    script(5, 0.0)
    run = play(DARK, [stay(1, 50, 5)])
    assert amperes(run)[:7] == [0, 6, 10, 10, 10, 0, 0]  # the safe current until it is told more
    shown = [(minute, stations["cp-01"]) for minute, stations in script.seen]
    assert [one.plugged for minute, one in shown if minute in {0, 1, 50}] == [False, True, False]
    two = [one for minute, one in shown if minute == 2]
    assert [one.accepted for one in two] == [None, LimitSeen(current_a=10.0, at=MIDNIGHT + 120)]
    assert {one.plugged_at for minute, one in shown if 1 <= minute < 50} == {MIDNIGHT + 60}


def test_a_sample_shows_the_interval_that_ended(script):
    script(2, 10.0)
    play(DARK, [stay(1, 50, 5, user="anna")])
    samples = {minute: stations["cp-01"].sample for minute, stations in script.seen if minute >= 1}
    assert [(minute, one.power_w) for minute, one in samples.items() if minute <= 4] == [
        (1, 0.0), (2, 4140.0), (3, 6900.0), (4, 6900.0),
    ]  # fmt: skip
    assert {round((one.at - MIDNIGHT) / 60 - minute, 6) for minute, one in samples.items() if minute <= 50} == {0.0}
    assert samples[4].current_a == {"L1": 10.0, "L2": 10.0, "L3": 10.0}
    assert samples[4].energy_wh == pytest.approx((4140 + 2 * 6900) / 60)
    assert samples[50].power_w == 0.0
    assert samples[59] is samples[50]  # an empty station has nothing to say
    assert {stations["cp-01"].id_tag for minute, stations in script.seen if 1 <= minute < 50} == {"ANNA"}


def test_a_paused_station_goes_quiet_once_it_has_said_that_nothing_is_drawn(script):
    """Nights are long, and a step that sees nothing new costs nothing."""
    for minute, limit_a in ((2, 10.0), (5, 0.0), (20, 6.0)):
        script(minute, limit_a)
    play(DARK, [stay(1, 50, 50)])
    samples = {minute: stations["cp-01"].sample for minute, stations in script.seen if 1 <= minute < 30}
    assert [samples[minute].power_w for minute in (4, 5, 6)] == [6900.0, 6900.0, 0.0]
    assert samples[6].at == MIDNIGHT + 360
    assert all(samples[minute] is samples[6] for minute in range(7, 21))
    assert samples[21].power_w == 4140.0


def test_what_a_station_says_of_itself(script):
    script(2, 10.0)
    script(10, 0.0)
    play(DARK, [stay(1, 50, 0.5)])
    said = {minute: stations["cp-01"].status for minute, stations in script.seen}
    assert [said[minute] for minute in (0, 1, 3, 8, 11, 50)] == [
        Status.AVAILABLE, Status.PREPARING, Status.CHARGING, Status.SUSPENDED_EV, Status.SUSPENDED_EVSE,
        Status.AVAILABLE,
    ]  # fmt: skip


def test_runs_are_those_of_the_vehicle(script):
    """A run begins when it draws, and ends when it has enough, is told to, or leaves."""
    for minute, limit_a in ((2, 10.0), (5, 0.0), (8, 16.0)):
        script(minute, limit_a)
    run = play(DARK, [stay(1, 20, 1), stay(30, 50, 50)])
    minutes = [((span.start - MIDNIGHT) / 60, (span.stop - MIDNIGHT) / 60) for span in run.loads[0].spans]
    assert minutes == [(1, 5), (8, 12), (30, 50)]
    assert score(run)["policies"]["garage"]["stations"]["cp-01"] == {
        "energy_kwh": pytest.approx(1 + 20 * 4.14 / 60),
        "unmet_kwh": pytest.approx(0.98 * 11.04 / 3 - 20 * 4.14 / 60, abs=1e-3),
        "sessions": 2,
        "starts": 3,
        "driver_said_kwh": None,
    }


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ([(2, 6.0)], {}),
        ([(2, 5.0)], {"below_minimum": 1, "min_on": 1}),  # and it stops the vehicle
        ([(2, 7.9)], {"below_minimum": 1}),  # the zone's is 8 A
        ([(2, 10.0), (9, 0.0)], {"min_on": 1}),
        ([(2, 10.0), (21, 0.0)], {}),
        ([(2, 10.0), (9, 6.0)], {"below_minimum": 1}),
        ([(2, 32.0)], {"zone_max": 57}),  # until it has nearly enough
        ([(2, 0.0)], {"min_on": 1}),  # it had begun at the safe current
    ],
)
def test_what_breaks_a_law_is_counted(script, told, counted):
    for minute, limit_a in told:
        script(minute, limit_a)
    garage_of = {"min_current_a": 6.0 if (2, 6.0) in told or (2, 5.0) in told else 8.0, "max_power_w": 9000.0}
    run = play(DARK, [stay(1, 60, 50)], **garage_of)
    found = {name: count for name, count in score(run)["violations"].items() if count}
    assert found == counted


@pytest.mark.parametrize(
    ("why", "state", "counted"),
    [
        (ReasonCode.TOO_LITTLE_SURPLUS, "charging", 1),
        (ReasonCode.FUSE, "charging", 0),
        (ReasonCode.ALWAYS_OFF, "charging", 0),
        (ReasonCode.TOO_LITTLE_SURPLUS, "detecting", 0),
        (ReasonCode.TOO_LITTLE_SURPLUS, "waking", 0),
    ],
)
def test_min_on_is_broken_by_what_may_not(script, why, state, counted):
    script(2, 10.0, state)
    script(9, 0.0, "paused", why)
    run = play(DARK, [stay(1, 60, 50)])
    assert run.loads[0].short_runs == counted


def test_a_vehicle_that_needs_more_than_the_zones_minimum_breaks_nothing(script):
    """Its run ends, but nobody paused it."""
    script(2, 10.0)
    script(9, 6.0)
    run = play(DARK, [stay(1, 60, 50, min_current_a=8.0)])
    assert [(span.start - MIDNIGHT, span.stop - MIDNIGHT) for span in run.loads[0].spans] == [(120, 540)]
    assert not any(score(run)["violations"].values())


def test_a_vehicle_that_has_enough_breaks_nothing(script):
    script(2, 16.0)
    script(8, 0.0, "satisfied", ReasonCode.SATISFIED)  # in the very moment in which it has
    run = play(DARK, [stay(1, 60, 1)])
    assert [(span.start - MIDNIGHT, span.stop - MIDNIGHT) for span in run.loads[0].spans] == [(60, 480)]
    assert run.loads[0].short_runs == 0


# --- with the engine itself ------------------------------------------------------------------------------------------


def test_the_engine_charges_on_the_sun_and_stops_without_it():
    """Edge case 12: a car is offered nothing, or at least its minimum."""
    run = play(SUN + [0.0] * 60, [stay(0, 119, 50)], min_on_s=600.0)
    drawn = amperes(run)
    assert not any(drawn[:6])
    assert set(drawn[15:60]) == {13.0}  # 9 kW are 13 A on three phases
    assert not any(drawn[64:])
    (span,) = run.loads[0].spans
    assert span.stop - span.start >= 600.0
    result = score(run)
    assert not any(result["violations"].values())
    assert result["unmet_kwh"] == pytest.approx(0.98 * 11.04 * 119 / 60 - result["controlled_kwh"], abs=2e-3)


def test_cars_and_relays_stand_in_one_ledger():
    """Edge case 15."""
    recording = shipped(5, 6.0)
    start = (recording.start - MIDNIGHT) / 60
    stays = [stay(start + day * 1440 + 480, start + day * 1440 + 1080, 70) for day in range(5)]
    first = simulate.play(with_cars(job(recording, kwh=20), zone(priority=0), stays))
    last = simulate.play(with_cars(job(recording, kwh=20), zone(priority=50), stays))
    shares = [score(run)["policies"] for run in (first, last)]
    assert shares[0]["garage"]["energy_kwh"] > shares[1]["garage"]["energy_kwh"]
    assert shares[0]["heater"]["energy_kwh"] < shares[1]["heater"]["energy_kwh"]
    for run in (first, last):
        result = score(run)
        assert not any(result["violations"].values())
        assert result["controlled_kwh"] == pytest.approx(
            sum(own["energy_kwh"] for own in result["policies"].values()), abs=0.003
        )
        assert result["import_kwh"] - result["export_kwh"] == pytest.approx(
            result["base_load_kwh"] + result["controlled_kwh"] - result["pv_kwh"], abs=0.003
        )


def test_several_cars_share_the_zones_maximum():
    stays = [stay(k, 115, 30, station=f"cp-{k}") for k in range(3)]
    run = play([0.0] * 120, stays, mode=Mode.ALWAYS_ON, max_power_w=11_040.0)
    assert run.zone_max == 0
    full = [sum(load.draw_w[i] for load in run.loads) for i in range(120)]
    assert max(full) == pytest.approx(11_040.0, abs=700.0)
    assert all(load.spans for load in run.loads)


def test_a_badge_that_always_charges_at_once():
    """A user of the sessions is the badge that the vehicle charges with."""
    run = play(DARK, [stay(5, 55, 50, user="anna"), stay(5, 55, 50, station="cp-02", user="ben")], always=("ANNA",))
    assert max(amperes(run)) == 16.0
    assert max(amperes(run, 1)) == 0.0


def test_a_car_on_one_phase_is_found_and_its_phase_is_guarded():
    """Edge case 31."""
    stays = [stay(5, 115, 50, phases=1)]
    run = play(
        [2600.0] * 120, stays, phases=None, step_s=60.0, info=StationInfo(lines=(2, 3, 1)), grid=Grid(fuse_a=25.0)
    )
    assert set(run.loads[0].draw_w[20:110]) == {11 * 230.0}  # 2600 W are 11 A on one phase
    assert score(run)["violations"] == {"min_on": 0, "below_minimum": 0, "zone_max": 0, "fuse": 0}


def test_the_fuse_holds_for_cars():
    pv = [0.0] * 120
    loaded = tape(pv, [3000.0] * 120)
    run = simulate.play(
        garage(
            loaded,
            [stay(2, 110, 50)],
            mode=Mode.ALWAYS_ON,
            grid=Grid(fuse_a=16.0),
            vehicles={"default": {"max_current_a": 32.0}},
        )
    )
    drawn = amperes(run)
    assert max(drawn) <= 16.0 - 3000 / 690 + 0.01
    assert max(drawn) >= 10.0
    assert run.fuse == 0


def test_ramps_and_delays_are_played():
    slow = play(SUN, [stay(0, 59, 50)], vehicles={"default": {"start_delay_s": 30.0, "ramp_s": 60.0}})
    quick = play(SUN, [stay(0, 59, 50)])
    first = next(i for i, a in enumerate(amperes(quick)) if a)
    assert amperes(quick)[first] == 6.0
    assert 0.0 < amperes(slow)[first] < 3.0
    assert 0.0 < score(slow)["controlled_kwh"] < score(quick)["controlled_kwh"]


def test_a_vehicle_that_slept_in_is_woken():
    """Edge case 32."""
    pv = [0.0] * 60 + [9000.0] * 60
    sleepy = {"default": {"sleeps_after_s": 1200.0}}
    run = play(pv, [stay(0, 119, 50)], vehicles=sleepy, meter=MeterSpec(lag_s=5.0, every_s=10.0))
    assert not any(amperes(run)[:62])
    assert amperes(run)[-5] == 13.0
    assert score(run)["violations"]["min_on"] == 0


@pytest.mark.parametrize("meter", [MeterSpec(lag_s=10.0, every_s=10.0), MeterSpec(lag_s=5.0)])
def test_meters_that_sample(meter):
    run = play(SUN, [stay(0, 59, 50)], meter=meter)
    assert max(amperes(run)) == 13.0
    assert not any(score(run)["violations"].values())


def test_a_gap_on_the_tape_stops_cars_too():
    """Edge case 5."""
    pv = [9000.0] * 40 + [None] * 30 + [9000.0] * 20
    run = play(pv, [stay(0, 89, 90)], min_on_s=0.0)
    drawn = amperes(run)
    assert drawn[38] == 13.0
    assert not any(drawn[45:69])
    assert drawn[88] > 6.0


def test_one_phase_sites():
    run = play(SUN, [stay(0, 59, 50)], grid=Grid(phases=1, fuse_a=63.0), phases=1, info=StationInfo(phases=1))
    assert max(run.loads[0].draw_w) == pytest.approx(16 * 230.0)
    assert run.fuse == 0


def test_a_zone_nobody_comes_to_changes_nothing():
    recording = shipped(2)
    alone = simulate.play(job(recording))
    beside = simulate.play(with_cars(job(recording), zone(priority=0), []))
    assert [load.draw_w for load in beside.loads if load.bay is None] == [load.draw_w for load in alone.loads]


def test_the_same_twice():
    recording = shipped(3, 4.0)
    start = (recording.start - MIDNIGHT) / 60
    played = with_cars(job(recording), zone(priority=0), [stay(start + 500, start + 1400, 9)])
    assert score(simulate.play(played)) == score(simulate.play(replace(played)))


POWER = st.sampled_from([0.0, 0.0, 1500.0, 4200.0, 6000.0, 9000.0, 15_000.0, 25_000.0])
SOME = st.lists(st.tuples(st.integers(1, 20), POWER, st.sampled_from([100.0, 300.0, 2500.0])), min_size=3, max_size=10)
COMES = st.tuples(
    st.integers(0, 90),
    st.integers(5, 120),
    st.sampled_from([0.0, 0.05, 3.0, 40.0]),
    st.integers(0, 2),
    st.integers(1, 3),
)


ROOM = [
    *((3, most_w, grid) for most_w in (3000.0, 11_040.0, 44_000.0) for grid in (Grid(), Grid(fuse_a=25.0))),
    (3, 44_000.0, Grid(import_cap_w=8000.0)),
    (None, 44_000.0, Grid()),  # room for everybody's test charge
]
"""Phases as declared, the zone's maximum, and the grid."""


@settings(max_examples=25, deadline=None)
@given(
    SOME,
    st.lists(COMES, min_size=1, max_size=6),
    st.sampled_from([60.0, 300.0]),
    st.sampled_from([Mode.AUTO_SOLAR, Mode.AUTO_SOLAR, Mode.ALWAYS_ON]),
    st.sampled_from(ROOM),
    st.sampled_from([{}, {"start_delay_s": 30.0, "ramp_s": 60.0}, {"sleeps_after_s": 1800.0}]),
)
def test_whatever_comes_no_law_is_broken_and_energy_adds_up(stretches, comings, step_s, mode, room, kind):
    phases, max_power_w, grid = room
    pv = [power for count, power, _ in stretches for _ in range(count)]
    base = [power for count, _, power in stretches for _ in range(count)]
    stays = [
        stay(first * step_s / 60, (first + long) * step_s / 60, kwh, station=f"cp-{k}", phases=lines)
        for first, long, kwh, k, lines in sorted(comings)
    ]
    played = garage(
        tape(pv, base, step_s), stays, mode=mode, phases=phases, max_power_w=max_power_w, grid=grid,
        vehicles={"default": kind},
    )  # fmt: skip
    run = simulate.play(played)
    result = score(run)
    assert not any(result["violations"].values()), result["violations"]
    assert result["import_kwh"] - result["export_kwh"] == pytest.approx(
        result["base_load_kwh"] + result["controlled_kwh"] - result["pv_kwh"], abs=0.005
    )
    needed = sum(visit.need_wh for load in run.loads for visit in load.bay.visits) / 1000
    assert result["controlled_kwh"] + result["unmet_kwh"] == pytest.approx(needed, abs=0.005)
    for load in run.loads:
        assert all(before.stop <= after.start for before, after in pairwise(load.spans))
        assert max(load.draw_w, default=0.0) <= 3 * 230 * 16 + 1e-6


USER = Requirement(from_user=True)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ({}, (3000.0, 50.0)),  # the truth
        ({"requested_wh": 5000.0}, (5000.0, 50.0)),
        ({"estimated_departure": MIDNIGHT + 80 * 60.0}, (3000.0, 80.0)),
        ({"requested_wh": 9e4, "estimated_departure": MIDNIGHT + 90.5}, (9e4, 90.5 / 60)),
        ({"requested_wh": 0.0}, None),
        ({"estimated_departure": MIDNIGHT + 60.0}, None),  # it comes then
    ],
)
def test_drivers_say_what_the_session_has_and_else_the_truth(script, said, heard):
    run = play(DARK, [stay(1, 50, 3, **said)], need=USER)
    told = {minute: inputs.get("garage", NO_INPUTS).needs for minute, inputs in script.inputs}
    assert told[0] == told[50] == told[59] == {}
    if heard is None:
        assert told[1] == {}
    else:
        assert (told[1]["cp-01"].energy_wh, (told[1]["cp-01"].departure - MIDNIGHT) / 60) == heard
        assert told[1]["cp-01"].at == pytest.approx(MIDNIGHT + 60)
    kwh = 0.0 if heard is None else heard[0] / 1000
    assert score(run)["policies"]["garage"]["stations"]["cp-01"]["driver_said_kwh"] == kwh


def test_who_comes_when_the_one_before_leaves_is_heard():
    """Two sessions that overlap in the recording: the later one starts when the earlier one leaves."""
    sixteen = StationInfo(max_a=16.0)
    run = play([0.0] * 240, [stay(1, 120, 2), stay(100, 239, 3)], need=USER, info=sixteen)
    assert run.loads[0].bay.missed_wh == [pytest.approx(0.0, abs=1.0)] * 2


def test_what_is_said_stays_the_same_object_while_nobody_comes_or_goes(script):
    play(DARK, [stay(1, 50, 3), stay(10, 20, 1, station="cp-02")], need=USER)
    changes = [minute for (_, a), (minute, b) in pairwise(script.inputs) if a is not b]
    assert changes == [1, 10, 20, 50]


def test_nobody_is_asked_in_a_zone_without_a_need_from_its_drivers(script):
    run = play(DARK, [stay(1, 50, 3, requested_wh=1.0)], need=Requirement(energy_wh=1000.0))
    assert all(inputs == {} for _, inputs in script.inputs)
    assert score(run)["policies"]["garage"]["stations"]["cp-01"]["driver_said_kwh"] is None
