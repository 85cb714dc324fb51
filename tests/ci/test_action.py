"""The GitHub Action, run as GitHub runs it, on pull requests to the house that ``noonward init`` makes."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft4Validator

from support import actions, junit
from support.console import noonward
from support.forge import BASIC, TOKEN, forge
from support.hosted import Hosted, git

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
SARIF = Draft4Validator(json.loads((ROOT / "tests/policy/sarif/sarif-2.1.0-rtm.5.json").read_text()))

HARMLESS = [("water-heater.yaml", "300 l hot water tank", "300 l hot water tank, first floor")]
"""A change of a description."""

WORSE = [
    ("water-heater.yaml", "plan: calm\n", "plan: normal\n"),
    ("garage.yaml", "mode: auto-solar ", "mode: always-on "),
]
"""A car that charges whatever the sun does."""

TYPO = [("garage.yaml", "wake_after", "wake_aftr")]

COLD = [
    ("water-heater.yaml", 'need: {energy: 6 kWh, by: "0 20 * * *"}\n', ""),
    ("water-heater.yaml", "plan: calm\n", ""),
]
"""Water that nobody sees to any more; loads, and fails its test."""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return Hosted(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def there():
    with forge() as running:
        yield running


INSTALLED = f"""
mkdir -p "$RUNNER_TEMP/noonward/bin" "$RUNNER_TEMP/reports"
printf '#!/bin/sh\\nexec {sys.executable} -c "from noonward.cli.main import main; main()" "$@"\\n' > "$RUNNER_TEMP/noonward/bin/noonward"
chmod +x "$RUNNER_TEMP/noonward/bin/noonward"
echo "reports=$RUNNER_TEMP/reports" >> "$GITHUB_OUTPUT"
"""
"""In place of installing, which one test does: this environment's program where the action puts it."""


SKIPPED = {"check": "true", "test": "true"}


@pytest.fixture
def machine(scratch, there, tmp_path):
    """A function that gives a fresh machine for the next run on pull request 1."""
    made = iter(range(9))

    def runner(**changes):
        folder = tmp_path / str(next(made))
        (folder / "temp").mkdir(parents=True)
        context, environ = actions.pull_request(1, scratch.main, api=there.address, token=TOKEN, folder=folder)
        return actions.Runner(
            workspace=folder / "work",
            temp=folder / "temp",
            github=context | changes,
            environ=environ,
            instead={"install": INSTALLED},
        )

    return runner


def run(scratch, runner, edits):
    """Run the workflow that `noonward init` has written, on a pull request with these edits."""
    merged = scratch.pull_request(edits)
    checkout = lambda: scratch.checkout(merged, runner.workspace)  # noqa: E731
    checkout()
    shutil.copytree(runner.workspace / ".github", runner.temp / ".github")
    shutil.rmtree(runner.workspace)
    return actions.workflow(runner.temp / ".github/workflows/policies.yml", runner, ROOT, checkout)


# --- how it is written -----------------------------------------------------------------------------------------------


def test_it_uses_no_other_action_and_bash_alone():
    assert [step.get("shell") for step in STEPS.values()] == ["bash"] * len(STEPS)


def test_nothing_from_outside_is_written_into_a_script():
    """A branch may be called `$(curl …)`: the runner pastes ${{ }} before a shell reads the line."""
    assert [name for name, step in STEPS.items() if "${{" in step["run"]] == []


def test_its_scripts_keep_what_they_are_given_in_quotes():
    for step in STEPS.values():
        given = step.get("env", {})
        for name in given:
            bare = re.sub(r'"[^"]*"', "", re.sub(r"#.*", "", step["run"]))
            assert not re.search(rf"\$\{{?{name}\b(?!:\+)", bare), (step["name"], name)


def test_only_what_speaks_to_github_gets_the_token():
    """Not what reads files of a pull request."""
    assert [name for name, step in STEPS.items() if "token" in str(step.get("env"))] == ["Fetch the base", "Comment"]


