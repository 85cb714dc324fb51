"""``noonward.policy.compile``: files to the nouns of the core."""

from __future__ import annotations

import pytest

from noonward.core.model import Appliance, BatteryRule, FailSafe, Grid, Mode, Pace, RelayInfo, Stage, StationInfo, Zone
from noonward.core.needs import Requirement
from noonward.policy import load as module
from noonward.policy.cron import parse
from noonward.policy.load import load
from noonward.policy.loaded import Signal
from support.policyfolder import BOILER, SITE, write


def one(tmp_path, text, site=SITE):
    """Return the only policy of a folder."""
    loaded = load(write(tmp_path, {"x.yaml": text}, site))
    (policy,) = (*loaded.site.appliances, *loaded.site.zones)
    return policy


K1, K2 = "cellar/relay-1", "cellar/relay-2"


def test_the_least_that_can_be_said_gets_every_default(tmp_path):
    assert one(tmp_path, BOILER.replace(", min_on: 20 min", "")) == Appliance(
        name="boiler",
        mode=Mode.AUTO_SOLAR,
        priority=100,
        stages=(Stage(power_w=3000.0, relays=frozenset({K1})),),
        relays=(K1,),
        on_above_w=(3000.0,),
        off_below_w=(1500.0,),
        on_delay_s=60.0,
        off_delay_s=60.0,
        min_on_s=900.0,
        min_off_s=0.0,
        stale_after_s=120.0,
        then=FailSafe.RELEASE,
        file=f"{tmp_path}/x.yaml",
    )


FULL = """\
kind: appliance/v1
name: boiler
description: in the cellar
renamed_from: old-boiler
mode: timer
priority: 30
load: {power: 2.5 kW, min_on: 20 min, min_off: 5 min, phases: [L3, L1], meter: grid-meter}
relays: [cellar/relay-2, cellar/relay-1]
surplus: {on_above: 120 %, off_below: 500 W, on_delay: 90 s, off_delay: 2 min}
timers:
  - {name: low tariff, start: "30 22 * * *", stop: "0 6 * * *"}
  - {start: "0 12 * * 0", for: 2 h}
fail_safe: {stale_after: 5 min, then: keep}
behind_meter: false
"""


def test_everything_that_can_be_said_arrives(tmp_path):
    policy = one(tmp_path, FULL)
    assert policy == Appliance(
        name="boiler",
        description="in the cellar",
        renamed_from="old-boiler",
        mode=Mode.TIMER,
        priority=30,
        stages=(Stage(power_w=2500.0, relays=frozenset({K1, K2})),),
        relays=(K2, K1),
        on_above_w=(3000.0,),
        off_below_w=(500.0,),
        on_delay_s=90.0,
        off_delay_s=120.0,
        min_on_s=1200.0,
        min_off_s=300.0,
        phases=(1, 3),
        meter="grid-meter/" + policy.meter.partition("/")[2],
        windows=policy.windows,
        stale_after_s=300.0,
        then=FailSafe.KEEP,
        behind_meter=False,
        file=f"{tmp_path}/x.yaml",
    )
    assert policy.lines == {
        "kind": 1, "name": 2, "description": 3, "renamed_from": 4, "mode": 5, "priority": 6, "load": 7, "relays": 8,
        "surplus": 9, "timers": 10, "fail_safe": 13, "behind_meter": 14,
    }  # fmt: skip
    night, legionella = policy.windows.timers
    assert (policy.windows.timezone, night.name, night.line, night.for_s) == ("Europe/Zurich", "low tariff", 11, None)
    assert (night.start.hours, night.start.minutes, night.stop.hours) == ((22,), (30,), (6,))
    assert (legionella.name, legionella.line, legionella.for_s, legionella.start.dows) == ("timer 2", 12, 7200.0, (0,))


STAGES = """\
kind: appliance/v1
name: heater
mode: auto-solar
stages:
  - {power: 3 kW, relays: [cellar/relay-1]}
  - {power: 6 kW, relays: [cellar/relay-1, cellar/relay-2]}
  - {power: 8 kW, relays: [cellar/relay-1, cellar/relay-3]}
"""


