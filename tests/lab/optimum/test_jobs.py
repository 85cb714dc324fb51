import pytest

from noonward.lab.optimum.jobs import jobs_of, limits_w
from support.games import MIDNIGHT, game, garage, load, quota, stay, tape

HOURS = 3600.0


def windows(spec, hours=48, start=0, timezone="UTC", step_s=HOURS, **more):
    n = round(hours * 3600 / step_s)
    recording = tape([0.0] * n, [0.0] * n, step_s, MIDNIGHT + start * 3600)
    played = game(recording, [load("heater", 2000.0, **more)], {"heater": spec}, timezone=timezone)
    return [(one.lo, one.hi, one.end) for one in jobs_of(played)]


@pytest.mark.parametrize(
    ("spec", "more", "expected"),
    [
        (quota(6, by=20), {}, [(0, 20, 24), (24, 44, 48)]),
        (quota(6), {}, [(0, 24, 24), (24, 48, 48)]),  # the end of the period is the deadline
        (quota(6, by=20), {"start": 21}, [(3, 23, 27), (27, 47, 48)]),  # today's has passed
        (quota(6, by=20), {"hours": 43}, [(0, 20, 24)]),  # the second is behind the end
        (quota(6, by=20), {"hours": 44}, [(0, 20, 24), (24, 44, 44)]),
        (quota(6, period=6, by=6), {}, [(0, 6, 6), (6, 30, 30)]),
        (quota(6, period=6, by=4), {}, [(0, 4, 6), (6, 28, 30)]),
        (quota(6, by=20), {"timezone": "Europe/Zurich"}, [(0, 18, 22), (22, 42, 46)]),
        (quota(6, by=20), {"step_s": 7200.0, "start": 1}, [(0, 9, 11), (12, 21, 23)]),  # in whole steps
    ],
)
def test_a_quota_is_a_job_for_each_deadline(spec, more, expected):
    assert windows(spec, **more) == expected


@pytest.mark.parametrize(
    ("min_on_s", "step_s", "hold"), [(900.0, 900.0, 1), (900.0, 60.0, 15), (1200.0, 900.0, 2), (0.0, 60.0, 1)]
)
def test_min_on_is_rounded_up_to_steps(min_on_s, step_s, hold):
    n = round(86400 / step_s)
    played = game(
        tape([0.0] * n, [0.0] * n, step_s), [load("heater", 2000.0, min_on_s=min_on_s)], {"heater": quota(6, by=20)}
    )
    (one,) = jobs_of(played)
    assert (one.hold, one.stages_w) == (hold, (2000.0,))
    assert one.need_w * step_s == pytest.approx(6000 * 3600)


def test_a_stay_is_a_job_within_its_zone():
    recording = tape([0.0] * 24, [0.0] * 24, HOURS)
    stays = [stay(90, 600, 8), stay(660, 900, 100), stay(0, 1440, 5, station="cp-02", phases=1)]
    played = garage(recording, stays, vehicles={"cp-02": {"modulates": False}}, max_power_w=15_000.0)
    first, second, third = jobs_of(played)
    assert [(one.k, one.lo, one.hi, one.zone) for one in (first, second, third)] == [
        (0, 2, 10, 0),
        (0, 11, 15, 0),
        (1, 0, 24, 0),
    ]
    assert (first.need_w, first.least_w, first.most_w) == (8000.0, 4140.0, 11_040.0)
    assert second.need_w == pytest.approx(0.98 * 11_040.0 * 4)
    assert (third.least_w, third.most_w) == (3680.0, 3680.0)
    assert limits_w(played) == [15_000.0]