@pytest.mark.peer
def test_an_auditor_of_actions_finds_nothing(tmp_path):
    """zizmor, offline: injection, permissions, what is not pinned, credentials that are left behind."""
    program = Path(sys.executable).parent / "zizmor"
    if not program.exists():
        pytest.skip("zizmor is not installed")
    assert noonward("init", tmp_path, "--source", "https://github.com/acme/noonward").code == 0
    workflow = tmp_path / ".github/workflows/policies.yml"
    workflow.write_text(workflow.read_text().replace(f"@v{version('noonward')}", f"@{'5' * 40}"))
    command = [program, "--offline", "--no-progress", "--quiet", "--persona=auditor", ROOT / "action.yml", workflow]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- what it does ----------------------------------------------------------------------------------------------------


def test_a_harmless_change_passes_and_says_what_it_does(scratch, there, machine):
    runner = machine()
    ran = run(scratch, runner, HARMLESS)
    assert ran.outcomes == dict.fromkeys(STEPS, "success"), ran.log
    assert not ran.failed
    assert ran.annotations == []
    (comment,) = there.comments.values()
    assert comment.startswith("<!-- noonward")
    assert comment.strip() == ran.summary.strip()
    reports = Path(ran.outputs["reports"])
    assert {path.name for path in reports.iterdir()} == {"check.sarif", "test.junit.xml", "diff.md", "diff.json"}
    log = json.loads((reports / "check.sarif").read_text())
    SARIF.validate(log)
    assert log["runs"][0]["results"] == []
    assert len(junit.read((reports / "test.junit.xml").read_text())["tests/water-heater.test.yaml"]) == 4


def test_a_worse_change_fails_and_the_comment_is_replaced(scratch, there, machine):
    mark = "<!-- noonward diff scenarios/june-week.scenario.yaml -->"
    there.comments = {1: "looks good", 2: f"{mark}\n\nwhat was said of the last push", 3: f"you wrote\n{mark}"}
    runner = machine()
    runner.instead |= SKIPPED
    ran = run(scratch, runner, WORSE)
    assert ran.outcomes == dict.fromkeys(STEPS, "success") | {"Compare": "failure"}, ran.log
    assert ran.failed
    assert there.comments.keys() == {1, 2, 3}
    assert there.comments[2].startswith(f"{mark}\n")
    assert "| garage | mode | auto-solar | always-on | garage.yaml:" in there.comments[2]
    assert "**captured −" in there.comments[2]
    assert "<html" in (Path(ran.outputs["reports"]) / "report.html").read_text()


def test_a_typing_error_is_shown_at_its_line_and_the_rest_still_runs(scratch, there, machine):
    runner = machine()
    ran = run(scratch, runner, TYPO)
    assert ran.failed
    assert ran.outcomes["Check"] == "failure"
    before, _, _ = (runner.workspace / "garage.yaml").read_text().partition("wake_aftr")
    (error,) = (one for one in ran.annotations if one[0] == "error")
    assert (error[1]["file"], error[1]["line"], error[1]["title"]) == (
        "garage.yaml",
        str(before.count("\n") + 1),
        "S104",
    )
    results = json.loads((Path(ran.outputs["reports"]) / "check.sarif").read_text())["runs"][0]["results"]
    (result,) = (result for result in results if result["level"] == "error")
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "garage.yaml"
    assert ran.outcomes["Comment"] == "skipped"
    assert ("warning", {}, "Nothing was compared: one of the two versions does not load.") in ran.annotations
    assert there.comments == {}


def test_a_change_that_loads_and_breaks_a_test(scratch, machine):
    ran = run(scratch, machine(), COLD)
    assert ran.outcomes["Check"] == "success"
    assert ran.outcomes["Test"] == "failure"
    assert "FAIL  a day without sun" in ran.log
    suites = junit.read((Path(ran.outputs["reports"]) / "test.junit.xml").read_text())
    assert any(case.failure for suite in suites.values() for case in suite)
    assert ran.failed


