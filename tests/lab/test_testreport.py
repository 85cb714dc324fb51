"""The three forms of a report."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from noonward.core.model import Mode
from noonward.lab.coverage import coverage
from noonward.lab.policytest import play_file
from noonward.lab.testreport import FileResult, Report, render
from noonward.lab.trial import Touched
from noonward.policy.problems import Problem
from support.testfiles import boiler, cases, site

TEXT = """
- name: off <without> "sun" & wind
  start: "2026-06-01 11:00"
  steps: [{given: {surplus: 0 W}, for: 1 h, expect: {relay: open}}]
- name: wrong
  start: "2026-06-01 11:00"
  steps: [{given: {surplus: 0 W}, for: 1 h, expect: {relay: closed}}]
- name: impossible
  start: "2026-06-01 11:00"
  steps: [{for: 1 h, expect: {limit: 11 kW}}]
"""


@pytest.fixture
def report():
    appliance, where, touched = boiler(mode=Mode.TIMER), site(), Touched()
    played = tuple(play_file(cases(TEXT), appliance, where, touched))
    lost = Problem(code="T004", severity="error", message="there is no policy here", file="lost.test.yaml")
    return Report(
        files=(
            FileResult(file="boiler.test.yaml", policy="boiler", timezone="Europe/Zurich", cases=played),
            FileResult(file="lost.test.yaml", problems=(lost,)),
        ),
        coverage=(coverage(appliance, where, touched),),
        untested=("pump",),
    )


def test_a_row_that_no_line_of_the_file_asks_for_is_placed_in_the_file(report):
    report = replace(report, coverage=(coverage(boiler(mode=Mode.TIMER, lines={}), site(), Touched()),))
    assert "  boiler.yaml: off → on  timer  if window" in render(report, "text").splitlines()


def test_text(report):
    lines = render(report, "text").splitlines()
    assert lines[:4] == [
        "boiler.test.yaml",
        '  ok    off <without> "sun" & wind',
        "  FAIL  wrong",
        "  FAIL  impossible",
    ]
    assert "boiler.test.yaml:9:63: error[T001]: the relay is open, expected closed, at 2026-06-01 12:00" in lines
    assert any(line.startswith("    outside-window: until ") for line in lines)
    assert "lost.test.yaml: error[T004]: there is no policy here" in lines
    assert "  boiler.yaml:7: off → on  timer  if window" in lines
    assert "  boiler.yaml:1: timer “low tariff” was never open" in lines
    assert "pump: no test" in lines
    assert lines[-1] == "2 failed, 1 passed, 1 of 8 rows touched, 0 of 2 timers"


def test_json(report):
    record = json.loads(render(report, "json"))
    assert (record["version"], record["passed"], record["failed"], record["untested"]) == (1, 1, 2, ["pump"])
    ok, wrong, impossible = record["files"][0]["cases"]
    assert ok["passed"]
    assert impossible["problems"][0]["code"] == "T002"
    (failure,) = wrong["failures"]
    assert (failure["line"], failure["column"], failure["expected"], failure["actual"]) == (9, 63, "closed", "open")
    assert failure["at"] == "2026-06-01T12:00:00+02:00"
    assert failure["because"][0]["code"] == "outside-window"
    assert record["files"][1]["problems"][0]["message"] == "there is no policy here"
    (one,) = record["coverage"]
    assert [timer["touched"] for timer in one["timers"]] == [False, False]
    assert sum(row["touched"] for row in one["rows"]) == 1
    assert {"row", "source", "target", "guards", "why", "line", "touched"} == one["rows"][0].keys()


def test_junit(report):
    root = ET.fromstring(render(report, "junit"))  # noqa: S314 - our own text
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "4", "3")
    first, second, untouched = root.findall("testsuite")
    assert (first.get("tests"), first.get("failures")) == ("3", "2")
    names = [case.get("name") for case in first.findall("testcase")]
    assert names == ['off <without> "sun" & wind', "wrong", "impossible"]
    assert "expected closed" in first.findall("testcase/failure")[0].get("message")
    assert "^^^^^^" in first.findall("testcase/failure")[0].text
    assert second.find("testcase/failure").get("message") == "there is no policy here"
    assert "pump: no test" in untouched.find("system-out").text


def test_passed(report):
    assert not report.passed
    assert Report(files=(FileResult(file="x", cases=report.files[0].cases[:1]),)).passed
    assert not Report(files=report.files[1:]).passed