@pytest.mark.parametrize(
    ("surplus", "on", "off"),
    [
        ("", (3000, 6000, 8000), (1500, 4500, 7000)),
        ("surplus: {on_above: 80 %, off_below: 20 %}", (2400, 5400, 7600), (600, 3600, 6400)),
        ("surplus: {on_above: 110 %, off_below: 0 %}", (3300, 6300, 8200), (0, 3000, 6000)),
        ("surplus: {on_above: 7 %, off_below: 3 %}", (210, 3210, 6140), (90, 3090, 6060)),
    ],
)
def test_thresholds_of_stages_apply_to_the_next_step(tmp_path, surplus, on, off):
    """P(k−1) + share·(P(k) − P(k−1))."""
    policy = one(tmp_path, STAGES + surplus)
    assert (policy.on_above_w, policy.off_below_w) == (on, off)
    assert policy.relays == (K1, K2, "cellar/relay-3")
    assert [stage.relays for stage in policy.stages] == [{K1}, {K1, K2}, {K1, "cellar/relay-3"}]
    assert (policy.min_on_s, policy.sg_ready) == (900, False)


PUMP = """\
kind: appliance/v1
name: pump
mode: auto-solar
contact: sg-ready
load: {power: 2 kW%s}
relays: [%s]
"""


@pytest.mark.parametrize(
    ("relays", "surplus", "stages", "on", "off"),
    [
        (K2, "", [{K2}], (2000,), (1000,)),
        (f"{K1}, {K2}", "", [{K2}], (2000,), (1000,)),
        (f"{K1}, {K2}", "surplus: {force_above: 4 kW}", [{K2}, {K1, K2}], (2000, 4000), (1000, 3000)),
        (f"{K1}, {K2}", "surplus: {on_above: 1500 W, off_below: 300 W, force_above: 5 kW}", [{K2}, {K1, K2}], (1500, 5000), (300, 3800)),
    ],
    ids=["one contact", "two contacts, never forced", "forced", "forced, thresholds in W"],
)  # fmt: skip
def test_sg_ready_contacts(tmp_path, relays, surplus, stages, on, off):
    """Edge case 41. One relay is K2; recommended is K2 alone, forced is both."""
    policy = one(tmp_path, PUMP % ("", relays) + surplus)
    assert policy.sg_ready
    assert [stage.relays for stage in policy.stages] == stages
    assert (policy.on_above_w, policy.off_below_w) == (on, off)
    assert policy.relays == tuple(relays.split(", "))
    assert (policy.min_on_s, policy.min_off_s, policy.refused_after_s) == (600, 600, None)


def test_sg_ready_takes_its_own_times(tmp_path):
    policy = one(tmp_path, PUMP % (", min_on: 20 min, min_off: 0 s, refused_after: 15 min, meter: grid-meter", K2))
    assert (policy.min_on_s, policy.min_off_s, policy.refused_after_s) == (1200, 0, 900)


ZONE = """\
kind: ev-zone/v1
name: garage
mode: always-on
stations: [cp-02, cp-01]
limits: {max_power: 22.1 kW%s}
%s
"""


def test_the_least_that_can_be_said_of_a_zone_gets_every_default(tmp_path):
    assert one(tmp_path, ZONE % ("", "")) == Zone(
        name="garage",
        mode=Mode.ALWAYS_ON,
        stations=("cp-02", "cp-01"),
        phases=None,
        max_power_w=22_100.0,
        min_current_a=6.0,
        file=f"{tmp_path}/x.yaml",
    )


