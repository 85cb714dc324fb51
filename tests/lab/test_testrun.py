"""From paths to a report: which files, which site, which policy."""

from pathlib import Path

import pytest

from noonward.errors import UsageError
from noonward.lab.testrun import run

REPO = Path(__file__).parents[2]

SITE = """
kind: site/v1
name: house
timezone: Europe/Zurich
grid: {meter: grid-meter}
devices:
  grid-meter: {driver: memory, meter: grid}
  cellar: {driver: memory, relays: {relay-1: {power: 3 kW}, relay-2: {power: 2 kW}}}
"""
BOILER = """
kind: appliance/v1
name: boiler
mode: auto-solar
load: {power: 3 kW, min_on: 20 min}
relays: [cellar/relay-1]
"""
PUMP = """
kind: appliance/v1
name: pump
mode: manual
load: {power: 2 kW}
relays: [cellar/relay-2]
"""
TEST = """
kind: policy-test/v1
policy: {policy}
cases:
  - name: one
    start: "2026-06-01 11:00"
    steps: [{{given: {{surplus: 3 kW}}, for: 1 min, expect: {{relay: {expected}}}}}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site/tests").mkdir(parents=True)
    (tmp_path / "site/site.yaml").write_text(SITE.lstrip())
    (tmp_path / "site/boiler.yaml").write_text(BOILER.lstrip())
    (tmp_path / "site/pump.yaml").write_text(PUMP.lstrip())
    (tmp_path / "site/tests/boiler.test.yaml").write_text(written("../boiler.yaml"))
    return Path("site")


def written(policy, expected="closed"):
    return TEST.format(policy=policy, expected=expected).lstrip()


def messages(report):
    return [str(problem) for file in report.files for problem in file.problems]


@pytest.mark.parametrize("path", ["site", "site/tests", "site/tests/boiler.test.yaml", "."])
def test_the_site_is_the_nearest_upward(folder, path):
    report = run([Path(path)])
    assert [file.file for file in report.files] == ["site/tests/boiler.test.yaml"]
    assert [(case.name, case.passed) for file in report.files for case in file.cases] == [("one", True)]
    assert [one.policy.name for one in report.coverage] == ["boiler"]
    assert report.untested == ("pump",)
    assert report.passed


def test_files_next_to_the_policy_count_too_and_several_add_up(folder):
    (folder / "boiler.test.yaml").write_text(written("boiler.yaml", expected="open"))
    report = run([folder])
    assert [file.file for file in report.files] == ["site/boiler.test.yaml", "site/tests/boiler.test.yaml"]
    assert [file.passed for file in report.files] == [False, True]
    assert len(report.coverage) == 1
    assert not report.passed


def test_a_file_named_twice_is_played_once(folder):
    assert len(run([folder, folder / "tests/boiler.test.yaml", folder]).files) == 1


def test_an_absolute_path(folder):
    (file,) = run([folder.absolute()]).files
    assert file.file == f"{folder.absolute()}/tests/boiler.test.yaml"
    assert file.passed


def test_two_sites_at_once(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "site.yaml").write_text(SITE.lstrip())
    (other / "boiler.yaml").write_text(BOILER.lstrip())
    (other / "boiler.test.yaml").write_text(written("boiler.yaml"))
    report = run([folder, Path("other")])
    assert [file.file for file in report.files] == ["site/tests/boiler.test.yaml", "other/boiler.test.yaml"]
    assert report.passed


def test_a_site_that_does_not_load_is_one_failure_with_every_problem(folder):
    (folder / "boiler.yaml").write_text(BOILER.lstrip().replace("min_on", "min_onn"))
    (folder / "pump.yaml").write_text(PUMP.lstrip().replace("manual", "manuel"))
    report = run([folder])
    assert not report.passed
    said = "\n".join(messages(report))
    assert 'site/boiler.yaml:4:21: error[S104]: unknown key "min_onn" in load' in said
    assert "site/pump.yaml:3:7: error[" in said


def test_a_test_that_does_not_fit_its_schema_is_a_problem(folder):
    (folder / "tests/boiler.test.yaml").write_text(written("../boiler.yaml").replace("surplus: 3 kW", "surplus: 3"))
    (message,) = messages(run([folder]))
    assert message.startswith("site/tests/boiler.test.yaml:6:31: error[")


def test_an_ev_zone_is_played_like_an_appliance(folder):
    zone = (
        "kind: ev-zone/v1\nname: garage\nmode: always-on\nstations: [cp-01]\nphases: 3\nlimits: {max_power: 11.04 kW}\n"
    )
    with (folder / "site.yaml").open("a") as stream:
        stream.write("  chargers: {driver: memory, stations: {cp-01: {}}}\n")
    (folder / "garage.yaml").write_text(zone)
    test = written("../garage.yaml").replace("relay: closed", "limit: 11.04 kW")
    test = test.replace("surplus: 3 kW", "stations: {cp-01: {plugged: true}}")
    (folder / "tests/garage.test.yaml").write_text(test)
    report = run([folder])
    assert report.passed, messages(report)
    assert report.untested == ("pump",)
    (garage,) = [one for one in report.coverage if one.policy.name == "garage"]
    touched = [(line.row.source, line.row.why.value) for line in garage.rows if line.touched]
    assert touched == [("off", "always-on"), ("full", "always-on")]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "there is no nowhere"),
        ("site/boiler.yaml", "site/boiler.yaml is not a policy test"),
        ("empty", r"there is no \*.test.yaml in empty"),
        ("lost.test.yaml", "there is no site.yaml beside it or above"),
    ],
)
def test_usage(folder, path, message):
    Path("empty").mkdir()
    Path("lost.test.yaml").write_text(written("boiler.yaml"))
    with pytest.raises(UsageError, match=message):
        run([Path(path)])


def test_the_example_site_is_tested_through():
    """What is left are limits that a load on one phase, or on unknown ones, cannot reach before the 35 A fuse.

    And a zone that pauses in the very step in which the surplus is enough again, which takes a vehicle of its own, or
    in which charge-now ends while the meter is silent.
    """
    report = run([REPO / "policies"])
    assert report.passed
    assert report.untested == ()
    missing = {
        (one.policy.name, line.row.why.value) for one in report.coverage for line in one.rows if not line.touched
    }
    assert missing <= {
        ("boiler-cellar", "import-cap"),
        ("boiler-3ph", "import-cap"),
        ("heat-pump", "import-cap"),
        ("boiler-3ph", "meter-stale"),
        ("garage", "on-delay"),
        ("garage", "min-on"),
    }
    assert all(window.touched for one in report.coverage for window in one.windows)
