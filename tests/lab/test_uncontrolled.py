import pytest

from noonward.lab import baselines, plants
from support.games import MIDNIGHT, game, load, quota, tape

DAY = tape([0] * 24, [0] * 24, 3600.0)


@pytest.mark.parametrize(
    ("spec", "on"),
    [
        (quota(6, uncontrolled_from=5), range(5, 24)),
        (quota(6, uncontrolled_from=0), range(24)),
        (quota(6, period=6, uncontrolled_from=22), [*range(6), *range(22, 24)]),  # yesterday's start goes on until six
        (quota(6, period=6, uncontrolled_from=6), range(24)),
    ],
)
def test_from_when_an_uncontrolled_load_runs(spec, on):
    flags = plants.uncontrolled(spec, DAY, "Etc/UTC")
    assert [i for i, flag in enumerate(flags) if flag] == list(on)


def test_without_a_start_of_its_own_it_runs_from_the_start_of_the_period():
    assert plants.uncontrolled(quota(6), DAY, "Etc/UTC") is None


def test_it_runs_once_in_each_period_from_its_hour_until_its_need_is_met():
    three = tape([0] * 72, [0] * 72, 3600.0)
    heater = load("heater", 2000.0)
    run = baselines.play("uncontrolled", game(three, [heater], {"heater": quota(5, uncontrolled_from=21)}))
    assert run.loads[0].draw_w == [0.0] * 21 + [2000.0, 2000.0, 1000.0] + ([0.0] * 21 + [2000.0, 2000.0, 1000.0]) * 2
    late = baselines.play("uncontrolled", game(three, [heater], {"heater": quota(5, uncontrolled_from=22)}))
    assert late.loads[0].draw_w == ([0.0] * 22 + [2000.0, 2000.0]) * 3
    assert late.loads[0].unmet_wh == 3000.0


def test_a_need_that_begins_within_a_step_is_served_from_the_next_one_on():
    hours = tape([0] * 48, [0] * 48, 3600.0, start=MIDNIGHT - 1800.0)
    run = baselines.play("uncontrolled", game(hours, [load("heater", 2000.0)], {"heater": quota(2)}))
    assert [i for i, w in enumerate(run.loads[0].draw_w) if w] == [0, 1, 25]


def test_a_house_without_loads_is_played_too():
    run = baselines.play("uncontrolled", game(DAY, [], {}))
    assert (run.loads, run.split) == ([], {})
