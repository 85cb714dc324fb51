"""From raw values to what the core sees."""

import math

import pytest

from noonward.core.model import Reading
from noonward.daemon.health import Troubles
from noonward.daemon.sight import EXPORT_FOR_S, Sight, phase_currents, plausible
from noonward.policy.loaded import Loaded, Signal
from support.world import appliance, site


def seen(reading):
    return None if reading is None else reading.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 0.0), (-5000.0, -5000.0), (None, None), (math.nan, None), (math.inf, None), (2e7, None), (-2e7, None)],
)
def test_plausible(value, expected):
    """Edge case 8."""
    assert plausible(value) == expected


@pytest.mark.parametrize(
    ("phases", "values", "expected"),
    [
        # unsigned currents take the sign of their phase's power
        (
            3,
            {
                "current_l1_a": 5.0,
                "current_l2_a": 6.0,
                "current_l3_a": 7.0,
                "power_l1_w": -900.0,
                "power_l2_w": 1000.0,
                "power_l3_w": -1.0,
            },
            (-5.0, 6.0, -7.0),
        ),
        # signed currents stay as they are
        (3, {"current_l1_a": -5.0, "current_l2_a": 6.0, "current_l3_a": -7.0}, (-5.0, 6.0, -7.0)),
        # a signed current and its power agree
        (3, {"current_l1_a": -5.0, "current_l2_a": 1.0, "current_l3_a": 1.0, "power_l1_w": -900.0}, (-5.0, 1.0, 1.0)),
        # powers alone
        (3, {"power_l1_w": 2300.0, "power_l2_w": -460.0, "power_l3_w": 0.0}, (10.0, -2.0, 0.0)),
        # one phase is silent: the others are kept, it is unknown
        (3, {"current_l1_a": 5.0, "current_l2_a": None, "current_l3_a": math.nan}, (5.0, None, None)),
        # no phase says anything
        (3, {}, ()),
        # a single-phase connection has its total
        (1, {}, (-2.0,)),
        (1, {"current_l1_a": 2.5}, (-2.5,)),
    ],
)
def test_phase_currents(phases, values, expected):
    """Edge case 21."""
    got = phase_currents(values, -460.0, 1.0, phases=phases, voltage_v=230.0)
    assert tuple(map(seen, got)) == expected


class Told:
    def __init__(self):
        self.events = []
        self.troubles = Troubles(lambda name, ok, at, message: self.events.append((name, ok)))


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def sight(told):
    sight = Sight(told.troubles, 0.0)
    signals = {
        "grid": Signal(channel="m/meter", frozen_after_s=600.0),
        "pv": Signal(channel="i/meter"),
        "battery": Signal(channel="b/meter"),
        "dim": Signal(channel="c/input-1"),
    }
    sight.look_at(Loaded(site=site(appliance()), signals=signals, load_meters={"boiler": Signal(channel="m/meter")}))
    return sight


def look(sight):
    return sight.observation({}, clock_trusted=True)


def test_roles_are_filled_and_unknown_is_none(sight):
    assert look(sight).grid_w is None
    sight.measured("m/meter", {"power_w": 100.0, "power_l1_w": 230.0}, 5.0)
    sight.measured("b/meter", {"power_w": -50.0, "soc": 0.5}, 6.0)
    sight.measured("nobody/meter", {"power_w": 1.0}, 7.0)
    seen = look(sight)
    assert seen.grid_w == Reading(100.0, 5.0)
    assert seen.draws_w == {"boiler": Reading(100.0, 5.0)}
    assert seen.battery_w == Reading(-50.0, 6.0)
    assert seen.battery_soc == Reading(0.5, 6.0)
    assert seen.pv_w is None


@pytest.mark.parametrize("soc", [None, -0.1, 1.1, math.nan])
def test_a_state_of_charge_that_cannot_be_is_none(sight, soc):
    sight.measured("b/meter", {"power_w": 0.0, "soc": soc}, 6.0)
    assert look(sight).battery_soc is None


def test_what_is_no_reading_leaves_the_last_one_to_grow_old(sight, told):
    sight.measured("m/meter", {"power_w": 100.0}, 5.0)
    sight.measured("m/meter", {"power_w": math.nan}, 10.0)
    sight.measured("m/meter", {}, 15.0)
    assert look(sight).grid_w == Reading(100.0, 5.0)
    sight.measured("m/meter", {"power_w": 101.0}, 20.0)
    assert look(sight).grid_w == Reading(101.0, 20.0)
    assert told.events == [("grid signal", False), ("grid signal", True)]


