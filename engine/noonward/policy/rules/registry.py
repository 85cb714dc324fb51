"""What a semantic rule is, and the table of all of them.

A rule is a function from the project to what it found, under a code that never changes its meaning. The letter and the
first digit say what it is about::

    T1xx time          timers, cron, clock changes
    P2xx power         thresholds and stages
    V3xx vehicles      EV zones
    X4xx across files  devices, references, names, the connection
    R5xx risk          what happens when something fails, SG-Ready
    N6xx needs         what must be ready by when, plans

Every code has its page in ``docs/reference/rules``, with a wrong and a right example that the tests execute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from noonward.policy.problems import Problem, Severity
    from noonward.policy.project import Document, Project
    from noonward.policy.yaml import KeyPath


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a rule found.

    Attributes:
        document: In which file.
        path: Where in it.
        message: What is wrong, in one sentence without a full stop.
        hint: What to do about it.
        key: Point at the key, not at its value.
    """

    document: Document
    path: KeyPath
    message: str
    hint: str | None = None
    key: bool = False


Find: TypeAlias = "Callable[[Project], Iterable[Found]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        code: Stable.
        severity: Errors keep a set from running; warnings are worth a look; infos are worth knowing.
        title: What is wrong, as a heading.
        safety: A warning that fails under ``--profile safe`` too.
        find: Looks for it.
    """

    code: str
    severity: Severity
    title: str
    safety: bool
    find: Find

    def problems(self, project: Project) -> Iterable[Problem]:
        """Return what it finds in a project."""
        for found in self.find(project):
            yield found.document.problem(
                self.code,
                self.severity,
                found.message,
                found.path,
                key=found.key,
                hint=found.hint,
                safety=self.safety,
            )


RULES: dict[str, Rule] = {}
"""Code to rule."""


def rule(code: str, severity: Severity, title: str, *, safety: bool = False) -> Callable[[Find], Find]:
    """Register the decorated function as a rule."""

    def register(find: Find) -> Find:
        if code in RULES:
            raise ValueError(f"{code} is taken")
        RULES[code] = Rule(code=code, severity=severity, title=title, safety=safety, find=find)
        return find

    return register
