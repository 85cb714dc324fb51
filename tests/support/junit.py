"""Reads JUnit XML and holds it to the structure that CI servers agree on (Jenkins' junit-10.xsd, GitLab, Ant)."""

from typing import NamedTuple
from xml.etree import ElementTree as ET

_MAY = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, {"testsuite"}),
    "testsuite": (
        {
            "name",
            "tests",
            "failures",
            "errors",
            "time",
            "disabled",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
        },
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name", "assertions", "time", "classname", "status"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}
"""Element to the attributes and children it may have."""

_MUST = {"testsuite": {"name", "tests", "failures", "errors"}, "testcase": {"name", "classname"}, "failure": {"type"}}


class Case(NamedTuple):
    name: str
    failure: tuple[str, str, str] | None


def read(text: str) -> dict[str, list[Case]]:
    """Return suite to its cases; a failure is (type, message, text)."""
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = _MAY[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert set(element.attrib) >= _MUST.get(element.tag, set()), element.tag
        assert {child.tag for child in element} <= children, element.tag
        if element.tag in ("testsuite", "testsuites"):
            assert int(element.get("tests")) == len(list(element.iter("testcase")))
            assert int(element.get("failures")) == len(list(element.iter("failure")))
    return {suite.get("name"): [_case(case) for case in suite.iter("testcase")] for suite in root.iter("testsuite")}


def _case(case):
    failure = case.find("failure")
    return Case(
        case.get("name"), None if failure is None else (failure.get("type"), failure.get("message"), failure.text)
    )
