from dataclasses import replace

import pytest

from noonward.core.model import Grid
from noonward.lab.metering import Means, Phases, Samples, metering
from noonward.lab.scenario import MeterSpec, ResistorSpec
from noonward.plant.battery import BatteryKind
from support.games import DEFAULT_METER, MIDNIGHT, game, load, quota, stay, tape, with_cars, zone

PV, BASE = [0.0, 1000.0, None, 3000.0], [500.0, 600.0, 700.0, 800.0]


def meters(meter=DEFAULT_METER, grid=None, loads=(("heater", None),)):
    loads = [load(name, 2000.0, phases=phases) for name, phases in loads]
    played = game(tape(PV, BASE), loads, {one.name: ResistorSpec() for one in loads}, meter=meter, grid=grid)
    ready = played.loads()
    return metering(played, ready, Phases(played, ready))


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (MeterSpec(), Means),
        (MeterSpec(noise_w=5.0), Means),
        (MeterSpec(lag_s=0.0), Samples),
        (MeterSpec(every_s=1.0), Samples),
    ],
)
def test_a_lag_or_a_period_makes_a_sampler(spec, kind):
    assert isinstance(meters(spec), kind)


def test_means_of_the_interval_before():
    shown = meters()
    seen = []
    for i, draws in enumerate([[0.0], [0.0], [400.0], [0.0]]):
        shown.begin(i, MIDNIGHT + 60 * i, draws)
        shown.look(MIDNIGHT + 60 * i + 7, {})
        seen.append((shown.grid_w.value, shown.grid_w.at - MIDNIGHT, shown.silent))
    assert seen == [
        (500.0, 7.0, False),  # the first interval, without loads
        (500.0, 67.0, False),
        (0.0, 127.0, False),  # 600 − 1000 + 400
        (0.0, 175.0, True),  # unknown: last read one period of 5 s before
    ]


def test_a_load_is_metered_while_it_is_on_and_until_its_draw_has_come_through():
    shown = meters()
    lines = []
    for i, switch in enumerate((None, True, False, None)):
        t = MIDNIGHT + 60 * i
        if i < 3:
            shown.begin(i, t, [100.0 * i])
        if switch is not None:
            shown.switched(0, switch, t)
        shown.look(t, {})
        lines.append({name: (r.value, r.at - MIDNIGHT) for name, r in shown.draws_w.items()})
    assert lines == [{}, {"heater": (100.0, 60.0)}, {"heater": (200.0, 120.0)}, {"heater": (200.0, 180.0)}]
    shown.begin(1, MIDNIGHT + 300, [0.0])  # off for longer than two steps
    shown.look(MIDNIGHT + 300, {})
    assert shown.draws_w == {}


def test_samples_come_late_and_not_before_their_time():
    shown = meters(MeterSpec(lag_s=10.0, every_s=20.0))
    shown.begin(0, MIDNIGHT, [0.0])
    shown.feed(MIDNIGHT + 15, [2000.0])
    found = []
    for s in (0, 9, 10, 29, 30, 49, 50):
        shown.look(MIDNIGHT + s, {})
        found.append((s, shown.grid_w.value, shown.grid_w.at - MIDNIGHT, shown.draws_w["heater"].value))
    assert found == [
        (0, 500.0, -10.0, 0.0),
        (9, 500.0, -10.0, 0.0),
        (10, 500.0, 10.0, 0.0),
        (29, 500.0, 10.0, 0.0),
        (30, 2500.0, 30.0, 2000.0),  # sampled at 20
        (49, 2500.0, 30.0, 2000.0),
        (50, 2500.0, 50.0, 2000.0),
    ]
    assert [shown.next_change(MIDNIGHT + s) - MIDNIGHT for s in (0, 10, 29.9)] == [10, 30, 30]


def test_without_a_period_the_next_change_is_the_truth_through_the_lag():
    shown = meters(MeterSpec(lag_s=10.0))
    shown.begin(0, MIDNIGHT, [0.0])
    shown.feed(MIDNIGHT + 15, [2000.0])
    assert shown.next_change(MIDNIGHT) == MIDNIGHT + 10
    assert shown.next_change(MIDNIGHT + 10) == MIDNIGHT + 25
    assert shown.next_change(MIDNIGHT + 25) == float("inf")


def test_phases_share_evenly_what_nobody_places():
    grid = Grid(phases=3, fuse_a=25.0, voltage_v=230.0)
    shown = meters(grid=grid, loads=(("heater", (2,)), ("pump", (1, 3)), ("other", None)))
    shown.begin(0, MIDNIGHT, [0.0] * 3)
    shown.begin(1, MIDNIGHT + 60, [2300.0, 690.0, 460.0])  # heater, other, pump
    shown.look(MIDNIGHT + 60, {})
    base = 500.0 / 3 / 230
    assert [r.value for r in shown.grid_a] == pytest.approx([base + 1 + 1, base + 10 + 1, base + 1 + 1])
    assert sum(r.value for r in shown.grid_a) * 230 == pytest.approx(shown.grid_w.value)
    assert meters(loads=(("heater", (2,)),)).grid_a == ()  # no fuse, nothing to watch


def test_what_stations_say_takes_the_place_of_their_means():
    """The grid reading and a station's own word are of one moment."""
    played = with_cars(
        game(tape([0.0] * 9, [500.0] * 9), [load("heater", 1000.0, 20)], {"heater": quota(6, by=20)}),
        zone(priority=10, phases=1),
        [stay(0, 9, 5, phases=1)],
    )
    loads = played.loads()
    loads[0].bay.settle(MIDNIGHT)
    shown = metering(played, loads, Phases(played, loads))
    shown.begin(1, MIDNIGHT + 60, [300.0, 1000.0])
    shown.look(MIDNIGHT + 75, {0: 2300.0})
    assert shown.grid_w.value == 500.0 + 2300.0 + 1000.0
    assert "cp-01" not in shown.draws_w


