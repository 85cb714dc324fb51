"""Who stands at a station when, and what they need: the rules of the game."""

from math import inf

import pytest

from noonward.core.model import StationInfo
from noonward.lab.bay import REACHABLE, Bay, visits
from support.games import MIDNIGHT, stay, tape

QUARTERS = tape([0.0] * 96, [0.0] * 96, 900.0)
DEFAULT = StationInfo()


def played(*stays, recording=QUARTERS, info=DEFAULT, **vehicles):
    return visits(stays, recording, info, vehicles)


def minutes(found):
    return [((visit.start - MIDNIGHT) / 60, (visit.end - MIDNIGHT) / 60) for visit in found]


@pytest.mark.parametrize(
    ("stays", "there"),
    [
        ([(15, 60)], [(15, 60)]),
        ([(16, 74)], [(30, 60)]),  # rounded up to a step, and down
        ([(16, 44)], []),  # less than a step
        ([(-300, 45)], [(0, 45)]),
        ([(1400, 3000)], [(1410, 1440)]),  # ends with the tape
        ([(2000, 3000)], []),
        ([(0, 120), (60, 180)], [(0, 120), (120, 180)]),  # the later starts when the earlier leaves
        ([(0, 120), (60, 90), (100, 240)], [(0, 120), (120, 240)]),
    ],
)
def test_from_when_to_when(stays, there):
    assert minutes(played(*(stay(first, last, 1) for first, last in stays))) == there


def test_nobody_needs_more_than_can_be_had():
    (visit,) = played(stay(0, 60, 50))
    assert visit.need_wh == pytest.approx(REACHABLE * 11_040.0)
    (visit,) = played(stay(0, 60, 5))
    assert visit.need_wh == 5000.0


def test_what_is_known_of_a_vehicle_its_session_first():
    known = {
        "default": {"phases": 2, "min_current_a": 7.0, "max_current_a": 10.0, "ramp_s": 5.0},
        "cp-01": {"min_current_a": 8.0, "max_current_a": 11.0},
        "anna": {"max_current_a": 12.0},
    }
    (visit,) = played(stay(0, 60, 5, user="anna", phases=1), **known)
    kind = visit.kind
    assert (kind.phases, kind.min_current_a, kind.max_current_a, kind.ramp_s) == (1, 8.0, 12.0, 5.0)
    (visit,) = played(stay(0, 60, 5, station="cp-02"), **known)
    assert (visit.kind.phases, visit.kind.min_current_a, visit.kind.max_current_a) == (2, 7.0, 10.0)
    (visit,) = played(stay(0, 60, 5))
    assert (visit.kind.phases, visit.kind.min_current_a, visit.kind.max_current_a) == (3, 6.0, 16.0)


def test_a_station_bounds_its_vehicle():
    (visit,) = played(stay(0, 60, 50), info=StationInfo(max_a=10.0, phases=1))
    assert (visit.kind.phases, visit.kind.max_current_a) == (1, 10.0)
    assert visit.need_wh == pytest.approx(REACHABLE * 2300.0)


def bay(*stays, info=DEFAULT, **vehicles):
    return Bay(info, played(*stays, info=info, **vehicles))


def test_they_come_and_go_and_what_was_missing_is_unmet():
    one = bay(stay(60, 120, 5), stay(120, 180, 2), stay(240, 300, 1))
    seen = []
    while one.edge < inf:
        t = one.edge
        one.settle(t)
        seen.append(((t - MIDNIGHT) / 60, one.missing_wh, one.unmet_wh, one.by and (one.by - MIDNIGHT) / 60))
        if one.missing_wh:
            drawn_w = one.power_w(4140.0, t, 600.0)
            one.advance(drawn_w, t, 600.0)
    assert seen == [
        (60, 5000.0, 0.0, 120),
        (120, 2000.0, 4310.0, 180),  # 690 Wh in ten minutes; the next one comes as this one goes
        (180, 0.0, 5620.0, None),
        (240, 1000.0, 5620.0, 300),
        (300, 0.0, 5930.0, None),
    ]
    assert one.missed_wh == [4310.0, 1310.0, 310.0]


@pytest.mark.parametrize(
    ("offer_w", "drawn_w"),
    [(4140.0, 4140.0), (4139.0, 0.0), (6900.0, 6900.0), (22_080.0, 11_040.0), (0.0, 0.0)],
)
def test_it_takes_what_it_is_offered_within_its_limits(offer_w, drawn_w):
    one = bay(stay(0, 120, 50))
    one.settle(MIDNIGHT)
    assert one.power_w(offer_w, MIDNIGHT, 60.0) == pytest.approx(drawn_w)


def test_the_last_step_takes_what_is_left():
    """Below the minimum, by the rules of the game."""
    one = bay(stay(0, 120, 1))
    one.settle(MIDNIGHT)
    assert one.power_w(11_040.0, MIDNIGHT, 900.0) == pytest.approx(4000.0)


def test_an_offer_nobody_asked_about_was_nothing():
    """While a vehicle that does not change by itself is offered nothing, nobody asks it; it was interrupted all the
    same."""
    one = bay(stay(0, 120, 50))
    one.settle(MIDNIGHT)
    assert not one.restless
    one.power_w(4140.0, MIDNIGHT, 60.0)
    one.advance(4140.0, MIDNIGHT, 60.0)
    one.power_w(4140.0, MIDNIGHT + 3600.0, 60.0)
    assert one.vehicle.interruptions == 1
    assert bay(stay(0, 120, 50), default={"sleeps_after_s": 600.0}).restless


@pytest.mark.parametrize(
    ("info", "phases", "on"),
    [
        (StationInfo(), 3, (1, 2, 3)),
        (StationInfo(), 1, (1,)),
        (StationInfo(lines=(2, 3, 1)), 1, (2,)),
        (StationInfo(lines=(2, 3, 1)), 2, (2, 3)),
        (StationInfo(phases=1, lines=(3,)), 3, (3,)),
    ],
)
def test_which_phases_of_the_grid_it_loads(info, phases, on):
    one = bay(stay(60, 120, 5, phases=phases), info=info)
    assert one.grid_phases == (info.lines or (1, 2, 3))[: info.phases]
    one.settle(MIDNIGHT + 3600)
    assert one.grid_phases == on
    assert one.watts_per_a == 230.0 * len(on)
