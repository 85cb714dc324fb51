"""``noonward diff``, on the example site in a scratch repository."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from noonward.cli import diff
from noonward.errors import UsageError
from support.scratch import Repository

POLICIES = Path(__file__).parents[2] / "policies"
DAYS = ("--scenario", "policies/scenarios/june.scenario.yaml", "--to", "2020-06-04")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clean clone of a repository with the example site on main, and a branch on which one file was changed."""
    repository = Repository(tmp_path_factory.mktemp("origin"))
    shutil.copytree(POLICIES, repository.folder / "policies")
    repository.commit()
    repository.git("checkout", "-q", "-b", "eager")
    boiler = repository.folder / "policies/boiler-cellar.yaml"
    text = boiler.read_text()
    assert "on_above: 100 %" in text
    boiler.write_text(text.replace("on_above: 100 %", "on_above: 60 %"))
    repository.commit()
    repository.git("checkout", "-q", "main")
    broken = repository.folder / "policies/pump.yaml"
    repository.git("checkout", "-q", "-b", "broken")
    broken.write_text(broken.read_text().replace("mode: manual", "mode: manuell"))
    repository.commit()
    repository.git("checkout", "-q", "eager")
    folder = tmp_path_factory.mktemp("clone") / "house"
    subprocess.run(["git", "clone", "-q", repository.folder, folder], check=True)
    return folder


@pytest.fixture(autouse=True)
def inside(clone, monkeypatch):
    monkeypatch.chdir(clone)


def run(*args):
    return CliRunner().invoke(diff.command, [str(arg) for arg in args])


def code(*args):
    """The exit code as the command line gives it: the command's own value."""
    return diff.command.main([str(arg) for arg in args], standalone_mode=False)


CASES = [
    ("origin/main:policies", "policies"),
    ("origin/main:policies", "HEAD:policies"),
    ("HEAD~1:policies", "origin/eager:policies"),
]


@pytest.mark.parametrize(("old", "new"), CASES)
def test_a_changed_branch_from_a_clean_clone(old, new, capsys):
    assert code(old, new, *DAYS, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["fails"] is True
    (policy,) = found["structure"]["policies"]
    assert (policy["name"], policy["what"]) == ("boiler-cellar", "changed")
    (key,) = policy["keys"]
    assert (key["key"], key["old"], key["new"]) == ("surplus.on_above", "3 kW", "1800 W")
    assert re.fullmatch(r"boiler-cellar\.yaml:\d+", key["place"])
    totals = found["behaviour"]["totals"]
    assert totals["import"]["old"] != totals["import"]["new"]
    starts = found["behaviour"]["policies"]["boiler-cellar"]["starts"]
    assert starts["change"] == starts["new"] - starts["old"]
    assert "boiler-cellar" in [one["policy"] for one in found["behaviour"]["parting"]["policies"]]


def test_the_other_way_round_everything_has_the_other_sign(capsys):
    found = []
    for pair in (("origin/main:policies", "HEAD:policies"), ("HEAD:policies", "origin/main:policies")):
        assert code(*pair, *DAYS, "--format", "json") == 1
        found.append(json.loads(capsys.readouterr().out)["behaviour"])
    there, back = found
    for name, change in there["totals"].items():
        other = back["totals"][name]
        assert (change["old"], change["new"]) == (other["new"], other["old"])
    assert there["parting"]["at"] == back["parting"]["at"]
    for one, other in zip(there["parting"]["policies"], back["parting"]["policies"], strict=True):
        assert (one["old"], one["new"]) == (other["new"], other["old"])


@pytest.mark.parametrize("version", ["policies", "HEAD:policies", "origin/main:policies"])
def test_a_version_beside_itself(version, capsys):
    assert code(version, version, *DAYS) == 0
    assert capsys.readouterr().out.endswith("No difference.\n")


def test_the_work_tree_beside_its_own_commit(clone, capsys):
    assert code("HEAD:policies", "policies", *DAYS) == 0
    before = Repository.untouched(_at(clone))
    boiler = clone / "policies/boiler-cellar.yaml"
    text = boiler.read_text()
    try:
        boiler.write_text(text.replace("on_above: 60 %", "on_above: 70 %"))
        changed = Repository.untouched(_at(clone))
        assert code("HEAD:policies", "policies", *DAYS) == 1
        assert Repository.untouched(_at(clone)) == changed
    finally:
        boiler.write_text(text)
    assert "1800 W  2100 W" in capsys.readouterr().out
    assert Repository.untouched(_at(clone))[2] == before[2]


def _at(folder):
    repository = Repository.__new__(Repository)
    repository.folder = folder
    return repository


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("on > +0 h or on < 0 h", 1),
        ("starts > +1000", 0),
        ("violations > +0", 0),
        ("violations > +0 or energy > -1 MWh", 1),
    ],
)
def test_fail_on(expression, expected, capsys):
    assert code("origin/main:policies", "policies", *DAYS, "--fail-on", expression) == expected
    out = capsys.readouterr().out
    assert f"--fail-on “{expression}” {'holds: too much' if expected else 'does not hold'}." in out


