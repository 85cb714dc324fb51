import pytest

from noonward.lab.run import Floor, mean_w
from noonward.lab.scenario import ResistorSpec, TankSpec
from support.games import MIDNIGHT, game, load, quota, tape

HOUR = tape([0] * 24, [0] * 24, 3600.0)


def floor(**plants):
    loads = game(HOUR, [load(name, 2000.0) for name in plants], plants).loads()
    return Floor(loads), loads


def test_time_is_cut_where_a_quota_turns():
    stand, (one,) = floor(a=quota(6, by=1, period=2))
    pieces = stand.pass_time([2000.0], MIDNIGHT, MIDNIGHT + 3 * 3600)
    assert [(dt, draws) for dt, draws in pieces] == [(3600, [2000.0]), (3600, [2000.0]), (3600, [2000.0])]
    assert one.need.unmet_wh == 4000.0  # at one o'clock
    assert one.need.missing_wh == 4000.0  # of the period since two


def test_the_rest_is_spread_over_the_step_and_then_nothing():
    stand, _ = floor(a=quota(1, by=12))
    assert stand.pass_time([2000.0], MIDNIGHT, MIDNIGHT + 3600) == [(3600, [1000.0])]
    assert stand.pass_time([2000.0], MIDNIGHT + 3600, MIDNIGHT + 7200) == [(3600, [0.0])]


def test_what_is_off_draws_nothing_but_a_tank_still_cools():
    stand, (quota_load, tank, plain) = floor(a=quota(6, by=12), b=TankSpec(volume_l=100.0), c=ResistorSpec())
    (piece,) = stand.pass_time([0.0, 0.0, 500.0], MIDNIGHT, MIDNIGHT + 3600)
    assert piece == (3600, [0.0, 0.0, 500.0])
    assert tank.plant.temperature_c < 60.0
    assert (quota_load.need.missing_wh, plain.unmet_wh) == (6000.0, 0.0)


@pytest.mark.parametrize(
    ("pieces", "means"),
    [([(60, [1.0, 2.0])], [1.0, 2.0]), ([(20, [300.0, 0.0]), (40, [0.0, 3.0])], [100.0, 2.0])],
)
def test_means(pieces, means):
    assert mean_w(pieces) == means