def test_pv_is_of_the_same_instant_as_the_grid_and_none_where_it_is_unknown():
    shown = meters()
    seen = []
    for i in range(4):
        shown.begin(i, MIDNIGHT + 60 * i, [0.0])
        shown.look(MIDNIGHT + 60 * i + 7, {})
        seen.append(shown.pv_w and (shown.pv_w.value, shown.pv_w.at - MIDNIGHT))
    assert seen == [(0.0, 7.0), (0.0, 67.0), (1000.0, 127.0), None]  # the interval before; the third is unknown


def test_a_pv_meter_samples_with_the_lag_of_the_others():
    shown = meters(MeterSpec(lag_s=10.0, every_s=20.0))
    found = []
    for i in range(4):
        shown.begin(i, MIDNIGHT + 60 * i, [0.0])
        for s in (0, 10, 30):
            shown.look(MIDNIGHT + 60 * i + s, {})
            found.append((60 * i + s, shown.pv_w and (shown.pv_w.value, shown.pv_w.at - MIDNIGHT)))
    assert found == [
        (0, (0.0, -10.0)), (10, (0.0, 10.0)), (30, (0.0, 30.0)),
        (60, (0.0, 50.0)), (70, (1000.0, 70.0)), (90, (1000.0, 90.0)),
        (120, (1000.0, 110.0)), (130, None), (150, None),
        (180, None), (190, (3000.0, 190.0)), (210, (3000.0, 210.0)),
    ]  # fmt: skip


FREEZE = MeterSpec(freezes=((MIDNIGHT + 60.0, 120.0),))
GAP = MeterSpec(gaps=((MIDNIGHT + 60.0, 120.0),))


@pytest.mark.parametrize(
    ("spec", "seen"),
    [
        (MeterSpec(), [(500, 0, False), (500, 60, False), (600, 120, False), (800, 180, False)]),
        (FREEZE, [(500, 0, False), (500, 60, False), (500, 120, False), (800, 180, False)]),
        (GAP, [(500, 0, False), (500, 55, True), (500, 55, True), (800, 180, False)]),
    ],
)
def test_a_meter_that_hangs_repeats_itself_and_one_in_a_gap_is_silent(spec, seen):
    loads = [load("heater", 2000.0)]
    played = game(tape([0.0] * 4, [500.0, 600.0, 800.0, 900.0]), loads, {"heater": ResistorSpec()}, meter=spec)
    ready = played.loads()
    shown = metering(played, ready, Phases(played, ready))
    found = []
    for i in range(4):
        shown.begin(i, MIDNIGHT + 60 * i, [0.0])
        shown.look(MIDNIGHT + 60 * i, {})
        found.append((shown.grid_w.value, shown.grid_w.at - MIDNIGHT, shown.silent))
        assert (shown.pv_w is None) is shown.silent
    assert found == seen


@pytest.mark.parametrize(
    ("faults", "seen"),
    [
        ({}, [(500, 50), (500, 60), (600, 70), (600, 80), (800, 130), (900, 190)]),
        ({"freezes": FREEZE.freezes}, [(500, 50), (500, 60), (500, 70), (500, 80), (500, 130), (900, 190)]),
        ({"gaps": GAP.gaps}, [(500, 50), None, None, None, None, (900, 190)]),
    ],
)
def test_a_sampler_hangs_and_falls_silent_likewise(faults, seen):
    spec = MeterSpec(lag_s=10.0, every_s=10.0, **faults)
    loads = [load("heater", 2000.0)]
    played = game(tape([0.0] * 4, [500.0, 600.0, 800.0, 900.0]), loads, {"heater": ResistorSpec()}, meter=spec)
    ready = played.loads()
    shown = metering(played, ready, Phases(played, ready))
    found = []
    at = {50: 0, 60: 1, 70: 1, 80: 1, 130: 2, 190: 3}
    for s, i in at.items():
        if i:
            shown.begin(i, MIDNIGHT + 60 * i, [0.0])
        shown.look(MIDNIGHT + s, {})
        found.append(None if shown.silent else (shown.grid_w.value, shown.grid_w.at - MIDNIGHT))
    assert found == seen
    assert shown.next_change(MIDNIGHT + 15) == MIDNIGHT + 20


def test_where_a_gap_ends_there_is_something_to_see():
    shown = meters(MeterSpec(lag_s=10.0, gaps=GAP.gaps))
    assert [shown.next_change(MIDNIGHT + s) - MIDNIGHT for s in (20, 60, 180)] == [60.0, 180.0, float("inf")]


def test_a_battery_is_read_with_the_grid():
    kind = BatteryKind(capacity_wh=1000.0, charge_w=400.0, discharge_w=400.0, soc=0.5, efficiency=1.0)
    played = replace(game(tape([0.0] * 3, [500.0] * 3), [], {}), battery=kind)
    storage = played.storage()
    shown = metering(played, [], Phases(played, []), storage)
    found = []
    for i in range(2):
        shown.begin(i, MIDNIGHT + 60 * i, [])
        shown.look(MIDNIGHT + 60 * i, {})
        found.append((shown.grid_w.value, shown.battery_w.value, shown.battery_soc.value))
        storage.note(i, [(60.0, [])], storage.follow(500.0, [(60.0, [])]))
    assert found == [(500.0, 0.0, 0.5), (100.0, -400.0, pytest.approx(0.5 - 400 / 60 / 1000))]
    assert meters().battery_w is None
