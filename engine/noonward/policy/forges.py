"""Problems as GitHub and GitLab read them, to show them beside the lines of a change."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from noonward.policy import junit
from noonward.policy.problems import Span, fails, to_text
from noonward.policy.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.policy.problems import Problem, Profile

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

# --- GitHub: workflow commands ---------------------------------------------------------------------------------------

_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def to_github(problems: Iterable[Problem]) -> str:
    """Render as workflow commands, which GitHub shows beside the changed lines."""
    return "\n".join(_command(problem) for problem in problems)


def _command(problem: Problem) -> str:
    span = problem.span
    place = {"file": problem.file}
    if span:
        place |= {"line": str(span.line), "endLine": str(span.end_line), "col": str(span.column)}
        if span.end_line == span.line:  # GitHub refuses an end column across lines
            place["endColumn"] = str(span.end_column)
    place["title"] = problem.code
    where = ",".join(f"{key}={value.translate(_PROPERTY)}" for key, value in place.items())
    return f"::{_GITHUB[problem.severity]} {where}::{_said(problem).translate(_DATA)}"


def _said(problem: Problem) -> str:
    return f"{problem.message}. {problem.hint}" if problem.hint else problem.message


# --- SARIF 2.1.0 -----------------------------------------------------------------------------------------------------

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(problems: Iterable[Problem]) -> str:
    """Render as SARIF 2.1.0, which code scanning services take."""
    found = tuple(problems)
    codes = sorted({problem.code for problem in found})
    run = {
        "tool": {
            "driver": {
                "name": "noonward",
                "version": version("noonward"),
                "rules": [_rule(code, found) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(problem, codes.index(problem.code), mark)
            for problem, mark in zip(found, _fingerprints(found), strict=True)
        ],
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _rule(code: str, problems: Sequence[Problem]) -> dict[str, Any]:
    title = {"shortDescription": {"text": RULES[code].title}} if code in RULES else {}
    severity = next(problem.severity for problem in problems if problem.code == code)
    return {"id": code, **title, "defaultConfiguration": {"level": _LEVELS[severity]}}


def _result(problem: Problem, rule: int, fingerprint: str) -> dict[str, Any]:
    span = problem.span or Span()
    region = {"startLine": span.line}
    if problem.span:
        region |= {"startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": _LEVELS[problem.severity],
        "message": {"text": _said(problem)},
        "locations": [{"physicalLocation": {"artifactLocation": _location(problem.file), "region": region}}],
        "partialFingerprints": {"noonward/v1": fingerprint},
    }


def _location(file: str) -> dict[str, str]:
    """Return where a file is: below the root of the source, or anywhere on this machine."""
    path = PurePosixPath(file)
    return {"uri": path.as_uri()} if path.is_absolute() else {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def _fingerprints(problems: Iterable[Problem]) -> list[str]:
    """Return for each problem what stays the same while lines above it come and go."""
    seen: Counter[tuple[str, ...]] = Counter()
    marks = []
    for problem in problems:
        same = (problem.file, problem.code, problem.message, problem.source.strip())
        seen[same] += 1
        marks.append(sha256("\0".join((*same, str(seen[same]))).encode()).hexdigest())
    return marks


# --- GitLab: code quality --------------------------------------------------------------------------------------------

_GITLAB = {"error": "major", "warning": "minor", "info": "info"}


def to_gitlab(problems: Iterable[Problem]) -> str:
    """Render as a code quality report, which GitLab shows in the merge request."""
    found = tuple(problems)
    report = [
        {
            "description": _said(problem),
            "check_name": problem.code,
            "fingerprint": fingerprint,
            "severity": _GITLAB[problem.severity],
            "location": {"path": problem.file, "lines": {"begin": (problem.span or Span()).line}},
        }
        for problem, fingerprint in zip(found, _fingerprints(found), strict=True)
    ]
    return json.dumps(report, ensure_ascii=False, indent=2)


# --- any CI server: JUnit --------------------------------------------------------------------------------------------


def to_junit(problems: Iterable[Problem], files: Iterable[str], profile: Profile) -> str:
    """Render as JUnit XML: a case per file, which failed where a problem fails under the profile."""
    failed: dict[str, list[Problem]] = {file: [] for file in files}
    for problem in problems:
        failed.setdefault(problem.file, []).extend([problem] if fails(problem, profile) else [])
    cases = [
        junit.Case(
            name=file,
            code=wrong[0].code if wrong else None,
            message="; ".join(problem.message for problem in wrong),
            text=to_text(wrong),
        )
        for file, wrong in failed.items()
    ]
    return junit.to_xml("noonward check", {"noonward check": cases})
