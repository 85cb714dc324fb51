"""What ``noonward test`` says: for people, for programs (JSON), for CI servers (JUnit)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from noonward.policy import junit, wording
from noonward.policy.problems import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noonward.core.model import Reason
    from noonward.core.table import Row
    from noonward.lab.coverage import Coverage
    from noonward.lab.policytest import Failure, Played
    from noonward.policy.problems import Problem

FORMATS = ("text", "json", "junit")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """One test file, played.

    Attributes:
        file: As the user would type it.
        policy: Name of the policy under test; "" where there is none.
        timezone: Of the site.
        cases: In the order of the file.
        problems: Why the file could not be played at all.
    """

    file: str
    policy: str = ""
    timezone: str = "UTC"
    cases: tuple[Played, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return not self.problems and all(case.passed for case in self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a run found.

    Attributes:
        files: In order.
        coverage: One for each policy under test.
        untested: Names of policies that no test file names.
    """

    files: tuple[FileResult, ...]
    coverage: tuple[Coverage, ...] = ()
    untested: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything passed."""
        return all(file.passed for file in self.files)

    def count(self, *, passed: bool) -> int:
        """Return how many cases passed, or did not."""
        return sum(case.passed is passed for file in self.files for case in file.cases)


def render(report: Report, form: str) -> str:
    """Return the report in one of :data:`FORMATS`."""
    return {"text": _text, "json": _json, "junit": _junit}[form](report)


# --- for people ------------------------------------------------------------------------------------------------------


def _text(report: Report) -> str:
    lines: list[str] = []
    for file in report.files:
        lines.append(file.file)
        lines += [f"  {'ok  ' if case.passed else 'FAIL'}  {case.name}" for case in file.cases]
        for case in file.cases:
            for failure in case.failures:
                lines += ["", *_failure(failure, file.timezone)]
            lines += ["", to_text(case.problems)] if case.problems else []
        lines += ["", to_text(file.problems)] if file.problems else []
        lines.append("")
    lines += _untouched(report)
    lines.append(_summary(report))
    return "\n".join(lines)


def _failure(failure: Failure, timezone: str) -> Iterator[str]:
    """Yield the problem with its caret, then each reason of the decision with its numbers."""
    yield to_text([failure.problem])
    for reason in failure.decision.because:
        yield f"    {_reason(reason, failure, timezone)}"


def _reason(reason: Reason, failure: Failure, timezone: str) -> str:
    facts = ", ".join(
        f"{name} {wording.fact(name, value, now=failure.at, timezone=timezone)}" for name, value in reason.facts.items()
    )
    return f"{reason.code.value}: {facts}" if facts else reason.code.value


def describe(row: Row) -> str:
    """Return a row of a table as people read it: "off → on  timer  if window"."""
    move = f"{row.source} stays" if row.source == row.target else f"{row.source} → {row.target}"
    return f"{move}  {row.why.value}" + (f"  if {' and '.join(row.guards)}" if row.guards else "")


def _untouched(report: Report) -> Iterator[str]:
    for one in report.coverage:
        rows = [line for line in one.rows if not line.touched]
        windows = [window for window in one.windows if not window.touched]
        if not rows and not windows:
            continue
        yield f"{one.policy.name}: not touched by any case"
        for line in rows:
            place = f"{one.policy.file}:{line.line}" if line.line else one.policy.file
            yield f"  {place}: {describe(line.row)}"
        for window in windows:
            yield f"  {one.policy.file}:{window.timer.line}: timer “{window.timer.name}” was never open"
        yield ""
    for name in report.untested:
        yield f"{name}: no test"
    if report.untested:
        yield ""


def _summary(report: Report) -> str:
    failed, passed = report.count(passed=False), report.count(passed=True)
    rows = [line for one in report.coverage for line in one.rows]
    windows = [window for one in report.coverage for window in one.windows]
    parts = [f"{failed} failed"] if failed else []
    parts.append(f"{passed} passed")
    if rows:
        parts.append(f"{sum(line.touched for line in rows)} of {len(rows)} rows touched")
    if windows:
        parts.append(f"{sum(window.touched for window in windows)} of {len(windows)} timers")
    return ", ".join(parts)


# --- for programs ----------------------------------------------------------------------------------------------------


def _json(report: Report) -> str:
    record = {
        "version": 1,
        "passed": report.count(passed=True),
        "failed": report.count(passed=False),
        "files": [_file_record(file) for file in report.files],
        "coverage": [_coverage_record(one) for one in report.coverage],
        "untested": list(report.untested),
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _file_record(file: FileResult) -> dict[str, Any]:
    return {
        "file": file.file,
        "policy": file.policy,
        "passed": file.passed,
        "problems": [_problem_record(problem) for problem in file.problems],
        "cases": [
            {
                "name": case.name,
                "line": case.line,
                "passed": case.passed,
                "steps": case.steps,
                "failures": [_failure_record(failure, file.timezone) for failure in case.failures],
                "problems": [_problem_record(problem) for problem in case.problems],
            }
            for case in file.cases
        ],
    }


def _failure_record(failure: Failure, timezone: str) -> dict[str, Any]:
    return {
        **_problem_record(failure.problem),
        "expected": failure.expected,
        "actual": failure.actual,
        "at": wording.iso(failure.at, timezone),
        "because": [{"code": reason.code.value, "facts": dict(reason.facts)} for reason in failure.decision.because],
        "row": failure.decision.row,
        "row_line": failure.decision.line,
    }


def _problem_record(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "message": problem.message,
        "line": problem.span.line if problem.span else None,
        "column": problem.span.column if problem.span else None,
        "hint": problem.hint,
    }


def _coverage_record(one: Coverage) -> dict[str, Any]:
    return {
        "policy": one.policy.name,
        "file": one.policy.file,
        "mode": one.policy.mode.value,
        "rows": [
            {
                "row": line.number,
                "source": line.row.source,
                "target": line.row.target,
                "guards": list(line.row.guards),
                "why": line.row.why.value,
                "line": line.line,
                "touched": line.touched,
            }
            for line in one.rows
        ],
        "timers": [
            {"name": window.timer.name, "line": window.timer.line, "touched": window.touched} for window in one.windows
        ],
    }


# --- for CI servers --------------------------------------------------------------------------------------------------


def _junit(report: Report) -> str:
    """Render the common JUnit XML: a suite per file, a case per case; what no case touched goes to system-out."""
    suites = {file.file: list(_cases(file)) for file in report.files}
    untouched = "\n".join(_untouched(report)).strip()
    return junit.to_xml("noonward test", suites, {"coverage": untouched} if untouched else None)


def _cases(file: FileResult) -> Iterator[junit.Case]:
    if file.problems:
        yield _case("the file can be played", file.problems, to_text(file.problems))
    for case in file.cases:
        said = [*("\n".join(_failure(failure, file.timezone)) for failure in case.failures), to_text(case.problems)]
        problems = [*(failure.problem for failure in case.failures), *case.problems]
        yield _case(case.name, problems, "\n".join(said).strip())


def _case(name: str, problems: Sequence[Problem], text: str) -> junit.Case:
    if not problems:
        return junit.Case(name=name)
    message = "; ".join(problem.message for problem in problems)
    return junit.Case(name=name, code=problems[0].code, message=message, text=text)
