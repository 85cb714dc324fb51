import pytest

from noonward.core.model import Reading
from noonward.daemon.engine import ChannelStatus
from noonward.policy.problems import Problem
from noonward.views.notices import notices
from support.fakeengine import NOON, FakeEngine, appliance


def running():
    return FakeEngine(appliance()).see(grid_w=Reading(-100.0, NOON))


def told(engine):
    return [(notice.level, notice.text) for notice in notices(engine)]


def test_a_house_where_all_is_well_says_nothing():
    assert told(running()) == []


def test_before_the_first_step():
    assert told(FakeEngine(appliance())) == [("note", "The engine is starting; nothing is decided yet.")]


def test_a_fault_comes_first():
    engine = running()
    engine.fault = "ZeroDivisionError"
    engine.see(after_s=60)
    assert told(engine)[0] == (
        "trouble",
        "The engine met a fault of its own and took the loads to fail-safe: ZeroDivisionError.",
    )


def test_an_engine_that_has_stopped_stepping_is_said_to():
    engine = running()
    wake = engine.outcome.wake_at
    engine.clock.at = wake + 30
    assert not any("last step" in text for _, text in told(engine))
    engine.clock.at = wake + 31
    assert ("trouble", f"The engine took its last step {wake + 31 - NOON:.0f} s ago: what follows is old.") in told(
        engine
    )


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (14, []),
        (60, [("note", "The grid meter has been silent for 60 s: nothing starts or stops on its last value.")]),
        (
            300,
            [("trouble", "The grid meter has been silent for 5 min: solar policies are in their fail-safe position.")],
        ),
    ],
)
def test_a_silent_grid_meter(age_s, expected):
    assert told(running().see(after_s=age_s)) == expected


def test_a_site_without_a_grid_meter_does_not_miss_it():
    assert told(FakeEngine(appliance(), signals={}).see()) == []


def test_an_outage_names_the_device_once():
    engine = running()
    engine.devices = (
        ChannelStatus(
            device="cellar", channel="relay-1", kind="relay", ok=False, last_ok=NOON - 900, last_error="timeout"
        ),
        ChannelStatus(
            device="cellar", channel="relay-2", kind="relay", ok=False, last_ok=NOON - 600, last_error="timeout"
        ),
        ChannelStatus(device="plug", channel="meter", kind="meter", ok=False),
        ChannelStatus(device="new", channel="relay-1", kind="relay"),
        ChannelStatus(device="grid", channel="meter", kind="meter", ok=True, last_error="once"),
    )
    assert told(engine) == [
        ("trouble", "cellar (relay-1, relay-2) has not answered since 11:50: timeout."),
        ("trouble", "plug (meter) has never answered."),
    ]


def wrong(severity):
    return Problem(code="S105", severity=severity, message=f"an {severity}.", file="a.yaml")


@pytest.mark.parametrize(
    ("problems", "words"),
    [
        ((wrong("error"),), "goes on: a.yaml: error[S105]: an error. “noonward check” tells it all."),
        ((wrong("info"), wrong("error"), wrong("error")), "an error and one problem more."),
        (("the folder is gone", *[wrong("error")] * 2), "goes on: the folder is gone and 2 problems more."),
    ],
)
def test_a_folder_that_does_not_load_says_the_first_error(problems, words):
    engine = running()
    engine.problems = problems
    ((level, text),) = told(engine)
    assert level == "trouble"
    assert words in text


def test_notes_stand_behind_trouble():
    engine = running().see(clock_trusted=False, dim=True, after_s=0)
    engine.problems = (wrong("error"),)
    assert [level for level, _ in told(engine)] == ["trouble", "note", "note"]
    assert "The grid operator has limited controlled loads." in told(engine)[2]
