"""``noonward test``: forms and exit codes."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from support.console import noonward
from support.junit import read

REPO = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path, monkeypatch):
    copytree(REPO / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "policies"


def test_by_default_the_folder_policies(site):
    result = noonward("test")
    assert (result.code, result.err) == (0, "")
    assert "policies/tests/boiler-cellar.test.yaml\n  ok    a short cloud" in result.out
    assert result.out.splitlines()[-1].endswith("4 of 4 timers")


def test_without_such_a_folder_what_is_below_here(site, monkeypatch):
    monkeypatch.chdir(site)
    result = noonward("test")
    assert (result.code, result.err) == (0, "")
    assert "tests/boiler-cellar.test.yaml\n  ok    a short cloud" in result.out


def test_a_changed_policy_fails_with_the_reason(site):
    """The one character that a review overlooks."""
    policy = site / "boiler-cellar.yaml"
    policy.write_text(policy.read_text().replace("min_on: 20 min", "min_on: 2 min"))
    result = noonward("test", "policies/tests/boiler-cellar.test.yaml")
    assert result.code == 1
    assert "FAIL  a short cloud does not switch off before the minimum on-time" in result.out
    assert "error[T001]: the relay is open, expected closed, at 2026-06-01 11:12" in result.out
    assert "    too-little-surplus: surplus_w " in result.out


def test_json(site):
    record = json.loads(noonward("test", "policies/tests/pump.test.yaml", "--format", "json").out)
    assert record["failed"] == 0
    assert record["passed"] == sum(len(file["cases"]) for file in record["files"]) >= 4
    assert [one["policy"] for one in record["coverage"]] == ["pump"]
    assert "boiler-cellar" in record["untested"]


def test_junit(site):
    suites = read(noonward("test", "policies/tests/pump.test.yaml", "--format", "junit").out)
    cases = suites["policies/tests/pump.test.yaml"]
    assert len(cases) >= 4
    assert not any(case.failure for case in cases)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["nowhere"], 2, "there is no nowhere"),
        (["policies", "--format", "xml"], 2, "xml"),
        (["policies/site.yaml"], 2, "is not a policy test"),
    ],
)
def test_usage(site, args, code, said):
    result = noonward("test", *args)
    assert result.code == code
    assert said in result.err
