"""Semantic rules: what a schema cannot say. One function and one documented code each; see ``registry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.policy.rules import (  # noqa: F401 - each fills the table
    entrance,
    needs,
    power,
    references,
    risk,
    schedules,
    site,
    stations,
    vehicles,
)
from noonward.policy.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.policy.problems import Problem
    from noonward.policy.project import Project

__all__ = ["RULES", "check"]


def check(project: Project) -> Iterable[Problem]:
    """Return what is wrong with a set of documents that each passed their schema."""
    return [problem for rule in RULES.values() for problem in rule.problems(project)]