def test_a_fork_may_not_comment_and_loses_nothing_else(scratch, there, machine):
    there.allows = False
    runner = machine()
    runner.instead |= SKIPPED
    ran = run(scratch, runner, HARMLESS)
    assert not ran.failed
    assert ran.summary
    assert [kind for kind, *_ in ran.annotations] == ["warning"]


@pytest.mark.parametrize(
    ("given", "event", "said", "failed"),
    [
        ({"scenario": ""}, "pull_request", "", False),
        ({}, "push", "nothing to compare with", False),
        ({"base": "--upload-pack=touch hacked"}, "push", "base must be a branch", True),
        ({"base": "main:refs/heads/main"}, "push", "base must be a branch", True),
        ({"base": "nowhere"}, "push", "couldn't find remote ref nowhere", True),
        ({"path": "$(touch hacked)"}, "pull_request", "$(touch hacked) is new", False),
    ],
)
def test_odd_inputs(scratch, machine, given, event, said, failed):
    runner = machine(event_name=event, **({} if event == "pull_request" else {"event": {}}))
    runner.instead |= SKIPPED
    scratch.checkout(scratch.main, runner.workspace)
    ran = runner.action(ROOT, {"scenario": "scenarios/june-week.scenario.yaml"} | given)
    assert ran.failed is failed, ran.log
    assert said in ran.log
    assert ran.outcomes["Comment"] == "skipped"
    assert not list(runner.workspace.rglob("hacked"))
    assert ran.summary == ""


@pytest.mark.parametrize("left_behind", [False, True], ids=["no credentials", "the checkout's credentials"])
def test_the_base_of_a_private_repository_is_fetched(scratch, there, machine, left_behind):
    there.repository = scratch.origin
    runner = machine()
    runner.instead |= SKIPPED | {"compare": "true"}
    scratch.checkout(scratch.pull_request(HARMLESS), runner.workspace)
    git("remote", "set-url", "origin", f"{there.address}/acme/house.git", cwd=runner.workspace)
    if left_behind:
        git("config", f"http.{there.address}/.extraheader", f"Authorization: {BASIC}", cwd=runner.workspace)
    ran = runner.action(ROOT, {"scenario": "x", "token": "another" if left_behind else TOKEN})
    assert ran.outcomes["Compare"] == "success", ran.log
    assert TOKEN not in ran.log
    assert TOKEN not in (runner.workspace / ".git/config").read_text()


def test_what_a_file_says_is_no_command_to_the_runner(scratch, machine):
    """A case may be called `::error::…`, over several lines."""
    runner = machine()
    runner.instead["check"] = "true"
    scratch.checkout(scratch.main, runner.workspace)
    tests = runner.workspace / "tests/water-heater.test.yaml"
    tests.write_text(tests.read_text().replace("name: a day without sun", 'name: "x\\n::error::hacked" # '))
    ran = runner.action(ROOT, {"scenario": ""})
    assert "::error::hacked" in ran.log
    assert ran.annotations == []


def test_it_installs_what_is_pinned_from_its_own_revision(scratch, machine):
    """The real first step. The environment is prepared with what is installed here, so that nothing is downloaded."""
    runner = machine()
    runner.instead = {"test": "true"}
    packages = runner.temp / "noonward/lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    packages.mkdir(parents=True)
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    runner.environ |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1"}
    runner.environ["PATH"] = f"{Path(sys.executable).parent}:{runner.environ['PATH']}"
    scratch.checkout(scratch.main, runner.workspace)
    ran = runner.action(ROOT, {})
    assert [name for name, outcome in ran.outcomes.items() if outcome == "success"] == [
        "Install Noonward",
        "Check",
        "Test",
    ]
    assert not ran.failed, ran.log
    assert (packages / "noonward/schemas/site.v1.json").is_file()
    assert json.loads((Path(ran.outputs["reports"]) / "check.sarif").read_text())["runs"][0]["results"] == []
