"""Noonward: a rule engine that moves a building's loads toward noon.

The names below are what scripts may rely on. Each is imported when it is first asked for, so that ``import noonward``
costs nothing and a script that only decides never loads a YAML reader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from noonward.core.model import Decision, Inputs, Observation, Outcome, Reading, RelayState, Site, State
    from noonward.core.step import step
    from noonward.errors import NoonwardError, PolicyError
    from noonward.policy.load import check, load

__all__ = [
    "Decision",
    "Inputs",
    "NoonwardError",
    "Observation",
    "Outcome",
    "PolicyError",
    "Reading",
    "RelayState",
    "Site",
    "State",
    "check",
    "load",
    "step",
]

_HOME = {
    "noonward.core.model": ("Decision", "Inputs", "Observation", "Outcome", "Reading", "RelayState", "Site", "State"),
    "noonward.core.step": ("step",),
    "noonward.errors": ("NoonwardError", "PolicyError"),
    "noonward.policy.load": ("check", "load"),
}
"""Module to the public names that live there."""


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
