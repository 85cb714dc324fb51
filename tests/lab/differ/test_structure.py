"""What differs between two folders: policies, keys in words, rows."""

from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.model import Appliance, Zone
from noonward.lab.differ.keys import ASIDE
from noonward.lab.differ.structure import acts, structure
from noonward.lab.versions import Version
from noonward.policy.load import load
from support.policyfolder import BOILER, SITE, write

TIMED = """\
kind: appliance/v1
name: boiler
mode: auto-timer
load: {power: 3 kW, min_on: 20 min}
relays: [cellar/relay-1]
timers: [{name: low tariff, start: "30 22 * * *", stop: "0 6 * * *"}]
"""
STAGES = "stages: [{power: 3 kW, relays: [cellar/relay-1]}, {power: 6 kW, relays: [cellar/relay-1, cellar/relay-2]}]\n"
GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
stations: [cp-01]
phases: 3
limits: {max_power: 11 kW}
"""


def between(tmp_path, old, new, *, old_site=SITE, new_site=SITE):
    """Compare two folders, each given as texts by name of file."""
    both = []
    for name, files, site in (("old", old, old_site), ("new", new, new_site)):
        folder = write(tmp_path / name, files, site)
        both.append((Version(text=name, folder=folder), load(folder)))
    return structure(*both)


def keys(found):
    return [f"{key.key}: {key.old} → {key.new} ({key.place})" for one in found.policies for key in one.keys]


EDITS = [
    (BOILER, "min_on: 20 min", "min_on: 25 min", ["load.min_on: 20 min → 25 min (boiler.yaml:4)"]),
    (BOILER, "mode: auto-solar", "mode: always-on", ["mode: auto-solar → always-on (boiler.yaml:3)"]),
    (
        BOILER,
        "power: 3 kW",
        "power: 2.4 kW",
        [
            "load.power: 3 kW → 2400 W (boiler.yaml:4)",
            "surplus.on_above: 3 kW → 2400 W (boiler.yaml)",
            "surplus.off_below: 1500 W → 1200 W (boiler.yaml)",
        ],
    ),
    (BOILER, "relays: [cellar/relay-1]\n", "relays: [cellar/relay-2]\n",
     ["relays: cellar/relay-1 → cellar/relay-2 (boiler.yaml:5)"]),
    (BOILER, "\nrelays:", "\npriority: 7\nrelays:", ["priority: 100 → 7 (boiler.yaml:5)"]),
    (BOILER, "\nrelays:", "\ndescription: hot\nrelays:", ["description: not set → hot (boiler.yaml:5)"]),
    (BOILER, "load: {power: 3 kW, min_on: 20 min}\nrelays: [cellar/relay-1]\n", f"load: {{min_on: 20 min}}\n{STAGES}",
     ["stages: 3 kW (cellar/relay-1) → 3 kW (cellar/relay-1), 6 kW (cellar/relay-1 + cellar/relay-2) (boiler.yaml:5)",
      "relays: cellar/relay-1 → cellar/relay-1, cellar/relay-2 (boiler.yaml)",
      "surplus.on_above: 3 kW → 3 kW, 6 kW (boiler.yaml)",
      "surplus.off_below: 1500 W → 1500 W, 4500 W (boiler.yaml)"]),
    (TIMED, "0 6 * * *", "0 7 * * 1-5", [
        "timers.low tariff: 30 22 * * * until 0 6 * * * → 30 22 * * * until 0 7 * * 1-5 (boiler.yaml:6)"]),
    (TIMED, 'stop: "0 6 * * *"', "for: 90 min", [
        "timers.low tariff: 30 22 * * * until 0 6 * * * → 30 22 * * * for 1 h 30 min (boiler.yaml:6)"]),
    (TIMED, "low tariff", "night", [
        "timers.low tariff: 30 22 * * * until 0 6 * * * → not set (boiler.yaml:6)",
        "timers.night: not set → 30 22 * * * until 0 6 * * * (boiler.yaml:6)"]),
    (GARAGE, "11 kW", "11 kW, min_current: 8 A", ["limits.min_current: 6 A → 8 A (boiler.yaml:6)"]),
    (GARAGE, "phases: 3", "phases: auto", ["phases: 3 → not set (boiler.yaml:5)"]),
    (GARAGE, "limits:", "surplus: {on_above: 75 %}\nlimits:", ["surplus.on_above: 100 % → 75 % (boiler.yaml:6)"]),
    # what says the same is no difference
    (BOILER, "20 min", "1200 s", []),
    (BOILER, "mode: auto-solar", "mode: auto-solar # sun", []),
    (BOILER, "name: boiler\nmode: auto-solar\n", "mode: auto-solar\nname: boiler\n", []),
    (BOILER, "\nrelays:", "\nsurplus: {on_above: 100 %}\nrelays:", []),
    (TIMED, "\ntimers:", "\n\n\ntimers:", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "expected"), EDITS)
def test_keys_in_words(tmp_path, text, old, new, expected):
    assert old in text
    found = between(tmp_path, {"boiler.yaml": text}, {"boiler.yaml": text.replace(old, new)})
    assert keys(found) == expected
    assert bool(found) is bool(expected)


def test_a_need_and_a_plan(tmp_path):
    need = 'need: {energy: 6 kWh, by: "0 20 * * *"}\nplan: calm\n'
    found = between(tmp_path, {"b.yaml": BOILER}, {"b.yaml": BOILER + need})
    said = keys(found)
    assert "need.energy: not set → 6 kWh (b.yaml:6)" in said
    assert "need.by: not set → 0 20 * * * (b.yaml:6)" in said
    assert "plan: not set → calm (b.yaml:7)" in said
    changed = between(tmp_path, {"b.yaml": BOILER + need}, {"b.yaml": BOILER + need.replace("6 kWh", "7 kWh")})
    assert keys(changed) == ["need.energy: 6 kWh → 7 kWh (b.yaml:6)"]


def test_added_removed_and_renamed(tmp_path):
    other = BOILER.replace("name: boiler", "name: tank").replace("relay-1", "relay-2")
    renamed = BOILER.replace("name: boiler", "name: cellar\nrenamed_from: boiler")
    found = between(tmp_path, {"a.yaml": BOILER, "b.yaml": other}, {"a.yaml": renamed, "c.yaml": GARAGE})
    assert [(one.name, one.what, one.was) for one in found.policies] == [
        ("cellar", "changed", "boiler"),
        ("garage", "added", None),
        ("tank", "removed", None),
    ]
    assert keys(found) == []
    assert found.renamed == {"boiler": "cellar"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a.yaml": BOILER}, {"a.yaml": BOILER.replace("name: boiler", "name: x\nrenamed_from: gone")}),
        ({"a.yaml": BOILER}, {"a.yaml": GARAGE.replace("name: garage", "name: x\nrenamed_from: boiler")}),
    ],
)
def test_a_rename_must_be_one(tmp_path, old, new):
    found = between(tmp_path, old, new)
    assert [(one.name, one.what) for one in found.policies] == [("x", "added"), ("boiler", "removed")]
    assert found.renamed == {}


def test_a_policy_of_another_kind(tmp_path):
    found = between(tmp_path, {"a.yaml": BOILER}, {"a.yaml": GARAGE.replace("garage", "boiler")})
    assert keys(found) == ["kind: appliance → zone (a.yaml:1)"]


def test_rows_that_came_went_and_compare_with_other_numbers(tmp_path):
    found = between(tmp_path, {"a.yaml": BOILER}, {"a.yaml": BOILER.replace("auto-solar", "always-on")})
    rows = found.policies[0].rows
    assert [row.text for row in rows if row.sign == "+" and "always-on" in row.text]
    assert [row.text for row in rows if row.sign == "-" and "→ on because surplus" in row.text]
    found = between(tmp_path, {"a.yaml": BOILER}, {"a.yaml": BOILER + "surplus: {on_above: 80 %}\n"})
    rows = found.policies[0].rows
    assert {row.sign for row in rows} == {"~"}
    assert any(row.text.startswith("off → on because surplus") for row in rows)
    assert not any("min-off" in row.text for row in rows)  # those come from another key


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("fuse: 35 A", "fuse: 25 A", ["grid.fuse: 35 A → 25 A", "grid.unmeasured: 17.5 A → 12.5 A"]),
        ("name: house-12", "name: house-13", ["name: house-12 → house-13"]),
        ("timezone: Europe/Zurich", "timezone: Europe/Berlin", ["timezone: Europe/Zurich → Europe/Berlin"]),
        ("fuse: 35 A, ", "fuse: 35 A, import_cap: 0 W, ", ["grid.import_cap: not set → 0 W"]),
        ("dead_man: 2 min", "dead_man: 4 min", ["devices.cellar.dead_man: 2 min → 4 min"]),
        ("relay-4: {power: 2 kW}", "relay-4: {power: 1 kW}", ["devices.cellar.relays.relay-4.power: 2 kW → 1 kW"]),
        ("[L2, L3, L1]", "[L1, L2, L3]", ["devices.garage.stations.cp-01.rotation: L2, L3, L1 → L1, L2, L3"]),
        ("\ndevices:", "\nhttp: {listen: 127.0.0.1:9000}\ndevices:", ["http.listen: 127.0.0.1:8077 → 127.0.0.1:9000"]),
        ("meter: grid-meter}", "meter: grid-meter, every: 7 s}", ["grid.every: 5 s → 7 s", "grid.every: 5 s → 7 s"]),
    ],
)
def test_keys_of_the_site(tmp_path, old, new, expected):
    assert old in SITE
    found = between(tmp_path, {"a.yaml": BOILER}, {"a.yaml": BOILER}, new_site=SITE.replace(old, new))
    assert [f"{key.key}: {key.old} → {key.new}" for key in found.site] == expected


def test_secrets_are_told_to_nobody(tmp_path):
    device = "devices:\n  s: {driver: ocpp, stations: {cp-09: {key: %s}}}\n"
    sites = [
        SITE.replace("devices:\n", device % f'"{w}"') for w in ("sesame-sesame-12", "barley-barley-12", "${env:K}")
    ]
    files = {"a.yaml": BOILER}
    plain = between(tmp_path / "1", files, files, old_site=sites[0], new_site=sites[1])
    assert [(key.key, key.old, key.new) for key in plain.site] == [
        ("devices.s.stations.cp-09.key", "(hidden)", "(hidden)")
    ]
    better = between(tmp_path / "2", files, files, old_site=sites[0], new_site=sites[2])
    assert [(key.old, key.new) for key in better.site] == [("(hidden)", "${env:K}")]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.sampled_from(range(len(EDITS)))))
def test_nothing_listed_means_nothing_different(tmp_path_factory, chosen):
    """Whatever the engine decides by is listed: where the list is empty, both sites are the same to it."""
    text = BOILER
    for k in chosen:
        base, old, new, _ = EDITS[k]
        if base is BOILER:
            text = text.replace(old, new, 1)
    folder = tmp_path_factory.mktemp("edits")
    found = between(folder, {"boiler.yaml": BOILER}, {"boiler.yaml": text})
    sites = [acts(load(folder / name).site, {}) for name in ("old", "new")]
    assert not between(folder / "same", {"boiler.yaml": text}, {"boiler.yaml": text})
    if not found:
        assert sites[0] == sites[1]
    if sites[0] != sites[1]:
        assert found


@pytest.mark.parametrize("kind", [Appliance, Zone])
def test_every_field_that_counts_has_words(kind):
    """A field that is added to a policy is compared by itself, under its own name; only these are left out.

    So is what is worked out from the others.
    """
    given = {f.name for f in fields(kind) if f.init}
    compared = {f.name for f in fields(kind) if f.compare} - ASIDE
    assert given - compared == {"name", "file", "renamed_from", "lines", "tables"}
