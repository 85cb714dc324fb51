"""JUnit's XML, which every CI server reads: suites of cases, some of which failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.

    Attributes:
        name: Of the case, within its suite.
        code: Of the first thing that failed it; None where it passed.
        message: Why it failed, in one line.
        text: The same at length.
    """

    name: str
    code: str | None = None
    message: str = ""
    text: str = ""


def to_xml(name: str, suites: Mapping[str, Sequence[Case]], output: Mapping[str, str] | None = None) -> str:
    """Return the file.

    Args:
        name: Of the program that ran the cases.
        suites: Name of each suite to its cases.
        output: Name of further suites, which have no cases, to what the program says there.
    """
    cases = [case for suite in suites.values() for case in suite]
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites name={_attribute(name)} {_counts(cases)}>"]
    for title, suite in suites.items():
        lines += [f"  <testsuite name={_attribute(title)} {_counts(suite)}>"]
        lines += [line for case in suite for line in _case(title, case)]
        lines += ["  </testsuite>"]
    for title, text in (output or {}).items():
        lines += [f"  <testsuite name={_attribute(title)} {_counts([])}>"]
        lines += [f"    <system-out>{_content(text)}</system-out>", "  </testsuite>"]
    return "\n".join([*lines, "</testsuites>"])


def _counts(cases: Sequence[Case]) -> str:
    return f'tests="{len(cases)}" failures="{sum(case.code is not None for case in cases)}" errors="0"'


def _case(suite: str, case: Case) -> Iterator[str]:
    head = f"    <testcase classname={_attribute(suite)} name={_attribute(case.name)}"
    if case.code is None:
        yield f"{head}/>"
        return
    yield f"{head}>"
    attributes = f"type={_attribute(case.code)} message={_attribute(case.message)}"
    yield f"      <failure {attributes}>{_content(case.text)}</failure>"
    yield "    </testcase>"


def _content(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable() or c in "\n\t"))


def _attribute(text: str) -> str:
    return quoteattr("".join(c for c in text if c.isprintable()))
