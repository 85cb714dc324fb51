from dataclasses import replace

import pytest

from noonward.core.detect import begin
from noonward.core.model import (
    ChargeNow,
    Inputs,
    MachineState,
    Mode,
    Need,
    Override,
    ReasonCode,
    Session,
    Stage,
    StationState,
    ZoneState,
)
from noonward.core.modulate import Coverage
from noonward.core.timers import Cron, Timer, Windows
from noonward.policy.outlook import changes, condition, mode_in_force, stage_of, zone_changes, zone_condition
from support.fakeengine import NOON, appliance, garage

ON = MachineState(state="on", changed_at=NOON - 60, on_since=NOON - 60, cause=ReasonCode.SURPLUS)
OFF = MachineState()
EVERY_DAY = (tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)))


def evening():
    start, stop = (Cron((0,), (hour,), *EVERY_DAY, hour_star=False, dom_star=True, dow_star=True) for hour in (18, 20))
    return Windows([Timer("evening", start, stop, None, 1)], "Europe/Zurich")


def soon(one, machine, inputs=None, now=NOON, code=None):
    return [(change.at - NOON, change.what) for change in changes(one, machine, inputs or Inputs(), now, code)]


@pytest.mark.parametrize(
    ("machine", "code", "expected"),
    [
        (OFF, None, []),
        (ON, ReasonCode.SURPLUS, []),
        (ON, ReasonCode.MIN_ON, [(840, "its minimum on-time is over")]),
        (MachineState(off_since=NOON), ReasonCode.MIN_OFF, [(300, "its minimum off-time is over")]),
        (MachineState(off_since=NOON), None, []),
        (MachineState(enough_since=NOON - 20), None, [(40, "it starts if the surplus lasts")]),
        (MachineState(rest_until=NOON + 9), None, [(9, "power is offered again")]),
        (
            MachineState(state="on", cause=ReasonCode.SURPLUS, on_since=NOON - 60, short_since=NOON - 20),
            None,
            [(840, "it stops if the surplus stays short")],  # not before min-on is over
        ),
        (
            MachineState(state="on", cause=ReasonCode.SURPLUS, on_since=NOON - 6000, short_since=NOON - 20),
            None,
            [(40, "it stops if the surplus stays short")],
        ),
        (MachineState(state="on", cause=ReasonCode.TIMER, on_since=NOON - 6000, short_since=NOON - 20), None, []),
        (MachineState(state="on", short_since=NOON - 200), None, []),
    ],
)
def test_what_time_alone_brings(machine, code, expected):
    assert soon(appliance(min_off_s=300.0), machine, code=code) == expected


def test_windows_count_in_timer_modes_only():
    opens = [(6 * 3600, "its window “evening” opens")]
    assert soon(appliance(mode=Mode.AUTO_TIMER, windows=evening()), OFF) == opens
    assert soon(appliance(mode=Mode.TIMER, windows=evening()), OFF, now=NOON + 7 * 3600) == [
        (8 * 3600, "its window “evening” closes")
    ]
    assert soon(appliance(mode=Mode.AUTO_SOLAR, windows=evening()), OFF) == []
    assert soon(appliance(mode=Mode.TIMER), OFF) == []


def test_wishes_end():
    inputs = Inputs(boost_until=NOON + 60, override=Override(mode=Mode.TIMER, until=NOON + 30))
    expected = [
        (30, "its override ends"),
        (60, "its boost ends"),
        (6 * 3600, "its window “evening” opens"),
    ]
    assert soon(appliance(windows=evening()), OFF, inputs) == expected


@pytest.mark.parametrize(
    ("mode", "machine", "words"),
    [
        (Mode.AUTO_SOLAR, OFF, "Starts once 3 kW has been left for 60 s."),
        (Mode.AUTO_SOLAR, ON, "Stops once less than 1.5 kW has been left for 60 s."),
        (Mode.AUTO_TIMER, replace(ON, cause=ReasonCode.TIMER), ""),  # hysteresis belongs to a run that surplus started
        (Mode.TIMER, OFF, ""),
        (Mode.MANUAL, OFF, "Follows its switch: “noonward switch boiler on” or “off”."),
        (Mode.ALWAYS_ON, ON, "Changes only with its mode."),
        (Mode.ALWAYS_OFF, OFF, "Changes only with its mode."),
    ],
)
def test_condition(mode, machine, words):
    assert condition(appliance(mode=mode), machine, Inputs(), NOON) == words


