"""What is written about a policy: its file, and when its timers are open."""

from dataclasses import replace
from datetime import datetime

import pytest

from noonward.core.model import Mode, Override, Reading
from noonward.core.timers import Timer, Windows
from noonward.policy.cron import parse
from noonward.policy.load import load
from noonward.views.files import source, windows
from support.carpark import carpark
from support.daemon import POLICIES
from support.fakeengine import NOON, FakeEngine, appliance

ZURICH = "Europe/Zurich"
SITE = "devices:\n  meter: {driver: modbus, password: hunter2}\n"


@pytest.fixture(scope="module")
def example():
    engine = FakeEngine()
    engine.loaded = load(POLICIES)
    engine.revision = "0123abcd"
    return engine


def test_every_policy_has_its_own_file_and_none_is_the_site_s(example):
    for one in example.loaded.site.policies:
        told = source(example, one)
        assert told["file"] == f"{one.name}.yaml"
        assert f"name: {one.name}" in told["text"]
        assert told["revision"] == "0123abcd"
        assert "devices:" not in told["text"]


@pytest.mark.parametrize("file", ["policies/boiler.yaml", "boiler.yaml", "/etc/noonward/boiler.yaml"])
def test_it_is_found_wherever_the_folder_is(file):
    one = appliance(file=file)
    engine = FakeEngine(one)
    engine.loaded = replace(
        engine.loaded, files={"oiler.yaml": "x", "boiler.yaml": "name: boiler\n", "site.yaml": SITE}
    )
    assert source(engine, one)["text"] == "name: boiler\n"


@pytest.mark.parametrize("file", ["", "site.yaml", "policies/site.yaml", "gone.yaml"])
def test_what_is_no_policy_s_file_is_not_shown(file):
    one = appliance(file=file)
    engine = FakeEngine(one)
    engine.loaded = replace(engine.loaded, files={"site.yaml": SITE, "boiler.yaml": "name: boiler\n"})
    assert (source(engine, one)["file"], source(engine, one)["text"]) == (None, None)


def test_badges_in_a_file_stay_secret():
    engine = carpark()
    zone = replace(engine.loaded.site.zones[0], file="garage.yaml", always=("04A2B3C4D5", "04A2"))
    site = replace(engine.loaded.site, zones=(zone,))
    text = "charge_now: {always: [04a2b3c4d5, 04A2, anna]}\n"
    engine.loaded = replace(engine.loaded, site=site, files={"garage.yaml": text})
    assert source(engine, zone)["text"] == "charge_now: {always: […c4d5, …A2, anna]}\n"


def test_the_line_is_that_of_the_row_that_decided():
    engine = FakeEngine(one := appliance(file="boiler.yaml", lines={"surplus": 5})).see(grid_w=Reading(0.0, NOON))
    assert source(engine, one)["line"] == 5


NIGHT = Windows((Timer("night", parse("0 22 * * *"), None, 8 * 3600.0, 1),), ZURICH)


def timed(mode=Mode.TIMER):
    return FakeEngine(appliance(mode=mode, windows=NIGHT))


def at(text):
    return datetime.fromisoformat(text).timestamp()


def test_windows_of_a_night_in_which_the_clock_is_put_back():
    engine = timed()
    told = windows(engine, engine.loaded.site.policies[0], at("2026-10-24T00:00+02:00"), 2)
    assert (told["from"], told["to"]) == ("2026-10-24T00:00:00+02:00", "2026-10-26T00:00:00+01:00")
    assert told["clock_changes"] == [{"at": "2026-10-25T02:00:00+01:00", "by_s": -3600.0}]
    assert [(one["name"], one["open_before"], one["open_after"]) for one in told["windows"]] == [
        ("night", True, False),
        ("night", False, False),
        ("night", False, True),
    ]
    assert told["windows"][0]["from"] == told["from"]
    assert told["windows"][-1]["to"] == told["to"]


async def test_whether_the_mode_in_force_looks_at_them():
    engine = timed()
    one = engine.loaded.site.policies[0]
    assert windows(engine, one, NOON, 1)["in_force"] is True
    await engine.set_override("boiler", Override(mode=Mode.ALWAYS_ON))
    told = windows(engine, one, NOON, 1)
    assert (told["in_force"], len(told["windows"])) == (False, 1)


def test_a_policy_without_timers_has_no_windows():
    engine = FakeEngine(appliance(mode=Mode.TIMER))
    told = windows(engine, engine.loaded.site.policies[0], NOON, 14)
    assert (told["in_force"], told["windows"]) == (False, [])
