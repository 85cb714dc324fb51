"""Where a rule begins and ends; that each finds what it is for is tested by the pages (``test_rule_pages.py``)."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.needs import Requirement
from noonward.policy import cron
from noonward.policy.load import check
from noonward.policy.rules import RULES, recurrence

SITE = """
kind: site/v1
name: house-12
timezone: {zone}
grid: {grid}
{more}
devices:
  garage: {{driver: memory, stations: {stations}}}
  grid-meter: {{driver: memory, meter: grid}}
  house: {{driver: memory, meter: grid}}
  inverter: {{driver: memory, meter: pv}}
  cellar: {{driver: memory, dead_man: {dead_man}, relays: {{relay-1: {{power: 3 kW}}, relay-2: {{power: 3 kW}}}}}}
  contact: {{driver: memory, inputs: {{input-1: open}}}}
"""
DEFAULTS = {
    "zone": "Europe/Zurich",
    "grid": "{phases: 3, fuse: 35 A, meter: grid-meter}",
    "more": "",
    "dead_man": "2 min",
    "stations": "{cp-1: {max_current: 32 A}, cp-2: {max_current: 32 A}}",
}
SAFE = "fail_safe: {stale_after: 2 min, then: release}"
QUIET = {"X410", "X412", "T112"}
"""Not looked at here: devices and stations that nothing uses, and that auto-timer reads or."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def codes(*policies: str, **site: str) -> list[str]:
    """The codes that ``check`` tells about policies on a site, each once."""
    Path("site.yaml").write_text(SITE.format(**DEFAULTS | site))
    for k, policy in enumerate(policies):
        Path(f"p{k}.yaml").write_text(policy)
    return sorted({problem.code for problem in check([Path()]).problems} - QUIET)


def appliance(
    mode="timer", load="{power: 3 kW, min_on: 20 min}", *more, name="boiler", relays="[cellar/relay-1]"
) -> str:
    safe = [SAFE] if mode.startswith("auto") and not any("fail_safe" in line for line in more) else []
    rows = ["kind: appliance/v1", f"name: {name}", f"mode: {mode}", f"load: {load}", *more, *safe]
    return "\n".join(rows + ([f"relays: {relays}"] if relays else [])) + "\n"


def timed(*rows: str, load: str = "{power: 3 kW, min_on: 20 min}") -> str:
    return appliance("timer", load, "timers:\n" + "\n".join(f"  - {{{row}}}" for row in rows))


def zone(*more: str, mode="auto-solar", limits="{max_power: 11 kW}", stations="[cp-1]", name="garage") -> str:
    safe = [SAFE] if not any("fail_safe" in line for line in more) else []
    rows = ["kind: ev-zone/v1", f"name: {name}", f"mode: {mode}", f"stations: {stations}", f"limits: {limits}"]
    return "\n".join([*rows, *more, *safe]) + "\n"