def two_stages(**more):
    return replace(
        appliance(**more),
        stages=(Stage(power_w=3000.0, relays=frozenset({"a"})), Stage(power_w=6000.0, relays=frozenset({"a", "b"}))),
        relays=("a", "b"),
        on_above_w=(3000.0, 6000.0),
        off_below_w=(1500.0, 4500.0),
    )


def test_stages_go_up_and_down():
    middle, top = replace(ON, state="stage-1"), replace(ON, state="stage-2")
    assert condition(two_stages(), middle, Inputs(), NOON) == (
        "Stops once less than 1.5 kW has been left for 60 s. Goes one stage up once 6 kW has been left for 60 s."
    )
    assert condition(two_stages(), top, Inputs(), NOON) == (
        "Goes one stage down once less than 4.5 kW has been left for 60 s."
    )


@pytest.mark.parametrize(
    ("one", "state", "stage"),
    [
        (appliance(), "off", 0),
        (appliance(), "on", 1),
        (appliance(), "stage-2", 0),  # before a reload it had stages
        (appliance(sg_ready=True), "normal", 0),
        (appliance(sg_ready=True), "recommended", 1),
        (two_stages(), "stage-2", 2),
    ],
)
def test_stage_of(one, state, stage):
    assert stage_of(one, MachineState(state=state)) == stage


@pytest.mark.parametrize(
    ("until", "mode"), [(None, Mode.ALWAYS_OFF), (NOON + 1, Mode.ALWAYS_OFF), (NOON, Mode.AUTO_SOLAR)]
)
def test_an_override_counts_until_it_ends(until, mode):
    inputs = Inputs(override=Override(mode=Mode.ALWAYS_OFF, until=until))
    assert mode_in_force(appliance(), inputs, NOON) is mode
    assert condition(appliance(), OFF, inputs, NOON).startswith("Changes") is (mode is Mode.ALWAYS_OFF)


# --- zones ----------------------------------------------------------------------------------------------------------

COVERAGE = [
    (Coverage(), []),
    (Coverage(enough_since=NOON - 20), [(40, "a vehicle starts if the surplus lasts")]),
    (Coverage(vehicles=1, enough_since=NOON - 20), [(40, "one vehicle more starts if the surplus lasts")]),
    (Coverage(vehicles=1, short_since=NOON - 20), [(70, "a vehicle pauses if the surplus stays short")]),
    (Coverage(short_since=NOON - 20), []),
    (Coverage(vehicles=1, short_since=NOON - 90), []),
]


@pytest.mark.parametrize(("coverage", "expected"), COVERAGE)
def test_what_time_alone_brings_to_a_zone(coverage, expected):
    zone = garage(on_delay_s=60.0, off_delay_s=90.0)
    found = zone_changes(zone, ZoneState(coverage=coverage), Inputs(), NOON)
    assert [(change.at - NOON, change.what) for change in found] == expected


def test_wishes_and_windows_of_a_zone_end():
    override = Override(mode=Mode.TIMER, until=NOON + 60)
    inputs = Inputs(boost_until=NOON + 30, override=override)
    zone = garage(windows=evening())
    found = zone_changes(zone, ZoneState(), inputs, NOON)
    assert [(change.at - NOON, change.what) for change in found] == [
        (30, "its boost ends"),
        (60, "its override ends"),
        (6 * 3600, "its window “evening” opens"),
    ]
    assert zone_changes(zone, ZoneState(), Inputs(), NOON) == ()  # auto-solar has no windows


CONDITIONS = [
    (Mode.AUTO_SOLAR, "A vehicle starts once its minimum, 6 A on each of its phases, has been left for 60 s."),
    (Mode.AUTO_TIMER, "A vehicle starts once its minimum, 6 A on each of its phases, has been left for 60 s."),
    (Mode.MANUAL, "Follows its switch: “noonward switch garage on” or “off”."),
    (Mode.ALWAYS_ON, "Changes only with its mode."),
    (Mode.TIMER, ""),
]


@pytest.mark.parametrize(("mode", "words"), CONDITIONS)
def test_what_would_change_a_zone(mode, words):
    assert zone_condition(garage(mode=mode), Inputs(), NOON) == words


def test_a_zone_that_starts_on_part_of_the_minimum_says_how_much():
    assert "once 80 % of its minimum" in zone_condition(garage(on_above=0.8), Inputs(), NOON)


def test_a_zone_whose_vehicles_charge_says_when_one_pauses():
    words = zone_condition(garage(off_below=0.3), Inputs(), NOON, ZoneState(coverage=Coverage(vehicles=1)))
    assert words.startswith("One pauses once less than 30 % of its minimum has been left for 60 s. A vehicle starts ")


