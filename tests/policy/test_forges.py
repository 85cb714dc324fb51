"""``noonward.policy.forges``: what GitHub, GitLab and code scanning services are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft4Validator

from noonward.policy import load
from noonward.policy.forges import to_github, to_gitlab, to_junit, to_sarif
from noonward.policy.problems import Problem, Span
from support.junit import read

HERE = Path(__file__).parent
BROKEN = sorted(path for path in (HERE.parent / "broken").iterdir() if path.is_dir())
SARIF = Draft4Validator(
    json.loads((HERE / "sarif/sarif-2.1.0-rtm.5.json").read_text()), format_checker=Draft4Validator.FORMAT_CHECKER
)


def problem(**changes):
    given = {
        "code": "S104",
        "severity": "error",
        "message": 'unknown key "min_onn" in load',
        "file": "policies/boiler.yaml",
        "span": Span(7, 3, 7, 10),
        "hint": 'did you mean "min_on"?',
        "source": "  min_onn: 20 min",
    }
    return Problem(**(given | changes))


def test_github_gets_commands_with_everything_escaped():
    assert to_github([problem(file="a,b:c.yaml", message="100 %\nx", severity="info")]) == (
        '::notice file=a%2Cb%3Ac.yaml,line=7,endLine=7,col=3,endColumn=10,title=S104::100 %25%0Ax. did you mean "min_on"?'
    )
    assert to_github([problem(span=Span(1, 1, 3, 2), hint=None, message="m")]) == (
        "::error file=policies/boiler.yaml,line=1,endLine=3,col=1,title=S104::m"
    )
    assert to_github([problem(span=None, severity="warning", hint=None, message="m")]) == (
        "::warning file=policies/boiler.yaml,title=S104::m"
    )


# --- SARIF -----------------------------------------------------------------------------------------------------------


def log(problems):
    """The SARIF log, which has passed its schema."""
    made = json.loads(to_sarif(problems))
    SARIF.validate(made)
    return made


def test_sarif_says_what_where_and_under_which_rule():
    (run,) = log([problem(), problem(code="T101", severity="warning", span=None, hint=None)])["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["S104", "T101"]
    assert run["tool"]["driver"]["rules"][1]["shortDescription"] == {"text": "A window never opens"}
    first, second = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("S104", 0, "error")
    assert first["message"] == {"text": 'unknown key "min_onn" in load. did you mean "min_on"?'}
    (place,) = (location["physicalLocation"] for location in first["locations"])
    assert place == {
        "artifactLocation": {"uri": "policies/boiler.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 3, "endLine": 7, "endColumn": 10},
    }
    assert (second["ruleIndex"], second["level"]) == (1, "warning")
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


@pytest.mark.parametrize(
    ("file", "location"),
    [
        ("a b/böiler.yaml", {"uri": "a%20b/b%C3%B6iler.yaml", "uriBaseId": "%SRCROOT%"}),
        ("c:d.yaml", {"uri": "c%3Ad.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/my house/a.yaml", {"uri": "file:///srv/my%20house/a.yaml"}),
    ],
)
def test_a_path_becomes_an_address(file, location):
    (result,) = log([problem(file=file)])["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_nothing_found_is_a_run_without_results():
    (run,) = log([])["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def marks(problems):
    return [result["partialFingerprints"]["noonward/v1"] for result in log(problems)["runs"][0]["results"]]


def test_a_fingerprint_outlives_lines_that_come_and_go_above():
    moved = problem(span=Span(19, 3, 19, 10))
    assert marks([problem()]) == marks([moved])
    assert len(set(marks([problem(), moved, problem(code="S105"), problem(file="b.yaml"), problem(source="x")]))) == 5


def test_the_schema_refuses_what_is_no_sarif():
    made = log([problem()])
    made["runs"][0]["results"][0]["level"] = "info"
    assert not SARIF.is_valid(made)


@pytest.mark.parametrize("folder", BROKEN, ids=lambda folder: folder.name)
def test_every_broken_folder_makes_good_sarif(folder, monkeypatch):
    """Whatever `check` can find, in whatever state the files are."""
    monkeypatch.chdir(folder.parent)
    problems = load.check([Path(folder.name)]).problems
    assert len(log(problems)["runs"][0]["results"]) == len(problems) > 0


# --- GitLab ----------------------------------------------------------------------------------------------------------


def test_gitlab_gets_a_code_quality_report():
    first, second = json.loads(to_gitlab([problem(), problem(severity="info", span=None, hint=None)]))
    assert first == {
        "description": 'unknown key "min_onn" in load. did you mean "min_on"?',
        "check_name": "S104",
        "fingerprint": first["fingerprint"],
        "severity": "major",
        "location": {"path": "policies/boiler.yaml", "lines": {"begin": 7}},
    }
    assert (second["severity"], second["location"]["lines"]) == ("info", {"begin": 1})
    assert first["fingerprint"] != second["fingerprint"]
    assert json.loads(to_gitlab([])) == []


# --- JUnit -----------------------------------------------------------------------------------------------------------


def test_junit_has_a_case_per_file_that_fails_as_the_profile_says():
    found = [problem(file="a.yaml"), problem(file="b.yaml", severity="warning", code="R501", message="m")]
    for profile, failing in (("basic", {"a.yaml"}), ("strict", {"a.yaml", "b.yaml"})):
        suites = read(to_junit(found, ["a.yaml", "b.yaml", "c.yaml"], profile))
        assert [case.name for case in suites["noonward check"]] == ["a.yaml", "b.yaml", "c.yaml"]
        assert {case.name for case in suites["noonward check"] if case.failure} == failing
    kind, message, text = next(case.failure for case in suites["noonward check"] if case.failure)
    assert (kind, message) == ("S104", 'unknown key "min_onn" in load')
    assert "^^^^^^^ did you mean" in text


def test_junit_tells_of_a_file_that_could_not_even_be_read():
    suites = read(to_junit([problem(file="nowhere", span=None)], [], "basic"))
    assert [case.name for case in suites["noonward check"] if case.failure] == ["nowhere"]