TIMERS = [
    # timers, load, codes
    (['start: "0 6 * * *", for: 20 min'], "20 min", []),
    (['start: "0 6 * * *", for: 19 min'], "20 min", ["T103"]),
    (['start: "0 6 * * *", for: 24 h'], "20 min", ["T102"]),  # it starts again when it ends: it never closes
    (['start: "0 6 * * mon", for: 24 h'], "20 min", []),
    (['start: "0 6 * * mon", for: 25 h'], "20 min", ["T102"]),
    (['start: "0 6 * * mon", stop: "0 6 * * tue"'], "20 min", []),
    (['start: "0 0 * * *", stop: "0 0 * * sun"'], "20 min", ["T102"]),  # on Sunday both: nothing; it never closes
    (['start: "0 6 * * *", stop: "0 6 * * *"'], "20 min", ["T101"]),
    (['start: "0 6 * * *", stop: "0  6 * * 0-6"'], "20 min", ["T101"]),
    (['start: "0 6 * * *", stop: "0 12 * * *"', 'start: "0 12 * * *", stop: "0 18 * * *"'], "20 min", []),  # they touch
    (['start: "0 6 * * *", stop: "0 12 * * *"', 'start: "20 12 * * *", stop: "0 18 * * *"'], "20 min", []),
    (['start: "0 6 * * *", stop: "0 12 * * *"', 'start: "19 12 * * *", stop: "0 18 * * *"'], "20 min", ["T104"]),
    (['start: "0 6 * * *", stop: "0 12 * * *"', 'start: "10 12 * * *", stop: "0 18 * * *"'], "5 min, min_off: 10 min", []),
    (['start: "0 6 * * *", stop: "0 12 * * *"', 'start: "9 12 * * *", stop: "0 18 * * *"'], "5 min, min_off: 10 min", ["T104"]),
    (['start: "0 6 * * *", stop: "1 12 * * *"', 'start: "0 12 * * *", stop: "0 18 * * *"'], "20 min", ["T105"]),
    (['start: "0 6 * * mon", for: 2 h', 'start: "0 7 * * tue", for: 2 h'], "20 min", []),
    (['start: "0 */2 * * *", for: 2 h'], "20 min", ["T102"]),
    (['start: "0 */2 * * *", for: 121 min'], "20 min", ["T102", "T105"]),
    (['start: "0 6 29 2 *", for: 2 h'], "20 min", []),
    (['start: "0 6 29 2 *", for: 10 min'], "20 min", ["T103"]),
    (['start: "0 6 1 */3 *", stop: "0 6 3 */3 *"'], "20 min", ["T102"]),
    (['start: "0 6 1-7 * *", for: 2 h'], "20 min", []),
    (['start: "0 6 * 6-8 *", for: 20 min'], "20 min", []),
    (['start: "*/15 * * 6-8 *", for: 1 min'], "20 min", ["T103", "T104"]),
    (['start: "*/12 * * 6-8 *", for: 1 min'], "20 min", []),  # too often, over too long, to be looked at
    (['start: "0 6 * 6-8 *", stop: "0 8 * 6-8 *"'], "20 min", []),
    (['start: "0 6 * 6-8 *", stop: "0 7 * * *"'], "20 min", []),
    (['start: "0 6 * * *", stop: "0 7 * 6-8 *"'], "20 min", ["T102"]),  # opened on 1 September, closed in June
    (['start: "0 6 1-7 * mon", for: 2 h'], "20 min", ["T107"]),
    (['start: "45/15 6 * * *", for: 20 min'], "20 min", ["T108"]),
    (['start: "44/15 6 * * *", for: 15 min'], "15 min", []),
    (['start: "0 20/4 * * *", for: 20 min'], "20 min", ["T108"]),
    (['start: "0 */6 * * *", for: 20 min'], "20 min", []),
    (['start: "0 */7 * * *", for: 20 min'], "20 min", ["T109"]),
    (['start: "*/30 6 * * *", for: 20 min'], "5 min", []),
    (['start: "*/61 6 * * *", for: 20 min'], "20 min", ["S107"]),
    (['start: "0-59 6 * * *", stop: "0 8 * * *"'], "20 min", ["T110"]),
    (['start: "0-58 6 * * *", stop: "0 8 * * *"'], "20 min", []),
    (['start: "0 6 * * *", for: 366 d'], "20 min", ["T102", "T105"]),
    (['start: "0 6 * * *", for: 367 d'], "20 min", ["T113"]),
]  # fmt: skip


@pytest.mark.parametrize(("timers", "min_on", "expected"), TIMERS)
def test_timers(timers: list[str], min_on: str, expected: list[str]) -> None:
    assert codes(timed(*timers, load=f"{{power: 3 kW, min_on: {min_on}}}")) == expected


NIGHTS = [
    # window, time zone, whether its length changes with the clocks
    ('start: "0 22 * * *", stop: "0 6 * * *"', "Europe/Zurich", True),
    ('start: "0 22 * * *", stop: "0 6 * * *"', "UTC", False),
    ('start: "0 22 * * *", stop: "0 6 * * *"', "Africa/Lagos", False),
    ('start: "0 22 * * *", stop: "0 6 * * *"', "Australia/Lord_Howe", True),  # by half an hour
    ('start: "0 22 * * *", for: 8 h', "Europe/Zurich", False),
    ('start: "0 3 * * *", stop: "0 6 * * *"', "Europe/Zurich", False),  # begins when the change is over
    ('start: "0 22 * * *", stop: "0 2 * * *"', "Europe/Zurich", False),
    ('start: "0 2 * * *", stop: "0 4 * * *"', "Europe/Zurich", True),
    ('start: "0 22 * * mon-fri", stop: "0 6 * * tue-sat"', "Europe/Zurich", False),  # clocks change on a Sunday
    ('start: "0 22 * 6-8 *", stop: "0 6 * 6-8 *"', "Europe/Zurich", False),  # in summer they do not
]


@pytest.mark.parametrize(("window", "timezone", "changes"), NIGHTS)
def test_nights_on_which_clocks_change(window: str, timezone: str, changes: bool) -> None:
    """Edge case 56: what happens to a window in these nights is said before it happens."""
    assert ("T106" in codes(timed(window), zone=timezone)) is changes


THRESHOLDS = [
    # surplus, codes (nominal power 3 kW)
    ("{on_above: 100 %, off_below: 50 %}", []),
    ("{on_above: 3 kW, off_below: 1500 W}", []),
    ("{on_above: 3 kW, off_below: 2950 W}", []),
    ("{on_above: 3 kW, off_below: 2951 W}", ["P202"]),
    ("{on_above: 3 kW, off_below: 3 kW}", ["P202"]),
    ("{on_above: 3 kW, off_below: 3001 W}", ["P201"]),
    ("{on_above: 1500 W}", ["P202", "P203"]),
    ("{on_above: 1499 W}", ["P201"]),
    ("{off_below: 101 %}", ["P201"]),
    ("{on_above: 120 %, off_below: 101 %}", []),
    ("{on_above: 99 %}", ["P203"]),
    ("{on_above: 3 kW}", []),
    ("{on_delay: 5 min}", []),
]


