"""Periods and deadlines of a need."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from noonward.core.model import Requirement
from noonward.core.needs import KEEP
from noonward.core.timers import Cron

ZURICH = "Europe/Zurich"


def cron(hour, minute=0, dows=range(7)):
    dow_star = tuple(dows) == tuple(range(7))
    return Cron((minute,), (hour,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(dows), False, True, dow_star)


def at(text, zone=ZURICH):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def said(term, zone=ZURICH):
    return tuple(
        None if t is None else datetime.fromtimestamp(t, UTC).astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M")
        for t in term
    )


EVENING = {"by": cron(20)}
MORNING = {"by": cron(7), "period": cron(7)}

TERMS = [
    (EVENING, "2026-06-01 12:00", ("06-01 00:00", "06-01 20:00", "06-02 00:00")),
    (EVENING, "2026-06-01 00:00", ("06-01 00:00", "06-01 20:00", "06-02 00:00")),
    (EVENING, "2026-05-31 23:59:59", ("05-31 00:00", "05-31 20:00", "06-01 00:00")),
    (EVENING, "2026-06-01 21:00", ("06-01 00:00", "06-01 20:00", "06-02 00:00")),
    (MORNING, "2026-06-01 12:00", ("06-01 07:00", "06-02 07:00", "06-02 07:00")),
    (MORNING, "2026-06-01 06:59", ("05-31 07:00", "06-01 07:00", "06-01 07:00")),
    ({}, "2026-06-01 12:00", ("06-01 00:00", "06-02 00:00", "06-02 00:00")),
    ({"by": cron(20, dows=(1, 2, 3, 4, 5))}, "2026-06-06 12:00", ("06-06 00:00", None, "06-07 00:00")),
    (EVENING, "2026-03-29 12:00", ("03-29 00:00", "03-29 20:00", "03-30 00:00")),  # 23 hours
    (EVENING, "2026-10-25 12:00", ("10-25 00:00", "10-25 20:00", "10-26 00:00")),  # 25 hours
]


@pytest.mark.parametrize(("need", "now", "term"), TERMS)
def test_the_period_that_holds_a_moment(need, now, term):
    """Edge case 36: a day is as long as it is."""
    assert said(Requirement(energy_wh=1.0, timezone=ZURICH, **need).term(at(now))) == term


def test_every_moment_of_a_year_is_in_the_period_that_was_found_for_it():
    need = Requirement(energy_wh=1.0, timezone=ZURICH, **MORNING)
    t, ends = at("2026-01-01 00:00"), []
    while t < at("2027-01-01 00:00"):
        term = need.term(t)
        assert term.start <= t < term.end
        ends.append(term.end)
        t += 5 * 3600.0 + 11.0
    assert len(set(ends)) == 366


def test_a_deadline_is_the_first_after_a_moment():
    weekdays = Requirement(energy_wh=1.0, by=cron(7, dows=(1, 2, 3, 4, 5)), timezone=ZURICH)
    assert weekdays.deadline(at("2026-06-05 18:00")) == at("2026-06-08 07:00")  # Friday evening: Monday
    assert weekdays.deadline(at("2026-06-08 07:00")) == at("2026-06-09 07:00")
    assert Requirement(energy_wh=1.0).deadline(0.0) is None


def test_what_is_remembered_is_bounded_and_no_part_of_the_need():
    need = Requirement(energy_wh=1.0, by=cron(7))
    for k in range(3 * KEEP):
        need.deadline(k * 60.0)
        need.term(k * 86400.0)
    assert len(need.deadlines) <= KEEP
    assert need == Requirement(energy_wh=1.0, by=cron(7))