def test_everything_that_can_be_said_of_a_zone_arrives(tmp_path):
    more = (
        "phases: 3\nvehicle: {min_on: 5 min, modulates: false, wake_after: 1 min}\n"
        "surplus: {on_above: 90 %, off_below: 30 %, on_delay: 2 min, off_delay: 3 min}\n"
        "charge_now: {allowed: false, until: 2 h, always: [anna, 04c2, 04A1]}\nfail_safe: {stale_after: 60 s, then: force}\n"
    )
    users = SITE + "users: {anna: {badges: [04a1, 04B1]}, bert: {badges: [04c2]}}\n"
    zone = one(tmp_path, ZONE % (", min_current: 8 A, start_current: 10 A", more), users)
    assert (zone.phases, zone.min_current_a, zone.min_on_s, zone.modulates, zone.wake_after_s) == (3, 8, 300, False, 60)
    assert zone.start_current_a == 10
    assert (zone.on_above, zone.off_below, zone.on_delay_s, zone.off_delay_s) == (0.9, 0.3, 120, 180)
    assert (zone.charge_now, zone.charge_now_s, zone.charge_now_wh) == (False, 7200, None)
    assert zone.always == ("04A1", "04B1", "04C2")
    assert (zone.stale_after_s, zone.then) == (60, FailSafe.FORCE)


@pytest.mark.parametrize(
    ("until", "expected"),
    [("unplugged", (None, None)), ("90 min", (5400, None)), ("10 kWh", (None, 10_000)), ("1 h 30 min", (5400, None))],
)
def test_what_ends_charge_now(tmp_path, until, expected):
    """Edge case 38: unplugged, unless the zone says after how long, or after how much."""
    zone = one(tmp_path, ZONE % ("", f"charge_now: {{until: {until}}}"))
    assert (zone.charge_now_s, zone.charge_now_wh) == expected


@pytest.mark.parametrize(
    ("site_phases", "phases", "expected"), [(3, "auto", None), (3, "1", 1), (3, "3", 3), (1, "auto", 1), (1, "1", 1)]
)
def test_at_one_phase_there_is_nothing_to_find_out(tmp_path, site_phases, phases, expected):
    site = SITE.replace("phases: 3", f"phases: {site_phases}")
    assert one(tmp_path, ZONE % ("", f"phases: {phases}"), site).phases == expected


def test_stations_of_zones_are_what_their_device_says(tmp_path):
    """A station that stands in no zone is not the engine's business, nor is a phase that the site does not have."""
    three = load(write(tmp_path / "3", {"x.yaml": ZONE % ("", "")})).site
    assert three.stations == {
        "cp-02": StationInfo(max_a=16, phases=1, lines=(1,)),
        "cp-01": StationInfo(max_a=32, phases=3, lines=(2, 3, 1)),
    }
    one_phase = SITE.replace("phases: 3", "phases: 1")
    alone = ZONE.replace("cp-02, ", "") % ("", "")
    assert load(write(tmp_path / "1", {"x.yaml": alone}, one_phase)).site.stations == {
        "cp-01": StationInfo(max_a=32, phases=1, lines=(2,))
    }


@pytest.mark.parametrize(
    ("phases", "power", "current"),
    [("auto", "4140 W", 6), ("3", "5520 W", 8), ("1", "1380 W", 6), ("1", "2300 W", 10)],
)
def test_a_minimum_power_becomes_a_current_by_the_declared_phases(tmp_path, phases, power, current):
    """Auto counts as 3."""
    assert one(tmp_path, ZONE % (f", min_power: {power}", f"phases: {phases}")).min_current_a == pytest.approx(current)


BIG_SITE = """\
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {phases: 1, fuse: 35 A, import_cap: 20 kW, unmeasured: 12 A, meter: grid-meter, every: 2 s, lag: 1 s, frozen_after: 10 min, unbalance: 20 A}
pv: {peak: 8 kWp, meter: inverter, every: 10 s}
battery: {meter: battery, serve: after, priority: 25, reserve: 300 W, min_soc: 20 %}
dim: {input: cellar/input-1, cap: 4.2 kW}
stagger: 30 s
devices:
  grid-meter: {driver: memory, meter: grid}
  inverter: {driver: memory, meter: pv}
  battery: {driver: memory, meter: pv}
  cellar: {driver: memory, dead_man: 90 s, relays: {relay-1: {power: 3 kW}}, inputs: {input-1: open}}
http: {listen: "[::1]:80"}
"""