@pytest.mark.parametrize(("surplus", "expected"), THRESHOLDS)
def test_thresholds(surplus: str, expected: list[str]) -> None:
    assert codes(appliance("auto-solar", "{power: 3 kW}", f"surplus: {surplus}")) == expected


APPLIANCES = [
    # what, policy, site, codes
    ("the array's peak is enough", appliance("auto-solar", "{power: 8 kW}"), {"more": "pv: {peak: 8 kWp}"}, []),
    ("the array's peak is not", appliance("auto-solar", "{power: 8001 W}"), {"more": "pv: {peak: 8 kWp}"}, ["P208"]),
    ("it need not be", appliance("always-on", "{power: 9 kW}"), {"more": "pv: {peak: 8 kWp}"}, []),
    ("35 A on one phase", appliance("manual", "{power: 8050 W, phases: [L2]}"), {}, []),
    ("36 A on one phase", appliance("manual", "{power: 8280 W, phases: [L2]}"), {}, ["P209"]),
    ("36 A on unknown phases", appliance("manual", "{power: 8280 W}"), {}, []),
    ("36 A at one phase", appliance("manual", "{power: 8280 W}"), {"grid": "{phases: 1, fuse: 35 A}"}, ["P209", "X423"]),
    ("no fuse declared", appliance("manual", "{power: 50 kW, phases: [L1]}"), {"grid": "{}"}, []),
    ("under the import cap", appliance("manual", "{power: 3 kW}"), {"grid": "{import_cap: 3 kW}"}, []),
    ("above the import cap", appliance("manual", "{power: 3001 W}"), {"grid": "{import_cap: 3 kW}"}, ["P210"]),
    ("above it, off", appliance("always-off", "{power: 4 kW}"), {"grid": "{import_cap: 3 kW}"}, []),
    ("above it, on the sun", appliance("auto-solar", "{power: 4 kW}"), {"grid": "{import_cap: 3 kW, meter: grid-meter}"}, []),
    ("a minimum off-time will do", appliance("auto-solar", "{power: 3 kW, min_on: 0 s, min_off: 5 min}"), {}, []),
    ("restless by hand", appliance("manual", "{power: 3 kW, min_on: 0 s}"), {}, []),
    ("SG-Ready defaults", appliance("auto-solar", "{power: 2 kW}", "contact: sg-ready"), {}, []),
    ("SG-Ready 10 min", appliance("auto-solar", "{power: 2 kW, min_off: 10 min}", "contact: sg-ready"), {}, []),
    ("SG-Ready 9 min", appliance("auto-solar", "{power: 2 kW, min_off: 9 min}", "contact: sg-ready"), {}, ["R507"]),
    ("offers watched", appliance("auto-solar", "{power: 2 kW, refused_after: 15 min, meter: cellar/power-1}", "contact: sg-ready"), {}, []),
    ("no dead-man, by hand", appliance("manual"), {"dead_man": "0 s"}, []),
    ("no dead-man, on the sun", appliance("auto-solar"), {"dead_man": "0 s"}, ["R502"]),
    ("no dead-man, kept", appliance("auto-solar", "{power: 3 kW}", "fail_safe: {then: keep}"), {"dead_man": "0 s"}, ["R504"]),
    ("forced, with a minimum", appliance("auto-solar", "{power: 3 kW, min_on: 1 h}", "fail_safe: {then: force}"), {}, []),
    ("forced, with none", appliance("auto-solar", "{power: 3 kW, min_on: 0 s, min_off: 1 h}", "fail_safe: {then: force}"), {}, ["R503"]),
    ("stale after one period", appliance("auto-solar", "{power: 3 kW}", "fail_safe: {stale_after: 5 s}"), {}, []),
    ("stale before", appliance("auto-solar", "{power: 3 kW}", "fail_safe: {stale_after: 4 s}"), {}, ["X425"]),
    ("stale before the lag is over", appliance("auto-solar", "{power: 3 kW}", "fail_safe: {stale_after: 30 s}"), {"grid": "{meter: grid-meter, lag: 30 s}"}, ["X425"]),
    ("frozen after three", appliance("manual"), {"grid": "{meter: grid-meter, frozen_after: 15 s}"}, []),
    ("frozen before three", appliance("manual"), {"grid": "{meter: grid-meter, frozen_after: 14 s}"}, ["X426"]),
    ("two meters of its own", appliance("manual", "{power: 3 kW, meter: cellar/power-1}"), {"more": "pv: {meter: inverter}"}, []),
    ("the grid meter for its own", appliance("manual", "{power: 3 kW, meter: grid-meter/meter}"), {}, ["X408"]),
    ("a device with two meters", appliance("manual", "{power: 3 kW, meter: cellar}"), {}, ["X402"]),
    ("a device with no input", appliance("manual"), {"more": "dim: {input: cellar, cap: 4 kW}"}, ["X402"]),
    ("a relay for an input", appliance("manual"), {"more": "dim: {input: cellar/relay-1, cap: 4 kW}"}, ["X403"]),
    ("nothing is said of a device with a fault", appliance("manual", "{power: 3 kW}", relays="[cellar/relay-7]"), {"dead_man": "2 min, oops: 1"}, ["S104"]),
]  # fmt: skip