def test_what_cannot_be_decided_is_printed_before_it_is_refused(clone, tmp_path):
    """A tank has no need with a deadline, so nobody knows what could be captured."""
    tape = clone / "policies/scenarios/tapes/kingston-june-2020.csv.gz"
    scenario = tmp_path / "tank.scenario.yaml"
    tank = "{model: tank, volume: 300 l, target: 60 °C}"
    scenario.write_text(f"kind: scenario/v1\ntape: {tape}\npv_scale: 2.0\nplants: {{boiler-cellar: {tank}}}\n")
    options = ("--scenario", scenario, *DAYS[2:], "--fail-on", "captured < -1 pt", "--out", tmp_path)
    result = run("origin/main:policies", "policies", *options)
    assert isinstance(result.exception, UsageError)
    assert "nobody knows captured of this scenario" in str(result.exception)
    assert "--fail-on “captured < -1 pt” cannot be decided." in result.output
    assert "They part on " in result.output
    found = json.loads((tmp_path / "diff.json").read_text())
    assert (found["fails"], found["fail_on"]["holds"]) == (None, None)
    assert (tmp_path / "report.html").exists()


def test_markdown_begins_with_a_mark_that_stays_the_same():
    outputs = [run(*pair, *DAYS, "--format", "markdown").output for pair in (CASES[0], ("policies", "policies"))]
    marks = [output.split("\n", 1)[0] for output in outputs]
    assert marks == ["<!-- noonward diff policies/scenarios/june.scenario.yaml -->"] * 2
    assert "| boiler-cellar | surplus.on\\_above | 3 kW | 1800 W |" in outputs[0]
    assert "### They part on " in outputs[0]
    assert "**No difference.**" in outputs[1]
    assert all(output.endswith("\n") and not output.endswith("\n\n") for output in outputs)


def test_a_version_that_does_not_load_is_said_with_its_name_and_prints_nothing():
    result = run("policies", "origin/broken:policies", *DAYS, "--format", "markdown")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "origin/broken:policies/pump.yaml:" in result.stderr
    assert "^^^^^^^" in result.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("policies", "nope:policies", *DAYS), "there is no revision nope"),
        (("main:policies", "policies", *DAYS), "did you mean origin/main?"),
        (("policies", "policies", *DAYS, "--fail-on", "strats > +1"), 'did you mean "starts"?'),
        (("policies", "origin/main:policies", *DAYS[:2], "--to", "tomorrow"), '"tomorrow" is not a date and time'),
        (("policies", "origin/main:policies", *DAYS[:2], "--from", "2021-01-01"), "nothing recorded between"),
    ],
)
def test_usage(args, message):
    result = run(*args)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_a_path_that_looks_like_a_revision_is_a_path(clone):
    (clone / "a:b").symlink_to("policies")
    try:
        assert code("a:b", "policies", *DAYS) == 0
    finally:
        (clone / "a:b").unlink()


def test_out_writes_the_difference_and_a_page_of_it(tmp_path):
    found = run("origin/main:policies", "policies", *DAYS, "--format", "json", "--out", tmp_path / "diff")
    assert json.loads((tmp_path / "diff/diff.json").read_text()) == json.loads(found.output)
    page = (tmp_path / "diff/report.html").read_text()
    assert "house-12: origin/main:policies → policies" in page
    assert "surplus.on_above" in page


def test_out_of_like_versions_has_nothing_to_look_at(tmp_path):
    assert run("policies", "policies", *DAYS, "--out", tmp_path).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["diff.json"]


def test_out_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="give a folder that can be written"):
        code("policies", "policies", *DAYS, "--out", tmp_path / "file" / "below")