def test_everything_that_can_be_said_of_a_site_arrives(tmp_path, monkeypatch):
    monkeypatch.setattr(
        module.rules, "check", lambda project: ()
    )  # no driver at hand has a meter with a state of charge
    loaded = load(write(tmp_path, {"x.yaml": BOILER}, BIG_SITE))
    site = loaded.site
    assert (site.name, site.timezone, site.stagger_s, site.dim_cap_w, site.pv_peak_w) == (
        "house-12",
        "Europe/Zurich",
        30,
        4200,
        8000,
    )
    assert site.grid == Grid(
        phases=1, fuse_a=35, import_cap_w=20_000, unmeasured_a=12, every_s=2, lag_s=1, unbalance_a=20
    )
    assert site.battery == BatteryRule(priority=25, reserve_w=300, min_soc=0.2)
    assert site.relays == {K1: RelayInfo(dead_man_s=90)}
    assert loaded.http == ("::1", 80)
    assert {role: (signal.every_s, signal.frozen_after_s) for role, signal in loaded.signals.items()} == {
        "grid": (2, 600), "pv": (10, None), "battery": (5, None), "dim": (5, None),
    }  # fmt: skip
    assert loaded.signals["dim"] == Signal(channel="cellar/input-1")
    assert loaded.signals["grid"].channel.startswith("grid-meter/")
    assert (loaded.devices[0].name, loaded.devices[0].driver) == ("grid-meter", "memory")
    assert loaded.devices[0].config == {"meter": "grid"}


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ("{}", Grid()),
        ("{fuse: 25 A}", Grid(fuse_a=25, unmeasured_a=12.5)),
        ("{fuse: 25 A, unmeasured: 0 A}", Grid(fuse_a=25, unmeasured_a=0)),
    ],
)
def test_defaults_of_the_grid(tmp_path, grid, expected):
    site = f"kind: site/v1\nname: x\ntimezone: UTC\ngrid: {grid}\n"
    loaded = load(write(tmp_path, {}, site))
    assert loaded.site.grid == expected
    assert (loaded.http, loaded.site.battery, loaded.signals, loaded.site.stagger_s) == (
        ("127.0.0.1", 8077),
        None,
        {},
        60,
    )


def test_policies_stand_in_the_order_of_priority_then_name(tmp_path):
    files = {
        f"{name}.yaml": BOILER.replace("boiler", name).replace("relay-1", f"relay-{index}") + f"priority: {priority}\n"
        for index, (name, priority) in enumerate([("a", 50), ("c", 10), ("b", 10)], 1)
    }
    assert [policy.name for policy in load(write(tmp_path, files)).site.appliances] == ["b", "c", "a"]


def test_an_appliances_meter_is_a_signal_of_its_own(tmp_path):
    loaded = load(write(tmp_path, {"x.yaml": BOILER.replace("power: 3 kW", "power: 3 kW, meter: grid-meter")}))
    (signal,) = loaded.load_meters.values()
    assert (signal.channel, signal.every_s) == (loaded.site.appliances[0].meter, 5)


def test_lines_of_a_template_are_not_lines_of_the_file(tmp_path):
    files = {
        "templates/t.yaml": "mode: manual\nload: {power: 3 kW}\n",
        "x.yaml": "kind: appliance/v1\nname: x\nextends: templates/t.yaml\nrelays: [cellar/relay-1]\n",
    }
    (policy,) = load(write(tmp_path, files)).site.appliances
    assert policy.lines == {"kind": 1, "name": 2, "extends": 3, "relays": 4}


def test_a_file_that_is_reformatted_behaves_the_same(tmp_path):
    reformatted = (
        "# other comments\nrelays:\n  - 'cellar/relay-1'\nload:\n  min_on:   20 min\n  power: 3000 W\n"
        "mode: auto-solar\nname: boiler\nkind: appliance/v1\n"
    )
    assert one(tmp_path / "p", BOILER) == one(tmp_path / "p", reformatted)


