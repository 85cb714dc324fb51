"""``noonward check``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from noonward.cli.check import command
from noonward.cli.main import main
from noonward.policy import load as module
from noonward.policy.problems import Problem, Span
from support import junit
from support.policyfolder import BOILER, write


def run(*args):
    return CliRunner().invoke(command, [str(arg) for arg in args])


@pytest.fixture
def found(monkeypatch):
    """Let the rules find what a test says, and nothing else."""
    problems = []
    monkeypatch.setattr(module.rules, "check", lambda project: problems)
    return problems


def test_a_clean_folder_is_one_quiet_line(tmp_path, found):
    write(tmp_path, {"a.yaml": BOILER, "b.yaml": BOILER.replace("boiler", "b")})
    result = run(tmp_path)
    assert (result.exit_code, result.output) == (0, "2 policies, 1 site: no problems\n")


def test_findings_are_shown_with_carets_and_counted(tmp_path, found, monkeypatch):
    monkeypatch.chdir(write(tmp_path, {"boiler.yaml": BOILER.replace("min_on", "min_onn") + "description: 22:00\n"}))
    result = run()
    assert result.exit_code == 1
    assert result.output == (
        'boiler.yaml:4:21: error[S104]: unknown key "min_onn" in load\n'
        "  4 | load: {power: 3 kW, min_onn: 20 min}\n"
        '    |                     ^^^^^^^ did you mean "min_on"?\n'
        "boiler.yaml:6:14: warning[Y011]: `22:00` is text here, but YAML 1.1 readers take it for a number in base 60\n"
        "  6 | description: 22:00\n"
        "    |              ^^^^^ put it in quotes\n"
        "1 policy, 1 site: 1 error, 1 warning\n"
    )


@pytest.mark.parametrize(
    ("severity", "safety", "codes"),
    [
        ("info", True, (0, 0, 0)),
        ("warning", False, (0, 0, 1)),
        ("warning", True, (0, 1, 1)),
        ("error", False, (1, 1, 1)),
    ],
)
def test_the_profile_decides_what_fails(tmp_path, found, severity, safety, codes):
    write(tmp_path, {"a.yaml": BOILER})
    found.append(
        Problem(code="R999", severity=severity, safety=safety, message="m", file="a.yaml", span=Span(1, 1, 1, 2))
    )
    assert tuple(run(tmp_path, "--profile", profile).exit_code for profile in ("basic", "safe", "strict")) == codes


def test_json_is_json_and_nothing_else(tmp_path, found):
    write(tmp_path, {"a.yaml": BOILER + "x: 1\n"})
    result = run(tmp_path, "--format", "json")
    assert result.exit_code == 1
    (record,) = json.loads(result.output)
    assert (record["code"], record["line"], record["file"]) == ("S104", 6, f"{tmp_path}/a.yaml")
    write(tmp_path, {"a.yaml": BOILER})
    assert (run(tmp_path, "--format", "json").output, run(tmp_path, "--format", "github").output) == ("[]\n", "")


def test_github_gets_workflow_commands(tmp_path, found):
    write(tmp_path, {"a.yaml": BOILER + "x: 1\n"})
    result = run(tmp_path, "--format", "github")
    assert result.exit_code == 1
    assert result.output.startswith(
        f"::error file={tmp_path}/a.yaml,line=6,endLine=6,col=1,endColumn=2,title=S104::unknown key"
    )


@pytest.mark.parametrize(
    ("style", "codes"),
    [
        ("sarif", lambda text: [result["ruleId"] for result in json.loads(text)["runs"][0]["results"]]),
        ("gitlab", lambda text: [result["check_name"] for result in json.loads(text)]),
        (
            "junit",
            lambda text: [case.failure[0] for suite in junit.read(text).values() for case in suite if case.failure],
        ),
    ],
)
def test_ci_servers_get_their_own_form_and_nothing_else(tmp_path, found, style, codes):
    write(tmp_path, {"a.yaml": BOILER + "x: 1\n"})
    result = run(tmp_path, "--format", style)
    assert (result.exit_code, codes(result.output)) == (1, ["S104"])
    write(tmp_path, {"a.yaml": BOILER})
    result = run(tmp_path, "--format", style)
    assert (result.exit_code, codes(result.output)) == (0, [])


def test_several_paths_are_checked_at_once(tmp_path, found):
    one, two = write(tmp_path / "one", {"a.yaml": BOILER}), write(tmp_path / "two", {"a.yaml": BOILER + "x: 1\n"})
    result = run(one, two)
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "2 policies, 2 sites: 1 error")


@pytest.mark.parametrize("args", [["--format", "xml"], ["--profile", "lax"], ["--nonsense"]])
def test_wrong_usage_is_2(args):
    assert run(*args).exit_code == 2


def test_a_missing_folder_is_a_finding(tmp_path):
    result = run(tmp_path / "nowhere")
    assert result.exit_code == 1
    assert result.output == f"{tmp_path}/nowhere: error[F001]: there is no such file or folder\nno files: 1 error\n"


def test_the_program_itself_exits_as_it_should(tmp_path):
    """Through the real entry point."""
    folder = write(tmp_path, {"a.yaml": BOILER + "x: 1\n"})
    program = [sys.executable, "-c", "from noonward.cli.main import main; main()", "check"]
    bad = subprocess.run([*program, str(folder)], capture_output=True, text=True, check=False)
    usage = subprocess.run([*program, "--nope"], capture_output=True, text=True, check=False)
    assert (bad.returncode, usage.returncode) == (1, 2)
    assert "error[S104]" in bad.stdout


def test_a_bug_is_3_and_no_finding(monkeypatch, capsys):
    def fail(paths):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(module, "check", fail)
    monkeypatch.setattr(sys, "argv", ["noonward", "check"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 3
    assert "ZeroDivisionError: a bug" in capsys.readouterr().err
