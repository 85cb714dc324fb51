"""Rows and timers that no case touched."""

from noonward.core.model import Mode
from noonward.lab.coverage import coverage
from noonward.lab.policytest import play_file
from noonward.lab.trial import Touched
from support.games import zone
from support.testfiles import boiler, cases, site

NIGHT = """
- name: the night
  start: "2026-06-01 22:00"
  steps: [{until: "2026-06-02 07:00", expect: {relay: open, ran: 7 h 30 min}}]
"""
SUNDAY = """
- name: Sunday noon
  start: "2026-06-07 12:30"
  steps: [{for: 1 min, expect: {relay: closed}}]
"""


def covered(*texts, appliance=None, where=None):
    appliance, where, touched = appliance or boiler(mode=Mode.TIMER), where or site(), Touched()
    for text in texts:
        assert all(played.passed for played in play_file(cases(text), appliance, where, touched))
    return coverage(appliance, where, touched)


def rows(one, *, touched):
    return [(line.row.source, line.row.target, line.row.why.value) for line in one.rows if line.touched is touched]


def test_rows_and_timers():
    one = covered(NIGHT)
    assert rows(one, touched=True) == [
        ("off", "on", "timer"),
        ("off", "off", "outside-window"),
        ("on", "on", "timer"),
        ("on", "off", "outside-window"),
    ]
    assert rows(one, touched=False) == [
        ("off", "off", "min-off"),
        ("off", "off", "dimmed"),
        ("on", "off", "dimmed"),
        ("on", "on", "min-on"),
    ]
    assert [(window.timer.name, window.touched) for window in one.windows] == [
        ("low tariff", True),
        ("legionella", False),
    ]


def test_cases_add_up():
    assert all(window.touched for window in covered(NIGHT, SUNDAY).windows)


def test_rows_of_another_mode_do_not_count():
    override = NIGHT.replace("steps:", "given: {mode: timer}\n  steps:")
    assert rows(covered(override, appliance=boiler(mode=Mode.ALWAYS_OFF)), touched=True) == []


def test_what_no_test_can_reach_is_not_asked_for():
    plain = {line.row.why.value for line in covered(NIGHT).rows}
    fused = {line.row.why.value for line in covered(NIGHT, where=site(fuse_a=35.0)).rows}
    assert not plain & {"boost", "dark-start", "not-answering", "settling", "preempted", "fuse"}
    assert fused - plain == {"fuse"}
    short = {line.row.why.value for line in covered(appliance=boiler(min_on_s=0.0, min_off_s=0.0)).rows}
    assert not short & {"min-on", "min-off"}


def test_each_row_knows_its_line():
    assert {line.row.key: line.line for line in covered(NIGHT).rows} == {"mode": 3, "timers": 7, "load": 4}


def test_of_a_zone_only_what_a_test_can_bring_about_counts():
    """A zone that drives on sun is never *full* without a boost, and no test can boost."""
    garage = zone(charge_now=False, min_on_s=0.0, file="garage.yaml")
    text = """
        - name: sun
          start: "2026-06-01 11:00"
          given: {surplus: 9 kW, stations: {cp-01: {plugged: true}}}
          steps: [{for: 5 min, expect: {because: surplus}}]
        """
    one = covered(text, appliance=garage)
    assert {line.row.source for line in one.rows} == {"off", "solar"}
    assert {line.row.why.value for line in one.rows} == {
        "no-vehicle", "meter-stale", "meter-held", "surplus", "on-delay", "off-delay", "satisfied", "too-little-surplus",
        "need-forced",
    }  # fmt: skip
    assert rows(one, touched=True) == [
        ("off", "solar", "surplus"), ("off", "off", "on-delay"), ("solar", "solar", "surplus"),
    ]  # fmt: skip
    more = covered(text, appliance=zone(charge_now=True, min_on_s=600.0))
    assert {line.row.source for line in more.rows} == {"off", "solar", "minimum"}
    assert {"charge-now", "min-on"} <= {line.row.why.value for line in more.rows}
