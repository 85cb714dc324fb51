"""The reference jobs' house, with needs and without."""

from __future__ import annotations

import pytest

from noonward.core.model import Pace
from noonward.policy.load import load
from support import jobs

TIMES = {"water-heater": (300.0, 6000.0, 20), "heat-pump": (900.0, 6000.0, 22)}


@pytest.mark.parametrize("plan", [None, "normal", "calm"])
@pytest.mark.parametrize("timezone", [jobs.LOCAL, jobs.UTC])
def test_the_house_says_what_the_jobs_need(tmp_path, plan, timezone):
    site = load(jobs.write(tmp_path, plan, timezone)).site
    assert [policy.name for policy in site.policies] == ["garage", "heat-pump", "water-heater"]
    for one in site.appliances:
        min_on_s, energy_wh, hour = TIMES[one.name]
        assert (one.min_on_s, one.need.energy_wh, one.need.by.hours) == (min_on_s, energy_wh, (hour,))
    (garage,) = site.zones
    assert (garage.min_on_s, garage.need.from_user, garage.need.by) == (600.0, True, None)
    for policy in site.policies:
        assert (policy.plan, policy.need.timezone) == (plan and Pace(plan), timezone)
    assert load(jobs.JOBS).site.policies[0].need is None