def test_the_digest_follows_what_runs_and_nothing_else(tmp_path):
    def digest():
        return load(tmp_path).site.digest

    write(tmp_path, {"boiler.yaml": BOILER})
    first = digest()
    assert first == digest()
    test = 'kind: policy-test/v1\npolicy: ../boiler.yaml\ncases: [{name: n, start: "2026-06-01 11:00", steps: [{for: 1 s}]}]\n'
    write(tmp_path, {"tests/boiler.yaml": test})
    assert digest() == first
    write(tmp_path, {"boiler.yaml": BOILER + "# a comment\n"})
    assert digest() != first


NEED = 'need: {energy: 6 kWh, by: "0 20 * * *"}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("need: {energy: 6 kWh}", Requirement(energy_wh=6000, timezone="Europe/Zurich")),
        (NEED, Requirement(energy_wh=6000, by=parse("0 20 * * *"), timezone="Europe/Zurich")),
        (
            'need: {energy: 1500 Wh, by: "0 7 * * 1-5", period: "0 8 * * *"}',
            Requirement(energy_wh=1500, by=parse("0 7 * * 1-5"), period=parse("0 8 * * *"), timezone="Europe/Zurich"),
        ),
    ],
)
def test_what_an_appliance_must_have_by_when(tmp_path, text, expected):
    assert one(tmp_path, BOILER + text).need == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("need: {from: user}", {"from_user": True}),
        ('need: {energy: 10 kWh, by: "0 7 * * *"}', {"energy_wh": 10_000, "by": parse("0 7 * * *")}),
        (
            'need: {from: user, energy: 10 kWh, by: "0 7 * * *"}',
            {"from_user": True, "energy_wh": 10_000, "by": parse("0 7 * * *")},
        ),
    ],
)
def test_what_a_vehicle_must_have_by_when(tmp_path, text, expected):
    assert one(tmp_path, ZONE % ("", text)).need == Requirement(**expected, timezone="Europe/Zurich")


@pytest.mark.parametrize(
    ("text", "plan", "on", "off", "off_delay"),
    [
        ("", None, 1.0, 0.5, 60),
        ("need: N\n", None, 0.5, 0.2, 60),
        ("need: N\nplan: normal\n", Pace.NORMAL, 1.0, 0.5, 0),
        ("need: N\nplan: calm\nsurplus: {off_delay: 90 s}\n", Pace.CALM, 1.0, 0.5, 90),
        ("need: N\nplan: calm\nsurplus: {on_above: 70 %}\n", Pace.CALM, 0.7, 0.5, 0),
        ("need: N\nsurplus: {on_above: 70 %}\n", None, 0.7, 0.2, 60),
    ],
    ids=[
        "neither",
        "need",
        "plan",
        "a delay that is written",
        "a threshold beside a plan",
        "a threshold beside a need",
    ],
)
def test_defaults_beside_a_need_and_a_plan(tmp_path, text, plan, on, off, off_delay):
    """A need without a plan has the thresholds that serve best all year; a plan has the usual ones for afterwards."""
    boiler = one(tmp_path / "a", BOILER + text.replace("N", '{energy: 6 kWh, by: "0 20 * * *"}'))
    assert (boiler.plan, boiler.on_above_w, boiler.off_below_w) == (plan, (3000 * on,), (3000 * off,))
    garage = one(tmp_path / "b", ZONE % ("", text.replace("N", "{from: user}")))
    assert (garage.plan, garage.on_above, garage.off_below) == (plan, on, off)
    assert boiler.off_delay_s == garage.off_delay_s == off_delay


def test_a_need_may_come_from_a_template(tmp_path):
    files = {
        "templates/t.yaml": f"mode: auto-solar\nload: {{power: 3 kW}}\n{NEED}",
        "x.yaml": "kind: appliance/v1\nname: x\nextends: templates/t.yaml\nrelays: [cellar/relay-1]\nneed: {energy: 4 kWh}\nplan: calm\n",
    }
    (policy,) = load(write(tmp_path, files)).site.appliances
    assert (policy.need.energy_wh, policy.need.by, policy.plan) == (4000, parse("0 20 * * *"), Pace.CALM)