METERED = "{power: 3 kW, min_on: 20 min, meter: cellar/power-1}"
SUN = {"more": "pv: {peak: 20 kWp, meter: inverter}"}


def needing(need: str, *more: str, mode: str = "auto-solar", load: str = METERED) -> str:
    return appliance(mode, load, f"need: {{{need}}}", *more)


def with_vehicles(need: str, limits: str = "{max_power: 11.04 kW}", stations: str = "[cp-1]") -> str:
    return zone("phases: 3", f"need: {{{need}}}", limits=limits, stations=stations)


NOON = 'timers: [{start: "0 12 * * *", for: 2 h}]'
NEEDS = [
    # an energy and its time
    (needing("energy: 72 kWh"), []),
    (needing("energy: 72.1 kWh"), ["N601"]),
    (needing('energy: 60 kWh, by: "0 20 * * *"'), []),
    (needing('energy: 60.1 kWh, by: "0 20 * * *"'), ["N601"]),
    (needing('energy: 60.1 kWh, by: "0 20 * * *"', mode="manual"), ["N606"]),
    (needing('energy: 60.1 kWh, by: "0 20 * * *", period: "0 20 * * *"'), []),  # a whole day, from evening to evening
    (needing('energy: 60.1 kWh, by: "0 20 * * *", period: "0 21 * * *"'), []),
    (needing('energy: 60.1 kWh, by: "0 20 * * mon", period: "0 20 * * mon"'), []),
    (needing('energy: 33 kWh, by: "0 7,18 * * *", period: "0 7,18 * * *"'), []),
    (needing('energy: 33.1 kWh, by: "0 7,18 * * *", period: "0 7,18 * * *"'), ["N602"]),
    (needing('energy: 39 kWh, by: "0 7,18 * * *", period: "0 7,18 * * *"'), ["N602"]),
    (needing('energy: 39.1 kWh, by: "0 7,18 * * *", period: "0 7,18 * * *"'), ["N601"]),
    # periods and deadlines
    (needing('energy: 6 kWh, by: "0 20 * * 1-5"'), ["N603"]),
    (needing('energy: 6 kWh, by: "0 20 * * 1-5", period: "0 20 * * 1-5"'), []),
    (needing('energy: 6 kWh, by: "0 20 * 6-8 *"'), ["N603"]),
    (needing('energy: 6 kWh, by: "*/10 * * 6-8 *"'), []),  # too often, over too long, to be looked at
    (needing('energy: 6 kWh, by: "0 0 * * *"'), []),  # midnight is the end of a day, not its beginning
    (needing('energy: 6 kWh, by: "0 12,20 * * *"'), ["N604"]),
    (needing('energy: 6 kWh, by: "0 9 * * *"'), ["N605"]),
    (needing('energy: 6 kWh, by: "1 9 * * *"'), []),
    (needing('energy: 6 kWh, by: "0 9 * * *", period: "0 16 * * *"'), ["N605"]),
    (needing('energy: 6 kWh, by: "0 9 * * *", period: "59 15 * * *"'), []),
    (needing('energy: 6 kWh, by: "0 7 * * *", period: "0 7 * * *"'), []),
    (needing('energy: 6 kWh, by: "0 7 * * *"', NOON, mode="timer"), []),  # looks at no sun
    (needing('energy: 6 kWh, by: "0 7 * * *"', NOON, mode="auto-timer"), ["N605"]),
    # modes and plans
    (needing("energy: 6 kWh", mode="always-off"), ["N606"]),
    (needing("energy: 6 kWh", "plan: calm", mode="always-on"), ["N606"]),
    (needing("energy: 6 kWh", "plan: calm", NOON, mode="timer"), ["N607"]),
    (needing("energy: 6 kWh", "plan: calm", NOON, mode="auto-timer"), []),
    (needing("energy: 6 kWh", "plan: normal", "surplus: {off_below: 40 %}"), ["N608"]),
    (needing("energy: 6 kWh", "surplus: {off_below: 40 %}"), []),
    (needing("energy: 6 kWh", "surplus: {on_above: 40 %}"), []),  # somebody did ask for what it buys
    (needing("energy: 6 kWh", "surplus: {off_below: 60 %}"), ["P201"]),  # above the 50 % that start it
    (needing("energy: 6 kWh", "plan: normal", "surplus: {off_below: 60 %}"), ["N608"]),
    # what is counted
    (needing("energy: 6 kWh", load="{power: 3 kW, min_on: 20 min}"), ["N609"]),
    (needing("energy: 6 kWh", load="{power: 3 kW, min_on: 20 min}", mode="manual"), ["N606"]),
    (needing("energy: 6 kWh", "contact: sg-ready"), []),
    (needing("energy: 6 kWh", "contact: sg-ready", load="{power: 3 kW, min_on: 20 min}"), ["N611"]),
    (needing("energy: 1 kWh"), []),
    (needing("energy: 999 Wh"), ["N612"]),
    # vehicles: 11.04 kW at one station, a day from one deadline to the next
    (with_vehicles('energy: 264.96 kWh, by: "0 7 * * *"'), []),
    (with_vehicles('energy: 265 kWh, by: "0 7 * * *"'), ["N601"]),
    (with_vehicles('energy: 265 kWh, by: "0 7 * * 1-5"'), []),
    (with_vehicles('energy: 132.48 kWh, by: "0 7 * * *"', stations="[cp-1, cp-2]"), []),
    (with_vehicles('energy: 133 kWh, by: "0 7 * * *"', stations="[cp-1, cp-2]"), ["N602"]),
    (with_vehicles('energy: 530 kWh, by: "0 7 * * *"', limits="{max_power: 24 kW}"), ["N601"]),  # the station has 22 kW
    (with_vehicles("from: user"), ["N610"]),
    (with_vehicles('from: user, by: "0 7 * * *"'), ["N610"]),
    (with_vehicles("from: user, energy: 10 kWh"), ["N610"]),
    (with_vehicles('from: user, energy: 10 kWh, by: "0 7 * * *"'), []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("need", "says"),
    [
        ("from: user", "energy and departure are guessed from past stays"),
        ('from: user, by: "0 7 * * *"', "it charges until it is full, in time for `by`"),
        ("from: user, energy: 10 kWh", "its departure is guessed from past stays"),
    ],
)
def test_it_says_what_counts_where_a_driver_says_nothing(need: str, says: str) -> None:
    Path("site.yaml").write_text(SITE.format(**DEFAULTS | SUN))
    Path("garage.yaml").write_text(with_vehicles(need))
    (message,) = (problem.message for problem in check([Path()]).problems if problem.code == "N610")
    assert says in message


@pytest.mark.parametrize(("policy", "expected"), NEEDS)
def test_needs(policy: str, expected: list[str]) -> None:
    assert codes(policy, **SUN) == expected


def test_a_plan_had_better_see_the_sun() -> None:
    policy = needing("energy: 6 kWh", "plan: calm")
    assert codes(policy) == codes(policy, more="pv: {peak: 20 kWp}") == ["N613"]
    assert codes(policy, **SUN) == codes(policy.replace("plan: calm", "")) == []


ASKED = [
    (appliance("auto-solar"), "{model: quota, energy: 6 kWh}", True),
    (needing("energy: 5.9 kWh"), "{model: quota, energy: 6 kWh}", True),
    (needing("energy: 6 kWh"), "{model: quota, energy: 6 kWh}", False),
    (appliance("auto-solar"), "{model: tank, volume: 300 l, target: 60 °C}", False),  # needs what it needs
    (appliance("auto-timer", METERED, NOON), "{model: quota, energy: 6 kWh}", False),  # its windows may do
    (appliance("manual"), "{model: quota, energy: 6 kWh}", False),
]


@pytest.mark.parametrize(("policy", "plant", "told"), ASKED)
def test_a_scenario_that_asks_for_more_than_its_policy_promises(policy: str, plant: str, told: bool) -> None:
    Path("june.csv").write_text("time,pv_w,base_load_w\n2026-06-01T11:00Z,0,0\n2026-06-01T11:15Z,0,0\n")
    Path("s.yaml").write_text(f"kind: scenario/v1\ntape: june.csv\nplants: {{boiler: {plant}}}\n")
    assert ("N614" in codes(policy, **SUN)) is told


PERIODS = [
    ("0 20 * * *", None),
    ("0 7 * * 1-5", None),
    ("30 6 * * *", "0 7 * * *"),
    ("0 7,18 * * *", "0 7,18 * * *"),
    ("0 12 1 * *", "0 0 1 * *"),
    (None, "0 12 * * mon,thu"),
    ("0 20 * 6-8 *", None),
]


@pytest.mark.parametrize(("by", "period"), PERIODS)
def test_periods_are_those_that_the_engine_goes_by(by: str | None, period: str | None) -> None:
    """The rules look at many periods at once, the engine at the one that it is in."""
    need = Requirement(energy_wh=6000.0, by=by and cron.parse(by), period=period and cron.parse(period))
    found = recurrence.terms(need)
    assert len(found) > 3
    assert [need.term(term.start) for term in found] == list(found)


@pytest.mark.parametrize(
    ("policy", "site", "expected"), [row[1:] for row in APPLIANCES], ids=[row[0] for row in APPLIANCES]
)
def test_appliances(policy: str, site: dict[str, str], expected: list[str]) -> None:
    assert codes(policy, **site) == expected


ZONES = [
    # what, zone, site, codes
    ("6 A on three phases", zone(limits="{max_power: 11 kW, min_power: 4140 W}"), {}, []),
    ("less", zone(limits="{max_power: 11 kW, min_power: 4139 W}"), {}, ["V302"]),
    ("6 A on one", zone("phases: 1", limits="{max_power: 7 kW, min_power: 1380 W}"), {}, []),
    ("auto counts as three", zone("phases: auto", limits="{max_power: 11 kW, min_power: 4139 W}"), {}, ["V302"]),
    ("6 A", zone(limits="{max_power: 11 kW, min_current: 6 A}"), {}, []),
    ("5.9 A", zone(limits="{max_power: 11 kW, min_current: 5.9 A}"), {}, ["V301"]),
    ("just one vehicle", zone(limits="{max_power: 4140 W}"), {}, []),
    ("not one vehicle", zone(limits="{max_power: 4139 W}"), {}, ["V304"]),
    ("two at once", zone(limits="{max_power: 8280 W}", stations="[cp-1, cp-2]"), {}, []),
    ("not two at once", zone(limits="{max_power: 8279 W}", stations="[cp-1, cp-2]"), {"stations": "{cp-1: {safe_current: 0 A, max_current: 32 A}, cp-2: {}}"}, ["V305"]),
    ("8 kWp", zone(), {"more": "pv: {peak: 8 kWp}"}, ["V306"]),
    ("more", zone(), {"more": "pv: {peak: 8.1 kWp}"}, []),
    ("8 kWp by the clock", zone('timers: [{start: "0 9 * * *", for: 6 h}]', mode="timer").replace(SAFE, ""), {"more": "pv: {peak: 8 kWp}"}, []),
    ("less than one vehicle", zone(), {"more": "pv: {peak: 3 kWp}"}, ["P208"]),
    ("all the connection has", zone(limits="{max_power: 24150 W}"), {}, []),
    ("more than that", zone(limits="{max_power: 24151 W}"), {}, ["V309", "X423"]),
    ("switched, no minimum", zone("vehicle: {modulates: false}"), {"stations": "{cp-1: {max_current: 15 A}}"}, []),
    ("switched, more than the zone has", zone("vehicle: {modulates: false}"), {"stations": "{cp-1: {max_current: 16 A}}"}, ["V304"]),
    ("switched, one of two", zone("vehicle: {modulates: false}", stations="[cp-1, cp-2]", limits="{max_power: 12 kW}"), {"stations": "{cp-1: {max_current: 8 A, safe_current: 0 A}, cp-2: {max_current: 18 A}}"}, ["V321"]),
    ("switched, just what the zone has", zone("vehicle: {modulates: false}", stations="[cp-1, cp-2]", limits="{max_power: 11040 W}"), {"stations": "{cp-1: {max_current: 8 A, safe_current: 0 A}, cp-2: {max_current: 16 A}}"}, []),
    ("switched, the zone just has the other", zone("vehicle: {modulates: false}", stations="[cp-1, cp-2]", limits="{max_power: 5520 W}"), {"stations": "{cp-1: {max_current: 8 A, safe_current: 0 A}, cp-2: {max_current: 16 A}}"}, ["V305", "V321"]),
    ("switched, on one phase", zone("vehicle: {modulates: false}", limits="{max_power: 3680 W}"), {"stations": "{cp-1: {max_current: 16 A, phases: 1}}"}, []),
    ("starts with what holds", zone(limits="{max_power: 11 kW, start_current: 6 A}"), {}, []),
    ("starts with less", zone(limits="{max_power: 11 kW, min_current: 8 A, start_current: 7.9 A}"), {}, ["V310"]),
    ("starts with less than the power", zone(limits="{max_power: 11 kW, min_power: 5520 W, start_current: 7 A}"), {}, ["V310"]),
    ("starts with all there is", zone(limits="{max_power: 5520 W, start_current: 8 A}"), {}, []),
    ("starts with more than there is", zone(limits="{max_power: 5519 W, start_current: 8 A}"), {}, ["V304"]),
    ("one phase reaches what three need", zone("phases: auto"), {"stations": "{cp-1: {max_current: 18 A}}"}, []),
    ("it does not", zone("phases: auto"), {"stations": "{cp-1: {max_current: 17.9 A}}"}, ["V311"]),
    ("three start with less", zone("surplus: {on_above: 85 %}"), {"stations": "{cp-1: {max_current: 16 A}}"}, ["P203"]),
    ("the largest station does", zone(stations="[cp-1, cp-2]"), {"stations": "{cp-1: {}, cp-2: {max_current: 18 A}}"}, []),
    ("all have one phase", zone(), {"stations": "{cp-1: {phases: 1}}"}, []),
    ("not by surplus", zone(mode="always-on").replace(SAFE, ""), {"stations": "{cp-1: {}}"}, []),
    ("wishes allowed", zone("charge_now: {allowed: true, always: [anna]}"), {"more": "users: {anna: {badges: [B1]}}"}, []),
    ("wishes forbidden", zone("charge_now: {allowed: false, always: [anna]}"), {"more": "users: {anna: {badges: [B1]}}"}, ["V312"]),
    ("dimmed to one vehicle", zone(), {"more": "dim: {input: contact, cap: 4140 W}"}, []),
    ("dimmed to less", zone(), {"more": "dim: {input: contact, cap: 4139 W}"}, ["V313"]),
    ("dimmed, never on", zone(mode="always-off").replace(SAFE, ""), {"more": "dim: {input: contact, cap: 4139 W}"}, []),
    ("a cap of one vehicle", zone(mode="always-on").replace(SAFE, ""), {"grid": "{phases: 3, import_cap: 4140 W, meter: grid-meter}"}, []),
    ("a cap of less", zone(mode="always-on").replace(SAFE, ""), {"grid": "{phases: 3, import_cap: 4139 W, meter: grid-meter}"}, ["P210"]),
    ("less than the minimum", zone(limits="{max_power: 11 kW, min_current: 10 A}"), {"stations": "{cp-1: {max_current: 9.9 A}}"}, ["V311", "V321"]),
    ("less than the start", zone("phases: 3", limits="{max_power: 11 kW, start_current: 10 A}"), {"stations": "{cp-1: {max_current: 9.9 A}}"}, ["V321"]),
    ("as much as the start", zone("phases: 3", limits="{max_power: 11 kW, start_current: 10 A}"), {"stations": "{cp-1: {max_current: 10 A}}"}, []),
    ("safe within the fuse", zone(), {"stations": "{cp-1: {safe_current: 15 A, max_current: 32 A}, cp-2: {safe_current: 20 A, max_current: 32 A}}"}, []),
    ("safe beyond it", zone(), {"stations": "{cp-1: {safe_current: 15 A, max_current: 32 A}, cp-2: {safe_current: 21 A, max_current: 32 A}}"}, ["V322"]),
    ("on phases of their own", zone("phases: 1"), {"stations": "{cp-1: {safe_current: 20 A, phases: 1, rotation: [L1]}, cp-2: {safe_current: 20 A, phases: 1, rotation: [L2]}}"}, []),
    ("on one phase", zone("phases: 1"), {"stations": "{cp-1: {safe_current: 20 A, phases: 1, rotation: [L2]}, cp-2: {safe_current: 20 A, phases: 1, rotation: [L2]}}"}, ["V322"]),
    ("safe within the zone", zone(limits="{max_power: 8280 W}", stations="[cp-1, cp-2]"), {}, []),
    ("safe beyond the zone", zone(limits="{max_power: 8279 W}", stations="[cp-1, cp-2]"), {}, ["V305", "V323"]),
    ("safe beyond a zone of one", zone(limits="{max_power: 4140 W}", stations="[cp-1, cp-2]"), {}, ["V305", "V323"]),
    ("three phases at a site of one", zone("phases: 3"), {"grid": "{phases: 1, meter: grid-meter}", "stations": "{cp-1: {phases: 1}}"}, ["V308"]),
    ("unbalance, phases known", zone(), {"grid": "{phases: 3, unbalance: 20 A, meter: grid-meter}"}, []),
    ("unbalance of one phase", zone("phases: 1"), {"grid": "{phases: 1, unbalance: 20 A, meter: grid-meter}"}, ["V324"]),
    ("as much as the unbalance", zone("phases: 1", limits="{max_power: 7 kW}"), {"grid": "{phases: 3, unbalance: 32 A, meter: grid-meter}"}, []),
    ("more than the unbalance", zone("phases: 1", limits="{max_power: 7 kW}"), {"grid": "{phases: 3, unbalance: 31 A, meter: grid-meter}"}, ["V325"]),
    ("three phases at one", zone("phases: 3"), {"stations": "{cp-1: {phases: 1}}"}, ["V326"]),
    ("one phase at one", zone("phases: 1"), {"stations": "{cp-1: {phases: 1}}"}, []),
    ("a station that is not there", zone(stations="[cp-1, cp-3]"), {}, ["X411"]),
    ("a badge in another case", zone("charge_now: {always: [b1]}"), {"more": "users: {anna: {badges: [B1]}}"}, []),
    ("of a user without badges", zone("charge_now: {always: [anna]}"), {"more": "users: {anna: {}}"}, ["X427"]),
    ("standing wish of a user", zone("charge_now: {always: [anna]}"), {"more": "users: {anna: {badges: [B1]}}"}, []),
    ("of nobody", zone("charge_now: {always: [anne]}"), {"more": "users: {anna: {}}"}, ["X427"]),
    ("auto at one phase", zone(limits="{max_power: 7 kW}"), {"grid": "{phases: 1, meter: grid-meter}"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "site", "expected"), [row[1:] for row in ZONES], ids=[row[0] for row in ZONES])
def test_zones(policy: str, site: dict[str, str], expected: list[str]) -> None:
    """Edge cases 12, 13, 20, 24, 25 and 85, as far as a folder alone can show them: at load, before anybody waits."""
    assert codes(policy, **site) == expected


@pytest.mark.parametrize(
    ("stations", "named", "hint"),
    [
        ("{cp-1: {}, cp-2: {}}", "cp-3", "there are cp-1, cp-2"),
        ("{cp-1: {}, garage-left: {}}", "garage-lift", 'did you mean "garage-left"?'),
        ("{'cp-1:1': {}, 'cp-1:2': {}}", "cp-1", "it has several connectors: cp-1:1, cp-1:2"),
    ],
)
def test_a_station_that_no_device_declares_is_told_with_the_nearest(stations: str, named: str, hint: str) -> None:
    codes(zone(stations=f"[{named}]"), stations=stations)

    assert [problem.hint for problem in check([Path()]).problems if problem.code == "X411"] == [hint]


def test_stations_of_a_device_that_cannot_be_asked_are_not_called_unknown() -> None:
    assert codes(zone(stations="[cp-9]"), stations="{cp-1: {phases: 7}}") == ["S105"]


def test_policies_of_one_priority_are_told_once_and_by_name() -> None:
    four = [
        appliance("auto-solar", "{power: 1 kW}", name=n, relays=f"[cellar/{r}]")
        for n, r in zip("dbca", "1234", strict=True)
    ]
    codes(*four, dead_man="2 min")

    told = [problem.message for problem in check([Path()]).problems if problem.code == "X424"]

    assert told == ['priority 100 is shared with "a", "c" and "d": ties go by name, so "a" is served first']


def test_safety_warnings_are_about_what_happens_when_something_fails() -> None:
    assert {rule.code for rule in RULES.values() if rule.safety} == {"R502", "R503", "R504", "V322", "V323"}
    assert all(rule.severity == "warning" for rule in RULES.values() if rule.safety)


CRON_FIELDS = [
    ["0", "*", "*/7", "59/15", "0-59", "13,14"],
    ["0", "*", "*/5", "22-23", "2"],
    ["*", "29", "31", "1-7", "*/2"],
    ["*", "2", "6-8", "jan,dec"],
    ["*", "mon", "0,7", "1-5"],
]
CRONS = st.builds(" ".join, st.tuples(*(st.sampled_from(field) for field in CRON_FIELDS)))
DURATIONS = st.sampled_from(["0 s", "1 s", "10 min", "24 h", "366 d", "9999999 d"])
POWERS = st.sampled_from(["0 W", "1 W", "1380 W", "4140 W", "22 kW", "9999 MW"])
THRESHOLD = st.sampled_from(["0 %", "50 %", "100 %", "9999 %", "0 W", "3 kW"])
MODES = st.sampled_from(["auto-solar", "auto-timer", "timer", "always-on", "always-off", "manual"])
THENS = st.sampled_from(["release", "keep", "force"])
PHASES = st.lists(st.sampled_from(["L1", "L2", "L3"]), min_size=1, unique=True)
RELAYS = st.sampled_from(["cellar/relay-1", "cellar/relay-2", "cellar/power-1", "grid-meter/meter", "none/x"])
TIMERS_OF = st.lists(
    st.one_of(
        st.fixed_dictionaries({"start": CRONS, "for": DURATIONS}),
        st.fixed_dictionaries({"start": CRONS, "stop": CRONS}),
    ),
    min_size=1,
    max_size=3,
)
COMMON = {"priority": st.sampled_from([0, 100, 1000]), "renamed_from": st.sampled_from(["p0", "p1", "old"])}
POLICIES = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("appliance/v1"),
            "mode": MODES,
            "load": st.fixed_dictionaries(
                {"power": POWERS},
                optional={"min_on": DURATIONS, "min_off": DURATIONS, "phases": PHASES, "meter": RELAYS},
            ),
            "relays": st.lists(RELAYS, min_size=1, max_size=2, unique=True),
            "timers": TIMERS_OF,
        },
        optional=COMMON
        | {
            "contact": st.just("sg-ready"),
            "behind_meter": st.booleans(),
            "surplus": st.fixed_dictionaries({}, optional={"on_above": THRESHOLD, "off_below": THRESHOLD}),
            "fail_safe": st.fixed_dictionaries({}, optional={"stale_after": DURATIONS, "then": THENS}),
        },
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("ev-zone/v1"),
            "mode": MODES,
            "stations": st.lists(st.sampled_from("abc"), min_size=1, unique=True),
            "limits": st.fixed_dictionaries({"max_power": POWERS}, optional={"min_power": POWERS}),
            "timers": TIMERS_OF,
        },
        optional=COMMON | {"phases": st.sampled_from([1, 3, "auto"])},
    ),
)


