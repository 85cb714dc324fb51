"""Semantic rules: what a schema cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.policy.problems import Problem
    from noonward.policy.project import Project


def check(project: Project) -> Iterable[Problem]:  # noqa: ARG001 - the signature that load.py calls
    """Return what is wrong with a set of documents that each passed their schema."""
    return ()