CAR = StationState(session=Session(state="charging", current_since=NOON - 60), turn_since=NOON - 90)
SOON = NOON + 600
VEHICLES = [
    # what is remembered, of the zone, what people set, what time brings
    (StationState(), "solar", Inputs(), []),
    (CAR, "solar", Inputs(), []),
    (CAR, "minimum", Inputs(), [(840, "the minimum on-time at cp-01 is over")]),
    (replace(CAR, turn_since=None), "minimum", Inputs(), []),
    (replace(CAR, test=begin(6.0, 16.0, NOON - 20)), "off", Inputs(), [(40, "the test of the phases at cp-01 is over at the latest")]),
    (CAR, "off", Inputs(charge_now={"cp-01": ChargeNow(at=NOON, until=SOON)}), [(600, "charge-now at cp-01 ends")]),
    (CAR, "off", Inputs(charge_now={"cp-01": ChargeNow(at=NOON)}), []),
    (CAR, "off", Inputs(charge_now={"cp-02": ChargeNow(at=NOON, until=SOON)}), []),
    (replace(CAR, unplugged_at=NOON), "off", Inputs(charge_now={"cp-01": ChargeNow(at=NOON, until=SOON)}), []),
    (CAR, "off", Inputs(needs={"cp-01": Need(at=NOON, energy_wh=9.0, departure=SOON)}), [(600, "the driver at cp-01 leaves")]),
    (replace(CAR, unplugged_at=NOON), "off", Inputs(needs={"cp-01": Need(at=NOON, energy_wh=9.0, departure=SOON)}), []),
    (StationState(), "off", Inputs(needs={"cp-01": Need(at=NOON, energy_wh=9.0, departure=SOON)}), []),
]  # fmt: skip


@pytest.mark.parametrize(("known", "state", "inputs", "expected"), VEHICLES)
def test_what_time_alone_brings_to_a_vehicle(known, state, inputs, expected):
    zone = garage(stations=("cp-01", "cp-02"), min_on_s=900.0)
    found = zone_changes(zone, ZoneState(state=state), inputs, NOON, {"cp-01": known})
    assert [(change.at - NOON, change.what) for change in found] == expected


PLANNED = {"covers": 0.4, "starts_at": 0.62, "by": NOON + 8 * 3600, "missing_wh": 6000.0}
WAITING = (8 * 3600 - 2 * 3600 - 120, "it goes on for its need, if nothing has come of the sun")
DUE = (8 * 3600, "its need is due")


@pytest.mark.parametrize(
    ("facts", "inputs", "now", "expected"),
    [
        ({}, Inputs(), NOON, []),
        (PLANNED, Inputs(), NOON, [WAITING, DUE]),
        ({"by": NOON + 8 * 3600, "missing_wh": 6000.0}, Inputs(), NOON, [WAITING, DUE]),  # without a plan
        (PLANNED, Inputs(), NOON + 7 * 3600, [DUE]),
        (PLANNED, Inputs(), NOON + 9 * 3600, []),
        (PLANNED, Inputs(override=Override(mode=Mode.ALWAYS_OFF)), NOON, []),
        ({"by": "anna", "missing_wh": 6000.0}, Inputs(), NOON, []),  # who set an override
    ],
)
def test_an_open_need_has_a_latest_start_and_a_deadline(facts, inputs, now, expected):
    found = changes(appliance(), OFF, inputs, now, facts=facts)
    assert [(change.at - NOON, change.what) for change in found] == expected


@pytest.mark.parametrize(
    ("machine", "facts", "expected"),
    [
        (OFF, PLANNED, "Starts once 62 % has been covered for 60 s; its plan is made anew every quarter of an hour."),
        (ON, PLANNED | {"stops_below": 0.2}, "Goes on down to 20 % covered; its plan is made anew every quarter of an hour."),
        (ON, PLANNED | {"stops_below": -0.3},
         "Goes on with up to 30 % bought; its plan is made anew every quarter of an hour."),
    ],
)  # fmt: skip
def test_a_plans_thresholds_take_the_place_of_the_files(machine, facts, expected):
    assert condition(appliance(), machine, Inputs(), NOON, facts) == expected
    state = ZoneState(coverage=Coverage(vehicles=1 if machine is ON else 0))
    assert zone_condition(garage(), Inputs(), NOON, state, facts) == expected


def test_without_a_delay_nothing_is_said_of_it():
    one = appliance(on_delay_s=0.0, off_delay_s=0.0)
    assert condition(one, OFF, Inputs(), NOON) == "Starts once 3 kW is left."
    assert condition(one, ON, Inputs(), NOON).startswith("Stops once less than 1.5 kW is left.")