def test_rules_never_fail_and_always_point_at_something() -> None:
    found: Counter[str] = Counter()

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(POLICIES, max_size=3), st.sampled_from(["1", "3"]), st.sampled_from(["", "fuse: 16 A,"]))
    def law(policies, phases, fuse) -> None:
        for old in Path().glob("p*.yaml"):
            old.unlink()
        texts = [json.dumps({"name": f"p{k}", **policy}) for k, policy in enumerate(policies)]
        codes(*texts, grid=f"{{phases: {phases}, {fuse} meter: grid-meter}}", more="pv: {peak: 8 kWp}")
        for problem in check([Path()]).problems:
            found[problem.code] += 1
            assert problem.span is not None
            assert problem.source

    law()
    assert len(found.keys() & RULES.keys()) > 30, "the drawn policies hardly break a rule"


def test_nothing_is_told_about_a_site_that_cannot_be_read() -> None:
    codes(appliance("manual"), grid="{fuse: 35}")

    assert [problem.code for problem in check([Path()]).problems] == ["S106"]


def test_the_example_site_holds_to_every_rule_but_what_it_shows_on_purpose() -> None:
    policies = Path(__file__).parents[2] / "policies"

    assert {problem.code for problem in check([policies]).problems} <= {"T106", "T112"}