def test_one_useless_answer_is_nothing_and_two_in_a_row_are_said(sight, told):
    for at, power_w in enumerate((100.0, None, 101.0, None, 102.0, math.nan), start=1):
        sight.measured("m/meter", {"power_w": power_w}, float(at))
        assert told.events == []
    assert look(sight).grid_w == Reading(102.0, 5.0)
    sight.measured("m/meter", {"power_w": None}, 7.0)
    assert told.events == [("grid signal", False)]
    sight.measured("m/meter", {"power_w": 103.0}, 8.0)
    assert told.events == [("grid signal", False), ("grid signal", True)]


def test_frozen_from_ten_minutes_on_until_the_value_moves(sight, told):
    for at in range(0, 601, 10):
        sight.measured("m/meter", {"power_w": 100.0}, float(at))
    assert look(sight).grid_w == Reading(100.0, 600.0)
    sight.measured("m/meter", {"power_w": 100.0}, 610.0)
    assert look(sight).grid_w == Reading(100.0, 600.0)
    sight.measured("i/meter", {"power_w": 0.0}, 0.0)
    sight.measured("i/meter", {"power_w": 0.0}, 9000.0)
    assert look(sight).pv_w == Reading(0.0, 9000.0), "PV rests all night"
    sight.measured("m/meter", {"power_w": 100.1}, 620.0)
    assert look(sight).grid_w == Reading(100.1, 620.0)
    assert told.events == [("grid signal", False), ("grid signal", True)]


@pytest.mark.parametrize(
    ("grid", "pv", "battery", "doubted"),
    [
        (-3000.0, 200.0, None, True),
        (-3000.0, 200.0, -4000.0, False),  # the battery gives it
        (-3000.0, 200.0, 4000.0, True),  # a charging battery gives nothing
        (-3000.0, 2800.0, None, False),  # meters differ
        (3000.0, 200.0, None, False),
        (-400.0, -20.0, None, True),  # an inverter's own draw at night
        (-3000.0, None, None, False),  # nobody knows
    ],
)
def test_more_export_than_production_doubts_the_sign_after_a_while(sight, told, grid, pv, battery, doubted):
    """Edge case 1."""
    for at in (0.0, 10.0, 20.0, 30.0, 40.0):
        if pv is not None:
            sight.measured("i/meter", {"power_w": pv}, at)
        if battery is not None:
            sight.measured("b/meter", {"power_w": battery}, at)
        sight.measured("m/meter", {"power_w": grid}, at)
    assert look(sight).grid_w == Reading(grid, 10.0 if doubted else 40.0)
    assert told.events == ([("grid signal", False)] if doubted else [])
    assert EXPORT_FOR_S == 20.0


def test_a_contact_read_before_the_last_one_is_passed_over(sight):
    sight.contact("r/1", True, 10.0)
    sight.contact("r/1", False, 9.0)
    assert look(sight).relays["r/1"].closed is True
    sight.contact("r/1", None, 11.0)
    assert look(sight).relays["r/1"].closed is None


@pytest.mark.parametrize(
    ("positions", "dimmed"),
    [((), True), ((False,), False), ((True,), True), ((False, None), True), ((None, False), False)],
)
def test_dimming_until_it_is_known_to_be_open(sight, positions, dimmed):
    for position in positions:
        sight.input("c/input-1", position)
    sight.input("other/input", True)
    assert look(sight).dim is dimmed


def test_no_input_no_dimming(told):
    sight = Sight(told.troubles, 0.0)
    sight.look_at(Loaded(site=site(appliance())))
    assert look(sight).dim is False


def test_a_jump_moves_every_moment(sight):
    sight.power_back_at = 1.0
    sight.measured("m/meter", {"power_w": 100.0, "power_l1_w": 1.0, "power_l2_w": 1.0}, 5.0)
    sight.contact("r/1", True, 6.0)
    sight.shift(100.0)
    seen = look(sight)
    assert (seen.grid_w.at, seen.grid_a[0].at, seen.grid_a[2]) == (105.0, 105.0, None)
    assert (seen.draws_w["boiler"].at, seen.relays["r/1"].at) == (105.0, 106.0)
    assert (seen.power_back_at, seen.started_at) == (101.0, 100.0)
