"""``noonward compare``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from noonward.cli import compare
from noonward.errors import UsageError

POLICIES = Path(__file__).parents[2] / "policies"
JUNE = POLICIES / "scenarios/june.scenario.yaml"
GARAGE = POLICIES / "scenarios/garage.scenario.yaml"
DAYS = ("--from", "2020-06-02", "--to", "2020-06-04")


def run(*args):
    return CliRunner().invoke(compare.command, [str(arg) for arg in args])


def code(*args):
    return compare.command.main([str(arg) for arg in args], standalone_mode=False)


def test_the_example_site():
    result = run(POLICIES, "--scenario", JUNE, *DAYS)
    lines = result.output.splitlines()
    assert lines[0].startswith("house-12: 2020-06-02 00:00 to 2020-06-04 00:00 (2 days in steps of 15 min)")
    rows = [line.split()[0] for line in lines[4:9]]
    assert rows == ["uncontrolled", "threshold", "delays", "policies", "optimum"]
    assert "not played, no plant in the scenario: laundry, pump" in result.output


def test_json_and_files(tmp_path, capsys):
    out = tmp_path / "new" / "folder"
    assert code(POLICIES, "--scenario", GARAGE, *DAYS, "--json", "--out", out) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads((out / "compare.json").read_text())
    assert (found["version"], found["import_bound_kwh"]) == (1, None)
    scores = found["controllers"]
    assert scores["optimum"]["captured"] == 1.0
    assert scores["uncontrolled"]["captured"] == 0.0
    assert scores["optimum"]["import_kwh"] <= min(score["import_kwh"] + score["unmet_kwh"] for score in scores.values())
    page = (out / "report.html").read_text()
    assert all(name in page for name in scores)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--scenario", JUNE, "--from", "tomorrow"), '"tomorrow" is not a date and time'),
        (("--scenario", JUNE, "--from", "2021-01-01"), "nothing recorded between --from and --to"),
        (("--scenario", JUNE, *DAYS, "--out", JUNE / "x"), "give a folder that can be written with --out"),
    ],
)
def test_usage(args, message):
    result = run(POLICIES, *args)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_what_does_not_load_is_said_with_carets(tmp_path):
    path = tmp_path / "june.scenario.yaml"
    path.write_text("kind: scenario/v1\ntape: x.csv\npv_scal: 2\n")
    result = run(POLICIES, "--scenario", path)
    assert result.exit_code == 1
    assert 'did you mean "pv_scale"?' in result.output


def test_a_broken_law_is_a_finding(monkeypatch):
    from noonward.lab import compare as lab

    honest = lab.alone

    def broken(run):
        found = honest(run)
        return found._replace(found=found.found | {"violations": {"min_on": 1}})

    monkeypatch.setattr(lab, "alone", broken)
    assert code(POLICIES, "--scenario", JUNE, *DAYS) == 1
